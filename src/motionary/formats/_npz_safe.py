"""Arrays out of an npz file that nobody vouches for.

An npz file is a zip archive of npy members. Before anything is unpacked the archive's directory is checked (count,
names, sizes, ratio, encryption); then every npy header is parsed by hand and its shape compared with the bytes that the
directory announces; only then is the member read, in bounded steps. Object arrays, which would run code, cannot enter.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError
from motionary.formats._files import read_bytes

MAX_FILE = 256 * 2**20
MAX_MEMBERS = 64
MAX_TOTAL = 512 * 2**20
MAX_RATIO = 200
#: Archives that unpack to less than this may be packed as tightly as they like: a still body packs 1,000 : 1.
SMALL = 16 * 2**20
MAX_TEXT = 4 * 2**20
MAX_DIMENSIONS = 4

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}\.npy\Z")
_HEADER = re.compile(
    r"\{'descr': ?'([<>=|]?)([A-Za-z])([0-9]{0,9})(?:\[[A-Za-z]+\])?', ?'fortran_order': ?(True|False), ?"
    r"'shape': ?\(([0-9L, ]{0,200})\),? ?\} *\n?\Z"
)
_SIZES = {"f": (2, 4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,)}
_REFUSED = {
    "O": "Python objects", "c": "complex numbers", "M": "dates", "m": "time spans", "V": "raw records",
}  # fmt: skip


def read_arrays(path: str | Path) -> dict[str, NDArray]:
    """Every array of an npz file by key: numbers, truth values or text, at most 4 axes.

    Raises FormatError naming the member, InputError where there is no file.
    """
    path = Path(path)
    data = read_bytes(path, MAX_FILE)
    _check_magic(data, path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _directory(archive, path)
            return {key: _member(archive, info, key, path) for key, info in members.items()}
    except FormatError:
        raise
    except (
        Exception
    ) as error:  # zipfile stumbles over broken fields in many ways: struct.error, UnicodeDecodeError, ...
        reason = str(error)[:120] or type(error).__name__
        raise FormatError(f"the zip archive is damaged: {reason}", path=path, where="zip directory") from error


def _check_magic(data: bytes, path: Path) -> None:
    if data.startswith(b"\x93NUMPY"):
        hint = "HumanML3D features come like this; motionary reads npz"
        raise FormatError("this is one npy array, not an npz archive", path=path, where="byte 0", hint=hint)
    if not data.startswith(b"PK"):
        what = "the file is empty" if not data else "an npz file is a zip archive and starts with 'PK'"
        raise FormatError(what, path=path, where="byte 0")
    # Counted before zipfile builds an object for each.
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:
        raise FormatError(f"more than {MAX_MEMBERS} members", path=path, where="zip directory")


def _directory(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """Members by key, once names, sizes and packing are known to be harmless."""
    members: dict[str, zipfile.ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise FormatError(f"{len(infos)} members; at most {MAX_MEMBERS}", path=path, where="zip directory")
    for info in infos:
        name = info.filename[:100]
        where = f"member {name!r}"
        if not _NAME.match(info.filename):
            raise FormatError("members must be plain names ending in .npy", path=path, where=where)
        key = info.filename.removesuffix(".npy")
        if key in members:
            raise FormatError("two members have this name", path=path, where=where)
        if info.flag_bits & 0x1:
            raise FormatError("the member is encrypted", path=path, where=where, hint="save it without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FormatError("members may be stored or deflated, nothing else", path=path, where=where)
        members[key] = info
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if total > MAX_TOTAL:
        raise FormatError(f"unpacks to {total} bytes; at most {MAX_TOTAL}", path=path, where="zip directory")
    if total > SMALL and total > MAX_RATIO * packed:
        raise FormatError(f"unpacks to more than {MAX_RATIO} times its size", path=path, where="zip directory")
    return members


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, key: str, path: Path) -> NDArray:
    """One npy array."""
    where = f"key {key!r}"
    try:
        with archive.open(info) as file:
            dtype, shape, fortran, header = _header(file, where, path)
            size = math.prod(shape) * dtype.itemsize
            if size != info.file_size - header:
                held = info.file_size - header
                raise FormatError(f"shape {list(shape)} needs {size} bytes, {held} are there", path=path, where=where)
            buffer = _exactly(file, size)
            file.read(1)  # reaching the end makes zipfile compare the checksum
    except FormatError:
        raise
    except Exception as error:  # a wrong checksum, a cut stream, local fields that contradict the directory, ...
        reason = str(error)[:120] or type(error).__name__
        raise FormatError(f"the member is damaged: {reason}", path=path, where=where) from error
    return np.frombuffer(buffer, dtype).reshape(shape, order="F" if fortran else "C")


def _exactly(file: IO[bytes], size: int) -> bytes:
    """``size`` bytes in steps, so that a member which unpacks to more than it announced costs nothing."""
    parts = []
    while size > 0:
        part = file.read(min(size, 1 << 20))
        if not part:
            raise EOFError("it ends too early")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _header(file: IO[bytes], where: str, path: Path) -> tuple[np.dtype, tuple[int, ...], bool, int]:
    """Type, shape, whether in Fortran order, and the bytes that the npy header takes."""
    start = _exactly(file, 8)
    if start[:6] != b"\x93NUMPY":
        raise FormatError("not an npy array", path=path, where=where)
    version = (start[6], start[7])
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise FormatError(f"npy version {version[0]}.{version[1]}; known are 1.0 to 3.0", path=path, where=where)
    width = 2 if version == (1, 0) else 4
    length = int.from_bytes(_exactly(file, width), "little")
    if length > 10_000:
        raise FormatError(f"an npy header of {length} bytes; at most 10,000", path=path, where=where)
    text = _exactly(file, length).decode("latin-1")
    match = _HEADER.match(text)
    if match is None:
        reason = "an npy header that describes no plain array (records and negative sizes are not read)"
        raise FormatError(reason, path=path, where=where)
    order, kind, width_text, fortran, shape_text = match.groups()
    dtype = _dtype(order, kind, width_text, where, path)
    sizes = [size.strip().removesuffix("L") for size in shape_text.split(",") if size.strip()]
    if not all(re.fullmatch(r"[0-9]{1,12}", size) for size in sizes):
        raise FormatError("an npy header with a size that is none", path=path, where=where)
    shape = tuple(int(size) for size in sizes)
    if len(shape) > MAX_DIMENSIONS:
        raise FormatError(f"{len(shape)} axes; at most {MAX_DIMENSIONS}", path=path, where=where)
    return dtype, shape, fortran == "True", 8 + width + length


def _dtype(order: str, kind: str, width: str, where: str, path: Path) -> np.dtype:
    size = int(width or 0)
    if kind in "US":
        if size * (4 if kind == "U" else 1) > MAX_TEXT:
            raise FormatError(f"text of {size} characters; at most {MAX_TEXT // 4}", path=path, where=where)
    elif size not in _SIZES.get(kind, ()):
        what = _REFUSED.get(kind, f"type {kind}{width}")
        raise FormatError(f"the array holds {what}; read are numbers, truth values and text", path=path, where=where)
    return np.dtype(f"{order}{kind}{width}")
