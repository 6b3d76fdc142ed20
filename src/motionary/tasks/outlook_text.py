"""An outlook in words, for a terminal and for the head of a picture."""

from __future__ import annotations

from motionary.tasks.labels import cleaned
from motionary.tasks.outlook import Outlook

_SHORT = 20.0  # seconds of horizon under which tenths matter


def headline(outlook: Outlook) -> str:
    """One line: what is done, what comes next, how surely, when."""
    now, coming = cleaned(outlook.running), outlook.next
    if coming.label is None:
        return f"now: {now}, for the next {outlook.horizon:.0f} s"
    sure = dict(coming.alternatives).get(coming.label)
    return f"now: {now}   next: {cleaned(coming.label)}{'' if sure is None else f' ({sure:.0%})'}{when(outlook)}"


def when(outlook: Outlook) -> str:
    """ " in 12 s, 8 to 20 s": the median and the middle 80 %, as far as they lie within the horizon."""
    times, tenths = outlook.next.quantiles, int(outlook.horizon < _SHORT)
    if outlook.next.seconds is None:
        return ""
    if not times:
        return f" in {outlook.next.seconds:.{tenths}f} s"
    low, middle, high = (times[share] for share in (0.1, 0.5, 0.9))
    late = f"to {high:.{tenths}f} s" if high is not None else f"to more than {outlook.horizon:.0f} s"
    return f" in {middle:.{tenths}f} s, {low:.{tenths}f} {late}"


def to_text(outlook: Outlook) -> str:
    """The headline, and a line a segment with what else it could be."""
    lines = [headline(outlook)]
    for one in outlook.segments:
        sure = "" if one.probability is None else f"{one.probability:.0%}"
        others = ", ".join(f"{cleaned(label)} {chance:.0%}" for label, chance in one.alternatives)
        times = f"{one.start:.1f}-{one.end:.1f} s"
        lines.append(f"{times:>18}  {sure:>4}  {cleaned(one.label)}" + (f"  (or {others})" if others else ""))
    return "\n".join(lines)
