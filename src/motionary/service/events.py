"""Who waits for a change of what: the source of the event streams."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Changes:
    """Wakes whoever waits for a job. What happens twice before they look is one change to them."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def of(self, id: str) -> Watch:
        """Something to wait with; use it as a context."""
        return Watch(self._waiting, id)

    def tell(self, *ids: str) -> None:
        """These have changed."""
        for id in ids:
            for event in self._waiting.get(id, ()):
                event.set()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))


class Watch:
    """One who waits for changes of one job, from entering until leaving."""

    def __init__(self, waiting: defaultdict[str, set[asyncio.Event]], id: str) -> None:
        self._waiting, self._id, self._event = waiting, id, asyncio.Event()

    def __enter__(self) -> Watch:
        self._waiting[self._id].add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting[self._id].discard(self._event)
        if not self._waiting[self._id]:
            del self._waiting[self._id]

    async def changed(self, seconds: float) -> bool:
        """Waits for a change since the last call, at most so long; whether there was one."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True
