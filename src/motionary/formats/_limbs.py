"""The quick body of the picture writers: shaded capsules along the bones of any skeleton, left and right in colours."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

from motionary.formats._camera import View
from motionary.motion import rotations as rot
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN, Skeleton

Colour = tuple[int, int, int]

LEFT: Colour = (52, 120, 214)
RIGHT: Colour = (232, 104, 60)
MIDDLE: Colour = (104, 114, 130)

# Radii in metres at the two ends of a bone, by the joint at its far end, for HUMAN.
_RADII = {
    "hip": (0.090, 0.086), "knee": (0.080, 0.054), "ankle": (0.054, 0.036), "foot": (0.038, 0.036),
    "collar": (0.085, 0.066), "shoulder": (0.064, 0.056), "elbow": (0.050, 0.038), "wrist": (0.038, 0.027),
    "spine1": (0.105, 0.105), "spine2": (0.105, 0.108), "spine3": (0.108, 0.115), "neck": (0.095, 0.050),
    "head": (0.052, 0.052), "head tip": (0.078, 0.088), "foot tip": (0.036, 0.026), "wrist tip": (0.030, 0.020),
}  # fmt: skip

# "left..." anywhere, "L" before a capital or underscore, ".L" or "_L_" between separators, ASF's "lfemur".
_ASF = "(?=clav|hum|rad|wri|hand|fing|thu|fem|tib|foo|toe|hip)"
_LEFT_NAME = re.compile(r"left|^[lL](?=[A-Z_.])|(?:^|[_.\s:])[lL](?:$|[_.\s])|^l" + _ASF)
_RIGHT_NAME = re.compile(r"right|^[rR](?=[A-Z_.])|(?:^|[_.\s:])[rR](?:$|[_.\s])|^r" + _ASF)


def sides(skeleton: Skeleton) -> list[int]:
    """+1 for joints on the left, -1 on the right, 0 in the middle, read from the names; children inherit."""
    found: list[int] = []
    for name, parent in zip(skeleton.names, skeleton.parents, strict=True):
        plain = re.sub(r"(?i)left", "left", re.sub(r"(?i)right", "right", name))
        side = int(bool(_LEFT_NAME.search(plain))) - int(bool(_RIGHT_NAME.search(plain)))
        found.append(side if side or parent < 0 else found[parent])
    return found


def hub(skeleton: Skeleton) -> int:
    """The joint where the body begins to branch: the hips, also where the file's root lies on the ground."""
    joint = 0
    while len(below := skeleton.children(joint)) == 1:
        joint = below[0]
    return joint if below else 0


@dataclass(frozen=True, eq=False)
class Limbs:
    """The capsules of a skeleton.

    Attributes:
        start: [bones] joint at the near end.
        end: [bones] joint at the far end, or -1 - (index of the tip).
        radii: [bones, 2] metres.
        colours: one a bone.
        tips: joints that carry a tip and its offset.
    """

    start: list[int]
    end: list[int]
    radii: Array
    colours: list[Colour]
    tips: list[tuple[int, Array]]

    def points(self, positions: Array, world: Array) -> Array:
        """[frames, bones, 2, 3] the ends of every capsule, from positions and global rotations of the joints."""
        ends = [positions[:, joint] + rot.rotate(world[:, joint], offset) for joint, offset in self.tips]
        everything = np.concatenate([positions, np.stack(ends, axis=1)], axis=1) if ends else positions
        far = [joint if joint >= 0 else positions.shape[1] - 1 - joint for joint in self.end]
        return np.stack([everything[:, self.start], everything[:, far]], axis=2)


def build(skeleton: Skeleton) -> Limbs:
    """Choose the capsules of a skeleton: known radii for HUMAN, lengths scaled to the body for any other."""
    side, human = sides(skeleton), skeleton.names == HUMAN.names
    rest = skeleton.rest_positions()
    tall = max(float(np.ptp(rest[hub(skeleton) :], axis=0).max()), 1e-3)
    start, end, radii, colours = [], [], [], []
    above = range(hub(skeleton))  # bones from a root on the ground up to the hips are no limbs
    tips = [(skeleton.index(name), offset) for name, offset in skeleton.tips.items() if np.linalg.norm(offset) > 1e-4]
    if human:  # the round end of the head reaches its top, not the capsule's axis
        tips = [(joint, offset * (0.55 if skeleton.names[joint] == "head" else 1.0)) for joint, offset in tips]
    bones = [(parent, joint, skeleton.offsets[joint]) for joint, parent in enumerate(skeleton.parents) if parent >= 0]
    bones += [(joint, -1 - number, offset) for number, (joint, offset) in enumerate(tips)]
    for near, far, offset in bones:
        length = float(np.linalg.norm(offset))
        if length < 1e-4 * tall or near in above:
            continue
        name = skeleton.names[far] if far >= 0 else f"{skeleton.names[near]} tip"
        part = name.removeprefix("left_").removeprefix("right_")
        middle = side[far if far >= 0 else near] == 0
        least, most = (0.030, 0.042) if middle and length > 0.02 * tall else (0.005, 0.026)
        thick = float(np.clip(0.17 * length, least * tall, most * tall))
        start.append(near)
        end.append(far)
        radii.append(_RADII[part] if human else (thick, thick * 0.8))
        trunk = human and part in ("hip", "collar")  # they lie inside the torso
        colours.append(MIDDLE if trunk else {1: LEFT, -1: RIGHT, 0: MIDDLE}[side[far if far >= 0 else near]])
    for side_name in ("left", "right") if human else ():  # flanks, to fill the trunk
        start.append(skeleton.index(f"{side_name}_collar"))
        end.append(skeleton.index(f"{side_name}_hip"))
        radii.append((0.105, 0.085))
        colours.append(MIDDLE)
    return Limbs(start, end, np.array(radii).reshape(-1, 2), colours, tips)


def draw(pen: ImageDraw.ImageDraw, view: View, points: Array, limbs: Limbs) -> None:
    """Paint the capsules of one frame, far ones first.

    Args:
        pen: where to draw.
        view: the camera.
        points: [bones, 2, 3] ends of the capsules, metres.
        limbs: their radii and colours.
    """
    pixels, depth = view.project(points)
    widths = limbs.radii * view.focal / depth
    # A limb that touches the camera would fill it, and take long to draw.
    drawn = view.visible(points).all(axis=1) & (widths.max(axis=1, initial=0.0) < 2 * max(view.size))
    for bone in np.argsort(-depth.mean(axis=1), kind="stable"):
        if not drawn[bone]:
            continue
        _capsule(pen, pixels[bone], np.maximum(widths[bone], 0.8), limbs.colours[bone])


# Layers from rim to highlight: share of the radius, shift towards the light, brightness.
_LAYERS = ((1.0, 0.0, 0.70), (0.86, 0.06, 0.88), (0.66, 0.16, 1.0), (0.40, 0.28, 1.13), (0.18, 0.36, 1.26))


def _capsule(pen: ImageDraw.ImageDraw, ends: Array, widths: Array, colour: Colour) -> None:
    for share, shift, brightness in _LAYERS:
        if share < 1.0 and widths.max() * share < 1.0:
            break
        move = np.array([-0.75, -0.66]) * shift * widths[:, None]
        tint = tuple(min(255, int(channel * brightness + max(0.0, brightness - 1) * 60)) for channel in colour)
        _stadium(pen, ends + move, widths * share, tint)


def _stadium(pen: ImageDraw.ImageDraw, ends: Array, widths: Array, tint: tuple[int, ...]) -> None:
    (ax, ay), (bx, by) = ends.tolist()
    ra, rb = widths.tolist()
    length = float(np.hypot(bx - ax, by - ay))
    if length > abs(ra - rb):
        # The straight sides touch both circles: their normals lean by asin((ra - rb) / length).
        lean, along = np.arcsin((ra - rb) / length), np.arctan2(by - ay, bx - ax)
        corners = []
        for side in (1, -1):
            direction = along + side * (np.pi / 2 - lean)
            c, s = np.cos(direction), np.sin(direction)
            pair = [(ax + ra * c, ay + ra * s), (bx + rb * c, by + rb * s)]
            corners += pair if side > 0 else pair[::-1]
        pen.polygon(corners, fill=tint)
    pen.ellipse((ax - ra, ay - ra, ax + ra, ay + ra), fill=tint)
    pen.ellipse((bx - rb, by - rb, bx + rb, by + rb), fill=tint)
