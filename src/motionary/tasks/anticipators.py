"""Who anticipates: a released checkpoint, one of your own, or transitions counted in a set of timelines on the spot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Anticipator, Question
from motionary.actions.markov import Markov
from motionary.actions.readers import mstcn
from motionary.errors import CheckpointError, InputError
from motionary.tasks.coming import Samples, sampled_coming
from motionary.tasks.outlook import Outlook, outlook

ROLLOUTS = 400  # drawn for probabilities; one is a step of 0.25 %
_ORDER = 2


@dataclass(frozen=True, eq=False)
class Model:
    """A method that is ready to answer, and what must be known to ask it.

    Attributes:
        name: for people.
        anticipator: answers questions in ``labels`` at ``fps`` frames a second.
        licence: of what it learned from.
        notes: what one should know about its answers.
    """

    name: str
    anticipator: Anticipator
    labels: tuple[str, ...]
    fps: float
    licence: str = ""
    notes: tuple[str, ...] = ()


def ask(model: Model, question: Question) -> Outlook:
    """One question, answered in seconds and words; futures are sampled once more where the method has any."""
    [answer] = model.anticipator([question])
    coming = None
    if isinstance(model.anticipator, Samples):
        futures, fps = model.anticipator.continuations([question]), question.observed.fps
        coming = sampled_coming(futures, fps, question.frames / fps, model.labels)
    return outlook(answer, question.observed, model.labels, model.name, model.notes, coming)


def load(name: str | Path) -> Model:
    """A method by where it comes from.

    Args:
        name: an action set as JSON (see ``ActionSet.save``) or a folder in the MS-TCN layout, on which transitions and
            durations are counted on the spot.

    Raises:
        CheckpointError: nothing of that name.
        InputError: a set without timelines, or with several rates.
    """
    path = Path(name)
    if path.suffix.lower() == ".json" and path.is_file():
        return fitted(ActionSet.load(path))
    if (path / "mapping.txt").is_file():
        return fitted(mstcn.read(path))
    raise CheckpointError(
        f"{name} is no model that anticipates; give an action set as .json or a folder in the MS-TCN layout, "
        "on which transitions are counted on the spot"
    )


def fitted(actions: ActionSet, names: Iterable[str] | None = None) -> Model:
    """Transitions of order 2 and durations, counted in a set; takes well under a second for 1,700 videos.

    Args:
        actions: the set.
        names: of the videos to learn from; by default all.
    """
    timelines = actions.of(actions.timelines if names is None else names)
    rates = Counter(one.fps for one in timelines if len(one))
    if not rates:
        raise InputError(f"{actions.name}: no timelines to learn from")
    if len(rates) > 1:
        told = ", ".join(f"{rate:g}" for rate in sorted(rates))
        raise InputError(f"{actions.name}: timelines at {told} frames a second; bring them to one rate first")
    method = Markov([one for one in timelines if len(one)], len(actions.labels), _ORDER, ROLLOUTS)
    note = (
        f"no trained network: transitions and durations counted on the spot in {len(timelines)} videos of "
        f"{actions.name}"
    )
    return Model(
        f"Markov-{_ORDER} of {actions.name}", method, actions.labels, next(iter(rates)), actions.licence, (note,)
    )
