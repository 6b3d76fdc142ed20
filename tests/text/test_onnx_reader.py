"""Weights are read out of ONNX files without onnxruntime; what is not whole is refused."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import CheckpointError
from motionary.text._onnx import tensors


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name: str, array: np.ndarray, kind: int) -> bytes:
    dims = b"".join(field(1, size) for size in array.shape)
    return field(5, dims + field(2, kind) + field(8, name.encode()) + field(9, array.tobytes()))


def model() -> bytes:
    first = np.arange(300, dtype=np.float32).reshape(3, 100)
    second = np.array([[-1, 2], [3, -128]], dtype=np.int8)
    third = np.zeros(2, dtype=np.float16)  # a type that is not needed
    graph = tensor("a", first, 1) + tensor("b.weight_q", second, 3) + tensor("c", third, 10)
    return field(1, 8) + field(2, b"maker") + field(7, graph)


def test_reads_what_is_there(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(model())
    found = tensors(path)
    assert set(found) == {"a", "b.weight_q"}
    assert found["a"].shape == (3, 100)
    assert found["a"][2, 99] == 299
    assert found["b.weight_q"].tolist() == [[-1, 2], [3, -128]]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_cut_files(tmp_path, share):
    path = tmp_path / "m.onnx"
    data = model()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(CheckpointError, match=r"m\.onnx: not an ONNX file"):
        tensors(path)


@pytest.mark.parametrize("data", [b"\xff" * 40, b"PK\x03\x04" + b"\0" * 60, b"\x3a" + b"\xff" * 9 + b"\x01"])
def test_other_files(tmp_path, data):
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="not an ONNX file"):
        tensors(path)


def test_missing_file(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read"):
        tensors(tmp_path / "none.onnx")
