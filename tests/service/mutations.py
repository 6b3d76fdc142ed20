"""Files with faults, made from good ones: what the upload's reader does with thousands of them.

``python mutations.py FORMAT COUNT SEED`` prints how many were taken and refused, the slowest, and the memory it took.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import motions
import sounds
from motionary import formats
from motionary.errors import MotionaryError
from motionary.motion import HUMAN, Skeleton
from motionary.service.context import Context
from motionary.service.filework import inspect
from motionary.service.plain import place
from motionary.speech.audio import write

Rng = np.random.Generator

_NUMBERS = [b"nan", b"inf", b"-1", b"0", b"1e999", b"99999999999999999999", b"-0.0", b"1e-320", b"2147483648"]
_WORDS = [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]


def _flip(data: bytes, rng: Rng) -> bytes:
    found = bytearray(data)
    for at in rng.integers(0, len(found), int(rng.integers(1, 5))):
        found[at] = int(rng.integers(0, 256))
    return bytes(found)


def _cut(data: bytes, rng: Rng) -> bytes:
    return data[: int(rng.integers(0, len(data)))]


def _without(data: bytes, rng: Rng) -> bytes:
    start, stop = np.sort(rng.integers(0, len(data), 2))
    return data[:start] + data[stop:]


def _twice(data: bytes, rng: Rng) -> bytes:
    start, stop = np.sort(rng.integers(0, len(data), 2))
    return data[:stop] + data[start:stop] * int(rng.integers(1, 20)) + data[stop:]


def _noise(data: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(0, len(data)))
    return data[:at] + rng.bytes(int(rng.integers(1, 300))) + data[at:]


def _lines(data: bytes, rng: Rng) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.integers(0, len(lines), 2)
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _number(data: bytes, rng: Rng) -> bytes:
    """One number of a text is another, or of bytes: four of them are the largest, the smallest or nothing."""
    words = data.split(b" ")
    digits = [k for k, word in enumerate(words) if word.strip().lstrip(b"-").replace(b".", b"").isdigit()]
    if digits:
        words[int(rng.choice(digits))] = _NUMBERS[int(rng.integers(len(_NUMBERS)))]
        return b" ".join(words)
    at = 4 * int(rng.integers(0, max(1, len(data) // 4)))
    return data[:at] + _WORDS[int(rng.integers(len(_WORDS)))] + data[at + 4 :]


MUTATIONS: tuple[Callable[[bytes, Rng], bytes], ...] = (_flip, _cut, _without, _twice, _noise, _lines, _number)


def mutated(data: bytes, rng: Rng) -> bytes:
    """One or two faults; at most 5 MB."""
    for _ in range(int(rng.integers(1, 3))):
        if data:
            data = MUTATIONS[int(rng.integers(len(MUTATIONS)))](data, rng)
    return data[: 5 * 2**20]


def good(suffix: str, folder: Path) -> bytes:
    """A small file of a format."""
    path = folder / f"good{suffix}"
    walk = motions.walk(0.3)
    if suffix == ".wav":
        write(sounds.tone(seconds=0.2), path)
    elif suffix in (".flac", ".mp3", ".ogg"):
        codec, form = {".flac": ("flac", "s16"), ".mp3": ("mp3", "s16p"), ".ogg": ("libopus", "s16")}[suffix]
        sounds.encoded(path, sounds.tone(seconds=0.2), codec, form, channels=2 if suffix == ".ogg" else 1)
    elif suffix == ".csv":
        path.write_text("start,end,label\n" + "".join(f"{k}, {k + 1} ,step {k % 5}\n" for k in range(30)))
    elif suffix == ".json":
        path.write_text(json.dumps([{"start": k, "end": k + 1, "label": f"step {k % 5}"} for k in range(30)]))
    elif suffix == ".glb":  # bones of another length: a file without the mannequin's large mesh
        body = Skeleton(HUMAN.names, HUMAN.parents, HUMAN.offsets * 1.1)
        formats.write(type(walk)(body, walk.root, walk.rotations, walk.fps), path)
    else:
        formats.write(walk, path)
    return path.read_bytes()


def trial(suffix: str, count: int, seed: int, folder: Path) -> dict[str, Any]:
    """Look at so many files with faults: numbers taken and refused, faults of the reader, seconds of the slowest."""
    rng = np.random.default_rng([seed, sum(suffix.encode())])
    data, path = good(suffix, folder), folder / f"content{suffix}"
    told: dict[str, Any] = {"taken": 0, "refused": 0, "faults": [], "slowest": 0.0, "dumb": 0}
    context = Context({}, folder)
    for number in range(count):
        path.write_bytes(mutated(data, rng))
        begun = time.perf_counter()
        try:
            inspect({"path": str(path)}, context)
            told["taken"] += 1
        except MotionaryError as error:
            told["refused"] += 1
            told["dumb"] += not str(error).strip()
        except Exception as error:
            told["faults"].append(f"{number}: {place(error)}: {str(error)[:80]}")
        told["slowest"] = max(told["slowest"], time.perf_counter() - begun)
    return told


def main() -> None:
    warnings.simplefilter("ignore", RuntimeWarning)  # NaN and overflow of broken files, which are refused or kept
    suffix, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        trial(suffix, 1, seed, Path(folder))  # what is imported is not the file's
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        told = trial(suffix, count, seed, Path(folder))
        told["seconds"] = round(time.perf_counter() - begun, 1)
        told["megabytes"] = round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1)
    print(json.dumps({"format": suffix, "files": count, "seed": seed, **told}))


if __name__ == "__main__":
    main()
