"""Talks with gestures, both synthetic: sentences of the synthetic speech set in a row, and a body moving to them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from motionary import formats
from motionary.corpora.pack import Pack
from motionary.corpora.repertoire import of_pack
from motionary.corpora.speech_synthetic import stressed
from motionary.errors import InputError
from motionary.formats._files import atomic
from motionary.motion.gesticulation import gesticulate, quality
from motionary.motion.repertoire import Repertoire

Progress = Callable[[str, int, int], None]

_ABOUT = (
    "Synthetic talks: sentences spoken by machines in a row, and gestures of motionary's corpus warped in time so that "
    "their strokes meet stressed syllables. Nobody spoke, and nobody moved to this speech."
)
_GAP = (0.25, 0.6)  # seconds of silence between two sentences
_INSTRUCTION = "instruction"  # sentences that ask for a motion: any other beside them would teach the wrong thing


def build(
    speech: str | Path,
    pack: Pack,
    out: str | Path,
    seconds: float = 10.0,
    talks: int = 0,
    seed: int = 0,
    takes: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write talks into a folder: ``wav/ID.wav``, ``motion/ID.npz``, ``index.json``; gestures are of the same split.

    Args:
        speech: the synthetic speech set.
        pack: the corpus.
        out: the folder; made where it is missing.
        seconds: a talk ends with the sentence in which it reaches this.
        talks: how many at most; 0 is as many as each sentence being said ``takes`` times gives.
        seed: of the order of sentences and of the gestures.
        takes: how often a sentence of the training split is said, each time beside others and to other gestures;
            those of other splits are said once.
        progress: called with ("talks", done, total).

    Returns:
        Counts, seconds, mean distances of strokes to stresses before and after, jitter and sliding, and what was left
        out and why.

    Raises:
        InputError: the set is not there, a split of the corpus has no gestures, or takes are below 1.
    """
    if takes < 1:
        raise InputError(f"takes must be at least 1; got {takes}")
    from motionary.speech.synthesis import INDEX, load

    speech, out = Path(speech), Path(out)
    said = load(speech)["items"]
    told = [item for item in said if item.get("kind") != _INSTRUCTION]
    rng = np.random.default_rng(seed)
    plan = list(_talks(told, seconds, rng))
    learned = [item for item in told if item["split"] == "train"]
    for _ in range(takes - 1):
        plan += _talks(learned, seconds, rng)
    plan = plan[:talks] if talks else plan
    (out / "wav").mkdir(parents=True, exist_ok=True)
    (out / "motion").mkdir(exist_ok=True)
    repertoires: dict[str, Repertoire] = {}
    items: list[dict[str, Any]] = []
    left: dict[str, str] = {}
    for number, sentences in enumerate(plan):
        split, name = sentences[0]["split"], f"talk-{number:05d}"
        if split not in repertoires:
            repertoires[split] = of_pack(pack, split)
        try:
            items.append(_item(name, sentences, speech, out, repertoires[split], seed + number))
        except InputError as error:
            left[name] = str(error)
        if progress:
            progress("talks", number + 1, len(plan))
    content = {"about": _ABOUT, "synthetic": True, "corpus": pack.digest, "seed": seed, "items": items}
    with atomic(out / INDEX) as path:
        path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    return {"folder": str(out), **summary(items), "instructions_not_used": len(said) - len(told), "left_out": left}


def summary(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts and means over talks."""
    if not items:
        return {"talks": 0, "hours": 0.0}
    means = {key: float(np.mean([item["timing"][key] for item in items])) for key in ("before", "after", "measured")}
    return {
        "talks": len(items),
        "hours": sum(item["seconds"] for item in items) / 3600,
        "strokes": sum(item["timing"]["strokes"] for item in items),
        "stroke_to_stress_seconds": means,
        **{key: float(np.mean([item["quality"][key] for item in items])) for key in items[0]["quality"]},
    }


def _talks(items: Sequence[dict[str, Any]], seconds: float, rng: np.random.Generator) -> Iterator[list[dict[str, Any]]]:
    """Sentences of one voice, style and split in a random order, until a talk is long enough; every sentence once."""
    voices: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        voices[item["split"], item["engine"], item["voice"]["name"], item["voice"]["style"]].append(item)
    for voice in sorted(voices):
        talk: list[dict[str, Any]] = []
        for index in rng.permutation(len(voices[voice])):
            talk.append(voices[voice][int(index)])
            if sum(one["seconds"] for one in talk) >= seconds:
                yield talk
                talk = []
        if talk:
            yield talk


def _item(
    name: str, sentences: Sequence[dict[str, Any]], speech: Path, out: Path, repertoire: Repertoire, seed: int
) -> dict[str, Any]:
    """One talk: its sound and its motion are written."""
    from motionary.speech.audio import RATE, Audio, read, resample, write

    rng = np.random.default_rng(seed)
    parts, words, phones, at = [], [], [], 0
    for sentence in sentences:
        samples = resample(read(speech / sentence["file"]), RATE).samples
        second = at / RATE
        words += [[text, round(start + second, 3), round(end + second, 3)] for text, start, end in sentence["words"]]
        phones += [
            [ipa, round(a + second, 3), round(b + second, 3), stress] for ipa, a, b, stress in sentence["phones"]
        ]
        silence = np.zeros(round(float(rng.uniform(*_GAP)) * RATE), np.float32)
        parts += [samples, silence]
        at += len(samples) + len(silence)
    audio = Audio(np.concatenate(parts[:-1]), RATE)
    item = {
        "id": name, "file": f"wav/{name}.wav", "motion": f"motion/{name}.npz", "kind": "talk",
        "text": " ".join(sentence["text"] for sentence in sentences),
        "split": sentences[0]["split"], "engine": sentences[0]["engine"],
        "voice": {key: sentences[0]["voice"][key] for key in ("name", "style")},
        "seconds": round(audio.seconds, 4), "words": words, "phones": phones,
    }  # fmt: skip
    if not stressed(item):
        raise InputError("no phone has primary stress")
    motion, timing = gesticulate(repertoire, stressed(item), audio.seconds, seed)
    if not timing.strokes:
        raise InputError("no gesture fits in")
    write(audio, out / item["file"])
    formats.write(motion, out / item["motion"])
    about = {key: motion.meta[key] for key in ("clips", "licence")}
    return item | about | {"timing": asdict(timing), "quality": quality(motion)}
