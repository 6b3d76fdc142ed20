"""BVH: what is written reads back, and what the format leaves open is decided rightly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from malformed_bvh import GOOD, ROW

from motionary.errors import FormatError, InputError
from motionary.formats import bvh
from motionary.formats._bvh_guess import RATES, UNITS, frame_rate
from motionary.formats._bvh_write import ORDERS, frame_time
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.skeleton import HUMAN, Skeleton


def noise(rng, frames=20, skeleton=HUMAN, **extra) -> Motion:
    """Any pose at all, somewhere near the rest position."""
    local = rot.normalize(rng.normal(size=(frames, len(skeleton), 4)))
    root = skeleton.offsets[0] + rng.normal(size=(frames, 3)) * 0.2
    return Motion(skeleton, root, local, 30.0, **extra)


def back(motion, tmp_path, **options) -> Motion:
    bvh.write(motion, tmp_path / "x.bvh", **options)
    return bvh.read(tmp_path / "x.bvh", unit=options.get("unit", "cm"))


def assert_same(one: Motion, two: Motion) -> None:
    assert one.skeleton.same_as(two.skeleton)
    assert one.fps == two.fps
    assert len(one) == len(two)
    assert np.abs(one.root - two.root).max() <= 1e-6
    assert np.rad2deg(rot.angle(one.rotations, two.rotations)).max() <= 1e-3
    assert np.abs(one.positions() - two.positions()).max() <= 1e-4
    assert set(one.skeleton.tips) == set(two.skeleton.tips)
    for name, tip in one.skeleton.tips.items():
        np.testing.assert_allclose(tip, two.skeleton.tips[name], atol=1e-9)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("unit", UNITS)
def test_round_trip(rng, tmp_path, order, unit):
    motion = noise(rng)
    assert_same(motion, back(motion, tmp_path, unit=unit, order=order))


def test_round_trip_near_gimbal_lock(tmp_path):
    hypothesis = pytest.importorskip("hypothesis")
    from hypothesis import strategies as st

    angle = st.floats(-180, 180)
    near = st.sampled_from([-90.0, 90.0]).flatmap(lambda a: st.floats(-1e-3, 1e-3).map(lambda d: a + d))

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(st.sampled_from(ORDERS), angle, st.one_of(angle, near, st.sampled_from([-90.0, 90.0])), angle)
    def check(order, first, middle, third):
        local = rot.identity(2, 22)
        local[:] = rot.from_euler(order, np.deg2rad([first, middle, third]))
        motion = Motion(HUMAN, np.tile(HUMAN.offsets[0], (2, 1)), local, 30.0)
        assert_same(motion, back(motion, tmp_path, order=order))

    check()


@pytest.mark.parametrize("fps", [*RATES, 23.5, 29.9999, 33.333, 119.88, 59.94, 7.0])
def test_the_rate_reads_back_exactly(fps):
    text = frame_time(fps)
    digits = len(text.replace(".", "").lstrip("0"))
    assert frame_rate(float(text), digits) == fps


@pytest.mark.parametrize(("text", "fps"), [("0.0083333", 120), ("0.016667", 60), ("0.033333", 30), (".041667", 24)])
def test_rounded_frame_times_snap(text, fps):
    assert frame_rate(float(text), 5) == fps


def test_sliding_joints(rng, tmp_path):
    motion = noise(rng)
    translations = np.tile(HUMAN.offsets, (len(motion), 1, 1))
    translations[:, 5] += rng.normal(size=(len(motion), 3)) * 0.05
    motion = replace(motion, translations=translations)
    again = back(motion, tmp_path)
    assert_same(motion, again)
    assert again.translations is not None
    np.testing.assert_allclose(again.translations[:, 1:], translations[:, 1:], atol=1e-6)


def test_constant_positions_become_offsets(tmp_path):
    text = GOOD.replace("CHANNELS 3", "CHANNELS 6 Xposition Yposition Zposition")
    (tmp_path / "x.bvh").write_text(text.replace(ROW, "0 95 0 1 2 3 0 40 0 4 5 6"))
    motion = bvh.read(tmp_path / "x.bvh", unit="cm")
    assert motion.translations is None
    np.testing.assert_allclose(motion.skeleton.offsets[1], [0, 0.40, 0])


def test_zero_positions_are_added_to_offsets(tmp_path):
    text = GOOD.replace("CHANNELS 3", "CHANNELS 6 Xposition Yposition Zposition")
    (tmp_path / "x.bvh").write_text(text.replace(ROW, "0 95 0 1 2 3 0 0 0 4 5 6"))
    motion = bvh.read(tmp_path / "x.bvh", unit="cm")
    np.testing.assert_allclose(motion.skeleton.offsets[1], [0, 0.45, 0])


@pytest.mark.parametrize("height", [-30.0, 0.1, 0.3, 0.94, 3.0])
def test_positions_survive_at_any_height(rng, tmp_path, height):
    """Lying, standing, on a roof, far down: the root is where it was, whatever its OFFSET."""
    motion = noise(rng)
    motion = replace(motion, root=motion.root * [1, 0.1, 1] + [0, height, 0])
    again = back(motion, tmp_path)
    np.testing.assert_allclose(again.positions(), motion.positions(), atol=1e-5)


def test_root_positions_added_to_the_offset(rng, tmp_path, walker):
    """Reallusion's files count from the rest pose; a body is then at hip height with channels near zero."""
    bvh.write(walker, tmp_path / "x.bvh")
    lines = (tmp_path / "x.bvh").read_text().split("\n")
    start = next(index for index, line in enumerate(lines) if line.startswith("Frame Time")) + 1
    for index in range(start, start + len(walker)):
        x, y, z, *rest = lines[index].split()
        lines[index] = " ".join([x, f"{float(y) - 94.2:.6f}", z, *rest])
    (tmp_path / "y.bvh").write_text("\n".join(lines))
    motion = bvh.read(tmp_path / "y.bvh")
    assert motion.meta["positions"]["root"] == "added"
    np.testing.assert_allclose(motion.root, walker.root, atol=1e-6)


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_is_guessed(walker, tmp_path, unit):
    bvh.write(walker, tmp_path / "x.bvh", unit=unit)
    motion = bvh.read(tmp_path / "x.bvh")
    assert (motion.meta["unit"], motion.meta["unit_guessed"]) == (unit, True)
    np.testing.assert_allclose(motion.root, walker.root, atol=1e-6)


def test_a_body_of_no_known_size_says_so(tmp_path):
    (tmp_path / "x.bvh").write_text(GOOD.replace("OFFSET 0 45 0", "OFFSET 0 1e-3 0").replace("0 30 0", "0 0 0"))
    motion = bvh.read(tmp_path / "x.bvh")
    assert motion.meta["unit"] == "cm"
    assert "cm is assumed" in motion.meta["notes"][0]


def test_names_survive(rng, tmp_path):
    names = ("mixamorig:Hips", "Lower Spine", "頭")
    skeleton = Skeleton(names, (-1, 0, 1), np.array([[0, 0.9, 0], [0, 0.4, 0], [0, 0.4, 0]]))
    again = back(noise(rng, skeleton=skeleton), tmp_path)
    assert again.skeleton.names == names
    np.testing.assert_array_equal(again.skeleton.tips["頭"], 0.0)  # a leaf gets an End Site


@pytest.mark.parametrize("name", ["", " x", "a{b", "two\nlines"])
def test_names_that_bvh_cannot_hold(rng, tmp_path, name):
    skeleton = Skeleton((name,), (-1,), np.zeros((1, 3)))
    with pytest.raises(InputError, match="joint name"):
        bvh.write(noise(rng, skeleton=skeleton), tmp_path / "x.bvh")
    assert not list(tmp_path.iterdir())


def test_depth_first_order(rng, tmp_path):
    """A skeleton listed breadth first reads back with its joints moved, and every pose the same."""
    skeleton = Skeleton(tuple(f"j{j}" for j in range(22)), HUMAN.parents, HUMAN.offsets)
    motion = noise(rng, skeleton=skeleton)
    again = back(motion, tmp_path)
    order = [again.skeleton.index(name) for name in skeleton.names]
    assert order != sorted(order)
    np.testing.assert_allclose(again.positions()[:, order], motion.positions(), atol=1e-5)


def test_two_end_sites_are_noted(tmp_path):
    site = "    End Site\n    {\n      OFFSET 0 30 0\n    }\n"
    (tmp_path / "x.bvh").write_text(GOOD.replace(site, site + site.replace("30", "31")))
    motion = bvh.read(tmp_path / "x.bvh", unit="cm")
    np.testing.assert_allclose(motion.skeleton.tips["Spine"], [0, 0.3, 0])
    assert "more than one End Site" in motion.meta["notes"][0]


def test_rotation_order_is_intrinsic(tmp_path):
    """Z 90 then X 90 in the turned frame: the tip's +y goes to +z."""
    (tmp_path / "x.bvh").write_text(GOOD.replace(ROW, "0 95 0 90 90 0 0 0 0"))
    motion = bvh.read(tmp_path / "x.bvh", unit="cm")
    np.testing.assert_allclose(motion.positions()[0, 1], [0, 0.95, 0.45], atol=1e-9)


@pytest.mark.parametrize(("option", "value"), [("unit", "furlong"), ("order", "XYX")])
def test_unknown_options(walker, tmp_path, option, value):
    with pytest.raises(InputError, match="known are"):
        bvh.write(walker, tmp_path / "x.bvh", **{option: value})


def test_rates_out_of_range(walker, tmp_path):
    with pytest.raises(InputError, match="1 to 1000"):
        bvh.write(replace(walker, fps=0.5), tmp_path / "x.bvh")


def test_far_positions_name_their_line(tmp_path):
    (tmp_path / "x.bvh").write_text(GOOD.replace(ROW, "0 2e6 0 1 2 3 4 5 6"))
    with pytest.raises(FormatError, match="line 19"):
        bvh.read(tmp_path / "x.bvh", unit="cm")


@pytest.mark.data
@pytest.mark.parametrize("archive", ["bandai*", "cmu*"])
def test_raw_files_stand_upright(data_dir, tmp_path, archive):
    """A few files of each source: head about a body's height above the feet, nothing far under the floor."""
    import tarfile

    found = sorted(data_dir.glob(f"motion/{archive}.tar.xz"))
    if not found:
        pytest.skip(f"no {archive} archive")
    heads = {"Head", "CC_Base_Head", "head"}
    seen = 0
    with tarfile.open(found[0]) as tar:
        for member in tar:
            if not member.name.endswith(".bvh"):
                continue
            stream = tar.extractfile(member)
            assert stream is not None
            (tmp_path / "x.bvh").write_bytes(stream.read())
            motion = bvh.read(tmp_path / "x.bvh")
            head = next(name for name in motion.skeleton.names if name in heads)
            heights = motion.positions()[..., 1]
            rise = np.median(heights[:, motion.skeleton.index(head)] - heights.min(axis=1))
            assert 0.7 < rise < 2.0, member.name
            seen += 1
            if seen == 5:
                break
    assert seen
