"""The analysis as Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

ASKED = {"meaning": "Which does what the words say?", "naturalness": "Which moves more naturally?"}


def to_markdown(result: Mapping[str, Any]) -> str:
    """The report of what ``analyse`` found."""
    lines = [
        f"# {_plain(result['title'])}", "",
        f"Study `{result['study']}`: {result['rated_pairs']} of {result['pairs']} pairs rated by "
        f"{result['used_raters']} raters. Square brackets hold 95 % intervals from {result['draws']:,} draws of raters "
        f"and pairs (seed {result['seed']}).",
    ]  # fmt: skip
    if result["dropped_raters"]:
        lines += ["", f"Left out because they are flagged: {', '.join(map(_plain, result['dropped_raters']))}."]
    for question, groups in result["questions"].items():
        lines += ["", f"## {ASKED[question]}", *_preferences(groups), *_strengths(groups), *_agreements(groups)]
    lines += ["", "## Raters", *_raters(result)]
    return "\n".join(lines) + "\n"


def _preferences(groups: Mapping[str, Any]) -> list[str]:
    lines = [
        "",
        "| prompts | A | B | votes | A preferred | neither | B preferred | A's score | p, by pair | p, by rater |",
        "|---|---|---|---:|---|---|---|---|---:|---:|",
    ]  # fmt: skip
    for name, figures in groups.items():
        for contest in figures["contests"]:
            tests = contest["sign_tests"]
            shares = [_percent(contest[key]) for key in ("first_preferred", "same", "second_preferred", "first_score")]
            lines.append(
                f"| {_plain(name)} | {_plain(contest['first'])} | {_plain(contest['second'])} | "
                f"{sum(contest['votes'].values())} | {' | '.join(shares)} | "
                f"{_p(tests['pairs'])} | {_p(tests['raters'])} |"
            )
    return lines


def _strengths(groups: Mapping[str, Any]) -> list[str]:
    lines = ["", "| prompts | system | strength (Bradley-Terry, natural log, mean 0) |", "|---|---|---|"]
    notes = []
    for name, figures in groups.items():
        found = figures["strengths"]
        if "note" in found:
            notes.append(f"No strengths for {_plain(name)}: {found['note']}.")
            continue
        ranked = sorted(found["systems"].items(), key=lambda item: -item[1]["mean"])
        lines += [f"| {_plain(name)} | {_plain(system)} | {_signed(figure)} |" for system, figure in ranked]
    return [*lines, *([""] if notes else []), *notes]


def _agreements(groups: Mapping[str, Any]) -> list[str]:
    lines = ["", "| prompts | Krippendorff's alpha | pairs of raters who agree | pairs |", "|---|---|---:|---:|"]
    for name, figures in groups.items():
        found = figures["agreement"]
        if found is None:
            lines.append(f"| {_plain(name)} | one rater | - | - |")
        else:
            alpha = "one answer only" if math.isnan(found["alpha"]["mean"]) else _number(found["alpha"])
            lines.append(f"| {_plain(name)} | {alpha} | {100 * found['pairwise']:.0f} % | {found['items']} |")
    return lines


def _raters(result: Mapping[str, Any]) -> list[str]:
    lines = [""]
    for question, found in result["consistency"].items():
        said = "nobody was asked twice" if found["share"] is None else f"{100 * found['share']:.0f} %"
        lines.append(f"- {ASKED[question]} The same answer when a pair came again: {said} ({found['repeated']} asked).")
    lines += [
        "",
        "| rater | trials | complete | seconds a trial | same answer again | left / no difference / right | flags |",
        "|---|---:|---|---:|---:|---:|---|",
    ]  # fmt: skip
    for rater in result["raters"]:
        seconds = "-" if rater["median_seconds"] is None else f"{rater['median_seconds']:.1f}"
        lines.append(
            f"| {_plain(rater['rater'])} | {rater['trials']} | {'yes' if rater['complete'] else 'no'} | {seconds} | "
            f"{rater['consistent']} / {rater['repeated']} | {rater['left']} / {rater['same']} / {rater['right']} | "
            f"{_plain('; '.join(rater['flags'])) or '-'} |"
        )
    return lines


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _percent(figure: Mapping[str, float]) -> str:
    return f"{100 * figure['mean']:.1f} % [{100 * figure['low']:.1f}, {100 * figure['high']:.1f}]"


def _number(figure: Mapping[str, float]) -> str:
    return f"{figure['mean']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def _signed(figure: Mapping[str, float]) -> str:
    return f"{figure['mean']:+.2f} [{figure['low']:+.2f}, {figure['high']:+.2f}]"


def _p(test: Mapping[str, Any]) -> str:
    value = "< 0.001" if test["p"] < 0.001 else f"{test['p']:.3f}"
    return f"{value} ({test['first']}:{test['second']})"
