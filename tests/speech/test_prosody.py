"""Energy, pitch, onsets and stress of sounds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

import sounds
from motionary.speech.audio import Audio
from motionary.speech.onsets import onset_strength, onsets
from motionary.speech.pitch import pitch
from motionary.speech.prosody import prosody
from motionary.speech.syllables import syllables

CLICKS = [0.5, 0.9, 1.5, 2.4]


@pytest.mark.parametrize("hertz", [80.0, 110.0, 220.0, 440.0])
def test_pitch_of_a_tone(hertz: float) -> None:
    found = prosody(sounds.tone(hertz, 1.0, 22_050)).pitch[3:-3]
    assert np.abs(found / hertz - 1).max() < 0.005


def test_pitch_of_a_voice_is_its_fundamental() -> None:
    found = prosody(sounds.babble([(0.5, 0.2, 150)], 1.0)).pitch
    assert np.abs(found[13:18] - 150).max() < 2


def test_pitch_follows_a_glide() -> None:
    time = np.arange(32_000) / 16_000
    glide = Audio((0.3 * np.sin(2 * np.pi * (100 * time + 25 * time**2))).astype(np.float32), 16_000)
    found = prosody(glide).pitch
    wanted = 100 + 50 * np.arange(len(found)) / 30
    assert np.abs(found - wanted)[4:-4].max() < 3


def test_noise_and_silence_have_no_pitch(rng: np.random.Generator) -> None:
    noise = (0.1 * rng.standard_normal(16_000)).astype(np.float32)
    assert (pitch(noise, np.arange(0, 16_000, 500)) > 0).mean() < 0.05
    assert not pitch(np.zeros(16_000, np.float32), np.arange(0, 16_000, 500)).any()
    assert len(pitch(noise, np.zeros(0, np.int64))) == 0


def test_energy_of_a_tone_that_stops() -> None:
    sound = sounds.tone(220, 2.0)
    sound.samples[16_000:] = 0
    rows = prosody(sound)
    assert len(rows.energy) == len(rows.pitch) == len(rows.onset) == 60
    assert rows.energy[5:25] == pytest.approx(0.3 / np.sqrt(2), rel=0.02)
    assert not rows.energy[35:].any()
    assert rows.loudness[40] == -60
    assert rows.loudness[10] == pytest.approx(-13.5, abs=0.2)


@pytest.mark.parametrize("seconds", [0.001, 0.02, 1 / 30, 0.49, 4.0])
def test_rows_for_any_length(seconds: float) -> None:
    rows = prosody(sounds.tone(220, seconds)).rows()
    assert rows.shape == (max(1, round(max(1 / 16_000, seconds) * 30)), 4)
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_onsets_are_where_the_clicks_are(rate: int) -> None:
    apart = np.abs(onsets(sounds.clicks(CLICKS, 3.0, rate))[:, None] - CLICKS)
    assert apart.min(axis=0).max() < 0.045  # every click has one; there is a value every 32 ms
    assert apart.min(axis=1).max() < 0.045  # and nothing else has


def test_no_onsets_in_silence_and_one_value_of_sound() -> None:
    assert not len(onsets(Audio(np.zeros(16_000, np.float32), 16_000)))
    assert len(onset_strength(Audio(np.zeros(16_000, np.float32), 16_000))) == 1 + 16_000 // 512


def test_onsets_are_those_of_librosa() -> None:
    """Golden values: librosa 0.11, onset_strength and onset_detect of this sound at 16 kHz with defaults."""
    sound = sounds.clicks(CLICKS, 3.0)
    strength = onset_strength(sound)
    assert len(strength) == 94
    assert strength[[3, 16, 17, 28, 29, 47, 48, 75, 76, 90]] == pytest.approx(
        [3.0139, 33.2923, 20.9875, 0.8615, 48.2347, 13.9719, 38.2507, 0.66, 50.606, 0.951], abs=1e-3
    )
    assert onsets(sound) == pytest.approx([0.512, 0.544, 0.928, 1.504, 1.536, 2.432])


def test_syllables_and_the_stressed_ones() -> None:
    loud = [0.4, 1.2, 2.0]
    weak = [0.8, 1.6, 2.4]
    spoken = [(time, 0.2, 160.0) for time in loud] + [(time, 0.06, 120.0) for time in weak]
    found = syllables(sounds.babble(spoken, 2.8))
    assert found.times == pytest.approx(sorted(loud + weak), abs=0.03)
    assert found.stressed == pytest.approx(loud, abs=0.03)


def test_silence_has_no_syllables(rng: np.random.Generator) -> None:
    assert not len(syllables(Audio(np.zeros(8000, np.float32), 16_000)).times)
    assert not len(syllables(Audio((0.1 * rng.standard_normal(16_000)).astype(np.float32), 16_000)).stressed)
