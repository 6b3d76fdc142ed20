"""``motionary evaluate follow``: are spoken instructions understood, and is what they ask for done?

Sentences of a synthetic speech set's held-out split, each in one voice. What was heard is compared word by word; what
is done is measured on the motion (``rules``), against what the true sentence states of direction, turn, hand and speed.
The same model that is told the true words is the ceiling of the way by words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motionary.corpora.speech_pairs import Utterance, load
from motionary.errors import InputError
from motionary.evaluation import rules, word_errors
from motionary.evaluation.statistics import Interval, mean_interval, paired_difference
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion
from motionary.speech.transcribe import LANGUAGE, transcribe
from motionary.tasks.follow import by_sound
from motionary.tasks.generate import Generator
from motionary.tasks.language import BodyLanguage
from motionary.tasks.prompts import Request

Progress = Callable[[str, int, int], None]

#: Kinds of sentences of a set that are instructions or captions.
ASKED = ("instruction", "own")
#: Column -> the kinds of claim that it counts; together ``rules.HEADLINE``.
KINDS = {
    "direction": frozenset({"direction", "straight"}),
    "turn": frozenset({"turn", "turn_degrees", "around", "circle", "spin"}),
    "hand": frozenset({"raise", "overhead", "wave", "hand", "kick"}),
    "speed": frozenset({"speed"}),
}
TOLD, WORDS, UNITS = "told the words", "by words", "by units"
_LESS = "kept, less told"
_COLUMNS = (
    Column("word errors", "lower", 1, "%"), Column("sentences right", "higher", 1, "%"),
    Column("kept", "higher", 1, "%"), Column(_LESS, "higher", 1, "points"),
    *(Column(kind, "higher", 0, "%") for kind in KINDS),
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What became of one spoken sentence: what was heard, and a motion a seed."""

    heard: str
    motions: Sequence[Motion]


#: Spoken sentences and seeds -> what was heard and done of each.
System = Callable[[Sequence[Utterance], Sequence[int]], list[Done]]


def evaluate(
    folders: Sequence[Path],
    split: str = "test",
    seeds: int = 3,
    limit: int | None = None,
    out: Path | None = None,
    model: str = "default",
    language: str = "default",
    progress: Progress = lambda *_: None,
) -> Table:
    """A row for the model that is told the true words, and one for each way to follow a voice.

    Args:
        folders: synthetic speech sets of ``motionary speech build``.
        split: train, val or test of them.
        seeds: of the noise.
        limit: at most so many sentences, evenly chosen.
        out: folder for ``follow-<split>.*``.
        model: the text-to-motion model that is told words.
        language: the motion language model that hears units.
        progress: called with (what, done, total).

    Raises:
        InputError: no seeds, or fewer than two such sentences.
        FormatError, CheckpointError: a folder that is no speech set, or no such model.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    asked = spoken(folders, split, limit)
    generator = Generator.load(model)
    ways = systems(generator, BodyLanguage.load(language), progress)
    done = {name: system(asked, range(seeds)) for name, system in ways.items()}
    texts = [one.transcript for one in asked]
    table = Table(f"Spoken instructions ({split})", _COLUMNS, rows(texts, done, seeds), _notes(asked, split, generator))
    if out is not None:
        table.write(out, f"follow-{split}")
    return table


def spoken(folders: Sequence[Path], split: str, limit: int | None = None) -> list[Utterance]:
    """Every sentence of a split that asks for a motion, in one voice: the voices in turn."""
    takes: dict[str, list[Utterance]] = {}
    for folder in folders:
        for one in load("synthetic", folder)[0]:
            if one.split == split and one.meta["kind"] in ASKED:
                takes.setdefault(one.transcript, []).append(one)
    if len(takes) < 2:
        raise InputError(f"two or more sentences of the split {split!r} are needed; these sets have {len(takes)}")
    sentences = list(takes.values())
    sentences = sentences[:: -(-len(sentences) // limit)] if limit else sentences
    return [many[number % len(many)] for number, many in enumerate(sentences)]


def systems(generator: Generator, language: BodyLanguage, progress: Progress = lambda *_: None) -> dict[str, System]:
    """Rows by name."""

    def told(asked: Sequence[Utterance], seeds: Sequence[int]) -> list[Done]:
        return made([one.transcript for one in asked], seeds)

    def words(asked: Sequence[Utterance], seeds: Sequence[int]) -> list[Done]:
        heard = []
        for number, one in enumerate(asked):
            heard.append(transcribe(one.read_audio()).text)
            progress("transcribe", number + 1, len(asked))
        return made(heard, seeds)

    def made(texts: Sequence[str], seeds: Sequence[int]) -> list[Done]:
        requests = [Request(text, None, seed) for text in texts if text for seed in seeds]
        motions = iter(generator(requests) if requests else [])
        return [Done(text, [next(motions) for _ in seeds] if text else []) for text in texts]

    def units(asked: Sequence[Utterance], seeds: Sequence[int]) -> list[Done]:
        done = []
        for number, one in enumerate(asked):
            motions = by_sound(one.read_audio(), language, seeds=seeds)
            done.append(Done(str(motions[0].meta["heard"]), motions))
            progress("by units", number + 1, len(asked))
        return done

    return {TOLD: told, WORDS: words, UNITS: units}


def rows(texts: Sequence[str], done: Mapping[str, Sequence[Done]], seeds: int) -> list[Row]:
    """A row a system; the first is the one that the others are less or more than. What was not made keeps nothing."""
    stating = [text for text in texts if rules.claims(text).headline]
    kept: dict[str, list[float]] = {}
    found = []
    for name, many in done.items():
        cells = {} if name == TOLD else hearing(texts, [one.heard for one in many])
        shares = {text: shares_kept(text, one.motions, seeds) for text, one in zip(texts, many, strict=True)}
        if stating:
            kept[name] = [shares[text]["kept"] for text in stating]
            cells["kept"] = mean_interval(kept[name])
        if name != TOLD and TOLD in kept:
            cells[_LESS] = paired_difference(kept[name], kept[TOLD])
        for kind in KINDS:
            values = [share[kind] for share in shares.values() if kind in share]
            if values:
                cells[kind] = mean_interval(values)
        found.append(Row(name, cells, len(texts), tuple(range(seeds)), bold=name != TOLD))
    return found


def hearing(texts: Sequence[str], heard: Sequence[str]) -> dict[str, Interval | float]:
    """Word error rate, and the share of sentences without an error, in per cent."""
    pairs = [(word_errors.words(said), word_errors.words(other)) for said, other in zip(texts, heard, strict=True)]
    wrong = [word_errors.errors(*pair) for pair in pairs]
    lengths = [len(said) for said, _ in pairs]
    rates = [100.0 * count / length for count, length in zip(wrong, lengths, strict=True)]
    return {
        "word errors": mean_interval(rates, weights=lengths),
        "sentences right": mean_interval([100.0 * (count == 0) for count in wrong]),
    }


def shares_kept(text: str, motions: Sequence[Motion], seeds: int) -> dict[str, float]:
    """Per cent of ``seeds`` motions that keep all that a sentence states of these kinds; "kept" is all four."""
    claims = rules.claims(text)
    reports = [rules.check(claims, motion).claims for motion in motions]
    kinds = {"kept": rules.HEADLINE, **KINDS}
    return {
        name: 100.0 * sum(all(one.passed for one in report if one.kind in wanted) for report in reports) / seeds
        for name, wanted in kinds.items()
        if claims.kinds & wanted
    }


def _notes(asked: Sequence[Utterance], split: str, generator: Generator) -> list[str]:
    texts = [one.transcript for one in asked]
    counts = {name: sum(bool(rules.claims(text).kinds & kinds) for text in texts) for name, kinds in KINDS.items()}
    voices = {one.speaker for one in asked}
    return [
        f"Split {split}: {len(asked)} sentences ({LANGUAGE}), each spoken once, in one of {len(voices)} synthetic "
        "voices; no person speaks. Lengths are chosen by the model.",
        "word errors: words put in, left out or replaced, of those that were said. sentences right: without such.",
        f"kept: of {sum(rules.claims(text).headline for text in texts)} sentences that state a direction, turn, hand "
        "or speed, the motions that keep every such claim by the rule check; the mean over seeds, the interval over "
        f"sentences. {', '.join(f'{name}: {count}' for name, count in counts.items())} sentences.",
        f"{TOLD}: {generator.name} and the true sentence. {WORDS}: the same model and the transcript. {UNITS}: the "
        "motion language model, which hears the sound itself; its transcript is its own.",
    ]
