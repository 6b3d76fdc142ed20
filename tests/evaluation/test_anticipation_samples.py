"""Several futures: the mean, the best of each video, how much they differ."""

from __future__ import annotations

import numpy as np
import pytest
from anticipation_sets import LABELS, timeline

from motionary.actions.dataset import ActionSet, Split
from motionary.errors import InputError
from motionary.evaluation.anticipation.measures import moc
from motionary.evaluation.anticipation.protocol import items
from motionary.evaluation.anticipation.samples import measure

VIDEOS = {"a": timeline("a", (0, 100)), "b": timeline("b", (1, 100))}
ASKED = items(ActionSet("two", LABELS, VIDEOS, {"1": Split((), ("a", "b"))}), "1", 0.2)


def moc_of(right: np.ndarray) -> list[float]:
    """[betas] MoC of [betas, videos, classes] frames said rightly."""
    total = np.zeros((4, 2, 4))
    total[:, 0, 0] = total[:, 1, 1] = 10, 20, 30, 50
    return moc(right.sum(axis=1), total.sum(axis=1)).tolist()


def future(*runs: tuple[int, int]) -> np.ndarray:
    return timeline("v", *runs).frames()


def test_mean_and_best_by_hand() -> None:
    # The first draw is right about a, the second about b; the third about half of each.
    drawn = [
        [future((0, 50)), future((1, 50)), future((0, 25), (3, 25))],
        [future((0, 50)), future((1, 50)), future((3, 25), (1, 25))],
    ]
    found = measure(ASKED, drawn, 4)
    assert moc_of(found.mean)[3] == pytest.approx(50)  # each draw has 50
    assert moc_of(found.top) == [100, 100, 100, 100]
    # In a, two of three pairs differ for 25 frames, and all for the rest; in b the other way round.
    assert found.variety[3] == pytest.approx(100 * (2 / 3 + 1) / 2)


def test_the_best_is_chosen_by_video_and_horizon() -> None:
    late = future((3, 30), (0, 20))  # wrong at first
    early = future((0, 30), (3, 20))
    found = measure(ASKED, [[late, early], [future((3, 50))] * 2], 4)
    assert moc_of(found.top) == [50, 50, 50, pytest.approx(30)]
    assert moc_of(found.mean) == [25, 25, 25, pytest.approx(25)]


def test_draws_that_agree_have_no_variety() -> None:
    found = measure(ASKED, [[future((0, 50))] * 4] * 2, 4)
    assert found.variety.tolist() == [0, 0, 0, 0]
    assert found.mean.tolist() == found.top.tolist()


@pytest.mark.parametrize("drawn", [[[future((0, 50))]] * 2, [[future((0, 50))] * 2, [future((0, 50))] * 3]])
def test_uneven_or_single_draws_are_refused(drawn: list[list[np.ndarray]]) -> None:
    with pytest.raises(InputError, match="same number of futures"):
        measure(ASKED, drawn, 4)
