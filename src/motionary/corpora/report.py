"""A corpus in words and pictures: the summary after a build and the data card."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from motionary.corpora.pack import SPLITS, Clip, Pack
from motionary.errors import FormatError, InputError, MissingExtraError
from motionary.formats._files import atomic

_REASONS = 12  # shown in the summary
_EXAMPLES = 3  # clips a data set whose captions are shown
_COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#bab0ac")


def summary(report: Mapping[str, Any]) -> str:
    """A few lines about a build."""
    lines = [
        f"{report['used']} of {report['usable']} usable files used ({report['used_share']:.1%}), "
        f"{report['clips']} clips, {report['hours']:.2f} hours, {report['captions']} captions",
        f"digest {report['digest']}",
        *(f"  {split}: {count}" for split, count in report["by_split"].items()),
    ]
    dropped = sorted(report["dropped"].items(), key=lambda pair: -len(pair[1]))
    lines += [f"  dropped {len(ids)}: {reason}" for reason, ids in dropped[:_REASONS]]
    if len(dropped) > _REASONS:
        lines.append(f"  and {len(dropped) - _REASONS} more reasons; see report.json")
    return "\n".join(lines)


def write_card(corpus: Path, out: Path) -> Path:
    """Write the data card (Markdown) and its plot, ``pictures/corpus.png`` beside it.

    Raises:
        FormatError: the folder holds no corpus, or its report is broken.
        InputError: the card cannot be written there.
        MissingExtraError: matplotlib is not there.
    """
    report = _load(corpus / "report.json")
    built = Pack.load(corpus)
    if out.is_dir() or out.suffix.lower() not in (".md", ".markdown"):
        raise InputError(f"{out}: the card is a Markdown file; name one that ends in .md")
    try:
        (out.parent / "pictures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror or error}") from None
    _plots(built, out.parent / "pictures" / "corpus.png")
    with atomic(out) as target:
        target.write_text(_card(report, built), encoding="utf-8")
    return out


def _load(path: Path) -> dict[str, Any]:
    hint = "build the corpus first: motionary corpus build DATA"
    if not path.is_file():
        raise FormatError("no report.json", path=path.parent, hint=hint)
    try:
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FormatError(f"not JSON: {error}", path=path, hint=hint) from None
    return report


def _card(report: Mapping[str, Any], built: Pack) -> str:
    clips = built.clips
    parts = [
        "# The corpus\n",
        "Made by `motionary corpus build DATA --out corpus/` and `motionary corpus report corpus/ -o docs/corpus.md`. "
        "All clips are on HUMAN (22 joints), 30 fps, right-handed, y up, starting at the origin facing +z.\n",
        f"Pack `{report['digest']}`: **{report['clips']:,} clips, {report['hours']:.2f} hours, "
        f"{report['captions']:,} captions**; {report['used']:,} of {report['usable']:,} usable files are in "
        f"({report['used_share']:.1%}). "
        "Training adds the mirror image of every clip, with left and right swapped in its captions.\n",
        "![hours by data set, clip lengths, contents](pictures/corpus.png)\n",
        "## Data sets and splits\n",
        _sources(clips),
        "Families (one take, or one performer doing one thing) never straddle a split. `test_verbs` are actions that "
        "training never shows; `test_compound` are pairs of test clips joined, with a sentence of two actions.\n",
        "## Licences\n",
        _licences(clips),
        "## Leakage\n",
        "What the other splits share with training; families must be 0.\n",
        _leakage(report["leakage"]),
        "## What is in it\n",
        _words("Contents", (clip.content for clip in clips if clip.split != "test_compound"), 40),
        _words("Styles", (clip.style for clip in clips), 30),
        _words("Performers", (clip.performer for clip in clips), 12),
        "## Captions\n",
        "What people wrote is kept (spam filtered); for the rest a grammar writes sentences from the label and from "
        f"facts measured on the motion. {report['captions_refused']} sentences were refused because the motion did "
        "not do what they said.\n",
        _examples(clips),
        "## Trimmed and dropped\n",
        "\n".join(f"- trimmed, {what}: {count} files" for what, count in report["trimmed"].items()),
        "\n".join(f"- dropped, {reason}: {len(ids)} ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})"
                  for reason, ids in report["dropped"].items()) + "\n",
        "## Credits\n",
        "\n".join(f"- **{s['title']}** ({s['licence']}): {s['credit']}" for s in built.info["sources"]) + "\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def _sources(clips: Sequence[Clip]) -> str:
    """Data set x split in clips, with hours and captions."""
    splits = [split for split in SPLITS if any(clip.split == split for clip in clips)]
    rows = [
        [name, f"{sum(c.seconds for c in group) / 3600:.2f}", sum(len(c.captions) for c in group), len(group)]
        + [sum(c.split == split for c in group) or "-" for split in splits]
        for name, group in [*_groups(clips, _origin).items(), ("**all**", list(clips))]
    ]
    return _table(["data set", "hours", "captions", "clips", *splits], rows)


def _licences(clips: Sequence[Clip]) -> str:
    single = [clip for clip in clips if clip.split != "test_compound"]
    rows = [
        [licence, len(group), f"{sum(c.seconds for c in group) / 3600:.2f}"]
        for licence, group in _groups(single, lambda clip: clip.licence).items()
    ]
    note = "Every clip carries its licence; the joined clips of `test_compound` carry those of both parts.\n"
    return _table(["licence", "clips", "hours"], rows) + "\n" + note


def _origin(clip: Clip) -> str:
    return "(joined clips)" if clip.split == "test_compound" else clip.source


def _groups(clips: Sequence[Clip], key: Callable[[Clip], str]) -> dict[str, list[Clip]]:
    """Clips by what they have in common, longest first."""
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        groups[key(clip)].append(clip)
    return dict(sorted(groups.items(), key=lambda pair: -sum(clip.seconds for clip in pair[1])))


def _words(title: str, values: Iterable[str], most: int) -> str:
    """The most frequent values with their number of clips, in one paragraph."""
    counts = Counter(" ".join(value.split()) for value in values)
    silent = counts.pop("", 0)
    shown = ", ".join(f"{value} {count}" for value, count in counts.most_common(most)) or "none"
    rest = f", and {len(counts) - most} more" if len(counts) > most else ""
    rest += f"; not stated for {silent}" if silent else ""
    return f"**{title}** ({len(counts)}; clips): {shown}{rest}.\n"


def _leakage(report: Mapping[str, Mapping[str, Any]]) -> str:
    names = list(next(iter(report.values()), {}))
    rows = [[split, *(row[name] for name in names)] for split, row in report.items()]
    return _table(["split", *(name.replace("_", " ") for name in names)], rows)


def _examples(clips: Sequence[Clip]) -> str:
    """The first and the last caption of some clips of each data set: people's come first, the grammar's last."""
    lines = []
    for group in _groups([clip for clip in clips if clip.captions], _origin).values():
        for index in np.linspace(0, len(group) - 1, min(_EXAMPLES, len(group))).astype(int):
            clip = group[index]
            ends = (" ".join(text.split()) for text in (clip.captions[0], clip.captions[-1]))
            said = " / ".join(dict.fromkeys(ends))
            lines.append(f"- `{clip.id}`: {said}")
    return "\n".join(lines) + "\n"


def _plots(built: Pack, out: Path) -> None:
    try:
        import matplotlib
    except ImportError:
        raise MissingExtraError("plots need matplotlib; install motionary[train]") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (by_source, lengths, contents) = plt.subplots(1, 3, figsize=(14, 4), constrained_layout=True)
    groups = _groups(built.clips, _origin)
    colours = {name: _COLOURS[order % len(_COLOURS)] for order, name in enumerate(groups)}
    hours = [sum(clip.seconds for clip in group) / 3600 for group in groups.values()]
    bars = by_source.barh(list(groups), hours, color=[colours[name] for name in groups])
    by_source.bar_label(bars, fmt="%.2f", padding=3)
    by_source.set(title="hours by data set")
    by_source.invert_yaxis()
    by_source.margins(x=0.12)
    seconds = [[clip.seconds for clip in group] for group in groups.values()]
    lengths.hist(seconds, bins=40, stacked=True, color=list(colours.values()), label=list(groups))
    lengths.set(title="clip length", xlabel="seconds", ylabel="clips")
    lengths.legend(fontsize=7)
    counts = Counter(clip.content or "(none)" for clip in built.clips if clip.split != "test_compound").most_common(18)
    contents.barh([f"{order:2d} {name[:32]}" for order, (name, _) in enumerate(counts, 1)], [n for _, n in counts],
                  color="#54a24b")  # fmt: skip
    contents.set(title="most frequent contents (clips)")
    contents.invert_yaxis()
    contents.tick_params(labelsize=7)
    for axis in (by_source, lengths, contents):
        axis.spines[["top", "right"]].set_visible(False)
    with atomic(out) as path:
        figure.savefig(path, dpi=90)
    plt.close(figure)
