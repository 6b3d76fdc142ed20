"""A folder of one's own recordings: sounds and motions that belong together by their names, and what was said.

``talk.wav`` (or .flac, .mp3, .ogg) goes with ``talk.bvh`` (or .glb, .gltf, .npz) and, where there is one, with
``talk.TextGrid``, ``talk.json`` or ``talk.txt`` (see ``transcripts``). Partners in one folder find each other first;
then names are compared over all folders, so ``sound/talk.wav`` and ``motion/talk.bvh`` are a pair too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from motionary.corpora import transcripts
from motionary.corpora.item import Source
from motionary.corpora.speech_pairs import Utterance, measured
from motionary.corpora.speech_report import Report
from motionary.errors import FormatError, InputError

SOURCE = Source(name="folder", title="Recordings of one's own", licence="", credit="", commercial=False)

SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
MOTIONS = (".bvh", ".glb", ".gltf", ".npz")


@dataclass
class _Group:
    """Files of one name."""

    sounds: list[Path] = field(default_factory=list)
    motions: list[Path] = field(default_factory=list)
    texts: list[Path] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return len(self.sounds) == 1 and len(self.motions) == 1


def utterances(root: Path, report: Report, licence: str = "unknown", motion: bool = True) -> list[Utterance]:
    """Every pair of a sound and a motion of one name and one length.

    Args:
        root: the folder; folders in it count too.
        report: told what is used, left out and odd.
        licence: of the recordings.
        motion: whether a sound without a motion is left out; otherwise it is used as speech alone.

    Raises:
        FormatError: there is no sound in the folder.
    """
    groups = _groups(root)
    if not any(group.sounds for group in groups.values()):
        raise FormatError(f"no sound in it; looked for {', '.join(SOUNDS)}", path=root)
    found = []
    for name, group in sorted(groups.items()):
        reason = _trouble(group, motion)
        if reason:
            report.drop(name, reason)
            continue
        one = measured(_utterance(name, group, licence, report), report)
        if one is not None:
            report.use(name, one.seconds, split=one.split, speaker=one.speaker, emotion=one.emotion)
            found.append(one)
    return found


def _groups(root: Path) -> dict[str, _Group]:
    """Files by name: complete pairs of one folder, by their path in it; the rest by stem."""
    by_folder: dict[str, _Group] = defaultdict(_Group)
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        suffix, place = path.suffix.lower(), path.relative_to(root).with_suffix("").as_posix()
        if suffix in SOUNDS:
            by_folder[place].sounds.append(path)
        elif suffix in MOTIONS:
            by_folder[place].motions.append(path)
        elif suffix in transcripts.SUFFIXES:
            by_folder[place].texts.append(path)
    groups = {name: group for name, group in by_folder.items() if group.whole}
    by_stem: dict[str, _Group] = defaultdict(_Group)
    for name, group in by_folder.items():
        if not group.whole:
            stem = by_stem[name.rpartition("/")[2]]
            stem.sounds += group.sounds
            stem.motions += group.motions
            stem.texts += group.texts
    for stem_name, group in by_stem.items():
        if group.sounds or group.motions:
            groups[stem_name if stem_name not in groups else f"*/{stem_name}"] = group
    return groups


def _trouble(group: _Group, motion: bool) -> str:
    if not group.sounds:
        return "a motion without a sound of its name"
    if len(group.sounds) > 1:
        return "two sounds of one name"
    if len(group.motions) > 1:
        return "two motions for one sound"
    return "a sound without a motion of its name" if motion and not group.motions else ""


def _utterance(name: str, group: _Group, licence: str, report: Report) -> Utterance:
    told = _transcript(name, group.texts, report)
    return Utterance(
        id=name,
        audio=group.sounds[0],
        motion=group.motions[0] if group.motions else None,
        words=told.words,
        speaker=told.speaker,
        emotion=told.emotion,
        split=told.split,
        licence=licence,
        text=told.text,
        meta={"corpus": SOURCE.name},
    )


def _transcript(name: str, texts: list[Path], report: Report) -> transcripts.Transcript:
    best = sorted(texts, key=lambda path: transcripts.SUFFIXES.index(path.suffix.lower()))
    if not best:
        report.note(name, "no transcript")
        return transcripts.Transcript()
    if len(best) > 1:
        report.note(name, f"several transcripts; {best[0].suffix} is used")
    try:
        return transcripts.read(best[0])
    except InputError as error:
        report.note(name, f"transcript left out: {getattr(error, 'reason', error)}")
        return transcripts.Transcript()
