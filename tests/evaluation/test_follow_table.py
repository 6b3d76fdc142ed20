"""``motionary evaluate follow`` on spoken sentences whose answers are known; the word error rate."""

from __future__ import annotations

import json

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation import follow, word_errors
from motionary.evaluation.follow import Done
from motionary.speech.audio import Audio, write
from motionary.speech.transcribe import Transcript
from motions import spin, stand, walk

TEXTS = ("a person walks forward", "someone spins on the spot", "a person nods")


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [
        ("Walk forward, then wave!", "walk forward then wave", 0),
        ("take four steps", "Take 4 steps.", 0),
        ("a person walks", "the person walks away", 2),
        ("wave with the left hand", "with the left hand", 1),
        ("jump", "", 1),
        ("it's left-handed", "it\u2019s left handed", 0),
    ],
)
def test_word_errors(said, heard, count):
    assert word_errors.errors(word_errors.words(said), word_errors.words(heard)) == count
    assert word_errors.errors(word_errors.words(heard), word_errors.words(said)) == count


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """Three sentences of the test split, the first in two voices; one of another split, one that asks for nothing."""
    folder = tmp_path_factory.mktemp("speech")
    write(Audio(np.full(8000, 0.1, np.float32), 16_000), folder / "a.wav")
    kinds = [
        (TEXTS[0], "own", "test", "en"),
        (TEXTS[0], "own", "test", "en+f1"),
        (TEXTS[1], "instruction", "test", "en"),
    ]
    kinds += [(TEXTS[2], "own", "test", "en"), ("walk on", "own", "train", "en"), ("hello there", "talk", "test", "en")]
    items = [
        {
            "id": f"{number}", "file": "a.wav", "text": text, "kind": kind, "split": split, "engine": "espeak-ng",
            "voice": {"name": voice}, "seconds": 0.5, "words": [], "phones": [],
        }
        for number, (text, kind, split, voice) in enumerate(kinds)
    ]  # fmt: skip
    (folder / "index.json").write_text(json.dumps({"items": items}))
    return folder


def test_sentences_of_a_split(spoken):
    found = follow.spoken([spoken], "test")
    assert tuple(one.transcript for one in found) == TEXTS
    assert [one.transcript for one in follow.spoken([spoken, spoken], "test", limit=2)] == [TEXTS[0], TEXTS[2]]
    with pytest.raises(InputError, match="have 1"):
        follow.spoken([spoken], "train")


def test_table(spoken, monkeypatch, tmp_path):
    made = {TEXTS[0]: walk(), TEXTS[1]: spin(), TEXTS[2]: stand()}

    def told(asked, seeds):
        return [Done(one.transcript, [made[one.transcript] for _ in seeds]) for one in asked]

    def half(asked, seeds):
        return [Done("a person walks forward", [walk() if seed else stand() for seed in seeds]) for _ in asked]

    def nothing(asked, seeds):
        return [Done("", []) for _ in asked]

    ways = {follow.TOLD: told, follow.WORDS: half, follow.UNITS: nothing}
    monkeypatch.setattr(follow, "systems", lambda *_: ways)
    monkeypatch.setattr(follow.BodyLanguage, "load", lambda name: None)
    table = follow.evaluate([spoken], seeds=2, out=tmp_path, model="debug")
    rows = {row.name: row.cells for row in table.rows}
    assert rows[follow.TOLD]["kept"].mean == 100
    assert "word errors" not in rows[follow.TOLD]
    assert rows[follow.WORDS]["kept"].mean == pytest.approx(25)  # one of two seeds, of one of two sentences
    assert rows[follow.WORDS]["kept, less told"].mean == pytest.approx(-75)
    assert (rows[follow.WORDS]["direction"].mean, rows[follow.WORDS]["turn"].mean) == (50, 0)
    assert rows[follow.WORDS]["sentences right"].mean == pytest.approx(100 / 3)
    assert rows[follow.WORDS]["word errors"].mean == pytest.approx(100 * (0 + 5 + 2) / (4 + 5 + 3))
    assert rows[follow.UNITS]["word errors"].mean == 100
    assert rows[follow.UNITS]["kept"].mean == 0
    assert "2 sentences" in table.notes[2]
    assert (tmp_path / "follow-test.md").is_file()
    with pytest.raises(InputError, match="one seed"):
        follow.evaluate([spoken], seeds=0, out=tmp_path)


def test_ways(spoken, monkeypatch):
    """What was not heard is not made; the others get a motion a seed, in order."""
    texts = iter(["walk", "", "wave"])
    monkeypatch.setattr(follow, "transcribe", lambda audio: Transcript(next(texts), (), -0.1, 0.1, audio.seconds))
    asked, seen = follow.spoken([spoken], "test"), []
    ways = follow.systems(
        lambda requests: [(one.prompt, one.seed) for one in requests], None, lambda *p: seen.append(p)
    )
    done = ways[follow.WORDS](asked, range(2))
    assert [one.heard for one in done] == ["walk", "", "wave"]
    assert [one.motions for one in done] == [[("walk", 0), ("walk", 1)], [], [("wave", 0), ("wave", 1)]]
    assert ways[follow.TOLD](asked, [3])[1].motions == [(TEXTS[1], 3)]
    assert seen[-1] == ("transcribe", 3, 3)
