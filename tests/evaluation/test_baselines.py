"""The three baselines on a small pack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.evaluation import baselines
from motionary.evaluation.ape_ave import compare, signals
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot


@dataclass(frozen=True)
class FakeClip:
    captions: tuple[str, ...]
    frames: int


class FakePack:
    def __init__(self, entries: list[tuple[Motion, tuple[str, ...]]]) -> None:
        self._motions = [motion for motion, _ in entries]
        self.clips = [FakeClip(captions, len(motion)) for motion, captions in entries]

    def motion(self, index: int) -> Motion:
        return self._motions[index]


@pytest.fixture(scope="module")
def pack() -> FakePack:
    return FakePack(
        [
            (motions.walk(seconds=2.0), ("a person walks", "someone walks ahead")),
            (motions.wave(seconds=1.0), ("a person waves the left hand",)),
            (motions.wave(seconds=1.0, side="right"), ("a person waves", "waves the right hand")),
            (motions.jump(), ("a person jumps",)),
        ]
    )


def letters(sentences: list[str]) -> np.ndarray:
    """A sentence encoder for tests: how often each letter occurs."""
    return np.array([[sentence.count(chr(97 + letter)) for letter in range(26)] for sentence in sentences], dtype=float)


def turned(angle: float, frames: int) -> Motion:
    rotations = rot.identity(frames, len(HUMAN))
    rotations[:, HUMAN.index("head")] = rot.from_axis("Y", np.full(frames, angle))
    return Motion(HUMAN, np.tile([0.0, 0.9, angle], (frames, 1)), rotations, 30)


def test_the_mean_of_rotations_is_the_middle_whatever_the_signs(rng: np.random.Generator) -> None:
    flipped = turned(1.0, 5)
    flipped = Motion(HUMAN, flipped.root, -flipped.rotations, 30)
    pack = FakePack([(turned(-0.4, 5), ()), (flipped, ())])
    mean = baselines.mean_motion(pack, [0, 1])("anything", 5, rng)
    head = rot.to_axis_angle(mean.rotations[:, HUMAN.index("head")])
    assert head == pytest.approx(np.tile([0.0, 0.3, 0.0], (5, 1)), abs=1e-9)
    assert mean.root[:, 2] == pytest.approx([0.3] * 5)


def test_short_clips_hold_their_last_pose_in_the_mean(rng: np.random.Generator) -> None:
    moving = turned(0.0, 6)
    moving = Motion(HUMAN, np.linspace([0, 0.9, 0.0], [0, 0.9, 5.0], 6), moving.rotations, 30)
    pack = FakePack([(moving, ()), (moving[:2], ()), (turned(0.0, 6), ())])
    mean = baselines.mean_motion(pack, [0, 1])("", 8, rng)
    assert mean.root[:, 2] == pytest.approx([0, 1, 1.5, 2, 2.5, 3, 3, 3])
    whole = baselines.mean_motion(pack, [0, 1, 2])("", 3, rng)
    assert whole.root[:, 2] == pytest.approx([0, 2 / 3, 1.0])


def test_the_mean_equals_a_plain_loop(pack: FakePack, rng: np.random.Generator) -> None:
    mean = baselines.mean_motion(pack, [0, 1, 3])("", 61, rng)
    padded = [baselines.fit(pack.motion(index), 61) for index in (0, 1, 3)]
    assert mean.root == pytest.approx(np.mean([clip.root for clip in padded], axis=0))
    outer = sum(np.einsum("fja,fjb->fjab", clip.rotations, clip.rotations) for clip in padded)
    assert rot.angle(mean.rotations, baselines.mean_rotation(outer)) == pytest.approx(0.0, abs=1e-6)


def test_a_random_clip_is_a_training_clip_of_the_asked_length(pack: FakePack) -> None:
    generate = baselines.random_clip(pack, [0, 3])
    roots = set()
    for seed in range(12):
        motion = generate("a person waves", 20, np.random.default_rng(seed))
        assert len(motion) == 20
        roots.add(next(index for index in range(4) if np.allclose(motion.root, pack.motion(index).root[:20])))
    assert roots == {0, 3}
    again = [generate("x", 20, np.random.default_rng(3)).root for _ in range(2)]
    assert (again[0] == again[1]).all()


def test_the_nearest_caption_wins(pack: FakePack, rng: np.random.Generator) -> None:
    generate = baselines.nearest_caption(pack, [0, 1, 2, 3], letters)
    motion = generate("a person waves the left hand", 31, rng)
    assert motion.meta["nearest"] == "a person waves the left hand"
    error = compare(signals(motion), signals(pack.motion(1)))
    assert error.values["APE_mean_joints"] == pytest.approx(0.0, abs=1e-12)
    assert generate("some person jumps", 31, rng).meta["nearest"] == "a person jumps"


def test_equally_near_clips_take_turns(rng: np.random.Generator) -> None:
    pack = FakePack([(turned(0.1, 5), ("same words",)), (turned(0.2, 5), ("same words",))])
    generate = baselines.nearest_caption(pack, [0, 1], letters)
    seen = {round(float(generate("same words", 5, rng).root[0, 2]), 3) for _ in range(20)}
    assert seen == {0.1, 0.2}


def test_only_training_clips_are_used(pack: FakePack, rng: np.random.Generator) -> None:
    generate = baselines.nearest_caption(pack, [0], letters)
    assert generate("a person jumps", 10, rng).root == pytest.approx(pack.motion(0).root[:10])


def test_fit_cuts_and_holds(walker: Motion) -> None:
    assert len(baselines.fit(walker, 10)) == 10
    long = baselines.fit(walker[:10], 14)
    assert (long.root[9:] == walker.root[9]).all()
    with pytest.raises(InputError, match="at least 1"):
        baselines.fit(walker, 0)


def test_refusals(pack: FakePack) -> None:
    for make in (baselines.mean_motion, baselines.random_clip):
        with pytest.raises(InputError, match="at least one training clip"):
            make(pack, [])
    with pytest.raises(InputError, match="captions"):
        baselines.nearest_caption(FakePack([(motions.stand(), ())]), [0], letters)
    with pytest.raises(InputError, match="embed must give"):
        baselines.nearest_caption(pack, [0], lambda sentences: np.zeros(3))
