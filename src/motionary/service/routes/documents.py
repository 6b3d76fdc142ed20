"""The interface as a page for people, made from OpenAPI. It needs no script, so it works without a network."""

from __future__ import annotations

import html
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@router.get("/docs")
def documents(request: Request) -> HTMLResponse:
    """Every route with what it takes and answers."""
    schema = request.app.openapi()
    parts = [
        _route(method, path, told, schema)
        for path, methods in schema["paths"].items()
        for method, told in methods.items()
    ]
    head = f"<h1>motionary {html.escape(schema['info']['version'])}</h1>"
    about = "".join(f"<p>{html.escape(part)}</p>" for part in schema["info"]["description"].split("\n\n"))
    link = '<p>For programs: <a href="/openapi.json">openapi.json</a></p>'
    page = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>motionary: interface</title></head><body>'
    return HTMLResponse(
        f"{page}{head}{about}{link}{''.join(parts)}</body></html>", headers={"Content-Security-Policy": _POLICY}
    )


def _route(method: str, path: str, told: dict[str, Any], schema: dict[str, Any]) -> str:
    lines = [f"<h2><code>{method.upper()} {html.escape(path)}</code></h2>"]
    lines.append(f"<p>{html.escape(told.get('description', told.get('summary', '')))}</p>")
    lines += [_parameter(one) for one in told.get("parameters", [])]
    for media, body in told.get("requestBody", {}).get("content", {}).items():
        lines.append(f"<p>Body: <code>{html.escape(media)}</code></p>")
        for example in body.get("examples", {}).values():
            lines.append(f"<pre>{html.escape(json.dumps(example['value'], ensure_ascii=False))}</pre>")
    answers = ", ".join(told["responses"])
    return "".join([*lines, f"<p>Answers: {answers}</p>"])


def _parameter(told: dict[str, Any]) -> str:
    about = told.get("description") or told["schema"].get("description", "")
    return f"<p><code>{html.escape(told['name'])}</code> ({told['in']}) {html.escape(about)}</p>"
