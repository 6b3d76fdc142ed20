"""One set, asked in one way: every method run or read, and measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motionary.actions.dataset import ActionSet
from motionary.errors import InputError
from motionary.evaluation.anticipation.methods import Method, Scores, chosen
from motionary.evaluation.anticipation.protocol import REACH, Setting, strided
from motionary.evaluation.anticipation.runs import Answers, Asked, answers, asked, kept, path_of
from motionary.evaluation.anticipation.score import Scored, score

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Video:
    """What a video model saw instead of the true labels.

    Attributes:
        name: of the model, for titles and files.
        scores: by video.
    """

    name: str
    scores: Scores


@dataclass(frozen=True)
class Inquiry:
    """What is asked.

    Attributes:
        data: the set; its labels are strided already if the setting is.
        splits: names.
        setting: how.
        video: what is observed instead of the labels.
    """

    data: ActionSet
    splits: Sequence[str]
    setting: Setting
    video: Video | None = None

    @classmethod
    def of(
        cls, data: ActionSet, splits: Sequence[str] = (), setting: Setting | None = None, video: Video | None = None
    ) -> Inquiry:
        """About a set at its full rate; no splits are all. Raises InputError for a set without splits."""
        setting, wanted = setting or Setting(), splits or tuple(data.splits)
        if not wanted:
            raise InputError(f"{data.name}: at least one split is needed; it has none")
        return cls(strided(data, setting.stride), wanted, setting, video)

    @property
    def name(self) -> str:
        """Of set and setting, for titles, files and the folder of kept runs."""
        return self.data.name + self.setting.suffix + (f"-{self.video.name}" if self.video else "")

    @property
    def scores(self) -> Scores | None:
        """Evidence by video; None where labels are observed."""
        return self.video.scores if self.video else None

    def questions(self) -> dict[str, Asked]:
        """By split."""
        return {split: asked(self.data, split, self.setting, self.scores) for split in self.splits}

    def notes(self) -> list[str]:
        """On protocol and data."""
        seen = f"class scores of {self.video.name}" if self.video else "the true labels of the observed time"
        free, stride = self.setting.length_free, self.setting.stride
        length = f"unknown, {REACH} times the observed time is asked for" if free else "told"
        rate = f"every {stride}th label" if stride > 1 else "every frame"
        videos = self.data.timelines.values()
        return [
            f"Mean over classes in per cent, mean over splits ({', '.join(self.splits)}) and over training seeds, as "
            "many as the last column says (a dash: nothing is drawn). Columns: the share of the video that was "
            "observed + the share after it that is scored.",
            f"Input: {seen}. Length of the video: {length}. Rate: {rate}.",
            f"{len(videos)} videos of {len({one.performance for one in videos})} performances, which are what the "
            f"bootstrap draws; data {self.data.digest}.",
        ]


@dataclass(frozen=True)
class Measured:
    """What came of an inquiry.

    Attributes:
        inquiry: it.
        scored: by short name of the method.
        missing: titles of methods, variants left aside, that were asked for and have no kept run.
    """

    inquiry: Inquiry
    scored: Mapping[str, Scored]
    missing: Sequence[str] = ()

    @property
    def rows(self) -> dict[str, Scored]:
        """Methods that are no variants of others."""
        return {key: one for key, one in self.scored.items() if not one.method.of}

    @property
    def methods(self) -> dict[str, Scored]:
        """Rows that were not told the truth."""
        return {key: one for key, one in self.rows.items() if not one.method.ceiling}


def measure(
    inquiry: Inquiry,
    methods: Sequence[str],
    seeds: int,
    runs: Path,
    kept_only: bool = False,
    progress: Progress = lambda *_: None,
) -> Measured:
    """Run methods, or read their kept runs.

    Args:
        inquiry: what is asked.
        methods: short names; none takes those that need no training.
        seeds: training seeds of methods that are trained.
        runs: folder for kept forecasts.
        kept_only: train nothing; a method has the seeds that are kept for all splits.
        progress: called with (what, done, total).

    Raises:
        InputError: an unknown method, no seeds, a run on other data, or nothing that could be shown.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    folder, questions = runs / inquiry.name, inquiry.questions()
    scored: dict[str, Scored] = {}
    missing: list[str] = []
    for key, method in chosen(methods).items():
        which = list(range(seeds)) if method.trained else [0]
        if method.trained and kept_only:
            which = kept(folder, key, questions, which)
        if which:
            scored[key] = _scored(inquiry, key, method, questions, which, folder, progress)
        elif not method.of:
            missing.append(method.title)
    if not scored:
        raise InputError(f"{folder} holds no whole row; run without --kept")
    return Measured(inquiry, scored, missing)


def _scored(
    inquiry: Inquiry,
    key: str,
    method: Method,
    questions: Mapping[str, Asked],
    seeds: Sequence[int],
    folder: Path,
    progress: Progress,
) -> Scored:
    data, total, done = inquiry.data, len(questions) * len(seeds), 0
    found: dict[str, list[Answers]] = {}
    for split, some in questions.items():
        found[split] = []
        for seed in seeds:
            progress(f"{data.name}, {method.title}", done, total)
            path = path_of(folder, key, split, seed)
            found[split].append(answers(method, path, data, split, seed, some, inquiry.scores))
            done += 1
    progress(f"{data.name}, {method.title}", total, total)
    return score(method, seeds, found, questions, len(data.labels))
