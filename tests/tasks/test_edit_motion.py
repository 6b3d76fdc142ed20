"""Edits by a tiny random model: lengths, seeds, what is kept to the digit, rates, skeletons and the command."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from motionary import cli, formats
from motionary.errors import InputError
from motionary.models.language import HIDDEN
from motionary.motion import HUMAN, Motion, Segment, Skeleton
from motionary.motion import rotations as rot
from motionary.motion.edit import resample
from motionary.motion.retarget import from_human
from motionary.tasks.edit import Edit, edit, onward
from motionary.tasks.edit_plan import GROUPS, new
from motionary.tasks.edit_rig import columns
from motionary.tasks.edit_seams import held
from motionary.tasks.edit_tokens import hidden, misfit, said
from motions import stand, walk
from tiny_language import saved, tiny

MIXAMO = {
    "pelvis": "Hips", "spine1": "Spine", "spine2": "Spine1", "spine3": "Spine2", "neck": "Neck", "head": "Head",
    "collar": "Shoulder", "shoulder": "Arm", "elbow": "ForeArm", "wrist": "Hand",
    "hip": "UpLeg", "knee": "Leg", "ankle": "Foot", "foot": "ToeBase",
}  # fmt: skip


@pytest.fixture(scope="module")
def language():
    return tiny()


@pytest.fixture(scope="module")
def rigged() -> Motion:
    """The walker on a larger Mixamo skeleton with a moving finger on each hand."""

    def name(joint: str) -> str:
        side, _, part = joint.rpartition("_")
        return "mixamorig:" + side.capitalize() + MIXAMO[part]

    names = [*map(name, HUMAN.names), "mixamorig:LeftHandIndex1", "mixamorig:RightHandIndex1"]
    offsets = np.concatenate([HUMAN.offsets, [[0.09, 0, 0], [-0.09, 0, 0]]]) * 1.2
    skeleton = Skeleton(tuple(names), (*HUMAN.parents, 20, 21), offsets)
    moved = from_human(walk(2.0), skeleton)
    rotations = moved.rotations.copy()
    rotations[:, 22] = rot.from_axis("Z", np.linspace(0, 1, len(moved)))
    return replace(moved, rotations=rotations, root=moved.root + np.array([0.0, 0.3, 0.0]))


def same(result: Motion, old: Motion, fresh: np.ndarray) -> None:
    """Kept joints and the kept way differ by less than 1e-6."""
    old = held(old, len(result))
    assert np.abs(result.rotations - old.rotations)[~fresh].max(initial=0) < 1e-6
    assert np.abs(result.root - old.root)[~fresh[:, 0]].max(initial=0) < 1e-6


@pytest.mark.parametrize("name", sorted(GROUPS))
@pytest.mark.parametrize("option", ["part", "keep"])
def test_parts_that_are_kept_are_exact(language, walker, name, option):
    asked = Edit("waves", between=(0.5, 1.5), **{option: (name,)})
    result = edit(walker, asked, language, tries=1)
    fresh = new(asked, len(walker), 30.0)
    same(result, walker, fresh)
    moved = rot.angle(result.rotations, walker.rotations)[fresh]
    assert (moved > 1e-6).mean() > 0.5
    assert result.meta["edit"]["kept_error"] < 1e-12


def test_spans_that_are_kept_are_exact(language):
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies

    @hypothesis.settings(max_examples=6)
    @hypothesis.given(
        start=st.floats(0, 1.2), length=st.floats(0.2, 0.7), more=st.sampled_from([0.0, 0.5]),
        fps=st.sampled_from([24.0, 30.0, 60.0]),
    )  # fmt: skip
    def check(start, length, more, fps):
        motion = walk(1.9, fps=fps)
        asked = Edit(between=(start, start + length), extend=more)
        result = edit(motion, asked, language, tries=1)
        fresh = new(asked, len(motion), fps)
        assert (len(result), result.fps) == (len(motion) + round(more * fps), fps)
        same(result, motion, fresh)
        assert all(np.isfinite(seam["speed"]) for seam in result.meta["edit"]["seams"])

    check()


def test_the_same_seed_gives_the_same_motion(language, walker):
    asked = Edit("waves", part=("upper",))
    first, second = (edit(walker, asked, language, tries=1) for _ in range(2))
    assert np.array_equal(first.rotations, second.rotations)
    other = edit(walker, replace(asked, seed=1), language, tries=1)
    assert not np.array_equal(first.rotations, other.rotations)


def test_what_is_new_depends_on_words_and_on_what_is_kept(language, walker):
    def upper(motion: Motion, words: str) -> np.ndarray:
        return said(language, motion, new(Edit(part=("upper",)), 60, 30.0), words, 0, 1)[0]

    legs = upper(walker[:60], "waves")
    assert not np.array_equal(legs, upper(walker[:60], "bows"))
    changed = upper(stand(2.0)[:60], "waves") != legs
    assert changed[:, [stream.startswith("upper") for stream in language.streams]].any()


def test_codes_of_what_is_kept_stay(language, walker):
    fresh = new(Edit(between=(1.0, 2.0), part=("lower",)), 90, 30.0)
    rows, windows = said(language, walker[:90], fresh, "", 0, 1)
    ask_for = hidden(fresh, language.streams)
    assert windows == 1
    assert (rows != HIDDEN).all()
    assert np.array_equal(rows[~ask_for], language.rows(walker[:90])[~ask_for])
    assert np.array_equal(np.flatnonzero(ask_for.any(axis=1)), np.arange(7, 16))
    assert {language.streams[k].partition(".")[0] for k in np.flatnonzero(ask_for.any(axis=0))} == {"lower"}


def test_long_motions_go_in_windows(language):
    long = walk(14.0)
    rows = [
        said(language, long, new(asked, len(long), 30.0), "", 0, 1)
        for asked in (Edit(part=("upper",)), Edit(between=(7.0, 7.5)))
    ]
    assert [windows for _, windows in rows] == [2, 1]
    assert all((codes != HIDDEN).all() for codes, _ in rows)


def test_of_several_answers_the_best_is_taken(language, walker):
    fresh = new(Edit(between=(1.0, 2.0)), len(walker), 30.0)
    one, many = (said(language, walker, fresh, "", 0, tries)[0] for tries in (1, 6))
    fits = [misfit(language.decoded(rows, len(walker), foot_lock=False), walker, fresh) for rows in (one, many)]
    assert fits[1] <= fits[0]
    assert misfit(walker, walker, fresh) == pytest.approx(0, abs=1e-9)


def test_a_style_sees_the_whole_motion(language, walker):
    asked = Edit(style="sad", keep=("head",))
    result = edit(walker, asked, language, tries=1)
    same(result, walker, new(asked, len(walker), 30.0))
    fresh = new(Edit(style="sad"), 60, 30.0)
    blind, seeing = (said(language, walker[:60], fresh, "sad style", 0, 1, shown)[0] for shown in (0, 60))
    assert not np.array_equal(blind, seeing)


def test_other_skeletons_come_back_as_they_were(language, rigged):
    asked = Edit("waves", part=("lower",), between=(0.5, 1.5), extend=0.5)
    result = edit(rigged, asked, language, tries=1)
    assert result.skeleton is rigged.skeleton
    fresh = columns(rigged.skeleton, new(asked, len(rigged), 30.0))
    same(result, rigged, fresh)
    assert result.meta["edit"]["skeleton"] == "own"
    assert not fresh[:, 22:].any()  # fingers are kept, and held in what is added
    assert np.array_equal(result.rotations[-1, 22], rigged.rotations[-1, 22])
    assert (rot.angle(result.rotations, held(rigged, len(result)).rotations) > 1e-4)[fresh].mean() > 0.5
    assert abs(np.median(result.root[:, 1]) - np.median(rigged.root[:, 1])) < 0.25  # its floor is where it was
    on_human = edit(rigged, asked, language, tries=1, human=True)
    assert on_human.skeleton.same_as(HUMAN)


def test_joints_that_slide_go_on_sliding(language, rigged):
    slides = np.tile(rigged.skeleton.offsets, (len(rigged), 1, 1))
    slides[:, 10] += np.linspace(0, 0.02, len(rigged))[:, None]
    result = edit(replace(rigged, translations=slides), Edit(part=("head",)), language, tries=1)
    assert np.array_equal(result.translations, slides)


def test_hands_labels_and_meta(language, walker):
    hands = rot.identity(len(walker), 30)
    labels = (Segment(0.0, 0.9, "start"), Segment(1.1, 1.9, "gone"))
    motion = replace(walker, hands=hands, segments=labels, meta={"licence": "CC0-1.0"})
    result = edit(motion, Edit("bows", between=(1.0, 2.0)), language, tries=1)
    assert np.array_equal(result.hands, hands)
    assert [one.text for one in result.segments] == ["start", "bows"]
    told = result.meta["edit"]
    assert result.meta["licence"] == "CC0-1.0"
    assert (told["licence"], told["model"], told["words"], told["seed"]) == ("CC-BY-NC-4.0", "tiny", "bows", 0)
    assert told["new"] == [{"start": 1.0, "end": 2.0, "joints": list(HUMAN.names)}]
    assert len(told["seams"]) == 2
    assert len(told["bent"]) == 1
    assert set(told["before"]) == set(told["after"]) >= {"slide_mm_per_frame", "jitter"}
    json.dumps(result.meta)


def test_a_motion_goes_on_as_it_moved(walker):
    longer = onward(walker, len(walker) + 20)
    assert np.array_equal(longer.root[: len(walker)], walker.root)
    np.testing.assert_allclose(np.diff(longer.root[-22:-13, 2]), 1 / 30, atol=1e-9)
    assert np.array_equal(longer.root[-1], longer.root[-5])
    assert len(onward(stand(0.05)[:1], 30)) == 30


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edit")
    formats.write(walk(2.0), folder / "walk.npz")
    saved(folder / "model")
    return folder


class TestCommand:
    def run(self, place, capsys, *argv: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main(["edit", str(place / "walk.npz"), *argv])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    def test_edits(self, place, capsys):
        argv = ["waves", "--between", "0.5s", "1.5", "--keep", "legs,head", "--model", str(place / "model")]
        argv += ["-o", str(place / "a.npz"), "--samples", "2", "--tries", "1", "--json"]
        code, out, err = self.run(place, capsys, *argv)
        assert (code, err) == (0, "")
        told = json.loads(out)
        assert [one["seed"] for one in told] == [0, 1]
        assert told[0]["between"] == [0.5, 1.5]
        assert told[0]["keep"] == ["legs", "head"]
        first, second = (formats.read(one["files"][0]) for one in told)
        fresh = new(Edit(between=(0.5, 1.5), keep=("legs", "head")), 61, 30.0)
        same(first, resample(walk(2.0), 30.0), fresh)
        assert not np.array_equal(first.rotations, second.rotations)

    @pytest.mark.parametrize(
        ("argv", "says"),
        [
            ([], "nothing to do"),
            (["--between", "1s", "soon"], "no time in seconds"),
            (["--extend", "0s"], "more than 0 s"),
            (["--part", "tail"], "known are upper"),
            (["--part", "lower", "--tries", "0"], "--tries must be"),
            (["--part", "lower", "--model", "nowhere"], "nowhere"),
        ],
    )
    def test_refuses(self, place, capsys, argv, says):
        code, _, err = self.run(place, capsys, *argv, "-o", str(place / "b.npz"))
        assert code == 2
        assert says in err
        assert not (place / "b.npz").exists()


def test_a_body_that_never_stands_is_refused(language):
    bones = Skeleton(("a", "b"), (-1, 0), np.array([[0, 0, 0], [0, 1.0, 0]]))
    with pytest.raises(InputError):
        edit(Motion(bones, np.zeros((30, 3)), rot.identity(30, 2), 30.0), Edit(part=("lower",)), language)
