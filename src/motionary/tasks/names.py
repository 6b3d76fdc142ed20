"""What the files of many motions are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from motionary.errors import InputError

_LONGEST = 100  # characters


def numbered(count: int) -> list[str]:
    """Names of motions that have none: 000, 001, ..., as wide as the last needs."""
    width = max(3, len(str(count - 1)))
    return [f"{order:0{width}d}" for order in range(count)]


def check_names(names: Sequence[str]) -> None:
    """Raises InputError for names that are no parts of file names, or are there twice."""
    seen: set[str] = set()
    for name in names:
        plain = all(character.isalnum() or character in "._-" for character in name)
        if not name or len(name) > _LONGEST or name.startswith(".") or not plain:
            raise InputError(
                f"the id {name[:40]!r} must be letters, digits, '.', '_' and '-', {_LONGEST} at most, "
                "and not begin with a '.'"
            )
        if name.lower() in seen:
            raise InputError(f"the id {name!r} is there twice; every prompt needs its own")
        seen.add(name.lower())


def named(targets: Sequence[Path], names: Sequence[str]) -> list[list[Path]]:
    """The files of every motion: ``{id}`` in a target gives way to its name.

    Without it a single motion goes to the targets themselves, and of several the name follows the stem.
    """

    def one(target: Path, name: str) -> Path:
        if "{id}" in str(target):
            return Path(str(target).replace("{id}", name))
        return target if len(names) == 1 else target.with_stem(f"{target.stem}-{name}")

    return [[one(target, name) for target in targets] for name in names]
