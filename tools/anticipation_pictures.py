"""Pictures of docs/anticipate.md: ``python tools/anticipation_pictures.py SALADS.json BREAKFAST.json``.

Every method learns from the training videos of split 1, and every picture shows a video of its test side. The videos
are named here, so that nobody picks the best ones anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from motionary.actions.dataset import ActionSet
from motionary.actions.floors import RepeatLast
from motionary.actions.forecast import BINS, Anticipator, Question
from motionary.actions.timeline import Timeline
from motionary.tasks.anticipate import anticipate
from motionary.tasks.anticipators import Model, fitted
from motionary.tasks.timeline_plots.confusion import confusion, confusion_picture
from motionary.tasks.timeline_plots.graph import transition_graph
from motionary.tasks.timeline_plots.heat import heat_map, outlook_picture
from motionary.tasks.timeline_plots.reliability import reliability, reliability_curve
from motionary.tasks.timeline_plots.strips import compare

OUT = Path(__file__).parents[1] / "docs" / "pictures" / "anticipation"
SHIPPED = Path(__file__).parents[1] / "src" / "motionary" / "data" / "motion-timelines.json"
SPLIT = "1"
VIDEOS = {"50salads": "rgb-02-2", "breakfast": "P04_cam01_P04_pancake"}
SEEN, AHEAD = 0.3, 0.5  # shares of a video


def methods(actions: ActionSet) -> dict[str, Model]:
    """Those that learn on the spot, by title."""
    train = actions.split(SPLIT).train
    return {
        "repeat last": Model("repeat last", RepeatLast(), actions.labels, 1.0),
        "Markov-2": fitted(actions, train),
        "semi-Markov": fitted(actions, train, "semi-markov"),
    }


def question(whole: Timeline) -> Question:
    """The first part of a video; its length is not told."""
    return Question(whole.cut(0, int(SEEN * len(whole))), int(AHEAD * len(whole)))


def compared(actions: ActionSet, models: dict[str, Model], title: str) -> None:
    whole = actions.timelines[VIDEOS[actions.name]]
    asked = question(whole)
    forecasts = {
        name: Timeline.of_frames(name, model.anticipator([asked])[0].frames, whole.fps)
        for name, model in models.items()
    }
    now = len(asked.observed)
    compare(
        whole.cut(0, now + asked.frames), forecasts, now, actions.labels, OUT / f"{actions.name}-compared.png", title
    )


class Answered(NamedTuple):
    """Every frame asked for, over the test videos: what was true, what was said, how surely."""

    truth: NDArray[np.int64]
    said: NDArray[np.int64]
    sure: NDArray[np.float32]


def answered(actions: ActionSet, anticipator: Anticipator) -> Answered:
    truths, answers, certainties = [], [], []
    for whole in actions.of(actions.split(SPLIT).test):
        asked = question(whole)
        [answer] = anticipator([asked])
        assert answer.shares is not None
        now = len(asked.observed)
        truth = whole.cut(now, now + asked.frames).frames()
        bins = ((np.arange(len(truth)) + 0.5) / asked.frames * BINS).astype(int)
        said = answer.shares.argmax(axis=1)[bins]
        truths.append(truth)
        answers.append(said)
        certainties.append(answer.shares[bins, said])
    return Answered(np.concatenate(truths), np.concatenate(answers), np.concatenate(certainties))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("salads", type=Path)
    parser.add_argument("breakfast", type=Path)
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    salads, breakfast = ActionSet.load(arguments.salads), ActionSet.load(arguments.breakfast)
    of_salads, of_breakfast = methods(salads), methods(breakfast)
    compared(salads, of_salads, "A salad: what is expected after 30 % of the video, and what happened")
    compared(breakfast, of_breakfast, "Pancakes: what is expected after 30 % of the video, and what happened")
    whole = salads.timelines[VIDEOS["50salads"]]
    now = int(0.35 * len(whole))
    best = of_salads["semi-Markov"]
    found = anticipate(whole.cut(0, now), 60.0, best)
    outlook_picture(found, OUT / "timeline.png")
    found = anticipate(whole.cut(0, now), 120.0, best)
    assert found.shares is not None
    rest = whole.cut(now, len(whole))
    heat_map(found.shares, salads.labels, 120.0, OUT / "map.png", rest, "Two minutes of a salad")
    told = {name: answered(salads, of_salads[name].anticipator) for name in ("Markov-2", "semi-Markov")}
    curves = {name: reliability(one.sure, one.truth == one.said) for name, one in told.items()}
    reliability_curve(curves, OUT / "reliability.png", "50Salads, split 1: frames of the next half")
    truth, said, _ = told["semi-Markov"]
    counts = confusion(truth, said, len(salads.labels))
    confusion_picture(counts, salads.labels, OUT / "confusion.png", "50Salads, split 1: the next half, semi-Markov")
    bodies = ActionSet.load(SHIPPED)
    moving = list(bodies.timelines.values())
    title = "Bodies in motion: what follows what"
    transition_graph(moving, bodies.labels, OUT / "activities-graph.png", title=title)
    everyone = list(salads.timelines.values())
    transition_graph(everyone, salads.labels, OUT / "50salads-graph.png", title="50Salads: what follows what")
    pancakes = [one for one in breakfast.timelines.values() if one.activity == "pancake"]
    transition_graph(pancakes, breakfast.labels, OUT / "pancake-graph.png", title="Pancakes: what follows what")


if __name__ == "__main__":
    main()
