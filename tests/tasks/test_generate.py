"""Sentences to motions, with the tiny random model: lengths, sequences, seeds, metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from motionary import models
from motionary.errors import CheckpointError, InputError
from motionary.motion import HUMAN, Motion, Segment
from motionary.tasks import generate as task
from motionary.tasks.familiarity import Familiarity
from motionary.tasks.generate import Generator, generate
from motionary.tasks.prompts import Request
from networks import random_model

FRAME = 1 / 30 + 1e-9
META = {
    "prompt", "actions", "seconds", "seconds_chosen_by", "seed", "temperature", "model", "data", "licence", "version",
    "familiar", "foot_lock", "measures", "knowledge",
}  # fmt: skip


def tiny_temos() -> Generator:
    """The debug model, with no parameter left at zero."""
    ours = Generator.load("debug")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        for parameter in ours.model.smooth.parameters():
            parameter.data = 0.02 * torch.randn_like(parameter)
    return ours


def tiny_flow() -> Generator:
    """A random motion flow about the debug model's standing figure."""
    figure, info, _ = models.load("debug")
    flow = random_model("motion-flow")
    flow.windows.mean.copy_(figure.mean)
    flow.windows.std.copy_(figure.std)
    flow.windows.scale.fill_(5.0)
    return Generator(flow, info)


@pytest.fixture(scope="module", params=[tiny_temos, tiny_flow], ids=["temos", "motion-flow"])
def generator(request: pytest.FixtureRequest) -> Iterator[Generator]:
    yield request.param()
    Generator.load.cache_clear()


def one(generator: Generator, prompt: str, seconds: float | None = None, seed: int = 0, **options) -> Motion:
    return generator([Request(prompt, seconds, seed)], **options)[0]


def test_three_lines_of_python():
    motion = generate("a person walks forward", seconds=1.0, seed=3, model="debug")
    assert motion.skeleton is HUMAN
    assert motion.fps == 30
    assert len(motion) == 31


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0, 3.33, 7.0, 10.0, 10.1, 23.0, 60.0])
def test_length_is_what_was_asked_for(generator, seconds):
    motion = one(generator, "a person walks forward", seconds, foot_lock=False)
    assert abs(motion.duration - seconds) <= FRAME
    assert motion.meta["seconds"] == pytest.approx(motion.duration, abs=1e-3)
    assert motion.meta["seconds_chosen_by"] == "user"


@pytest.mark.parametrize("seconds", [0.5, 2.0, 4.5, 8.0, 31.0])
@pytest.mark.parametrize("prompt", ["walk, then wave", "walk; wave; bow. Then jump", "walk" + ", then wave" * 11])
def test_length_of_sequences(generator, prompt, seconds):
    motion = one(generator, prompt, seconds, foot_lock=False)
    assert abs(motion.duration - seconds) <= FRAME
    assert motion.segments[0].start == 0
    assert motion.segments[-1].end == pytest.approx(motion.duration, abs=FRAME)
    assert all(0 <= segment.start < segment.end for segment in motion.segments)


def test_lasting_cuts_a_little_and_stretches_much(walker):
    labelled = replace(walker, segments=(Segment(0.0, 1.5, "a"), Segment(1.5, 3.0, "b")))
    cut = task._lasting(labelled, 2.95)
    assert np.array_equal(cut.root, walker.root[: len(cut)])
    for seconds in (2.0, 3.5):
        played = task._lasting(labelled, seconds)
        assert abs(played.duration - seconds) <= FRAME
        assert played.fps == 30
        assert [segment.text for segment in played.segments] == ["a", "b"]
        assert played.segments[0].end == pytest.approx(1.5 * seconds / 3.0, abs=FRAME)
        assert np.abs(played.root[-1] - walker.root[-1]).max() < 0.05


def test_parts_of_a_sequence(generator):
    motion = one(generator, "walk forward, then wave the left hand, then bow", 6.0)
    assert [segment.text for segment in motion.segments] == ["walk forward", "wave the left hand", "bow"]
    assert motion.meta["actions"] == ["walk forward", "wave the left hand", "bow"]
    assert motion.meta["prompt"] == "walk forward, then wave the left hand, then bow"


def test_joins_are_smooth(generator):
    motion = one(generator, "walk, then wave, then bow", 6.0, foot_lock=False)
    speed = np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).max(axis=1) * 30
    assert speed.max() < 8


def test_long_actions_are_made_of_several(generator):
    motion = one(generator, "a person walks forward", 25.0, foot_lock=False)
    assert len(motion.segments) == 3
    assert {segment.text for segment in motion.segments} == {"a person walks forward"}
    features = generator.features([Request("a person walks forward", 25.0)])
    assert len(features) == 3
    assert max(map(len, features)) <= (task._LONGEST + task.BLEND) * 30 + 1
    assert np.abs(features[0][:60] - features[1][:60]).max() > 1e-3  # each with noise of its own


def test_the_model_chooses_the_length(generator):
    motion = one(generator, "a person walks forward")
    assert motion.meta["seconds_chosen_by"] == "model"
    assert task._SHORTEST <= motion.duration <= task._LONGEST
    assert motion.duration == one(generator, "a person walks forward", seed=5).duration


def test_seeds(generator):
    first, same, other = (one(generator, "walk", 1.0, seed, foot_lock=False) for seed in (1, 1, 2))
    assert np.array_equal(first.rotations, same.rotations)
    assert np.abs(first.rotations - other.rotations).max() > 1e-4
    assert first.meta["seed"] == 1


def test_seeds_beyond_32_bits(generator):
    first, other = (generator.features([Request("walk", 1.0, seed)])[0] for seed in (5, 5 + 2**40))
    assert np.abs(first - other).max() > 1e-4
    assert np.isfinite(generator.features([Request("walk", 1.0, 2**63 - 1)])[0]).all()


def test_a_batch_is_its_requests(generator):
    requests = [
        Request("walk, then wave", 3.0, 4), Request("a person sits down slowly", None, 5), Request("jump", 0.7, 6),
        Request("a person walks forward", 14.0, 7),
    ]  # fmt: skip
    together = generator(requests, foot_lock=False)
    for request, motion in zip(requests, together, strict=True):
        alone = generator([request], foot_lock=False)[0]
        assert len(alone) == len(motion)
        assert np.abs(alone.positions() - motion.positions()).max() < 1e-3
        assert alone.meta["actions"] == motion.meta["actions"]


def test_more_requests_than_a_batch_holds(generator, monkeypatch):
    requests = [Request(f"walk {word}", 0.5, seed) for seed, word in enumerate(("a", "b", "c", "d", "e"))]
    whole = generator.features(requests)
    monkeypatch.setattr(task, "_BATCH", 2)
    for ours, theirs in zip(generator.features(requests), whole, strict=True):
        assert np.abs(ours - theirs).max() < 1e-4


def test_temperature(generator):
    calm = [generator.features([Request("walk", 1.0, seed)], temperature=0.0)[0] for seed in (1, 2)]
    assert np.array_equal(*calm)
    spread = [
        np.abs(generator.features([Request("walk", 1.0, 1)], temperature=heat)[0] - calm[0]).mean()
        for heat in (0.3, 1.0, 2.0)
    ]
    assert spread == sorted(spread)
    assert spread[0] > 0


@pytest.mark.parametrize("temperature", [-0.1, 5.1, float("nan"), float("inf")])
def test_bad_temperature(generator, temperature):
    with pytest.raises(InputError, match="temperature must be between 0 and 5"):
        generator([Request("walk")], temperature=temperature)


def test_nothing_to_generate(generator):
    with pytest.raises(InputError, match="at least one request"):
        generator([])


def test_metadata(generator):
    motion = one(generator, "a person walks", 1.5, 9, temperature=0.7)
    assert set(motion.meta) == META
    back = json.loads(json.dumps(dict(motion.meta), allow_nan=False))
    assert back == motion.meta
    assert motion.meta["model"] == "debug"
    assert motion.meta["temperature"] == 0.7
    assert motion.meta["licence"] == "Apache-2.0"


def test_foot_lock_is_measured_before_and_after(generator):
    locked, free = (one(generator, "a person walks", 3.0, 1, foot_lock=on) for on in (True, False))
    measures = locked.meta["measures"]
    assert measures["before"] == free.meta["measures"]["before"] == free.meta["measures"]["after"]
    assert set(measures["before"]) == set(measures["after"])
    assert measures["after"]["slide_mm_per_frame"] <= measures["before"]["slide_mm_per_frame"] + 1e-6
    assert locked.meta["foot_lock"]
    assert not free.meta["foot_lock"]


def test_motions_stand_on_the_floor(generator):
    for motion in generator([Request("a person walks", 2.0, seed) for seed in range(3)]):
        lowest = motion.positions()[..., 1].min()
        assert -0.06 < lowest < 0.15


def test_familiarity_is_told(generator):
    assert "no index" in one(generator, "walk", 0.5).meta["familiar"]["note"]
    vectors = generator.embed(["a person walks forward", "a person waves"])
    index = Familiarity(vectors, ["a person walks forward", "a person waves"], 0.9)
    ours = Generator(generator.model, generator.info, familiarity=index)
    near, far = ours([Request("a person walks forward", 0.5), Request("juggling geese", 0.5)])
    assert near.meta["familiar"]["known"]
    assert near.meta["familiar"]["note"] == ""
    assert not far.meta["familiar"]["known"]
    assert "juggling geese" in far.meta["familiar"]["note"]


def test_missing_model(tmp_path):
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        Generator.load(str(tmp_path))
