"""A semi-Markov simulation of how a video goes on: draw the next action, draw how long it takes, and again.

Every continuation runs to the end of the video. Where the video's length is known, its durations are stretched to fit,
and a continuation that needed much stretching counts little; where it is not, nothing else changes. So one model
answers both questions, and its samples are whole, coherent futures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motionary.actions.durations import Doubles, Durations
from motionary.actions.forecast import BINS, Forecast, Question, of_shares
from motionary.actions.grammar import Allowed, Floats, Grammar, NextAction, State
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError

_FLOOR = 1e-3  # probability that nothing falls below, before shares are made to sum to one
_FORBIDDEN = -60.0  # log-probability of what a rule does not allow; far below what a model thinks impossible
_BATCH = 64  # questions at a time
_MANY = 100  # classes
_SPARE = 4.0  # times the time left of a video of known length: a continuation may be squeezed to fit it


@dataclass(frozen=True)
class RolloutConfig:
    """Settings of the simulation.

    Attributes:
        samples: continuations a question.
        fit: spread of the stretching (logarithm) that a continuation may need to fit the video's length.
        speed: how far the pace of the finished segments is expected to last.
        jitter: share of a class's spread by which measured durations are moved.
        longest: segments of a continuation at most.
        reach: times the time asked for that a continuation goes on where nobody knows the video's length; beyond 1
            nothing is told.
        seed: of all draws.
    """

    samples: int = 150
    fit: float = 0.35
    speed: float = 0.5
    jitter: float = 0.3
    longest: int = 48
    reach: float = 4.0
    seed: int = 0


@dataclass(frozen=True)
class Continuations:
    """Sampled futures.

    Attributes:
        classes: [questions, samples, segments] actions, the running one first; ``labels`` where there are no more.
        ends: [questions, samples, segments] when each ends, in frames from now.
        weights: [questions, samples] how much each counts; each question's sum is 1.
    """

    classes: Ints
    ends: Doubles
    weights: Doubles

    def at(self, question: int, frames: NDArray[np.floating], labels: int) -> Ints:
        """[samples, times] actions of one question at times ahead [times] in frames; ``labels`` after the end."""
        used = int((self.classes[question] < labels).sum(axis=1).max()) + 1  # columns after it hold nothing
        classes, ends = self.classes[question, :, :used], self.ends[question, :, :used]
        number = (ends[:, None, :] <= frames[:, None]).sum(axis=-1)
        return np.asarray(np.take_along_axis(classes, np.minimum(number, classes.shape[1] - 1), axis=1))

    def shares(self, frames: NDArray[np.floating], labels: int) -> Floats:
        """[questions, BINS, labels] probabilities in equal parts of the frames asked for [questions]."""
        out = np.empty((len(frames), BINS, labels))
        for row, asked in enumerate(frames):
            cells = self.at(row, (np.arange(BINS) + 0.5) / BINS * asked, labels) + np.arange(BINS) * (labels + 1)
            weights = np.repeat(self.weights[row], BINS)
            out[row] = np.bincount(cells.ravel(), weights, BINS * (labels + 1)).reshape(BINS, -1)[:, :labels]
        out += _FLOOR
        return np.asarray(out / out.sum(axis=-1, keepdims=True), np.float32)

    def sampled(self, question: int, frames: int, count: int, rng: np.random.Generator) -> Ints:
        """[count, frames] futures drawn by weight; after a video's end its last action stays."""
        chosen = rng.choice(len(self.weights[question]), count, p=self.weights[question])
        out = np.empty((count, frames), np.int64)
        for row, sample in enumerate(chosen):
            ends, classes = self.ends[question, sample], self.classes[question, sample]
            real = int((np.diff(ends, prepend=0.0) > 0).sum())
            number = np.minimum(np.searchsorted(ends[:real], np.arange(frames) + 0.5, "right"), real - 1)
            out[row] = classes[number]
        return out


@dataclass(frozen=True)
class SemiMarkov:
    """Grammar, durations and their simulation; an ``Anticipator``.

    Attributes:
        grammar, durations: what was learned.
        config: of the simulation.
        allowed: rules of what may come next, such as a task graph.
    """

    grammar: NextAction
    durations: Durations
    config: RolloutConfig = RolloutConfig()
    allowed: Allowed | None = None

    @classmethod
    def learn(
        cls, timelines: Sequence[Timeline], labels: int, config: RolloutConfig | None = None, ridge: float = 30.0
    ) -> SemiMarkov:
        """From timelines, in seconds of work."""
        grammar, durations = Grammar.learn(timelines, labels), Durations.learn(timelines, labels, ridge)
        return cls(grammar, durations, config or RolloutConfig())

    def drawing(self, samples: int) -> SemiMarkov:
        """The same with so many continuations a question, none longer than asked for: quick, for streams."""
        return replace(self, config=replace(self.config, samples=samples, reach=1.0))

    @property
    def labels(self) -> int:
        """Number of classes."""
        return len(self.durations.means)

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """The most probable action of every moment, and the probabilities."""
        out = []
        for start in range(0, len(questions), _BATCH):
            batch = questions[start : start + _BATCH]
            frames = np.array([one.frames for one in batch], float)
            shares = self.continuations(batch).shares(frames, self.labels)
            out += [Forecast(of_shares(own, one.frames), own) for own, one in zip(shares, batch, strict=True)]
        return out

    def continuations(self, questions: Sequence[Question]) -> Continuations:
        """Sampled futures of every question. Raises InputError where nothing was observed."""
        if empty := next((one for one in questions if not len(one.observed)), None):
            raise InputError(f"{empty.observed.name}: nothing was observed; a forecast needs at least one segment")
        rng = np.random.default_rng(self.config.seed)
        state, elapsed, pace, left = self._now(questions)
        rows = np.repeat(np.arange(len(questions)), self.config.samples)
        fps = np.array([one.observed.fps for one in questions])[rows]
        left = left[rows]
        enough = np.where(left > 0, _SPARE, -self.config.reach) * left
        classes, seconds = self._run(state.take(rows), elapsed[rows], pace[rows], enough, rng)
        weights = np.ones(len(rows))
        known = left > 0
        stretch = np.where(known, np.log(np.abs(left) / np.maximum(seconds.sum(axis=1), 1e-3)), 0.0)
        weights = np.exp(-0.5 * (stretch / self.config.fit) ** 2) + 1e-6
        ends = np.cumsum(seconds * np.exp(stretch)[:, None], axis=1) * fps[:, None]
        shape = (len(questions), self.config.samples)
        weights = weights.reshape(shape)
        return Continuations(
            classes.reshape(*shape, -1), ends.reshape(*shape, -1), weights / weights.sum(axis=1, keepdims=True)
        )

    def _now(self, questions: Sequence[Question]) -> tuple[State, Doubles, Doubles, Doubles]:
        """State, log seconds of the running action, pace, and seconds left (minus those asked for, if not known)."""
        states, elapsed, pace, left = [], [], [], []
        for question in questions:
            observed = question.observed.merged()
            history = State.after(observed, self.labels)
            states.append(history.take(np.array([-1])))
            elapsed.append(np.log(observed.lengths[-1] / observed.fps))
            known = question.total is not None and question.total > len(observed)
            frames = question.total - len(observed) if known and question.total else -question.frames
            seconds = question.total / observed.fps if known and question.total else None
            pace.append(self.durations.pace(observed, history, self.config.speed, seconds))
            left.append(frames / observed.fps)
        state = State.join(states)
        state.memory = self.grammar.start([one.observed.merged() for one in questions])
        return state, np.array(elapsed), np.array(pace), np.array(left)

    def _run(
        self, state: State, elapsed: Doubles, pace: Doubles, enough: Doubles, rng: np.random.Generator
    ) -> tuple[Ints, Doubles]:
        """Classes and seconds [n, segments] from now until the video ends or enough seconds have passed."""
        count, jitter = len(elapsed), self.config.jitter
        classes = np.full((count, self.config.longest), self.labels)
        seconds = np.zeros((count, self.config.longest))
        expected = pace + self.durations.expected(state)
        classes[:, 0] = state.recent[:, -1]
        whole = self.durations.draw_longer(classes[:, 0], elapsed - expected, jitter, rng) + expected
        seconds[:, 0] = np.exp(whole) - np.exp(elapsed)
        state.clock = state.clock + seconds[:, 0].astype(np.float32)
        state.seconds = np.exp(whole).astype(np.float32)
        alive = np.arange(count)
        for step in range(1, self.config.longest):
            short = seconds[alive].sum(axis=1) < enough[alive]
            alive, state = alive[short], state.take(short)
            if not len(alive):
                break
            logits = self.grammar.logits(state)
            if self.allowed is not None:
                logits = np.where(self.allowed(state), logits, logits + _FORBIDDEN)
            following = _drawn(logits, rng)
            going = following < self.labels
            alive, state, following = alive[going], state.take(going), following[going]
            state.begin(following)
            expected = pace[alive] + self.durations.expected(state)
            classes[alive, step] = following
            seconds[alive, step] = np.exp(self.durations.draw(following, jitter, rng) + expected)
            state.take_time(seconds[alive, step])
        return classes, seconds


def _drawn(logits: Floats, rng: np.random.Generator) -> Ints:
    """[n] outcomes by chance; where there are many, one random number a row is several times as fast as one a class."""
    if logits.shape[1] <= _MANY:
        return np.asarray((logits + rng.gumbel(size=logits.shape)).argmax(axis=1))
    passed = np.cumsum(np.exp(logits - logits.max(axis=1, keepdims=True)), axis=1)
    return np.asarray((passed < rng.random((len(logits), 1)) * passed[:, -1:]).sum(axis=1))
