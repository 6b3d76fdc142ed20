"""The other side of ``worker``: a process that does one thing after the other and says what comes of it.

``python -m motionary.service.process models`` loads the models and does jobs; ``... files`` loads none, reads uploads
and writes results' files. Lines of JSON come in and go out; a stranger's file that crashes or blocks the process costs
the one request that named it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from motionary.errors import FormatError, InputError, MotionaryError
from motionary.service.context import Cancelled, Context
from motionary.service.plain import finite, place

Work = Callable[[dict[str, Any], Context], dict[str, Any]]

_PAUSE = 0.1  # seconds between two reports of progress


class Pipe:
    """Lines of JSON to and from the service; whatever else prints goes to standard error."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self.inbox: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._stopped: set[str] = set()
        self._writing = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, **message: Any) -> None:
        """One line."""
        text = json.dumps(finite(message), ensure_ascii=True, allow_nan=False, default=str)
        with self._writing:
            try:
                self._out.write(text + "\n")
                self._out.flush()
            except BrokenPipeError:
                os._exit(0)  # the service has gone

    def progress(self, id: str) -> Callable[[str, int, int], None]:
        """What tasks call; raises ``Cancelled`` where the service said so."""
        last = 0.0

        def told(what: str, done: int, total: int) -> None:
            nonlocal last
            if id in self._stopped:
                raise Cancelled
            if (now := time.monotonic()) - last >= _PAUSE or done == total:
                last = now
                self.send(id=id, progress={"what": what, "done": done, "total": total})

        return told

    def _listen(self) -> None:
        try:
            for line in sys.stdin:
                message = json.loads(line)
                if "cancel" in message:
                    self._stopped.add(message["cancel"])
                else:
                    self.inbox.put(message)
        finally:
            os._exit(0)  # the service has gone, or talks nonsense


def serve(works: Mapping[str, Work], warm: Callable[[], dict[str, Any]], base: Context) -> None:
    """Get ready, say so, and work until the service goes.

    Args:
        works: what can be asked for: its name -> (params, context) -> an answer.
        warm: loads what is needed; tells what was loaded. A MotionaryError is told, and the process ends.
        base: of every task's context.
    """
    pipe = Pipe()
    try:
        pipe.send(ready=warm())
    except MotionaryError as error:
        pipe.send(unready=str(error))
        sys.exit(1)
    while True:
        message = pipe.inbox.get()
        files = {reference: Path(path) for reference, path in message["files"].items()}
        context = replace(base, files=files, folder=Path(message["folder"]), progress=pipe.progress(message["id"]))
        try:
            pipe.send(id=message["id"], done=works[message["do"]](message["params"], context))
        except Exception as error:
            pipe.send(id=message["id"], failed=_failure(error, context))


def _failure(error: Exception, context: Context) -> dict[str, Any]:
    """What the user is told: no path of this machine, no trace."""
    code, message = "defect", f"a defect of motionary ({type(error).__name__}); the service's log says where"
    if isinstance(error, Cancelled):
        code, message = "cancelled", "cancelled"
    elif isinstance(error, FormatError):
        at = f"{error.where}: " if error.where else ""
        code, message = "format", f"{at}{error.reason}" + (f" ({error.hint})" if error.hint else "")
    elif isinstance(error, MotionaryError):
        code, message = "input" if isinstance(error, InputError) else "unable", str(error)
    elif isinstance(error, MemoryError):
        code, message = "memory", "not enough memory; ask for something shorter or for less at once"
    elif isinstance(error, OSError):
        code, message = "disk", f"the disk refused: {error.strerror or 'no reason given'}"
    else:
        print(f"defect: {place(error)}", file=sys.stderr, flush=True)
    return {"code": code, "message": _without_paths(message, context)}


def _without_paths(message: str, context: Context) -> str:
    for path in (*context.files.values(), context.folder):
        message = message.replace(f"{path}: ", "").replace(str(path), "the file")
    return message.replace(str(context.folder.parent.parent), "")


def limit_memory(bytes: int) -> None:
    """Make allocations beyond so many bytes fail with a MemoryError, where the system can (Linux)."""
    try:
        import resource
    except ImportError:  # Windows
        return
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (bytes, bytes))


def main() -> None:
    """The command line, which the service calls."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("models", "files"))
    parser.add_argument("--memory", type=int, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--language", default="default")
    told = parser.parse_args()
    limit_memory(told.memory)
    base = Context({}, Path(), model=told.model, language=told.language)
    if told.role == "files":
        from motionary.service import filework

        serve(filework.WORKS, dict, base)
    else:
        from motionary.service import modelwork

        serve(modelwork.works(), lambda: modelwork.warm(told.model, told.language), base)


if __name__ == "__main__":
    main()
