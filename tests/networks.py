"""Tiny random networks of every kind for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from motionary.models import checkpoint
from motionary.models.anticipation import backbone
from motionary.models.anticipation.actionllm import Observed
from motionary.models.anticipation.actionllm_config import CLOCK, ActionLLMConfig
from motionary.models.anticipation.farha import FarhaCnnConfig, FarhaRnnConfig
from motionary.models.anticipation.futr import FutrConfig
from motionary.models.anticipation.segments import SegmentConfig
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.models.gesture_judge import GestureJudgeConfig
from motionary.models.jl2p import Jl2pConfig
from motionary.models.language import HIDDEN, LanguageConfig, Source
from motionary.models.published_language import PublishedConfig
from motionary.models.retrieval import RetrievalConfig
from motionary.models.seq2seq import Seq2SeqConfig
from motionary.models.style import SUMMARY, StyleConfig
from motionary.models.temos import TemosConfig
from motionary.models.tokenizer import TokenizerConfig
from motionary.motion.representation.parted import WIDTHS

_SIZES: dict[str, Any] = {
    "encoder": "hash", "text_width": 32, "width": 16, "motion_layers": 1, "text_layers": 1, "decoder_layers": 2,
    "heads": 2, "feedforward": 24,
}  # fmt: skip

#: Configurations by name: each kind at least once.
CONFIGS: dict[str, Any] = {
    "temos": TemosConfig(**_SIZES),
    "temos-published": TemosConfig(**_SIZES, patch=1, published=True),
    "motion-flow": FlowConfig(
        encoder="hash", text_width=32, components=24, width=16, layers=2, heads=2, feedforward=24, steps=3
    ),
    "jl2p": Jl2pConfig(encoder="hash", text_width=32, width=16, stride=4),
    "seq2seq": Seq2SeqConfig(encoder="hash", text_width=32, width=16, stride=4),
    "retrieval": RetrievalConfig(
        encoder="hash", text_width=32, width=16, motion_layers=1, heads=2, feedforward=24, decoder_layers=1
    ),
    "farha-rnn": FarhaRnnConfig(classes=5, width=12, hidden=10),
    "farha-cnn": FarhaCnnConfig(classes=5, rows=16, hidden=16, first=3, second=4, smoothing=1.0),
    "futr": FutrConfig(classes=5, width=16, heads=2, queries=6, longest=20),
    "futr-video": FutrConfig(classes=5, features=7, width=16, heads=2, decoder_layers=2, queries=6, longest=20),
    "actionllm": ActionLLMConfig(
        classes=5, features=5, slots=4, backbone="tiny", width=16, layers=2, hidden=16, tuning="adapter"
    ),
    "segments": SegmentConfig(classes=5, width=12),
    "gesture-judge": GestureJudgeConfig(width=12, latent=8, layers=2),
    "tokenizer": TokenizerConfig(width=16, layers=1, codes=12, code_width=8, levels=2),
    "motion-language": LanguageConfig(
        "lower.0,upper.0",
        codes=12,
        units=6,
        prosody=2,
        words=20,
        text_width=32,
        width=16,
        heads=2,
        feedforward=24,
        encoder_layers=1,
        decoder_layers=2,
        encoder="hash",
    ),
    "tokenizer-face": TokenizerConfig("face,hands", width=16, layers=1, quantizer="scalar", codes=240, fine_levels=1),
    "style": StyleConfig("a,b,c", hidden=16),
    "published-language": PublishedConfig(
        width=16,
        head_width=6,
        feedforward=24,
        heads=2,
        encoder_layers=2,
        decoder_layers=1,
        dropout=0.0,
        text=40,
        streams="upper.0,lower.0,lower.1",
        codes=12,
        units=6,
    ),
    "tokenizer-published": TokenizerConfig("lower", "conv", width=16, quantizer="plain", codes=12, code_width=16),
}


def _labels(*shape: int) -> Tensor:
    return torch.randint(5, shape, generator=torch.Generator().manual_seed(1))


def _rnn(model: Any) -> Tensor:
    classes, lengths = _labels(3, 4), torch.rand(3, 4, generator=torch.Generator().manual_seed(2))
    _, logits, told = model([state[:, -1] for state in model.before(classes, lengths)], classes[:, 0], lengths[:, 0])
    return torch.cat([logits, told], dim=1)


def _futr(model: Any) -> Tensor:
    rows, features = _labels(3, 9), model.config.features
    said = model(torch.nn.functional.one_hot(rows, features).float() if features else rows, rows < 9)
    return torch.cat([one.flatten(1) for one in said], dim=1)


def _actionllm(model: Any) -> Tensor:
    model.lend(backbone.load("tiny"), ["take cup", "pour milk", "stir milk", "fry egg", "SIL"])
    draw = torch.Generator().manual_seed(2)
    features, clock, ahead = (torch.rand(*shape, generator=draw) for shape in ((3, 6, 5), (3, 6, CLOCK), (3, CLOCK)))
    mask = torch.arange(6) < torch.tensor([6, 4, 1])[:, None]
    said = model(Observed(features, clock, _labels(3, 6), mask, ahead))
    return torch.cat([said.actions.flatten(1), said.durations], dim=1)


def _segments(model: Any) -> Tensor:
    classes, seconds = _labels(3, 4), 30 * torch.rand(3, 4, generator=torch.Generator().manual_seed(2))
    done = torch.nn.functional.one_hot(classes, 5).float().cumsum(dim=1)
    logits, memory = model(classes, seconds, seconds.cumsum(dim=1), done)
    return torch.cat([logits.clamp(min=-5).flatten(1), memory], dim=1)


def _gestures(model: Any) -> Tensor:
    draw = torch.Generator().manual_seed(2)
    latents = model.encode(torch.randn(3, 10, 132, generator=draw))
    return torch.cat([latents.flatten(1), model.decode(latents).flatten(1)], dim=1)


def told(model: Any, rows: int = 3, seed: int = 2) -> Source:
    """A source with words, speech and frames of different lengths."""
    c, draw = model.config, torch.Generator().manual_seed(seed)
    count = lambda most: torch.arange(most) < torch.tensor([most, 2, 1, 3][:rows])[:, None]  # noqa: E731
    return Source(
        torch.randn(rows, 5, c.text_width, generator=draw), count(5),
        torch.randint(c.units, (rows, 7), generator=draw), count(7), torch.randn(rows, 7, c.prosody, generator=draw),
        torch.randint(HIDDEN, c.codes, (rows, 4, len(c.names)), generator=draw), count(4),
        torch.arange(4).expand(rows, 4),
    )  # fmt: skip


def _language(model: Any) -> Tensor:
    encoded, mask = model.encode(told(model))
    draw = torch.Generator().manual_seed(3)
    codes = torch.randint(HIDDEN, 12, (2, 3, 5, 2), generator=draw)
    states = model.frames(encoded, mask, codes[0], codes[1], torch.tensor([5, 4, 9]))
    said = [model.frame_logits(states, codes[0], stream).flatten(1) for stream in (0, 1)]
    before = torch.randint(6, (3, 4), generator=draw)
    words, units = model.word_logits(encoded, mask, before), model.unit_logits(encoded, mask, before)
    return torch.cat([*said, words.flatten(1), units.flatten(1)], dim=1)


def _published(model: Any) -> Tensor:
    draw = torch.Generator().manual_seed(2)
    source, before = (torch.randint(len(model.vocabulary), (3, count), generator=draw) for count in (7, 5))
    told: Tensor = model.logits(source, torch.arange(7) < torch.tensor([7, 4, 1])[:, None], before).flatten(1)
    return told


def _tokenizer(model: Any) -> Tensor:
    draw = torch.Generator().manual_seed(2)
    made = []
    for part in model.config.names:
        codes = torch.randint(model[part].codes, (3, 4, model[part].levels), generator=draw)
        inside = model[part].narrow(model[part].net.encode(torch.randn(3, 16, WIDTHS[part], generator=draw)))
        made += [model[part].decode(codes).flatten(1), inside.flatten(1)]
    return torch.cat(made, dim=1)


def _style(model: Any) -> Tensor:
    told: Tensor = model(torch.randn(3, SUMMARY, generator=torch.Generator().manual_seed(2)))
    return told


#: What a network that makes no motion of sentences makes of fixed inputs: kind -> (model -> [3, ...]).
OUTPUTS: dict[str, Callable[[Any], Tensor]] = {
    "farha-rnn": _rnn,
    "farha-cnn": lambda model: model(torch.nn.functional.one_hot(_labels(3, 16), 5).float()),
    "futr": _futr,
    "actionllm": _actionllm,
    "segments": _segments,
    "gesture-judge": _gestures,
    "motion-language": _language,
    "published-language": _published,
    "style": _style,
    "tokenizer": _tokenizer,
}


def random_model(name: str, seed: int = 0) -> Any:
    """A network in evaluation mode with no parameter left at zero, so that every part of it matters."""
    config = CONFIGS[name]
    model_class = next(model for known, model in checkpoint.KINDS.values() if known is type(config))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: Any = model_class(config)
        for parameter in model.parameters():
            parameter.data += 0.05 * torch.randn_like(parameter)
        for name, buffer in model.named_buffers():
            if name.endswith(".codes"):
                buffer.normal_()
        if model.kind in OUTPUTS:
            return model.eval().requires_grad_(False)
        units = model.windows if isinstance(model, MotionFlow) else model
        units.mean.normal_()
        units.std.uniform_(0.5, 1.5)
        if isinstance(model, MotionFlow):
            units.basis.copy_(torch.linalg.qr(torch.randn_like(units.basis).T)[0].T)
    return model.eval().requires_grad_(False)
