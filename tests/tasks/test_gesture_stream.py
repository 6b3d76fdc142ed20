"""Gestures while somebody speaks: length, delay, how the sound is cut, and how pieces of codes are decoded."""

from __future__ import annotations

import numpy as np
import pytest

import sounds
from motionary.errors import InputError
from motionary.tasks import gesture_stream
from motionary.tasks.gesture import SMOOTHING
from motionary.tasks.gesture_stream import CONTEXT, GestureStream, _Frames, joined
from motionary.tasks.streams import as_parts
from motions import spin
from tiny_language import tiny


@pytest.fixture(scope="module")
def language():
    return tiny()


def talk(seconds, rate=16_000):
    times = np.arange(0.2, seconds, 0.33)
    return sounds.babble([(t, 0.1, 110 + 15 * (k % 5)) for k, t in enumerate(times)], seconds, rate)


def streamed(language, audio, chunk, **options):
    stream = GestureStream(language, **options)
    pieces = [audio.samples[at : at + chunk] for at in range(0, len(audio.samples), chunk)]
    return joined([*(stream.push(piece, audio.rate) for piece in pieces), stream.flush()])


class TestStream:
    @pytest.mark.parametrize(("seconds", "rate"), [(0.1, 16_000), (1.317, 22_050), (0.8, 48_000)])
    def test_as_long_as_the_sound(self, language, seconds, rate):
        assert len(streamed(language, talk(seconds, rate), rate // 10)) == round(30 * seconds)

    def test_it_does_not_matter_how_the_sound_is_cut(self, language):
        audio = talk(0.9)
        first = streamed(language, audio, 700, seed=3)
        for chunk in (1600, 14_400):
            other = streamed(language, audio, chunk, seed=3)
            assert np.allclose(first.rotations, other.rotations, atol=1e-4)
            assert np.allclose(first.root, other.root, atol=1e-4)
        assert np.abs(first.rotations - streamed(language, audio, 1600, seed=4).rotations).max() > 1e-3

    def test_first_frames_after_four_tenths_of_a_second(self, language):
        stream, audio = GestureStream(language), talk(1.0)
        assert stream.push(audio.samples[:6300], 16_000) is None
        motion = stream.push(audio.samples[6300:6400], 16_000)
        assert motion is not None
        assert len(motion) == stream.frames == 4
        assert motion.meta["model"] == "tiny"
        assert motion.meta["streamed"]
        rest = [stream.push(audio.samples[at : at + 800], 16_000) for at in range(6400, 16_000, 800)]
        assert sum(len(one) for one in rest if one is not None) >= 16
        assert stream.frames >= 30 * (1.0 - 0.2 - 0.2 - 4 / 30)

    def test_windows_go_on(self, language, monkeypatch):
        monkeypatch.setattr(gesture_stream, "WINDOW", 16)
        asks = []
        more = language.more
        monkeypatch.setattr(language, "more", lambda ask, *rest: asks.append((ask, rest[0])) or more(ask, *rest))
        motion = streamed(language, talk(3.2), 4000)
        assert len(motion) == 96
        kept = [(ask.seen, said) for ask, said in asks if ask.seen is not None]
        assert len(kept) > 3
        assert all(np.array_equal(seen, said[: len(seen)]) for seen, said in kept)
        assert max(len(ask.units) for ask, _ in asks) <= 16 / 7.5 * 25 + 5

    def test_what_is_refused(self, language):
        with pytest.raises(InputError, match="no style"):
            GestureStream(language, style="jolly")
        stream = GestureStream(language)
        stream.push(talk(0.1).samples, 16_000)
        with pytest.raises(InputError, match="finite"):
            stream.push(np.array([np.nan], np.float32), 16_000)
        stream.flush()
        with pytest.raises(InputError, match="has ended"):
            stream.push(talk(0.1).samples, 16_000)
        assert GestureStream(language).flush() is None


class TestFrames:
    """Codes of a real motion, a piece at a time."""

    def pieces(self, language, rows, draft, in_place=False):
        """Two tokens at a time; the draft is what really follows, or something else."""
        frames = _Frames(language.codec, in_place)
        made = []
        for last in range(2, len(rows) + 1, 2):
            first = max(0, frames.given // 4 - CONTEXT)
            coming = (rows[last:] if draft else rows[::-1])[:8]
            made.append(frames(as_parts(np.concatenate([rows[first:last], coming]), language.streams), first, 4 * last))
        return joined(made)

    def test_as_decoded_at_once_where_the_draft_is_right(self, language):
        rows = language.rows(spin())[:22]
        pieces, whole = (
            self.pieces(language, rows, True),
            language.decoded(rows, 88, foot_lock=False, smoothing=SMOOTHING),
        )
        assert len(pieces) == 88
        assert np.abs(pieces.positions() - whole.positions()).max() < 0.01
        still = self.pieces(language, rows, True, in_place=True)
        assert np.abs(still.root[:, [0, 2]]).max() == 0

    def test_nothing_jumps_where_it_is_wrong(self, language, monkeypatch):
        rows, borders = language.rows(spin())[:22], np.arange(8, 88, 8)

        def jerk(motion):
            return np.linalg.norm(np.diff(motion.positions(), 2, axis=0), axis=-1).max(axis=1)

        usual = jerk(language.decoded(rows, 88, foot_lock=False)).max()
        found = jerk(self.pieces(language, rows, False))
        assert max(found[borders - 2].max(), found[borders - 1].max()) < 2 * usual
        monkeypatch.setattr(gesture_stream, "SETTLE", 1e-3)
        assert jerk(self.pieces(language, rows, False))[borders - 2].max() > 3 * usual
