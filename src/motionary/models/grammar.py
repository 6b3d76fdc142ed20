"""What a grammar is made of: slots, and their layout step by step, with the ids that each step allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.models.vocabulary import LIMIT, Ids, Vocabulary


@dataclass(frozen=True)
class Codes:
    """``length`` rounds; in each round one code of every block, in their order. One block is a plain run of codes."""

    blocks: tuple[str, ...]
    length: int


@dataclass(frozen=True)
class Until:
    """Codes of a block until the id ``end``, such as a text: ``least`` to ``most`` codes, none of ``without`` (ids)."""

    block: str
    end: int
    most: int
    least: int = 1
    without: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fixed:
    """These ids and no others: starts and ends, and codes that are kept."""

    ids: tuple[int, ...]


@dataclass(frozen=True)
class OneOf:
    """One of several answers, such as the names of the emotions; none may begin with the whole of another one."""

    options: tuple[tuple[int, ...], ...]


Slot = Codes | Until | Fixed | OneOf


def part(vocabulary: Vocabulary, name: str, length: int) -> list[Slot]:
    """The slots of one delimited span of ``length`` codes."""
    start, end = vocabulary.mark(name, "start"), vocabulary.mark(name, "end")
    return [Fixed((start,)), Codes((name,), length), Fixed((end,))]


class Choice:
    """Ids that are allowed at a step: sorted, all different. ``mask`` is the same, [vocabulary] of truth values."""

    def __init__(self, ids: Iterable[int], size: int) -> None:
        self.ids: Ids = np.array(sorted(set(ids)), dtype=np.int64)
        self._size = size
        if not len(self.ids) or self.ids[0] < 0 or self.ids[-1] >= size:
            raise InputError(f"a grammar must allow at least one id, and only ids 0 to {size - 1}")

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """[vocabulary] true where allowed; made once, not to be written into."""
        mask = np.zeros(self._size, dtype=bool)
        mask[self.ids] = True
        mask.flags.writeable = False
        return mask


#: One step of a slot that has been laid out: what is allowed, and for every id the number of the step that follows;
#: a plain number where it is the same for all. A number that is no step ends the slot.
Step = tuple[Choice, int | dict[int, int]]


class Layout:
    """Slots laid out for one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._choices: dict[tuple[int, ...] | Until | str, Choice] = {}

    def steps(self, slot: Slot) -> list[Step]:
        """A slot step by step; none for a slot that says nothing. Raises InputError for one that cannot be filled."""
        if isinstance(slot, Fixed):
            return [(self._choice((value,), [value]), at + 1) for at, value in enumerate(slot.ids)]
        if isinstance(slot, OneOf):
            if not all(slot.options):
                raise InputError("an option is empty; leave the slot out instead")
            return self._tree(slot.options)
        if isinstance(slot, Until):
            return self._until(slot)
        if not slot.blocks or not 0 <= slot.length * len(slot.blocks) <= LIMIT:
            raise InputError(f"needs blocks and a length of 0 or more, at most {LIMIT} codes in all")
        every = [self._choice(name, self._codes(name)) for name in slot.blocks]
        return [(every[at % len(every)], at + 1) for at in range(slot.length * len(every))]

    def _codes(self, name: str) -> range:
        first = self.vocabulary.offset(name)
        return range(first, first + self.vocabulary.block(name).size)

    def _choice(self, key: tuple[int, ...] | Until | str, ids: Iterable[int]) -> Choice:
        """Equal choices are one object: their masks are made once, and a long answer costs no memory."""
        if key not in self._choices:
            self._choices[key] = Choice(ids, len(self.vocabulary))
        return self._choices[key]

    def _until(self, slot: Until) -> list[Step]:
        if not 0 <= slot.least <= slot.most <= LIMIT:
            raise InputError(f"least and most must be 0 to {LIMIT}, in this order")
        codes = sorted(set(self._codes(slot.block)) - {*slot.without, slot.end})
        last: Step = (self._choice((slot.end,), [slot.end]), slot.most + 1)
        if not slot.most:
            return [last]
        either, only = self._choice(slot, [*codes, slot.end]), self._choice((*codes,), codes)
        # The end leads out of the slot from wherever it is said; every other id leads to the next step.
        return [
            (only, at + 1) if at < slot.least else (either, _Ending(at + 1, slot.end, slot.most + 1))
            for at in range(slot.most)
        ] + [last]

    def _tree(self, options: tuple[tuple[int, ...], ...]) -> list[Step]:
        """The options as a tree of their common beginnings, one step a node."""
        nodes: list[dict[int, int]] = [{}]
        ended = -1  # no step: the slot is filled
        for option in options:
            at = 0
            for place, value in enumerate(option):
                final = place + 1 == len(option)
                after = nodes[at].get(value)
                if after is None:
                    after = ended if final else len(nodes)
                    nodes[at][value] = after
                    nodes += [] if final else [{}]
                elif final or after == ended:
                    raise InputError("an option begins with the whole of another one; let all end with the same mark")
                at = after
        return [(self._choice((*sorted(node),), node), node) for node in nodes]


class _Ending(dict[int, int]):
    """Where to go after an id: out for ``end``, on for all others."""

    def __init__(self, on: int, end: int, out: int) -> None:
        super().__init__({end: out})
        self._on = on

    def __missing__(self, key: int) -> int:
        return self._on
