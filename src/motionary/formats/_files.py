"""What every format does with files: read them up to a limit, write them whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from motionary.errors import FormatError, InputError

#: The largest file that is read, bytes.
FILE_LIMIT = 64 * 1024 * 1024

# What a file with the wrong suffix often is: first bytes, name, what to do.
_MAGIC = (
    (b"\x1f\x8b", "gzip data", "decompress it first"),
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Kaydara FBX", "a binary FBX file", "convert it to BVH or glTF, for example with Blender"),
    (b"glTF", "a GLB file", "rename it to .glb"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
)


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a path beside the target (same suffix) to write to; it replaces the target only when the block succeeds.

    Raises InputError when the folder is missing, the target is a folder or the disk refuses.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file")
    if not path.parent.is_dir():
        raise InputError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
    beside = path.with_name(f".{path.stem[:64]}.{secrets.token_hex(6)}{path.suffix}")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def read_bytes(path: str | Path, limit: int = FILE_LIMIT) -> bytes:
    """The file's bytes. Raises InputError when there is no such file, FormatError above ``limit`` bytes."""
    path = Path(path)
    if not path.is_file():
        kind = "is a folder; name a file" if path.is_dir() else "does not exist or is not a plain file"
        raise InputError(f"{path} {kind}")
    try:
        with path.open("rb") as file:
            # Asked for no more than the file seems to hold, because read() sets that much memory aside at once.
            data = file.read(min(path.stat().st_size, limit) + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > limit:
        size = f"{limit / 2**20:g} MB" if limit >= 2**20 else f"{limit} bytes"
        raise FormatError(f"the file is larger than {size}, the most that is read", path=path)
    return data


def read_text(path: str | Path, limit: int = FILE_LIMIT) -> str:
    """The file's text: UTF-8 (a BOM is dropped), else Latin-1, with every line end as ``\\n``.

    Raises FormatError for archives, binary files and UTF-16 under a text suffix, naming what they are.
    """
    data = read_bytes(path, limit)
    for magic, name, hint in _MAGIC:
        if data.startswith(magic):
            raise FormatError(f"this is {name}, not text", path=path, where="line 1", hint=hint)
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise FormatError("a NUL byte; the file is binary, UTF-16 or damaged", path=path, where=f"line {line}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
