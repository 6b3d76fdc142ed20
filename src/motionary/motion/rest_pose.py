"""Rest-pose solve: how the joints of a skeleton are turned against HUMAN's when both bodies stand in the same pose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from motionary.errors import RetargetError
from motionary.motion import rotations as rot
from motionary.motion.families import FAMILIES, Direction, plain
from motionary.motion.name_maps import NameMap
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN, HUMAN_NAMES, Skeleton

#: Bones whose direction is matched exactly: joint -> the joint at the bone's end.
LIMBS = {
    f"{side}_{start}": f"{side}_{end}"
    for side in ("left", "right")
    for start, end in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
}
_REST = dict(zip(HUMAN_NAMES, HUMAN.rest_positions(), strict=True))
# An ankle-to-toe line at rest counts as a flat foot while it slopes less than this, degrees.
_STEEP_FOOT = 60.0
# Shins further than this from the vertical are splayed, degrees.
_SPLAYED = 12.0


@dataclass(frozen=True, eq=False)
class RestPose:
    """A skeleton in its reference pose: standing upright, arms out or down.

    Attributes:
        positions: [joints, 3] metres.
        world: [joints, 4] global rotations in that pose.
        names: the name map it was made with.
        skeleton: the skeleton.
    """

    positions: Array
    world: Array
    names: NameMap
    skeleton: Skeleton

    def point(self, joint: str) -> Array:
        """Position of the source joint that plays a HUMAN joint."""
        return self.positions[self.skeleton.index(self.names.joints[joint])]

    def middle(self, part: str) -> Array:
        """Midpoint of a left and a right joint."""
        return (self.point(f"left_{part}") + self.point(f"right_{part}")) / 2

    def leg(self, side: str) -> tuple[float, float]:
        """Lengths of a thigh and a shin, metres."""
        hip, knee, ankle = (self.point(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        return float(np.linalg.norm(knee - hip)), float(np.linalg.norm(ankle - knee))

    def direction(self, joint: str, end: str) -> Array | None:
        """Unit vector from one HUMAN joint's counterpart to another's; None where one is missing or both coincide."""
        if joint not in self.names.joints:
            return None
        if end in self.names.joints:
            line = self.point(end) - self.point(joint)
        else:
            source = self.names.joints[joint]
            tip = self.skeleton.tips.get(source)
            line = np.zeros(3) if tip is None else rot.rotate(self.world[self.skeleton.index(source)], tip)
        length = float(np.linalg.norm(line))
        return line / length if length > 1e-6 else None


def rest_pose(
    skeleton: Skeleton, names: NameMap, offsets: Array | None = None, rotations: Array | None = None
) -> RestPose:
    """A skeleton's reference pose.

    Args:
        skeleton: the skeleton.
        names: its name map; the family's table may define the pose.
        offsets: [joints, 3] local translations where they differ from the skeleton's.
        rotations: [joints, 4] local rotations of the pose (a glTF rig's bind pose); None uses the zero pose.

    Raises:
        RetargetError: the pose is no standing body, so nothing can be told from it.
    """
    family = FAMILIES.get(names.family)
    reference = family.reference if family is not None and rotations is None else {}
    offsets = skeleton.offsets if offsets is None else offsets
    local = rot.identity(len(skeleton)) if rotations is None else rot.normalize(rotations)
    set_joints = {joint: axes for joint, name in enumerate(skeleton.names) if (axes := reference.get(plain(name)))}
    turned = dict(zip(set_joints, _turned(list(set_joints.values())), strict=True)) if set_joints else {}
    world, positions = local.copy(), np.array(offsets)
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            world[joint] = rot.multiply(world[parent], local[joint])
            positions[joint] = positions[parent] + rot.rotate(world[parent], offsets[joint])
        if joint in turned:
            world[joint] = turned[joint]
    pose = RestPose(positions, world, names, skeleton)
    _check(pose)
    return pose


def _turned(axes: Sequence[tuple[Direction, Direction]]) -> Array:
    """The rotations that take local x and y to the given directions."""
    d = np.array(axes)
    return rot.from_sixd(d.reshape(-1, 6))


def _check(pose: RestPose) -> None:
    trunk = pose.middle("shoulder") - pose.middle("hip")
    legs = pose.middle("ankle") - pose.middle("hip")
    across = pose.point("left_hip") - pose.point("right_hip")
    sizes = [float(np.linalg.norm(line)) for line in (trunk, legs, across)]
    if min(sizes) < 1e-6 or float(np.dot(trunk, legs)) > -0.5 * sizes[0] * sizes[1]:
        raise RetargetError(
            f"the zero pose of this {pose.names.family} skeleton is no standing body (its legs do not point away from "
            "its shoulders); give it with a T-pose or A-pose as its rest pose, or name its family"
        )
    if min(pose.leg("left") + pose.leg("right")) < 1e-6:
        raise RetargetError(f"a thigh or shin of this {pose.names.family} skeleton has no length; check its knees")
    ahead = np.cross(across, trunk)
    feet = [pose.direction(f"{side}_ankle", f"{side}_foot") for side in ("left", "right")]
    back = [float(foot @ ahead) < -0.3 * float(np.linalg.norm(ahead)) for foot in feet if foot is not None]
    if back and all(back):
        raise RetargetError(
            f"the toes of this {pose.names.family} skeleton point backward: its left and right joints are swapped; "
            "give a map with the sides the other way round"
        )


def body_frame(pose: RestPose) -> Array:
    """Rotation [4] from HUMAN's rest pose to the body of a reference pose: up and left agree.

    Up is the world's y while the trunk is within 45 degrees of it; a body that is modelled lying uses its trunk.
    """
    trunk = pose.middle("shoulder") - pose.middle("hip")
    up = trunk / np.linalg.norm(trunk)
    if up[1] > np.cos(np.pi / 4):
        up = np.array([0.0, 1.0, 0.0])
    across = pose.point("left_hip") - pose.point("right_hip")
    across = across - up * float(across @ up)
    across = across / np.linalg.norm(across)
    return rot.from_matrix(np.stack([across, up, np.cross(across, up)], axis=-1))


def corrections(pose: RestPose) -> Array:
    """[22, 4] for every HUMAN joint: its global rotation in the pose that looks like the reference pose.

    Limb bones take the shortest arc from HUMAN's direction to the reference pose's, so that a T-pose, an A-pose and
    hanging arms all fit and palms keep facing the thighs; feet only turn in the ground plane, because both soles are
    flat; trunk, neck and head are upright in both poses, wherever a rig puts its hip joints under its shoulders.
    """
    frame = body_frame(pose)
    family = FAMILIES.get(pose.names.family)
    twist = rot.from_axis("X", -np.radians(0.0 if family is None else family.hinge))
    turns: dict[str, Array] = {}
    for joint in HUMAN_NAMES:
        side = joint.split("_")[0]
        if joint in LIMBS:
            turns[joint] = _arc(frame, _REST[LIMBS[joint]] - _REST[joint], pose.direction(joint, LIMBS[joint]))
        elif joint.endswith("ankle"):
            turns[joint] = _foot(frame, turns[f"{side}_knee"], side, pose)
        elif joint.endswith("foot"):
            turns[joint] = turns[f"{side}_ankle"]
        elif joint.endswith("wrist"):
            turns[joint] = turns[f"{side}_elbow"]
        else:
            turns[joint] = frame
    for joint in ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"):
        turns[joint] = rot.multiply(turns[joint], twist)
    return np.stack([turns[joint] for joint in HUMAN_NAMES])


def _arc(frame: Array, human: Array, source: Array | None) -> Array:
    return frame if source is None else rot.multiply(rot.between(rot.rotate(frame, human), source), frame)


def _foot(frame: Array, shin: Array, side: str, pose: RestPose) -> Array:
    """A foot's rotation: it only turns about the leg, so that the soles of both bodies are flat together.

    Feet are flat on the ground as long as the legs stand nearly straight; where a rig's legs are splayed (ASF: 20
    degrees), its feet are square to the shins.
    """
    up = np.array([0.0, 1.0, 0.0])
    if float(rot.rotate(shin, up) @ rot.rotate(frame, up)) < np.cos(np.radians(_SPLAYED)):
        frame = shin
    up = rot.rotate(frame, up)
    source = pose.direction(f"{side}_ankle", f"{side}_foot")
    if source is None:
        return frame
    human = _REST[f"{side}_foot"] - _REST[f"{side}_ankle"]
    if abs(float(source @ up)) > np.sin(np.radians(_STEEP_FOOT)):
        return _arc(frame, human, source)
    return _arc(frame, human * [1.0, 0.0, 1.0], source - up * float(source @ up))


def given_rotations(meta: Mapping[str, object], skeleton: Skeleton) -> Array | None:
    """The rest rotations [joints, 4] that a glTF reader left in ``meta["rest_rotations"]``, or None."""
    value = meta.get("rest_rotations")
    if isinstance(value, Mapping):
        value = [value.get(name, (1.0, 0.0, 0.0, 0.0)) for name in skeleton.names]
    if value is None:
        return None
    rotations = np.asarray(value, dtype=np.float64)
    return rotations if rotations.shape == (len(skeleton), 4) else None
