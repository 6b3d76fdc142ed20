"""Is a folder of action annotations sound? Finds everything that is wrong, where reading stops at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.readers import Layout, Options, features, layout_of, mstcn
from motionary.actions.readers.spans import Spans, index_of
from motionary.errors import FormatError, InputError


@dataclass(frozen=True)
class Finding:
    """Something about a file: an "error", which must be mended, or a "note", which reading handles as it says."""

    level: str
    kind: str
    where: str
    text: str


@dataclass
class Report:
    """What was looked at and what was found."""

    path: str
    layout: str
    videos: int = 0
    labels: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        """Findings that must be mended."""
        return [one for one in self.findings if one.level == "error"]

    def add(self, level: str, kind: str, where: object, text: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(level, kind, str(where), text))


def check(
    path: str | Path, options: Options | None = None, labels: Sequence[str] = (), frames: Path | None = None
) -> Report:
    """Look at everything below a path.

    Args:
        path: a file or folder in any layout that is read.
        options: as for reading.
        labels: the vocabulary that labels must be from; by default the folder's own, or whatever is there.
        frames: folder of features VIDEO.npy; by default ``features`` in the folder.

    Raises:
        InputError: nothing there that could be checked.
    """
    path, options = Path(path), options or Options()
    layout = layout_of(path)
    report = Report(str(path), layout.name)
    if layout.name == "MS-TCN":
        lengths = _mstcn(path, report, options)
    elif layout.spans:
        lengths = _spans(path, layout, report, options, labels)
    else:
        actions = layout.read(path, options).actions
        report.labels = len(actions.labels)
        who = {name: one.person for name, one in actions.timelines.items()}
        _splits(actions.splits, who, report)
        lengths = {name: len(one) for name, one in actions.timelines.items()}
    report.videos = len(lengths)
    _features(frames or path / "features", lengths, report, must=frames is not None)
    return report


def vocabulary(path: str | Path) -> tuple[str, ...]:
    """Labels of an action set (.json) or of a mapping.txt."""
    path = Path(path)
    return ActionSet.load(path).labels if path.suffix.lower() == ".json" else mstcn.mapping(path)


def _mstcn(folder: Path, report: Report, options: Options) -> dict[str, int]:
    """Frames by video."""
    try:
        labels = mstcn.mapping(folder / "mapping.txt")
    except FormatError as error:
        report.add("error", "mapping", folder / "mapping.txt", str(error))
        return {}
    lengths, used = {}, set()
    for file in sorted((folder / "groundTruth").glob("*.txt")):
        lines = mstcn.lines_of(file)
        if not lines:
            report.add("error", "empty file", file, "it needs a label for every frame")
        lengths[file.stem] = len(lines)
        used |= set(lines)
        for label in sorted(set(lines) - set(labels)):
            _unknown(label, labels, f"{file}, line {lines.index(label) + 1}", report)
    if not lengths:
        report.add("error", "empty folder", folder / "groundTruth", "it needs a .txt a video")
    unused = [label for label in labels if label not in used]
    if unused:
        report.add("note", "unused labels", folder / "mapping.txt", ", ".join(unused))
    if options.fps is None and folder.name.lower().replace("_", "") not in mstcn.KNOWN:
        report.add("note", "frame rate", folder, "it is not known for this set; give --fps to read it")
    report.labels = len(labels)
    who = {name: mstcn.who_of(name)[1] for name in lengths}
    _splits(_bundles(folder / "splits", report), who, report)
    return lengths


def _bundles(folder: Path, report: Report) -> dict[str, Split]:
    found = {}
    for train in sorted(folder.glob("train.split*.bundle")):
        test = folder / train.name.replace("train", "test", 1)
        if test.is_file():
            name = train.name.removeprefix("train.split").removesuffix(".bundle")
            found[name] = Split(mstcn.bundle(train), mstcn.bundle(test))
        else:
            report.add("error", "split", train, f"there is no {test.name} beside it")
    return found


def _spans(path: Path, layout: Layout, report: Report, options: Options, labels: Sequence[str]) -> dict[str, int]:
    """Frames by video; every file is looked at on its own, so that one broken file does not hide another."""
    broken = False
    for file in layout.files(path):
        try:
            _found(layout, file, options)
        except InputError as error:
            broken = True
            empty = "empty" in str(error)
            report.add("error", "empty file" if empty else "unreadable", file, str(error))
    if broken:
        return {}
    found = _found(layout, path, options)
    for note in found.notes:
        report.add("note", "reading", path, note)
    _neighbours(path, found, report)
    for video, spans in found.videos.items():
        for label in sorted({one.label for one in spans} - set(labels)) if labels else ():
            place = next(one.where for one in spans if one.label == label)
            _unknown(label, labels, f"{video}, {place}", report)
    report.labels = len({one.label for spans in found.videos.values() for one in spans})
    who = {video: (*found.who.get(video, ()), "", "")[1] for video in found.videos}
    _splits(found.splits, who, report)
    fps = float(found.options.fps or 0)
    return {video: round(max(one.end for one in spans) * fps) for video, spans in found.videos.items()}


def _found(layout: Layout, path: Path, options: Options) -> Spans:
    assert layout.spans is not None  # only layouts of spans come here
    return layout.spans(path, options)


def _neighbours(path: Path, found: Spans, report: Report) -> None:
    """Overlaps and gaps: a refused overlap is told video by video with its place, what is handled is summed up."""
    options, frame = found.options, 1 / float(found.options.fps or 1)
    gaps: list[float] = []
    handled = 0
    for video, spans in found.videos.items():
        pairs = list(pairwise(sorted(spans, key=lambda one: (one.start, one.end))))
        gaps += [b.start - a.end for a, b in pairs if b.start - a.end >= frame]
        overlaps = [(a, b) for a, b in pairs if a.end - b.start >= frame / 2]
        handled += len(overlaps)
        if overlaps and options.overlaps == "refuse":
            a, b = overlaps[0]
            text = f"{len(overlaps)}; {b.label!r} begins at {b.start:g} s, before {a.label!r} ends at {a.end:g} s"
            report.add("error", "overlap", f"{video}, {b.where}", f"{text}; mend it, or choose --overlaps cut or over")
    if handled and options.overlaps != "refuse":
        done = (
            "the earlier action ends there" if options.overlaps == "cut" else "the later action lies over the earlier"
        )
        report.add("note", "overlap", path, f"{handled}; {done}")
    if gaps:
        bridged = sum(gap <= float(options.bridge or 0) for gap in gaps)
        rest = f"{bridged} go to the action before, {len(gaps) - bridged} become {options.background!r}"
        report.add("note", "gap", path, f"{len(gaps)}, {sum(gaps):.1f} s in all; {rest}")


def _unknown(label: str, labels: Sequence[str], where: str, report: Report) -> None:
    try:
        index_of(label, labels, f"the {len(labels)} labels")
    except InputError as error:
        report.add("error", "unknown label", where, str(error))


def _splits(splits: Mapping[str, Split], who: Mapping[str, str], report: Report) -> None:
    for name, split in splits.items():
        for kind, where, text in _leaks(split, who):
            report.add("error", kind, f"split {name}", f"{where}: {text}")


def _leaks(split: Split, who: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a split: videos that are not there, or videos and people on both sides."""
    for video in dict.fromkeys((*split.train, *split.test)):
        if video not in who:
            yield "no labels", video, "the split names it and there are no labels"
    for video in sorted(set(split.train) & set(split.test)):
        yield "leak", video, "both to learn from and to test on"
    train, test = ({who.get(video, "") for video in part} for part in (split.train, split.test))
    for person in sorted((train & test) - {"", *who}):
        yield "leak", person, "this person is on both sides"


def _features(folder: Path, lengths: Mapping[str, int], report: Report, must: bool) -> None:
    """Compare features with labels, where there are any."""
    if not folder.is_dir():
        if must:
            raise InputError(f"{folder} is no folder of features")
        return
    for video, length in lengths.items():
        file = folder / f"{video}.npy"
        if not file.is_file():
            report.add("error", "no features", file, f"there are labels of {video}")
            continue
        try:
            rows = len(features.read(file))
            features.read(file, length)
        except FormatError as error:
            report.add("error", "features", file, str(error))
        else:
            if rows != length:
                report.add("note", "length", file, f"{rows} rows for {length} labels; both are cut to the shorter")
