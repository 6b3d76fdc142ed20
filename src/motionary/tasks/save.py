"""Motions from and to files as a user means it: retargeted, at the rate asked for, numbered when there are several."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from motionary import formats
from motionary.errors import InputError
from motionary.motion import Motion
from motionary.motion.edit import resample
from motionary.motion.retarget import to_human
from motionary.tasks.names import named, numbered

#: Suffixes that are drawn rather than stored.
DRAWN = (".png", ".mp4", ".gif")
_FILMS = (".mp4", ".gif")
_MOST_FRAMES = 200_000


def load(path: Path, *, unit: str | None = None, animation: str | None = None, human: bool = False) -> Motion:
    """Read a motion; ``unit`` is for BVH, ``animation`` for glTF, ``human`` retargets to HUMAN.

    Raises:
        InputError: the file is not there, is a folder, or an option does not fit it.
        FormatError: its contents are wrong.
    """
    _check_there(path)
    options: dict[str, Any] = {}
    for name, value, suffixes in (("unit", unit, (".bvh",)), ("animation", animation, (".glb", ".gltf"))):
        if value is None:
            continue
        if path.suffix.lower() not in suffixes:
            raise InputError(f"--{name} is for {' and '.join(suffixes)} files; {path.name} is none; leave it out")
        options[name] = value
    motion = formats.read(path, **options)
    return to_human(motion) if human else motion


def _check_there(path: Path) -> None:
    if path.is_dir():
        inside = sorted(entry.name for entry in path.iterdir() if _readable(entry))
        hint = f", for example {path / inside[0]}" if inside else ""
        raise InputError(f"{path} is a folder; name a motion file{hint}")
    if not path.exists():
        folder = path.parent
        near = get_close_matches(path.name, os.listdir(folder), 1) if folder.is_dir() else []
        where = "" if folder.is_dir() else f" (nor does the folder {folder})"
        raise InputError(f"{path} does not exist{where}{f'; did you mean {folder / near[0]}?' if near else ''}")


def _readable(path: Path) -> bool:
    return path.suffix.lower() in formats.READERS and path.is_file()


def check_targets(
    targets: Sequence[Path], fps: float | None = None, rig: Path | None = None, source: Path | None = None
) -> None:
    """Refuse what cannot be written before any work is done.

    Raises:
        InputError: an unknown suffix, a folder, the same file twice, a folder without permission, a rate outside 1 to
            240, a rig without a .glb to write.
    """
    if fps is not None and not 1 <= fps <= 240:
        raise InputError(f"--fps must be between 1 and 240; got {fps:g}")
    seen = {} if source is None else {source.resolve(): "the file that is read"}
    for path in targets:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a file in it, for example {path / 'motion.glb'}")
        if path.suffix.lower() not in formats.WRITERS:
            known = ", ".join(sorted(formats.WRITERS))
            what = f"{path.suffix} files" if path.suffix else "a file without a suffix"
            raise InputError(f"{path}: cannot write {what}; end the name in one of {known}")
        if path.resolve() in seen:
            raise InputError(f"{path} is {seen[path.resolve()]}; name another file")
        seen[path.resolve()] = "given twice"
        _check_folder(path)
    if rig is not None:
        _check_there(rig)
        if not any(path.suffix.lower() == ".glb" for path in targets):
            raise InputError("--rig animates a GLB, so one of the files to write must end in .glb")


def _check_folder(path: Path) -> None:
    """The nearest folder above ``path`` that is there must take new files; missing ones below it are made later."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise InputError(f"cannot write {path}: {folder} is a file, not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"cannot write {path}: no permission to write in {folder}; choose another folder")


def save(
    motion: Motion,
    targets: Sequence[Path],
    fps: float | None = None,
    rig: Path | None = None,
    audio: Path | None = None,
) -> list[Path]:
    """Write a motion to every target; missing folders are made.

    Args:
        motion: on any skeleton.
        targets: files; the suffix chooses the format.
        fps: rate of the files, 1 to 240; None keeps the motion's.
        rig: a rigged GLB or glTF that GLB targets animate instead of the mannequin.
        audio: a sound that is laid under MP4 targets.

    Raises:
        InputError: see ``check_targets``, or the disk refuses.
    """
    check_targets(targets, fps, rig)
    return _write(motion, _stored(motion, targets, fps), targets, fps, rig, audio)


def _stored(motion: Motion, targets: Sequence[Path], fps: float | None) -> Motion:
    """The motion as it is stored; films sample it themselves."""
    only_drawn = all(path.suffix.lower() in DRAWN for path in targets)
    return motion if fps is None or only_drawn else at_rate(motion, fps)


def _write(
    motion: Motion,
    stored: Motion,
    targets: Sequence[Path],
    fps: float | None,
    rig: Path | None,
    audio: Path | None = None,
) -> list[Path]:
    for path in targets:
        suffix = path.suffix.lower()
        options: dict[str, Any] = {"rig": rig} if rig is not None and suffix == ".glb" else {}
        if suffix in _FILMS:
            options["fps"] = fps or min(motion.fps, 30.0)
        if audio is not None and suffix == ".mp4":
            options["audio"] = audio
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot write {path}: no folder {path.parent}: {error.strerror or error}") from None
        formats.write(motion if suffix in DRAWN else stored, path, **options)
    return list(targets)


def at_rate(motion: Motion, fps: float) -> Motion:
    """The motion at another rate, by time. Raises InputError where it would have more than 200,000 frames."""
    frames = motion.duration * fps
    if frames > _MOST_FRAMES:
        raise InputError(f"{motion.duration:.0f} s at {fps:g} fps are {frames:,.0f} frames; at most {_MOST_FRAMES:,}")
    return resample(motion, fps)


def save_all(
    motions: Sequence[Motion],
    targets: Sequence[Path],
    fps: float | None = None,
    rig: Path | None = None,
    names: Sequence[str] = (),
) -> list[list[Path]]:
    """Write several motions, called as ``names`` says: ``name-000.glb``, ``name-001.glb``, ... by default."""
    files = named(targets, names or numbered(len(motions)))
    return [save(motion, own, fps, rig) for motion, own in zip(motions, files, strict=True)]


def convert(
    source: Path,
    targets: Sequence[Path],
    *,
    fps: float | None = None,
    human: bool = False,
    rig: Path | None = None,
    unit: str | None = None,
    animation: str | None = None,
) -> dict[str, Any]:
    """Read a motion and write it to every target, at its own rate or at ``fps``.

    Returns:
        ``source``, ``frames``, ``fps``, ``seconds`` as read, and ``files``: what was written, with frames and fps
        where motion is stored. JSON-serialisable.
    """
    check_targets(targets, fps, rig, source)
    motion = load(source, unit=unit, animation=animation, human=human)
    stored = _stored(motion, targets, fps)
    files: list[dict[str, Any]] = []
    for path in _write(motion, stored, targets, fps, rig):
        drawn = path.suffix.lower() in DRAWN
        files.append({"file": str(path)} | ({} if drawn else {"frames": len(stored), "fps": stored.fps}))
    return {
        "source": str(source),
        "frames": len(motion),
        "fps": motion.fps,
        "seconds": round(motion.duration, 4),
        "files": files,
    }
