"""What the process of the files does: look at uploads, show them, write results in other formats. It has no model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.motion import Motion
from motionary.motion.name_maps import name_map
from motionary.service.context import Context
from motionary.service.kinds import AUDIO, LABELS

_PEAKS = 200  # columns of a sound's picture
_MOST_LABELS = 500


def inspect(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """Kind and facts of an upload: ``params["path"]``."""
    path = Path(params["path"])
    suffix = path.suffix
    if suffix in AUDIO:
        return {"kind": "audio", "facts": _sound(path)}
    if suffix == ".json":  # segments, or a body
        try:
            return {"kind": "labels", "facts": labels(path)}
        except InputError as error:
            return _body(path, otherwise=error)
    if suffix in LABELS:
        return {"kind": "labels", "facts": labels(path)}
    return _body(path)


def _body(path: Path, otherwise: InputError | None = None) -> dict[str, Any]:
    from motionary.formats import gltf
    from motionary.tasks.inspect import describe_file

    if path.suffix == ".glb" and not gltf.animations(path):
        return {"kind": "rig", "facts": _rig(path)}
    try:
        report = describe_file(path)
    except FormatError as error:
        raise otherwise or error from None
    report.pop("file")
    return {"kind": "motion", "facts": report}


def _rig(path: Path) -> dict[str, Any]:
    """What a character without an animation has. Raises FormatError: no skin; RetargetError: no humanoid."""
    from motionary.formats import gltf

    skeleton = gltf.rest(path)[1].skeleton
    names = name_map(skeleton)
    return {
        "joints": len(skeleton),
        "joint_names": list(skeleton.names),
        "human": {"fits": True, "family": names.family, "map": dict(names.joints), "missing": list(names.missing)},
    }


def _sound(path: Path) -> dict[str, Any]:
    from motionary.speech.audio import read
    from motionary.speech.syllables import syllables

    sound = read(path)
    edges = np.linspace(0, len(sound.samples), min(_PEAKS, len(sound.samples)) + 1).astype(int)
    peaks = np.maximum.reduceat(np.abs(sound.samples), edges[:-1])
    return {
        "seconds": round(sound.seconds, 4), "rate": sound.rate, "notes": list(sound.notes),
        "silent": sound.silent, "peaks": np.round(peaks.astype(float), 3).tolist(),
        "stressed": np.round(syllables(sound).stressed, 3).tolist(),
    }  # fmt: skip


def labels(path: Path) -> dict[str, Any]:
    """Segments of one video, in seconds. Raises FormatError."""
    from motionary.actions.readers import Options, read

    found = read(path, Options(overlaps="over")).actions
    if len(found.timelines) != 1:
        raise FormatError(f"{len(found.timelines)} videos; send a file of one", path=path)
    [(name, line)] = found.timelines.items()
    merged = line.merged()
    ends = np.asarray(merged.ends, float) / merged.fps
    starts = np.concatenate([[0.0], ends[:-1]])
    segments = [
        {"start": round(float(start), 3), "end": round(float(end), 3), "label": found.labels[label]}
        for start, end, label in zip(starts, ends, merged.classes.tolist(), strict=True)
    ]
    return {
        "name": name if name != "content" else "", "seconds": round(line.seconds, 3), "labels": list(found.labels),
        "segments": segments[:_MOST_LABELS], "count": len(segments),
    }  # fmt: skip


def show(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """A GLB of an upload for a viewer, at ``params["target"]``: a rig stands, a motion moves its own rig or body."""
    path, target = Path(params["path"]), Path(params["target"])
    if path.suffix == ".glb":
        target.write_bytes(path.read_bytes())
    else:
        formats.write(formats.read(path), target)
    return {}


def export(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """A motion of a job in another format: ``params["path"]`` -> ``params["target"]``, with "rig" and "audio"."""
    from motionary.tasks.save import save

    motion: Motion = formats.read(Path(params["path"]))
    target = Path(params["target"])
    rig = context.files.get(params.get("rig") or "")
    audio = context.files.get(params.get("audio") or "")
    save(motion, [target], rig=rig if target.suffix == ".glb" else None, audio=audio)
    return {}


def study(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """What raters' files say: ``params["ratings"]`` against ``params["key"]``."""
    from motionary.evaluation.study.analyse import analyse

    return analyse([Path(path) for path in params["ratings"]], Path(params["key"]))


def rating(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """Whether one rater's file fits the study: its rater and votes."""
    from motionary.evaluation.study.ratings import read_key, read_ratings

    [rater] = read_ratings([Path(params["path"])], read_key(Path(params["key"])))
    return {"rater": rater.name, "votes": len(rater.votes), "complete": rater.complete}


#: What can be asked of the process.
WORKS: dict[str, Callable[[dict[str, Any], Context], dict[str, Any]]] = {
    "inspect": inspect, "show": show, "export": export, "study": study, "rating": rating,
}  # fmt: skip
