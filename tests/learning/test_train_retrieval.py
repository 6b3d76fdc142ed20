"""Training of the retrieval model on a tiny corpus: pairs, negatives, noise, and what it leaves."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from motionary import text
from motionary.corpora.pack import Clip, Pack
from motionary.corpora.sameness import every_other_family
from motionary.errors import CheckpointError, InputError
from motionary.learning.data import prepare
from motionary.learning.pairs import LONGEST, Item, Pairs, Sentences, compounds, disturbed, items_of
from motionary.learning.retrieval import scales, train_retrieval
from motionary.models import checkpoint
from motionary.models.retrieval import EVIDENCE, Retrieval, RetrievalConfig
from motionary.tasks.matching import Matcher
from tiny_corpus import build

TINY = RetrievalConfig(encoder="hash", width=32, motion_layers=1, heads=2, feedforward=32, dropout=0.0)


def quiet(*_: object) -> None:
    return


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_retrieval(corpus, tmp_path_factory.mktemp("run"), config=TINY, batch=16, steps=160, made=4)


@pytest.fixture(scope="module")
def items(corpus: Path) -> list[Item]:
    pack = Pack.load(corpus)
    features, _ = prepare(pack, corpus, text.load("hash"), "rotational")
    return items_of(pack, pack.indices("train"), features, True, quiet)


def test_what_training_leaves(trained):
    run = trained.parent
    assert {"best", "state", "log.csv"} <= {path.name for path in run.iterdir()}
    assert list(csv.DictReader((run / "log.csv").open()))[-1]["step"] == "160.0"
    model, info = checkpoint.load(trained)
    assert isinstance(model, Retrieval)
    assert model.config.text_width == 32
    assert (info["licence"], info["sources"], info["verbs"]) == ("Apache-2.0", ["made"], False)


def test_what_is_trained_knows_left_from_right(trained, corpus):
    """Most training clips find their own sentence among eight."""
    matcher, pack = Matcher.load(str(trained)), Pack.load(corpus)
    clips = pack.indices("train")[:8]
    sentences = [pack.clips[index].captions[0] for index in clips]
    scores = matcher.text(sentences) @ matcher.motion([pack.motion(index) for index in clips]).T
    assert (scores.argmax(axis=0) == np.arange(8)).sum() >= 6
    left, right = (
        next(k for k, said in enumerate(sentences) if f"waves the {side}" in said) for side in ("left", "right")
    )
    assert scores[left, left] > scores[right, left]
    assert scores[right, right] > scores[left, right]


def test_training_resumes(trained, corpus):
    train_retrieval(corpus, trained.parent, config=TINY, batch=16, steps=162, made=4, resume=True)
    rows = list(csv.DictReader((trained.parent / "log.csv").open()))
    assert [float(row["step"]) for row in rows][-2:] == [160, 162]


def test_training_begins_with_a_checkpoint(trained, corpus, tmp_path):
    begun = train_retrieval(corpus, tmp_path, config=TINY, batch=16, steps=1, made=4, start=trained)
    states = [checkpoint.load(folder)[0].state_dict() for folder in (trained, begun)]
    assert max(float((a - b).abs().max()) for a, b in zip(*map(dict.values, states), strict=True)) < 0.01
    with pytest.raises(CheckpointError, match="no retrieval model of these sizes"):
        train_retrieval(corpus, tmp_path, config=replace(TINY, width=16), steps=1, made=4, start=trained)


def test_a_judge_sees_half_of_the_families():
    clips = [
        Clip(f"c{k}", "made", "CC0-1.0", "test_verbs" if k < 8 else "train", ("a",), family=f"f{k // 2}")
        for k in range(12)
    ]
    pack = Pack(clips, np.zeros((1, 0), np.int16), {})
    assert every_other_family(pack, "test_verbs") == [0, 1, 4, 5]
    assert every_other_family(pack, "test_verbs", 1) == [2, 3, 6, 7]


def test_what_cannot_be_trained_is_refused(corpus, tmp_path):
    with pytest.raises(InputError, match="set both or neither"):
        train_retrieval(corpus, tmp_path, config=TINY, steps=1, reconstruction=0.1)
    build(tmp_path, variants=[(1.0, 1.0)], val=0)
    with pytest.raises(InputError, match="two clips or more in split 'val'"):
        train_retrieval(tmp_path, tmp_path / "run", config=TINY, steps=1, made=0)


def test_mirror_images_have_labels_of_their_own(items):
    labels = {item.content for item in items}
    assert {"turn left", "turn right", "wave left", "wave right", "walk", "jump"} <= labels
    assert "walk (mirrored)" not in labels
    for item in items:
        for side, other in (("left", "right"), ("right", "left")):
            if item.content.endswith(side):
                assert all(side in said and other not in said for said in item.sentences)


def test_compounds_hold_both_actions_in_order(corpus):
    pack = Pack.load(corpus)
    first, again = (compounds(pack, pack.indices("train"), 5, 3, quiet) for _ in range(2))
    assert [item.sentences for item in first] == [item.sentences for item in again]
    for item in first:
        parts = item.content.split(" then ")
        assert len(parts) == 2
        assert item.compound
        assert len(item.sentences) == 1
        assert ", then " in item.sentences[0]
        assert len(item.evidence) <= LONGEST


def test_who_fits_whom(items, corpus):
    pack = Pack.load(corpus)
    _, states = prepare(pack, corpus, text.load("hash"), "rotational")
    made = compounds(pack, pack.indices("train"), 2, 0, quiet)
    sentences = Sentences([*items, *made], states, text.load("hash"), quiet)
    fits = lambda said, group: bool(sentences.fits[sentences.rows[said], sentences.groups[group]])  # noqa: E731
    assert fits("a person walks forward", "walk/")
    assert fits("a person waves the left hand", "wave left/")
    assert not fits("a person waves the left hand", "wave right/")
    assert not fits("a person walks forward", "walk back/")
    (said,) = made[0].sentences
    assert sentences.fits[sentences.rows[said]].sum() == 1
    assert fits(said, made[0].group)
    assert not fits(said, "walk/")


def test_batches_are_drawn_and_padded(items, corpus):
    _, states = prepare(Pack.load(corpus), corpus, text.load("hash"), "rotational")
    sentences = Sentences(items, states, text.load("hash"), quiet)
    first, again = (next(Pairs(items, sentences, 12, 5).forever()) for _ in range(2))
    assert torch.equal(first.evidence, again.evidence)
    assert first.evidence.shape == (12, int(first.lengths.max()), EVIDENCE)
    assert first.fits.shape == (12, 12)
    assert first.fits.diagonal().all()
    assert not first.fits.all()
    assert (first.evidence[0, int(first.lengths[0]) :] == 0).all()
    plain = next(Pairs(items, sentences, 12, 5, noisy=False).forever())
    whole = {item.evidence.tobytes() for item in items}
    assert all(row[:n].numpy().tobytes() in whole for row, n in zip(plain.evidence, plain.lengths, strict=True))


def test_rare_contents_are_drawn_more_often_than_they_are(items):
    rare, common = items[0], next(item for item in items if item.content != items[0].content)
    pairs = Pairs([rare, *[common] * 16], None, 4, 0)  # type: ignore[arg-type]
    assert pairs.chances[0] == pytest.approx(1 / 5)
    assert pairs.chances.sum() == pytest.approx(1)


def test_noise_leaves_what_sentences_speak_of(items):
    item = next(item for item in items if item.content == "walk")
    copies = [disturbed(item.evidence, np.random.default_rng(seed)) for seed in range(40)]
    lengths = np.array([len(copy) for copy in copies]) / len(item.evidence)
    assert 0.65 < lengths.min() < lengths.max() < 1.2
    assert len(set(lengths)) > 5
    speeds = [copy[:, 133].mean() for copy in copies]
    assert np.mean(speeds) == pytest.approx(item.evidence[:, 133].mean(), rel=0.1)
    assert np.std(speeds) > 0.02
    off = np.mean([copy[:, :66].mean(axis=0) for copy in copies], axis=0) - item.evidence[:, :66].mean(axis=0)
    assert np.abs(off).max() < 0.05
    assert all(copy.dtype == np.float32 and np.isfinite(copy).all() for copy in copies)
    short = disturbed(item.evidence[:1], np.random.default_rng(0))
    assert short.shape == (1, EVIDENCE)
    long = np.tile(item.evidence, (20, 1))
    assert len(disturbed(long, np.random.default_rng(0))) == LONGEST


def test_a_still_channel_is_not_blown_up():
    rows = np.random.default_rng(0).normal(size=(100, EVIDENCE)).astype(np.float32)
    rows[:, 7] = 1.0
    found = scales(rows)
    assert found[7] > 0.4
    assert found[0] == pytest.approx(1.0, abs=0.3)
    assert found.dtype == np.float32
