"""Reads the arrays of a CTranslate2 model.bin as data: names, shapes, numbers; nothing in it is run.

Layout (ctranslate2 ``model_spec.py``, binary version 6), little endian: version u32, name of the kind, revision u32,
count u32; then for each array its name, rank u8, sizes u32, type u8, bytes u32 and the bytes. Names are u16 length and
text that ends with NUL.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError

_VERSION = 6
_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}
_MOST_ARRAYS, _MOST_RANK = 10_000, 8


def arrays(data: bytes, prefix: str = "") -> dict[str, NDArray[Any]]:
    """Arrays whose name begins with ``prefix``, as views of the data. Raises FormatError for anything else."""
    try:
        return _Stream(data).arrays(prefix)
    except (struct.error, KeyError, ValueError) as error:
        raise FormatError(f"no model of CTranslate2 that can be read: {error}") from None


class _Stream:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = memoryview(data), 0

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        version = self._number("I")
        if version != _VERSION:
            raise ValueError(f"version {version}, not {_VERSION}")
        self._name()
        self._number("I")
        count = self._number("I")
        if count > _MOST_ARRAYS:
            raise ValueError(f"{count} arrays")
        return dict(one for one in (self._array() for _ in range(count)) if one[0].startswith(prefix))

    def _array(self) -> tuple[str, NDArray[Any]]:
        name, rank = self._name(), self._number("B")
        if rank > _MOST_RANK:
            raise ValueError(f"{name} has {rank} axes")
        shape = [self._number("I") for _ in range(rank)]
        kind = np.dtype(_TYPES[self._number("B")])
        raw = self._take(self._number("I"))
        return name, np.frombuffer(raw, kind).reshape(shape)

    def _name(self) -> str:
        return bytes(self._take(self._number("H"))).rstrip(b"\0").decode()

    def _number(self, form: str) -> int:
        (value,) = struct.unpack("<" + form, self._take(struct.calcsize("<" + form)))
        return int(value)

    def _take(self, count: int) -> memoryview:
        if self.at + count > len(self.data):
            raise ValueError("the file ends early")
        self.at += count
        return self.data[self.at - count : self.at]
