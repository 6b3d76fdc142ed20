"""The page itself: one HTML file from its parts, closed to the network by its own policy."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

# In the order in which they need each other.
SCRIPTS = ("order.js", "figure.js", "store.js", "page.js")


def render(study: Mapping[str, Any], title: str) -> str:
    """The page as text.

    The content policy allows the page's own script and style by their hash and nothing else: no request of any kind
    leaves the page, and text inside the data can never become code.
    """
    style, script = _part("page.css"), "\n".join(_part(name) for name in SCRIPTS)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    words = {name: json.loads(_part(f"{name}.json")) for name in ("en", "zh")}
    parts = {
        "title": html.escape(title), "policy": policy, "style": style, "script": script,
        "words": _as_data(words), "study": _as_data(study),
    }  # fmt: skip
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _part("page.html"))


def _part(name: str) -> str:
    return resources.files("motionary").joinpath(f"data/study/{name}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A source's name in a content policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _as_data(value: Mapping[str, Any]) -> str:
    """JSON that cannot end the element that holds it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
