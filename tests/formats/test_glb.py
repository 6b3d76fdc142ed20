"""GLB files: what is written reads back, rigs stay as they are, and the Khronos validator agrees."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rigs import write_rig

import motionary
from motionary import formats
from motionary.errors import FormatError, InputError, RetargetError
from motionary.formats import glb, gltf, mannequin
from motionary.motion import HUMAN, Motion, Segment, Skeleton
from motionary.motion import rotations as rot
from motionary.motion.retarget import to_human


def content(path: Path) -> tuple[dict[str, Any], bytes]:
    """JSON and buffer of a GLB file, by the letter of the format."""
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    assert size % 4 == 0
    rest, bin_kind = struct.unpack_from("<I4s", data, 20 + size)
    assert bin_kind == b"BIN\0"
    assert 28 + size + rest == len(data)
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def values(document: dict[str, Any], data: bytes, index: int) -> np.ndarray:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    kind = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}[accessor["componentType"]]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor["type"]]
    count = accessor["count"] * width
    found = np.frombuffer(data, kind, count, view["byteOffset"] + accessor.get("byteOffset", 0))
    return found.reshape(accessor["count"], width)


@pytest.fixture
def arm() -> Motion:
    """A three-joint arm of another skeleton, with a rest pose of its own and a joint that slides."""
    skeleton = Skeleton(("base", "left upper", "fore"), (-1, 0, 1), [[0, 1, 0], [0.1, 0, 0], [0.3, 0, 0]])
    turn = rot.from_axis("Z", np.linspace(0, 7, 10))
    rotations = np.stack([turn, rot.inverse(turn), rot.from_axis("X", np.linspace(0, 1, 10))], axis=1)
    slides = np.tile(skeleton.offsets, (10, 1, 1))
    slides[:, 2, 0] += np.linspace(0, 0.2, 10)
    root = np.linspace([0, 1, 0], [0, 1, 2], 10)
    rest = [[1.0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], [0.6, 0.8, 0.0, 0.0]]
    return Motion(skeleton, root, rotations, 25.0, slides, meta={"rest_rotations": rest, "source": "arm"})


def test_human_round_trip(tmp_path, walker):
    sent = replace(walker, segments=(Segment(0.5, 2.0, "walk — 走"),), meta={"prompt": "walk", "seed": 7})
    glb.write(sent, tmp_path / "a.glb")
    back = gltf.read(tmp_path / "a.glb")
    assert back.skeleton.same_as(HUMAN, 0.0)
    assert {k: v.tolist() for k, v in back.skeleton.tips.items()} == {k: v.tolist() for k, v in HUMAN.tips.items()}
    assert (len(back), back.fps) == (len(sent), sent.fps)
    assert np.abs(back.positions() - sent.positions()).max() < 1e-5
    assert back.segments == sent.segments
    assert back.meta == {"prompt": "walk", "seed": 7, "animation": "motion"}
    assert back.translations is None


@pytest.mark.parametrize("fps", [12.5, 20.0, 29.97, 30.0, 59.94, 119.88, 120.0])
def test_rates_return(tmp_path, walker, fps):
    glb.write(replace(walker, fps=fps), tmp_path / "a.glb")
    back = gltf.read(tmp_path / "a.glb")
    assert (back.fps, len(back)) == (fps, len(walker))


def test_other_skeletons_round_trip(tmp_path, arm):
    glb.write(arm, tmp_path / "a.glb")
    back = formats.read(tmp_path / "a.glb")
    assert back.skeleton.same_as(arm.skeleton, 0.0)
    assert back.meta == {**arm.meta, "animation": "motion"}  # the rest pose to the last digit
    assert (back.fps, len(back)) == (25.0, 10)
    assert np.abs(back.positions() - arm.positions()).max() < 1e-5
    assert np.degrees(rot.angle(back.rotations, arm.rotations).max()) < 0.01


def test_one_frame_and_wide_skeletons(tmp_path):
    count = 300  # joints beyond 255 need wider numbers
    skeleton = Skeleton(tuple(map(str, range(count))), tuple(range(-1, count - 1)), np.full((count, 3), 0.01))
    motion = Motion(skeleton, np.zeros((1, 3)), rot.identity(1, count), 50.0)
    glb.write(motion, tmp_path / "a.glb")
    back = gltf.read(tmp_path / "a.glb")
    assert (len(back), back.fps, back.skeleton.names) == (1, 50.0, skeleton.names)
    point = Motion(Skeleton(("p",), (-1,), [[0, 0, 0]]), np.zeros((2, 3)), rot.identity(2, 1), 30.0)
    glb.write(point, tmp_path / "b.glb")
    assert len(gltf.read(tmp_path / "b.glb")) == 2


def test_contents(tmp_path, spinner):
    glb.write(spinner, tmp_path / "a.glb")
    document, data = content(tmp_path / "a.glb")
    assert document["asset"]["generator"] == f"motionary {motionary.__version__}"
    (animation,) = document["animations"]
    assert {s["interpolation"] for s in animation["samplers"]} == {"LINEAR"}
    times = values(document, data, animation["samplers"][0]["input"])[:, 0]
    np.testing.assert_array_equal(times, (np.arange(len(spinner)) / 30).astype(np.float32))
    turned = {c["target"]["node"] for c in animation["channels"] if c["target"]["path"] == "rotation"}
    assert turned == set(range(22))
    for channel in animation["channels"]:
        if channel["target"]["path"] == "rotation":
            q = values(document, data, animation["samplers"][channel["sampler"]]["output"])
            assert (np.sum(q[1:] * q[:-1], axis=1) > 0).all()
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    assert {"POSITION", "NORMAL", "JOINTS_0", "WEIGHTS_0"} <= set(attributes)
    assert len(values(document, data, attributes["POSITION"])) > 5000


def test_the_skin_at_rest_is_the_mesh(tmp_path, walker, arm):
    for motion in (walker, arm):
        glb.write(motion, tmp_path / "a.glb")
        document, data = content(tmp_path / "a.glb")
        world: list[np.ndarray] = []
        for joint, node in enumerate(document["nodes"][: len(motion.skeleton)]):
            local = np.eye(4)
            local[:3, :3] = rot.to_matrix(np.roll(node.get("rotation", [0, 0, 0, 1]), 1))
            local[:3, 3] = node["translation"]
            parent = motion.skeleton.parents[joint]
            world.append(local if parent < 0 else world[parent] @ local)
        inverse = values(document, data, document["skins"][0]["inverseBindMatrices"]).reshape(-1, 4, 4)
        product = np.stack(world) @ np.swapaxes(inverse, 1, 2)
        np.testing.assert_allclose(product, np.tile(np.eye(4), (len(product), 1, 1)), atol=1e-6)


def test_a_viewer_shows_the_mannequin(tmp_path, waver):
    """Skinning by the letter of the format gives the mannequin's own vertices."""
    glb.write(waver, tmp_path / "a.glb")
    document, data = content(tmp_path / "a.glb")
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    vertices, owners, weights = (values(document, data, attributes[k]) for k in ("POSITION", "JOINTS_0", "WEIGHTS_0"))
    inverse = values(document, data, document["skins"][0]["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
    frame = 40
    positions, world = gltf.read(tmp_path / "a.glb")[frame : frame + 1].kinematics()
    joints = np.tile(np.eye(4), (22, 1, 1))
    joints[:, :3, :3], joints[:, :3, 3] = rot.to_matrix(world[0]), positions[0]
    blended = np.einsum("vk,vkab->vab", weights, (joints @ inverse)[owners])
    shown = np.einsum("vab,vb->va", blended[:, :3, :3], vertices) + blended[:, :3, 3]
    np.testing.assert_allclose(shown, mannequin.pose(waver[frame : frame + 1])[0], atol=1e-4)
    indices = values(document, data, document["meshes"][0]["primitives"][0]["indices"])
    np.testing.assert_array_equal(indices.reshape(-1, 3), mannequin.load().faces)


def test_size(tmp_path, walker):
    glb.write(walker[:60], tmp_path / "a.glb")
    assert (tmp_path / "a.glb").stat().st_size <= 800_000


def test_meta_that_json_lacks(tmp_path, walker):
    odd = {"a": np.arange(2), "b": float("nan"), "c": Path("x"), "d": (np.float32(1.5), {1}), 5: None}
    glb.write(replace(walker, meta=odd), tmp_path / "a.glb")
    meta = gltf.read(tmp_path / "a.glb").meta
    assert meta == {"a": [0, 1], "b": None, "c": "x", "d": [1.5, [1]], "5": None, "animation": "motion"}
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    with pytest.raises(InputError, match="nested"):
        glb.write(replace(walker, meta=loop), tmp_path / "b.glb")
    assert [p.name for p in tmp_path.iterdir()] == ["a.glb"]


@pytest.mark.parametrize("suffix", [".glb", ".gltf"])
def test_rig_moves_and_stays_what_it_is(tmp_path, walker, suffix):
    rig = write_rig(tmp_path / f"rig{suffix}")
    glb.write(walker, tmp_path / "a.glb", rig=rig)
    before = gltf.rest(rig)[0].json
    document, data = content(tmp_path / "a.glb")
    for key in ("nodes", "scenes", "materials"):
        assert document[key] == before[key]
    assert document["asset"]["copyright"] == "nobody"
    assert document["asset"]["extras"]["kept"] == 1
    assert [a["name"] for a in document["animations"]] == ["motion"]
    assert len(document["accessors"]) == 4 + 1 + len(document["animations"][0]["channels"])  # the old keys are gone
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    np.testing.assert_allclose(values(document, data, attributes["POSITION"])[2], [0, 1.1, 0], atol=1e-6)


def test_rig_walks_as_the_motion_does(tmp_path, walker):
    rig = write_rig(tmp_path / "rig.glb")
    glb.write(walker, tmp_path / "a.glb", rig=rig)
    moved = gltf.read(tmp_path / "a.glb")
    assert (len(moved), moved.fps) == (len(walker), walker.fps)
    positions = moved.positions()
    at = {name.removeprefix("mixamorig:"): positions[:, j] for j, name in enumerate(moved.skeleton.names)}
    assert at["Hips"][-1, 2] - at["Hips"][0, 2] > 1.5  # walks along +z in metres
    assert (at["LeftUpLeg"][:, 0] > at["RightUpLeg"][:, 0]).all()
    assert (at["Head"][:, 1] > at["Hips"][:, 1] + 0.4).all()
    assert 0.0 < min(at["LeftFoot"][:, 1].min(), at["RightFoot"][:, 1].min()) < 0.12
    back = to_human(moved)
    for joint in ("left_hip", "right_hip", "left_elbow", "right_knee"):
        j = HUMAN.index(joint)
        assert np.degrees(rot.angle(back.kinematics()[1][:, j], walker.kinematics()[1][:, j])).max() < 12


def test_a_rigs_own_motion_stays_as_it_is(tmp_path, walker):
    rig = write_rig(tmp_path / "rig.glb")
    glb.write(walker, tmp_path / "a.glb", rig=rig)
    own = gltf.read(tmp_path / "a.glb")
    slides = np.tile(own.skeleton.offsets, (len(own), 1, 1))
    slides[:, 5] += np.linspace(0, 0.1, len(own))[:, None]
    rotations = own.rotations.copy()
    rotations[:, 5] = rot.from_axis("Z", np.linspace(0, 1, len(own)))  # nothing that HUMAN would bring back
    own = replace(own, rotations=rotations, translations=slides)
    glb.write(own, tmp_path / "b.glb", rig=rig)
    again = gltf.read(tmp_path / "b.glb")
    assert rot.angle(again.rotations, own.rotations).max() < 1e-6
    np.testing.assert_allclose(again.root, own.root, atol=1e-6)
    np.testing.assert_allclose(again.translations[:, 1:], slides[:, 1:], atol=1e-6)


def test_what_is_no_rig(tmp_path, walker, arm):
    glb.write(arm, tmp_path / "arm.glb")
    with pytest.raises(RetargetError):
        glb.write(walker, tmp_path / "a.glb", rig=tmp_path / "arm.glb")
    with pytest.raises(InputError, match="does not exist"):
        glb.write(walker, tmp_path / "a.glb", rig=tmp_path / "none.glb")
    rig = write_rig(tmp_path / "rig.gltf")
    text = rig.read_text().replace('"materials"', '"images": [{"uri": "skin.png"}], "materials"')
    rig.write_text(text)
    with pytest.raises(FormatError, match="picture"):
        glb.write(walker, tmp_path / "a.glb", rig=rig)
    assert not (tmp_path / "a.glb").exists()


@pytest.fixture
def knight(data_dir, tmp_path) -> Path:
    archive = data_dir / "motion" / "kaykit.tar.xz"
    if not archive.is_file():
        pytest.skip(f"no {archive}")
    with tarfile.open(archive) as tar:
        stream = tar.extractfile("kaykit/Knight.glb")
        assert stream is not None
        (tmp_path / "Knight.glb").write_bytes(stream.read())
    return tmp_path / "Knight.glb"


@pytest.mark.data
def test_knight_keeps_its_body(knight, tmp_path, walker):
    glb.write(walker, tmp_path / "a.glb", rig=knight)
    document, before = gltf.Document(tmp_path / "a.glb").json, gltf.Document(knight).json
    for key in ("nodes", "scenes", "materials", "textures", "samplers"):
        assert document[key] == before[key]
    assert len(document["meshes"]) == 15
    assert (tmp_path / "a.glb").stat().st_size < 600_000  # 76 animations less
    back = to_human(gltf.read(tmp_path / "a.glb"))
    assert np.abs(back.positions() - walker.positions()).max() < 0.005


@pytest.mark.data
def test_knight_walks_upright(knight):
    names = gltf.animations(knight)
    assert len(names) == 76
    human = to_human(gltf.read(knight, "Walking_A"))
    at = human.positions()
    facing = rot.rotate(human.kinematics()[1][:, 0], np.array([0.0, 0.0, 1.0]))
    assert (facing[:, 2] > 0.9).all()
    assert (at[:, HUMAN.index("left_hip"), 0] > at[:, HUMAN.index("right_hip"), 0]).all()
    assert -0.03 < at[..., 1].min() < 0.05
    # Feet cross: each is ahead of the other at some time.
    ahead = at[:, HUMAN.index("left_ankle"), 2] - at[:, HUMAN.index("right_ankle"), 2]
    assert ahead.max() > 0.1
    assert ahead.min() < -0.1


@pytest.mark.slow
@pytest.mark.data
def test_every_animation_of_the_knight_reads(knight):
    for index, name in enumerate(gltf.animations(knight)):
        motion = gltf.read(knight, index)
        assert motion.meta["animation"] == name
        assert motion.fps == 30.0
        assert np.isfinite(motion.positions()).all()


_CHECK = """
const validator = require(process.argv[1]), fs = require("fs");
(async () => {
  const found = [];
  for (const path of process.argv.slice(2)) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(path)));
    found.push([report.issues.numErrors, report.issues.numWarnings, report.issues.messages.slice(0, 5)]);
  }
  console.log(JSON.stringify(found));
})();
"""


@pytest.mark.slow
def test_the_khronos_validator_finds_nothing(tmp_path, walker, spinner, arm):
    """MOTIONARY_GLTF_VALIDATOR: the folder of the npm package gltf-validator."""
    module, node = os.environ.get("MOTIONARY_GLTF_VALIDATOR"), shutil.which("node")
    if not module or not node:
        pytest.skip("needs node, and MOTIONARY_GLTF_VALIDATOR naming the folder of the npm package gltf-validator")
    rig = write_rig(tmp_path / "rig.glb")
    written = {"walk": walker, "spin": spinner, "one": walker[:1], "arm": arm}
    for name, motion in written.items():
        glb.write(motion, tmp_path / f"{name}.glb")
    glb.write(walker, tmp_path / "moved.glb", rig=rig)
    paths = [str(tmp_path / f"{name}.glb") for name in (*written, "moved")]
    out = subprocess.run([node, "-e", _CHECK, str(Path(module).resolve()), *paths], capture_output=True, check=True)
    for path, (errors, warnings, messages) in zip(paths, json.loads(out.stdout), strict=True):
        assert (errors, warnings) == (0, 0), (path, messages)
