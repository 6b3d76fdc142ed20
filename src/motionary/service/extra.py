"""Whether the packages of the service are installed."""

from __future__ import annotations

from importlib.util import find_spec

from motionary.errors import MissingExtraError

_PACKAGES = ("fastapi", "uvicorn", "prometheus_client", "python_multipart")


def require(*packages: str) -> None:
    """Raises MissingExtraError, with what to install, where one of the packages is not there; by default all."""
    missing = [name for name in packages or _PACKAGES if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"the service needs {', '.join(missing)}: pip install 'motionary[service]'")
