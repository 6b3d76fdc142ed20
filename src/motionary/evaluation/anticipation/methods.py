"""Methods that can be measured, by short name. A new one is a line in ``METHODS``.

What needs torch is imported only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from motionary.actions.dataset import ActionSet
from motionary.actions.floors import Majority, Nearest, Oracle, RepeatLast
from motionary.actions.forecast import Anticipator
from motionary.actions.markov import Markov
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.evaluation.anticipation.protocol import Evidence

Scores = Mapping[str, Evidence]
Build = Callable[[ActionSet, str, int, Scores | None], Anticipator]


@dataclass(frozen=True)
class Method:
    """A row of the tables.

    Attributes:
        title: in the tables.
        build: called with the data, the name of a split, a seed and scores of videos (None where labels are observed);
            learns from the training videos of that split.
        trained: learning draws by chance, so it is run with several seeds, and takes long, so its runs are kept.
        ceiling: it is told the truth, and takes no part in the search for the best.
        of: short name of the method that it is a variant of, with which it stands in a table of its own.
    """

    title: str
    build: Build
    trained: bool = False
    ceiling: bool = False
    of: str = ""


def _train(data: ActionSet, split: str) -> tuple[Sequence[Timeline], int]:
    return data.of(data.split(split).train), len(data.labels)


def _baseline(name: str) -> Build:
    """A published baseline, trained in its preset ``cpu``."""

    def build(data: ActionSet, split: str, seed: int, scores: Scores | None) -> Anticipator:
        from motionary.learning.anticipation.baselines import learned

        return learned(name, scores=scores)(data, split, seed)

    return build


def _actionllm(variant: str) -> Build:
    """ActionLLM, trained in its preset ``cpu``."""

    def build(data: ActionSet, split: str, seed: int, scores: Scores | None) -> Anticipator:
        from motionary.learning.anticipation.actionllm import learned

        return learned(variant, scores=scores)(data, split, seed)

    return build


def _ours(kind: str) -> Build:
    """Simulation with a log-linear grammar, a network, or both."""

    def build(data: ActionSet, split: str, seed: int, scores: Scores | None) -> Anticipator:
        from motionary.learning.anticipation import ours

        return ours.build(kind, data, split, seed, scores)

    return build


#: Variants of ActionLLM: one thing taken away or done otherwise; all published defects; each of them alone.
_ABLATION = (
    "no-adapters", "no-text", "no-visual", "no-cross", "random-lm", "lora", "causal", "frozen",
    "published", "heads-random", "cross-batch", "cross_heads-32", "queries-identical", "queries-learned",
    "padding-ignored", "experts-idle", "routed", "durations-sum", "decoding-published", "tokens-frames", "scale-free",
)  # fmt: skip

METHODS: dict[str, Method] = {
    "majority": Method("majority class", lambda data, split, *_: Majority(*_train(data, split))),
    "repeat": Method("repeat last label", lambda *_: RepeatLast()),
    "nearest": Method("nearest neighbour", lambda data, split, *_: Nearest(*_train(data, split))),
    "markov-1": Method("Markov-1", lambda data, split, *_: Markov(*_train(data, split), order=1)),
    "markov-2": Method("Markov-2", lambda data, split, *_: Markov(*_train(data, split), order=2)),
    "rnn": Method("RNN (Abu Farha 2018)", _baseline("rnn"), trained=True),
    "cnn": Method("CNN (Abu Farha 2018)", _baseline("cnn"), trained=True),
    "futr": Method("FUTR", _baseline("futr"), trained=True),
    "actionllm": Method("ActionLLM", _actionllm("mended"), trained=True),
    **{
        f"actionllm-{one}": Method(f"ActionLLM, {one}", _actionllm(one), trained=True, of="actionllm")
        for one in _ABLATION
    },
    "semi-markov": Method("semi-Markov simulation (ours)", _ours("semi-markov"), trained=True),
    "segments": Method("segment network (ours)", _ours("segments"), trained=True),
    "ours": Method("both (ours)", _ours("ours"), trained=True),
    "oracle-8": Method("truth in 8 slots", lambda data, split, *_: _oracle(data, split, 8), ceiling=True),
    "oracle-20": Method("truth in 20 slots", lambda data, split, *_: _oracle(data, split, 20), ceiling=True),
}


def _oracle(data: ActionSet, split: str, slots: int) -> Oracle:
    return Oracle(data.of(data.split(split).test), slots)


def chosen(names: Sequence[str]) -> dict[str, Method]:
    """Methods by name in the order of ``METHODS``; none takes those that are not trained. Raises InputError."""
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise InputError(f"no method {unknown[0]!r}; methods are {', '.join(METHODS)}")
    return {key: one for key, one in METHODS.items() if (key in names if names else not one.trained)}
