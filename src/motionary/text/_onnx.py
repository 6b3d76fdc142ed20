"""Reads the tensors of an ONNX file without onnxruntime: the format is protobuf, and initialisers are plain arrays.

Only what a weight file needs: the model's graph (field 7), its initialisers (field 5) and in each of them dims (1),
data type (2), name (8) and raw data (9). Source: onnx.proto3 of ONNX 1.x.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import CheckpointError

_TYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 3: np.dtype("i1"), 6: np.dtype("<i4"), 7: np.dtype("<i8")}


def tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Named arrays of an ONNX file; types other than float32, int8, int32 and int64 are left out.

    Raises:
        CheckpointError: the file is missing or is not ONNX.
    """
    try:
        data = memoryview(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        graph = next(value for field, value in _fields(data) if field == 7)
        return dict(_tensor(value) for field, value in _fields(graph) if field == 5 and _readable(value))
    except (IndexError, StopIteration, ValueError, KeyError, TypeError):
        raise CheckpointError(f"{path}: not an ONNX file with weights inside") from None


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a varint of more than ten bytes")


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind)
        if size is None:
            size, at = _varint(data, at)
        if at + size > len(data):
            raise ValueError("a field runs past the end")
        yield key >> 3, data[at : at + size]
        at += size


def _readable(data: memoryview) -> bool:
    return any(field == 2 and value in _TYPES for field, value in _fields(data))


def _tensor(data: memoryview) -> tuple[str, NDArray[Any]]:
    shape = [value for field, value in _fields(data) if field == 1]
    fields: dict[int, Any] = dict(_fields(data))
    name = bytes(fields[8]).decode()
    raw: memoryview = fields.get(9, memoryview(b""))
    array: NDArray[Any] = np.frombuffer(raw, dtype=_TYPES[int(fields[2])])
    return name, array.reshape(shape) if array.size == int(np.prod(shape)) else array
