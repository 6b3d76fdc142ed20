"""Retargeting of real clips: the named hand rises, a turn turns the named way, a walk goes where it faces."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from motionary import formats
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.grounding import lowest_foot
from motionary.motion.retarget import from_human, to_human

pytestmark = pytest.mark.data


@pytest.fixture
def first_clip(data_dir: Path, tmp_path: Path) -> Callable[[str, str], Motion]:
    """Reads the first clip of an archive whose name holds a text; with the .asf files seen on the way."""

    def read(archive: str, text: str) -> Motion:
        path = data_dir / "motion" / archive
        if not path.is_file():
            pytest.skip(f"no {path}")
        with tarfile.open(path) as tar:
            for member in tar:
                wanted = text in member.name and member.name.endswith((".bvh", ".amc", ".txt", ".glb"))
                if wanted or member.name.endswith(".asf"):
                    (tmp_path / Path(member.name).name).write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]
                if wanted:
                    return formats.read(tmp_path / Path(member.name).name)
        pytest.fail(f"{archive} has no clip named {text}")

    return read


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_bandai_raises_the_named_hand(first_clip: Callable[[str, str], Motion], side: str, other: str) -> None:
    p = to_human(first_clip("bandai-namco.tar.xz", f"raise-up-{side}-hand")).positions()
    high, low = (p[:, HUMAN.index(f"{name}_wrist"), 1].max() for name in (side, other))
    assert high > low + 0.3


@pytest.mark.parametrize(("way", "sign"), [("left", 1.0), ("right", -1.0)])
def test_bandai_turns_the_named_way(first_clip: Callable[[str, str], Motion], way: str, sign: float) -> None:
    yaw = np.unwrap(rot.yaw(to_human(first_clip("bandai-namco.tar.xz", f"walk-turn-{way}_normal")).rotations[:, 0]))
    assert sign * np.degrees(yaw[-1] - yaw[0]) > 45.0


@pytest.mark.parametrize(
    ("archive", "text", "family"),
    [
        ("bandai-namco.tar.xz", "2_walk_normal", "bandai"),
        ("deepmimic.tar.xz", "humanoid3d_walk", "deepmimic"),
        ("hdm05.tar.xz", "HDM_bd_sneak", "cmu_asf"),
    ],
)
def test_walks_go_where_they_face_on_both_feet(
    first_clip: Callable[[str, str], Motion], archive: str, text: str, family: str
) -> None:
    source = first_clip(archive, text)
    human = to_human(source)
    positions, world = human.kinematics()
    step = np.diff(human.root[:, [0, 2]], axis=0)
    facing = rot.rotate(world[1:, 0], np.array([0.0, 0.0, 1.0]))[:, [0, 2]]
    assert np.sum(step * facing) > 0.9 * np.linalg.norm(step, axis=1).sum() * np.linalg.norm(facing, axis=1).mean()
    assert human.meta["retarget"]["family"] == family
    assert human.fps == source.fps
    assert lowest_foot(positions, world).min() > -0.02
    for side, sign in (("left", -1.0), ("right", 1.0)):
        bend = rot.to_axis_angle(human.rotations)
        assert np.median(bend[:, HUMAN.index(f"{side}_knee"), 0]) > 0.1
        assert np.median(sign * bend[:, HUMAN.index(f"{side}_elbow"), 1]) > 0.1


def test_there_and_back_again(first_clip: Callable[[str, str], Motion]) -> None:
    """Bandai to HUMAN and back onto Bandai's own rig, whose zero pose is degenerate."""
    source = first_clip("bandai-namco.tar.xz", "2_walk_normal")
    back = from_human(to_human(source), source.skeleton)
    named = [i for i, name in enumerate(source.skeleton.names) if name != "joint_Root"]
    apart = back.positions()[:, named] - source.positions()[:, named]
    assert np.median(np.linalg.norm(apart - np.median(apart, axis=(0, 1)), axis=-1)) < 0.01
