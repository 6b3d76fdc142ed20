"""A language model behind an OpenAI-compatible address, with the standard library alone."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib import error, request
from urllib.parse import urlsplit, urlunsplit

from motionary.errors import InputError

if TYPE_CHECKING:
    from motionary.text.knowledge.lm import Settings

KEY = "MOTIONARY_LM_KEY"
#: The largest answer that is read, bytes.
LIMIT = 1024 * 1024
TIMEOUT = 120.0
_TASK = "Continue the text with two to four plain sentences about how the body moves. Do not repeat the text."


class AddressLM:
    """Continuations from ``/completions``, or from ``/chat/completions`` when the address ends in it.

    One request a sample, with seeds that follow each other. The key in MOTIONARY_LM_KEY is sent as a bearer token, over
    https or to this machine only. Redirections are refused, because they could carry the key elsewhere.

    Args:
        address: such as "http://localhost:8000/v1#model-name"; what follows # is the model's name there.
        timeout: seconds that one answer may take.

    Raises:
        InputError: the address is not http or https, has no host, or holds a user name or password.
    """

    def __init__(self, address: str, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(address.strip())
        if parts.scheme not in ("http", "https"):
            raise InputError(f"{address}: an address of a language model begins with http:// or https://")
        try:
            bad = not parts.hostname or parts.port == 0
        except ValueError:
            bad = True
        if bad:
            raise InputError(f"{address}: no host or a wrong port; write http://HOST:PORT/v1#MODEL")
        if parts.username or parts.password:
            raise InputError(f"an address must hold no user name or password; put the key into {KEY}")
        self.model, self.timeout = parts.fragment or "default", timeout
        path = parts.path.rstrip("/")
        path = path if path.endswith("/completions") else path + "/completions"
        self.url = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
        self.chat = path.endswith("/chat/completions")
        self.name = f"{self.url}#{self.model}"
        self._local = _is_local(str(parts.hostname))
        handlers = [request.ProxyHandler({}), _NoRedirect()] if self._local else [_NoRedirect()]
        self._opener = request.build_opener(*handlers)

    def sample(self, prompt: str, settings: Settings) -> list[str]:
        """Continuations of a prompt.

        Raises:
            InputError: no answer, an HTTP error, or an answer of another form; the message says which.
        """
        return [self._ask(prompt, settings, settings.seed + k) for k in range(settings.samples)]

    def _ask(self, prompt: str, settings: Settings, seed: int) -> str:
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": settings.tokens,
            "temperature": settings.temperature,
            "seed": seed,
        }
        if self.chat:
            body["messages"] = [{"role": "system", "content": _TASK}, {"role": "user", "content": prompt}]
        else:
            body["prompt"] = prompt
        return self._text(self._post(json.dumps(body).encode()))

    def _post(self, data: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self._authorization()}
        try:
            with self._opener.open(request.Request(self.url, data, headers), timeout=self.timeout) as answer:
                found: bytes = answer.read(LIMIT + 1)
        except error.HTTPError as refusal:
            raise InputError(self._refusal(refusal)) from None
        except (OSError, HTTPException) as problem:
            reason = getattr(problem, "reason", None) or problem
            raise InputError(
                f"{self.url} does not answer: {reason}; is a server running there, and the address right?"
            ) from None
        if len(found) > LIMIT:
            raise InputError(f"{self.url} answers with more than {LIMIT} bytes; is it a language model's address?")
        return found

    def _authorization(self) -> dict[str, str]:
        key = os.environ.get(KEY, "").strip()
        if not key:
            return {}
        if not self._local and not self.url.startswith("https://"):
            raise InputError(f"{self.url}: the key in {KEY} would travel unencrypted; use https, or unset {KEY}")
        if not key.isascii() or not key.isprintable():
            raise InputError(f"{KEY} must hold printable ASCII letters only")
        return {"Authorization": f"Bearer {key}"}

    def _refusal(self, refusal: error.HTTPError) -> str:
        hints = {
            401: f"; put the key into {KEY}",
            403: f"; put the key into {KEY}",
            404: "; give the address up to and with /v1, and the model's name after #",
            429: "; too many requests: wait, or ask for fewer samples",
        }
        hint = "; redirections are not followed: give the final address" if 300 <= refusal.code < 400 else ""
        with refusal:
            said = " ".join(refusal.read(300).decode("utf-8", "replace").split())
        return f"{self.url} refuses: HTTP {refusal.code} {refusal.reason}{hints.get(refusal.code, hint)}: {said}"

    def _text(self, data: bytes) -> str:
        form = "choices[0].message.content" if self.chat else "choices[0].text"
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            start = data[:60].decode("utf-8", "replace")
            raise InputError(
                f"{self.url} does not answer in JSON but with {start!r}; is it OpenAI-compatible?"
            ) from None
        try:
            choice = value["choices"][0]
            text = choice["message"]["content"] if self.chat else choice["text"]
        except (KeyError, IndexError, TypeError):
            text = None
        if not isinstance(text, str):
            raise InputError(f"{self.url} answers without {form}; is it OpenAI-compatible?")
        return text


class _NoRedirect(request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _is_local(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
