"""The training pack: every clip of a corpus in two files that load in a second.

``clips.json``  one record a clip: captions, labels, split, licence, measured facts, where its frames are.
``motion.npz``  the motions, quantised (rotations to 1/8192, positions to 0.1 mm), as second differences in time whose
                high and low bytes are kept apart, which deflate packs about four times smaller than floats.

Mirrored copies are not stored: they cost nothing to make when training data is prepared.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic
from motionary.motion import HUMAN, Motion, Segment
from motionary.motion import rotations as rot

SPLITS = ("train", "val", "test", "test_verbs", "test_compound")
FPS = 30.0

_ROTATION_SCALE, _ROOT_SCALE = 8192.0, 10_000.0
_COLUMNS = 3 + 4 * len(HUMAN)


@dataclass(frozen=True)
class Clip:
    """One clip of a corpus.

    Attributes:
        id: unique; ``dataset/...``.
        source: the data set.
        licence: of the motion.
        split: one of ``SPLITS``.
        captions: true sentences about it.
        content, style, performer, family: labels, see ``corpora.item.Item``.
        facts: what ``motion.facts.measure`` found.
        segments: labels in time.
        start, frames: where its frames lie in the pack; 30 a second.
    """

    id: str
    source: str
    licence: str
    split: str
    captions: tuple[str, ...]
    content: str = ""
    style: str = ""
    performer: str = ""
    family: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    start: int = 0
    frames: int = 0

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return self.frames / FPS


class Pack:
    """Clips with their motions, all on HUMAN at 30 fps."""

    def __init__(self, clips: Sequence[Clip], differences: NDArray[np.int16], info: Mapping[str, Any]) -> None:
        self.clips = tuple(clips)
        self.info = dict(info)
        self._differences = differences

    def __len__(self) -> int:
        return len(self.clips)

    def motion(self, index: int) -> Motion:
        """The motion of clip ``index``: HUMAN, canonical, 30 fps."""
        clip = self.clips[index]
        values = _integrate(self._differences[:, clip.start : clip.start + clip.frames])
        quaternions = values[3:].reshape(len(HUMAN), 4, -1).transpose(2, 0, 1) / _ROTATION_SCALE
        meta = {"id": clip.id, "source": clip.source, "licence": clip.licence}
        return Motion(HUMAN, values[:3].T / _ROOT_SCALE, quaternions, FPS, segments=clip.segments, meta=meta)

    def indices(self, split: str) -> list[int]:
        """Indices of the clips of a split. Raises InputError for a split that does not exist."""
        if split not in SPLITS:
            raise InputError(f"no split {split!r}; splits are {', '.join(SPLITS)}")
        return [index for index, clip in enumerate(self.clips) if clip.split == split]

    @property
    def digest(self) -> str:
        """Hash of clips and motions: names the data that a model was trained on."""
        return str(self.info["digest"])

    @classmethod
    def load(cls, folder: str | Path) -> Pack:
        """Read a pack. Raises FormatError when it is missing or not whole."""
        folder = Path(folder)
        records, arrays = folder / "clips.json", folder / "motion.npz"
        if not records.is_file() or not arrays.is_file():
            raise FormatError(
                "no pack here: clips.json and motion.npz are needed",
                path=folder,
                hint="build one with `motionary corpus build DATA --out FOLDER`",
            )
        content = json.loads(records.read_text(encoding="utf-8"))
        clips = [_clip(record) for record in content["clips"]]
        with np.load(arrays, allow_pickle=False) as data:
            frames = int(data["frames"])
            planes = [np.frombuffer(zlib.decompress(data[name].tobytes()), np.uint8) for name in ("high", "low")]
        differences = (planes[0].astype(np.uint16) << 8 | planes[1]).view(np.int16).reshape(_COLUMNS, frames)
        if clips and clips[-1].start + clips[-1].frames > frames:
            raise FormatError("clips.json asks for more frames than motion.npz has", path=folder)
        return cls(clips, differences, content["info"])


def save(folder: str | Path, clips: Iterable[tuple[Clip, Motion]], info: Mapping[str, Any]) -> Pack:
    """Write a pack and give it back as it will be read. Motions must be on HUMAN at 30 fps."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    records: list[Clip] = []
    pieces: list[NDArray[np.int16]] = []
    start = 0
    for clip, motion in clips:
        if motion.skeleton.names != HUMAN.names or abs(motion.fps - FPS) > 1e-6:
            raise InputError(f"clip {clip.id}: a pack holds HUMAN at {FPS:g} fps")
        pieces.append(_differentiate(motion))
        records.append(Clip(**{**vars(clip), "start": start, "frames": len(motion)}))
        start += len(motion)
    differences = np.concatenate(pieces, axis=1) if pieces else np.zeros((_COLUMNS, 0), np.int16)
    unsigned = differences.view(np.uint16)
    digest = hashlib.sha256(differences.tobytes())
    digest.update(json.dumps([asdict(clip) for clip in records], sort_keys=True).encode())
    info = {**info, "digest": digest.hexdigest()[:16], "fps": FPS}
    with atomic(folder / "motion.npz") as path, path.open("wb") as file:
        planes: dict[str, Any] = {
            "high": np.frombuffer(zlib.compress((unsigned >> 8).astype(np.uint8).tobytes(), 6), np.uint8),
            "low": np.frombuffer(zlib.compress((unsigned & 255).astype(np.uint8).tobytes(), 6), np.uint8),
        }
        np.savez(file, frames=np.int64(start), **planes)
    with atomic(folder / "clips.json") as path:
        text = json.dumps({"info": info, "clips": [_record(clip) for clip in records]}, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
    return Pack(records, differences, info)


def check_fits(motion: Motion) -> None:
    """Raise InputError where a motion jumps further than a pack can hold, before anything is written."""
    _differentiate(motion)


def _differentiate(motion: Motion) -> NDArray[np.int16]:
    """[columns, frames] second differences of the quantised motion; the first two columns hold the start."""
    quaternions = rot.continuous(motion.rotations).reshape(len(motion), -1) * _ROTATION_SCALE
    values = np.concatenate([motion.root * _ROOT_SCALE, quaternions], axis=1).T
    whole = np.rint(values).astype(np.int64)
    first = np.diff(whole, axis=1, prepend=0)
    second = np.diff(first, axis=1, prepend=0)
    if np.abs(second).max(initial=0) > 32_767:
        raise InputError("the motion jumps by more than 3 m in a frame")
    return second.astype(np.int16)


def _integrate(differences: NDArray[np.int16]) -> NDArray[np.float64]:
    return np.cumsum(np.cumsum(differences.astype(np.int64), axis=1), axis=1).astype(np.float64)


def _record(clip: Clip) -> dict[str, Any]:
    return {key: value for key, value in asdict(clip).items() if value not in ("", (), {}, [])}


def _clip(record: Mapping[str, Any]) -> Clip:
    segments = tuple(Segment(**segment) for segment in record.get("segments", ()))
    return Clip(**{**record, "captions": tuple(record.get("captions", ())), "segments": segments})
