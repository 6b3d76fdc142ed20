"""Where the raw data sets lie: folders, or archives that are unpacked once."""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

from motionary.corpora import DATASETS, dataset
from motionary.errors import FormatError, InputError

Progress = Callable[[str, int, int], None]

_COMPLETE = ".complete"


def find(data: Path, only: Sequence[str] = ()) -> dict[str, Path]:
    """Every data set's folder or archive in ``data`` or ``data/motion``.

    Raises:
        InputError: no such folder, nothing in it, an unknown data set, or one of ``only`` that is not there.
    """
    for name in only:
        dataset(name)
    if not data.is_dir():
        raise InputError(f"{data} is {'a file' if data.exists() else 'not there'}; name the folder of the data sets")
    found = {name: place for name in DATASETS if (not only or name in only) and (place := _place(data, name))}
    names = ", ".join(DATASETS.values())
    if absent := [name for name in only if name not in found]:
        expected = ", ".join(f"{DATASETS[name]}/ or {DATASETS[name]}.tar.xz" for name in absent)
        raise InputError(f"{data} does not hold {', '.join(absent)}; put {expected} there")
    if not found:
        raise InputError(f"no data set in {data}; put folders or .tar.xz archives named {names} there")
    return found


def _place(data: Path, name: str) -> Path | None:
    for base in (data, data / "motion"):
        if (inside := base / DATASETS[name]).is_dir():
            return inside
        if (archive := base / f"{DATASETS[name]}.tar.xz").is_file():
            return archive
    return None


def folder(place: Path, target: Path, progress: Progress) -> Path:
    """The folder of a data set; an archive is unpacked into ``target`` once.

    Raises:
        FormatError: an archive that is broken or reaches out of its folder.
    """
    if place.is_dir():
        return place
    if not (target / _COMPLETE).is_file():
        progress(f"unpack {place.name}", 0, 1)
        try:
            with tarfile.open(place) as file:
                _unpack(file, target)
        except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
            hint = "get it again"
            raise FormatError(f"the archive cannot be unpacked: {error}", path=place, hint=hint) from None
        (target / _COMPLETE).touch()
        progress(f"unpack {place.name}", 1, 1)
    inside = [path for path in target.iterdir() if path.name != _COMPLETE]
    # An archive usually holds one folder; its contents are the data set.
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target


def _unpack(file: tarfile.TarFile, target: Path) -> None:
    """Everything in an archive, refusing what would land elsewhere."""
    if hasattr(tarfile, "data_filter"):
        file.extractall(target, filter="data")
        return
    # Python before 3.11.4 has no filter; data sets hold nothing but files and folders.
    inside = target.resolve()
    for member in file:
        if not (member.isfile() or member.isdir()) or not (inside / member.name).resolve().is_relative_to(inside):
            raise tarfile.ExtractError(f"{member.name!r} is a link or device, or lies outside")
        file.extract(member, target)
