"""The HTTP service: jobs for every task, uploads, results in every format, and a client for it.

>>> with Client("http://127.0.0.1:8765") as client:                       # doctest: +SKIP
...     job = client.run("generate", prompt="a person waves")
...     client.save(job, "wave.glb")
"""

from __future__ import annotations

from typing import Any

__all__ = ["Client", "Settings", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "Client":
        from motionary.service.client import Client

        return Client
    if name == "Settings":
        from motionary.service.settings import Settings

        return Settings
    if name == "create_app":
        from motionary.service.app import create_app

        return create_app
    raise AttributeError(f"module 'motionary.service' has no attribute {name!r}")
