"""Motions from and to files as a user means it: retargeted, at the rate asked for, numbered when there are several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from motionary import formats
from motionary.errors import InputError
from motionary.motion import Motion
from motionary.motion.edit import resample
from motionary.motion.retarget import to_human

_RENDERED = (".mp4", ".gif")


def load(path: Path, *, unit: str | None = None, animation: str | None = None, human: bool = False) -> Motion:
    """Read a motion; ``unit`` is for BVH, ``animation`` for glTF, ``human`` retargets to HUMAN."""
    options: dict[str, Any] = {}
    for name, value, suffixes in (("unit", unit, (".bvh",)), ("animation", animation, (".glb", ".gltf"))):
        if value is None:
            continue
        if path.suffix.lower() not in suffixes:
            raise InputError(f"--{name} is for {' and '.join(suffixes)} files; {path.name} is none")
        options[name] = int(value) if name == "animation" and value.isdigit() else value
    motion = formats.read(path, **options)
    return to_human(motion) if human else motion


def save(motion: Motion, targets: Sequence[Path], fps: float | None = None, rig: Path | None = None) -> list[Path]:
    """Write a motion to every target. A rig (GLB) is animated instead of the mannequin in GLB targets."""
    if fps is not None and not 1 <= fps <= 240:
        raise InputError(f"--fps must be between 1 and 240; got {fps:g}")
    if rig is not None and not any(path.suffix.lower() == ".glb" for path in targets):
        raise InputError("--rig needs a .glb to write; give one with -o")
    written = []
    for path in targets:
        suffix = path.suffix.lower()
        options: dict[str, Any] = {"rig": rig} if rig is not None and suffix == ".glb" else {}
        if suffix in _RENDERED:
            options["fps"] = fps or motion.fps
        out = motion if fps is None or suffix in (*_RENDERED, ".png") else resample(motion, fps)
        path.parent.mkdir(parents=True, exist_ok=True)
        written.append(formats.write(out, path, **options))
    return written


def save_all(
    motions: Sequence[Motion], targets: Sequence[Path], fps: float | None = None, rig: Path | None = None
) -> list[list[Path]]:
    """Write several motions: one goes to the targets themselves, more to ``name-000.glb``, ``name-001.glb``, ..."""
    if len(motions) == 1:
        return [save(motions[0], targets, fps, rig)]
    width = max(3, len(str(len(motions) - 1)))
    return [
        save(motion, [path.with_stem(f"{path.stem}-{order:0{width}d}") for path in targets], fps, rig)
        for order, motion in enumerate(motions)
    ]
