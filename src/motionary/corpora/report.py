"""A corpus in words and pictures: the summary after a build and the data card."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from motionary.corpora.pack import Pack
from motionary.errors import FormatError, MissingExtraError
from motionary.formats._files import atomic


def summary(report: dict[str, Any]) -> str:
    """A few lines about a build."""
    lines = [
        f"{report['used']} of {report['usable']} usable files used ({report['used_share']:.1%}), "
        f"{report['clips']} clips, {report['hours']:.2f} hours, {report['captions']} captions",
        f"digest {report['digest']}",
        *(f"  {split}: {count}" for split, count in report["by_split"].items()),
    ]
    lines += [f"  dropped {len(ids)}: {reason}" for reason, ids in report["dropped"].items()]
    return "\n".join(lines)


def write_card(corpus: Path, out: Path) -> Path:
    """Write the data card (Markdown) and its plots into ``pictures/`` beside it.

    Raises:
        FormatError: the folder holds no corpus.
        MissingExtraError: matplotlib is not there.
    """
    path = corpus / "report.json"
    if not path.is_file():
        raise FormatError("no report.json", path=corpus, hint="build the corpus first: motionary corpus build DATA")
    report = json.loads(path.read_text(encoding="utf-8"))
    built = Pack.load(corpus)
    out.parent.mkdir(parents=True, exist_ok=True)
    _plots(built, out.parent / "pictures")
    with atomic(out) as target:
        target.write_text(_card(report, built), encoding="utf-8")
    return out


def _card(report: dict[str, Any], built: Pack) -> str:
    styles = Counter(clip.style or "(none)" for clip in built.clips)
    performers = Counter(clip.performer or "(not stated)" for clip in built.clips)
    parts = [
        "# The corpus\n",
        "Made by `motionary corpus build DATA --out corpus/` and `motionary corpus report corpus/ -o docs/corpus.md`. "
        "All clips are on HUMAN (22 joints), 30 fps, right-handed, y up, starting at the origin facing +z.\n",
        f"Pack `{report['digest']}`: **{report['clips']} clips, {report['hours']:.2f} hours, {report['captions']} "
        f"captions**; {report['used']} of {report['usable']} usable files are in ({report['used_share']:.1%}). "
        "Training adds the mirror image of every clip, with left and right swapped in its captions.\n",
        "![hours by data set, clip lengths, contents](pictures/corpus.png)\n",
        _table("Hours by data set", ("data set", "hours"), report["hours_by_source"].items()),
        _table("Hours by licence", ("licence", "hours"), report["hours_by_licence"].items()),
        _table("Clips by split", ("split", "clips"), report["by_split"].items()),
        "Families (one take, or one performer doing one thing) never straddle a split. `test_verbs` are actions that "
        "training never shows; `test_compound` are pairs of test clips joined, with a sentence of two actions.\n",
        "## Leakage\n",
        _leakage(report["leakage"]),
        _table("Styles", ("style", "clips"), styles.most_common()),
        _table("Performers", ("performer", "clips"), performers.most_common(12)),
        "## Captions\n",
        "What people wrote is kept (spam filtered); for the rest a grammar writes sentences from the label and from "
        f"facts measured on the motion. {report['captions_refused']} sentences were refused because the motion did "
        "not do what they said. Examples:\n",
        "\n".join(f"- `{clip.id}` {clip.captions[0]}" for clip in built.clips[:: max(1, len(built) // 16)]) + "\n",
        "## Trimmed\n",
        "\n".join(f"- {what}: {count} clips" for what, count in report["trimmed"].items()) + "\n",
        "## Dropped\n",
        "\n".join(f"- {len(ids)}: {reason} ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})"
                  for reason, ids in report["dropped"].items()) + "\n",
        "## Credits\n",
        "\n".join(f"- **{s['title']}** ({s['licence']}): {s['credit']}" for s in built.info["sources"]) + "\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _table(title: str, head: tuple[str, str], rows: Any) -> str:
    body = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"## {title}\n\n| {head[0]} | {head[1]} |\n|---|---|\n{body}\n"


def _leakage(report: dict[str, Any]) -> str:
    names = list(next(iter(report.values()), {}))
    rows = "\n".join(
        f"| {split} | " + " | ".join(str(row[name]) for name in names) + " |" for split, row in report.items()
    )
    head = " | ".join(name.replace("_", " ") for name in names)
    return f"| split | {head} |\n|---{'|---' * len(names)}|\n{rows}\n"


def _plots(built: Pack, folder: Path) -> None:
    try:
        import matplotlib
    except ImportError:
        raise MissingExtraError("plots need matplotlib; install motionary[train]") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(1, 3, figsize=(14, 4), constrained_layout=True)
    hours: Counter[str] = Counter()
    contents: Counter[str] = Counter()
    for clip in built.clips:
        hours[clip.source] += clip.seconds / 3600
        contents[clip.content] += 1
    axes[0].barh(*zip(*reversed(hours.most_common()), strict=True), color="#4c78a8")
    axes[0].set_title("hours by data set")
    axes[1].hist([clip.seconds for clip in built.clips], bins=40, color="#f58518")
    axes[1].set_title("clip length")
    axes[1].set_xlabel("seconds")
    axes[2].barh(*zip(*reversed(contents.most_common(18)), strict=True), color="#54a24b")
    axes[2].set_title("most frequent contents (clips)")
    axes[2].tick_params(labelsize=7)
    figure.savefig(folder / "corpus.png", dpi=90)
    plt.close(figure)
