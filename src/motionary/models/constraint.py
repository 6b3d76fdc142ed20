"""Answers under a grammar: at every step the ids that are allowed, so that the order of parts, the range of codes and
the exact length are right by construction.

Encoder-decoder or decoder only makes no difference: a walk begins where the answer begins.

    slots = [*part(v, "upper", 30), *part(v, "lower", 30), Fixed((stop,))]
    walk = Constraint(v, slots).walk()
    while not walk.done:
        walk.take(any of walk.allowed)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.models.grammar import Choice, Codes, Fixed, Layout, OneOf, Slot, Step, Until, part
from motionary.models.vocabulary import Ids, Vocabulary

__all__ = ["Codes", "Constraint", "Fixed", "OneOf", "Slot", "Until", "Walk", "masks", "part"]


class Constraint:
    """A grammar laid out for one vocabulary; any number of walks may go through it at once.

    Args:
        vocabulary: whose ids are meant.
        slots: in order.
        pad: the id that follows when everything is said, for batches of unequal length; None: nothing may follow.

    Raises:
        InputError: a slot that cannot be filled, naming its number.
    """

    def __init__(self, vocabulary: Vocabulary, slots: Sequence[Slot], pad: int | None = None) -> None:
        self.vocabulary = vocabulary
        self.pad = None if pad is None else Choice([pad], len(vocabulary))
        layout = Layout(vocabulary)
        self.slots: list[Slot] = []
        self._steps: list[list[Step]] = []
        self.longest = 0  #: most ids of a whole answer
        for number, slot in enumerate(slots, 1):
            try:
                steps = layout.steps(slot)
            except InputError as error:
                raise InputError(f"slot {number} ({slot!s:.80}): {error}") from None
            if steps:
                self.slots.append(slot)
                self._steps.append(steps)
                self.longest += max(map(len, slot.options)) if isinstance(slot, OneOf) else len(steps)
        if not self._steps:
            raise InputError("a grammar needs at least one slot that says something")

    def walk(self) -> Walk:
        """A new answer, of which nothing is said yet."""
        return Walk(self, self._steps)

    def accepts(self, ids: ArrayLike) -> bool:
        """Whether [n] ids are one whole answer."""
        walk = self.walk()
        for value in np.asarray(ids).ravel().tolist():
            if walk.done or value not in walk.allowed:
                return False
            walk.take(value)
        return walk.done

    def split(self, ids: ArrayLike) -> list[tuple[Slot, Ids]]:
        """A whole answer as its slots, each with its ids, texts without their end; empty slots are left out.

        Raises:
            InputError: the ids are no whole answer.
        """
        walk, values = self.walk(), np.asarray(ids).ravel()
        found: list[list[int]] = [[] for _ in self.slots]
        for value in values.tolist():
            if walk.done:
                break
            found[walk.slot].append(value)
            walk.take(value)
        if not walk.done or len(values) > sum(map(len, found)):
            raise InputError(f"{len(values)} ids are no whole answer of this grammar")
        rows = [row[:-1] if isinstance(slot, Until) else row for slot, row in zip(self.slots, found, strict=True)]
        return [(slot, np.array(row, dtype=np.int64)) for slot, row in zip(self.slots, rows, strict=True)]


class Walk:
    """One answer on its way through a grammar.

    Attributes:
        slot: number of the slot that is being filled; as many as there are slots when all is said.
    """

    __slots__ = ("_at", "_pad", "_steps", "slot")

    def __init__(self, constraint: Constraint, steps: list[list[Step]]) -> None:
        self._steps, self._pad = steps, constraint.pad
        self.slot = self._at = 0

    @property
    def done(self) -> bool:
        """Whether the answer is whole."""
        return self.slot == len(self._steps)

    @property
    def choice(self) -> Choice:
        """What is allowed now. Raises InputError when the answer is whole and the grammar has no pad."""
        if not self.done:
            return self._steps[self.slot][self._at][0]
        if self._pad is None:
            raise InputError("the answer is whole; nothing may follow, for the grammar has no pad")
        return self._pad

    @property
    def allowed(self) -> Ids:
        """The ids that are allowed now, sorted."""
        return self.choice.ids

    @property
    def mask(self) -> NDArray[np.bool_]:
        """[vocabulary] true for the ids that are allowed now."""
        return self.choice.mask

    def take(self, value: int) -> None:
        """Go on with an id. Raises InputError for one that is not allowed."""
        if not 0 <= value < len(self.mask) or not self.mask[value]:
            raise InputError(f"id {value} is not allowed here; {len(self.allowed)} others are")
        if self.done:
            return
        after = self._steps[self.slot][self._at][1]
        self._at = after if isinstance(after, int) else after[value]
        if not 0 <= self._at < len(self._steps[self.slot]):
            self.slot, self._at = self.slot + 1, 0


def masks(walks: Sequence[Walk]) -> NDArray[np.bool_]:
    """[batch, vocabulary] what is allowed in each of several answers."""
    return np.stack([walk.mask for walk in walks])
