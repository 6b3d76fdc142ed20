"""Naming families as data: which of a source's joints plays which part of HUMAN, and how its T-pose looks.

A family is one table. Names are compared in their plain form: lower case, without namespace ("mixamorig:"), spaces and
punctuation; ``{l}`` stands for l/r and ``{left}`` for left/right. Several aliases are tried in order.

``reference`` is needed only where the zero pose of a family is not a body standing upright with its feet flat: it gives
the world directions (y up, facing +z, left at +x) of a joint's local x and y axes in the family's T-pose.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from motionary.motion.skeleton import HUMAN_NAMES

Direction = tuple[float, float, float]

#: HUMAN joints that a body must have to be retargeted; the trunk needs one of TRUNK besides.
ESSENTIAL = tuple(
    f"{side}_{part}" for side in ("left", "right") for part in ("hip", "knee", "ankle", "shoulder", "elbow")
)
TRUNK = ("spine1", "spine2", "spine3", "neck", "head")


@dataclass(frozen=True)
class Family:
    """How one kind of skeleton names its joints.

    Attributes:
        name: short name, as ``family=`` takes it.
        joints: HUMAN joint -> plain aliases, tried in order.
        marks: plain names that must all be present for the family to be recognised.
        reference: plain source name -> world directions of its local x and y axes in the T-pose; joints that are not
            listed follow their parent.
        floor: whether the family's files put the floor at y = 0.
        hinge: degrees by which the elbow's hinge leans back from the vertical in the reference pose with its arms out;
            HUMAN's is vertical, so that elbows bend about one axis whatever the source.
    """

    name: str
    joints: Mapping[str, tuple[str, ...]]
    marks: tuple[str, ...] = ()
    reference: Mapping[str, tuple[Direction, Direction]] = field(default_factory=dict)
    floor: bool = False
    hinge: float = 0.0


def plain(name: str) -> str:
    """A joint name without namespace, case and punctuation: "mixamorig:LeftUpLeg" -> "leftupleg"."""
    name = re.split(r"[:|/]", name)[-1].lower()
    return re.sub(r"[^a-z0-9]", "", re.sub(r"^mixamorig\d*", "", name))


def sided(template: str, side: str) -> str:
    """Fill a template for "left" or "right"."""
    return template.replace("{left}", side).replace("{l}", side[0])


def table(middle: Mapping[str, str], sides: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Expand "alias alias" strings for the middle joints and templates for the sided ones, in HUMAN's order."""
    joints = {joint: tuple(aliases.split()) for joint, aliases in middle.items()}
    for part, templates in sides.items():
        for side in ("left", "right"):
            joints[f"{side}_{part}"] = tuple(sided(template, side) for template in templates.split())
    return {joint: joints[joint] for joint in HUMAN_NAMES if joint in joints}


_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_MX, _MY, _MZ = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)


def _bandai_reference() -> dict[str, tuple[Direction, Direction]]:
    # Every bone of the zero pose lies along its local +x (right limbs: -x). The axes were read from the motions: knees
    # and elbows turn about local Y only, and standing feet show how the foot's axis slopes when the sole is flat.
    reference = {name: (_Y, _Z) for name in ("spine", "chest", "neck", "head")}
    reference |= {"jointroot": (_X, _Y), "hips": (_Y, _MX)}
    reference |= {f"{part}l": (_X, _Y) for part in ("upperarm", "lowerarm", "hand")}
    reference |= {f"{part}r": (_X, _MY) for part in ("upperarm", "lowerarm", "hand")}
    reference |= {"shoulderl": ((0.95, 0.03, -0.31), _Y), "shoulderr": ((0.95, 0.10, 0.28), _MY)}
    reference |= {f"{part}l": (_MY, _X) for part in ("upperleg", "lowerleg")}
    reference |= {f"{part}r": (_Y, _X) for part in ("upperleg", "lowerleg")}
    reference |= {"footl": ((0.0, -0.638, 0.770), _X), "toesl": ((0.0, -0.391, 0.920), _X)}
    reference |= {"footr": ((0.0, 0.638, -0.770), _X), "toesr": ((0.0, 0.391, -0.920), _X)}
    return reference


def _cc_reference() -> dict[str, tuple[Direction, Direction]]:
    # Bones lie along local +y. The curve of the spine is that of the same trials in their ASF/AMC form (degrees of
    # pitch); arms and legs agree with that form within half a degree without any such number.
    curve = {"hip": 0.0, "pelvis": 11.0, "waist": 16.3, "spine01": -3.8, "spine02": -9.4, "necktwist01": 11.2}
    curve |= {"necktwist02": 0.0, "head": 0.0}
    reference = {f"ccbase{name}": (_X, _pitched(degrees)) for name, degrees in curve.items()}
    reference["rlboneroot"] = (_X, _MZ)
    for side in "lr":
        reference |= {f"ccbase{side}{part}": (_MX, _MY) for part in ("thigh", "calf")}
        reference |= {f"ccbase{side}foot": (_MX, (0.0, -0.242, 0.970)), f"ccbase{side}toebase": (_MX, _Z)}
        arm = (_MY, _X) if side == "l" else (_Y, _MX)
        reference |= {f"ccbase{side}{part}": arm for part in ("upperarm", "forearm", "hand")}
    reference["ccbaselclavicle"] = ((0.027, -1.0, -0.025), (0.966, 0.032, -0.258))
    reference["ccbaserclavicle"] = ((0.027, 1.0, 0.025), (-0.966, 0.032, -0.258))
    return reference


def _pitched(degrees: float) -> Direction:
    """Up, leaning forward."""
    return (0.0, math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


_LIST = (
    Family(
        "bandai",
        table(
            {"pelvis": "hips", "spine2": "spine", "spine3": "chest", "neck": "neck", "head": "head"},
            {
                "hip": "upperleg{l}", "knee": "lowerleg{l}", "ankle": "foot{l}", "foot": "toes{l}",
                "collar": "shoulder{l}", "shoulder": "upperarm{l}", "elbow": "lowerarm{l}", "wrist": "hand{l}",
            },
        ),
        marks=("jointroot", "shoulderl", "upperlegl"),
        reference=_bandai_reference(),
        floor=True,
    ),
    Family(
        "cmu_asf",
        table(
            {
                "pelvis": "root", "spine1": "lowerback", "spine2": "upperback", "spine3": "thorax",
                "neck": "lowerneck", "head": "head",
            },
            {
                "hip": "{l}femur", "knee": "{l}tibia", "ankle": "{l}foot", "foot": "{l}toes",
                "collar": "{l}clavicle", "shoulder": "{l}humerus", "elbow": "{l}radius", "wrist": "{l}hand {l}wrist",
            },
        ),
        marks=("lfemur", "rfemur"),
        floor=True,
        hinge=30.0,
    ),
    Family(
        "cmu_bvh31",
        table(
            {
                "pelvis": "hips", "spine1": "lowerback", "spine2": "spine", "spine3": "spine1",
                "neck": "neck", "head": "head",
            },
            {
                "hip": "{left}upleg", "knee": "{left}leg", "ankle": "{left}foot", "foot": "{left}toebase",
                "collar": "{left}shoulder", "shoulder": "{left}arm", "elbow": "{left}forearm",
                "wrist": "{left}fingerbase {left}hand",
            },
        ),
        marks=("lhipjoint", "lowerback", "leftupleg"),
        floor=True,
        hinge=30.0,
    ),
    Family(
        "daz",
        table(
            {"pelvis": "hip", "spine2": "abdomen", "spine3": "chest", "neck": "neck", "head": "head"},
            {
                "hip": "{l}thigh", "knee": "{l}shin", "ankle": "{l}foot", "foot": "{l}toe", "collar": "{l}collar",
                "shoulder": "{l}shldr", "elbow": "{l}forearm", "wrist": "{l}hand",
            },
        ),
        marks=("abdomen", "lshldr"),
        hinge=30.0,
    ),
    Family(
        "cc_base",
        table(
            {
                "pelvis": "ccbasehip", "spine1": "ccbasewaist", "spine2": "ccbasespine01", "spine3": "ccbasespine02",
                "neck": "ccbasenecktwist01", "head": "ccbasehead",
            },
            {
                "hip": "ccbase{l}thigh", "knee": "ccbase{l}calf", "ankle": "ccbase{l}foot",
                "foot": "ccbase{l}toebase", "collar": "ccbase{l}clavicle", "shoulder": "ccbase{l}upperarm",
                "elbow": "ccbase{l}forearm", "wrist": "ccbase{l}hand",
            },
        ),
        marks=("ccbasehip", "ccbaselthigh"),
        reference=_cc_reference(),
        floor=True,
        hinge=30.0,
    ),
    Family(
        "deepmimic",
        table(
            {"pelvis": "root", "spine3": "chest", "neck": "neck"},
            {
                "hip": "{left}hip", "knee": "{left}knee", "ankle": "{left}ankle", "shoulder": "{left}shoulder",
                "elbow": "{left}elbow", "wrist": "{left}wrist",
            },
        ),
        marks=("root", "chest", "neck", "lefthip", "leftelbow"),
        floor=True,
    ),
    Family(
        "kaykit",
        table(
            {"pelvis": "hips", "spine2": "spine", "spine3": "chest", "head": "head"},
            {
                "hip": "upperleg{l}", "knee": "lowerleg{l}", "ankle": "foot{l}", "foot": "toes{l}",
                "shoulder": "upperarm{l}", "elbow": "lowerarm{l}", "wrist": "wrist{l} hand{l}",
            },
        ),
        marks=("hips", "upperarml", "wristl", "upperlegl"),
    ),
    Family(
        "mmm",
        table(
            {"pelvis": "root", "spine1": "bp", "spine3": "bt", "neck": "bln", "head": "bun"},
            {
                "hip": "{l}h", "knee": "{l}k", "ankle": "{l}a", "foot": "{l}f {l}mr", "collar": "{l}sc",
                "shoulder": "{l}s", "elbow": "{l}e", "wrist": "{l}w",
            },
        ),
        marks=("bp", "bt", "lk"),
        floor=True,
    ),
    Family(
        "smpl",
        table(
            {
                "pelvis": "pelvis", "spine1": "spine1", "spine2": "spine2", "spine3": "spine3",
                "neck": "neck", "head": "head",
            },
            {
                "hip": "{left}hip {l}hip", "knee": "{left}knee {l}knee", "ankle": "{left}ankle {l}ankle",
                "foot": "{left}foot {l}foot {l}toe", "collar": "{left}collar {l}collar {left}clavicle",
                "shoulder": "{left}shoulder {l}shoulder", "elbow": "{left}elbow {l}elbow",
                "wrist": "{left}wrist {l}wrist",
            },
        ),
        marks=("pelvis", "spine1"),
    ),
    Family(
        "mixamo",
        table(
            {
                "pelvis": "hips", "spine3": "spine2 spine1", "spine2": "spine1", "spine1": "spine",
                "neck": "neck", "head": "head",
            },
            {
                "hip": "{left}upleg", "knee": "{left}leg", "ankle": "{left}foot", "foot": "{left}toebase",
                "collar": "{left}shoulder", "shoulder": "{left}arm", "elbow": "{left}forearm", "wrist": "{left}hand",
            },
        ),
        marks=("hips", "leftupleg", "leftforearm"),
    ),
    Family(
        "vrm",
        table(
            {
                "pelvis": "hips jbipchips", "spine3": "upperchest jbipcupperchest chest jbipcchest",
                "spine2": "chest jbipcchest", "spine1": "spine jbipcspine", "neck": "neck jbipcneck",
                "head": "head jbipchead",
            },
            {
                "hip": "{left}upperleg jbip{l}upperleg", "knee": "{left}lowerleg jbip{l}lowerleg",
                "ankle": "{left}foot jbip{l}foot", "foot": "{left}toes jbip{l}toebase",
                "collar": "{left}shoulder jbip{l}shoulder", "shoulder": "{left}upperarm jbip{l}upperarm",
                "elbow": "{left}lowerarm jbip{l}lowerarm", "wrist": "{left}hand jbip{l}hand",
            },
        ),
    ),
    Family(
        "unreal",
        table(
            {
                "pelvis": "pelvis", "spine1": "spine01", "spine2": "spine02", "spine3": "spine03 spine05",
                "neck": "neck01", "head": "head",
            },
            {
                "hip": "thigh{l}", "knee": "calf{l}", "ankle": "foot{l}", "foot": "ball{l}", "collar": "clavicle{l}",
                "shoulder": "upperarm{l}", "elbow": "lowerarm{l}", "wrist": "hand{l}",
            },
        ),
        marks=("pelvis", "thighl", "calfl"),
    ),
)  # fmt: skip

#: Every known family by name; "unity" is another name for "vrm".
FAMILIES: Mapping[str, Family] = {family.name: family for family in _LIST} | {
    "unity": next(family for family in _LIST if family.name == "vrm")
}
