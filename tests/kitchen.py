"""A kitchen whose rules are known, for tests of what comes next."""

import numpy as np

from motionary.actions.timeline import Timeline

CUP, COFFEE, MILK, DRINK = range(4)


def kitchen(count: int = 40, seed: int = 0) -> list[Timeline]:
    """A cup, then coffee and milk in either order, then drinking; 10, 20, 5 and 40 seconds, give or take."""
    rng = np.random.default_rng(seed)
    out = []
    for number in range(count):
        middle = [COFFEE, MILK] if rng.random() < 0.5 else [MILK, COFFEE]
        classes = np.array([CUP, *middle, DRINK])
        seconds = np.array([10.0, 20.0, 5.0, 40.0])[classes] * np.exp(rng.normal(0, 0.1, 4))
        out.append(Timeline(f"v{number}", classes, np.round(seconds * 10).astype(int), 10.0, person=f"p{number % 8}"))
    return out
