"""What a motion file holds, for a person or a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import RetargetError
from motionary.motion import Motion
from motionary.motion.measures import physical
from motionary.motion.retarget import name_map, to_human
from motionary.tasks.save import load


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
    return {"fits": True, "map": names.report(), "measures": physical(human).as_dict()}


def to_text(report: dict[str, Any]) -> str:
    """The report in lines for a terminal."""
    low, high = report["bounds_m"]["low"], report["bounds_m"]["high"]
    lines = [
        f"{report['file']}: {report['frames']} frames at {report['fps']:g} fps = {report['seconds']:g} s",
        f"joints     {report['joints']}: {', '.join(report['joint_names'])}",
        f"bounds     x {low[0]} to {high[0]}, y {low[1]} to {high[1]}, z {low[2]} to {high[2]} m",
    ]
    if "unit" in report["meta"]:
        guess = " (guessed)" if report["meta"].get("unit_guessed") else ""
        lines.append(f"unit       {report['meta']['unit']}{guess}")
    if report.get("animations"):
        lines.append(f"animations {', '.join(report['animations'])}")
    human = report["human"]
    if not human["fits"]:
        return "\n".join([*lines, f"retarget   no: {human['reason']}"])
    lines.append("retarget   yes")
    lines.extend("           " + line for line in str(human["map"]).splitlines())
    lines.extend(f"{name:<28} {value:.3f}" for name, value in human["measures"].items())
    return "\n".join(lines)
