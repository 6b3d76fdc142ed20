"""Acclaim motion files (.amc), with their skeleton (.asf): CMU's and HDM05's own form.

A frame is a line with its number and then a line a bone, "name angle angle ..."; a bone turns by C R C^-1, where R are
its angles about its own axes and C is where those axes lie in the rest pose. The root's line also holds its position.
Files state no rate; both collections were captured at 120 fps, which is assumed unless told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import FormatError, InputError
from motionary.formats import asf as acclaim
from motionary.formats._amc_frames import Frames
from motionary.formats._asf_body import Body, rotation
from motionary.formats._files import read_text
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

DEFAULT_FPS = 120.0


def read(path: str | Path, asf: str | Path | None = None, fps: float | None = None) -> Motion:
    """Read a motion in its own skeleton.

    Args:
        path: the .amc file.
        asf: its skeleton; None looks beside it and one folder up for the longest shared beginning of the name
            (01_01.amc -> 01.asf, HDM_bk_walk_001_120.amc -> HDM_bk.asf), then takes the only .asf beside it.
        fps: frames a second, 1 to 1000; None takes the file's :SAMPLES-PER-SECOND, or else 120.

    Returns:
        A Motion in metres, y up. ``meta`` says which skeleton was taken, why, and where the rate comes from.

    Raises:
        FormatError: the line, frame or bone and what is wrong there; or no skeleton was found.
    """
    path = Path(path)
    if fps is not None and not 1.0 <= fps <= 1000.0:
        raise InputError(f"fps must lie between 1 and 1000; got {fps}")
    text = read_text(path)
    skeleton_path, reason = (Path(asf), "given") if asf is not None else find_asf(path)
    body = acclaim.read(skeleton_path)
    frames = Frames(path, body, text)
    root, local = _pose(body, frames)
    stated = "stated in the file" if frames.fps else f"assumed: the file states no rate, {DEFAULT_FPS:g} is usual"
    meta: dict[str, Any] = {
        "format": "amc",
        "source": path.name,
        "asf": skeleton_path.name,
        "asf_reason": reason,
        "fps_reason": "given" if fps is not None else stated,
    }
    return Motion(body.skeleton, root, local, fps or frames.fps or DEFAULT_FPS, meta=meta)


def find_asf(path: str | Path) -> tuple[Path, str]:
    """The skeleton of an .amc file and why it is that one. Raises FormatError where none or several could be meant."""
    path = Path(path)
    parts = path.stem.split("_")
    beginnings = ["_".join(parts[:count]).lower() for count in range(len(parts), 0, -1)]
    beside = _skeletons(path.parent)
    for folder in (beside, _skeletons(path.absolute().parent.parent)):
        for beginning in beginnings:
            if beginning in folder:
                return folder[beginning], "its name begins the motion's name"
    if len(beside) == 1:
        return next(iter(beside.values())), "the only .asf beside the motion"
    found = f"{len(beside)} that do not share its name lie beside it" if beside else "none lies beside it"
    raise FormatError(
        f"no skeleton (.asf) for this motion: {found}",
        path=path,
        hint=f"give one: asf='{beginnings[-1]}.asf'",
    )


def _skeletons(folder: Path) -> dict[str, Path]:
    try:
        return {file.stem.lower(): file for file in sorted(folder.iterdir()) if file.suffix.lower() == ".asf"}
    except OSError:  # a folder above that may not be listed
        return {}


def _pose(body: Body, frames: Frames) -> tuple[Array, Array]:
    """Root positions [frames, 3] in metres and local rotations [frames, joints, 4]."""
    table = frames.table
    unit = np.pi / 180.0 if frames.degrees else 1.0
    local = rot.identity(len(table), len(body.bones))
    for joint, bone in enumerate(body.bones):
        if not bone.dofs:
            continue
        slot = frames.slots[bone.name]
        columns = [slot.start + body.order.index("R" + axis) for axis in bone.dofs] if joint == 0 else slot
        turn = rot.multiply(bone.axes, rotation(bone.dofs, table[:, columns] * unit))
        # A root that starts turned stays turned (C R); a bone's own axes must not turn what hangs on it (C R C^-1).
        local[:, joint] = turn if joint == 0 else rot.multiply(turn, rot.inverse(bone.axes))
    root = table[:, [body.order.index("T" + axis) for axis in "XYZ"]] * body.metre + body.skeleton.offsets[0]
    far = np.abs(root).max(axis=1) > acclaim.MAX_METRES
    if far.any():
        raise FormatError(
            f"the root lies more than {acclaim.MAX_METRES:g} m away",
            path=frames.path,
            where=f"frame {int(np.argmax(far)) + 1}",
        )
    return root, local
