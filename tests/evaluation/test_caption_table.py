"""Captions against what is simply taken: intervals by hand, rows on a tiny corpus, the command."""

from __future__ import annotations

import json

import numpy as np
import pytest

from motionary import cli
from motionary.corpora import pack as packs
from motionary.corpora.pack import Clip, Pack
from motionary.errors import InputError
from motionary.evaluation import caption_methods
from motionary.evaluation import captions as captions_module
from motionary.evaluation.caption_methods import Scene, methods
from motionary.evaluation.captioning import bleu, bleu_of, bleu_parts
from motionary.evaluation.captions import bleu_intervals, evaluate
from motionary.motion.edit import canonical
from motionary.tasks.language import BodyLanguage
from motionary.tasks.matching import Matcher
from tiny_corpus import MOTIONS, SOURCES
from tiny_language import saved, short

REFERENCES = (("walk to the left now", "go left"), ("wave the right hand",), ("jump up high now",))


def test_bleu_is_the_sum_of_its_parts():
    told = ("walk to the left now", "wave the left hand", "jump down")
    parts = bleu_parts(told, REFERENCES)
    assert parts[1].tolist() == [3, 1, 0, 0, 4, 3, 2, 1, 4, 4]
    assert parts[2].tolist() == [1, 0, 0, 0, 2, 1, 0, 0, 2, 4]
    assert bleu_of(parts.sum(axis=0)) == bleu(told, REFERENCES)
    assert bleu_of(parts[:1].sum(axis=0)) == pytest.approx((1, 1, 1, 1))


def test_intervals_draw_families():
    """One family: no width. Two, one right and one wrong: all draws between them."""
    told = ("wave the right hand", "fall")
    parts = np.stack([bleu_parts(told, REFERENCES[1:])] * 2)
    one = bleu_intervals(parts, ["a", "a"])["BLEU-1"]
    assert one.mean == one.low == one.high == pytest.approx(100 * bleu(told, REFERENCES[1:])[0])
    two = bleu_intervals(parts, ["a", "b"])["BLEU-1"]
    assert (two.mean, two.low, two.high) == (pytest.approx(one.mean), 0.0, pytest.approx(100.0))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The test clips are the training clips at another pace."""
    clips = []
    for split, (seconds, speed) in (("train", (1.6, 0.9)), ("test", (1.6, 1.0)), ("val", (1.6, 0.8))):
        for content, caption, make in MOTIONS[3:]:
            texts = (caption, caption.replace("a person", "someone"))
            clip = Clip(f"made/{content}/{split}", "made", "CC0-1.0", split, texts, content, family=content)
            clips.append((clip, canonical(make(seconds, speed))))
    folder = tmp_path_factory.mktemp("corpus")
    packs.save(folder, clips, {"sources": SOURCES})
    return folder


@pytest.fixture(autouse=True, scope="module")
def _debug_judges():
    """The tiny random retrieval model under both names."""
    loads = {"default": Matcher.load("debug"), "judge": Matcher.load("debug")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(captions_module, "_DRAWS", 200)
        short(patch)
        for module in (captions_module, caption_methods):
            patch.setattr(module, "Evaluator", type("Judges", (), {"load": staticmethod(loads.__getitem__)}))
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    yield str(saved(tmp_path_factory.mktemp("tiny")))
    BodyLanguage.load.cache_clear()


def test_rows_of_a_table(corpus, model, tmp_path, monkeypatch):
    said = [caption for _, caption, _ in MOTIONS]
    monkeypatch.setattr(caption_methods, "drawn", lambda language, body, count, seed=0: said[seed : seed + count])
    table = evaluate(corpus, "test", model, seeds=2, candidates=3, out=tmp_path)
    rows = {row.name: row for row in table.rows}
    assert list(rows) == [method.title for method in methods().values()]
    own, near = rows["a caption of the same recording"], rows["the nearest training motion's caption"]
    assert 50 < own.cells["BLEU-1"].mean < 80  # all words but who does it
    assert near.cells["CIDEr-D"].mean > 5
    assert own.cells["contradicted"].mean == 0
    assert rows["a random training clip's caption"].cells["contradicted"].mean > 20
    assert "R@1, retrieval" not in near.cells
    assert "R@1, judge" in near.cells
    assert "CIDEr-D over the nearest's" not in own.cells
    greedy = rows["language model, greedy"]
    assert greedy.cells["CIDEr-D over the nearest's"].mean == pytest.approx(
        greedy.cells["CIDEr-D"].mean - near.cells["CIDEr-D"].mean
    )
    assert [len(row.seeds) for row in table.rows] == [0, 2, 2, 0, 2, 2, 2]
    assert {path.name for path in tmp_path.iterdir()} == {f"captions-test.{kind}" for kind in ("md", "json", "csv")}


def test_captions_are_taken_as_told(corpus, model):
    pack, judge = Pack.load(corpus), Matcher.load("debug")
    clips = pack.indices("test")[-2:]
    motions = [pack.motion(index) for index in clips]
    scene = Scene(pack, clips, motions, judge.motion(motions), model, 3, lambda *_: None)
    known = [pack.motion(index) for index in scene.train]
    best = (judge.motion(motions) @ judge.motion(known).T).argmax(axis=1)
    assert scene.nearest == [scene.train[k] for k in best]
    texts, match = scene.drawn(0)[1]
    assert match == pytest.approx(judge.text(texts) @ judge.motion([motions[1]])[0], abs=1e-5)
    told = {key: method.tell(scene, 0) for key, method in methods().items()}
    assert told["likelihood"][1] == texts[0]
    assert told["match"][1] == texts[int(np.argmax(match))]
    assert all(text in pack.clips[index].captions for text, index in zip(told["nearest"], scene.nearest, strict=True))


def test_the_command(corpus, model, tmp_path, capsys):
    asked = ["evaluate", "captions", str(corpus), "--split", "val", "--model", model, "-o", str(tmp_path)]
    with pytest.raises(SystemExit) as stopped:
        cli.main([*asked, "--seeds", "1", "--candidates", "2", "--limit", "2", "--json"])
    assert not stopped.value.code
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "captions-val.json").read_text())
    with pytest.raises(InputError, match="at least one seed"):
        evaluate(corpus, seeds=0)
    with pytest.raises(InputError, match="'test_verbs' has 0"):
        evaluate(corpus, "test_verbs")
