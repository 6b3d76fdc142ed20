"""Generation with knowledge, without it, and where it cannot be had; Chinese prompts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from motionary import models
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.motion import Motion
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request
from networks import CONFIGS, random_model


def generator(definitions: Path | None = None, knowledge: str = "tokens") -> Generator:
    """A random flow that was made to listen to knowledge."""
    figure, info, _ = models.load("debug")
    config: FlowConfig = replace(CONFIGS["motion-flow"], knowledge=knowledge, knowledge_width=32)
    CONFIGS["informed flow"] = config
    flow: MotionFlow = random_model("informed flow")
    del CONFIGS["informed flow"]
    flow.windows.mean.copy_(figure.mean)
    flow.windows.std.copy_(figure.std)
    flow.windows.scale.fill_(5.0)
    with torch.no_grad():
        for gate in flow.knowledge.parameters():
            gate.mul_(5.0)
    return Generator(flow, info, definitions=definitions)


def make(ours: Generator, prompt: str, **options: bool) -> Motion:
    return ours([Request(prompt, 1.0, 3)], foot_lock=False, **options)[0]


def differs(first: Motion, second: Motion) -> bool:
    return bool(np.abs(first.positions() - second.positions()).max() > 1e-5)


def test_knowledge_is_used_and_told():
    ours = generator()
    with_it, without = make(ours, "a person cartwheels"), make(ours, "a person cartwheels", knowledge=False)
    assert differs(with_it, without)
    assert with_it.meta["knowledge"] == {"used": True, "actions": ["cartwheel"], "parts": [], "note": ""}
    assert without.meta["knowledge"]["used"] is False
    assert "switched off" in without.meta["knowledge"]["note"]


def test_an_unknown_action_is_generated_without():
    ours = generator()
    motion = make(ours, "quantum flux")
    assert motion.meta["knowledge"]["actions"] == []
    assert "motionary knowledge add" in motion.meta["knowledge"]["note"]
    assert not differs(motion, make(ours, "quantum flux", knowledge=False))


def test_broken_definitions_are_told_and_done_without(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text('{"name": "moonwalk", "steps": []}\n', encoding="utf-8")
    motion = make(generator(path), "a person cartwheels")
    note = motion.meta["knowledge"]["note"]
    assert note.startswith("generated without knowledge")
    assert str(path) in note
    assert "line 1" in note


def test_a_network_without_knowledge_says_so():
    motion = make(generator(knowledge="none"), "a person cartwheels")
    assert "trained without knowledge" in motion.meta["knowledge"]["note"]


def test_legs_and_arms_are_steered_apart():
    ours = generator()
    both = make(ours, "a person walks forward while waving the right hand")
    assert both.meta["knowledge"]["parts"] == [
        {"lower": "a person walks forward", "upper": "a person is waving the right hand"}
    ]
    ours.model.config = replace(ours.model.config, parts=0.0)
    assert differs(both, make(ours, "a person walks forward while waving the right hand"))


def test_alone_and_in_a_batch_alike():
    ours = generator()
    prompts = ["a person walks forward while waving the right hand", "a person walks", "walk while clapping", "jump"]
    requests = [Request(prompt, 1.0, seed) for seed, prompt in enumerate(prompts)]
    together = ours(requests, foot_lock=False)
    for request, motion in zip(requests, together, strict=True):
        alone = ours([request], foot_lock=False)[0]
        assert motion.meta["prompt"] == request.prompt
        assert np.abs(alone.positions() - motion.positions()).max() < 1e-3


def test_chinese_gives_what_its_english_gives():
    ours = generator()
    chinese = make(ours, "一个疲惫的人向前走然后左转")
    assert chinese.meta["prompt"] == "一个疲惫的人向前走然后左转"
    assert chinese.meta["english"] == "a tired person walks forward, then turns left"
    assert chinese.meta["knowledge"]["actions"] == ["walk", "turn"]
    assert not differs(chinese, make(ours, chinese.meta["english"]))


def test_chinese_words_that_are_not_known_are_named():
    motion = make(generator(), "一个人向前走并且噬嗑")
    assert motion.meta["untranslated"]
    assert "噬嗑" in "".join(motion.meta["untranslated"])


@pytest.mark.parametrize("knowledge", ["words", "sentence", "zero", "random", "shuffled", "label", "gloss", "caption"])
def test_every_encoding_generates(knowledge):
    ours = generator(knowledge="none")
    width = 1024 if knowledge == "words" else 32
    config = replace(ours.model.config, knowledge=knowledge, knowledge_width=width)
    torch.manual_seed(0)
    motion = make(Generator(MotionFlow(config).eval().requires_grad_(False), ours.info), "a person cartwheels")
    assert motion.meta["knowledge"]["used"]
