"""The synthetic speech set: sentences spoken by machines, with the times of every word. Nobody's voice is in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic, read_text
from motionary.speech.audio import RATE, Audio, resample, write
from motionary.speech.espeak import Espeak
from motionary.speech.piper import Piper
from motionary.speech.sentences import Line, plan
from motionary.speech.spoken import Spoken

Progress = Callable[[str, int, int], None]

INDEX = "index.json"
_ABOUT = (
    "Synthetic speech: sentences of motionary spoken by machines. No person speaks, and feelings are settings of "
    "speed, pitch and loudness. Words and phones have times in seconds."
)
_SAVED = 50  # sentences between two savings of the index
_PEAK = 0.9  # of full scale; what a machine says louder is made quieter, because it would be clipped


def build(
    out: str | Path,
    own: Sequence[str] = (),
    takes: int = 4,
    instructions: int = 150,
    piper: bool = False,
    python: str | Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Speak a plan into a folder: ``wav/ID.wav`` (16 kHz) and ``index.json``. What is there already is kept.

    Args:
        out: the folder; made where it is missing.
        own, takes, instructions, seed: see ``sentences.plan``.
        piper: let piper speak, too, with the Python ``python``.
        progress: called with ("sentences", done, total).

    Returns:
        Counts, seconds of audio, and the sentences that were left out and why.

    Raises:
        MissingExtraError: espeak-ng, or piper where it is asked for, is not installed.
        MotionaryError: one of them ended; the same call goes on where it stopped.
        InputError: the folder cannot be written.
        FormatError: it holds an index that is none.
    """
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name a folder")
    lines = plan(own, takes, instructions, piper, seed)
    items = {item["id"]: item for item in (load(out)["items"] if (out / INDEX).exists() else ())}
    wanted = [line for line in lines if line.id not in items or not (out / items[line.id]["file"]).is_file()]
    left: dict[str, str] = {}
    with ExitStack() as stack:
        espeak = stack.enter_context(Espeak())
        engines: dict[str, Espeak | Piper] = {Espeak.name: espeak}
        if piper:
            engines[Piper.name] = stack.enter_context(Piper(espeak, python))
        (out / "wav").mkdir(parents=True, exist_ok=True)
        stack.callback(_save, out, items)  # whatever happens, what was spoken is found again
        for number, line in enumerate(wanted):
            try:
                items[line.id] = _item(line, engines[line.engine].say(line.text, line.voice), out)
            except InputError as error:
                left[line.text] = str(error)
            if number % _SAVED == _SAVED - 1:
                _save(out, items)
            if progress:
                progress("sentences", len(lines) - len(wanted) + number + 1, len(lines))
    return {"folder": str(out), **summary(list(items.values())), "left_out": left}


def load(folder: str | Path) -> dict[str, Any]:
    """The index of a synthetic set. Raises InputError without one, FormatError for a file that is none."""
    path = Path(folder) / INDEX
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {error}", path=path) from None
    items = content.get("items") if isinstance(content, dict) else None
    needed = {"id", "file", "text", "words", "split"}
    if not isinstance(items, list) or any(not isinstance(one, dict) or needed - set(one) for one in items):
        raise FormatError(f"no index of a synthetic speech set: items with {', '.join(sorted(needed))}", path=path)
    return content


def summary(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a set holds."""
    splits = [item["split"] for item in items]
    return {
        "sentences": len({item["text"] for item in items}),
        "recordings": len(items),
        "hours": sum(item["seconds"] for item in items) / 3600,
        "voices": len({(item["engine"], item["voice"]["name"]) for item in items}),
        "splits": {name: splits.count(name) for name in ("train", "val", "test")},
    }


def _item(line: Line, spoken: Spoken, out: Path) -> dict[str, Any]:
    audio = resample(spoken.audio, RATE)
    loudest = float(abs(audio.samples).max())
    if loudest > _PEAK:
        audio = Audio(audio.samples * (_PEAK / loudest), RATE)
    file = f"wav/{line.id}.wav"
    write(audio, out / file)
    return {
        "id": line.id,
        "file": file,
        "text": line.text,
        "kind": line.kind,
        "split": line.split,
        "engine": line.engine,
        "voice": asdict(line.voice),
        "seconds": round(audio.seconds, 4),
        "words": [[word.text, round(word.start, 3), round(word.end, 3)] for word in spoken.words],
        "phones": [[p.ipa, round(p.start, 3), round(p.end, 3), p.stress] for p in spoken.phones],
    }


def _save(out: Path, items: Mapping[str, dict[str, Any]]) -> None:
    content = {"about": _ABOUT, "synthetic": True, "rate": RATE, "language": "en", "items": list(items.values())}
    with atomic(out / INDEX) as path:
        path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
