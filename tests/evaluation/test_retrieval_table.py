"""The evaluator's own tables, on a tiny corpus and the tiny random model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from motionary import cli
from motionary.corpora import pack as packs
from motionary.corpora.pack import Clip, Pack
from motionary.corpora.sameness import same, telling
from motionary.errors import InputError
from motionary.evaluation.retrieval import Evaluator, Gallery
from motionary.evaluation.retrieval_table import _in_order, _trembling, evaluate
from motions import jump, walk, wave
from tiny_corpus import SOURCES, build


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    build(folder)
    return folder


def test_tables_of_a_split(corpus, tmp_path):
    tables = evaluate(corpus, ["val", "train"], "debug", tmp_path)
    assert list(tables) == ["debug-val", "debug-train", "debug-actions"]
    rows = {row.name: row for row in tables["debug-val"].rows}
    assert list(rows) == [
        f"{protocol}, {way}"
        for protocol in ("all", "similar", "dissimilar")
        for way in ("text to motion", "motion to text")
    ]
    assert (rows["all, text to motion"].n, rows["all, text to motion"].cells["pool"]) == (4, 4)
    assert rows["all, text to motion"].cells["R@5"].mean == 100
    actions = {row.name: row for row in tables["debug-actions"].rows}
    assert list(actions) == [f"{split}{way}" for split in ("val", "train") for way in ("", ", trembling", ", mirrored")]
    assert actions["val"].cells["actions"] == 4
    assert actions["train"].n == 16
    assert "Fréchet floor" in actions["train"].cells
    assert "Fréchet floor" not in actions["val"].cells  # halves of two
    assert "order" not in actions["val"].cells
    assert {path.name for path in tmp_path.iterdir()} >= {"debug-val.md", "debug-actions.json"}
    with pytest.raises(InputError, match=r"split 'test_verbs' .* has 0"):
        evaluate(corpus, ["test_verbs"], "debug")


def test_the_command_writes_tables(corpus, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(
            ["evaluate", "retrieval", str(corpus), "--split", "val", "--model", "debug", "-o", str(tmp_path), "--json"]
        )
    assert not stopped.value.code
    shown = json.loads(capsys.readouterr().out)
    assert shown == {name: json.loads((tmp_path / f"{name}.json").read_text()) for name in shown}


def test_a_judge_is_asked_about_what_it_has_not_seen(tmp_path, monkeypatch):
    clips = [
        (Clip(f"c{k}", "made", "CC0-1.0", "test_verbs", (text,), text, family=f"f{k // 2}"), walk(1.0 + 0.1 * k))
        for k, text in enumerate(("hop", "hop", "sneak", "slash", "hop", "hop", "sneak", "sneak"))
    ]
    packs.save(tmp_path, clips, {"sources": SOURCES})
    plain = evaluate(tmp_path, ["test_verbs"], "debug")
    assert [row.n for row in plain["debug-actions"].rows] == [8] * 3 + [4] * 3
    assert plain["debug-test_verbs"].rows[0].n == 8
    monkeypatch.setitem(Evaluator.load("debug").info, "verbs", True)
    judged = evaluate(tmp_path, ["test_verbs"], "debug")
    assert judged["debug-test_verbs"].rows[0].n == 4
    assert [row.name for row in judged["debug-actions"].rows] == [
        f"test_verbs, families that the judge has not seen{way}" for way in ("", ", trembling", ", mirrored")
    ]


def test_a_gallery_of_a_corpus(corpus):
    evaluator, pack = Evaluator.load("debug"), Pack.load(corpus)
    gallery = Gallery.of(pack, ["train"], evaluator)
    assert gallery.labels == tuple(sorted({clip.content for clip in pack.clips}))
    assert np.allclose(np.linalg.norm(gallery.vectors, axis=1), 1, atol=1e-5)
    walks = [text for clip in pack.clips if clip.content == "walk" for text in clip.captions]
    mean = evaluator.text(sorted(set(walks))).mean(axis=0)
    assert np.allclose(gallery.vectors[gallery.labels.index("walk")], mean / np.linalg.norm(mean), atol=1e-5)
    assert gallery.same.diagonal().all()
    assert not gallery.same[gallery.labels.index("wave-left"), gallery.labels.index("wave-right")]


def test_one_action_by_two_names(tmp_path):
    """Labels whose captions can be said of each other are one action."""
    said = {
        "walk": "a person walks forward",
        "stroll": "a person walks forward",
        "walk-back": "a person walks backward",
    }
    clips = [(Clip(label, "made", "CC0-1.0", "test", (text,), label), walk(1.0)) for label, text in said.items()]
    gallery = Gallery.of(packs.save(tmp_path, clips, {"sources": SOURCES}), ["test"], Evaluator.load("debug"))
    assert gallery.labels == ("stroll", "walk", "walk-back")
    assert gallery.same.tolist() == [[True, True, False], [True, True, False], [False, False, True]]


def test_order_is_asked_of_compounds(tmp_path):
    captions = ("walk, then wave", "jump, then jump", "jump")
    clips = [
        (Clip(f"c{k}", "made", "CC0-1.0", "test", (text,), text), motion)
        for k, (text, motion) in enumerate(zip(captions, (walk(1.0), wave(1.0), jump()), strict=True))
    ]
    pack, evaluator = packs.save(tmp_path, clips, {"sources": SOURCES}), Evaluator.load("debug")
    first, second = evaluator.text(["walk, then wave", "wave, then walk"])
    assert _in_order(pack, [0, 1, 2], evaluator, np.stack([first] * 3)) == [True]
    assert _in_order(pack, [0, 1, 2], evaluator, np.stack([second] * 3)) == [False]


def test_trembling_is_small_and_everywhere(walker):
    shaken = _trembling(walker)
    off = np.linalg.norm(shaken.positions() - walker.positions(), axis=-1)
    assert 0.01 < off[:, 1:].mean() < 0.06
    assert np.allclose(shaken.root, walker.root)
    assert np.array_equal(_trembling(walker).rotations, shaken.rotations)


def test_captions_that_say_the_same():
    texts = ["raise the left hand", "lift the LEFT arm", "raise the right hand", "go ahead", "go forwards", "go back"]
    assert telling(texts[0]) == telling(texts[1]) != telling(texts[2])
    assert telling(texts[3]) == telling(texts[4]) == {"forward"}
    assert telling(texts[5]) == {"backward"}
    alike = np.full((6, 4), 0.5, np.float32)  # all vectors are one: only sides part them
    found = same(texts, alike)
    assert found.tolist() == [
        [True, True, False, False, False, False],
        [True, True, False, False, False, False],
        [False, False, True, False, False, False],
        [False, False, False, True, True, False],
        [False, False, False, True, True, False],
        [False, False, False, False, False, True],
    ]
    apart = np.eye(6, dtype=np.float32)
    assert same(texts, apart).sum() == 6
