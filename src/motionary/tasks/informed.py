"""What a generator knows about the actions of a prompt, and what it says about that knowledge afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from motionary.errors import MotionaryError
from motionary.models import TextToMotion
from motionary.tasks.halves import Halves, halves
from motionary.text.encoder import Mask, States, TokenEncoder, padded
from motionary.text.knowledge.entries import Knowledge
from motionary.text.knowledge.reader import Reader


@dataclass(frozen=True)
class Informer:
    """Brings knowledge to a network's token states.

    Attributes:
        model: the network.
        reader: of definitions in the encoding that the network was trained with; None where there is no knowledge.
        note: why there is none.
    """

    model: TextToMotion
    reader: Reader | None
    note: str = ""

    @classmethod
    def open(cls, model: TextToMotion, encoder: TokenEncoder, definitions: Path | None = None) -> Informer:
        """With the definitions that ship and the user's own. Where these cannot be read, generation does without."""
        reading = model.config.knowledge
        if reading == "none":
            return cls(model, None, "this checkpoint was trained without knowledge")
        try:
            return cls(model, Reader(Knowledge.load(definitions), encoder, reading))
        except (MotionaryError, OSError) as error:
            return cls(model, None, f"generated without knowledge: {error}")

    def off(self) -> Informer:
        """The same network, told nothing."""
        return Informer(self.model, None, "knowledge was switched off")

    def states(self, texts: Sequence[str], states: States, mask: Mask) -> tuple[torch.Tensor, torch.Tensor]:
        """Informed token states of sentences and their mask, from plain ones [n, tokens, width] and [n, tokens]."""
        plain = torch.from_numpy(states), torch.from_numpy(mask)
        if self.model.config.knowledge == "none":
            return plain
        rows = [self.reader(text) for text in texts] if self.reader else []
        if not any(map(len, rows)):
            width = self.model.config.knowledge_width
            return self.model.inform(*plain, torch.zeros(len(texts), 0, width), plain[1][:, :0])
        known, known_mask = padded(rows)
        return self.model.inform(*plain, torch.from_numpy(known), torch.from_numpy(known_mask))

    def halves(self, text: str) -> Halves | None:
        """What legs and arms do, where a sentence says different things of them and the network can be told so."""
        return halves(text, self.reader.knowledge) if self.reader and hasattr(self.model.config, "parts") else None

    def told(self, texts: Sequence[str]) -> dict[str, Any]:
        """For the metadata of a motion: which definitions were used, which parts were told apart, or why none was."""
        if self.reader is None:
            return {"used": False, "actions": [], "parts": [], "note": self.note}
        actions = list(dict.fromkeys(name for text in texts for name in self.reader.actions(text)))
        parts = [{"lower": one.lower, "upper": one.upper} for text in texts if (one := self.halves(text))]
        note = "" if actions else "no action of the prompt is in the knowledge base; see `motionary knowledge add`"
        return {"used": bool(actions), "actions": actions, "parts": parts, "note": note}
