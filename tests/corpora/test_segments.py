"""Labels in time: they cover the motion without gaps and say what is done when."""

from __future__ import annotations

from itertools import pairwise

import pytest

from motionary.corpora.segments import HOP, label_segments, phrase
from motionary.motion import Motion
from motionary.motion.edit import concatenate, mirror
from motionary.motion.facts import measure
from motions import jump, noisy, spin, stand, walk, wave

ALL = {"walk": walk, "stand": stand, "jump": jump, "wave": wave, "spin": spin}


def texts(motion: Motion) -> list[str]:
    return [segment.text for segment in label_segments(motion).segments]


@pytest.mark.parametrize("seconds", [0.1, 0.5, 0.99, 1.0, 1.49, 1.5, 2.0, 3.7, 9.0])
@pytest.mark.parametrize("name", ["walk", "wave"])
def test_labels_cover_the_motion_without_gaps(name, seconds):
    motion = ALL[name](seconds)
    segments = label_segments(motion).segments
    assert segments[0].start == 0
    assert segments[-1].end == motion.duration
    for before, after in pairwise(segments):
        assert before.end == after.start
        assert before.text != after.text
        assert before.end - before.start >= HOP - 1e-9


@pytest.mark.parametrize(
    ("motion", "text"),
    [
        (walk(4.0), "walks forward"),
        (stand(4.0), "stands"),
        (wave(4.0), "stands, waves the left hand"),
        (mirror(wave(4.0)), "stands, waves the right hand"),
        (spin(4.0), "walks, turns left"),
        (mirror(spin(4.0)), "walks, turns right"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_action_is_one_label(motion, text):
    assert texts(motion) == [text]


def test_a_jump_stands_before_and_after():
    assert texts(jump(4.0)) == ["stands", "jumps", "stands"]


def test_actions_in_a_row():
    labels = label_segments(concatenate([walk(4.0), wave(4.0)])).segments
    assert (labels[0].text, labels[-1].text) == ("walks forward", "stands, waves the left hand")
    assert labels[-1].start == pytest.approx(4.0, abs=1.0)


@pytest.mark.parametrize("fps", [20.0, 60.0, 120.0])
def test_labels_do_not_depend_on_the_rate(fps):
    assert texts(walk(4.0, fps=fps)) == texts(walk(4.0))


def test_a_phrase_is_short():
    for seed in range(5):
        words = phrase(measure(noisy(90, seed))).replace(",", "").split()
        assert 1 <= len(words) <= 9
