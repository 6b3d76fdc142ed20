"""The two sides of a study: what takes part, and its motions for every prompt.

A side is ``[LABEL=]WHAT``. WHAT is a model as ``motionary generate --model`` takes it, with switches after colons
("flow", "flow:no-knowledge", "runs/mine:knowledge"), or a folder of motion files named by the prompt's number (001.bvh,
002.bvh, ...; any format that is read), so that any system can take part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.evaluation.study.build import LONGEST, MOST_PAIRS, Pair
from motionary.formats._files import read_text
from motionary.motion.motion import Motion
from motionary.tasks.prompts import Request

SWITCHES = {"knowledge": True, "no-knowledge": False}
_BATCH = 16
_TEXTS = ("quadrant", "set", "chinese")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Prompt:
    """A line of the prompts file: the words, their group, Chinese words if there are any, and the length asked for."""

    text: str
    quadrant: str
    chinese: str
    seconds: float


@dataclass(frozen=True)
class Side:
    """One system of a study: its label in the key, and a folder of motions or a model with its knowledge switch."""

    label: str
    folder: Path | None = None
    model: str = ""
    knowledge: bool | None = None


def parse_side(text: str) -> Side:
    """A side from its text. Raises InputError naming what is wrong and what is allowed."""
    label, equals, what = text.rpartition("=")
    if not what.strip() or (equals and not label.strip()):
        raise InputError(f"a side is [LABEL=]MODEL or [LABEL=]FOLDER; got {text!r}")
    folder = Path(what)
    if folder.is_dir() and not (folder / "config.json").is_file():
        return Side(label or folder.resolve().name, folder)
    model, *switches = re.split(r":(?![\\/])", what)  # a drive's colon is followed by a slash
    unknown = [switch for switch in switches if switch not in SWITCHES]
    if unknown or len(switches) > 1:
        raise InputError(f"side {text!r}: after the model may stand one of :{', :'.join(SWITCHES)}")
    return Side(label or what, None, model, SWITCHES[switches[0]] if switches else None)


def read_prompts(path: Path, seconds: float) -> list[Prompt]:
    """The prompts of a study: JSON ``{"prompts": [{"prompt", "quadrant", "set"?, "chinese"?, "seconds"?, ...}, ...]}``.

    A prompt of no quadrant is grouped by its set.

    Raises:
        FormatError: naming the entry that is wrong.
    """
    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is no JSON: {error}", path=path) from None
    entries = data.get("prompts") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_PAIRS:
        raise FormatError(f"needs a list 'prompts' of 1 to {MOST_PAIRS} entries", path=path, where="key 'prompts'")
    return [_prompt(entry, number, path, seconds) for number, entry in enumerate(entries, start=1)]


def _prompt(entry: Any, number: int, path: Path, seconds: float) -> Prompt:
    where = f"prompt {number}"
    if not isinstance(entry, dict) or not isinstance(entry.get("prompt"), str):
        raise FormatError("needs the text 'prompt'", path=path, where=where)
    for name in _TEXTS:
        if not isinstance(entry.get(name, ""), str):
            raise FormatError(f"'{name}' must be text", path=path, where=where)
    length = entry.get("seconds") or seconds
    if isinstance(length, bool) or not isinstance(length, int | float) or not 0.5 <= length <= LONGEST:
        raise FormatError(f"'seconds' must be between 0.5 and {LONGEST:g}", path=path, where=where)
    try:
        Request(entry["prompt"])
    except InputError as error:
        raise FormatError(str(error), path=path, where=where) from None
    group = entry.get("quadrant") or entry.get("set", "")
    return Prompt(entry["prompt"].strip(), group, entry.get("chinese", ""), float(length))


def pairs(
    prompts: Sequence[Prompt], first: Side, second: Side, seed: int = 0, progress: Progress | None = None
) -> list[Pair]:
    """Both sides' motions for every prompt, the models' with the same seed and length.

    Raises:
        InputError: two sides of one name, or a file that is missing.
    """
    if first.label == second.label:
        raise InputError(f"both sides are called {first.label!r}; name one with LABEL=...")
    ours, theirs = (motions(side, prompts, seed, progress) for side in (first, second))
    return [
        Pair(prompt.text, prompt.quadrant, first.label, one, second.label, other, prompt.chinese)
        for prompt, one, other in zip(prompts, ours, theirs, strict=True)
    ]


def motions(side: Side, prompts: Sequence[Prompt], seed: int, progress: Progress | None = None) -> list[Motion]:
    """One motion for each prompt, in their order."""
    if side.folder:
        return [_from_file(side.folder, number, prompt) for number, prompt in enumerate(prompts, start=1)]
    from motionary.tasks.generate import Generator  # slow to import

    generator = Generator.load(side.model)
    options: dict[str, Any] = {} if side.knowledge is None else {"knowledge": side.knowledge}
    requests = [Request(prompt.text, prompt.seconds, seed + index) for index, prompt in enumerate(prompts)]
    made: list[Motion] = []
    for start in range(0, len(requests), _BATCH):
        made += generator(requests[start : start + _BATCH], **options)
        if progress:
            progress(side.label, len(made), len(requests))
    return made


def _from_file(folder: Path, number: int, prompt: Prompt) -> Motion:
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in formats.READERS and path.stem.isdecimal() and int(path.stem) == number
    ]
    if len(found) != 1:
        state = f"{len(found)} files are" if found else "no file is"
        raise InputError(f"{folder}: {state} numbered {number:03d}, for the prompt {prompt.text!r}; there must be one")
    motion = formats.read(found[0])
    frames = max(2, round(prompt.seconds * motion.fps) + 1)  # longer ones are cut; shorter ones hold their last pose
    return motion[: min(frames, len(motion))].with_meta(file=found[0].name)
