"""Numbers out of MATLAB 5 files (.mat), and nothing else: plain arrays and cells of plain arrays, uncompressed.

Layout: "MAT-File Format", MathWorks: a header of 128 bytes, then tagged elements padded to 8 bytes. Structs, objects,
functions, sparse and complex arrays are refused, so a file can hold nothing but numbers.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError
from motionary.formats._files import read_bytes

Value = NDArray | list[NDArray]

_MATRIX, _COMPRESSED, _CELL = 14, 15, 1
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
#: Classes of plain numeric arrays, by the number in the array's flags, and the type they are given back in.
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_COMPLEX = 0x800
_MAX_CELLS = 10_000


def read(path: str | Path) -> dict[str, Value]:
    """Arrays by name; a cell is a list of arrays in column order.

    Raises:
        FormatError: no MATLAB 5 file, compressed, or anything in it but numbers; says at which byte.
    """
    return _Reader(path).variables()


class _Reader:
    """Walks the elements; every step is checked against the end of what holds it."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.data = path, read_bytes(path)
        mark = self.data[126:128]
        if len(self.data) < 128 or mark not in (b"IM", b"MI"):
            raise FormatError("no MATLAB 5 file; save it with -v6", path=path, where="byte 126")
        self.order = "<" if mark == b"IM" else ">"

    def fail(self, reason: str, at: int) -> FormatError:
        return FormatError(reason, path=self.path, where=f"byte {at}")

    def variables(self) -> dict[str, Value]:
        found, at = {}, 128
        while at < len(self.data):
            kind, start, size, after = self.element(at, len(self.data))
            if kind == _COMPRESSED:
                raise FormatError("compressed variables", path=self.path, where=f"byte {at}", hint="save it with -v6")
            if kind != _MATRIX:
                raise self.fail(f"element of type {kind} where a variable must be", at)
            name, value = self.matrix(start, start + size)
            found[name] = value
            at = after
        return found

    def element(self, at: int, end: int) -> tuple[int, int, int, int]:
        """Type, first byte, bytes and where the next element begins."""
        if at + 8 > end:
            raise self.fail("the file ends within an element", at)
        kind, size = struct.unpack_from(f"{self.order}II", self.data, at)
        if kind >> 16:  # the small form: size and type share a word, the data follows at once
            kind, size, start, after = kind & 0xFFFF, kind >> 16, at + 4, at + 8
            size = min(size, 5)
        else:
            start, after = at + 8, at + 8 + (size if kind == _COMPRESSED else -(-size // 8) * 8)
        if start + size > min(after, end):
            raise self.fail(f"an element of {size} bytes does not fit into what holds it", at)
        return kind, start, size, after

    def matrix(self, at: int, end: int) -> tuple[str, Value]:
        """Name and value of one array or cell."""
        flags, at = self.numbers(at, end)
        shape, at = self.numbers(at, end)
        letters, at = self.numbers(at, end)
        if len(flags) != 2 or not 2 <= len(shape) <= 4 or (shape < 0).any():
            raise self.fail("flags or dimensions of an array are wrong", at)
        name, kind = bytes(letters.astype(np.uint8)).decode("latin-1"), int(flags[0]) & 0xFF
        count = int(np.prod(shape.astype(object)))
        if kind == _CELL:
            return name, self.cell(at, end, count)
        if kind not in _CLASSES or int(flags[0]) & _COMPLEX:
            raise self.fail(f"variable {name!r} is no plain array of numbers (class {kind})", at)
        values, _ = self.numbers(at, end)
        if len(values) != count:
            raise self.fail(f"{len(values)} numbers for the dimensions {shape.tolist()}", at)
        return name, values.astype(_CLASSES[kind]).reshape(shape, order="F")

    def cell(self, at: int, end: int, count: int) -> list[NDArray]:
        if count > _MAX_CELLS:
            raise self.fail(f"a cell of {count} entries; at most {_MAX_CELLS} are read", at)
        entries = []
        for _ in range(count):
            kind, start, size, after = self.element(at, end)
            _, value = self.matrix(start, start + size) if kind == _MATRIX else ("", [])
            if isinstance(value, list):
                raise self.fail("an entry of a cell must be an array of numbers", at)
            entries.append(value)
            at = after
        return entries

    def numbers(self, at: int, end: int) -> tuple[NDArray, int]:
        kind, start, size, after = self.element(at, end)
        if kind not in _TYPES:
            raise self.fail(f"element of type {kind} where numbers must be", at)
        dtype = np.dtype(self.order + _TYPES[kind])
        return np.frombuffer(self.data, dtype, size // dtype.itemsize, start), after
