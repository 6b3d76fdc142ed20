"""What became of a speech data set: how much is used, what was left out and why. Nothing is skipped in silence."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from motionary.errors import MotionaryError
from motionary.formats._files import atomic

_EXAMPLES = 3  # ids shown for a reason in the text


class Report:
    """Counts and seconds by outcome.

    Attributes:
        what: the data set, or what was made of it.
        used: id -> seconds.
        dropped: reason -> {id: seconds}; seconds are 0 where they are not known.
        noted: remark -> ids that are used all the same.
        groups: a name such as "split" -> value -> [count, seconds] of what is used.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.used: dict[str, float] = {}
        self.dropped: dict[str, dict[str, float]] = defaultdict(dict)
        self.noted: dict[str, list[str]] = defaultdict(list)
        self.groups: dict[str, dict[str, list[float]]] = defaultdict(dict)

    def use(self, name: str, seconds: float, **groups: str | None) -> None:
        """Count an item as used, and under each of its groups."""
        self.used[name] = seconds
        for group, value in groups.items():
            entry = self.groups[group].setdefault(value or "unknown", [0, 0.0])
            entry[0] += 1
            entry[1] += seconds

    def drop(self, name: str, reason: str | MotionaryError, seconds: float = 0.0) -> None:
        """Count an item as left out. Of an error only the reason counts, so that equal ones fall together."""
        text = getattr(reason, "reason", None) or str(reason)
        self.dropped[text][name] = self.dropped[text].get(name, 0.0) + seconds

    def note(self, name: str, remark: str) -> None:
        """Say something about an item that is used."""
        self.noted[remark].append(name)

    @property
    def seconds(self) -> float:
        """Length of what is used."""
        return sum(self.used.values())

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "what": self.what,
            "used": {"count": len(self.used), "seconds": round(self.seconds, 3)},
            "dropped": {
                reason: {"count": len(ids), "seconds": round(sum(ids.values()), 3), "ids": list(ids)}
                for reason, ids in self.dropped.items()
            },
            "noted": {remark: {"count": len(ids), "ids": ids} for remark, ids in self.noted.items()},
            "groups": {
                name: {
                    value: {"count": int(count), "seconds": round(length, 3)} for value, (count, length) in of.items()
                }
                for name, of in self.groups.items()
            },
        }

    def text(self) -> str:
        """A few lines for people."""
        left_out = sum(len(ids) for ids in self.dropped.values())
        lines = [f"{self.what}: {len(self.used)} used ({self.seconds / 3600:.2f} hours), {left_out} left out"]
        for name, values in self.groups.items():
            told = (
                f"{value} {int(count)} ({length / 3600:.2f} h)" for value, (count, length) in sorted(values.items())
            )
            lines.append(f"  by {name}: {', '.join(told)}")
        for reason, ids in sorted(self.dropped.items(), key=lambda pair: -len(pair[1])):
            lines.append(f"  left out {len(ids)} ({sum(ids.values()):.1f} s): {reason} ({_some(list(ids))})")
        for remark, names in sorted(self.noted.items(), key=lambda pair: -len(pair[1])):
            lines.append(f"  noted {len(names)}: {remark} ({_some(names)})")
        return "\n".join(lines)

    def save(self, path: str | Path) -> None:
        """Write the JSON form."""
        with atomic(path) as beside:
            beside.write_text(json.dumps(self.as_dict(), indent=1, ensure_ascii=False), encoding="utf-8")


def _some(names: list[str]) -> str:
    return ", ".join(names[:_EXAMPLES]) + (", ..." if len(names) > _EXAMPLES else "")
