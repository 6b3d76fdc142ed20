"""Retargeting on bodies made here: exact where it must be, and refused where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import RetargetError
from motionary.motion import HUMAN, Motion, Segment, Skeleton
from motionary.motion import rotations as rot
from motionary.motion.families import FAMILIES
from motionary.motion.grounding import lowest_foot
from motionary.motion.kinematics import forward_kinematics, local_rotations
from motionary.motion.rest_pose import LIMBS, rest_pose
from motionary.motion.retarget import from_human, leg_directions, name_map, to_human

FRAMES = 40


def striding(seed: int = 0, size: float = 0.4) -> Motion:
    """A body that moves all its joints smoothly while it flies over the floor: no foot ever stands."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0.0, 2 * np.pi, FRAMES)[:, None, None]
    swing = np.sin(t + rng.uniform(0, 6, (1, 22, 3))) * rng.normal(size=(1, 22, 3)) * size
    for side in ("left", "right"):
        swing[:, HUMAN.index(f"{side}_knee")] = [0.6, 0.0, 0.0] + 0.3 * np.sin(t[:, 0])
    root = np.stack([0 * t[:, 0, 0], 0.95 + 0 * t[:, 0, 0], np.linspace(0, 4, FRAMES)], axis=-1)
    return Motion(HUMAN, root, rot.from_axis_angle(swing), 30.0, segments=(Segment(0.0, 1.0, "flies"),))


def other_axes(motion: Motion, seed: int = 1) -> Motion:
    """The same movement on a rig whose joints have random axes; its bind pose is told as a glTF reader tells it."""
    rng = np.random.default_rng(seed)
    axes = rot.normalize(rng.normal(size=(len(motion.skeleton), 4)))
    _, world = motion.kinematics()
    parents = motion.skeleton.parents
    offsets = np.stack(
        [
            rot.rotate(rot.inverse(axes[p]), o) if p >= 0 else o
            for p, o in zip(parents, motion.skeleton.offsets, strict=True)
        ]
    )
    skeleton = Skeleton(motion.skeleton.names, parents, offsets)
    rest = local_rotations(skeleton, axes[None])[0]
    local = local_rotations(skeleton, rot.multiply(world, axes))
    return Motion(
        skeleton, motion.root, local, motion.fps, segments=motion.segments, meta={"rest_rotations": rest.tolist()}
    )


def posed(turns: dict[str, np.ndarray], rename: dict[str, str] | None = None) -> Skeleton:
    """HUMAN's skeleton modelled in another pose: the given joints are turned and the turn is baked into the offsets."""
    local = rot.identity(1, 22)
    for joint, turn in turns.items():
        local[0, HUMAN.index(joint)] = turn
    positions, _ = forward_kinematics(HUMAN, HUMAN.offsets[:1], local)
    offsets = positions[0] - np.array([positions[0][p] if p >= 0 else np.zeros(3) for p in HUMAN.parents])
    names = [(rename or {}).get(name, name) for name in HUMAN.names]
    return Skeleton(tuple(names), HUMAN.parents, offsets)


def mixamo(arms_down: float = 0.0, size: float = 1.0) -> Skeleton:
    """HUMAN with Mixamo's names, another size, in an A-pose."""
    aliases = FAMILIES["mixamo"].joints
    rename = {joint: "mixamorig:" + names[0] for joint, names in aliases.items()}
    turns = {
        "left_shoulder": rot.from_axis("Z", -np.radians(arms_down)),
        "right_shoulder": rot.from_axis("Z", np.radians(arms_down)),
    }
    return posed(turns, rename).scaled(size)


def limb_directions(positions: np.ndarray, index: dict[str, int]) -> np.ndarray:
    lines = np.stack([positions[:, index[end]] - positions[:, index[start]] for start, end in LIMBS.items()], axis=1)
    return lines / np.linalg.norm(lines, axis=-1, keepdims=True)


def test_joint_axes_do_not_matter() -> None:
    motion = striding()
    human = to_human(other_axes(motion))
    assert np.degrees(rot.angle(human.rotations, motion.rotations)).max() < 1e-4
    moved = human.root - motion.root
    assert np.allclose(moved[:, [0, 2]], 0.0, atol=1e-9)
    assert np.ptp(moved[:, 1]) < 0.01
    assert human.segments == motion.segments
    assert "rest_rotations" not in human.meta
    assert human.meta["retarget"]["family"] == "smpl"


def test_without_a_bind_pose_the_first_frame_serves_and_is_told() -> None:
    motion = striding()
    still = rot.slerp(rot.identity(1, 22), motion.rotations, np.linspace(0.0, 1.0, FRAMES)[:, None])
    source = other_axes(Motion(HUMAN, motion.root, still, 30.0))
    human = to_human(Motion(source.skeleton, source.root, source.rotations, source.fps))
    assert human.meta["retarget"]["reference"] == "first frame"
    assert np.degrees(rot.angle(human.rotations, still)).max() < 1e-3


def test_a_body_that_never_stands_is_refused() -> None:
    source = other_axes(striding())
    upside_down = Motion(source.skeleton, source.root, rot.identity(FRAMES, 22), source.fps)
    with pytest.raises(RetargetError, match="no standing body"):
        to_human(upside_down)


def test_human_passes_unchanged() -> None:
    motion = striding()
    assert to_human(motion).root is motion.root
    assert from_human(motion, HUMAN) is motion


@pytest.mark.parametrize("degrees", [0.0, 45.0, 90.0])
def test_t_pose_a_pose_and_hanging_arms_agree(degrees: float) -> None:
    motion = striding(3)
    rig = from_human(motion, mixamo(degrees, 0.8))
    back = to_human(rig)
    assert rig.meta["retarget"]["family"] == "mixamo"
    assert np.degrees(rot.angle(back.rotations, motion.rotations)).max() < 1e-3
    index = {joint: rig.skeleton.index(name) for joint, name in name_map(rig.skeleton).joints.items()}
    human = {name: i for i, name in enumerate(HUMAN.names)}
    turned = limb_directions(rig.positions(), index) - limb_directions(motion.positions(), human)
    assert np.abs(turned).max() < 1e-6


def test_rig_stands_on_the_floor_at_its_own_size() -> None:
    rest = Motion(HUMAN, HUMAN.offsets[:1].repeat(3, axis=0), rot.identity(3, 22), 30.0)
    rig = from_human(rest, mixamo(45.0, 0.5))
    ankle = rig.skeleton.index("mixamorig:leftfoot")
    assert rig.positions()[0, ankle, 1] == pytest.approx(0.5 * rest.positions()[0, 7, 1], abs=1e-9)
    assert rig.positions()[0, 0, 1] == pytest.approx(0.5 * HUMAN.offsets[0, 1], abs=1e-9)


def test_twist_is_kept() -> None:
    local = rot.identity(FRAMES, 22)
    local[:, HUMAN.index("left_elbow")] = rot.from_axis("X", np.radians(40.0))
    root = striding().root
    human = to_human(other_axes(Motion(HUMAN, root, local, 30.0)))
    twist = rot.to_axis_angle(human.rotations[:, HUMAN.index("left_elbow")])
    assert np.allclose(np.degrees(twist), [40.0, 0.0, 0.0], atol=1e-4)


def test_joints_in_between_are_folded_in() -> None:
    motion = striding(5)
    names = (*HUMAN.names[:5], "left_thigh_twist", *HUMAN.names[5:])
    old = {i: i if i < 5 else i + 1 for i in range(22)}
    parents = [-1 if p < 0 else old[p] for p in HUMAN.parents]
    parents.insert(5, old[HUMAN.index("left_hip")])
    parents[4] = 1
    offsets = np.insert(HUMAN.offsets, 5, [0.0, -0.2, 0.0], axis=0)
    # A belly joint between pelvis and spine1 that takes half of spine1's turn.
    names, parents = (*names, "extra"), [*parents, 0]
    offsets = np.vstack([offsets, [0.0, 0.01, 0.0]])
    local = rot.identity(FRAMES, 24)
    local[:, list(old.values())] = motion.rotations
    skeleton = Skeleton(names, tuple(parents), offsets)
    human = to_human(Motion(skeleton, motion.root, local, 30.0))
    assert np.degrees(rot.angle(human.rotations, motion.rotations)).max() < 1e-4


@pytest.mark.parametrize("kind", ["bandai", "cc_base"])
def test_reference_poses_are_humans_rest_pose(kind: str) -> None:
    """A skeleton with degenerate zero pose, put in the T-pose of its table, is HUMAN at rest, limb by limb."""
    family = FAMILIES[kind]
    skeleton = _zero_pose_rig(kind)
    pose = rest_pose(skeleton, name_map(skeleton))
    local = local_rotations(skeleton, pose.world[None]).repeat(5, axis=0)
    root = np.zeros((5, 3))
    human = to_human(Motion(skeleton, root, local, 30.0))
    assert human.meta["retarget"]["family"] == family.name
    limbs = [HUMAN.index(joint) for joint in LIMBS if "shoulder" not in joint]
    if not family.hinge:
        assert np.degrees(rot.angle(human.rotations[:, limbs], rot.identity(5, len(limbs)))).max() < 1e-3
    rest = limb_directions(HUMAN.rest_positions()[None], {n: i for i, n in enumerate(HUMAN.names)})
    assert np.abs(limb_directions(human.positions(), {n: i for i, n in enumerate(HUMAN.names)}) - rest).max() < 1e-6


def _zero_pose_rig(kind: str) -> Skeleton:
    """A rig of a family whose reference pose has HUMAN's joint positions."""
    family = FAMILIES[kind]
    joints = [joint for joint in HUMAN.names if joint in family.joints]
    names = [family.joints[joint][0] for joint in joints]
    parents = []
    for joint in joints:
        up = HUMAN.parents[HUMAN.index(joint)]
        while up >= 0 and HUMAN.names[up] not in joints:
            up = HUMAN.parents[up]
        parents.append(-1 if up < 0 else joints.index(HUMAN.names[up]))
    marks = [mark for mark in family.marks if mark not in names]
    names, parents = [*marks, *names], [-1, *(len(marks) - 1 + 0 if p < 0 else p + len(marks) for p in parents)]
    if not marks:
        parents = parents[1:]
        parents[0] = -1
    rest = HUMAN.rest_positions()
    at = [np.zeros(3)] * len(marks) + [rest[HUMAN.index(joint)] for joint in joints]
    offsets = []
    for index, parent in enumerate(parents):
        if parent < 0:
            offsets.append(at[index])
            continue
        x, y = (np.array(axis) for axis in family.reference.get(names[parent], ((1, 0, 0), (0, 1, 0))))
        world = rot.from_sixd(np.concatenate([x, y]))
        offsets.append(rot.rotate(rot.inverse(world), at[index] - at[parent]))
    return Skeleton(tuple(names), tuple(parents), np.array(offsets))


def test_other_leg_proportions_keep_ankles_in_place() -> None:
    skeleton = posed({})
    offsets = skeleton.offsets.copy()
    for side in ("left", "right"):
        offsets[HUMAN.index(f"{side}_knee")] *= 0.92
        offsets[HUMAN.index(f"{side}_ankle")] *= 1.08
    source = Motion(Skeleton(HUMAN.names, HUMAN.parents, offsets), *_crouch(), 30.0)
    human = to_human(source)
    scale = human.meta["retarget"]["scale"]
    a, b = source.positions(), human.positions()
    for side in ("left", "right"):
        hip, ankle = HUMAN.index(f"{side}_hip"), HUMAN.index(f"{side}_ankle")
        assert np.abs(scale * (a[:, ankle] - a[:, hip]) - (b[:, ankle] - b[:, hip])).max() < 2e-3
    index = {n: i for i, n in enumerate(HUMAN.names)}
    cosine = np.sum(limb_directions(a, index) * limb_directions(b, index), axis=-1)
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 6.1


def _crouch() -> tuple[np.ndarray, np.ndarray]:
    local, bend = rot.identity(FRAMES, 22), np.linspace(0.0, 0.8, FRAMES)
    for side in ("left", "right"):
        local[:, HUMAN.index(f"{side}_hip")] = rot.from_axis("X", -bend)
        local[:, HUMAN.index(f"{side}_knee")] = rot.from_axis("X", 2 * bend)
        local[:, HUMAN.index(f"{side}_ankle")] = rot.from_axis("X", -bend)
    return np.tile([0.0, 0.942, 0.0], (FRAMES, 1)), local


def test_legs_reach_whatever_is_asked() -> None:
    rng = np.random.default_rng(0)
    thigh, shin = leg_directions(
        rng.normal(size=(200, 3)), rng.normal(size=(200, 3)), rng.normal(size=(200, 3)), 0.42, 0.43
    )
    assert np.allclose(np.linalg.norm(thigh, axis=1), 1.0)
    assert np.allclose(np.linalg.norm(shin, axis=1), 1.0)


@pytest.mark.parametrize("sunk", [-0.3, 0.0, 0.25])
def test_feet_stand_on_the_floor(sunk: float) -> None:
    root, local = _crouch()
    heights = 0.942 - 0.854 * (1 - np.cos(np.linspace(0.0, 0.8, FRAMES)))
    root[:, 1] = heights + sunk
    source = other_axes(Motion(HUMAN, root, local, 30.0))
    human = to_human(source)
    low = lowest_foot(*human.kinematics())
    assert low.min() >= -0.02
    assert np.median(low) == pytest.approx(0.0, abs=0.02)
    assert human.meta["retarget"]["raised"] == pytest.approx(-sunk, abs=0.02)


def test_a_jump_stays_in_the_air() -> None:
    frames = 60
    t = np.linspace(0.0, 1.0, frames)
    root = np.tile([0.0, 0.942, 0.0], (frames, 1))
    root[:, 1] += np.maximum(0.0, 0.6 * np.sin((t - 0.3) / 0.4 * np.pi)) * ((t > 0.3) & (t < 0.7))
    human = to_human(other_axes(Motion(HUMAN, root, rot.identity(frames, 22), 30.0)))
    assert human.root[:, 1].max() - human.root[0, 1] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("mixamo", "mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck mixamorig:Head "
         "mixamorig:{Left}UpLeg mixamorig:{Left}Leg mixamorig:{Left}Foot mixamorig:{Left}Shoulder mixamorig:{Left}Arm "
         "mixamorig:{Left}ForeArm mixamorig:{Left}Hand"),
        ("vrm", "J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest J_Bip_C_Neck J_Bip_C_Head "
         "J_Bip_{L}_UpperLeg J_Bip_{L}_LowerLeg J_Bip_{L}_Foot J_Bip_{L}_UpperArm J_Bip_{L}_LowerArm J_Bip_{L}_Hand"),
        ("vrm", "Hips Spine Chest Neck Head {Left}UpperLeg {Left}LowerLeg {Left}Foot {Left}UpperArm {Left}LowerArm "
         "{Left}Hand"),
        ("cmu_asf", "root lowerback upperback thorax lowerneck upperneck head {l}femur {l}tibia {l}foot {l}clavicle "
         "{l}humerus {l}radius {l}wrist {l}hand"),
        ("cmu_bvh31", "Hips LowerBack Spine Spine1 Neck Neck1 Head LHipJoint RHipJoint {Left}UpLeg {Left}Leg "
         "{Left}Foot {Left}Shoulder {Left}Arm {Left}ForeArm {Left}Hand {Left}FingerBase"),
        ("daz", "hip abdomen chest neck head {l}Thigh {l}Shin {l}Foot {l}Collar {l}Shldr {l}ForeArm {l}Hand"),
        ("deepmimic", "root chest neck {left}_hip {left}_knee {left}_ankle {left}_shoulder {left}_elbow {left}_wrist"),
        ("mmm", "root BP BT BLN BUN {L}H {L}K {L}A {L}F {L}S {L}E {L}W"),
        ("smpl", "pelvis spine1 spine2 spine3 neck head {L}_Hip {L}_Knee {L}_Ankle {L}_Foot {L}_Collar {L}_Shoulder "
         "{L}_Elbow {L}_Wrist"),
        ("unreal", "root pelvis spine_01 spine_02 spine_03 neck_01 head thigh_{l} calf_{l} foot_{l} clavicle_{l} "
         "upperarm_{l} lowerarm_{l} hand_{l}"),
        ("kaykit", "root hips spine chest head upperleg.{l} lowerleg.{l} foot.{l} toes.{l} upperarm.{l} lowerarm.{l} "
         "wrist.{l} hand.{l} handslot.{l}"),
        ("generic", "Bip01 Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Neck Bip01_Head Bip01_{L}_Thigh Bip01_{L}_Calf "
         "Bip01_{L}_Foot Bip01_{L}_Toe0 Bip01_{L}_Clavicle Bip01_{L}_UpperArm Bip01_{L}_Forearm Bip01_{L}_Hand "
         "Bip01_{L}_Finger0"),
        ("generic", "DEF-spine DEF-chest DEF-neck DEF-head DEF-thigh.{L} DEF-shin.{L} DEF-foot.{L} DEF-toe.{L} "
         "DEF-shoulder.{L} DEF-upper_arm.{L} DEF-forearm.{L} DEF-hand.{L} DEF-thigh_twist.{L}"),
    ],
)  # fmt: skip
def test_names_are_recognised(kind: str, names: str) -> None:
    found = name_map(_chain(names))
    assert found.family == kind
    for side, other in (("left", "right"), ("right", "left")):
        for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist"):
            name = found.joints[f"{side}_{part}"].lower()
            assert other not in name
            assert "twist" not in name
    parts = [found.joints[f"left_{part}"] for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")]
    assert len(set(parts)) == 6
    report = found.report()
    assert f"family: {kind}" in report
    assert all(joint in report for joint in HUMAN.names)


def _chain(template: str) -> Skeleton:
    """A skeleton with these names, every joint a child of the first; {L}, {l}, {Left} stand for both sides."""
    names = []
    for name in template.split():
        sides = [{"{L}": "L", "{l}": "l", "{Left}": "Left", "{left}": "left"}]
        sides.append({"{L}": "R", "{l}": "r", "{Left}": "Right", "{left}": "right"})
        for side in sides if "{" in name else sides[:1]:
            made = name
            for mark, word in side.items():
                made = made.replace(mark, word)
            names.append(made)
    return Skeleton(tuple(names), (-1, *[0] * (len(names) - 1)), np.zeros((len(names), 3)))


def test_missing_joints_are_named_with_the_way_out() -> None:
    skeleton = Skeleton(("body", "left_leg", "tail"), (-1, 0, 0), np.zeros((3, 3)))
    with pytest.raises(RetargetError, match=r"left_hip.*right_elbow.*body, left_leg, tail.*give a map"):
        name_map(skeleton)
    with pytest.raises(RetargetError, match="unknown family 'spider'; known are bandai"):
        name_map(HUMAN, "spider")
    with pytest.raises(RetargetError, match="lacks: nose"):
        name_map(HUMAN, {"head": "nose"})
    with pytest.raises(RetargetError, match="must be HUMAN joints; got nose"):
        name_map(HUMAN, {"nose": "head"})


def test_a_given_map_is_used() -> None:
    motion = other_axes(striding(7))
    strange = {joint: f"j{i:02d}" for i, joint in enumerate(HUMAN.names)}
    skeleton = Skeleton(tuple(strange.values()), HUMAN.parents, motion.skeleton.offsets)
    renamed = Motion(skeleton, motion.root, motion.rotations, motion.fps, meta=motion.meta)
    with pytest.raises(RetargetError, match="j00"):
        to_human(renamed)
    given = to_human(renamed, strange)
    assert np.allclose(given.rotations, to_human(motion).rotations)
    assert given.meta["retarget"]["family"] == "given"


def test_swapped_sides_are_refused() -> None:
    swapped = {name: name.replace("left", "x").replace("right", "left").replace("x", "right") for name in HUMAN.names}
    skeleton = posed({}, swapped)
    with pytest.raises(RetargetError, match=r"toes .* point backward"):
        from_human(striding(), skeleton)


def test_a_thigh_without_length_is_refused() -> None:
    rig = mixamo()
    offsets = rig.offsets.copy()
    offsets[HUMAN.index("left_knee")] = 0.0
    with pytest.raises(RetargetError, match="no length"):
        from_human(striding(), Skeleton(rig.names, rig.parents, offsets))


def test_a_knee_that_slides_into_its_hip_still_gives_directions() -> None:
    ankle, shank = np.array([[0.0, -0.8, 0.1]]), np.array([[0.0, -0.8, 0.1]])
    for direction in leg_directions(ankle, np.zeros((1, 3)), shank, 0.42, 0.43):
        assert np.linalg.norm(direction) == pytest.approx(1.0)


def test_one_frame_is_enough() -> None:
    source = other_axes(striding())[3:4]
    human = to_human(source)
    assert len(human) == 1
    assert np.degrees(rot.angle(human.rotations, striding()[3:4].rotations)).max() < 1e-4


def test_from_human_wants_human() -> None:
    with pytest.raises(RetargetError, match="call to_human first"):
        from_human(other_axes(striding()), mixamo())
