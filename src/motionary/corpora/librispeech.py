"""LibriSpeech: read English speech with its text, no motion; for learning what sounds and words have in common.

Read is the published form: ``SUBSET/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NUMBER.flac`` with one
``SPEAKER-CHAPTER.trans.txt`` a chapter (``ID TEXT`` a line), and ``SPEAKERS.TXT``. Texts are published in capitals
without punctuation; here they are in small letters. LibriSpeech has no times of words; where its published alignments
lie beside it (the same folders with ``SPEAKER-CHAPTER-NUMBER.TextGrid``), words come from there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from motionary.corpora import textgrid
from motionary.corpora.item import Source
from motionary.corpora.speech_pairs import Utterance
from motionary.corpora.speech_report import Report
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

SOURCE = Source(
    name="librispeech",
    title="LibriSpeech ASR corpus",
    licence="CC-BY-4.0",
    credit="Panayotov, Chen, Povey, Khudanpur: LibriSpeech: an ASR corpus based on public domain audio books. "
    "ICASSP 2015; speech from LibriVox.",
    commercial=True,
)

#: Subset -> split.
SUBSETS = {
    "train-clean-100": "train", "train-clean-360": "train", "train-other-500": "train",
    "dev-clean": "val", "dev-other": "val", "test-clean": "test", "test-other": "test",
}  # fmt: skip
_SPEAKERS = "SPEAKERS.TXT"
_NAME = re.compile(r"[0-9]+-[0-9]+-[0-9]+")


def utterances(
    root: Path, report: Report, subsets: Collection[str] = (), alignments: Path | None = None
) -> list[Utterance]:
    """Every utterance with sound and text; lengths are those that the FLAC headers tell.

    Args:
        root: the folder ``LibriSpeech``, or the one above it.
        report: told what is used, left out and odd.
        subsets: those wanted; without, all that are there.
        alignments: the folder whose subsets hold TextGrids; without, words have no times.

    Raises:
        FormatError: the folder is no LibriSpeech, or a table or a transcript is broken; names the line.
        InputError: a subset that does not exist or is not there.
    """
    root = root if (root / _SPEAKERS).is_file() else root / "LibriSpeech"
    if not (root / _SPEAKERS).is_file():
        raise FormatError(f"no {_SPEAKERS}; LibriSpeech says there who reads", path=root.parent)
    if unknown := set(subsets) - set(SUBSETS):
        raise InputError(f"no subset {sorted(unknown)[0]!r}; subsets are {', '.join(SUBSETS)}")
    present = [name for name in SUBSETS if (root / name).is_dir()]
    if absent := [name for name in subsets if name not in present]:
        raise InputError(f"{root} does not hold {', '.join(absent)}; it holds {', '.join(present) or 'no subset'}")
    speakers = _speakers(root / _SPEAKERS)
    found: list[Utterance] = []
    for subset in subsets or present:
        for chapter in sorted(path for path in (root / subset).glob("*/*") if path.is_dir()):
            for one in _chapter(chapter, subset, speakers, report):
                found.append(one if alignments is None else _aligned(one, alignments, report))
    return found


def _speakers(path: Path) -> dict[str, dict[str, str]]:
    """Speaker -> sex, name. Fields are parted by "|"; a name may hold that sign too."""
    result = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip() or line.startswith(";"):
            continue
        fields = [field.strip() for field in line.split("|", 4)]
        if len(fields) != 5 or not fields[0].isdigit() or fields[1] not in ("F", "M"):
            raise FormatError("a line is ID | SEX | SUBSET | MINUTES | NAME", path=path, where=f"line {number}")
        result[fields[0]] = {"sex": fields[1], "name": fields[4]}
    return result


def _chapter(folder: Path, subset: str, speakers: dict[str, dict[str, str]], report: Report) -> Iterator[Utterance]:
    speaker = folder.parent.name
    table = folder / f"{speaker}-{folder.name}.trans.txt"
    texts = _texts(table) if table.is_file() else {}
    sounds = {path.stem: path for path in sorted(folder.glob("*.flac"))}
    for name in texts.keys() - sounds.keys():
        report.drop(name, "no sound (ID.flac)")
    for name, path in sounds.items():
        if name not in texts:
            report.drop(name, f"no text ({'no line in ' if texts else 'no '}SPEAKER-CHAPTER.trans.txt)")
            continue
        try:
            seconds = flac_seconds(path)
        except FormatError as error:
            report.drop(name, error)
            continue
        if speaker not in speakers:
            report.note(name, f"speaker not in {_SPEAKERS}")
        split = SUBSETS[subset]
        report.use(name, seconds, split=split, subset=subset)
        meta = {"corpus": SOURCE.name, "subset": subset, "chapter": folder.name, **speakers.get(speaker, {})}
        yield Utterance(
            id=name, audio=path, speaker=speaker, split=split, licence=SOURCE.licence, text=texts[name].lower(),
            seconds=seconds, meta=meta,
        )  # fmt: skip


def _aligned(one: Utterance, alignments: Path, report: Report) -> Utterance:
    """The same utterance with times of its words, where an alignment is there and can be read."""
    place = [str(one.meta["subset"]), one.speaker, str(one.meta["chapter"]), f"{one.id}.TextGrid"]
    try:
        words = textgrid.words(textgrid.read(alignments.joinpath(*place)))
    except InputError as error:
        report.note(one.id, f"no times of words: {error.reason if isinstance(error, FormatError) else 'no alignment'}")
        return one
    return replace(one, words=tuple(replace(word, text=word.text.lower()) for word in words))


def _texts(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        name, _, text = line.strip().partition(" ")
        if not _NAME.fullmatch(name) or not text.strip() or name in texts:
            what = "the id appears twice" if name in texts else "a line is SPEAKER-CHAPTER-NUMBER TEXT"
            raise FormatError(what, path=path, where=f"line {number}")
        texts[name] = " ".join(text.split())
    return texts


def flac_seconds(path: Path) -> float:
    """Length of a FLAC file from its header (STREAMINFO: 20 bits of rate, 36 bits of samples), without decoding it.

    Raises:
        FormatError: no FLAC file, or one whose header does not tell a length.
    """
    with path.open("rb") as file:
        head = file.read(26)
    if len(head) < 26 or head[:4] != b"fLaC" or head[4] & 0x7F:
        raise FormatError("not a FLAC file", path=path, where="byte 0")
    rate = int.from_bytes(head[18:21], "big") >> 4
    samples = int.from_bytes(head[21:26], "big") & (1 << 36) - 1
    if not rate or not samples:
        raise FormatError("the FLAC header tells no length", path=path, where="byte 18")
    return samples / rate
