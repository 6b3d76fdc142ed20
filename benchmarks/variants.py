"""Ways to make text to motion faster, with what each costs in quality; the defaults follow from this table.

Quality needs a corpus: clips of its validation split, a caption each. Differences in quality are paired by clip.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measure import PROMPT, Table, ms, times

from motionary.corpora.pack import FPS, Pack
from motionary.evaluation import rules
from motionary.evaluation.statistics import mean_interval
from motionary.models.flow import MotionFlow
from motionary.motion.measures import physical
from motionary.tasks.generate import Generator
from motionary.tasks.matching import Matcher
from motionary.tasks.prompts import Request

CLIPS = 96
_SLOW = 400.0  # ms for one motion: a variant beyond that is no candidate


def tables(corpus: Path) -> list[Table]:
    """One table: seconds, and what changes."""
    generator = Generator.load()
    asked = _Asked(Pack.load(corpus))
    usual = asked.measured(generator)
    rows = []
    for name, variant in _variants().items():
        try:
            with variant(generator):
                alone = _speed(generator, 1)
                if alone > _SLOW:
                    rows.append([name, ms(alone), "not measured: too slow", *["-"] * 5])
                    continue
                many = _speed(generator, 16)
                rows.append([name, ms(alone), ms(many), *asked.beside(asked.measured(generator), usual)])
        except Exception as error:  # a compiler or a processor that cannot: that is the result
            rows.append([name, f"does not run here: {type(error).__name__}", *["-"] * 6])
    head = [
        "text to motion", "one of 4 s", "16 of 4 s", "rules kept", "difference", "right caption first of 32",
        "jitter (m/s³)", "joints apart",
    ]  # fmt: skip
    note = (
        f"Network and text encoder alone, warm. Quality: {len(asked.captions)} validation clips, a caption and a seed "
        "each, without foot lock; difference: of rules kept, in points, 95 % interval over clips; joints apart: from "
        "the motions of the first row."
    )
    return [Table("Variants", head, rows, note)]


def _speed(generator: Generator, count: int) -> float:
    """Milliseconds of so many motions of 4 s at once."""
    many = [Request(PROMPT, 4.0, seed) for seed in range(count)]
    return times(partial(generator.features, many), runs=5)[0]


class _Asked:
    """Clips, and how motions that were made for them are measured."""

    def __init__(self, pack: Pack) -> None:
        chosen = pack.indices("val")
        chosen = chosen[:: max(1, len(chosen) // CLIPS)][:CLIPS]
        self.captions = [pack.clips[index].captions[0] for index in chosen]
        seconds = [min(10.0, (pack.clips[index].frames - 1) / FPS) for index in chosen]
        self.requests = [Request(*one) for one in zip(self.captions, seconds, range(len(chosen)), strict=True)]
        self.matcher = Matcher.load("judge")

    def measured(self, generator: Generator) -> dict[str, Any]:
        motions = generator(self.requests, foot_lock=False)
        claims = [rules.claims(caption) for caption in self.captions]
        kept = [
            float(rules.check(one, motion).passed) for one, motion in zip(claims, motions, strict=True) if one.headline
        ]
        match = self.matcher.text(self.captions) @ self.matcher.motion(motions).T
        groups = [range(at, min(at + 32, len(match))) for at in range(0, len(match), 32)]
        first = [match[i, list(group)].argmax() == i - group[0] for group in groups for i in group]
        return {
            "kept": np.array(kept), "first": float(np.mean(first)), "positions": [m.positions() for m in motions],
            "jitter": float(np.mean([physical(motion).jitter for motion in motions])),
        }  # fmt: skip

    def beside(self, found: dict[str, Any], usual: dict[str, Any]) -> list[str]:
        less = mean_interval(100 * (found["kept"] - usual["kept"]))
        apart = np.mean([
            np.linalg.norm(a - b, axis=-1).mean()
            for a, b in zip(found["positions"], usual["positions"], strict=True)
        ])  # fmt: skip
        return [
            f"{100 * found['kept'].mean():.1f} %", f"{less.mean:+.1f} [{less.low:.1f}, {less.high:.1f}]",
            f"{100 * found['first']:.1f} %", f"{found['jitter']:.0f}", f"{1000 * apart:.0f} mm",
        ]  # fmt: skip


Variant = Callable[[Generator], Any]


def _variants() -> dict[str, Variant]:
    steps = {f"{count} steps": _sampled(steps=count) for count in (6, 3)}
    return {
        "as released": _sampled(),
        **steps,
        "without guidance": _sampled(guidance=1.0),
        "int8 (torch's dynamic quantization)": _int8,
        "bf16 (autocast)": _bf16,
        "torch.compile": _compiled,
        "without torch's fast path": _slow_path,
    }


def _sampled(**changes: Any) -> Variant:
    @contextmanager
    def variant(generator: Generator) -> Iterator[None]:
        usual = generator.model.config
        generator.model.config = replace(usual, **changes)  # type: ignore[type-var]
        try:
            yield
        finally:
            generator.model.config = usual

    return variant


@contextmanager
def _with(generator: Generator, model: Any) -> Iterator[None]:
    usual = generator.model
    generator.model = model
    try:
        yield
    finally:
        generator.model = usual


@contextmanager
def _slow_path(_: Generator) -> Iterator[None]:
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(True)


@contextmanager
def _int8(generator: Generator) -> Iterator[None]:
    small = torch.ao.quantization.quantize_dynamic(copy.deepcopy(generator.model), {torch.nn.Linear})
    with _slow_path(generator), _with(generator, small):  # the fast path reads weights as plain tensors
        yield


@contextmanager
def _bf16(_: Generator) -> Iterator[None]:
    with torch.autocast("cpu", torch.bfloat16):
        yield


@contextmanager
def _compiled(generator: Generator) -> Iterator[None]:
    model = copy.deepcopy(generator.model)
    assert isinstance(model, MotionFlow)
    model.layers = torch.compile(model.layers, dynamic=True)  # type: ignore[assignment]
    with _with(generator, model):
        yield
