"""What a network is told while it learns: definitions, measured sentences, nothing; and examples made of two clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from motionary.corpora.captions import swap_sides
from motionary.corpora.described import describe
from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.learning.compose import composed
from motionary.learning.data import Batches
from motionary.learning.knowing import Knowing
from motionary.learning.learners import learner
from motionary.learning.recipes import Diet, recipe
from motionary.learning.train import Material, fit
from motionary.models import checkpoint
from motionary.models.temos import Temos
from motionary.motion import facts
from motionary.motion.edit import mirror
from motionary.motion.parts import PARTS, channels
from motionary.text.encoder import HashEncoder
from motionary.text.knowledge import Knowledge
from motionary.text.knowledge.reader import READINGS, Reader
from motions import jump, walk, wave

KNOWLEDGE = Knowledge.shipped()


def measured(motion) -> list[str]:
    return describe(facts.measure(motion).as_dict())


def test_measured_sentences_are_true():
    walking = measured(walk(3.0, speed=1.0))
    assert "The body moves forward at a walking pace." in walking
    assert "The legs step alternately." in walking
    waving = measured(wave(3.0, side="left", rate=1.5))
    assert "The body stays in place." in waving
    assert any(text.startswith("The left hand swings from side to side") for text in waving)
    assert "The right hand stays low." in waving
    assert any(text.startswith("Both feet leave the ground") for text in measured(jump(2.0)))


def test_a_mirror_image_swaps_sides():
    left, right = measured(wave(3.0, side="left")), measured(mirror(wave(3.0, side="left")))
    assert sorted(map(swap_sides, left)) == sorted(right) != sorted(left)


@pytest.fixture(scope="module")
def material(corpus) -> Material:
    return Material.open(corpus, "hash", "rotational")


def with_facts(pack: Pack) -> Pack:
    clips = [replace(clip, facts=facts.measure(pack.motion(i)).as_dict()) for i, clip in enumerate(pack.clips)]
    pack.clips = tuple(clips)
    return pack


def test_shares_of_what_is_told(material, corpus):
    pack = with_facts(Pack.load(corpus))
    reader = Reader(KNOWLEDGE, HashEncoder(), "tokens")
    told = Knowing(pack, reader, measured=0.4, drop=0.2)
    rng = np.random.default_rng(0)
    caption = pack.clips[0].captions[0]
    rows = [len(told(0, caption, rng)) for _ in range(500)]
    plain, instead = len(reader(caption)), len(reader.sentences(describe(pack.clips[0].facts)))
    assert 0 < plain != instead
    share = {count: rows.count(count) / 500 for count in set(rows)}
    assert share[0] == pytest.approx(0.2, abs=0.06)
    assert share[plain] == pytest.approx(0.4, abs=0.07)
    assert share[instead] + share[plain + instead] == pytest.approx(0.4, abs=0.07)
    assert {len(told(-1, caption, rng)) for _ in range(50)} == {0, plain}


@pytest.mark.parametrize("reading", READINGS)
def test_readings(reading):
    reader = Reader(KNOWLEDGE, HashEncoder(), reading)
    both = reader("a person walks and then waves")
    assert reader.actions("a person walks and then waves") == ("walk", "wave")
    assert both.shape[1] == reader.width
    assert len(both) == len(reader.about(["walk"])) + len(reader.about(["wave"]))
    assert len(reader("quantum flux")) == 0
    if reading not in ("zero",):
        assert not np.array_equal(reader.about(["walk"]), reader.about(["wave"]))
    again = Reader(KNOWLEDGE, HashEncoder(), reading)
    assert np.array_equal(both, again("a person walks and then waves"))


def test_shuffled_definitions_are_all_of_others():
    reader = Reader(KNOWLEDGE, HashEncoder(), "shuffled")
    given = {name: reader.shuffled(entry).name for name, entry in KNOWLEDGE.items()}
    assert all(name != other for name, other in given.items())
    assert set(given.values()) == set(KNOWLEDGE)


def test_unknown_reading():
    with pytest.raises(InputError, match="no reading 'oracle'"):
        Reader(KNOWLEDGE, HashEncoder(), "oracle")


def test_parts_are_the_whole_body():
    assert sorted(channels("upper") + channels("lower")) == list(range(140))
    assert "left_wrist" in PARTS["upper"]
    assert "pelvis" in PARTS["lower"]


def test_composed_examples(material, corpus, monkeypatch):
    monkeypatch.setattr("motionary.learning.compose._ARMS", ("wave",))
    pack = with_facts(Pack.load(corpus))
    made = composed(pack, material.features, 40, seed=0)
    assert made
    for example in made:
        assert any(word in example.captions[0] for word in ("walk", "jump"))
        assert "waves" in example.captions[0]
        assert example.content.endswith("composed")
    example, lower = made[0], channels("lower")
    sources = [material.features.clip(i) for i in range(2 * len(pack))]
    assert any(len(s) == len(example.values) and np.array_equal(s[:, lower], example.values[:, lower]) for s in sources)
    assert not any(s.shape == example.values.shape and np.array_equal(s, example.values) for s in sources)


def test_rare_contents_are_drawn_more_often(material):
    pack = material.pack
    contents = [clip.content for clip in pack.clips]
    clips = tuple(replace(clip, content="walk" if clip.content != "jump" else "jump") for clip in pack.clips)
    common = Pack(clips, pack._differences, pack.info) if hasattr(pack, "_differences") else pack
    normal = np.zeros(140, np.float32), np.ones(140, np.float32)
    drawn = Batches(common, "train", material.features, material.states, normal, 8, 0, balanced=True)
    shares = {name: 0.0 for name in contents}
    for index, share in zip(drawn.clips, drawn.shares, strict=True):
        shares[common.clips[index // 2].content] += share
    counts = {name: sum(common.clips[i // 2].content == name for i in drawn.clips) for name in ("walk", "jump")}
    assert shares["jump"] / shares["walk"] == pytest.approx((counts["jump"] / counts["walk"]) ** 0.5)


def test_the_text_side_learns_and_the_motion_side_does_not(material, tmp_path):
    torch.manual_seed(0)
    debug = recipe("temos", "debug")
    model = Temos(replace(debug.model, encoder="hash", text_width=32))
    start = checkpoint.save(model, tmp_path / "start", {"name": "start"})
    text_side = replace(debug, model=replace(debug.model, encoder="hash"), start=str(start))
    fit(material, tmp_path / "run", replace(text_side, loop=replace(debug.loop, steps=3)))
    after, info = checkpoint.load(tmp_path / "run" / "best")
    before = model.state_dict()
    moved = {name for name, value in after.state_dict().items() if (value - before[name]).abs().max() > 1e-3}
    assert moved
    assert {name.split(".")[0] for name in moved} <= {"text_encoder", "length"}
    assert info["started"] == "start"
    wrong = replace(text_side, diet=Diet(8, composed=5))
    with pytest.raises(InputError, match="composed=0"):
        learner(replace(text_side.model, text_width=32), wrong, material)


def test_a_flow_goes_on_from_its_start(material, tmp_path):
    debug = recipe("flow", "debug")
    plain = replace(debug, model=replace(debug.model, encoder="hash"))
    fit(material, tmp_path / "plain", replace(plain, loop=replace(debug.loop, steps=3)))
    informed = replace(plain.knowing("tokens"), start=str(tmp_path / "plain" / "best"))
    made = learner(replace(informed.model, text_width=32, knowledge_width=32), informed, material)
    started, _ = checkpoint.load(tmp_path / "plain" / "best")
    ours = made.model.state_dict()
    assert all(torch.equal(ours[name], value) for name, value in started.state_dict().items())
    assert not ours["knowledge.gate"].any()  # the gate is closed, so it begins as the plain flow
