"""Studies without people: small ones of synthetic motions, and raters whose preferences are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

import motions
from motionary.evaluation.study.bradley_terry import outcome_probabilities
from motionary.evaluation.study.build import Pair, build
from motionary.evaluation.study.ratings import QUESTIONS, RATINGS

QUADRANTS = ("one sense, whole body", "several senses, part of the body")


LONG = (
    "a person turns around <three> times on the spot, then stands still for a moment with both arms hanging, looks to "
    "the left and to the right, and bows"
)


def small_pairs() -> list[Pair]:
    """Four pairs of two systems, told apart by their motions."""
    walk, wave, spin, jump = motions.walk(1.5), motions.wave(1.5), motions.spin(1.5), motions.jump(1.5)
    still = motions.stand(1.0)
    return [
        Pair("a person walks forward", QUADRANTS[0], "plain", still, "knowing", walk, "一个人向前走"),
        Pair("a person waves the left hand", QUADRANTS[1], "plain", still, "knowing", wave),
        Pair(LONG, QUADRANTS[0], "plain", still, "knowing", spin),
        Pair("a person jumps </script><b>high</b>", QUADRANTS[1], "plain", still, "knowing", jump),
    ]


def key_file(folder: Path, systems: Sequence[str], prompts: int) -> Path:
    """A key without a page: every two systems meet in every prompt."""
    pairs = {}
    for number in range(prompts):
        for first, second in combinations(systems, 2):
            name = f"{number}-{first}-{second}"
            found = {f"{name}/a": {"system": first}, f"{name}/b": {"system": second}}
            pairs[name] = {"prompt": f"prompt {number}", "quadrant": QUADRANTS[number % 2], "motions": found}
    key = {"format": "motionary-study-key/1", "study": "0" * 16, "title": "Simulated", "systems": list(systems)}
    path = folder / "study.key.json"
    path.write_text(json.dumps({**key, "pairs": pairs}))
    return path


def rate(
    key: Path, folder: Path, raters: int, strengths: dict[str, float], tie: float, seed: int, repeats: int = 0,
    faithful: float = 1.0,
) -> list[Path]:  # fmt: skip
    """Files of raters who answer by Davidson's model; a repeat is answered as before with chance ``faithful``."""
    rng = np.random.default_rng(seed)
    data = json.loads(key.read_text())
    paths = []
    for number in range(raters):
        first = [_trial(rng, name, pair, strengths, tie) for name, pair in data["pairs"].items()]
        again = [_again(rng, trial, faithful) for trial in first[:repeats]]
        paths.append(write_ratings(folder / f"r{number:02d}.json", data["study"], f"r{number:02d}", first + again))
    return paths


def _trial(
    rng: np.random.Generator, name: str, pair: dict[str, Any], strengths: dict[str, float], tie: float
) -> dict[str, Any]:
    left, right = (list(pair["motions"])[side] for side in rng.permutation(2))
    chances = outcome_probabilities(*(strengths[pair["motions"][side]["system"]] for side in (left, right)), tie)
    answers = {question: str(rng.choice(["left", "same", "right"], p=chances)) for question in QUESTIONS}
    return {"pair": name, "left": left, "right": right, "repeat": False, "seconds": 6.0, **answers}


def _again(rng: np.random.Generator, trial: dict[str, Any], faithful: float) -> dict[str, Any]:
    opposite = {"left": "right", "same": "same", "right": "left"}
    others = {"left": "left", "same": "left", "right": "right"}  # what is another answer once sides are swapped
    answers = {question: (opposite if rng.random() < faithful else others)[trial[question]] for question in QUESTIONS}
    return {**trial, "left": trial["right"], "right": trial["left"], "repeat": True, **answers}


def write_ratings(path: Path, study: str, rater: str, trials: list[dict[str, Any]]) -> Path:
    value = {"format": RATINGS, "study": study, "rater": rater, "language": "en", "complete": True, "trials": trials}
    path.write_text(json.dumps(value))
    return path


def small_study(folder: Path, **options: Any) -> dict[str, Any]:
    """Build the small study in a folder."""
    return build(small_pairs(), folder / "study.html", seed=3, **options)
