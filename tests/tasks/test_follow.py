"""Spoken instructions with a tiny random model: lengths, seeds, what is told, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.speech.audio import Audio
from motionary.tasks.follow import follow
from tiny_language import short, tiny

RATE = 16_000


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch):
    short(monkeypatch)


@pytest.fixture(scope="module")
def language():
    return tiny()


def sound(seconds, loud=0.3):
    time = np.arange(round(seconds * RATE)) / RATE
    return Audio((loud * np.sin(2 * np.pi * 150 * time)).astype(np.float32), RATE)


def test_a_sound_becomes_a_motion(language):
    motion = follow(sound(1.0), seconds=1.0, seed=3, language=language)
    assert len(motion) == 31
    again, other = (follow(sound(1.0), seconds=1.0, seed=seed, language=language) for seed in (3, 4))
    assert np.array_equal(motion.rotations, again.rotations)
    assert not np.array_equal(motion.rotations, other.rotations)
    assert motion.meta["seconds_chosen_by"] == "user"
    assert isinstance(motion.meta["heard"], str)
    assert motion.meta["synthetic"]


def test_the_length_is_chosen(language):
    motion = follow(sound(1.0), language=language)
    assert 1.0 <= motion.duration <= 10.0
    assert motion.meta["seconds_chosen_by"] == "model"


@pytest.mark.parametrize(
    ("given", "options", "says"),
    [
        (sound(0.2), {}, "0.5 to 10 s of speech; this has 0.20 s"),
        (sound(11.0), {}, "this has 11.00 s"),
        (sound(1.0, 0.0), {}, "silent"),
        (sound(1.0), {"seconds": 11.0}, "seconds must be 0.5 to 10"),
        (sound(1.0), {"temperature": -1.0}, "temperature"),
    ],
)
def test_refusals(language, given, options, says):
    with pytest.raises(InputError, match=says):
        follow(given, language=language, **options)


def test_a_model_without_speech():
    with pytest.raises(InputError, match="has not learned speech"):
        follow(sound(1.0), language=tiny(speech=False))
