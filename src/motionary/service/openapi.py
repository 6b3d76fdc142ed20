"""The description of the interface: FastAPI's, with what lies around the routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI


def completed(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """A function that gives OpenAPI: with the token, and without FastAPI's own form of errors, which is not ours."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = original()
        components = schema.setdefault("components", {})
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{}, {"token": []}]
        for name in ("HTTPValidationError", "ValidationError"):
            components.get("schemas", {}).pop(name, None)
        app.openapi_schema = schema
        return schema

    return openapi
