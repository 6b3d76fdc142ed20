"""ASF/AMC: units, axes and order by known poses; skeletons are found; broken files are refused with their line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hostile import loads_or_is_refused, refused, spliced
from malformed_amc import AMC, ASF, BROKEN_AMC, BROKEN_ASF, VALID_AMC

from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.formats import amc, asf
from motionary.formats._amc_frames import Frames
from motionary.motion import rotations as rot

UNIT = 0.0254 / 0.45


def put(path: Path, contents: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return path


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    put(tmp_path / "01.asf", ASF)
    return put(tmp_path / "01_02.amc", AMC)


def posed(folder: Path, frame: str, skeleton: str = ASF) -> np.ndarray:
    """Joint positions of one frame, and the shin's end as last row."""
    put(folder / "01.asf", skeleton)
    motion = amc.read(put(folder / "01_01.amc", f":DEGREES\n1\n{frame}"))
    places, world = motion.kinematics()
    tip = places[0, 2] + rot.rotate(world[0, 2], motion.skeleton.tips["shin"])
    return np.vstack([places[0], tip])


def refused_at(read, line: int | None, message: str) -> None:
    error = refused(read)
    assert message in str(error)
    assert line is None or error.where == f"line {line}"


def test_the_corpora_are_large_enough():
    assert len(BROKEN_AMC) >= 20
    assert len(BROKEN_ASF) >= 20


@pytest.mark.parametrize("name", BROKEN_ASF)
def test_a_broken_skeleton_is_refused(tmp_path, name):
    contents, line, message = BROKEN_ASF[name]
    path = put(tmp_path / "x.asf", contents)
    refused_at(lambda: asf.read(path), line, message)


@pytest.mark.parametrize("name", BROKEN_AMC)
def test_a_broken_motion_is_refused(tmp_path, name):
    contents, line, message = BROKEN_AMC[name]
    put(tmp_path / "x.asf", ASF)
    path = put(tmp_path / "x.amc", contents)
    refused_at(lambda: amc.read(path), line, message)


@pytest.mark.parametrize("name", VALID_AMC)
def test_odd_but_valid_motions_read_the_same(tmp_path, name):
    put(tmp_path / "x.asf", ASF)
    plain = amc.read(put(tmp_path / "x.amc", AMC))
    motion = amc.read(put(tmp_path / "x.amc", VALID_AMC[name]))
    np.testing.assert_allclose(motion.positions(), plain.positions(), atol=1e-12)
    assert len(motion) == 3


def test_too_many_frames(pair, monkeypatch):
    monkeypatch.setattr("motionary.formats._amc_frames.MAX_FRAMES", 2)
    with pytest.raises(FormatError, match=r"line 12: more than 2 frames"):
        amc.read(pair)


def test_fast_and_careful_reading_agree(tmp_path, rng):
    frames = [
        f"{i}\nroot {' '.join(map(str, rng.normal(size=6)))}\nthigh {' '.join(map(str, rng.normal(size=3)))}\n"
        f"shin {rng.normal()}\n"
        for i in range(7, 47)
    ]
    body = asf.read(put(tmp_path / "x.asf", ASF))
    text = ":DEGREES\n" + "".join(frames)
    read = Frames(tmp_path / "x.amc", body, text)
    assert read._bulk(read._after_header(text)) is not None
    np.testing.assert_array_equal(read.table, read._careful(text))


def test_cut_anywhere_is_refused_or_shorter(pair):
    whole = pair.read_bytes()
    for end in range(0, len(whole) - 1, 5):
        pair.write_bytes(whole[:end])
        try:
            frames = len(amc.read(pair))
        except FormatError:
            continue
        assert 1 <= frames <= 3


def _both(pair: Path, contents: bytes):
    skeleton, _, motion = contents.partition(b"|")
    put(pair.parent / "01.asf", skeleton)
    return amc.read(put(pair, motion))


def test_mutations_load_or_are_refused(pair):
    for broken in spliced(ASF.encode() + b"|" + AMC.encode(), [b"begin", b"end", b":", b"root", b"shin"], seed=31):
        loads_or_is_refused(lambda data=broken: _both(pair, data))


def test_rest_pose_and_units(tmp_path):
    places = posed(tmp_path, "root 1 17 2 0 0 0\nthigh 0 0 0\nshin 0\n")
    root = np.array([1, 17, 2]) * UNIT
    drop = np.array([0, -1, 0]) * UNIT
    np.testing.assert_allclose(places, [root, root, root + 8 * drop, root, root + 15 * drop], atol=1e-12)


def test_a_bone_turns_about_its_own_axes(tmp_path):
    # The thigh's x axis lies 20 degrees off: a 90 degree turn about it swings the bone to (sin, 0, cos) x length.
    places = posed(tmp_path, "root 0 0 0 0 0 0\nthigh 90 0 0\nshin 0\n")
    axis = np.array([np.cos(np.radians(20)), np.sin(np.radians(20)), 0.0])
    expected = rot.rotate(rot.from_axis_angle(axis * np.pi / 2), [0.0, -8.0 * UNIT, 0.0])
    np.testing.assert_allclose(places[2], expected, atol=1e-12)
    assert places[2, 2] < 0


def test_angles_apply_in_the_order_of_the_file(tmp_path):
    # x first, then z, about fixed axes: down -> forward (-z here) by x, which a turn about z then leaves alone.
    straight = ASF.replace("axis 0 0 20", "axis 0 0 0")
    swung = posed(tmp_path / "a", "root 0 0 0 0 0 0\nthigh 90 0 90\nshin 0\n", straight)
    np.testing.assert_allclose(swung[2], [0, 0, -8 * UNIT], atol=1e-12)
    # z first turns the bone sideways, where x leaves it alone.
    other = straight.replace("dof rx ry rz", "dof rz ry rx")
    sideways = posed(tmp_path / "b", "root 0 0 0 0 0 0\nthigh 90 0 90\nshin 0\n", other)
    np.testing.assert_allclose(sideways[2], [8 * UNIT, 0, 0], atol=1e-12)


def test_the_root_turns_the_whole_body(tmp_path):
    places = posed(tmp_path, "root 0 0 0 0 0 1170\nthigh 0 0 0\nshin 0\n")  # 3 turns and 90 degrees
    np.testing.assert_allclose(places[-1], [15 * UNIT, 0, 0], atol=1e-9)
    starts_turned = ASF.replace("orientation 0 0 0", "orientation 0 0 90")
    again = posed(tmp_path, "root 0 0 0 0 0 0\nthigh 0 0 0\nshin 0\n", starts_turned)
    np.testing.assert_allclose(again[-1], [15 * UNIT, 0, 0], atol=1e-9)


def test_radians_by_skeleton_or_by_motion(tmp_path):
    put(tmp_path / "x.asf", ASF)
    in_radians = AMC.replace(":DEGREES", ":RADIANS")
    degrees = amc.read(put(tmp_path / "x.amc", AMC.replace("thigh 10 20 30", "thigh 0 0 0")))
    radians = amc.read(
        put(
            tmp_path / "x.amc",
            in_radians.replace("thigh 10 20 30", "thigh 0 0 0")
            .replace(" 90", f" {np.pi / 2}")
            .replace("shin 40", f"shin {np.radians(40)}"),
        )
    )
    np.testing.assert_allclose(radians.positions(), degrees.positions(), atol=1e-12)


def test_bone_lengths_are_the_skeletons(pair):
    places = formats.read(pair).positions()
    np.testing.assert_allclose(np.linalg.norm(places[:, 2] - places[:, 1], axis=-1), 8 * UNIT, atol=1e-12)


def test_rate(pair):
    motion = amc.read(pair)
    assert motion.fps == 120
    assert motion.meta["fps_reason"].startswith("assumed")
    assert amc.read(pair, fps=60).fps == 60
    put(pair, AMC.replace(":DEGREES", ":DEGREES\n:SAMPLES-PER-SECOND 30"))
    assert amc.read(pair).fps == 30
    with pytest.raises(InputError, match="1 and 1000"):
        amc.read(pair, fps=float("nan"))


@pytest.mark.parametrize(
    ("skeleton", "motion"),
    [
        ("01.asf", "01_02.amc"),
        ("HDM_bk.asf", "HDM_bk_walk_001_120.amc"),
        ("HDM_bk.asf", "3/HDM_bk_walk_001_120.amc"),
        ("HDM_BK.ASF", "hdm_bk_walk.amc"),
        ("body.asf", "walk.amc"),
    ],
)
def test_the_skeleton_is_found(tmp_path, skeleton, motion):
    put(tmp_path / skeleton, ASF)
    if "_" in motion:
        put(tmp_path / "other.asf", "not read")
    found, reason = amc.find_asf(put(tmp_path / motion, AMC))
    assert found == tmp_path / skeleton
    assert reason


def test_a_skeleton_that_cannot_be_found(tmp_path):
    path = put(tmp_path / "05_01.amc", AMC)
    with pytest.raises(FormatError, match=r"none lies beside it.*asf='05\.asf'"):
        amc.read(path)
    put(tmp_path / "01.asf", ASF)
    put(tmp_path / "02.asf", ASF)
    with pytest.raises(FormatError, match="2 that do not share"):
        amc.read(path)
    assert amc.read(path, asf=tmp_path / "02.asf").meta["asf_reason"] == "given"
    with pytest.raises(InputError, match="does not exist"):
        amc.read(tmp_path / "gone.amc")
