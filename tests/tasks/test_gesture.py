"""Gestures to speech: length, windows, legs, quiet and bad sounds, on a tiny random language model."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

import sounds
from motionary.errors import CheckpointError, FormatError, InputError
from motionary.motion import HUMAN
from motionary.motion.parts import SPOKEN
from motionary.motion.strokes import distances, strokes
from motionary.speech.audio import Audio
from motionary.speech.syllables import syllables
from motionary.tasks import gesture as task
from motionary.tasks.generate import Generator
from motionary.tasks.gesture import ASKED, KEPT, STANDING, WINDOW, windows
from motionary.tasks.gesture_phrases import PHRASES
from motionary.tasks.gesture_timing import in_time
from motionary.tasks.language import BodyLanguage
from motionary.text.instructions import Instructions
from motions import walk, wave
from tiny_language import tiny

UPPER = [HUMAN.index(name) for name in SPOKEN["upper"]]
# Both take long, or mean little, for bodies that move at random.
gesture = partial(task.gesture, foot_lock=False, timed=False)
LOWER = [HUMAN.index(name) for name in SPOKEN["lower"]]


def talk(seconds: float, tone: float = 110.0) -> Audio:
    """Three syllables a second."""
    times = np.arange(0.2, seconds, 0.33)
    return sounds.babble([(t, 0.05 + 0.1 * (k % 3), tone + 15 * (k % 5)) for k, t in enumerate(times)], seconds)


@pytest.fixture(scope="module")
def language():
    return tiny()


@pytest.fixture
def asked(language, monkeypatch):
    """(ask, answer) of every window."""
    found = []

    def codes(asks, **options):
        answers = BodyLanguage.codes(language, asks, **options)
        found.extend(zip(asks, answers, strict=True))
        return answers

    monkeypatch.setattr(language, "codes", codes)
    return found


@pytest.fixture
def short(monkeypatch):
    """Windows of 3 s."""
    monkeypatch.setattr(task, "WINDOW", 23)


class TestWindows:
    @pytest.mark.parametrize("tokens", [1, KEPT, 9, WINDOW, WINDOW + 1, 2 * WINDOW - KEPT, 150, 1000, 4500])
    def test_they_cover_all_and_overlap(self, tokens):
        found = windows(tokens)
        assert found[0][0] == 0
        assert found[-1][1] == tokens
        assert all(later[0] == earlier[1] - KEPT for earlier, later in pairwise(found))
        assert all(KEPT < last - first <= WINDOW or len(found) == 1 for first, last in found)
        assert len(found) == 1 or max(b - a for a, b in found) - min(b - a for a, b in found) <= KEPT + 1

    def test_each_goes_on_from_the_one_before(self, language, asked, short):
        motion = gesture(talk(7.0), model=language)
        (first, one), (second, two), (third, _) = asked
        assert first.seen is None or (first.seen == -1).all()
        assert np.array_equal(second.seen[:KEPT], one[-KEPT:])
        assert (second.seen[KEPT:] == -1).all()
        assert np.array_equal(third.seen[:KEPT], two[-KEPT:])
        assert len({ask.seed for ask in (first, second, third)}) == 3
        assert sum(len(ask.units) for ask, _ in asked) == pytest.approx(7 * 25 + 2 * KEPT / 7.5 * 25, abs=3)
        rows = np.concatenate([one, two[KEPT:], asked[2][1][KEPT:]])
        whole = language.decoded(rows, len(motion), foot_lock=False, smoothing=task.SMOOTHING)
        assert np.allclose(whole.rotations, motion.rotations, atol=1e-12)
        assert np.array_equal(whole.root, motion.root)
        assert motion.meta["windows"] == 3


class TestMotion:
    @pytest.mark.parametrize("seconds", [0.5, 1.017, 2.0])
    def test_as_long_as_the_sound(self, language, seconds):
        motion = gesture(talk(seconds), model=language)
        assert len(motion) == round(30 * seconds)
        assert motion.fps == 30

    def test_feet_are_pinned(self, language):
        free, pinned = (
            task.gesture(talk(1.0), model=language, temperature=0, foot_lock=lock, timed=False)
            for lock in (False, True)
        )
        assert np.allclose(free.rotations[:, UPPER], pinned.rotations[:, UPPER], atol=1e-12)
        assert (free.meta["foot_lock"], pinned.meta["foot_lock"]) == (False, True)
        assert np.abs(free.rotations - pinned.rotations).max() > 1e-4

    def test_seed_and_sound_decide(self, language):
        first = gesture(talk(1.0), model=language, seed=1)
        assert np.array_equal(first.rotations, gesture(talk(1.0), model=language, seed=1).rotations)
        for other in (
            gesture(talk(1.0), model=language, seed=2),
            gesture(talk(1.0, 180.0), model=language, seed=1),
        ):
            assert np.abs(first.rotations - other.rotations).max() > 1e-3
        likeliest = [gesture(talk(1.0), model=language, seed=seed, temperature=0).rotations for seed in (1, 2)]
        assert np.array_equal(*likeliest)

    def test_only_the_beginning(self, language, asked):
        cut, whole = (
            gesture(talk(2.0), seconds=1.5, model=language),
            gesture(talk(2.0).cut(0, 1.5), model=language),
        )
        assert np.array_equal(cut.rotations, whole.rotations)
        assert len(asked[0][0].units) == len(asked[1][0].units) == 38

    def test_in_place(self, language):
        there, here = (gesture(talk(1.0), model=language, in_place=still, foot_lock=False) for still in (False, True))
        assert np.abs(here.root[:, [0, 2]]).max() == 0
        assert np.abs(there.root[:, [0, 2]]).max() > 0.01
        assert np.array_equal(here.rotations, there.rotations)

    def test_style_is_said(self, language, asked):
        plain, happy = gesture(talk(1.0), model=language), gesture(talk(1.0), model=language, style="happy")
        assert [ask.words for ask, _ in asked] == [ASKED, "happy style"]
        learned = Instructions.load().task("audio_to_motion").templates["en"]
        assert ASKED in [template.replace("{audio}", "this") for template in learned]
        assert np.abs(plain.rotations - happy.rotations).max() > 1e-3
        assert happy.meta["style"] == "happy"

    def test_what_it_tells(self, language):
        meta = gesture(talk(2.0), model=language, seed=5).meta
        assert "synthetic" in meta["synthetic"]
        assert (meta["seed"], meta["model"], meta["licence"]) == (5, "tiny", "CC-BY-NC-4.0")
        assert meta["units"] == language.model.config.units_version
        assert all(0 < time < 2 for time in meta["strokes"])
        assert meta["notes"] == []


class Waving:
    """A text-to-motion model that always waves, a little faster with every seed."""

    name, info = "waving", {"licence": "CC0-1.0", "data": "none"}

    def __init__(self):
        self.asked = []

    def __call__(self, requests, **options):
        self.asked += [one.prompt for one in requests]
        return [wave(one.seconds, rate=0.7 + 0.02 * number) for number, one in enumerate(requests)]


class TestPhrases:
    def test_gestures_meet_what_is_stressed(self):
        model, sound = Waving(), talk(8.0)
        motion = task.gesture(sound, model=model, seed=2)
        assert len(motion) == 240
        assert motion.meta["way"] == "phrases"
        assert (motion.meta["model"], motion.meta["licence"], motion.meta["seed"]) == ("waving", "CC0-1.0", 2)
        assert motion.segments
        assert {segment.text for segment in motion.segments} <= set(PHRASES)
        stressed = syllables(sound).stressed
        late = distances((np.array(motion.meta["strokes"]) + 0.17) % 8.0, stressed).mean()
        assert distances(motion.meta["strokes"], stressed).mean() < late
        feet = [HUMAN.index(f"{side}_ankle") for side in ("left", "right")]
        assert np.ptp(motion.positions()[:, feet], axis=0).max() < 0.02

    def test_seeds_and_styles(self):
        model = Waving()
        one, same, other = (task.gesture(talk(4.0), model=model, seed=seed) for seed in (1, 1, 2))
        assert np.array_equal(one.rotations, same.rotations)
        assert np.abs(one.rotations - other.rotations).max() > 0.01
        model.asked.clear()
        task.gesture(talk(2.0), model=model, style="tired")
        assert all("a tired person" in prompt for prompt in model.asked)

    def test_legs_may_walk(self):
        motion = task.gesture(talk(2.0), model=Waving(), lower=walk(3.0))
        assert np.array_equal(motion.rotations[:, LOWER], walk(3.0)[:60].rotations[:, LOWER])

    def test_silence_is_stood_through(self):
        motion = task.gesture(Audio(np.zeros(32_000, np.float32), 16_000), model=Waving())
        assert len(motion) == 60
        assert not motion.meta["strokes"]
        assert any("nothing is heard" in note for note in motion.meta["notes"])


class TestTiming:
    def test_strokes_come_when_syllables_are_stressed(self, waver):
        loud = np.arange(0.4, waver.duration - 0.2, 0.6)
        quiet = loud[:-1] + 0.3
        said = [(t, 0.3, 160.0) for t in loud] + [(t, 0.05, 110.0) for t in quiet]
        sound = sounds.babble(sorted(said), waver.duration)
        bent = in_time(waver, sound)
        assert len(bent) == len(waver)
        before, after = (distances(strokes(motion), loud).mean() for motion in (waver, bent))
        assert after < 0.8 * before
        assert np.abs(bent.rotations - waver.rotations).max() > 0.01

    def test_nothing_to_meet(self, waver):
        assert in_time(waver, Audio(np.zeros(48_000, np.float32), 16_000)) is waver
        short = waver[:2]
        assert in_time(short, talk(1.0)) is short

    def test_legs_stay(self, language):
        bent = task.gesture(talk(2.0), model=language, lower=walk(3.0))
        assert np.array_equal(bent.rotations[:, LOWER], walk(3.0)[:60].rotations[:, LOWER])
        assert bent.meta["timed"]


class TestLegs:
    @pytest.mark.parametrize("seconds", [1.5, 3.5])
    def test_are_exactly_those_that_are_given(self, language, seconds):
        legs = walk(3.0)
        motion = gesture(talk(seconds), model=language, lower=legs)
        assert len(motion) == round(30 * seconds)
        both = min(len(motion), len(legs) - 30)  # repeated legs are blended in over their last frames
        assert np.array_equal(motion.root[:both], legs.root[:both])
        assert np.array_equal(motion.rotations[:both, LOWER], legs.rotations[:both, LOWER])
        assert np.abs(motion.rotations[:both, UPPER] - legs.rotations[:both, UPPER]).max() > 1e-3
        assert motion.root[-1, 2] > 0.8 * seconds  # it walks on

    def test_the_rest_is_said_to_them(self, language, asked):
        gesture(talk(2.0), model=language, lower=walk(3.0))
        ask, said = asked[0]
        lower = language.part("lower")
        assert np.array_equal(ask.seen[:, lower], language.rows(walk(3.0)[:60])[:, lower])
        assert (ask.seen[:, ~lower] == -1).all()
        assert np.array_equal(said[:, lower], ask.seen[:, lower])

    def test_later_windows_keep_both(self, language, asked, short):
        gesture(talk(5.0), model=language, lower=walk(3.0))
        (_, one), (second, _) = asked
        assert np.array_equal(second.seen[:KEPT], one[-KEPT:])
        assert (second.seen[KEPT:, language.part("lower")] >= 0).all()

    def test_in_words_and_in_place(self, language, monkeypatch):
        debug = Generator.load("debug")
        monkeypatch.setattr(Generator, "load", lambda *_: debug)
        motion = gesture(talk(1.0), model=language, lower="a person walks", in_place=True)
        assert len(motion) == 30
        assert motion.meta["lower"] == "a person walks"
        assert np.ptp(motion.root[:, [0, 2]], axis=0).max() == 0


class TestSounds:
    def test_silence_is_stood_through(self, language, asked):
        silence = Audio(np.zeros(16_000, np.float32), 16_000)
        motion, other = (gesture(silence, model=language, seed=seed) for seed in (0, 1))
        assert np.array_equal(motion.rotations, other.rotations)  # the likeliest way to stand
        assert asked[0][0].units is None
        assert asked[0][0].words == STANDING
        assert any("nothing is heard in 1 of 1" in note for note in motion.meta["notes"])

    def test_a_quiet_window_alone(self, language, asked, short):
        sound = np.concatenate([talk(1.5).samples, np.zeros(16 * 5000, np.float32), talk(1.5).samples])
        motion = gesture(Audio(sound, 16_000), model=language)
        assert [ask.words for ask, _ in asked].count(STANDING) >= 1
        assert asked[0][0].words == asked[-1][0].words == ASKED
        assert any("nothing is heard in" in note for note in motion.meta["notes"])

    def test_what_is_not_like_speech_is_noted(self, language, rng):
        hiss = Audio((0.1 * rng.standard_normal(16_000)).astype(np.float32), 16_000)
        for sound in (sounds.tone(220, 1.0), hiss):
            assert any("not like speech" in note for note in gesture(sound, model=language).meta["notes"])

    def test_what_is_refused(self, language, tmp_path):
        for wrong, options, said in (
            (talk(0.4), {}, "0.5 s to 10 min"),
            (Audio(np.zeros(4000 * 601, np.float32), 4000), {}, "0.5 s to 10 min"),
            (talk(1.0), {"style": "jolly"}, "no style 'jolly'; styles are .*happy"),
            (talk(1.0), {"seconds": 2.0}, "those of the sound, 1.00"),
            (talk(1.0), {"seconds": 0.1}, "seconds must be"),
            (talk(1.0), {"temperature": float("nan")}, "temperature"),
            (talk(1.0), {"seed": -1}, "seed"),
            (tmp_path / "none.wav", {}, "does not exist"),
        ):
            with pytest.raises(InputError, match=said):
                gesture(wrong, model=language, **options)
        broken = tmp_path / "broken.wav"
        broken.write_bytes(b"RIFF and no more")
        with pytest.raises(FormatError, match=r"broken\.wav"):
            gesture(broken, model=language)

    def test_models_that_cannot(self, language, tmp_path):
        with pytest.raises(InputError, match="has not learned speech"):
            gesture(talk(1.0), model=tiny(speech=False))
        other = tiny()
        other.model.config = replace(other.model.config, units_version="another")
        with pytest.raises(CheckpointError, match="units of version another"):
            gesture(talk(1.0), model=other)
        with pytest.raises(CheckpointError):
            gesture(talk(1.0), model=str(tmp_path))
