"""Name maps: which joint of a skeleton plays which part of HUMAN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from motionary.errors import RetargetError
from motionary.motion.families import ESSENTIAL, FAMILIES, TRUNK, Family, plain
from motionary.motion.skeleton import HUMAN_NAMES, Skeleton

# Upper joints choose first, so that a spine of two joints becomes chest and belly rather than belly and loins.
_ORDER = tuple(
    sorted(HUMAN_NAMES, key=lambda joint: ("spine3", "spine2", "spine1").index(joint) if "spine" in joint else -1)
)

# Words that name a part when no family fits; the first match wins, so the more telling words come first.
_WORDS = (
    ("collar", r"clavicle|collar|shoulderblade|scapula"),
    ("elbow", r"fore_?arm|lower_?arm|elbow|radius|ulna|arm_?lower"),
    ("shoulder", r"upper_?arm|up_?arm|humerus|shldr|shoulder|arm_?upper|\barm\b"),
    ("wrist", r"hand|wrist"),
    ("hip", r"thigh|up_?leg|upper_?leg|femur|leg_?upper|hip"),
    ("knee", r"shin|calf|lower_?leg|low_?leg|knee|tibia|leg_?lower|\bleg\b"),
    ("foot", r"toe|ball"),
    ("ankle", r"foot|ankle"),
)
_NOISE = re.compile(
    r"twist|roll|ik|pole|target|ctrl|thumb|index|middle|ring|pinky|little|finger|eye|jaw|share|slot|helper|end\b|nub"
)


@dataclass(frozen=True)
class NameMap:
    """Which joint of a skeleton plays which part of HUMAN.

    Attributes:
        family: the family's name, or "generic" where joints were found by the words in their names.
        joints: HUMAN joint -> the skeleton's joint.
        missing: HUMAN joints without a counterpart; their rotation is shared out between their neighbours.
        unused: the skeleton's joints that play no part; their rotation is folded into the joints below them.
    """

    family: str
    joints: Mapping[str, str]
    missing: tuple[str, ...]
    unused: tuple[str, ...]

    def report(self) -> str:
        """A table for people: every HUMAN joint with its counterpart, and what is left over."""
        lines = [f"family: {self.family}"]
        lines += [f"  {joint:15s} <- {self.joints.get(joint, '(none: shared out)')}" for joint in HUMAN_NAMES]
        if self.unused:
            shown = ", ".join(self.unused[:12]) + (
                f" and {len(self.unused) - 12} more" if len(self.unused) > 12 else ""
            )
            lines.append(f"unused joints: {shown}")
        return "\n".join(lines)


def name_map(skeleton: Skeleton, family: str | Mapping[str, str] | None = None) -> NameMap:
    """Find HUMAN's joints in a skeleton.

    Args:
        skeleton: any skeleton.
        family: a name of FAMILIES, "generic", a mapping of HUMAN joint -> the skeleton's joint, or None to recognise.

    Raises:
        RetargetError: an unknown family, or essential joints (hips, knees, ankles, shoulders, elbows and one of the
            trunk) that are not found; the message names the joints seen.
    """
    if family is not None and not isinstance(family, str):
        return _given(skeleton, family)
    if family is None:
        kind, joints = _recognise(skeleton)
    elif family == "generic":
        kind, joints = "generic", _by_words(skeleton)
    elif family in FAMILIES:
        kind, joints = FAMILIES[family].name, match(skeleton, FAMILIES[family])
    else:
        raise RetargetError(f"unknown family {family!r}; known are {', '.join(sorted(FAMILIES))} and generic")
    return _checked(skeleton, kind, joints)


def match(skeleton: Skeleton, family: Family) -> dict[str, str]:
    """The joints of a skeleton that a family's aliases name; each is used once."""
    by_plain: dict[str, str] = {}
    for name in skeleton.names:
        by_plain.setdefault(plain(name), name)
    joints: dict[str, str] = {}
    for joint in _ORDER:
        there = [by_plain[alias] for alias in family.joints.get(joint, ()) if alias in by_plain]
        free = [name for name in there if name not in joints.values()]
        if free:
            joints[joint] = free[0]
    return {joint: joints[joint] for joint in HUMAN_NAMES if joint in joints}


def _recognise(skeleton: Skeleton) -> tuple[str, dict[str, str]]:
    names = {plain(name) for name in skeleton.names}
    best, found = "generic", dict[str, str]()
    for kind, family in FAMILIES.items():
        if kind != family.name or not names.issuperset(family.marks):
            continue
        joints = match(skeleton, family)
        if not _lacking(joints) and len(joints) > len(found):
            best, found = kind, joints
    return (best, found) if found else ("generic", _by_words(skeleton))


def _given(skeleton: Skeleton, joints: Mapping[str, str]) -> NameMap:
    unknown = sorted(set(joints) - set(HUMAN_NAMES))
    if unknown:
        raise RetargetError(f"a map's keys must be HUMAN joints; got {', '.join(unknown)}; {_how()}")
    absent = sorted(set(joints.values()) - set(skeleton.names))
    if absent:
        raise RetargetError(f"the map names joints that the skeleton lacks: {', '.join(absent)}; {_seen(skeleton)}")
    return _checked(skeleton, "given", dict(joints))


def _checked(skeleton: Skeleton, kind: str, joints: dict[str, str]) -> NameMap:
    lacking = _lacking(joints)
    if lacking:
        raise RetargetError(f"cannot find {', '.join(lacking)}; {_seen(skeleton)}; {_how()}")
    missing = tuple(joint for joint in HUMAN_NAMES if joint not in joints)
    used = set(joints.values())
    return NameMap(kind, joints, missing, tuple(name for name in skeleton.names if name not in used))


def _lacking(joints: Mapping[str, str]) -> list[str]:
    lacking = [joint for joint in ESSENTIAL if joint not in joints]
    return lacking if any(joint in joints for joint in TRUNK) else [*lacking, "a spine, neck or head"]


def _seen(skeleton: Skeleton) -> str:
    names = skeleton.names
    return f"the skeleton has {', '.join(names[:40])}" + (f" and {len(names) - 40} more" if len(names) > 40 else "")


def _how() -> str:
    return "give a map: family={'left_hip': 'name of its joint', ...} for hips, knees, ankles, shoulders, elbows, spine"


def _words(name: str) -> str:
    """A name cut into words: "Bip01 L UpperArm" -> "bip01_l_upper_arm"."""
    name = re.split(r"[:|/]", name)[-1]
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _side(words: str) -> str | None:
    match_ = re.search(r"(?:^|_)(left|right|l|r)(?:_|\d|$)", words) or re.search(r"(left|right)", words)
    return None if match_ is None else {"l": "left", "r": "right"}[match_.group(1)[0]]


def _by_words(skeleton: Skeleton) -> dict[str, str]:
    joints: dict[str, str] = {}
    trunk: list[str] = []
    for name in skeleton.names:
        words = _words(name)
        if _NOISE.search(words):
            continue
        side = _side(words)
        if side is None:
            trunk.append(name)
            continue
        bare = re.sub(r"(?:^|_)(left|right|l|r)(?=_|$)|left|right", "_", words).strip("_").replace("_", " ")
        part = next((part for part, pattern in _WORDS if re.search(pattern.replace("_?", " ?"), bare)), None)
        if part is not None:
            joints.setdefault(f"{side}_{part}", name)
    _shoulder_pairs(skeleton, joints)
    _trunk_by_words(skeleton, trunk, joints)
    return {joint: joints[joint] for joint in HUMAN_NAMES if joint in joints}


def _shoulder_pairs(skeleton: Skeleton, joints: dict[str, str]) -> None:
    """Rigs that call the collar "shoulder" and the shoulder "arm": the lower of the two is the shoulder."""
    for side in ("left", "right"):
        upper, elbow = joints.get(f"{side}_shoulder"), joints.get(f"{side}_elbow")
        if upper is None or elbow is None or f"{side}_collar" in joints:
            continue
        between = skeleton.names[max(skeleton.parents[skeleton.index(elbow)], 0)]
        if between != upper and re.search(r"arm|humerus", between.lower()) and not _NOISE.search(_words(between)):
            joints[f"{side}_collar"], joints[f"{side}_shoulder"] = upper, between


def _trunk_by_words(skeleton: Skeleton, trunk: list[str], joints: dict[str, str]) -> None:
    def first(pattern: str) -> str | None:
        return next((name for name in trunk if re.search(pattern, _words(name))), None)

    for joint, pattern in (("pelvis", r"pelvis|hips?\b|hip_?cent"), ("neck", "neck"), ("head", "head")):
        name = first(pattern)
        if name is not None:
            joints[joint] = name
    hip = joints.get("left_hip")
    if "pelvis" not in joints and hip is not None and skeleton.parents[skeleton.index(hip)] >= 0:
        joints["pelvis"] = skeleton.names[skeleton.parents[skeleton.index(hip)]]
    spine = [n for n in trunk if re.search(r"spine|chest|torso|abdomen|thorax|back|waist|belly", _words(n))]
    spine = [name for name in spine if name not in joints.values()]
    if spine:
        joints["spine3"] = spine[-1]
    if len(spine) > 1:
        joints["spine1"] = spine[0]
    if len(spine) > 2:
        joints["spine2"] = spine[len(spine) // 2]
