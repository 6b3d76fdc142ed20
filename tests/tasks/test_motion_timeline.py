"""Motions as timelines of basic activities, and what comes next for a body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary import formats
from motionary.errors import InputError
from motionary.motion import Motion
from motionary.tasks.anticipate import anticipate
from motionary.tasks.anticipators import load
from motionary.tasks.motion_timeline import ACTIVITIES, RATE, motion_timeline, settled
from motions import jump, spin, stand, walk, wave


def told(motion: Motion) -> list[tuple[str, float]]:
    line = motion_timeline(motion)
    return [(ACTIVITIES[k], n / RATE) for k, n in zip(line.classes, line.lengths, strict=True)]


def after(first: Motion, second: Motion) -> Motion:
    """One motion and then the other, from where the first ends."""
    ground = np.array([1.0, 0.0, 1.0])
    moved = second.root + (first.root[-1] - second.root[0]) * ground
    return replace(
        first,
        root=np.concatenate([first.root, moved]),
        rotations=np.concatenate([first.rotations, second.rotations]),
    )


@pytest.mark.parametrize(
    ("motion", "activity"),
    [
        (stand(2.0), "stand"),
        (walk(2.0), "walk"),
        (wave(3.0), "wave"),
        (wave(2.0, rate=0.01), "raise hand"),
        (spin(2.0, turns=1.0), "turn left"),
        (spin(2.0, turns=-1.0), "turn right"),
    ],
)
def test_one_activity_is_one_segment(motion, activity):
    assert [name for name, _ in told(motion)] == [activity]


def test_length_is_that_of_the_motion():
    assert sum(seconds for _, seconds in told(walk(3.0))) == pytest.approx(3.0, abs=0.1)
    assert len(motion_timeline(stand(0.1))) == 1


def test_activities_follow_one_another():
    found = told(after(stand(3.0), walk(3.0)))
    assert [name for name, _ in found] == ["stand", "walk"]
    assert found[0][1] == pytest.approx(3.0, abs=0.4)
    found = told(jump(3.0))
    assert [name for name, _ in found] == ["stand", "jump", "stand"]
    assert found[1][1] == pytest.approx(1.0, abs=0.6)


def test_rate_and_skeleton_do_not_matter():
    assert told(walk(2.0, fps=120.0)) == told(walk(2.0, fps=30.0))


def test_short_labels_go_to_their_longer_neighbour():
    walking, turning, jumping = (ACTIVITIES.index(name) for name in ("walk", "turn left", "jump"))
    labels = np.repeat([walking, turning, walking, jumping, walking], [9, 2, 3, 1, 8])
    assert settled(labels).tolist() == [walking] * 14 + [jumping] + [walking] * 8
    assert settled(np.array([turning])).tolist() == [turning]
    both = np.repeat([turning, walking, turning], [2, 1, 9])
    assert settled(both).tolist() == [turning] * 12


def test_too_long_a_motion_is_refused():
    with pytest.raises(InputError, match="at most 1800"):
        motion_timeline(stand(1801.0, fps=1.0))


def test_what_a_body_does_next(tmp_path):
    """The shipped activities know that who walks goes on, turns or stops."""
    model = load("activities")
    assert model.labels == ACTIVITIES
    assert model.fps == RATE
    path = formats.write(walk(3.0), tmp_path / "walk.bvh")
    found = anticipate(path, 5.0)
    assert found.running == "walk"
    assert found.model == "markov of cmu-activities"
    likely = {label for label, _ in found.next.alternatives}
    assert likely & {"turn left", "turn right", "stand"}
    assert found.segments == anticipate(walk(3.0), 5.0, model).segments
