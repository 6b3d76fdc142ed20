"""The published form learns: exercises as pairs of ids, a few steps, both stages, resuming, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import tiny_t5
from motionary.commands.language import train
from motionary.errors import CheckpointError, InputError
from motionary.learning.language.exercises import EXERCISES, Drawn, Exercise
from motionary.learning.language.published import train_published
from motionary.learning.language.published_pairs import PairLessons, Pairs, collate
from motionary.learning.language.recipes import PUBLISHED, TASKS
from motionary.models.decoding import Sampling
from motionary.models.language import HIDDEN
from motionary.models.published_answers import Published
from motionary.models.published_folder import adopted
from motionary.models.published_language import UNTOLD
from motionary.models.spans import decode
from motionary.text.instructions import Instructions
from motionary.text.pieces import Pieces
from tiny_material import tiny_material

STREAMS = ("lower.0", "upper.0", "upper.1")
DEBUG = PUBLISHED["paper-debug"]


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return tiny_t5.t5(tmp_path_factory.mktemp("t5"))


@pytest.fixture(scope="module")
def material(corpus):
    return tiny_material(corpus, STREAMS)


@pytest.fixture(scope="module")
def drawn(material):
    return Drawn(material, "train")


@pytest.fixture(scope="module")
def whole(backbone):
    pieces = Pieces(backbone)
    model = adopted(backbone, streams=",".join(STREAMS), codes=40, units=10, unit_rate=25.0, spelled=400)
    return Published(model, pieces, {})


@pytest.fixture(scope="module")
def pairs(whole):
    return Pairs(whole.sequences, Instructions.load(), drawn=True)


@pytest.mark.parametrize("name", EXERCISES)
def test_pairs(whole, pairs, drawn, name, rng):
    """The answer is what the exercise asks, its parts in order; what is given is in the question."""
    for _ in range(8):
        one = EXERCISES[name](drawn, rng)
        source, target = pairs(name, one, rng)
        asked, told = (decode(whole.model.vocabulary, ids) for ids in (source, target))
        assert source[-1] == target[-1] == whole.pieces.end
        if one.answer == "frames":
            hidden = np.ones(len(one.frames), bool)
            if name in ("prefix_to_rest", "in_between"):
                hidden = (one.seen == HIDDEN).any(axis=1)
            parts = one.facts.get("parts", ["upper", "lower"])
            columns = [at for at, stream in enumerate(STREAMS) if stream.partition(".")[0] in parts]
            rows = whole.sequences.rows(target)
            assert np.array_equal(rows[:, columns], one.frames[hidden][:, columns])
            assert [span.kind for span in told[:-1]] == [part for part in ("upper", "lower") if part in parts]
        elif one.answer == "words":
            assert whole.pieces.text(told[0].ids).split() == one.text.split()
        else:
            assert np.array_equal(whole.sequences.units(target), one.said)
        if len(one.units):
            assert np.array_equal(whole.sequences.units(source), one.units)
        if name in ("masked_to_full", "parts_to_parts", "motion_to_text"):
            body = whole.sequences.rows(source)
            given = one.seen != HIDDEN
            assert np.array_equal(body[given], one.seen[given])
            assert (body[~given] == HIDDEN).all()
        if name == "in_between":
            before, after = (len([s for s in asked if s.kind == "lower"][k].ids) for k in (0, 1))
            assert before + after + hidden.sum() == len(one.frames)


def test_alignment_has_one_form(whole, drawn, rng):
    """And instructions have many, some of them the caption alone."""
    one = EXERCISES["text_to_motion"](drawn, rng)
    aligned = Pairs(whole.sequences, Instructions.load(), drawn=False)
    assert len({aligned("text_to_motion", one, rng)[0].tobytes() for _ in range(10)}) == 1
    bare = Pairs(whole.sequences, Instructions.load(), drawn=True, plain=0.5)
    said = [bare("text_to_motion", one, rng)[0] for _ in range(40)]
    assert len({ids.tobytes() for ids in said}) > 10
    alone = [*whole.pieces.ids(one.words), whole.pieces.end]
    assert 0.25 < np.mean([ids.tolist() == alone for ids in said]) < 0.75


def test_batches_are_padded_and_the_same_every_time(pairs, drawn):
    lessons = PairLessons(drawn, TASKS, 4, 0, pairs)
    for (source, mask, target), (again, _, _) in zip(lessons.some(6), lessons.some(6), strict=True):
        assert torch.equal(source, again)
        assert mask.any(dim=0).all()
        assert (target != UNTOLD).any(dim=0).all()
        ends = mask.sum(dim=1) - 1
        assert (source[torch.arange(4), ends] == pairs.sequences.config.end).all()


def test_what_is_too_long_is_counted(whole, drawn):
    short = Pairs(replace_config(whole, frames=12), Instructions.load(), drawn=True)
    lessons = PairLessons(drawn, {"text_to_motion": 1.0, "audio_to_transcript": 1.0}, 2, 0, short)
    next(lessons.some(1))
    assert lessons.left_out["text_to_motion"] > 0
    assert "this model takes 1 to 12" in lessons.reasons["text_to_motion"]
    short = Pairs(replace_config(whole, frames=11), Instructions.load(), drawn=True)
    with pytest.raises(InputError, match="none of 200 exercises fits"):
        next(PairLessons(drawn, {"text_to_motion": 1.0}, 2, 0, short).some(1))


def replace_config(whole, **fields):
    return type(whole.sequences)(replace(whole.model.config, **fields), whole.pieces.ids)


def test_overfits(backbone, drawn, pairs, rng):
    """Two captions with a motion each are learned by heart, and said under the grammar."""
    model = adopted(backbone, streams=",".join(STREAMS), codes=40, units=10, unit_rate=25.0, spelled=400).train()
    rows = [pairs("text_to_motion", EXERCISES["text_to_motion"](drawn, rng), rng) for _ in range(2)]
    rows = [(source, np.concatenate([target[:4], target[-1:]])) for source, target in rows]
    batch = collate(rows, 0)
    optimizer = torch.optim.Adam(model.parameters(), 2e-2)
    first = model.loss(*batch).item()
    for _ in range(30):
        loss = model.loss(*batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1 * first
    source, mask, target = batch
    step = model.eval().answering(source, mask)
    said = [step(None).argmax(-1)]
    for _ in range(3):
        said.append(step(said[-1]).argmax(-1))
    assert np.array_equal(np.stack(said, axis=1), target[:, :4].numpy())


@pytest.fixture(scope="module")
def aligned(material, backbone, tmp_path_factory):
    out = tmp_path_factory.mktemp("align") / "run"
    train_published(material, out, DEBUG, backbone=str(backbone), steps=2)
    return out


def test_what_training_leaves(aligned, backbone):
    assert {path.name for path in aligned.iterdir()} >= {"best", "state", "log.csv"}
    found = Published.load(aligned / "best")
    assert (found.info["stage"], found.info["backbone"]) == ("align", backbone.name)
    assert found.info["exercises"]["text_to_motion"] > 0
    asked = found.asked(("a person walks",), lambda _: np.zeros(0, int))
    body = found.motion(asked, 5, ["lower"], sampling=Sampling(top_k=3))[0]
    assert (body[:, 0] != HIDDEN).all()
    assert (body[:, 1:] == HIDDEN).all()


def test_instructions_begin_with_alignment(material, aligned, tmp_path):
    train_published(material, tmp_path / "run", DEBUG, "instruct", begin=aligned / "best", steps=1)
    found = Published.load(tmp_path / "run" / "best")
    assert (found.info["stage"], found.info["begin"]) == ("instruct", "best")


def test_training_resumes(material, backbone, aligned):
    train_published(material, aligned, DEBUG, backbone=str(backbone), steps=3, resume=True)
    assert (aligned / "log.csv").read_text().splitlines()[-1].startswith("3.0,")


def test_refusals(material, backbone, aligned, tmp_path):
    for begin in ({}, {"backbone": str(backbone), "begin": aligned / "best"}):
        with pytest.raises(InputError, match="either --backbone"):
            train_published(material, tmp_path, DEBUG, **begin)
    with pytest.raises(InputError, match="no stage 'pretrain'"):
        train_published(material, tmp_path, DEBUG, "pretrain", backbone=str(backbone))
    with pytest.raises(CheckpointError, match="its units is 10, and 0 is needed"):
        train_published(replace(material, unit_count=0), tmp_path, DEBUG, begin=aligned / "best")
    tiny_t5.words(tmp_path / "small")
    tiny_t5.network(tmp_path / "small", False, rows=60)
    with pytest.raises(CheckpointError, match="they are not of one model"):
        train_published(material, tmp_path, DEBUG, backbone=str(tmp_path / "small"))


def test_rates_are_as_published():
    paper = PUBLISHED["paper"]
    assert paper.schedule("align").learning_rate == 2e-4
    assert paper.schedule("instruct", steps=7).learning_rate == 1e-4
    assert paper.schedule("instruct", steps=7).steps == 7


def test_command(tmp_path):
    with pytest.raises(InputError, match="the preset 'cpu' has no T5"):
        train(tmp_path, preset="cpu", backbone="flan")
    with pytest.raises(InputError, match="presets are debug, cpu, small, gpu, paper, paper-debug"):
        train(tmp_path, preset="papers")
    with pytest.raises(InputError, match="either --backbone"):
        train(tmp_path, preset="paper", steps=1)


def test_parts_that_a_body_lacks_are_not_spoken_of(whole, rng):
    """AMASS has no face and no hands: four parts are known, two are told."""
    config = replace(whole.model.config, streams="face.0,hands.0,upper.0,lower.0")
    four = Pairs(type(whole.sequences)(config, whole.pieces.ids), Instructions.load(), drawn=True)
    frames = rng.integers(40, size=(6, 4))
    kinds = lambda ids: [one.kind for one in decode(config.vocabulary, ids) if one.kind != "text"]  # noqa: E731
    one = Exercise("a walk", {"caption": "a walk"}, frames=frames)
    assert kinds(four("text_to_motion", one, rng)[1]) == ["face", "hands", "upper", "lower"]
    frames[:, :2] = HIDDEN
    assert kinds(four("text_to_motion", one, rng)[1]) == ["upper", "lower"]
    seen = np.where(np.arange(6)[:, None] < 4, frames, HIDDEN)
    source, target = four("prefix_to_rest", Exercise("", {}, seen=seen, kept=True, frames=frames), rng)
    assert kinds(source) == kinds(target) == ["upper", "lower"]
    assert np.array_equal(four.sequences.rows(source), frames[:4])
    assert np.array_equal(four.sequences.rows(target), frames[4:])
    asked = {"given_parts": ["face"], "parts": ["upper"]}
    with pytest.raises(InputError, match="this body has no face; it has upper, lower"):
        four("parts_to_parts", Exercise("", asked, seen=np.full((6, 4), HIDDEN), kept=True, frames=frames), rng)
