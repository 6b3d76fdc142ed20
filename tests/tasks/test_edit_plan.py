"""What an edit asks for: which joints are new when, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.motion import HUMAN
from motionary.motion.parts import SPOKEN
from motionary.tasks.edit_plan import GROUPS, Edit, joints, new, styles


def named(*names: str) -> np.ndarray:
    return np.isin(HUMAN.names, names)


def test_groups_are_of_the_body():
    assert (joints(("upper",)) ^ joints(("lower",))).all()
    assert np.array_equal(joints(("arms",)), joints(("left arm",)) | joints(("right-arm",)))
    assert np.array_equal(joints(("Upper",)), named(*SPOKEN["upper"]))
    assert (joints(("trunk", "head", "arms")) == joints(("upper",))).all()
    for name in GROUPS:
        assert joints((name,)).any()


def test_a_part_is_new_all_the_time_and_the_rest_never():
    mask = new(Edit(part=("lower",)), 60, 30.0)
    assert mask.shape == (60, 22)
    assert (mask == named(*SPOKEN["lower"])).all()
    assert np.array_equal(new(Edit(keep=("upper",)), 60, 30.0), mask)


def test_a_span_has_both_its_ends():
    mask = new(Edit(between=(0.5, 1.0)), 60, 30.0)
    assert np.array_equal(np.flatnonzero(mask.any(axis=1)), np.arange(15, 31))
    assert mask[15:31].all()
    arms = new(Edit(part=("arms",), between=(0.5, 1.0)), 60, 30.0)
    assert np.array_equal(arms, mask & joints(("arms",)))


def test_what_is_added_is_all_new():
    mask = new(Edit(extend=2.0), 60, 25.0)
    assert mask.shape == (110, 22)
    assert not mask[:60].any()
    assert mask[60:].all()
    both = new(Edit(part=("head",), extend=2.0), 60, 25.0)
    assert (both[:60] == named("neck", "head")).all()
    assert both[60:].all()


def test_a_style_is_for_everything_but_what_is_kept():
    assert new(Edit(style="sad"), 30, 30.0).all()
    assert np.array_equal(new(Edit(style="sad", keep=("arms",)), 30, 30.0)[0], ~joints(("arms",)))
    assert Edit("walks", style="sad").said == "walks sad style"
    assert Edit(style="sad").said == "sad style"
    assert {"sad", "happy", "exhausted"} <= set(styles())


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Edit(), "nothing to do"),
        (Edit("walks"), "nothing to do"),
        (Edit(part=("lowr",)), "did you mean 'lower'"),
        (Edit(keep=("wings",)), "known are upper, lower, arms"),
        (Edit(part=("",)), "no part of the body ''"),
        (Edit(style="sadd"), "did you mean 'sad'"),
        (Edit(part=("arms",), keep=("upper",)), "left_collar"),
        (Edit(keep=("upper", "lower")), "all of the body would be kept"),
        (Edit(part=("upper", "lower")), "nothing of the motion would be kept"),
        (Edit(between=(0.0, 2.0)), "nothing of the motion would be kept"),
        (Edit(between=(1.0, 0.5)), "must go forward"),
        (Edit(between=(1.0, 1.1)), "at least 0.15 s"),
        (Edit(between=(1.5, 2.5)), "outside of the motion, which lasts 2.000 s"),
        (Edit(between=(-1.0, 1.0)), "outside"),
        (Edit(between=(float("nan"), 1.0)), "outside"),
        (Edit(extend=-1.0), "0.15 to 30 s"),
        (Edit(extend=31.0), "0.15 to 30 s"),
        (Edit(extend=float("inf")), "0.15 to 30 s"),
    ],
)
def test_what_is_refused(asked, says):
    with pytest.raises(InputError, match=says):
        new(asked, 61, 30.0)


def test_more_than_a_minute_and_spans_without_a_frame_are_refused():
    with pytest.raises(InputError, match="at most 60 s"):
        new(Edit(part=("lower",)), 30 * 61, 30.0)
    assert new(Edit(part=("lower",)), 30 * 60 + 1, 30.0).any()
    with pytest.raises(InputError, match="no frame at 2 fps"):
        new(Edit(between=(0.6, 0.9)), 20, 2.0)
