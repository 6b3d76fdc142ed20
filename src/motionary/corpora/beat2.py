"""BEAT2: people speaking, captured whole: body, hands and face as SMPL-X with FLAME expressions, 30 frames a second.

Read is the published form::

    beat_english_v2.0.0/
        train_test_split.csv        id,type with type train, val, test or additional
        smplxflame_30/ID.npz        poses [frames, 165], trans, expressions [frames, 100], betas, mocap_frame_rate; y up
        wave16k/ID.wav
        textgrid/ID.TextGrid        tier "words" (and "phones")

Any speaker is read and splits are as given. BEAT2 has no emotion labels; they come from the ids, or, more exactly, from
the CSV files of BEAT v1, whose ids are the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from motionary.corpora import emotions, textgrid
from motionary.corpora.item import Source
from motionary.corpora.speech_pairs import Utterance, Word, measured
from motionary.corpora.speech_report import Report
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text
from motionary.motion import Segment

SOURCE = Source(
    name="beat2",
    title="BEAT2 (BEAT-SMPLX-FLAME), English v2.0.0",
    licence="CC-BY-NC-4.0",
    credit="Liu et al.: EMAGE: Towards Unified Holistic Co-Speech Gesture Generation. CVPR 2024; "
    "Liu et al.: BEAT: A Large-Scale Semantic and Emotional Multi-Modal Dataset. ECCV 2022.",
    commercial=False,
)

SPLITS = ("train", "val", "test", "additional")
_INNER = "beat_english_v2.0.0"
_TABLE = "train_test_split.csv"
_MOTION, _SOUND, _WORDS = "smplxflame_30", "wave16k", "textgrid"


def utterances(
    root: Path,
    report: Report,
    speakers: Collection[int | str] = (),
    splits: Collection[str] = (),
    emotion_folder: Path | None = None,
) -> list[Utterance]:
    """Every recording whose sound and motion are whole and of one length.

    Args:
        root: the folder of the data set, or the one above it.
        report: told what is used, left out and odd.
        speakers: numbers or names of those wanted; all without.
        splits: those wanted; all without.
        emotion_folder: where ``ID.csv`` of BEAT v1 lie, at any depth; without it emotions come from the ids.

    Raises:
        FormatError: the folder is no BEAT2, or its table is broken.
        InputError: a split that does not exist, or a speaker whom nobody knows.
    """
    root = _home(root)
    table = _table(root / _TABLE)
    if unknown := set(splits) - set(SPLITS):
        raise InputError(f"no split {sorted(unknown)[0]!r}; splits are {', '.join(SPLITS)}")
    wanted = {str(speaker) for speaker in speakers}
    known = {part for name in table for part in name.split("_")[:2]}
    if missing := wanted - known:
        raise InputError(f"no speaker {sorted(missing)[0]!r}; speakers are {', '.join(_speakers(table))}")
    labels = _label_files(emotion_folder)
    _unlisted(root, table, report)
    found = []
    for name, split in table.items():
        if (splits and split not in splits) or (wanted and not wanted & set(name.split("_")[:2])):
            continue
        whole = _one(root, name, split, labels, report)
        if whole is not None:
            report.use(name, whole.seconds, split=split, speaker=whole.speaker, emotion=whole.emotion)
            found.append(whole)
    return found


def _home(root: Path) -> Path:
    for place in (root, root / _INNER):
        if (place / _TABLE).is_file():
            return place
    raise FormatError(f"no {_TABLE}; BEAT2 lists its recordings and splits there", path=root)


def _table(path: Path) -> dict[str, str]:
    """Id -> split."""
    rows = csv.DictReader(io.StringIO(read_text(path)))
    if not {"id", "type"} <= set(rows.fieldnames or ()):
        raise FormatError("needs the columns id and type", path=path, where="line 1")
    table: dict[str, str] = {}
    for row in rows:
        name, split, where = (row["id"] or "").strip(), (row["type"] or "").strip(), f"line {rows.line_num}"
        if emotions.recording(name) is None:
            raise FormatError(f"{name[:40]!r} is no SPEAKER_NAME_TYPE_START_END", path=path, where=where)
        if split not in SPLITS:
            raise FormatError(f"type {split[:40]!r}; types are {', '.join(SPLITS)}", path=path, where=where)
        if table.get(name, split) != split:
            raise FormatError(f"{name} is in two splits: {table[name]} and {split}", path=path, where=where)
        table[name] = split
    if not table:
        raise FormatError("no recording is listed", path=path)
    return table


def _speakers(table: dict[str, str]) -> list[str]:
    return sorted({"_".join(name.split("_")[:2]) for name in table}, key=lambda speaker: int(speaker.split("_")[0]))


def _label_files(folder: Path | None) -> dict[str, Path] | None:
    if folder is None:
        return None
    files = {path.stem: path for path in sorted(Path(folder).rglob("*.csv")) if emotions.recording(path.stem)}
    if not files:
        raise InputError(f"{folder} holds no emotion labels of BEAT v1 (ID.csv)")
    return files


def _unlisted(root: Path, table: dict[str, str], report: Report) -> None:
    for path in sorted((root / _MOTION).glob("*.npz")):
        if path.stem not in table:
            report.drop(path.stem, f"not listed in {_TABLE}")


def _one(root: Path, name: str, split: str, labels: dict[str, Path] | None, report: Report) -> Utterance | None:
    motion, sound = root / _MOTION / f"{name}.npz", root / _SOUND / f"{name}.wav"
    for path, what in ((motion, "motion"), (sound, "sound")):
        if not path.is_file():
            report.drop(name, f"no {what} ({path.parent.name}/ID{path.suffix})")
            return None
    number, speaker = name.split("_")[:2]
    one = Utterance(
        id=name,
        audio=sound,
        motion=motion,
        words=_words(root / _WORDS / f"{name}.TextGrid", name, report),
        speaker=f"{number}_{speaker}",
        split=split,
        licence=SOURCE.licence,
        meta={"corpus": SOURCE.name},
    )
    return measured(_with_emotion(one, labels, report), report)


def _words(path: Path, name: str, report: Report) -> tuple[Word, ...]:
    if not path.is_file():
        report.note(name, "no transcript (textgrid/ID.TextGrid)")
        return ()
    try:
        return textgrid.words(textgrid.read(path))
    except InputError as error:
        report.note(name, f"transcript left out: {getattr(error, 'reason', error)}")
        return ()


def _with_emotion(one: Utterance, labels: dict[str, Path] | None, report: Report) -> Utterance:
    if labels is None:
        return replace(one, emotion=emotions.from_id(one.id))
    if one.id not in labels:
        report.note(one.id, "no emotion labels (ID.csv)")
        return one
    try:
        spans = emotions.read_csv(labels[one.id])
    except FormatError as error:
        report.note(one.id, f"emotion labels left out: {error.reason}")
        return one
    return replace(one, emotions=spans, emotion=_only(spans))


def _only(spans: tuple[Segment, ...]) -> str | None:
    """The one label of a recording, for the report; windows look at the spans."""
    return spans[0].text if len(spans) == 1 else None
