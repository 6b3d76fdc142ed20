"""One vocabulary for words, speech and the body: blocks of ids, one after the other. Nothing is ever told by strings.

A block holds ``size`` codes and then its marks, such as the start, the end and the mask of a body part:

    text 0..1499 | upper 1500..1755, start 1756, end 1757, mask 1758 | lower 1759..

``spans`` makes sequences of them, ``constraint`` says which id may come next.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import CheckpointError, InputError

Ids = NDArray[np.int64]

#: Marks of a block whose spans are delimited, with a mask for codes that are hidden (The Language of Motion, 3.1).
SPAN_MARKS = ("start", "end", "mask")
#: Most ids of a vocabulary; a manifest that asks for more is refused before anything is made.
LIMIT = 2**22

_NAME = re.compile(r"[a-z][a-z0-9_.]{0,39}")


@dataclass(frozen=True)
class Block:
    """Ids that belong together.

    Attributes:
        name: lower-case letters, digits, "_" and ".".
        size: codes, 0 to size - 1.
        marks: names of the ids after the codes; with "start" and "end" its spans are delimited.
        version: of what gives the codes their meaning (hash of a tokenizer, of a list of word pieces), or "".
    """

    name: str
    size: int
    marks: tuple[str, ...] = ()
    version: str = ""

    def __post_init__(self) -> None:
        for name in (self.name, *self.marks):
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise InputError(f"{str(name)[:40]!r} cannot name a block or a mark; allowed are a-z, 0-9, _ and .")
        if type(self.size) is not int or not 0 <= self.size <= LIMIT or not len(self):
            raise InputError(f"block {self.name!r} must have 0 to {LIMIT} codes and at least one id; got {self.size}")
        if len(set(self.marks)) < len(self.marks) or ("start" in self.marks) != ("end" in self.marks):
            raise InputError(f"block {self.name!r}: marks must differ, and start and end go together: {self.marks}")

    def __len__(self) -> int:
        return self.size + len(self.marks)

    @property
    def delimited(self) -> bool:
        """Whether its spans stand between a start and an end."""
        return "start" in self.marks


class Vocabulary:
    """Blocks, one after the other in the order given, from id 0 on."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = tuple(blocks)
        self._index = {block.name: index for index, block in enumerate(self.blocks)}
        if not self.blocks or len(self._index) < len(self.blocks):
            raise InputError("a vocabulary needs at least one block, and all names must differ")
        self._offsets = np.cumsum([0, *(len(block) for block in self.blocks)])
        if len(self) > LIMIT:
            raise InputError(f"a vocabulary has at most {LIMIT} ids; these blocks have {len(self)}")

    def __len__(self) -> int:
        return int(self._offsets[-1])

    def block(self, name: str) -> Block:
        """A block by name. Raises InputError where there is none."""
        return self.blocks[self._place(name)]

    def offset(self, name: str) -> int:
        """The first id of a block."""
        return int(self._offsets[self._place(name)])

    def mark(self, name: str, mark: str) -> int:
        """The id of a block's mark."""
        block = self.block(name)
        if mark not in block.marks:
            raise InputError(f"block {name!r} has no mark {mark!r}; it has {', '.join(block.marks) or 'none'}")
        return self.offset(name) + block.size + block.marks.index(mark)

    def ids(self, name: str, codes: ArrayLike) -> Ids:
        """Codes of a block as ids of the same shape. Raises InputError for codes that the block does not have."""
        return _within(codes, self.block(name).size, f"codes of block {name!r}") + self.offset(name)

    def codes(self, name: str, ids: ArrayLike) -> Ids:
        """Ids as codes of a block, of the same shape. Raises InputError for marks and for ids of other blocks."""
        shifted = _whole(ids, f"ids of block {name!r}") - self.offset(name)
        return _within(shifted, self.block(name).size, f"ids of block {name!r}, less its offset {self.offset(name)},")

    def block_of(self, id: int) -> str:
        """The name of the block that an id belongs to, as code or mark."""
        if not 0 <= id < len(self):
            raise InputError(f"no id {id}; ids are 0 to {len(self) - 1}")
        return self.blocks[int(np.searchsorted(self._offsets, id, side="right")) - 1].name

    def _place(self, name: str) -> int:
        if name not in self._index:
            raise InputError(f"no block {name!r} in the vocabulary; blocks are {', '.join(self._index)}")
        return self._index[name]

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that change with any block's name, place, size, marks or version."""
        rows = [asdict(block) for block in self.blocks]
        return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]

    def to_manifest(self) -> dict[str, Any]:
        """What a checkpoint keeps: JSON values, with the offsets for people and other programs."""
        rows = [
            {**asdict(block), "marks": list(block.marks), "offset": self.offset(block.name)} for block in self.blocks
        ]
        return {"blocks": rows, "size": len(self), "hash": self.hash}

    @classmethod
    def from_manifest(cls, manifest: Any, place: str = "vocabulary") -> Vocabulary:
        """The vocabulary of a manifest.

        Args:
            manifest: what ``to_manifest`` gave, read from JSON.
            place: what errors name: the file and key.

        Raises:
            CheckpointError: it is none, or its hash is not that of its blocks.
        """
        rows = manifest.get("blocks") if isinstance(manifest, Mapping) else None
        if not isinstance(rows, list):
            raise CheckpointError(f"{place}: must be an object with blocks, size and hash")
        try:
            found = cls(_block(row) for row in rows)
        except (InputError, TypeError) as error:
            raise CheckpointError(f"{place}: blocks: {error}") from None
        if manifest != found.to_manifest():
            raise CheckpointError(
                f"{place}: offsets, size or hash {manifest.get('hash')!r} are not those of its blocks ({found.hash}); "
                "it was changed after it was written"
            )
        return found

    def require(self, manifest: Any, place: str = "vocabulary") -> None:
        """Refuse a manifest of another vocabulary. Raises CheckpointError that names the first block that differs."""
        other = self.from_manifest(manifest, place)
        for index in range(max(len(self.blocks), len(other.blocks))):
            here, there = (v.blocks[index] if index < len(v.blocks) else None for v in (self, other))
            if here != there:
                raise CheckpointError(
                    f"{place}: block {index + 1} differs: the checkpoint has {_told(there)}, needed is {_told(here)}; "
                    "use the tokenizers that the checkpoint was trained with, or train it anew"
                )


def _block(row: Any) -> Block:
    names = {field.name for field in fields(Block)}
    if not isinstance(row, Mapping) or set(row) != names | {"offset"}:
        raise InputError(f"each must be an object with {', '.join(sorted(names))} and offset")
    if not isinstance(row["marks"], list) or not isinstance(row["version"], str):
        raise InputError("marks must be a list, version a text")
    return Block(row["name"], row["size"], tuple(row["marks"]), row["version"])


def _told(block: Block | None) -> str:
    if block is None:
        return "none"
    version = f", version {block.version!r}" if block.version else ""
    return f"{block.name!r} ({block.size} codes, marks {', '.join(block.marks) or 'none'}{version})"


def _whole(values: ArrayLike, what: str) -> Ids:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise InputError(f"{what} must be whole numbers; got {array.dtype}")
    return array.astype(np.int64)


def _within(values: ArrayLike, size: int, what: str) -> Ids:
    array = _whole(values, what)
    if array.size and not (array.min() >= 0 and array.max() < size):
        raise InputError(f"{what} must be 0 to {size - 1}; got {array.min()} to {array.max()}")
    return array
