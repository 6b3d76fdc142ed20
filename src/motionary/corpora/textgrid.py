"""Praat's TextGrid files: words, sounds and remarks on the time line of a recording.

A file is read as Praat reads it: what counts are quoted texts, numbers that stand alone and flags such as ``<exists>``,
in their order; everything else is a comment. So the long form (``xmin = 0``) and the short one (``0``) are the same to
the reader. Source: "TextGrid file formats" in Praat's manual.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from motionary.corpora.speech_pairs import Word
from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic, read_bytes, read_text
from motionary.motion import Segment

#: Labels that mean that nobody speaks, as aligners write them.
SILENCE = frozenset({"", "sp", "sil", "<sil>", "<eps>", "<p:>", "{sl}", "#"})

_LIMIT = 4 * 2**20
_SLACK = 1e-3  # seconds by which rounded borders may overlap
_TOKEN = re.compile(
    r'"(?P<text>[^"]*(?:""[^"]*)*)"|(?P<flag><(?:exists|absent)>)|(?P<remark>![^\n]*)'
    r"|(?<!\S)(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!\S)|(?P<open>\")"
)


@dataclass(frozen=True)
class Tier:
    """One line of labels.

    Attributes:
        name: of the tier.
        labels: in order; a label of a point tier starts and ends at the same time.
        start, end: seconds.
        points: whether it is a point tier ("TextTier") and not an interval tier.
    """

    name: str
    labels: tuple[Segment, ...]
    start: float
    end: float
    points: bool = False


@dataclass(frozen=True)
class TextGrid:
    """Tiers over one span of time, seconds."""

    start: float
    end: float
    tiers: tuple[Tier, ...]

    def tier(self, name: str = "words") -> Tier:
        """An interval tier by name, in any case; "speaker - words" counts as "words". One tier alone needs no name.

        Raises:
            InputError: there is none; the message names those there are.
        """
        intervals = [tier for tier in self.tiers if not tier.points]
        exact = [tier for tier in intervals if tier.name.strip().casefold() == name.casefold()]
        ending = [tier for tier in intervals if re.split(r"\s-\s", tier.name.strip())[-1].casefold() == name.casefold()]
        if len(exact) == 1 or len(ending) == 1:
            return exact[0] if len(exact) == 1 else ending[0]
        if len(self.tiers) == 1 and intervals:
            return intervals[0]
        there = ", ".join(repr(tier.name) for tier in self.tiers) or "none"
        many = "more than one" if exact or ending else "no"
        raise InputError(f"{many} interval tier named {name!r}; tiers are {there}")


class _Tokens:
    """Texts, numbers and flags in their order, each with its line."""

    def __init__(self, text: str, path: Path) -> None:
        self.path, self._next = path, 0
        self._items: list[tuple[str, str, int]] = []
        line, seen = 1, 0
        for match in _TOKEN.finditer(text):
            line += text.count("\n", seen, match.start())
            seen = match.start()
            kind = str(match.lastgroup)
            if kind == "open":
                raise FormatError("a quote is opened and never closed", path=path, where=f"line {line}")
            if kind != "remark":
                self._items.append((kind, match[kind], line))
        self.lines = line + text.count("\n", seen)

    def __len__(self) -> int:
        """How many are left."""
        return len(self._items) - self._next

    def error(self, reason: str) -> FormatError:
        """A FormatError at the line of what was taken last."""
        at = self._items[self._next - 1][2] if 0 < self._next <= len(self._items) else 1
        return FormatError(reason, path=self.path, where=f"line {at}")

    def take(self, kind: str, what: str) -> str:
        if not len(self):
            raise FormatError(f"the file ends where {what} should be", path=self.path, where=f"line {self.lines}")
        found, value, _ = self._items[self._next]
        self._next += 1
        if found != kind:
            raise self.error(f"{what} should be a {kind}; found {value[:40]!r}")
        return value.replace('""', '"') if kind == "text" else value

    def seconds(self, what: str) -> float:
        value = float(self.take("number", what))
        if not math.isfinite(value):
            raise self.error(f"{what} must be finite")
        return value

    def count(self, what: str, each: int) -> int:
        """A number of things of which each takes at least ``each`` tokens."""
        value = self.take("number", what)
        if not value.isdigit() or len(value) > 9 or int(value) * each > len(self):
            raise self.error(f"{what} is {value[:20]}, and the file holds no more than {len(self) // each}")
        return int(value)


def read(path: str | Path) -> TextGrid:
    """Read a TextGrid: long or short text form, UTF-8 or UTF-16 (with a BOM), else Latin-1.

    Raises:
        FormatError: naming the line.
    """
    path = Path(path)
    head = read_bytes(path, _LIMIT)
    if head.startswith(b"ooBinaryFile"):
        raise FormatError("a binary TextGrid; read is text", path=path, where="byte 0", hint="save it as text in Praat")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = head.decode("utf-16").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            raise FormatError(f"broken UTF-16: {error.reason}", path=path, where=f"byte {error.start}") from None
        return parse(text, path)
    return parse(read_text(path, _LIMIT), path)


def parse(text: str, path: str | Path = "TextGrid") -> TextGrid:
    """A TextGrid from its text; ``path`` is for messages. Raises FormatError naming the line."""
    tokens = _Tokens(text, Path(path))
    if not tokens.take("text", "the file type").startswith("ooTextFile"):
        raise tokens.error('a TextGrid starts with File type = "ooTextFile"')
    if tokens.take("text", "the object class") != "TextGrid":
        raise tokens.error('the object class must be "TextGrid"')
    start, end = _span(tokens, "the grid")
    if tokens.take("flag", "<exists> or <absent>") == "<absent>":
        return TextGrid(start, end, ())
    return TextGrid(start, end, tuple(_tier(tokens) for _ in range(tokens.count("the number of tiers", 5))))


def _span(tokens: _Tokens, what: str) -> tuple[float, float]:
    start, end = tokens.seconds(f"the start of {what}"), tokens.seconds(f"the end of {what}")
    if end < start:
        raise tokens.error(f"{what} ends at {end:g} s, before it starts at {start:g} s")
    return start, end


def _tier(tokens: _Tokens) -> Tier:
    kind = tokens.take("text", "the class of a tier")
    if kind not in ("IntervalTier", "TextTier"):
        raise tokens.error(f'a tier is an "IntervalTier" or a "TextTier", not {kind[:40]!r}')
    points = kind == "TextTier"
    name = tokens.take("text", "the name of a tier")
    start, end = _span(tokens, f"tier {name!r}")
    labels: list[Segment] = []
    for _ in range(tokens.count(f"the size of tier {name!r}", 2 if points else 3)):
        if points:
            first = last = tokens.seconds("the time of a point")
        else:
            first, last = _span(tokens, "an interval")
        if labels and first < labels[-1].end - _SLACK:
            raise tokens.error(f"it starts at {first:g} s, before the one above ends at {labels[-1].end:g} s")
        labels.append(Segment(first, last, tokens.take("text", "a label")))
    return Tier(name, tuple(labels), start, end, points)


def write(grid: TextGrid, path: str | Path, short: bool = False) -> None:
    """Write a TextGrid as UTF-8, in the long form or the short one."""
    lines = list(_lines(grid))
    if short:  # the header keeps its comments: Praat knows the file by them
        lines = lines[:3] + [(0, "", value) for _, _, value in lines[3:] if value]
    text = "".join(f"{'    ' * depth}{comment}{value}\n" for depth, comment, value in lines)
    with atomic(path) as beside:
        beside.write_text(text, encoding="utf-8")


def _lines(grid: TextGrid) -> Iterator[tuple[int, str, str]]:
    """Depth, comment and value of every line; the short form is the values alone."""
    yield from ((0, "File type = ", '"ooTextFile"'), (0, "Object class = ", '"TextGrid"'), (0, "", ""))
    yield from ((0, "xmin = ", _number(grid.start)), (0, "xmax = ", _number(grid.end)), (0, "tiers? ", "<exists>"))
    yield from ((0, "size = ", str(len(grid.tiers))), (0, "item []:", ""))
    for number, tier in enumerate(grid.tiers, start=1):
        kind, many = ("TextTier", "points") if tier.points else ("IntervalTier", "intervals")
        yield from ((1, f"item [{number}]:", ""), (2, "class = ", _quoted(kind)), (2, "name = ", _quoted(tier.name)))
        yield from ((2, "xmin = ", _number(tier.start)), (2, "xmax = ", _number(tier.end)))
        yield 2, f"{many}: size = ", str(len(tier.labels))
        for order, label in enumerate(tier.labels, start=1):
            yield 2, f"{many} [{order}]:", ""
            if tier.points:
                yield from ((3, "number = ", _number(label.start)), (3, "mark = ", _quoted(label.text)))
            else:
                yield from ((3, "xmin = ", _number(label.start)), (3, "xmax = ", _number(label.end)))
                yield 3, "text = ", _quoted(label.text)


def _number(value: float) -> str:
    return repr(float(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def words(grid: TextGrid, tier: str = "words") -> tuple[Word, ...]:
    """The words of a tier in order, silences left out. Raises InputError where there is no such tier."""
    labels = grid.tier(tier).labels
    return tuple(
        Word(label.text.strip(), label.start, label.end)
        for label in labels
        if label.text.strip().casefold() not in SILENCE and label.end > label.start
    )


def within(spoken: Iterable[Word], start: float, end: float) -> tuple[Word, ...]:
    """The words that lie wholly inside a span of seconds; their times stay those of the recording."""
    return tuple(word for word in spoken if word.start >= start - 1e-6 and word.end <= end + 1e-6)


def sentences(spoken: Sequence[Word], pause: float = 0.5, longest: float = 4.0) -> list[tuple[Word, ...]]:
    """Words parted at pauses of at least ``pause`` seconds; neighbours are joined while they last ``longest`` at most.

    Nothing is cut: words without a pause between them stay together however long they last.
    """
    parts: list[list[Word]] = []
    for word in spoken:
        if parts and word.start - parts[-1][-1].end < pause:
            parts[-1].append(word)
        else:
            parts.append([word])
    joined: list[list[Word]] = []
    for part in parts:
        if joined and part[-1].end - joined[-1][0].start <= longest:
            joined[-1] += part
        else:
            joined.append(part)
    return [tuple(part) for part in joined]
