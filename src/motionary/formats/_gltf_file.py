"""A glTF file as JSON and bytes, from a .glb or a .gltf, checked before anything is believed.

Every number that says how much there is gets compared with the bytes that are present before memory is set aside. A
.gltf may hold its buffers as data URIs or name files in its own folder or below; nothing else is ever opened.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError
from motionary.formats._files import FILE_LIMIT, read_bytes
from motionary.motion.rotations import Array

#: The most pieces (objects, lists, entries) that the JSON part may have; they take up to 250 MB.
MOST_PIECES = 2_000_000
_TYPES = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_PACKED = ("EXT_meshopt_compression", "KHR_meshopt_compression")


class Document:
    """One glTF file.

    Attributes:
        path: the file.
        json: its JSON part.
        chunk: the BIN chunk of a .glb, None without one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        data = read_bytes(path)
        self.chunk: bytes | None = None
        if data[:4] == b"glTF" or path.suffix.lower() == ".glb":
            text, self.chunk = self._chunks(data)
        else:
            text = data
        self.json = self._parse(text)
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._buffers: dict[int, bytes] = {}
        self._loaded = 0
        asset = self.json.get("asset")
        version = asset.get("version") if isinstance(asset, dict) else None
        if not isinstance(version, str) or not version.startswith("2."):
            said = version if isinstance(version, (str, int, float)) else "none"
            self.fail(f"glTF version {str(said)[:20]}; motionary reads 2.0", "asset.version", "export it as glTF 2.0")

    def fail(self, reason: str, where: str, hint: str = "") -> NoReturn:
        """Raise FormatError for this file."""
        raise FormatError(reason, path=self.path, where=where, hint=hint)

    def _chunks(self, data: bytes) -> tuple[bytes, bytes | None]:
        """The JSON and BIN chunks of a .glb."""
        if data[:4] != b"glTF":
            self.fail("this is no GLB file: it must start with 'glTF'", "byte 0", "a text file must end in .gltf")
        if len(data) < 20:
            self.fail(f"the file ends after {len(data)} bytes, inside the header", f"byte {len(data)}")
        version, length = struct.unpack_from("<II", data, 4)
        if version != 2:
            self.fail(f"GLB version {version}; motionary reads version 2", "byte 4", "export it as glTF 2.0")
        if length != len(data):
            self.fail(f"the header says {length} bytes and the file has {len(data)}; it is cut or damaged", "byte 8")
        found: list[tuple[bytes, bytes]] = []
        at = 12
        while at < length and len(found) < 2:
            if at + 8 > length:
                self.fail("the file ends inside a chunk's header", f"byte {at}")
            size, kind = struct.unpack_from("<I4s", data, at)
            if size > length - at - 8:
                self.fail(f"a chunk of {size} bytes where {length - at - 8} are left", f"byte {at}")
            found.append((kind, data[at + 8 : at + 8 + size]))
            at += 8 + size
        if found[0][0] != b"JSON":
            self.fail(f"the first chunk must be JSON, not {found[0][0]!r}", "byte 16")
        has_bin = len(found) > 1 and found[1][0] == b"BIN\0"
        return found[0][1], found[1][1] if has_bin else None

    def _parse(self, data: bytes) -> dict[str, Any]:
        pieces = sum(data.count(mark) for mark in (b"{", b"[", b","))
        if pieces > MOST_PIECES:
            self.fail(f"the JSON part has {pieces} pieces; at most {MOST_PIECES} are read", "JSON")
        try:
            found = json.loads(data.decode("utf-8-sig"), parse_constant=self._no_constant)
        except UnicodeDecodeError as error:
            self.fail("the JSON part is not UTF-8 text", f"JSON byte {error.start}")
        except json.JSONDecodeError as error:
            self.fail(f"the JSON part is broken: {error.msg}", f"JSON line {error.lineno}, column {error.colno}")
        except RecursionError:
            self.fail("the JSON part is nested too deep", "JSON")
        except ValueError:  # a number of thousands of digits
            self.fail("the JSON part holds a number that is too long", "JSON")
        if not isinstance(found, dict):
            self.fail("the JSON part must be an object", "JSON")
        return found

    def _no_constant(self, name: str) -> NoReturn:
        self.fail(f"{name} is not a number that JSON allows", "JSON")

    def items(self, key: str) -> list[dict[str, Any]]:
        """One of the file's own lists of objects, empty where it is absent."""
        if key not in self._lists:
            self._lists[key] = self.objects(self.json, key, "")
        return self._lists[key]

    def objects(self, holder: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
        """A list of objects inside another object, empty where it is absent."""
        value = holder.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.fail("must be a list of objects", f"{where}.{key}" if where else key)
        return value

    def integer(
        self, holder: Mapping[str, Any], key: str, where: str, below: int | None = None, default: int | None = None
    ) -> int:
        """A whole number from 0, less than ``below`` where that is given."""
        value = holder.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.fail(f"must be a whole number from 0, not {short(value)}", f"{where}.{key}")
        if below is not None and value >= below:
            self.fail(f"{short(value)} does not exist; there are {below}", f"{where}.{key}")
        return value

    def indices(self, holder: Mapping[str, Any], key: str, where: str, below: int) -> list[int]:
        """A list of different whole numbers less than ``below``, empty where it is absent."""
        value = holder.get(key, [])
        if not isinstance(value, list):
            self.fail("must be a list of whole numbers", f"{where}.{key}")
        found = [self.integer({key: entry}, key, where, below) for entry in value]
        if len(set(found)) != len(found):
            self.fail("names the same entry twice", f"{where}.{key}")
        return found

    def numbers(self, holder: Mapping[str, Any], key: str, where: str, size: int) -> Array:
        """A list of ``size`` finite numbers, each at most 1e6 in size."""
        value = holder.get(key)
        if not isinstance(value, list) or len(value) != size or not all(_is_number(entry) for entry in value):
            self.fail(f"must be {size} finite numbers of at most 1e6", f"{where}.{key}")
        return np.array(value, dtype=np.float64)

    def accessor(self, index: int, kind: str) -> NDArray[Any]:
        """The values [count, components] of one accessor of a type, as float64; normalised integers as their value.

        The caller has checked that the index exists.
        """
        where = f"accessors[{index}]"
        entry = self.items("accessors")[index]
        if entry.get("type") != kind:
            self.fail(f"is a {short(entry.get('type'))} where {kind} is needed", f"{where}.type")
        if "sparse" in entry:
            self.fail("sparse accessors are not read", where, "export without sparse data")
        if "bufferView" not in entry:
            self.fail("has no bufferView", where)
        component = self.integer(entry, "componentType", where)
        normalized = entry.get("normalized", False) is True
        if component not in _COMPONENTS or (component != 5126 and (not normalized or component == 5125)):
            self.fail(f"component type {short(component)} where numbers are needed", f"{where}.componentType")
        raw = self._raw(entry, np.dtype(_COMPONENTS[component]), _TYPES[kind], where)
        values = raw.astype(np.float64)
        if component != 5126:
            values = np.maximum(values / np.iinfo(raw.dtype).max, -1.0)
        if not np.isfinite(values).all():
            row = int(np.argmax(~np.isfinite(values).all(axis=1)))
            self.fail(f"element {row} is not a finite number", where)
        return values

    def _raw(self, entry: Mapping[str, Any], dtype: np.dtype[Any], width: int, where: str) -> NDArray[Any]:
        count = self.integer(entry, "count", where)
        views = self.items("bufferViews")
        number = self.integer(entry, "bufferView", where, len(views))
        view, place = views[number], f"bufferViews[{number}]"
        extensions = view.get("extensions")
        if isinstance(extensions, dict) and any(name in extensions for name in _PACKED):
            self.fail("is compressed with meshopt, which is not read", place, "export without compression")
        start = self.integer(view, "byteOffset", place, default=0)
        length = self.integer(view, "byteLength", place)
        buffer = self.buffer(self.integer(view, "buffer", place, len(self.items("buffers"))))
        if start + length > len(buffer):
            self.fail(f"{short(length)} bytes from byte {short(start)} in a buffer of {len(buffer)}", place)
        offset = self.integer(entry, "byteOffset", where, default=0)
        element = dtype.itemsize * width
        stride = self.integer(view, "byteStride", place, default=element)
        if not element <= stride <= max(element, 252):
            self.fail(f"a stride of {short(stride)} for elements of {element} bytes", f"{place}.byteStride")
        if count == 0:
            self.fail("is empty", where)
        if offset + stride * (count - 1) + element > length:
            self.fail(f"{short(count)} elements from byte {short(offset)} do not fit into {length} bytes", where)
        return np.ndarray((count, width), dtype, buffer, start + offset, (stride, dtype.itemsize))

    def buffer(self, index: int) -> bytes:
        """A buffer's bytes, loaded when first asked for. The caller has checked that the index exists."""
        if index in self._buffers:
            return self._buffers[index]
        where = f"buffers[{index}]"
        entry = self.items("buffers")[index]
        length = self.integer(entry, "byteLength", where)
        uri = entry.get("uri")
        if uri is None:
            if index > 0 or self.chunk is None:
                self.fail("has neither a uri nor a BIN chunk", where)
            data = self.chunk
        elif not isinstance(uri, str):
            self.fail("must be text", f"{where}.uri")
        else:
            data = self._embedded(uri, where) if uri.startswith("data:") else self._beside(uri, where)
        if length > len(data):
            self.fail(f"{short(length)} bytes promised and {len(data)} present", f"{where}.byteLength")
        self._loaded += len(data)
        if self._loaded > 2 * FILE_LIMIT:
            self.fail(f"the buffers hold more than {2 * FILE_LIMIT // 2**20} MB together", where)
        self._buffers[index] = data[:length] if length < len(data) else data
        return self._buffers[index]

    def _embedded(self, uri: str, where: str) -> bytes:
        head, comma, body = uri.partition(",")
        if not comma or not head.endswith(";base64"):
            self.fail("a data URI must be base64", f"{where}.uri")
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            self.fail("the base64 data is broken", f"{where}.uri")

    def _beside(self, uri: str, where: str) -> bytes:
        """A file named by a relative path inside the folder of the .gltf."""
        name = unquote(uri)
        parts = PurePosixPath(name).parts
        odd = any(mark in name for mark in (":", "\\", "\0")) or name.startswith("/") or ".." in parts or not parts
        inside = self.path.parent.resolve()
        target = inside / name if not odd else inside
        if odd or inside not in target.resolve().parents:
            hint = "put the .bin beside the .gltf, or export one .glb"
            self.fail(f"{short(uri)} is not a file inside the .gltf's folder; only such files are read", where, hint)
        try:
            return read_bytes(target)
        except FormatError:
            raise
        except (InputError, OSError):
            self.fail(f"the file {short(name)} is missing", f"{where}.uri", "keep the .bin beside the .gltf")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and abs(value) <= 1e6 if isinstance(value, float) else abs(value) <= 10**6


def short(value: Any) -> str:
    """A value from a file for an error message: one line of at most 60 characters."""
    text = repr(value) if isinstance(value, (str, float)) else type(value).__name__
    if isinstance(value, int) and not isinstance(value, bool):
        text = str(value) if abs(value) < 10**30 else "a huge number"
    return text if len(text) <= 60 else text[:57] + "..."
