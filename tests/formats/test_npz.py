"""npz: the own layout is exact, AMASS and SMPL-X keep the body, hands and face, axes are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary.errors import FormatError, InputError
from motionary.formats import npz
from motionary.formats._npz_smpl import SMPL_PELVIS
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion, Segment
from motionary.motion.skeleton import HUMAN, Skeleton


@pytest.fixture
def everything(rng) -> Motion:
    frames = 12
    return Motion(
        HUMAN,
        rng.normal(size=(frames, 3)),
        rot.normalize(rng.normal(size=(frames, 22, 4))),
        29.97,
        hands=rot.normalize(rng.normal(size=(frames, 30, 4))),
        face=rng.normal(size=(frames, 103)) * 0.3,
        segments=(Segment(0.0, 0.2, "raise the left hand"), Segment(0.2, 0.3, "挥手")),
        meta={"source": "test", "seed": 7, "nested": {"list": [1, 2.5, None, True]}},
    )


def back(motion, tmp_path, layout) -> Motion:
    npz.write(motion, tmp_path / "x.npz", layout=layout)
    return npz.read(tmp_path / "x.npz")


def test_own_layout_keeps_everything(everything, tmp_path):
    again = back(everything, tmp_path, "motionary")
    assert again.skeleton.same_as(HUMAN)
    assert set(again.skeleton.tips) == set(HUMAN.tips)
    assert (again.fps, again.segments, dict(again.meta)) == (29.97, everything.segments, dict(everything.meta))
    for name in ("root", "rotations", "hands", "face"):
        np.testing.assert_allclose(getattr(again, name), getattr(everything, name), atol=1e-12)
    assert again.translations is None


def test_own_layout_keeps_other_skeletons_that_slide(rng, tmp_path):
    skeleton = Skeleton(("mixamorig:Hips", "头"), (-1, 0), np.array([[0, 1.0, 0], [0, 0.5, 0]]))
    motion = Motion(skeleton, np.zeros((4, 3)), rot.identity(4, 2), 60, translations=rng.normal(size=(4, 2, 3)))
    again = back(motion, tmp_path, "motionary")
    assert again.skeleton.names == skeleton.names
    np.testing.assert_array_equal(again.translations, motion.translations)


@pytest.mark.parametrize("layout", ["amass", "smplx"])
def test_smpl_layouts_keep_body_and_hands(everything, tmp_path, layout):
    again = back(everything, tmp_path, layout)
    np.testing.assert_allclose(again.root, everything.root, atol=1e-9)
    assert rot.angle(again.rotations, everything.rotations).max() < 1e-6
    assert rot.angle(again.hands, everything.hands).max() < 1e-6
    assert again.fps == 29.97
    assert "HUMAN" in again.meta["bones"]


def test_smplx_keeps_the_face(everything, tmp_path):
    np.testing.assert_allclose(back(everything, tmp_path, "smplx").face, everything.face, atol=1e-9)


def test_official_shapes(everything, tmp_path):
    npz.write(everything, tmp_path / "a.npz", layout="amass")
    npz.write(everything, tmp_path / "b.npz", layout="smplx")
    with np.load(tmp_path / "a.npz") as amass, np.load(tmp_path / "b.npz") as beat:
        assert amass["poses"].shape == (12, 156)
        assert amass["mocap_framerate"] == pytest.approx(29.97)
        assert beat["poses"].shape == (12, 165)
        assert beat["expressions"].shape == (12, 100)
        assert beat["betas"].shape == (300,)
        assert str(beat["model"]) == "smplx2020"


def test_amass_is_z_up(tmp_path):
    """A body that stands upright facing +z here has SMPL's root turned by 90 degrees about x there."""
    poses = np.zeros((3, 156))
    poses[:, 0] = np.pi / 2
    trans = np.array([[0.0, 0, 0.95], [0.0, -1, 0.95], [0.5, -2, 0.95]])  # towards -y there is towards +z here
    np.savez(tmp_path / "x.npz", poses=poses, trans=trans, mocap_framerate=120.0)
    motion = npz.read(tmp_path / "x.npz")
    positions = motion.positions()
    assert (positions[:, HUMAN.index("head"), 1] > 1.4).all()
    np.testing.assert_allclose(motion.rotations[:, 0], rot.identity(3), atol=1e-12)
    np.testing.assert_allclose(motion.root[1:] - motion.root[0], [[0, 0, 1], [0.5, 0, 2]], atol=1e-12)
    assert motion.root[0, 1] == pytest.approx(0.95 + SMPL_PELVIS[2])
    assert motion.meta["up"] == "z"


def test_up_can_be_stated(tmp_path):
    np.savez(tmp_path / "x.npz", poses=np.zeros((2, 66)), trans=np.zeros((2, 3)), mocap_frame_rate=30)
    motion = npz.read(tmp_path / "x.npz", up="y")
    np.testing.assert_allclose(motion.rotations, rot.identity(2, 22), atol=1e-12)
    with pytest.raises(InputError, match="'y' or 'z'"):
        npz.read(tmp_path / "x.npz", up="x")


def test_what_is_left_out_is_said(tmp_path):
    poses = np.zeros((2, 165))
    poses[:, 70] = 0.1
    np.savez(tmp_path / "x.npz", poses=poses, trans=np.zeros((2, 3)), expressions=np.zeros((2, 9)), mocap_frame_rate=30)
    motion = npz.read(tmp_path / "x.npz")
    assert motion.face.shape == (2, 12)
    assert motion.meta["notes"] == ["left out: eye rotations"]


def test_betas_survive(everything, tmp_path):
    again = back(everything.with_meta(betas=[0.5, -1.25], gender="female"), tmp_path, "amass")
    assert (again.meta["betas"], again.meta["gender"]) == ([0.5, -1.25], "female")


def test_only_human_fits_smpl(tmp_path):
    motion = Motion(Skeleton(("a",), (-1,), np.zeros((1, 3))), np.zeros((1, 3)), rot.identity(1, 1), 30)
    with pytest.raises(InputError, match="to_human"):
        npz.write(motion, tmp_path / "x.npz", layout="amass")
    assert not list(tmp_path.iterdir())


def test_meta_must_be_json(everything, tmp_path):
    for bad in (object(), float("nan")):
        with pytest.raises(InputError, match="JSON"):
            npz.write(everything.with_meta(bad=bad), tmp_path / "x.npz")


def test_unknown_layout(everything, tmp_path):
    with pytest.raises(InputError, match="motionary, amass, smplx"):
        npz.write(everything, tmp_path / "x.npz", layout="fbx")


def test_a_long_still_motion_is_no_zip_bomb(tmp_path):
    """What is written always reads back, although a still body packs more than 200 : 1."""
    motion = Motion(HUMAN, np.zeros((40_000, 3)), rot.identity(40_000, 22), 30)
    assert len(back(motion, tmp_path, "motionary")) == 40_000


def test_the_missing_key_is_named_with_the_layout(tmp_path):
    np.savez(tmp_path / "x.npz", poses=np.zeros((2, 156)), mocap_framerate=120)
    with pytest.raises(FormatError, match=r"key 'trans': missing; this looks like AMASS"):
        npz.read(tmp_path / "x.npz")


def test_face_without_jaw(everything, tmp_path):
    with pytest.raises(InputError, match="face"):
        npz.write(replace(everything, face=np.zeros((12, 2))), tmp_path / "x.npz", layout="smplx")
