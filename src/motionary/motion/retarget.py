"""Retargeting: any humanoid to HUMAN, and HUMAN to a user's rig.

Every HUMAN joint turns as its counterpart does, measured from a pose that both bodies stand in:

    R(t) = G(t) inv(G_ref) C

with G the source joint's global rotation, G_ref the same in the reference pose, and C the rotation that HUMAN's joint
has in a pose that looks like it (rest_pose.py). Twist is kept, because rotations are carried over and not positions;
limb bones then aim exactly along the source's. Legs of other proportions put the ankle where the source's ankle is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from motionary.errors import RetargetError
from motionary.motion import rotations as rot
from motionary.motion.families import FAMILIES
from motionary.motion.grounding import stand
from motionary.motion.kinematics import forward_kinematics, local_rotations
from motionary.motion.motion import Motion
from motionary.motion.name_maps import NameMap, name_map
from motionary.motion.rest_pose import LIMBS, RestPose, corrections, given_rotations, rest_pose
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN, HUMAN_NAMES, Skeleton

__all__ = ["from_human", "name_map", "to_human"]

_INDEX = {name: index for index, name in enumerate(HUMAN_NAMES)}
_HIPS_MIDDLE = (HUMAN.offsets[_INDEX["left_hip"]] + HUMAN.offsets[_INDEX["right_hip"]]) / 2
_THIGH, _SHIN = (float(np.linalg.norm(HUMAN.offsets[_INDEX[joint]])) for joint in ("left_knee", "left_ankle"))
_ANKLE_HEIGHT = float(HUMAN.rest_positions()[_INDEX["left_ankle"], 1])
# The most that a leg bone leaves the source's direction, radians.
_MOST_BEND = float(np.radians(6.0))

# HUMAN joints without a counterpart turn as ``share`` of the way from the first joint to the second.
_SHARES = (
    ("spine1", "pelvis", "spine2", 0.5), ("spine1", "pelvis", "spine3", 1 / 3), ("spine2", "spine1", "spine3", 0.5),
    ("spine3", "spine2", "spine2", 0.0), ("spine3", "spine1", "spine1", 0.0), ("spine3", "neck", "neck", 0.0),
    ("spine3", "pelvis", "pelvis", 0.0), ("spine1", "pelvis", "spine3", 1 / 3), ("spine2", "spine1", "spine3", 0.5),
    ("neck", "spine3", "head", 0.5), ("neck", "spine3", "spine3", 0.0), ("head", "neck", "neck", 0.0),
)  # fmt: skip


def to_human(motion: Motion, family: str | Mapping[str, str] | None = None) -> Motion:
    """A motion of any supported skeleton on HUMAN, with its feet on the floor.

    Args:
        motion: the source; y up, metres.
        family: a name of FAMILIES, a mapping of HUMAN joint -> source joint, or None to recognise the names.

    Returns:
        The same frames at the same rate on HUMAN; ``meta["retarget"]`` holds the family, the HUMAN joints that had no
        counterpart, the reference pose ("rest pose", or "first frame" where the zero pose is no standing body), the
        scale (HUMAN's leg length over the source's) and the height in metres by which the clip was raised.

    Raises:
        RetargetError: essential joints are not found, or the reference pose is no standing body.
    """
    if motion.skeleton.same_as(HUMAN, 1e-6) and motion.translations is None:
        return motion.with_meta(
            retarget={"family": "human", "missing": [], "reference": "rest pose", "scale": 1.0, "raised": 0.0}
        )
    names = name_map(motion.skeleton, family)
    pose, reference = _pose_of(motion, names)
    positions, world = motion.kinematics()
    points = {joint: positions[:, motion.skeleton.index(source)] for joint, source in names.joints.items()}
    turned = _carried(world, pose)
    _aim(turned, _arm_lines(points) | _leg_lines(points, pose))
    scale = (_THIGH + _SHIN) / float(np.mean([sum(pose.leg(side)) for side in ("left", "right")]))
    middle = (points["left_hip"] + points["right_hip"]) / 2
    root = middle * scale - rot.rotate(turned[:, 0], _HIPS_MIDDLE)
    known = _knows_floor(names)
    # Where the source's floor is known, its ankles over it become HUMAN's ankles over the floor before any estimate.
    lower = scale * _ankle_height(pose) - _ANKLE_HEIGHT if known else 0.0
    root, raised = stand(root - [0.0, lower, 0.0], turned, motion.fps, known)
    record: dict[str, Any] = {"family": names.family, "missing": list(names.missing), "reference": reference}
    record |= {"scale": round(scale, 6), "raised": round(raised - lower, 4)}
    meta = {key: value for key, value in motion.meta.items() if key != "rest_rotations"} | {"retarget": record}
    local = rot.continuous(local_rotations(HUMAN, turned))
    return replace(motion, skeleton=HUMAN, root=root, rotations=local, translations=None, meta=meta)


def from_human(
    motion: Motion,
    skeleton: Skeleton,
    family: str | Mapping[str, str] | None = None,
    rest_rotations: Array | None = None,
) -> Motion:
    """A motion on HUMAN moved to a user's rig; joints that HUMAN lacks (fingers, twist bones) keep their rest pose.

    Args:
        motion: on HUMAN.
        skeleton: the rig.
        family: as for to_human.
        rest_rotations: [joints, 4] local rotations of the rig's bind pose, where it is not the zero pose (glTF).

    Raises:
        RetargetError: the motion is not on HUMAN, or the rig's essential joints are not found.
    """
    if not motion.skeleton.same_as(HUMAN, 1e-6):
        raise RetargetError("from_human moves motions on HUMAN; call to_human first")
    if skeleton.same_as(HUMAN, 1e-6):
        return motion
    names = name_map(skeleton, family)
    pose = rest_pose(skeleton, names, rotations=rest_rotations)
    positions, world = motion.kinematics()
    turned = _rig_rotations(positions, world, pose)
    local = rot.continuous(local_rotations(skeleton, turned))
    at, _ = forward_kinematics(skeleton, np.zeros_like(motion.root), local)
    hips = [skeleton.index(names.joints[f"{side}_hip"]) for side in ("left", "right")]
    scale = float(np.mean([sum(pose.leg(side)) for side in ("left", "right")])) / (_THIGH + _SHIN)
    target = positions[:, [_INDEX["left_hip"], _INDEX["right_hip"]]].mean(axis=1) * scale
    target[:, 1] += _ankle_height(pose) - _ANKLE_HEIGHT * scale
    record = {"family": names.family, "missing": list(names.missing), "scale": round(scale, 6)}
    root = target - at[:, hips].mean(axis=1)
    meta = {**motion.meta, "retarget": record}
    return replace(
        motion, skeleton=skeleton, root=root, rotations=local, translations=None, hands=None, face=None, meta=meta
    )


def leg_directions(ankle: Array, knee: Array, shank: Array, thigh: float, shin: float) -> tuple[Array, Array]:
    """Directions of a thigh and a shin that put the ankle at a place and bend in the plane of the source's knee.

    Where the legs' proportions differ, both bones leave the source's directions a little, so that standing feet
    neither slide nor sink; never by more than 6 degrees, so in a deep crouch the ankle may be a little off instead.

    Args:
        ankle: [..., 3] from the hip to where the ankle shall be, metres.
        knee: [..., 3] from the hip to the source's knee, any length.
        shank: [..., 3] from the source's knee to its ankle, any length.
        thigh, shin: lengths, metres.

    Returns:
        Unit directions [..., 3] of the thigh and the shin.
    """
    reach = np.linalg.norm(ankle, axis=-1, keepdims=True)
    along = ankle / np.maximum(reach, 1e-9)
    out = knee - along * np.sum(knee * along, axis=-1, keepdims=True)
    out = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-9)
    reach = np.clip(reach, abs(thigh - shin) + 1e-6, thigh + shin)
    cosine = np.clip((thigh**2 + reach**2 - shin**2) / (2 * thigh * reach), -1.0, 1.0)
    first = _near(knee, along * cosine + out * np.sqrt(1 - cosine**2))
    return first, _near(shank, ankle - first * thigh)


def _near(source: Array, wanted: Array) -> Array:
    """Unit directions [..., 3]: the wanted ones, but no further from the source's than _MOST_BEND.

    A source of no length (a sliding knee that meets its hip) has no direction to keep to.
    """
    length = np.linalg.norm(source, axis=-1, keepdims=True)
    source = np.where(length > 1e-9, source, wanted)
    turn = rot.to_axis_angle(rot.between(source, wanted))
    size = np.linalg.norm(turn, axis=-1, keepdims=True)
    turn = turn * np.minimum(1.0, _MOST_BEND / np.maximum(size, 1e-9))
    return rot.rotate(rot.from_axis_angle(turn), source / np.linalg.norm(source, axis=-1, keepdims=True))


def _pose_of(motion: Motion, names: NameMap) -> tuple[RestPose, str]:
    """The reference pose and what it is; where the zero pose is no standing body, the first frame may be one."""
    offsets = None if motion.translations is None else motion.translations.mean(axis=0)
    given = given_rotations(motion.meta, motion.skeleton)
    try:
        return rest_pose(motion.skeleton, names, offsets, given), "rest pose"
    except RetargetError:
        return rest_pose(motion.skeleton, names, offsets, motion.rotations[0]), "first frame"


def _knows_floor(names: NameMap) -> bool:
    family = FAMILIES.get(names.family)
    return family is not None and family.floor


def _carried(world: Array, pose: RestPose) -> Array:
    """Global rotations [frames, 22, 4] of HUMAN's joints: carried over, and shared out where there is no source."""
    joints = pose.names.joints
    known = [_INDEX[joint] for joint in joints]
    source = [pose.skeleton.index(name) for name in joints.values()]
    fixed = rot.multiply(rot.inverse(pose.world[source]), corrections(pose)[known])
    turned = rot.identity(len(world), len(HUMAN_NAMES))
    turned[:, known] = rot.multiply(world[:, source], fixed)
    have = set(joints)
    if "pelvis" not in have:
        turned[:, 0] = turned[:, _INDEX[next(joint for joint in ("spine1", "spine2", "spine3") if joint in have)]]
        have.add("pelvis")
    for joint, first, second, share in _SHARES:
        if joint not in have and first in have and second in have:
            a, b = turned[:, _INDEX[first]], turned[:, _INDEX[second]]
            turned[:, _INDEX[joint]] = a if share == 0.0 else rot.slerp(a, b, share)
            have.add(joint)
    for joint, parent in zip(HUMAN_NAMES, HUMAN.parents, strict=True):
        if joint not in have:
            turned[:, _INDEX[joint]] = turned[:, parent]
    return turned


def _aim(turned: Array, lines: Mapping[str, Array]) -> None:
    """Turn HUMAN joints by the shortest arc so that their bones lie along [frames, 3] lines; their twist stays."""
    joints = [_INDEX[joint] for joint in lines]
    bones = HUMAN.offsets[[_INDEX[LIMBS[joint]] for joint in lines]]
    now = turned[:, joints]
    turned[:, joints] = rot.multiply(rot.between(rot.rotate(now, bones), np.stack([*lines.values()], axis=1)), now)


def _arm_lines(points: Mapping[str, Array]) -> dict[str, Array]:
    arms = {joint: end for joint, end in LIMBS.items() if joint.endswith(("shoulder", "elbow")) and end in points}
    lines = {joint: points[end] - points[joint] for joint, end in arms.items()}
    return {joint: line for joint, line in lines.items() if float(np.abs(line).max(axis=-1).min()) > 1e-6}


def _leg_lines(points: Mapping[str, Array], pose: RestPose) -> dict[str, Array]:
    hip, knee, ankle = (
        np.stack([points[f"left_{part}"], points[f"right_{part}"]], axis=1) for part in ("hip", "knee", "ankle")
    )
    stretch = (_THIGH + _SHIN) / np.array([[sum(pose.leg("left"))], [sum(pose.leg("right"))]])
    thigh, shin = leg_directions((ankle - hip) * stretch, knee - hip, ankle - knee, _THIGH, _SHIN)
    sides = enumerate(("left", "right"))
    return {f"{side}_{part}": line[:, i] for i, side in sides for part, line in (("hip", thigh), ("knee", shin))}


def _rig_rotations(positions: Array, world: Array, pose: RestPose) -> Array:
    """Global rotations [frames, joints, 4] of a rig's joints."""
    skeleton, joints = pose.skeleton, pose.names.joints
    turn = corrections(pose)
    played = {skeleton.index(name): joint for joint, name in joints.items()}
    above = _ancestors(skeleton, min(played))
    turned = np.broadcast_to(pose.world, (len(world), *pose.world.shape)).copy()
    legs = _rig_legs(positions, pose)
    for index, parent in enumerate(skeleton.parents):
        if index in played:
            joint = played[index]
            human = rot.multiply(world[:, _INDEX[joint]], rot.inverse(turn[_INDEX[joint]]))
            line = pose.direction(joint, LIMBS[joint]) if joint in legs else None
            if line is not None:
                human = rot.multiply(rot.between(rot.rotate(human, line), legs[joint]), human)
            turned[:, index] = rot.multiply(human, pose.world[index])
        elif parent >= 0 and index not in above:
            rest = rot.multiply(rot.inverse(pose.world[parent]), pose.world[index])
            turned[:, index] = rot.multiply(turned[:, parent], rest)
    return turned


def _rig_legs(positions: Array, pose: RestPose) -> dict[str, Array]:
    """Directions [frames, 3] of a rig's thighs and shins, by HUMAN joint."""
    directions = {}
    for side in ("left", "right"):
        hip, knee, ankle = (positions[:, _INDEX[f"{side}_{part}"]] for part in ("hip", "knee", "ankle"))
        thigh, shin = pose.leg(side)
        reach = (ankle - hip) * (thigh + shin) / (_THIGH + _SHIN)
        found = leg_directions(reach, knee - hip, ankle - knee, thigh, shin)
        directions[f"{side}_hip"], directions[f"{side}_knee"] = found
    return directions


def _ancestors(skeleton: Skeleton, joint: int) -> set[int]:
    """The joints above one: a rig's scene or motion root, which stays as it is."""
    above = set()
    while (joint := skeleton.parents[joint]) >= 0:
        above.add(joint)
    return above


def _ankle_height(pose: RestPose) -> float:
    """Height of a rig's ankles above its floor: y = 0 where its feet stand just above that, else its lowest point."""
    leg = sum(pose.leg("left"))
    ankle = float(pose.middle("ankle")[1])
    if 0.0 < ankle < 0.25 * leg:
        return ankle
    tips = [
        pose.positions[pose.skeleton.index(name)] + rot.rotate(pose.world[pose.skeleton.index(name)], tip)
        for name, tip in pose.skeleton.tips.items()
    ]
    lowest = min(float(point[1]) for point in [*pose.positions, *tips])
    return ankle - lowest + 0.01 * leg
