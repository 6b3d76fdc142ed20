"""What a request is answered with when it cannot be done: a status, a code, a field and a sentence, never a trace."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """Answered with ``status`` and ``{"error": {"message", "field", "code"}}``.

    Args:
        status: of HTTP, 400 to 599.
        code: one word for programs.
        message: what is wrong, what is allowed, what to do next.
        field: of the request that is wrong, such as "segments.2.seconds".
        headers: of the answer.
    """

    def __init__(
        self, status: int, code: str, message: str, field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field
        self.headers = headers or {}

    def as_dict(self) -> dict[str, Any]:
        """The answer's body."""
        return {"error": {"message": self.message, "field": self.field, "code": self.code}}


def not_found(what: str, field: str | None = None) -> ServiceError:
    """For an id, an index or a name that nothing has."""
    return ServiceError(404, "not_found", f"there is no {what}; it may have been deleted", field)
