"""What a motion file holds, for a person or a script."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import RetargetError
from motionary.motion import Motion
from motionary.motion.measures import physical
from motionary.motion.retarget import name_map, to_human
from motionary.motion.skeleton import HUMAN_NAMES
from motionary.tasks.save import load

_WIDTH = 100
_MIDDLE = ("head", "neck", "spine3", "spine2", "spine1", "pelvis")
_SIDED = ("collar", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "foot")
_MEASURES = (
    ("slide_mm_per_frame", "feet slide while they stand", "{:.1f} mm a frame", 1.0),
    ("float_mm", "feet above the floor", "{:.0f} mm", 1.0),
    ("penetration_mm", "body under the floor", "{:.1f} mm", 1.0),
    ("airborne", "in the air", "{:.0f} % of the time", 100.0),
    ("joint_limit_violations", "joints beyond what a body can do", "{:.1f} %", 100.0),
    ("bone_drift_mm", "bones change length by", "{:.1f} mm", 1.0),
    ("jitter", "jitter", "{:.0f} m/s³", 1.0),
    ("root_drift_m", "from start to end", "{:.2f} m", 1.0),
)  # fmt: skip


def describe_file(path: Path, unit: str | None = None, animation: str | None = None) -> dict[str, Any]:
    """Skeleton, rate, length, unit, how it maps onto HUMAN, and the physical measures. JSON-serialisable."""
    motion = load(path, unit=unit, animation=animation)
    positions = motion.positions()
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    report: dict[str, Any] = {
        "file": str(path),
        "frames": len(motion),
        "fps": round(motion.fps, 4),
        "seconds": round(motion.duration, 3),
        "joints": len(motion.skeleton),
        "joint_names": list(motion.skeleton.names),
        "sliding_joints": motion.translations is not None,
        "tracks": [name for name in ("hands", "face") if getattr(motion, name) is not None],
        "bounds_m": {"low": np.round(low, 3).tolist(), "high": np.round(high, 3).tolist()},
        "segments": [vars(segment) for segment in motion.segments],
        "meta": {key: value for key, value in motion.meta.items() if key != "rest_rotations"},
    }
    if path.suffix.lower() in (".glb", ".gltf"):
        from motionary.formats import gltf

        report["animations"] = gltf.animations(path)
    report["human"] = _fit(motion)
    return report


def _fit(motion: Motion) -> dict[str, Any]:
    try:
        names = name_map(motion.skeleton)
        human = to_human(motion)
    except RetargetError as error:
        return {"fits": False, "reason": str(error)}
    return {
        "fits": True,
        "family": names.family,
        "map": dict(names.joints),
        "missing": list(names.missing),
        "unused": list(names.unused),
        "measures": physical(human).as_dict(),
    }


def to_text(report: dict[str, Any]) -> str:
    """The report for a terminal: the file, the name map as a body's left and right, the measures in words."""
    meta, human = report["meta"], report["human"]
    ranges = zip("xyz", report["bounds_m"]["low"], report["bounds_m"]["high"], strict=True)
    lines = [
        report["file"],
        _row("motion", f"{report['seconds']:g} s, {_count(report['frames'], 'frame')} at {report['fps']:g} fps"),
        _row("skeleton", f"{_count(report['joints'], 'joint')}, root {report['joint_names'][0]!r}"),
        _row("reaches", ", ".join(f"{axis} {low:.2f} to {high:.2f}" for axis, low, high in ranges) + " m (y is up)"),
    ]
    if "unit" in meta:
        guess = " (guessed from the body's size; --unit states it)" if meta.get("unit_guessed") else ""
        lines.append(_row("unit", f"{meta['unit']}{guess}"))
    if report["sliding_joints"]:
        lines.append(_row("sliding", "joints move against their parents (positions are animated, not only rotations)"))
    if report["tracks"]:
        lines.append(_row("also", ", ".join(report["tracks"])))
    if report.get("animations"):
        lines.append(_row("animations", ", ".join(report["animations"])))
    lines += [_row("label", f"{s['start']:.1f}-{s['end']:.1f} s  {s['text']}") for s in report["segments"][:12]]
    lines += [_row("note", str(note)) for note in _notes(meta)]
    return "\n".join(lines + (_fitting(human) if human["fits"] else _unfitting(report)))


def _notes(meta: dict[str, Any]) -> list[Any]:
    notes = meta.get("notes", ())
    return [notes] if isinstance(notes, str) else list(notes)


def _fitting(human: dict[str, Any]) -> list[str]:
    joints = human["map"]
    left = max(len(joints.get(f"left_{part}", "-")) for part in _SIDED)
    width = max(left, *(len(joints.get(part, "-")) for part in _MIDDLE))
    lines = ["", f"Retargets to HUMAN, recognised as {human['family']}:"]
    lines += [f"  {part:<10} {joints.get(part, '-')}" for part in _MIDDLE]
    lines.append(f"  {'':<10} {'left':<{width}}  right")
    for part in _SIDED:
        pair = (joints.get(f"{side}_{part}", "-") for side in ("left", "right"))
        lines.append(f"  {part:<10} {next(pair):<{width}}  {next(pair)}")
    if human["missing"]:
        lines.append(_row("missing", f"{_joined(human['missing'])} (their turn is shared out to their neighbours)"))
    if human["unused"]:
        lines.append(_row("unused", f"{_joined(human['unused'])} (their turn is folded into the joints below)"))
    lines += ["", "Measured on HUMAN:"]
    for key, name, form, factor in _MEASURES:
        if (value := human["measures"].get(key)) is not None:
            lines.append(f"  {name:<33} {form.format(value * factor)}")
    return lines


def _unfitting(report: dict[str, Any]) -> list[str]:
    reason = report["human"]["reason"].split(";")[0]
    names = _row("joints", _joined(report["joint_names"], 60))
    return ["", f"Does not retarget to HUMAN: {reason}.", names]


def _joined(names: list[str], most: int = 16) -> str:
    shown = [name for name in HUMAN_NAMES if name in names] if set(names) <= set(HUMAN_NAMES) else names
    rest = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + rest


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _row(head: str, text: str) -> str:
    """A named line, wrapped and indented under itself."""
    return textwrap.fill(
        text, _WIDTH, initial_indent=f"  {head:<11}", subsequent_indent=" " * 13, break_on_hyphens=False
    )
