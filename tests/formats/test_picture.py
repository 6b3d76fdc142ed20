"""Contact sheets: the right size, the raised arm on its side, the same bytes twice, and refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from motionary import formats
from motionary.errors import InputError
from motionary.formats import picture
from motionary.formats._camera import Camera, place
from motionary.formats._limbs import sides
from motionary.formats._render import Renderer, at_times, way
from motionary.formats._text import font, wrapped
from motionary.motion import HUMAN, Motion, Skeleton
from motionary.motion import rotations as rot

FRONT = Camera(yaw=0, pitch=0)


def bluish(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image).astype(int)
    return pixels[..., 2] - pixels[..., 0] > 60


def reddish(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image).astype(int)
    return pixels[..., 0] - pixels[..., 2] > 60


def other_skeleton(motion: Motion) -> Motion:
    """The same movement on a body with another name for every joint and no tips."""
    names = tuple(f"J_{n.replace('left_', 'L_').replace('right_', 'R_')}" for n in HUMAN.names)
    return replace(motion, skeleton=Skeleton(names, HUMAN.parents, HUMAN.offsets * 1.1))


@pytest.mark.parametrize("style", ["mannequin", "limbs"])
def test_a_raised_left_arm_is_drawn_high_on_the_right_seen_from_the_front(waver: Motion, style: str) -> None:
    image = Renderer(waver[:1], (240, 320), style=style, camera=FRONT).frame(0)
    blue, red = np.argwhere(bluish(image)), np.argwhere(reddish(image))
    assert blue[:, 1].mean() > 120 > red[:, 1].mean()  # left limbs right of the middle
    assert blue[:, 0].min() < red[:, 0].min() - 40  # and one of them far above the other side's arm


@pytest.mark.parametrize("style", ["mannequin", "limbs"])
def test_seen_from_behind_the_sides_swap(waver: Motion, style: str) -> None:
    image = Renderer(waver[:1], (240, 320), style=style, camera=Camera(yaw=180, pitch=0)).frame(0)
    assert np.argwhere(bluish(image))[:, 1].mean() < 120 < np.argwhere(reddish(image))[:, 1].mean()


def test_near_limbs_hide_far_ones() -> None:
    still = Motion(HUMAN, HUMAN.offsets[:1], rot.identity(1, 22), 30)
    from_left = Renderer(still, (240, 320), style="mannequin", camera=Camera(yaw=90, pitch=0)).frame(0)
    legs = slice(200, 300)
    assert bluish(from_left)[legs].sum() > 300
    assert reddish(from_left)[legs].sum() < 0.05 * bluish(from_left)[legs].sum()


def test_the_whole_motion_stays_inside_the_picture(walker: Motion) -> None:
    for follow in (False, True):
        views = place(Camera(follow=follow), walker.positions(), (400, 300), calm=9)
        pixels = np.stack([view.project(p)[0] for view, p in zip(views, walker.positions(), strict=True)])
        assert pixels[..., 0].min() > 0
        assert pixels[..., 0].max() < 400
        assert pixels[..., 1].min() > 0
        assert pixels[..., 1].max() < 300


def test_projection_is_a_perspective_with_y_up_and_left_at_the_right() -> None:
    view = place(FRONT, np.array([[[-1.0, 0.0, 0.0], [1.0, 2.0, 0.0]]]), (200, 200))[0]
    pixels, depth = view.project(np.array([[0.0, 1.0, 0.0], [0.5, 1.0, 0.0], [0.0, 1.5, 0.0], [0.5, 1.0, 1.0]]))
    assert pixels[0] == pytest.approx([100, 100])
    assert pixels[1, 0] > 100
    assert pixels[2, 1] < 100
    assert depth[3] == pytest.approx(depth[1] - 1.0)
    assert pixels[3, 0] - 100 == pytest.approx((pixels[1, 0] - 100) * depth[1] / depth[3])


def test_sheet_has_the_asked_size_and_is_not_blank(walker: Motion, tmp_path: Path) -> None:
    formats.write(walker, tmp_path / "a.png", frames=6, columns=3, size=(100, 120))
    image = Image.open(tmp_path / "a.png")
    assert image.width == 3 * 104 - 4 + 40
    assert image.height > 2 * 120
    assert np.asarray(image).std() > 10
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_sheet_is_the_same_bytes_every_time(walker: Motion, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        picture.write(walker, tmp_path / name, frames=3, size=(80, 100), caption="twice")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_moments_differ_where_the_body_moves(waver: Motion) -> None:
    images = [np.asarray(image).astype(int) for image in Renderer(waver[:6], (120, 160)).frames()]
    assert np.abs(images[0] - images[5]).max() > 60


def test_caption_comes_from_the_prompt_and_can_be_replaced(waver: Motion, tmp_path: Path) -> None:
    def head(name: str, motion: Motion, **options: str) -> np.ndarray:
        picture.write(motion, tmp_path / name, frames=4, size=(100, 100), inset=False, **options)
        return np.asarray(Image.open(tmp_path / name))[:44]

    prompted = waver.with_meta(prompt="waves the left hand")
    assert (head("a.png", prompted) == head("b.png", waver, caption="waves the left hand")).all()
    assert (head("c.png", prompted) != head("d.png", prompted, caption="else")).any()


def test_sheet_of_several_skeletons(walker: Motion, waver: Motion, tmp_path: Path) -> None:
    picture.sheet([walker, other_skeleton(waver)], tmp_path / "s.png", ["walks", "waves"], frames=3, size=(90, 120))
    assert np.asarray(Image.open(tmp_path / "s.png")).std() > 10


@pytest.mark.parametrize("frames", [1, 2])
def test_motions_of_one_and_two_frames(walker: Motion, tmp_path: Path, frames: int) -> None:
    picture.write(walker[:frames], tmp_path / "short.png", size=(80, 100))
    picture.sheet([walker[:frames]], tmp_path / "row.png", size=(80, 100))
    assert Image.open(tmp_path / "short.png").width > 80


def test_at_times_interpolates(spinner: Motion) -> None:
    assert at_times(spinner, np.arange(10) / 30).root == pytest.approx(spinner.root[:10])
    half = at_times(spinner, np.array([0.5 / 30]))
    assert half.root[0] == pytest.approx(spinner.root[:2].mean(axis=0))
    assert rot.angle(half.rotations[0], spinner.rotations[0]) == pytest.approx(
        rot.angle(half.rotations[0], spinner.rotations[1]), abs=1e-9
    )


def test_sides_are_read_from_the_names_of_many_rigs() -> None:
    left = (
        "left_hip LeftUpLeg L_Hip lShldr lfemur LHipJoint mixamorig:LeftArm J_Bip_L_UpperArm CC_Base_L_Thigh arm.l LKx"
    )
    middle = "pelvis Root LowerBack Hips Spine Reference Lower lowerback Neck1 rest root RootJoint_M"
    for names, expected in ((left, 1), (left.replace("Left", "Right").replace("left", "right"), None), (middle, 0)):
        for name in names.split():
            side = sides(Skeleton((name,), (-1,), np.zeros((1, 3))))[0]
            assert side == expected or (expected is None and side != 0), name
    assert sides(Skeleton(("Hips", "L_Arm", "Finger"), (-1, 0, 1), np.zeros((3, 3)))) == [0, 1, 1]


def test_a_root_left_behind_on_the_ground_does_not_shrink_the_picture(walker: Motion) -> None:
    """Some files keep a root joint at the origin while the hips travel; the body must still fill the picture."""
    names, parents = ("ground", *HUMAN.names), (-1, *(p + 1 for p in HUMAN.parents))
    skeleton = Skeleton(names, parents, np.concatenate([np.zeros((1, 3)), HUMAN.offsets]))
    slides = np.tile(skeleton.offsets, (len(walker), 1, 1))
    slides[:, 1] = walker.root + np.array([0.0, 0.0, 4.0])
    rotations = np.concatenate([rot.identity(len(walker), 1), walker.rotations], axis=1)
    far = Motion(skeleton, np.zeros_like(walker.root), rotations, walker.fps, translations=slides)
    assert way(far) == pytest.approx(slides[:, 1])
    image = Renderer(far[:2], (120, 160), style="limbs").frame(0)
    assert np.ptp(np.argwhere(bluish(image))[:, 0]) > 70


def test_odd_skeletons_are_drawn_or_refused_without_warnings(walker: Motion) -> None:
    point = Motion(Skeleton(("only",), (-1,), np.zeros((1, 3))), np.zeros((2, 3)), rot.identity(2, 1), 30)
    assert Renderer(point, (64, 64)).frame(0).size == (64, 64)
    line = Skeleton(("a", "b", "c"), (-1, 0, 1), np.array([[0, 0, 0], [0, 1e-9, 0], [0, 1.0, 0]]))
    Renderer(Motion(line, np.zeros((2, 3)), rot.identity(2, 3), 30), (64, 64)).frame(1)
    far = replace(walker, root=walker.root + np.array([0.0, 0.0, 1e9]))
    with pytest.raises(InputError, match="frame 0 has joints farther"):
        Renderer(far, (64, 64))
    slides = np.tile(HUMAN.offsets, (len(walker), 1, 1))
    slides[3, 4] = np.nan
    with pytest.raises(InputError, match="frame 3"):
        Renderer(replace(walker, translations=slides), (64, 64))


@pytest.mark.parametrize("style", ["mannequin", "limbs"])
def test_a_camera_inside_the_body_draws_something(walker: Motion, style: str) -> None:
    assert Renderer(walker[:1], (96, 96), style=style, camera=Camera(zoom=20)).frame(0).size == (96, 96)


def test_long_captions_are_wrapped_and_cut() -> None:
    lines = wrapped("a person walks " * 40, font(16), 200, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(font(16).getlength(line) <= 200 for line in lines)
    assert wrapped("", font(16), 200, most=3) == []
    name = "dataset-2_walk-turn-right_normal_019.bvh"
    assert "".join(wrapped(name, font(16), 120, most=5)) == name
    assert wrapped("ab", font(16), 1, most=5)  # narrower than a letter: it still ends


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": 0}, "1 to 64 moments"),
        ({"frames": 65}, "1 to 64 moments"),
        ({"size": (10, 100)}, "64 to 2048"),
        ({"columns": 0}, "columns"),
        ({"style": "oil"}, "mannequin or limbs"),
        ({"frames": 64, "size": (2048, 2048)}, "million pixels"),
    ],
)
def test_values_out_of_limits_are_refused(walker: Motion, tmp_path: Path, options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        picture.write(walker, tmp_path / "x.png", **options)
    assert not list(tmp_path.iterdir())


def test_refusals_of_bodies_labels_cameras_and_folders(walker: Motion, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="retarget"):
        picture.write(other_skeleton(walker), tmp_path / "x.png", style="mannequin")
    with pytest.raises(InputError, match="as many labels"):
        picture.sheet([walker], tmp_path / "x.png", ["a", "b"])
    with pytest.raises(InputError, match="1 to 200 motions"):
        picture.sheet([], tmp_path / "x.png")
    with pytest.raises(InputError, match="pitch"):
        Camera(pitch=90)
    with pytest.raises(InputError, match="zoom"):
        Camera(zoom=0)
    with pytest.raises(InputError, match="folder"):
        picture.write(walker, tmp_path / "none" / "x.png", frames=1, size=(64, 64))
