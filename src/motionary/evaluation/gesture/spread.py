"""Diversity (L1): how far joints get from their mean place.

``compat`` is the published figure: over all files and frames the sum over coordinates of |x - mean over the file|,
divided by the frames; metres, added up over all joints. It depends on how many joints there are, on which way the body
faces (a sum of |x| and |z| is 41 % larger on the diagonal) and counts a body that turns round as diverse. ``strict`` is
the mean distance of a joint to its mean place over the file, metres, each frame in its own heading: give it
``tracks(motion, turned=False)``. Neither says that motions differ from each other, only that they are wide.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.evaluation.gesture import Mode, require_mode
from motionary.evaluation.gesture.tracks import require_tracks
from motionary.evaluation.statistics import Interval, mean_interval


def l1_diversity(
    positions: Sequence[ArrayLike],
    mode: Mode = "strict",
    groups: Sequence[Hashable] | None = None,
    seed: int = 0,
) -> Interval:
    """Diversity of files, every frame weighing the same, with its interval over files.

    Args:
        positions: [frames, joints, 3] of each file about the root, metres; see the module for the heading.
        mode: see the module.
        groups: files that are not independent.
        seed: of the bootstrap.
    """
    require_mode(mode)
    if not positions:
        raise InputError("diversity needs one file or more")
    files = [require_tracks(one) for one in positions]
    away = [one - one.mean(axis=0) for one in files]
    if mode == "compat":
        values = [np.abs(one).sum(axis=(1, 2)).mean() for one in away]
    else:
        values = [np.linalg.norm(one, axis=2).mean() for one in away]
    return mean_interval(values, weights=[len(one) for one in files], groups=groups, seed=seed)
