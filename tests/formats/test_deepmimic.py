"""DeepMimic JSON: axes and joints by known poses; broken files are refused with their frame."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import loads_or_is_refused, refused, spliced

from motionary import formats
from motionary.errors import FormatError
from motionary.formats import deepmimic

REST = [0.05, 0.0, 0.9, 0.0, *([1.0, 0.0, 0.0, 0.0] * 4), 0.0, *([1.0, 0.0, 0.0, 0.0] * 2), 0.0]
REST += [1.0, 0.0, 0.0, 0.0, 0.0, *([1.0, 0.0, 0.0, 0.0] * 2), 0.0]
KNEES, ELBOWS = (20, 34), (29, 43)


def frame(**changes: Any) -> list[Any]:
    """The rest pose with some of its 44 numbers changed, as n20=1.5."""
    values: list[Any] = list(REST)
    for name, value in changes.items():
        values[int(name[1:])] = value
    return values


def text(*frames: Any, **extra: Any) -> str:
    return json.dumps({"Loop": "wrap", **extra, "Frames": list(frames)})


def put(folder: Path, contents: str | bytes) -> Path:
    path = folder / "x.txt"
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return path


# name -> (contents, part of the message)
BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "line 1: no valid JSON"),
    "cut off": (text(REST, REST)[:200], "no valid JSON"),
    "web page": ("<html></html>", "line 1: no valid JSON"),
    "gzip": (b"\x1f\x8b\x08\x00", "gzip"),
    "NUL bytes": (text(REST).encode() + b"\0", "NUL"),
    "UTF-16": (text(REST).encode("utf-16"), "UTF-16"),
    "a list": ("[1, 2]", "object with a list"),
    "no frames key": ('{"Loop": "wrap"}', "object with a list"),
    "frames are a number": ('{"Frames": 12}', "object with a list"),
    "no frame": (text(), "0 frames"),
    "key twice": ('{"Frames": [], "Frames": []}', "given twice"),
    "another Loop": (text(REST, Loop="sometimes"), "key 'Loop'"),
    "Loop is a list": (text(REST, Loop=[]), "key 'Loop'"),
    "short frame": (text(REST, REST[:43]), "frame 2: a frame is a list of 44 numbers; got 43"),
    "long frame": (text(REST, [*REST, 1.0]), "frame 2: a frame is a list of 44 numbers; got 45"),
    "frame is a word": (text(REST, "frame"), "frame 2: a frame is a list of 44 numbers; got str"),
    "word in a frame": (text(frame(n20="1.0")), "frame 1, number 21: expected a number; got str"),
    "true in a frame": (text(frame(n20=True)), "frame 1, number 21: expected a number; got bool"),
    "null in a frame": (text(frame(n20=None)), "expected a number; got NoneType"),
    "list in a frame": (text(frame(n20=[1])), "expected a number; got list"),
    "NaN": (text(frame(n20=float("nan"))), "NaN is no JSON number"),
    "Infinity": (text(frame(n20=float("inf"))), "Infinity is no JSON number"),
    "-Infinity": (text(frame(n20=float("-inf"))), "-Infinity is no JSON number"),
    "1e999": (text(REST, frame(n20=77.25)).replace("77.25", "1e999"), "frame 2, number 21"),
    "integer of 400 digits": (text(frame(n20=10**400)), "frame 1: a number is too large"),
    "integer of 10,000 digits": (text(frame(n20=77)).replace("77", "7" * 10_000), "no usable JSON"),
    "far away": (text(frame(n2=1e5)), "frame 1, number 3"),
    "quaternion of zeros": (text(REST, frame(n4=0.0)), "frame 2, number 5: the quaternion of root"),
    "quaternion too long": (text(frame(n39=1.5)), "frame 1, number 40: the quaternion of left_shoulder"),
    "duration 0": (text(frame(n0=0.0), REST), "frame 1, number 1: a frame lasts"),
    "duration -1": (text(REST, frame(n0=-1.0), REST), "frame 2, number 1: a frame lasts"),
    "duration of a day": (text(REST, frame(n0=86400.0), REST), "frame 2, number 1"),
    "deep nesting": ("[" * 100_000, ""),
    "deep objects": ('{"Frames":' * 50_000, ""),
    "another character": (text([0.0] * 72), "other DeepMimic characters"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_is_refused(tmp_path, name):
    contents, message = BROKEN[name]
    path = put(tmp_path, contents)
    error = refused(lambda: deepmimic.read(path))
    assert message in str(error)
    assert str(path) in str(error)


def test_too_many_frames(tmp_path, monkeypatch):
    monkeypatch.setattr(deepmimic, "MAX_FRAMES", 2)
    with pytest.raises(FormatError, match="3 frames; 1 to 2 are allowed"):
        deepmimic.read(put(tmp_path, text(REST, REST, REST)))


def test_cut_anywhere_is_refused(tmp_path):
    whole = text(REST, REST)
    for end in range(0, len(whole), 13):
        with pytest.raises(FormatError):
            deepmimic.read(put(tmp_path, whole[:end]))


def test_mutations_load_or_are_refused(tmp_path):
    for broken in spliced(text(REST, REST).encode(), [b"[", b"]", b",", b"null", b"{"], seed=32):
        loads_or_is_refused(lambda data=broken: deepmimic.read(put(tmp_path, data)))


def test_rest_pose_stands_with_its_left_at_plus_x(tmp_path):
    motion = formats.read(put(tmp_path, text(REST)))
    place = dict(zip(motion.skeleton.names, motion.positions()[0], strict=True))
    np.testing.assert_allclose(place["left_hip"], [0.084887, 0.9, 0.0], atol=1e-9)
    np.testing.assert_allclose(place["right_shoulder"], [-0.18311, 0.9 + 0.236151 + 0.2435, -0.02405], atol=1e-9)
    assert place["left_ankle"][1] == pytest.approx(0.9 - 0.421546 - 0.40987)
    assert motion.skeleton.tips["left_ankle"][2] > 0.1  # toes point forward


def test_forward_in_the_file_is_forward_here(tmp_path):
    motion = deepmimic.read(put(tmp_path, text(frame(n1=0.5, n3=0.25))))
    np.testing.assert_allclose(motion.root[0], [-0.25, 0.9, 0.5])


@pytest.mark.parametrize("side", [0, 1])
def test_knees_bend_backward_and_elbows_forward(tmp_path, side):
    name = ("right", "left")[side]
    motion = deepmimic.read(put(tmp_path, text(frame(**{f"n{KNEES[side]}": -1.0, f"n{ELBOWS[side]}": 1.0}))))
    place = dict(zip(motion.skeleton.names, motion.positions()[0], strict=True))
    shin, forearm = (
        place[f"{name}_{end}"] - place[f"{name}_{start}"] for start, end in (("knee", "ankle"), ("elbow", "wrist"))
    )
    np.testing.assert_allclose(shin, [0, -0.40987 * np.cos(1), -0.40987 * np.sin(1)], atol=1e-9)
    np.testing.assert_allclose(forearm, [0, -0.258947 * np.cos(1), 0.258947 * np.sin(1)], atol=1e-9)


def test_a_turn_to_the_left(tmp_path):
    # About +y by 90 degrees: what faced +z faces +x, our left.
    half = np.sqrt(0.5)
    motion = deepmimic.read(put(tmp_path, text(frame(n4=half, n6=half))))
    np.testing.assert_allclose(motion.positions()[0, 9] - motion.root[0], [0, 0, -0.084887], atol=1e-9)


def test_rate_and_loop(tmp_path):
    last = frame(n0=0.0)
    even = deepmimic.read(put(tmp_path, text(frame(n0=0.033332), frame(n0=0.033332), last)))
    assert (even.fps, even.meta["loop"]) == (30.0, "wrap")
    assert "uneven_frames" not in even.meta
    uneven = deepmimic.read(put(tmp_path, text(frame(n0=0.1), frame(n0=0.1), frame(n0=0.2), last)))
    assert (uneven.fps, uneven.meta["uneven_frames"]) == (10.0, 1)
    odd = deepmimic.read(put(tmp_path, text(frame(n0=0.0332), last)))
    assert odd.fps == pytest.approx(1 / 0.0332)


def test_lengths_of_quaternions(tmp_path):
    rounding = deepmimic.read(put(tmp_path, text(REST, frame(n8=1.03))))
    assert "normalised_frames" not in rounding.meta
    blended = deepmimic.read(put(tmp_path, text(REST, frame(n8=0.7), frame(n8=1.2, n16=0.8))))
    assert blended.meta["normalised_frames"] == 2
    np.testing.assert_allclose(blended.positions()[1:], blended.positions()[:1].repeat(2, axis=0))


def test_other_keys_and_whole_numbers_are_fine(tmp_path):
    motion = deepmimic.read(put(tmp_path, "\ufeff" + text(frame(n20=0), RightJoints=[3, 4])))
    assert len(motion) == 1


@pytest.mark.data
def test_the_reference_clips_read_and_walkers_walk_where_they_face(data_dir, tmp_path):
    with tarfile.open(data_dir / "motion" / "deepmimic.tar.xz") as archive:
        archive.extractall(tmp_path)
    clips = {path.stem.removeprefix("humanoid3d_"): path for path in tmp_path.rglob("*.txt")}
    assert len(clips) == 20
    motions = {name: formats.read(path) for name, path in clips.items()}
    for name in ("walk", "run", "jog", "zombie_walk"):
        places = motions[name].positions()
        left = places[:, 9] - places[:, 3]
        forward = np.cross(left, [0.0, 1.0, 0.0])
        forward /= np.linalg.norm(forward, axis=-1, keepdims=True)
        way = np.diff(places[:, 0], axis=0) * [1.0, 0.0, 1.0]
        assert (way * forward[1:]).sum() > 0.9 * np.linalg.norm(way, axis=-1).sum()
        assert motions[name].fps == round(motions[name].fps)
