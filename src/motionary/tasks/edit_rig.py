"""An edit on the user's own skeleton: the new is carried back from HUMAN, the kept is the user's own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from motionary.errors import RetargetError
from motionary.motion import HUMAN, Motion
from motionary.motion._signals import Mask
from motionary.motion.name_maps import name_map
from motionary.motion.rest_pose import given_rotations
from motionary.motion.retarget import from_human
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton
from motionary.tasks.edit_seams import held, joined


def on_rig(motion: Motion, body: Motion, result: Motion, fresh: Mask) -> tuple[Motion, Mask, str]:
    """The result on the skeleton of the motion that it was made from.

    Args:
        motion: the user's.
        body: the same on HUMAN.
        result: the edit of ``body``.
        fresh: [frames, 22] what is new in it.

    Returns:
        The motion, [frames, joints] what is new in it, and "" or why it is on HUMAN all the same. A joint is new where
        the joint of HUMAN that it plays is; one that plays none (fingers, twists) is new where all are that hang on it,
        and kept where none do.
    """
    if motion.skeleton.same_as(HUMAN, 1e-6) and motion.translations is None:
        return result, fresh, ""
    slides = motion.translations
    skeleton = motion.skeleton if slides is None else _still(motion.skeleton, slides.mean(axis=0))
    rest = given_rotations(motion.meta, motion.skeleton)
    if body.meta["retarget"]["reference"] == "first frame":
        rest = motion.rotations[0]
    try:
        there, back = (from_human(one, skeleton, rest_rotations=rest) for one in (result, body))
    except RetargetError as error:
        return result, fresh, f"HUMAN, as the motion's own skeleton cannot be written: {error}"
    old, own = held(motion, len(result)), columns(skeleton, fresh)
    # The way to HUMAN and back moves a body to where its floor is 0 and ankles are as high as HUMAN's.
    there = replace(there, root=there.root + np.median(motion.root - back.root, axis=0))
    return joined(old, replace(there, translations=old.translations), own), own, ""


def _still(skeleton: Skeleton, offsets: Array) -> Skeleton:
    return Skeleton(skeleton.names, skeleton.parents, offsets, skeleton.tips)


def columns(skeleton: Skeleton, fresh: Mask) -> Mask:
    """[frames, joints] what is new on a skeleton, from the same on HUMAN."""
    played = {skeleton.index(own): HUMAN.index(joint) for joint, own in name_map(skeleton).joints.items()}
    known: dict[int, Mask] = {own: fresh[:, joint] for own, joint in played.items()}
    for joint in reversed(range(len(skeleton))):
        below = [known[child] for child in skeleton.children(joint) if child in known]
        if joint not in known and below:
            known[joint] = np.logical_and.reduce(below)
    result = np.stack([known.get(joint, np.zeros(len(fresh), bool)) for joint in range(len(skeleton))], axis=1)
    above = min(played)
    # What lies above the pelvis moves with it.
    while (above := skeleton.parents[above]) >= 0:
        result[:, above] = fresh[:, 0]
    return result
