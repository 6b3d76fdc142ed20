"""Arrays out of a weights file in torch's form from before 1.6 (.pth), read as data: nothing in it is ever called.

The file is five pickle streams (a number, a version, facts about the machine, the names with shapes and storages, the
order of storages) and then the storages, each a count and its numbers. The streams are taken apart by the standard
library's ``pickletools``, which lists what is in a stream and executes none of it; of that list only numbers, texts,
tuples, lists and dicts are understood, and two names: an ordered dict and a tensor. Anything else is refused.
"""

from __future__ import annotations

import io
import pickletools
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError
from motionary.formats._files import read_bytes

_MAGIC = 0x1950A86A20F9469CFC6C
_DICT, _TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_TYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
_PLAIN = {
    "BINUNICODE", "SHORT_BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "GLOBAL",
}  # fmt: skip
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_MARK = object()


def read(path: str | Path) -> dict[str, NDArray]:
    """Arrays by name, in the order of the file. Raises FormatError for anything but plain named arrays."""
    data = read_bytes(path)
    stream = io.BytesIO(data)
    try:
        magic, _, _, named, order = (_Stream(stream).value() for _ in range(5))
        if magic != _MAGIC:
            raise FormatError("no weights in torch's old form", path=path)
        kinds = {key: kind for kind, key in (one["storage"] for one in named.values())}
        storages = {}
        for key in order:
            (count,) = struct.unpack("<q", stream.read(8))
            numbers = np.frombuffer(stream.read(count * np.dtype(kinds[key]).itemsize), kinds[key])
            if len(numbers) != count:
                raise FormatError("the file ends within its numbers", path=path)
            storages[key] = numbers
        return {name: _array(one, storages) for name, one in named.items()}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, struct.error) as error:
        raise FormatError(f"no weights that can be read as data: {error}", path=path) from None


def _array(one: dict[str, Any], storages: dict[str, NDArray]) -> NDArray:
    """An array out of its storage, by shape and strides, which may not reach beyond it."""
    storage = storages[one["storage"][1]]
    shape, strides, start = one["shape"], one["strides"], one["offset"]
    numbers = (start, *shape, *strides)
    last = start + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if any(type(number) is not int or number < 0 for number in numbers) or 0 in shape or last >= len(storage):
        raise ValueError("a tensor reaches beyond its storage")
    steps = tuple(stride * storage.itemsize for stride in strides)
    return np.lib.stride_tricks.as_strided(storage[start:], shape, steps).copy()


class _Stream:
    """One pickle stream, as a value made of plain things."""

    def __init__(self, stream: io.BytesIO) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}
        for code, argument, _ in pickletools.genops(stream):
            self._step(code.name, argument)

    def value(self) -> Any:
        """What is left at the end."""
        (only,) = self.stack
        return only

    def _marked(self) -> list[Any]:
        """Everything above the last mark, taken off."""
        at = len(self.stack) - 1 - self.stack[::-1].index(_MARK)
        items, self.stack[at:] = self.stack[at + 1 :], []
        return items

    def _step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in _PLAIN:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"):
            stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}[name]())
        elif name == "TUPLE":
            stack.append(tuple(self._marked()))
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memory[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memory[argument])
        elif name in ("SETITEM", "SETITEMS", "APPENDS"):
            self._fill(name)
        elif name == "BINPERSID":  # ("storage", kind, key, place, count, view)
            stack.append((_TYPES[stack[-1][1]], stack.pop()[2]))
        elif name == "REDUCE":
            arguments, called = stack.pop(), stack.pop()
            stack.append(_called(called, arguments))
        elif name == "BUILD":
            stack.pop()  # attributes of an ordered dict: versions of modules
        elif name not in ("PROTO", "STOP"):
            raise ValueError(f"it holds {name}")

    def _fill(self, name: str) -> None:
        items = self._marked() if name != "SETITEM" else [self.stack.pop() for _ in range(2)][::-1]
        if name == "APPENDS":
            self.stack[-1].extend(items)
        else:
            self.stack[-1].update(zip(items[::2], items[1::2], strict=True))


def _called(called: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """What the two known names stand for."""
    if called == _DICT and not arguments:
        return {}
    if called == _TENSOR:
        return dict(zip(("storage", "offset", "shape", "strides"), arguments[:4], strict=True))
    raise ValueError(f"it asks for {called!r}")
