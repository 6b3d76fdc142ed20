"""Gestures in time with speech: whole sequences, and the synthetic set that is made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import speech_data

import motions
from motionary.corpora import pack
from motionary.corpora.cospeech_set import build
from motionary.corpora.repertoire import of_pack
from motionary.corpora.speech_pairs import Word, load
from motionary.errors import FormatError, InputError
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.gesticulation import gesticulate, on_legs, quality
from motionary.motion.placement import heading
from motionary.motion.repertoire import Repertoire


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> pack.Pack:
    """Two gestures of training, one of test, somebody who stands, and one who walks away while waving."""
    made = {
        "wave-left-hand": ("train", motions.wave(2.5)), "bow": ("train", motions.stand(1.5)),
        "wave-right-hand": ("test", motions.wave(2.0)), "guide": ("train", motions.walk(2.0)),
    }  # fmt: skip
    clips = [
        (pack.Clip(f"mine/{content}", "mine", "CC0-1.0", split, ("x",), content=content), motion)
        for content, (split, motion) in made.items()
    ]
    return pack.save(tmp_path_factory.mktemp("pack"), clips, {})


@pytest.fixture(scope="module")
def repertoire(corpus: pack.Pack) -> Repertoire:
    return of_pack(corpus)


def test_a_body_gestures_in_time_and_stands(repertoire: Repertoire):
    stresses = np.arange(0.3, 5.0, 0.47)
    motion, timing = gesticulate(repertoire, stresses, 5.0, seed=1)
    assert len(motion) == 150
    assert timing.strokes >= 4
    assert timing.after < 0.5 * timing.before
    assert timing.measured < 0.7 * timing.before
    assert motion.meta["synthetic"] is True
    assert set(motion.meta["clips"]) <= {"mine/wave-left-hand", "mine/bow"}
    assert motion.meta["licence"] == "CC0-1.0"
    assert {segment.text for segment in motion.segments} == {"wave-left-hand"}
    assert quality(motion)["slide_mm_per_frame"] < 0.01
    fastest = np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).max() * motion.fps
    assert fastest < 5.0


def test_a_seed_is_a_motion(repertoire: Repertoire):
    first, second, other = (gesticulate(repertoire, [1.0, 2.2], 4.5, seed)[0] for seed in (3, 3, 4))
    assert np.array_equal(first.rotations, second.rotations)
    assert not np.array_equal(first.rotations, other.rotations)


def test_gestures_on_the_legs_of_another_motion(repertoire: Repertoire, walker: Motion):
    legs = motions.spin()[:90]
    motion, _ = gesticulate(repertoire, [1.0, 2.0], 3.0, seed=0, lower=legs)
    ankle, chest = HUMAN.index("left_ankle"), HUMAN.index("spine3")
    assert motion.positions()[:, ankle] == pytest.approx(legs.positions()[:, ankle])
    leaning = replace(walker[:90], rotations=walker.rotations[:90].copy())
    leaning.rotations[:, 0] = rot.multiply(leaning.rotations[:, 0], rot.from_axis("X", 0.4))
    upper = on_legs(leaning, legs)

    def seen_from_heading(one: Motion) -> np.ndarray:
        return rot.multiply(rot.from_axis("Y", -heading(one)), one.kinematics()[1][:, chest])

    assert rot.angle(seen_from_heading(upper), seen_from_heading(leaning)).max() < 1e-6
    with pytest.raises(InputError, match="the legs need 90 frames"):
        on_legs(leaning, legs[:50])


def test_gestures_that_do_not_fit_are_refused(corpus: pack.Pack, repertoire: Repertoire):
    with pytest.raises(InputError, match="no gestures in split 'val'"):
        of_pack(corpus, "val")
    with pytest.raises(InputError, match="at least one stressed syllable"):
        gesticulate(repertoire, [], 5.0, 0)
    short, timing = gesticulate(repertoire, [0.4], 1.0, 0)
    assert (len(short), timing.strokes) == (30, 0)
    wandering = of_pack(corpus, contents=("bow", "guide"))
    drawn = {wandering.draw(np.random.default_rng(seed)).kind for seed in range(8)}
    assert drawn == {"bow"}


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """A synthetic speech set of three sentences as ``motionary speech build`` writes it."""
    items = []
    for name, split, stress in (("a", "train", 2), ("b", "train", 2), ("c", "test", 0)):
        speech_data.write_wav(tmp_path / "speech" / "wav" / f"{name}.wav", 3.0)
        phones = [["a", start, start + 0.1, stress] for start in (0.4, 1.1, 1.7, 2.4)]
        items.append({
            "id": name, "file": f"wav/{name}.wav", "text": f"Say {name}", "kind": "talk", "split": split,
            "engine": "espeak-ng", "voice": {"name": "en-us", "speed": 165, "style": "neutral"}, "seconds": 3.0,
            "words": [["Say", 0.1, 0.5], [name, 0.6, 0.9]], "phones": phones,
        })  # fmt: skip
    content = {"about": "", "synthetic": True, "rate": 16000, "items": items}
    (tmp_path / "speech" / "index.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path / "speech"


def test_synthetic_speech_is_read(speech: Path):
    found, report = load("synthetic", speech)
    assert [one.id for one in found] == ["a", "b", "c"]
    assert found[0].words == (Word("Say", 0.1, 0.5), Word("a", 0.6, 0.9))
    assert (found[0].speaker, found[0].seconds, found[0].motion) == ("espeak-ng/en-us", 3.0, None)
    assert all(one.meta["synthetic"] for one in found)
    assert found[0].meta["stresses"] == [0.4, 1.1, 1.7, 2.4]
    (speech / "wav" / "b.wav").unlink()
    again, report = load("synthetic", speech)
    assert len(again) == 2
    assert dict(report.dropped) == {"no sound": {"b": 3.0}}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"file": "../../secret.wav"}, "a file outside the folder"),
        ({"words": [["Say", 0.1]]}, "item 'a': an item needs"),
        ({"words": [["Say", 0.1, 99]]}, "item 'a': words must lie within"),
        ({"seconds": None}, "item 'a': an item needs"),
    ],
)
def test_broken_items_are_refused(speech: Path, changes: dict, match: str):
    content = json.loads((speech / "index.json").read_text(encoding="utf-8"))
    content["items"][0] |= changes
    (speech / "index.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(FormatError, match=match):
        load("synthetic", speech)


def test_talks_with_gestures_are_made_and_read(speech: Path, corpus: pack.Pack, tmp_path: Path):
    content = json.loads((speech / "index.json").read_text(encoding="utf-8"))
    content["items"].append(content["items"][0] | {"id": "d", "kind": "instruction"})
    (speech / "index.json").write_text(json.dumps(content), encoding="utf-8")
    told = build(speech, corpus, tmp_path / "talks", seconds=5.0)
    assert (told["talks"], told["instructions_not_used"]) == (1, 1)
    assert told["left_out"] == {"talk-00000": "no phone has primary stress"}
    found, report = load("synthetic", tmp_path / "talks")
    one = found[0]
    assert 6.2 < one.seconds < 6.7
    assert len(one.words) == 4
    assert one.words[2].start > 3.3
    assert one.read_audio().seconds == pytest.approx(one.seconds, abs=1e-3)
    motion = one.read_motion()
    assert len(motion) / 30 == pytest.approx(one.seconds, abs=0.04)
    assert motion.meta["synthetic"] is True
    assert one.licence == "CC0-1.0"
    assert not report.dropped


def test_only_what_is_learned_from_is_said_again(speech: Path, corpus: pack.Pack, tmp_path: Path):
    once, thrice = (build(speech, corpus, tmp_path / str(takes), seconds=5.0, takes=takes) for takes in (1, 3))
    items = [json.loads((tmp_path / name / "index.json").read_text(encoding="utf-8"))["items"] for name in "13"]
    learned = [item for item in items[0] if item["split"] == "train"]
    assert learned
    assert items[1][: len(items[0])] == items[0]
    assert thrice["talks"] == once["talks"] + 2 * len(learned)
    assert {item["split"] for item in items[1][len(items[0]) :]} == {"train"}
    with pytest.raises(InputError, match="takes"):
        build(speech, corpus, tmp_path / "none", takes=0)
