"""Who takes part: sides, prompts files, folders of motions and models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import motions
from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.evaluation.study.sides import Prompt, Side, pairs, parse_side, read_prompts
from motionary.evaluation.study.sides import motions as motions_of

PROMPTS = [Prompt("walk forward", "one", "向前走", 2.0), Prompt("wave the left hand", "two", "", 1.0)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "theirs"
    path.mkdir()
    formats.write(motions.walk(3.0), path / "001.npz")
    formats.write(motions.wave(0.5), path / "2.bvh")
    (path / "readme.md").write_text("not a motion")
    return path


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("flow", Side("flow", None, "flow", None)),
        ("flow:no-knowledge", Side("flow:no-knowledge", None, "flow", False)),
        ("ours=flow:knowledge", Side("ours", None, "flow", True)),
        (r"C:\runs\mine:knowledge", Side(r"C:\runs\mine:knowledge", None, r"C:\runs\mine", True)),
    ],
)
def test_sides(text, side):
    assert parse_side(text) == side


def test_a_folder_of_motions_is_a_side(folder):
    assert parse_side(str(folder)) == Side("theirs", folder)
    assert parse_side(f"JL2P={folder}") == Side("JL2P", folder)


def test_a_checkpoint_folder_is_a_model(folder):
    (folder / "config.json").write_text("{}")
    assert parse_side(str(folder)).model == str(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [("flow:louder", ":knowledge, :no-knowledge"), ("", "a side is"), ("=flow", "a side is"), ("ours=", "a side is"),
     ("flow:knowledge:no-knowledge", "one of")],
)  # fmt: skip
def test_wrong_sides(text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        parse_side(text)


def test_motions_of_a_folder(folder):
    walk, wave = motions_of(parse_side(str(folder)), PROMPTS, 0)
    assert walk.duration == pytest.approx(2.0)  # cut to the prompt's length
    assert wave.duration == pytest.approx(0.5)  # never stretched
    assert walk.meta["file"] == "001.npz"


def test_a_missing_motion(folder):
    (folder / "2.bvh").unlink()
    with pytest.raises(InputError, match=r"no file is numbered 002, for the prompt 'wave the left hand'"):
        motions_of(parse_side(str(folder)), PROMPTS, 0)
    for name in ("002.npz", "2.npz"):
        formats.write(motions.wave(0.5), folder / name)
    with pytest.raises(InputError, match=r"2 files are numbered 002"):
        motions_of(parse_side(str(folder)), PROMPTS, 0)


def test_a_model_against_a_folder(folder):
    seen: list[tuple[str, int, int]] = []
    made = pairs(PROMPTS, parse_side("tiny=debug"), parse_side(str(folder)), 5, lambda *step: seen.append(step))
    assert [(pair.system_a, pair.system_b, pair.quadrant) for pair in made] == [
        ("tiny", "theirs", "one"), ("tiny", "theirs", "two"),
    ]  # fmt: skip
    assert [pair.motion_a.duration for pair in made] == pytest.approx([2.0, 1.0])
    assert [pair.motion_a.meta["seed"] for pair in made] == [5, 6]
    assert made[0].translation == "向前走"
    assert seen == [("tiny", 2, 2)]


def test_both_sides_draw_the_same_noise():
    made = pairs(PROMPTS, parse_side("a=debug"), parse_side("b=debug"), 5)
    assert (made[0].motion_a.root == made[0].motion_b.root).all()


def test_the_knowledge_switch_reaches_the_generator():
    (off,) = motions_of(parse_side("debug:no-knowledge"), PROMPTS[:1], 0)
    assert off.meta["knowledge"]["used"] is False
    assert "off" in off.meta["knowledge"]["note"]
    (on,) = motions_of(parse_side("debug:knowledge"), PROMPTS[:1], 0)
    assert on.meta["knowledge"] != off.meta["knowledge"]


def test_two_sides_of_one_name():
    with pytest.raises(InputError, match="both sides are called 'flow'"):
        pairs(PROMPTS, parse_side("flow"), parse_side("flow"))


def test_prompts(tmp_path):
    path = tmp_path / "prompts.json"
    entries = [
        {"prompt": " walk ", "quadrant": "one", "other": 3},
        {"prompt": "wave", "set": "new", "seconds": 2, "chinese": "挥手"},
    ]
    path.write_text(json.dumps({"prompts": entries}))
    assert read_prompts(path, 4.0) == [Prompt("walk", "one", "", 4.0), Prompt("wave", "new", "挥手", 2.0)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is no JSON"), ("[]", "needs a list 'prompts'"), ('{"prompts": []}', "1 to 500 entries"),
        ('{"prompts": [{"prompt": "walk"}, {"text": "run"}]}', "prompt 2: needs the text 'prompt'"),
        ('{"prompts": [{"prompt": "walk", "quadrant": 3}]}', "prompt 1: 'quadrant' must be text"),
        ('{"prompts": [{"prompt": "walk", "seconds": 900}]}', "prompt 1: 'seconds' must be between 0.5 and 60"),
        ('{"prompts": [{"prompt": "  "}]}', "prompt 1: the prompt is empty"),
    ],
)  # fmt: skip
def test_wrong_prompts(tmp_path, text, message):
    path = tmp_path / "prompts.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=re.escape(message)):
        read_prompts(path, 4.0)
