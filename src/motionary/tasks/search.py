"""Which motion of a folder is the one that words describe, and when in it: the task behind ``motionary search``.

>>> search("kick", "recordings").hits[0]    # doctest: +SKIP
Hit(file='recordings/karate.bvh', animation='', score=0.61, start=4.0, end=8.0, seconds=31.5)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from motionary import formats
from motionary.errors import InputError, MotionaryError
from motionary.formats._files import atomic
from motionary.tasks.matching import Matcher
from motionary.tasks.save import load as load_motion
from motionary.text.chinese import to_english
from motionary.text.knowledge.files import user_folder

WINDOW, HOP = 4.0, 1.0  # seconds
_WHOLE = 12.0  # seconds up to which a motion is compared as a whole too
_BESIDE = {".amc": "*.asf", ".gltf": "*.bin"}
_LAYOUT = 1  # of the index; another number makes it anew


@dataclass(frozen=True)
class Hit:
    """A motion that was found.

    Attributes:
        file, animation: where it is; ``animation`` names one of several in a glTF file and is empty elsewhere.
        score: cosine between the words and the best moment, -1 to 1.
        start, end: of that moment, seconds.
        seconds: length of the whole.
    """

    file: str
    animation: str
    score: float
    start: float
    end: float
    seconds: float


@dataclass(frozen=True)
class Found:
    """The answer.

    Attributes:
        query: as asked; ``english``: as it was looked for; ``untranslated``: Chinese words that were left out.
        hits: best first; ``motions``: how many were compared.
        failed: files that could not be read, with the reason.
        model: name of the retrieval model.
    """

    query: str
    english: str
    untranslated: list[str]
    hits: list[Hit]
    motions: int
    failed: dict[str, str]
    model: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return asdict(self)


@dataclass(frozen=True)
class Moments:
    """What the index keeps of a motion: vectors [moments, width], their times [moments, 2] and the length, seconds."""

    animation: str
    vectors: NDArray[np.float32]
    times: NDArray[np.float32]
    seconds: float


def search(
    query: str,
    folder: str | Path,
    top: int = 5,
    model: str = "default",
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Found:
    """Rank the motions of a folder, those in its subfolders too, by how well words describe their best moment.

    Long motions are searched in windows of 4 s, one a second; those up to 12 s also as a whole.

    Args:
        query: what the body does, in English or Chinese.
        folder: with files in any format that is read, on any body that retargets to HUMAN.
        top: hits wanted.
        model: a checkpoint folder, "default" or "judge".
        cache: folder of the index, by default in the user's cache; a file is encoded once, until it changes.
        progress: called with (what, done, total).

    Raises:
        InputError: an empty query or only unknown Chinese words, no such folder, or no motion in it that could be read.
    """
    folder = Path(folder)
    if not query.strip():
        raise InputError("the query is empty; say what the body does, for example 'kick'")
    if not 1 <= top <= 1000:
        raise InputError(f"--top must be between 1 and 1000; got {top}")
    said = to_english(query.strip())
    if not said.text:
        raise InputError(f"no word of the query is known: {', '.join(said.unknown)}; say it otherwise, or in English")
    matcher = Matcher.load(model)
    vector = matcher.text([said.text])[0]
    found, failed = index(matcher, motion_files(folder), cache or user_folder("cache") / "search", progress)
    if not found:
        reasons = "; ".join(f"{name}: {why}" for name, why in list(failed.items())[:3])
        raise InputError(f"{folder}: no motion could be read: {reasons}")
    hits = [_best(name, moments, vector) for name, motions in found.items() for moments in motions]
    hits.sort(key=lambda hit: (-hit.score, hit.file, hit.animation))
    return Found(query, said.text, list(said.unknown), hits[:top], len(hits), failed, str(matcher.info["name"]))


def motion_files(folder: Path) -> list[Path]:
    """The files of a folder that have a suffix that is read. Raises InputError where there is none."""
    if not folder.is_dir():
        raise InputError(f"{folder} is {'a file' if folder.exists() else 'not there'}; name a folder with motion files")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in formats.READERS and p.is_file())
    if not files:
        raise InputError(f"{folder}: no motion file; motionary can read {', '.join(sorted(formats.READERS))}")
    return files


def index(
    matcher: Matcher, files: Sequence[Path], cache: Path, progress: Callable[[str, int, int], None] = lambda *_: None
) -> tuple[dict[str, list[Moments]], dict[str, str]]:
    """Moments of every motion by file, from the cache where a file is known, and reasons for files that fail."""
    found: dict[str, list[Moments]] = {}
    failed: dict[str, str] = {}
    for done, path in enumerate(files):
        try:
            kept = cache / f"{_digest(path)}-{matcher.digest}-{_LAYOUT}.safetensors"
            motions = _read(kept, matcher.model.config.width)
            if motions is None:
                motions = encode_file(matcher, path)
                _write(kept, motions)
            found[str(path)] = motions
        except (MotionaryError, OSError) as error:
            failed[str(path)] = str(error).removeprefix(str(path)).lstrip(":, ")
        progress("motions", done + 1, len(files))
    return found, failed


def _digest(path: Path) -> str:
    """Hash of a file and of those beside it that its reader takes too (the .asf of an .amc, the .bin of a .gltf)."""
    suffix = path.suffix.lower()
    beside = sorted(path.parent.glob(_BESIDE[suffix])) if suffix in _BESIDE else []
    total = hashlib.sha256(suffix.encode())
    for one in [path, *beside]:
        with one.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:32]


def encode_file(matcher: Matcher, path: Path) -> list[Moments]:
    """Moments of each motion in a file. Raises MotionaryError where it cannot be read or retargeted."""
    names: list[str | None] = [None]
    if path.suffix.lower() in (".glb", ".gltf"):
        from motionary.formats import gltf

        names = [*gltf.animations(path)] or names
    return [_encode(matcher, path, name, len(names) > 1) for name in names]


def _encode(matcher: Matcher, path: Path, animation: str | None, several: bool) -> Moments:
    motion = load_motion(path, animation=animation, human=True)
    seen = matcher.see(motion)
    spans = matcher.spans(len(seen), WINDOW, HOP)
    if len(spans) > 1 and motion.duration <= _WHOLE:
        spans.append((0, len(seen)))
    times = np.array(spans, dtype=np.float32) / matcher.rate
    times = np.minimum(times, motion.duration)
    vectors = matcher.encode([seen[start:stop] for start, stop in spans])
    return Moments(str(animation) if several else "", vectors, times.astype(np.float32), float(motion.duration))


def _best(name: str, moments: Moments, vector: NDArray[np.float32]) -> Hit:
    scores = moments.vectors @ vector
    best = int(np.argmax(scores))
    start, end = (round(float(time), 2) for time in moments.times[best])
    return Hit(name, moments.animation, round(float(scores[best]), 4), start, end, round(moments.seconds, 2))


def _write(path: Path, motions: Sequence[Moments]) -> None:
    """Into the cache; a cache that cannot be written is no reason to fail."""
    tensors = {f"vectors{k}": one.vectors for k, one in enumerate(motions)}
    tensors |= {f"times{k}": one.times for k, one in enumerate(motions)}
    told = [{"animation": one.animation, "seconds": one.seconds} for one in motions]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as beside:
            save_file(tensors, str(beside), metadata={"motions": json.dumps(told)})
    except (OSError, InputError):
        return


def _read(path: Path, width: int) -> list[Moments] | None:
    """From the cache; None where it is not there or damaged."""
    if not path.is_file():
        return None
    try:
        with safe_open(str(path), "numpy") as file:
            told = json.loads((file.metadata() or {})["motions"])
        tensors = load_file(str(path))
        kept = [
            Moments(str(one["animation"]), tensors[f"vectors{k}"], tensors[f"times{k}"], float(one["seconds"]))
            for k, one in enumerate(told)
        ]
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        return None
    whole = all(k.vectors.shape == (len(k.times), width) and k.times.shape == (len(k.vectors), 2) for k in kept)
    return kept if kept and whole else None
