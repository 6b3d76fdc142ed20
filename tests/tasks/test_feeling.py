"""Styles and emotions: both kinds of model, windows of long motions, training, and what was not learned."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import tiny_corpus
from motionary import cli, formats
from motionary.corpora import pack as packs
from motionary.corpora.pack import Clip, Pack
from motionary.errors import CheckpointError, InputError
from motionary.evaluation.emotion.methods import language as language_method
from motionary.evaluation.emotion.splits import style_split
from motionary.evaluation.emotion.table import evaluate
from motionary.learning import style as learning
from motionary.models import checkpoint
from motionary.motion.edit import canonical
from motionary.tasks.feeling import Teller, asked, feel, load
from motionary.tasks.language import Ask, BodyLanguage
from motionary.text.instructions import Instructions
from motions import jump, stand, walk, wave
from networks import random_model
from tiny_language import INFO, network, tiny

STYLES = {"active": jump, "tired": lambda: walk(1.5, speed=0.4), "exhausted": lambda: walk(1.4, speed=0.4)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    clips = []
    for style, make in STYLES.items():
        for take, split in enumerate(("train", "train", "val", "test")):
            name = f"bandai_namco/dataset-1_walk_{style}_{take:03d}"
            clip = Clip(name, "made", "CC0-1.0", split, ("a",), "walk", style, family=f"{style}/{take}")
            clips.append((clip, canonical(make())[take:]))
    folder = tmp_path_factory.mktemp("styles")
    packs.save(folder, clips, {"sources": tiny_corpus.SOURCES})
    return folder


@pytest.fixture(scope="module")
def trained(corpus, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "_STEPS", 50)
        return learning.train_styles(corpus, tmp_path_factory.mktemp("style"))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A language model that says to have learned styles."""
    model = tiny()
    model.info["exercises"] = {"motion_to_style": 1.0}
    folder = tmp_path_factory.mktemp("language")
    checkpoint.save(network(model.codec), folder, dict(model.info))
    return model, folder


def test_a_classifier_learns_styles(trained):
    teller = load(str(trained))
    assert teller.labels == ("active", "exhausted")  # tired is exhausted
    assert feel(jump(), teller).ranked[0][0] == "active"
    slow = feel(walk(1.5, speed=0.4), teller)
    assert slow.ranked[0][0] == "exhausted"
    assert sum(slow.probabilities.values()) == pytest.approx(1, abs=1e-4)
    assert (slow.seconds, len(slow.windows)) == (pytest.approx(1.5, abs=0.05), 1)
    _, info = checkpoint.load(trained)
    assert (info["motions"], info["sources"], info["licence"]) == (6, ["made"], "Apache-2.0")


def test_the_released_classifier_knows_the_styles_of_the_corpus():
    teller = load()
    assert set(teller.labels) <= set(Instructions.load().labels["style"])
    assert len(teller.labels) == 16
    told = teller.tell(walk(2.0))
    assert told.shape == (16,)
    assert told.sum() == pytest.approx(1)


def test_a_long_motion_is_told_in_windows():
    """A teller that tells how long a window is, so that means and spans can be checked."""
    teller = Teller("length", ("a", "b"), lambda body: np.array([len(body) / 1000, 1 - len(body) / 1000]))
    assert [(one.start, one.end) for one in feel(stand(12.0)[:300], teller).windows] == [(0, 10)]
    found = feel(stand(14.0)[:390], teller)
    assert [(one.start, one.end) for one in found.windows] == [(0, 8), (4, 12), (5, 13)]
    assert found.probabilities == {"a": 0.24, "b": 0.76}
    half = Teller("half", ("a", "b"), lambda body: np.eye(2)[int(body.root[0, 2] > 3.0)])
    assert 0 < feel(walk(14.0), half).probabilities["a"] < 1
    with pytest.raises(InputError, match="1801 s of motion"):
        feel(replace(stand(1.0), fps=(len(stand(1.0)) - 1) / 1801.1), teller)


def test_a_language_model_answers_with_a_label(spoken):
    model, folder = spoken
    labels = tuple(Instructions.load().labels["style"])
    motion = wave(2.0)
    told = asked(model, motion, "style", labels)
    assert told == pytest.approx(model.chances(Ask(words="style", seen=model.rows(motion)), labels))
    teller = load(str(folder))
    assert (teller.name, teller.labels) == ("tiny", labels)
    assert teller.tell(motion) == pytest.approx(told, abs=1e-6)
    BodyLanguage.load.cache_clear()


def test_what_was_not_learned_is_refused(trained, spoken, tmp_path):
    with pytest.raises(InputError, match=r"style has not learned the emotions of BEAT \(neutral, .*nothing that ships"):
        load(emotions=True)
    with pytest.raises(InputError, match="tiny has not learned the emotions of BEAT"):
        load(str(spoken[1]), emotions=True)
    checkpoint.save(network(spoken[0].codec), tmp_path / "align", {**INFO, "exercises": {"motion_to_text": 1.0}})
    with pytest.raises(InputError, match="tiny has not learned styles; use a language model of the stage 'instruct'"):
        load(str(tmp_path / "align"))
    checkpoint.save(random_model("jl2p"), tmp_path / "other")
    with pytest.raises(CheckpointError, match="is a jl2p model"):
        load(str(tmp_path / "other"))
    BodyLanguage.load.cache_clear()


def test_the_row_of_the_language_model(corpus, spoken, monkeypatch):
    """Only on takes; labels that two names stand for are added up."""
    model, folder = spoken
    monkeypatch.setattr(learning, "_STEPS", 50)
    tables = evaluate(corpus, ["takes"], ["nearest", "language"], model=str(folder))
    assert [row.name for row in tables["emotion-takes"].rows] == ["nearest neighbour", "motion language model"]
    pack = Pack.load(corpus)
    split = style_split(pack, "takes")
    told = language_method(pack, split, 0, str(folder))(split.test)
    names = ["active", "exhausted", "tired"]
    own = asked(model, pack.motion(split.test[0]), "style", names)
    assert split.labels == ("active", "exhausted")
    assert told[0] == pytest.approx([own[0], own[1] + own[2]], abs=1e-5)
    BodyLanguage.load.cache_clear()


def test_the_command(trained, tmp_path, capsys):
    formats.write(walk(13.0, speed=0.4), tmp_path / "long.npz")
    asked = ["emotion", str(tmp_path / "long.npz"), "--model", str(trained)]
    with pytest.raises(SystemExit) as stopped:
        cli.main([*asked, "--json"])
    assert not stopped.value.code
    told = json.loads(capsys.readouterr().out)
    assert set(told["probabilities"]) == {"active", "exhausted"}
    assert len(told["windows"]) == 3
    with pytest.raises(SystemExit):
        cli.main([*asked, "--over-time", "--top", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[1].strip().startswith("0.0-8.0 s")
    for change, message in ((["--top", "0"], "--top must be"), (["--emotions"], "has not learned the emotions")):
        with pytest.raises(SystemExit) as stopped:
            cli.main([*asked, *change])
        assert stopped.value.code == 2
        assert message in capsys.readouterr().err


def test_the_training_command(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(learning, "_STEPS", 50)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["style", "train", str(corpus), "--out", str(tmp_path / "style")])
    assert not stopped.value.code
    assert capsys.readouterr().out.strip() == str(tmp_path / "style" / "best")
    tiny_corpus.build(tmp_path / "plain", val=1)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["style", "train", str(tmp_path / "plain"), "--out", str(tmp_path / "none")])
    assert stopped.value.code == 2
    assert not (tmp_path / "none").exists()
