"""Files to Motion and back, one module a format, chosen by the file's suffix.

>>> motion = formats.read("walk.bvh")            # doctest: +SKIP
>>> formats.write(motion, "walk.glb")            # doctest: +SKIP

A format's module has ``read(path, ...) -> Motion``, ``write(motion, path, ...) -> None``, or both; it is imported when
it is first needed. Options are the module's own, see there.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from motionary.errors import InputError
from motionary.motion.motion import Motion

#: Suffix -> module that reads it.
READERS = {
    ".bvh": "bvh", ".npz": "npz", ".amc": "amc", ".txt": "deepmimic", ".json": "deepmimic", ".xml": "mmm",
    ".glb": "gltf", ".gltf": "gltf",
}  # fmt: skip
#: Suffix -> module that writes it.
WRITERS = {
    ".bvh": "bvh", ".npz": "npz", ".glb": "glb", ".png": "picture", ".mp4": "video", ".gif": "video",
}  # fmt: skip


def read(path: str | Path, **options: Any) -> Motion:
    """Read a motion. Raises InputError for a suffix nobody reads, FormatError for contents that are wrong."""
    module = _module(path, READERS, "read")
    motion: Motion = module.read(Path(path), **options)
    return motion


def write(motion: Motion, path: str | Path, **options: Any) -> Path:
    """Write a motion whole or not at all; returns the path. Raises InputError for a suffix nobody writes."""
    _module(path, WRITERS, "write").write(motion, Path(path), **options)
    return Path(path)


def _module(path: str | Path, table: dict[str, str], verb: str) -> Any:
    suffix = Path(path).suffix.lower()
    if suffix not in table:
        known = ", ".join(sorted(table))
        raise InputError(f"{path}: cannot {verb} {suffix or 'a file without a suffix'}; motionary can {verb} {known}")
    return import_module(f"{__name__}.{table[suffix]}")
