"""An outlook as a file: CSV for tables, JSON for programs, SRT to be shown under the video."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from motionary.errors import InputError
from motionary.formats._files import atomic
from motionary.tasks.labels import cleaned
from motionary.tasks.outlook import Ahead, Outlook


def save(outlook: Outlook, path: str | Path) -> Path:
    """Write an outlook; the suffix (.csv, .json, .srt) chooses the format. Raises InputError for another one."""
    path = Path(path)
    write = WRITERS[known_suffix(path)]
    with atomic(path) as beside:
        beside.write_text(write(outlook), encoding="utf-8")
    return path


def known_suffix(path: Path) -> str:
    """The suffix of a file to write. Raises InputError where it is none of ``WRITERS``."""
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise InputError(f"{path}: cannot write that; end the name in one of {', '.join(WRITERS)}")
    return suffix


def to_csv(outlook: Outlook) -> str:
    """One line a segment; times in seconds from the start of the observation, alternatives in pairs of columns."""
    most = max((len(one.alternatives) for one in outlook.segments), default=0)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    pairs = [name for k in range(1, most + 1) for name in (f"other_{k}", f"other_{k}_probability")]
    writer.writerow(["start", "end", "label", "probability", *pairs])
    for one in outlook.segments:
        others = [cell for label, chance in one.alternatives for cell in (label, f"{chance:.3f}")]
        chance = "" if one.probability is None else f"{one.probability:.3f}"
        writer.writerow([f"{one.start:.3f}", f"{one.end:.3f}", one.label, chance, *others])
    return out.getvalue()


def to_json(outlook: Outlook) -> str:
    """``Outlook.as_dict``."""
    return json.dumps(outlook.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def to_srt(outlook: Outlook) -> str:
    """SubRip subtitles on the clock of the video: the label with its probability, below it what else it could be."""
    return "\n".join(_cue(number, one) for number, one in enumerate(outlook.segments, start=1))


def _cue(number: int, one: Ahead) -> str:
    sure = "" if one.probability is None else f" ({one.probability:.0%})"
    others = ", ".join(f"{cleaned(label)} ({chance:.0%})" for label, chance in one.alternatives)
    lines: Sequence[str] = [
        str(number),
        f"{_clock(one.start)} --> {_clock(one.end)}",
        f"{cleaned(one.label)}{sure}",
        *([f"or {others}"] if others else []),
    ]
    return "\n".join(lines) + "\n"


def _clock(seconds: float) -> str:
    """hours:minutes:seconds,milliseconds."""
    total = round(1000 * seconds)
    minutes, rest = divmod(total, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"


#: Suffix -> what is written.
WRITERS: dict[str, Callable[[Outlook], str]] = {".csv": to_csv, ".json": to_json, ".srt": to_srt}
