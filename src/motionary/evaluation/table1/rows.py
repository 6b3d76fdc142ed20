"""The rows, one configuration each. A new row is one more entry of ``ROWS``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from motionary.learning.recipes import Recipe, recipe

#: Published figures of the columns of the paper's Table 1, single runs on KIT-ML: APE root, APE mean pose, AVE root,
#: AVE mean pose. Its "CLIP + Prompting" is called CLIP + Prompting + Attention in its text.
PUBLISHED = {
    "Baseline": (1.0387, 0.1002, 0.5571, 0.0061),
    "Prompting": (1.0531, 0.1012, 0.4677, 0.0059),
    "Prompting + Attention": (1.0271, 0.1007, 0.4597, 0.0057),
    "CLIP": (1.0581, 0.1037, 0.4782, 0.0058),
    "CLIP + Prompting": (1.0143, 0.1041, 0.4603, 0.0057),
    "JL2P": (1.1976, 0.1236, 0.6313, 0.0081),
    "Seq2Seq": (1.3689, 0.2403, 0.6238, 0.0121),
}


@dataclass(frozen=True)
class RowSpec:
    """A row of the table.

    Attributes:
        key: short name, of folders and options.
        title: in the table.
        group: "paper", "control" or "ours".
        model: of ``learning.recipes``.
        knowledge: of ``models.knowledge.WAYS``.
        against: keys of the rows it is compared with, pair by pair.
        clip: whether its text encoder is CLIP.
        weights: the released checkpoint that is measured; nothing is trained then, and seeds are those of the noise.
        of: key of the row whose runs it measures in another way; "" has runs of its own.
        told: whether the network is told definitions at test time.
        hidden: learns with measured sentences and with captions hidden at times (``recipes.Diet``).
    """

    key: str
    title: str
    group: str
    model: str = "temos"
    knowledge: str = "none"
    against: tuple[str, ...] = ("baseline",)
    clip: bool = False
    weights: str = ""
    of: str = ""
    told: bool = True
    hidden: bool = False

    def recipe(self, steps: int | None = None) -> Recipe:
        """How it is trained, at so many steps (by default those of the preset)."""
        made = recipe(self.model, "row")
        made = made.knowing(self.knowledge) if self.knowledge != "none" else made
        if self.hidden:
            made = replace(made, diet=replace(made.diet, measured=0.45, blind=0.4))
        return replace(made, loop=replace(made.loop, steps=steps or made.loop.steps))


ROWS: tuple[RowSpec, ...] = (
    RowSpec("baseline", "Baseline", "paper", against=()),
    RowSpec("prompting", "Prompting", "paper", knowledge="words"),
    RowSpec("attention", "Prompting + Attention", "paper", knowledge="sentence"),
    RowSpec("clip", "CLIP", "paper", clip=True),
    RowSpec("clip-prompting", "CLIP + Prompting", "paper", knowledge="words", clip=True),
    RowSpec("clip-attention", "CLIP + Prompting + Attention", "paper", knowledge="sentence", clip=True),
    RowSpec("jl2p", "JL2P", "paper", model="jl2p"),
    RowSpec("seq2seq", "Seq2Seq", "paper", model="seq2seq"),
    RowSpec("zero", "zero vector", "control", knowledge="zero"),
    RowSpec("random", "random vector an action", "control", knowledge="random"),
    RowSpec("shuffled", "shuffled definitions", "control", knowledge="shuffled"),
    RowSpec("label", "label only", "control", knowledge="label"),
    RowSpec("gloss", "dictionary gloss", "control", knowledge="gloss"),
    RowSpec("caption", "definition as caption", "control", knowledge="caption"),
    RowSpec("tokens", "definition tokens, gated", "ours", knowledge="tokens"),
    RowSpec("tokens-off", "definition tokens, off at test time", "ours", of="tokens", told=False, against=("tokens",)),
    RowSpec("hidden", "definition tokens, captions hidden at times", "ours", knowledge="tokens", hidden=True),
    RowSpec(
        "hidden-off", "captions hidden at times, off at test time", "ours", of="hidden", told=False, against=("hidden",)
    ),
    RowSpec("flow", "flow (released, plain)", "ours", "flow", weights="flow-plain"),
    RowSpec(
        "flow-knowledge", "flow + knowledge + parts (released)", "ours", "flow", "tokens", weights="flow",
        against=("flow", "baseline"),
    ),
    RowSpec(
        "flow-off", "flow + knowledge + parts, off at test time", "ours", "flow", "tokens", weights="flow", told=False,
        against=("flow-knowledge",),
    ),
)  # fmt: skip


def available(row: RowSpec, clip: str | None) -> bool:
    """Whether a row can be run: the CLIP rows need CLIP's weights."""
    if not row.clip:
        return True
    from motionary.text.clip import clip_available  # transformers is slow to import

    return clip is not None and clip_available(clip)
