"""Parts of the body as features: nothing is lost, and what does not fit is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.motion import HUMAN
from motionary.motion import rotations as rot
from motionary.motion.parts import PARTS, SPOKEN, channels
from motionary.motion.representation import Rotational
from motionary.motion.representation.parted import ROTATIONS, WIDTHS, Parted, parted
from motions import noisy, walk


def whole(frames=40, seed=0):
    """A body with hands and a face."""
    random = np.random.default_rng(seed)
    fingers = rot.from_axis_angle(0.5 * random.standard_normal((frames, 30, 3)))
    return replace(noisy(frames), hands=fingers, face=0.3 * random.standard_normal((frames, 103)))


def test_published_sizes():
    assert WIDTHS == {"face": 106, "hands": 180, "upper": 78, "lower": 62}
    assert [len(SPOKEN[part]) for part in ("upper", "lower")] == [13, 9]


@pytest.mark.parametrize("table", [PARTS, SPOKEN])
def test_parts_are_the_whole_body(table):
    assert sorted([*table["upper"], *table["lower"]]) == sorted(HUMAN.names)
    assert sorted(channels("upper", table) + channels("lower", table)) == list(range(Rotational.width))


def test_round_trip():
    motion = whole()
    parts = Parted().encode(motion)
    assert {part: rows.shape for part, rows in parts.items()} == {part: (40, WIDTHS[part]) for part in WIDTHS}
    again = Parted().decode(parts)
    there, here = (one.positions() - one.positions()[:, :1] for one in (motion, again))
    turn = rot.from_axis("Y", np.full(40, -rot.yaw(motion.rotations[0, 0]) + rot.yaw(again.rotations[0, 0])))
    assert np.abs(rot.rotate(turn[:, None], there) - here).max() < 1e-4
    assert rot.angle(motion.hands, again.hands).max() < 1e-3
    assert np.abs(motion.face - again.face).max() < 1e-4


def test_body_alone_has_two_parts(walker):
    parts = Parted().encode(walker)
    assert set(parts) == {"upper", "lower"}
    assert Parted().decode(parts).hands is None


def test_rotations_are_where_they_are_said_to_be():
    parts = Parted().encode(whole())
    for part, rows in parts.items():
        columns = rows[:, ROTATIONS[part]].reshape(len(rows), -1, 2, 3)
        assert np.abs(np.linalg.norm(columns, axis=-1) - 1).max() < 1e-5


def test_other_rates_are_resampled():
    assert len(Parted().encode(walk(2.0, fps=60.0))["lower"]) == len(parted(Rotational().encode(walk(2.0)))["lower"])


@pytest.mark.parametrize(
    ("change", "word"),
    [({"upper": None}, "upper is missing"), ({"tail": np.zeros((40, 3))}, "tail"), ({"face": np.zeros((3, 106))}, "40"),
     ({"lower": np.zeros((40, 54))}, "62")],
)  # fmt: skip
def test_refused_parts(change, word):
    parts = {**Parted().encode(whole()), **change}
    with pytest.raises(InputError, match=word):
        Parted().decode({part: rows for part, rows in parts.items() if rows is not None})


def test_refused_tracks():
    with pytest.raises(InputError, match="hands must be"):
        Parted().encode(replace(noisy(10), hands=np.zeros((10, 24, 4))))
    with pytest.raises(InputError, match="face must be"):
        Parted().encode(replace(noisy(10), face=np.zeros((10, 53))))
