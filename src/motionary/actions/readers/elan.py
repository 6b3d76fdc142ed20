"""ELAN annotation files (.eaf): spans of one tier. Layout: EAF 3.0, Max Planck Institute for Psycholinguistics."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

import numpy as np

from motionary.actions.readers.spans import Options, Source, Span, Spans, check_span, gather
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_bytes

_MAX_DEPTH, _MAX_TEXT, _MAX_ELEMENTS = 32, 100_000, 1_000_000


@dataclass
class _Annotation:
    name: str
    line: int
    slots: tuple[str, str] | None  # first and last time slot; None where the annotation it refers to has them
    refers: str = ""
    value: str = ""


@dataclass
class Tier:
    """A tier: its name, the person it is about, and its annotations."""

    name: str
    person: str
    annotations: list[_Annotation] = field(default_factory=list)


def fits(path: Path) -> bool:
    """Whether it is an .eaf file or a folder with some."""
    return bool(files(path))


def files(path: Path) -> list[Path]:
    """The .eaf files at a path, in order."""
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    return [one for one in found if one.suffix.lower() == ".eaf" and one.is_file()]


def read(path: str | Path, options: Options | None = None) -> Source:
    """A set from a file or a folder of files, each a video; see ``spans``."""
    return gather(spans(path, options))


def spans(path: str | Path, options: Options | None = None) -> Spans:
    """Spans of a file or a folder of files, each a video.

    Args:
        path: .eaf, or a folder.
        options: ``tier`` names the tier; it may be left out where only one has annotations.

    Raises:
        InputError: no such tier, or several and none chosen; they are listed.
        FormatError: no valid XML, a DOCTYPE, or a time slot that is missing, with its line.
    """
    path = Path(path)
    options = (options or Options()).over(fps=10.0)
    videos, who = {}, {}
    for file in files(path):
        document = Document(file)
        tier = document.tier(options.tier)
        videos[file.stem] = document.spans(tier)
        who[file.stem] = (file.stem, tier.person, "")
    if not videos:
        raise InputError(f"{path}: no .eaf files")
    return Spans(path.stem, videos, options, who)


class Document:
    """One .eaf file, streamed without a tree; DOCTYPE is refused, so that no entity is ever defined."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.slots: dict[str, float] = {}  # milliseconds; NaN where ELAN aligned none
        self.tiers: list[Tier] = []
        self.by_name: dict[str, _Annotation] = {}
        self._depth = self._elements = 0
        self._text: str | None = None
        self._xml = expat.ParserCreate()
        self._xml.buffer_text = True
        self._xml.StartDoctypeDeclHandler = lambda *_: self.fail("a DOCTYPE is not allowed", "remove it")
        self._xml.StartElementHandler = self._start
        self._xml.EndElementHandler = self._end
        self._xml.CharacterDataHandler = self._characters
        self._parse(read_bytes(path))
        self._times = self._between()

    def fail(self, reason: str, hint: str = "") -> NoReturn:
        """Raise FormatError at the line that is being read."""
        raise FormatError(reason, path=self.path, where=f"line {self._xml.CurrentLineNumber}", hint=hint)

    def tier(self, name: str | None) -> Tier:
        """A tier by name, or the only one with annotations."""
        full = [tier for tier in self.tiers if tier.annotations]
        found = full if name is None else [tier for tier in self.tiers if tier.name == name]
        if len(found) != 1 or not found[0].annotations:
            names = ", ".join(f"{tier.name!r} ({len(tier.annotations)})" for tier in self.tiers[:20]) or "none"
            wanted = "choose one with --tier" if name is None else f"no annotations in a tier {name!r}"
            raise InputError(f"{self.path}: {wanted}; tiers and their annotations: {names}")
        return found[0]

    def spans(self, tier: Tier) -> list[Span]:
        """Spans of a tier, seconds; annotations without a text are left out, as nobody has named them yet."""
        named = [one for one in tier.annotations if one.value.strip()]
        return [check_span(Span(*self._span(one), one.value.strip(), f"line {one.line}"), self.path) for one in named]

    def _span(self, annotation: _Annotation) -> tuple[float, float]:
        seen = annotation
        for _ in range(_MAX_DEPTH):
            if seen.slots:
                break
            if seen.refers not in self.by_name:
                break
            seen = self.by_name[seen.refers]
        times = [self._times.get(slot) for slot in seen.slots or ()]
        if len(times) != 2 or None in times:
            raise FormatError("no time for this annotation", path=self.path, where=f"line {annotation.line}")
        return float(times[0] or 0) / 1000, float(times[1] or 0) / 1000

    def _between(self) -> dict[str, float]:
        """Times of all slots; those without one lie evenly between their neighbours, as ELAN shows them."""
        values = np.array(list(self.slots.values()))
        known = np.flatnonzero(~np.isnan(values))
        if not len(known):
            return {}
        return dict(zip(self.slots, np.interp(np.arange(len(values)), known, values[known]).tolist(), strict=True))

    def _parse(self, data: bytes) -> None:
        try:
            self._xml.Parse(data, True)
        except expat.ExpatError as error:
            reason = f"no valid XML: {expat.ErrorString(error.code)}"
            raise FormatError(reason, path=self.path, where=f"line {error.lineno}") from None
        except (LookupError, ValueError) as error:
            raise FormatError(f"no usable XML: {str(error)[:80]}", path=self.path) from None

    def _start(self, tag: str, attributes: dict[str, Any]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            self.fail("elements nest too deep, or are too many")
        if self._depth == 1 and tag != "ANNOTATION_DOCUMENT":
            self.fail(f"expected <ANNOTATION_DOCUMENT>; got <{tag[:40]}>", "is it an ELAN file?")
        if tag == "TIME_SLOT":
            self.slots[attributes.get("TIME_SLOT_ID", "")] = self._number(attributes.get("TIME_VALUE"))
        elif tag == "TIER":
            self.tiers.append(Tier(attributes.get("TIER_ID", ""), attributes.get("PARTICIPANT", "")))
        elif tag in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
            self._annotation(attributes)
        elif tag == "ANNOTATION_VALUE":
            self._text = ""

    def _number(self, text: str | None) -> float:
        if text is None:
            return float("nan")
        if not text.isdigit() or len(text) > 12:
            self.fail(f"TIME_VALUE must be milliseconds; got {text[:40]!r}")
        return float(text)

    def _annotation(self, attributes: dict[str, Any]) -> None:
        if not self.tiers:
            self.fail("an annotation outside of a TIER")
        first, last = attributes.get("TIME_SLOT_REF1"), attributes.get("TIME_SLOT_REF2")
        one = _Annotation(
            attributes.get("ANNOTATION_ID", ""),
            self._xml.CurrentLineNumber,
            (first, last) if first and last else None,
            attributes.get("ANNOTATION_REF", ""),
        )
        self.tiers[-1].annotations.append(one)
        self.by_name[one.name] = one

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text += text
            if len(self._text) > _MAX_TEXT:
                self.fail(f"an annotation of more than {_MAX_TEXT:,} characters")

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag == "ANNOTATION_VALUE" and self._text is not None and self.tiers and self.tiers[-1].annotations:
            self.tiers[-1].annotations[-1].value, self._text = self._text, None
