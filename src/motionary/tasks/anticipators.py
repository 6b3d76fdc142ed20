"""Who anticipates: a checkpoint, released or your own, or a method that learns from a set of timelines on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Anticipator, Forecast, Question
from motionary.actions.markov import Markov
from motionary.actions.readers import mstcn
from motionary.actions.rollout import SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, InputError
from motionary.tasks.coming import Samples, sampled_coming, sampled_course
from motionary.tasks.outlook import Outlook, outlook

ACTIVITIES = "activities"
ROLLOUTS = 400  # drawn for probabilities; one is a step of 0.25 %
_ORDER = 2
_DATA = Path(str(resources.files("motionary"))) / "data"


@dataclass(frozen=True, eq=False)
class Model:
    """A method that is ready to answer, and what must be known to ask it.

    Attributes:
        name: for people.
        anticipator: answers questions in ``labels`` at ``fps`` frames a second.
        licence: of what it learned from.
        notes: what one should know about its answers.
        features: numbers a row that it reads of a video beside the labels; 0 where it reads none.
        rate: rows a second of these.
    """

    name: str
    anticipator: Anticipator
    labels: tuple[str, ...]
    fps: float
    licence: str = ""
    notes: tuple[str, ...] = ()
    features: int = 0
    rate: float = 5.0


def ask(model: Model, question: Question, notes: Sequence[str] = ()) -> Outlook:
    """One question, answered in seconds and words; of a method that samples futures these are drawn once."""
    if not isinstance(model.anticipator, Samples):
        [answer] = model.anticipator([question])
        return outlook(answer, question.observed, model.labels, model.name, (*model.notes, *notes))
    futures, fps = model.anticipator.continuations([question]), question.observed.fps
    [shares] = futures.shares(np.array([float(question.frames)]), len(model.labels))
    answer = Forecast(sampled_course(futures, question.frames, len(model.labels)), shares)
    coming = sampled_coming(futures, fps, question.frames / fps, model.labels)
    return outlook(answer, question.observed, model.labels, model.name, (*model.notes, *notes), coming)


def load(name: str | Path, method: str = "markov") -> Model:
    """A method by where it comes from.

    Args:
        name: a released checkpoint ("breakfast" or "anticipate-breakfast") or the folder of one; an action set as JSON
            (see ``ActionSet.save``) or a folder in the MS-TCN layout, from which a method learns on the spot; or
            "activities": basic activities of bodies, learned from what ships with the package.
        method: that learns on the spot, one of ``METHODS``.

    Raises:
        CheckpointError: nothing of that name, or a checkpoint that is broken or of another kind.
        InputError: no such method, or a set without timelines or with several rates.
    """
    from motionary.tasks import trained

    if str(name) == ACTIVITIES:
        return fitted(ActionSet.load(_DATA / "motion-timelines.json"), method=method)
    path = Path(name)
    if path.suffix.lower() == ".json" and path.is_file():
        return fitted(ActionSet.load(path), method=method)
    if (path / "mapping.txt").is_file():
        return fitted(mstcn.read(path), method=method)
    folder = path if path.is_dir() else trained.released().get(str(name).removeprefix(trained.PREFIX))
    if folder is None:
        raise CheckpointError(
            f"{name} is no model that anticipates; give one of {', '.join([*trained.released(), ACTIVITIES])}, a "
            "checkpoint folder, or an action set (.json, or a folder in the MS-TCN layout) to learn from on the spot"
        )
    about = trained.about(folder)
    answers = trained.opened(folder, about)
    return Model(folder.name, answers, about.labels, about.fps, about.licence, (), about.features, about.rate)


def _ours(timelines: Sequence[Timeline], labels: int) -> Anticipator:
    from motionary.learning.anticipation.ours import learn

    return learn("ours", timelines, labels)


#: What can learn on the spot: name -> from timelines and the number of labels. The first is fast, the last the best.
METHODS: dict[str, Callable[[Sequence[Timeline], int], Anticipator]] = {
    "markov": lambda timelines, labels: Markov(timelines, labels, _ORDER, ROLLOUTS),
    "semi-markov": SemiMarkov.learn,
    "ours": _ours,
}


def fitted(actions: ActionSet, names: Iterable[str] | None = None, method: str = "markov") -> Model:
    """A method that learns from a set on the spot: "markov" in well under a second, others in some.

    Args:
        actions: the set.
        names: of the videos to learn from; by default all.
        method: one of ``METHODS``; "markov" counts what follows the last two actions, "semi-markov" looks at all,
            "ours" is a blend with a small network, chosen on people left out in turn.

    Raises:
        InputError: no such method, or a set without timelines or with several rates.
    """
    if method not in METHODS:
        raise InputError(f"no method {method!r}; methods are {', '.join(METHODS)}")
    timelines = [one for one in actions.of(actions.timelines if names is None else names) if len(one)]
    rates = sorted({one.fps for one in timelines})
    if not rates:
        raise InputError(f"{actions.name}: no timelines to learn from")
    if len(rates) > 1:
        told = ", ".join(f"{rate:g}" for rate in rates)
        raise InputError(f"{actions.name}: timelines at {told} frames a second; bring them to one rate first")
    note = f"no trained network: learned on the spot from {len(timelines)} videos of {actions.name}"
    learned = METHODS[method](timelines, len(actions.labels))
    return Model(f"{method} of {actions.name}", learned, actions.labels, rates[0], actions.licence, (note,))
