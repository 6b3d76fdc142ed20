"""One item -> clips: calibration frames and idling are cut off, long motions are cut where the body is still."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import raw_data

from motionary.corpora import prepare as preparing
from motionary.corpora.item import Item
from motionary.corpora.prepare import LONGEST, PIECE, cut, prepare, starts_with_calibration, trim_idle
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.edit import concatenate
from motions import jump, stand, walk, wave


@pytest.fixture
def item(tmp_path: Path):
    """Make an item of a motion."""

    def make(motion: Motion, content: str = "walk", **values: object) -> Item:
        path = raw_data.put(motion, tmp_path / "x.npz")
        return Item("made/x", path, content, family="made/x", **values)  # type: ignore[arg-type]

    return make


def test_a_walk_becomes_a_captioned_clip(item):
    outcome = prepare(item(walk(3.0, fps=120.0), sentences=("A person goes for a walk.",)))
    (clip,) = outcome.clips
    assert (outcome.dropped, outcome.trimmed, clip.id) == ("", (), "made/x")
    assert (clip.motion.fps, len(clip.motion), clip.motion.skeleton.same_as(HUMAN)) == (30.0, 91, True)
    assert clip.captions[0] == "a person goes for a walk"
    assert len(clip.captions) > 3
    assert clip.facts.direction == "forward"
    assert [segment.text for segment in clip.motion.segments] == ["walks forward"]
    assert np.abs(clip.motion.root[0, [0, 2]]).max() < 1e-9


def test_slow_recordings_are_resampled_by_time(item):
    (clip,) = prepare(item(walk(3.0, fps=20.0))).clips
    assert clip.motion.duration == pytest.approx(3.0, abs=1 / 30)
    assert clip.facts.distance == pytest.approx(3.0, abs=0.15)


def test_calibration_frame(item):
    moving = walk(2.0)
    assert not starts_with_calibration(moving)
    assert not starts_with_calibration(moving[:2])
    assert starts_with_calibration(raw_data.with_calibration(moving))
    outcome = prepare(item(raw_data.with_calibration(moving)))
    assert outcome.trimmed == ("calibration frame",)
    assert len(outcome.clips[0].motion) == len(moving)


def test_fast_starts_are_no_calibration():
    assert not starts_with_calibration(jump())
    assert not starts_with_calibration(wave(rate=3.0))


def test_idle_lead_in_and_tail():
    moving = walk(2.0)
    kept = trim_idle(raw_data.idling(moving, before=3.0, after=2.0))
    assert kept.duration == pytest.approx(2.0 + 2 * preparing.KEEP_STILL, abs=0.1)
    assert np.allclose(kept.root[12 : 12 + len(moving)], moving.root, atol=0.05)
    assert len(trim_idle(moving)) == len(moving)


def test_stillness_in_the_middle_stays():
    pause = concatenate([walk(1.5), stand(2.0), wave(1.5)])
    assert trim_idle(pause).duration == pytest.approx(pause.duration, abs=0.6)


def test_a_waving_hand_is_no_idling():
    moving = wave(3.0, rate=1.5)
    assert len(trim_idle(moving)) == len(moving)
    kept = trim_idle(raw_data.idling(moving, 2.0, 2.0))
    assert kept.duration == pytest.approx(3.0 + 2 * preparing.KEEP_STILL, abs=0.2)


def test_what_never_moves_is_kept_whole():
    assert len(trim_idle(stand(2.0))) == len(stand(2.0))
    assert len(trim_idle(stand(2.0)[:2])) == 2


def test_idling_is_reported(item):
    outcome = prepare(item(raw_data.idling(walk(2.0), 2.0, 0.0)))
    assert outcome.trimmed == ("idle lead-in or tail",)
    assert outcome.clips[0].motion.duration == pytest.approx(2.0 + preparing.KEEP_STILL, abs=0.1)


def test_long_motions_are_cut_where_the_body_is_still():
    pauses = concatenate([walk(7.0), stand(1.0), walk(6.5), stand(1.0), walk(6.0)])
    pieces = cut(pauses)
    assert len(pieces) == int(np.ceil(pauses.duration / PIECE)) == 3
    assert sum(map(len, pieces)) == len(pauses)
    assert max(piece.duration for piece in pieces) <= LONGEST
    speed = np.linalg.norm(np.diff(pauses.positions(), axis=0), axis=-1).mean(axis=1) * 30
    for end in np.cumsum([len(piece) for piece in pieces])[:-1]:
        assert speed[end - 1] < 0.35 * np.median(speed)


def test_motions_of_usual_length_are_not_cut():
    assert [len(piece) for piece in cut(walk(LONGEST))] == [len(walk(LONGEST))]


@pytest.mark.parametrize("seconds", [10.1, 16.0, 16.1, 33.0, 61.7])
def test_pieces_have_sensible_lengths(seconds):
    pieces = cut(walk(seconds))
    assert all(3.0 < piece.duration <= LONGEST for piece in pieces)


def test_pieces_have_names_and_their_own_captions(item):
    long = concatenate([walk(9.0), stand(0.5), wave(9.0)])
    outcome = prepare(item(long, sentences=("A person walks forward.",)))
    assert [clip.id for clip in outcome.clips] == ["made/x/00", "made/x/01", "made/x/02"]
    walking, *_, waving = outcome.clips
    assert "a person walks forward" in walking.captions
    assert "a person walks forward" not in waving.captions
    assert outcome.captions_refused >= 1


def test_a_span_of_a_file(item):
    (clip,) = prepare(item(walk(6.0), start=1.0, end=3.0)).clips
    assert clip.motion.duration == pytest.approx(2.0, abs=0.05)
    assert prepare(item(walk(2.0), start=5.0, end=6.0)).dropped.endswith(
        "the span 5 to 6 s lies outside the file's 2.0 s"
    )


def test_dropped_with_a_reason(item, tmp_path):
    assert prepare(item(walk(0.3))).dropped == "shorter than 0.5 s"
    assert prepare(item(walk(1.0), skip="a pose")).dropped == "a pose"
    assert prepare(item(raw_data.box())).dropped.startswith("unusable: cannot find left_hip")
    (tmp_path / "x.bvh").write_text("HIERARCHY\nROOT hips\n{\nOFFSET 0 0\n")
    broken = prepare(Item("made/x", tmp_path / "x.bvh", "walk"))
    assert broken.clips == ()
    assert broken.dropped.startswith("unreadable: x.bvh, line 4")
    assert prepare(Item("made/x", tmp_path / "gone.bvh", "walk")).dropped.startswith("unreadable: gone.bvh does not")


def test_a_leap_that_no_pack_can_hold_is_dropped(item):
    moving = walk(2.0)
    root = moving.root.copy()
    root[30:, 0] += 40.0
    outcome = prepare(item(Motion(HUMAN, root, moving.rotations, moving.fps)))
    assert outcome.dropped == "unusable: the motion jumps by more than 3 m in a frame"


def test_unknown_labels_are_described_by_what_is_measured(item):
    (clip,) = prepare(item(raw_data.idling(wave(3.0), 0, 0), content="Qx17")).clips
    assert clip.captions
    assert all(text for text in clip.captions)


def test_the_same_item_gives_the_same_captions(item):
    one = item(walk(2.0), style="tired")
    assert prepare(one).clips[0].captions == prepare(one).clips[0].captions
    assert rot.angle(prepare(one).clips[0].motion.rotations, prepare(one).clips[0].motion.rotations).max() < 1e-6
