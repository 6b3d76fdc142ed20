"""glTF reading: interpolation, rates, skeletons without a skin, folded armatures, scales, choice of animation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from malformed_gltf import embedded, pack, parts, with_uri
from rigs import write_rig

from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.formats import gltf
from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion.name_maps import name_map


def put(folder: Path, document: dict[str, Any], data: bytes) -> Path:
    (folder / "x.glb").write_bytes(pack(document, data))
    return folder / "x.glb"


def track(document: dict[str, Any], data: bytes, node: int, path: str, times: Any, values: Any, mode: str) -> bytes:
    """Add a channel to the first animation; returns the longer buffer."""
    animation = document["animations"][0]
    target = {"node": node, "path": path}
    animation["channels"] = [c for c in animation["channels"] if c["target"] != target]
    kind = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
    for array in (np.asarray(times, dtype="<f4")[:, None], np.asarray(values)):
        array = array if array.dtype == np.int16 else array.astype("<f4")
        component = {"i2": 5122, "f4": 5126}[array.dtype.str[1:]]
        data += b"\0" * (-len(data) % 4)
        document["bufferViews"].append({"buffer": 0, "byteOffset": len(data), "byteLength": array.nbytes})
        accessor = {"bufferView": len(document["bufferViews"]) - 1, "componentType": component}
        accessor |= {"count": len(array), "type": kind[array.shape[1]], "normalized": component != 5126}
        document["accessors"].append(accessor)
        data += array.tobytes()
    count = len(document["accessors"])
    animation["samplers"].append({"input": count - 2, "output": count - 1, "interpolation": mode})
    animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": target})
    document["buffers"][0]["byteLength"] = len(data)
    return data


def single(folder: Path, path: str, times: Any, values: Any, mode: str) -> Motion:
    """The small file with one channel alone, on its root (translation, scale) or its arm (rotation)."""
    document, data = parts()
    document["animations"][0]["channels"] = []
    data = track(document, data, 1 if path == "rotation" else 2, path, times, values, mode)
    return gltf.read(put(folder, document, data))


def test_small_file(tmp_path):
    document, data = parts()
    motion = gltf.read(put(tmp_path, document, data))
    assert motion.skeleton.names == ("base", "arm", "tip")  # parents first
    assert motion.skeleton.parents == (-1, 0, 1)
    assert (len(motion), motion.fps) == (3, 30.0)
    assert motion.meta == {"format": "gltf", "source": "x.glb", "animation": "nod"}
    assert motion.translations is None
    np.testing.assert_allclose(motion.root, [[0, 1, 0], [0, 1, 0.1], [0, 1, 0.2]], atol=1e-6)
    np.testing.assert_allclose(motion.rotations[:, 1], [[1, 0, 0, 0], [0.8, 0.6, 0, 0], [0.6, 0.8, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(motion.positions()[0, 2], [0, 2, 0], atol=1e-6)


def test_gltf_embedded_beside_and_below(tmp_path):
    (tmp_path / "a.gltf").write_bytes(embedded())
    (tmp_path / "b.gltf").write_bytes(with_uri("my%20data.bin"))
    (tmp_path / "my data.bin").write_bytes(parts()[1])
    (tmp_path / "c.gltf").write_bytes(b"\xef\xbb\xbf" + with_uri("sub/c.bin"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.bin").write_bytes(parts()[1])
    motions = [formats.read(tmp_path / f"{name}.gltf") for name in "abc"]
    for motion in motions:
        np.testing.assert_array_equal(motion.positions(), motions[0].positions())


def test_linear_takes_the_short_way_round(tmp_path):
    half = np.sqrt(0.5)
    motion = single(tmp_path, "rotation", [0, 1], [[0, 0, 0, 1], [-half, 0, 0, -half]], "LINEAR")
    assert (len(motion), motion.fps) == (31, 30.0)
    turned = np.degrees(rot.angle(motion.rotations[:, 1], rot.identity(31)))
    np.testing.assert_allclose(turned, np.linspace(0, 90, 31), atol=1e-4)


def test_step_holds(tmp_path):
    motion = single(tmp_path, "translation", [0, 0.5, 1], [[0, 0, 0], [1, 0, 0], [2, 0, 0]], "STEP")
    np.testing.assert_allclose(motion.root[:, 0], [0] * 15 + [1] * 15 + [2], atol=1e-6)


def test_cubic_spline_follows_its_polynomial(tmp_path):
    # x = t^3 on [0, 2]: in-tangent, value, out-tangent; slopes are 3 t^2.
    rows = [[0, 0, 0], [0, 0, 0], [0, 0, 0], [12, 0, 0], [8, 0, 0], [0, 0, 0]]
    motion = single(tmp_path, "translation", [0, 2], rows, "CUBICSPLINE")
    np.testing.assert_allclose(motion.root[:, 0], (np.arange(61) / 30) ** 3, atol=1e-5)


def test_normalised_integers(tmp_path):
    rows = np.round(np.array([[0, 0, 0, 1], [0.6, 0, 0, 0.8]]) * 32767).astype("<i2")
    motion = single(tmp_path, "rotation", [0, 1 / 30], rows, "LINEAR")
    np.testing.assert_allclose(motion.rotations[1, 1], [0.8, 0.6, 0, 0], atol=1e-4)


def test_keys_that_start_late_and_end_off_the_grid(tmp_path):
    motion = single(tmp_path, "translation", [2, 2.31], [[0, 0, 0], [3.1, 0, 0]], "LINEAR")
    assert (len(motion), motion.fps) == (11, 30.0)
    np.testing.assert_allclose(motion.root[-1, 0], 3.1, atol=1e-5)
    np.testing.assert_allclose(motion.root[3, 0], 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("times", "fps"),
    [
        (np.arange(9) / 24, 24), (np.arange(9) / 25, 25), (np.arange(9) / 60 + 1 / 60, 60), (np.arange(9) / 120, 120),
        (np.array([0, 5, 6, 20]) / 24, 24), ([0, 0.31, 0.5234], 30), ([0.7], 30), ([0, 0, 0.5], 30),
    ],
)  # fmt: skip
def test_the_rate_of_the_keys(tmp_path, times, fps):
    motion = single(tmp_path, "translation", times, np.zeros((len(times), 3)), "LINEAR")
    assert motion.fps == fps


def test_armature_is_folded_into_root_and_lengths(tmp_path):
    document, data = parts()
    half = float(np.sqrt(0.5))
    document["nodes"].append({"name": "Armature", "children": [2], "rotation": [-half, 0, 0, half]})
    document["nodes"][3] |= {"scale": [0.01] * 3, "translation": [5, 0, 0]}
    motion = gltf.read(put(tmp_path, document, data))
    assert motion.skeleton.names == ("base", "arm", "tip")
    np.testing.assert_allclose(motion.skeleton.offsets, [[5, 0, -0.01], [0, 0.005, 0], [0, 0.005, 0]], atol=1e-7)
    np.testing.assert_allclose(motion.positions()[0], [[5, 0, -0.01], [5, 0, -0.015], [5, 0, -0.02]], atol=1e-7)
    np.testing.assert_allclose(motion.root[2], [5, 0.002, -0.01], atol=1e-7)
    np.testing.assert_allclose(motion.meta["rest_rotations"][0], [half, -half, 0, 0], atol=1e-9)


def test_a_moving_armature_is_the_root(tmp_path):
    document, data = parts()
    document["nodes"].append({"name": "Armature", "children": [2]})
    data = track(document, data, 3, "translation", [0, 1 / 30], [[0, 0, 0], [0, 0, 1]], "LINEAR")
    motion = gltf.read(put(tmp_path, document, data))
    assert motion.skeleton.names[0] == "Armature"
    np.testing.assert_allclose(motion.positions()[1, 1], [0, 1, 1.1], atol=1e-6)


def test_without_a_skin_the_moving_nodes_are_joints(tmp_path):
    document, data = parts()
    document["skins"] = []
    motion = gltf.read(put(tmp_path, document, data))
    assert motion.skeleton.names == ("base", "arm")


def test_joints_without_a_common_joint_get_their_parent(tmp_path):
    document, data = parts()
    document["nodes"][2]["children"] = [1, 3]
    document["nodes"].append({"name": "arm", "translation": [1, 0, 0]})
    document["skins"] = [{"joints": [0, 3]}]
    motion = gltf.read(put(tmp_path, document, data))
    assert motion.skeleton.names == ("base", "arm", "arm_2", "tip")
    assert motion.skeleton.parents == (-1, 0, 0, 1)


def test_a_joint_that_slides(tmp_path):
    document, data = parts()
    data = track(document, data, 0, "translation", [0, 1 / 30], [[0, 0.5, 0], [0, 0.7, 0]], "LINEAR")
    motion = gltf.read(put(tmp_path, document, data))
    assert motion.translations is not None
    np.testing.assert_allclose(motion.translations[:, 2, 1], [0.5, 0.7, 0.7], atol=1e-6)
    np.testing.assert_allclose(motion.skeleton.offsets[2], [0, 0.5, 0])


def test_scales(tmp_path):
    document, data = parts()
    document["nodes"][2]["scale"] = [2, 2, 2]
    document["nodes"][0]["scale"] = [1, 3, 1]  # under the last joint there is nothing to bend
    motion = gltf.read(put(tmp_path, document, data))
    np.testing.assert_allclose(motion.skeleton.offsets[:, 1], [1, 1, 1])
    data = track(document, data, 1, "scale", [0, 1 / 30, 2 / 30], [[1] * 3, [2] * 3, [3] * 3], "LINEAR")
    growing = gltf.read(put(tmp_path, document, data))
    assert growing.translations is not None
    np.testing.assert_allclose(growing.translations[:, 2, 1], [1, 2, 3], atol=1e-6)
    assert "uneven_scale" not in growing.meta
    data = track(document, data, 1, "scale", [0, 1 / 30], [[1] * 3, [1, 8, 1]], "LINEAR")
    assert gltf.read(put(tmp_path, document, data)).meta["uneven_scale"] == ["arm"]


def test_matrix_nodes(tmp_path):
    document, data = parts()
    turn = rot.from_axis("Y", 0.5)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = 2 * rot.to_matrix(turn), [1, 2, 3]
    document["nodes"].append({"children": [2], "matrix": matrix.T.ravel().tolist()})
    plain = gltf.read(put(tmp_path, *parts())).positions()
    motion = gltf.read(put(tmp_path, document, data))
    np.testing.assert_allclose(motion.positions(), rot.rotate(turn, 2 * plain) + np.array([1.0, 2.0, 3.0]), atol=1e-6)


def test_choice_of_animation(tmp_path):
    document, data = parts()
    document["animations"].append({**document["animations"][0], "name": "bow"})
    document["animations"].append({k: v for k, v in document["animations"][0].items() if k != "name"})
    path = put(tmp_path, document, data)
    assert gltf.animations(path) == ["nod", "bow", "2"]
    chosen = {key: gltf.read(path, key).meta["animation"] for key in (None, "bow", 1, "1", 2, "2")}
    assert list(chosen.values()) == ["nod", "bow", "bow", "bow", "2", "2"]
    for wrong in ("jump", 3, -1, "²"):
        with pytest.raises(InputError, match="there are 3: 'nod', 'bow', '2'"):
            gltf.read(path, wrong)


def test_an_animation_of_other_nodes_says_so(tmp_path):
    write_rig(tmp_path / "rig.glb")
    with pytest.raises(FormatError, match="moves no joint of the skin"):
        gltf.read(tmp_path / "rig.glb")


@pytest.mark.parametrize("suffix", [".glb", ".gltf"])
def test_rest_of_a_rig(tmp_path, suffix):
    _, rig = gltf.rest(write_rig(tmp_path / f"rig{suffix}"))
    positions = Motion(rig.skeleton, rig.skeleton.offsets[:1], rig.rest[None], 30.0).positions()[0]
    at = dict(zip(rig.skeleton.names, positions, strict=True))
    assert rig.skeleton.names[0] == "mixamorig:Hips"
    np.testing.assert_allclose(at["mixamorig:Head"], [0, 1.5, 0.02], atol=1e-9)
    np.testing.assert_allclose(at["mixamorig:LeftToeBase"], [0.09, 0.02, 0.11], atol=1e-9)
    assert name_map(rig.skeleton).family == "mixamo"


def test_other_programs_extras_are_left_alone(tmp_path):
    document, data = parts()
    odd: list[Any] = [
        7,
        "x",
        [],
        {"motionary": 3},
        {"motionary": {"fps": "fast", "meta": [], "segments": 5, "tips": 1}},
    ]
    odd.append({"motionary": {"fps": 31.0, "segments": [{"start": 1}, 3, {"start": 2, "end": 1, "text": "a"}]}})
    odd.append({"motionary": {"fps": 1e9, "tips": {"tip": [1, 2], "arm": ["a"] * 3, "gone": [0, 0, 1]}}})
    for extras in odd:
        document["asset"]["extras"] = json.loads(json.dumps(extras))
        motion = gltf.read(put(tmp_path, document, data))
        assert (motion.fps, motion.segments, dict(motion.skeleton.tips)) == (30.0, (), {})
