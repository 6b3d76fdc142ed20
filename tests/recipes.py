"""People who follow made-up recipes, for tests of procedures."""

import numpy as np

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.readers.graphs import TaskGraph
from motionary.actions.timeline import Timeline

#: A chain; two strands that meet; a step that is done twice.
GRAPHS = {
    "Tea": TaskGraph(("boil water", "warm pot", "add tea", "pour water", "drink"), ((0, 1), (1, 2), (2, 3), (3, 4))),
    "Salad": TaskGraph(
        ("wash leaves", "tear leaves", "mix oil", "add salt", "toss", "serve"),
        ((0, 1), (2, 3), (1, 4), (3, 4), (4, 5)),
    ),
    "Rice": TaskGraph(("stir", "add rice", "stir", "eat"), ((0, 1), (1, 2), (2, 3))),
}
LABELS = tuple(sorted({step for graph in GRAPHS.values() for step in graph.steps}))


def recordings(count: int = 12, skipped: float = 0.0, seed: int = 0) -> ActionSet:
    """Everyone does all recipes, in any order that is allowed, and skips a step now and then; 10 s a step or so.

    Split "people" tests the last third.
    """
    rng = np.random.default_rng(seed)
    timelines = {}
    for person in range(count):
        for name, graph in GRAPHS.items():
            done: list[str] = []
            while ready := graph.ready(done):
                done.append(str(rng.choice(ready)))
            kept = [step for number, step in enumerate(done) if number == 0 or rng.random() >= skipped]
            classes = np.array([LABELS.index(step) for step in kept])
            lengths = np.round(100 * np.exp(rng.normal(0, 0.1, len(kept)))).astype(int)
            video = f"{name}-{person}"
            timelines[video] = Timeline(video, classes, lengths, 10.0, video, f"p{person}", name).merged()
    train, test = [], []
    for name, one in timelines.items():
        (train if int(one.person[1:]) < 2 * count // 3 else test).append(name)
    return ActionSet("recipes", LABELS, timelines, {"people": Split(tuple(train), tuple(test))}, "made up")
