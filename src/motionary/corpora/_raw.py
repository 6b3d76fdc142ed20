"""Where the raw data sets lie: folders, or archives that are unpacked once."""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from motionary.corpora import DATASETS, dataset
from motionary.errors import FormatError, InputError

Progress = Callable[[str, int, int], None]

_COMPLETE = ".complete"


def roots(data: Path, raw: Path, only: Sequence[str], progress: Progress) -> Iterator[tuple[str, Path]]:
    """Name and folder of every data set in ``data`` or ``data/motion``; archives are unpacked into ``raw`` once.

    Raises:
        InputError: no such folder, nothing in it, an unknown data set, or one of ``only`` that is not there.
        FormatError: an archive that is broken or reaches out of its folder.
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
    for name, place in found.items():
        yield name, place if place.is_dir() else _unpacked(place, raw / DATASETS[name], progress)


def _place(data: Path, name: str) -> Path | None:
    folder = DATASETS[name]
    for base in (data, data / "motion"):
        if (base / folder).is_dir():
            return base / folder
        if (base / f"{folder}.tar.xz").is_file():
            return base / f"{folder}.tar.xz"
    return None


def _unpacked(archive: Path, target: Path, progress: Progress) -> Path:
    if not (target / _COMPLETE).is_file():
        progress(f"unpack {archive.name}", 0, 1)
        try:
            with tarfile.open(archive) as file:
                file.extractall(target, filter="data")
        except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
            hint = "get it again"
            raise FormatError(f"the archive cannot be unpacked: {error}", path=archive, hint=hint) from None
        (target / _COMPLETE).touch()
        progress(f"unpack {archive.name}", 1, 1)
    inside = [path for path in target.iterdir() if path.name != _COMPLETE]
    # An archive usually holds one folder; its contents are the data set.
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else target
