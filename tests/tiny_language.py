"""The motion language model, tiny and random, with the released tokens of the body: real bodies, nonsense answers."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import pytest
import torch

from motionary.models import checkpoint
from motionary.models.language import LanguageConfig, MotionLanguage
from motionary.models.language_answers import said_words
from motionary.speech.units import Units
from motionary.tasks.language import BodyLanguage
from motionary.tasks.streams import stream_names
from motionary.tasks.tokens import BodyCodec
from motionary.text.words import Words

INFO = {"name": "tiny", "licence": "CC-BY-NC-4.0", "stage": "instruct"}


_codec = cache(BodyCodec.load)  # read once: no test changes it


def network(codec: BodyCodec, seed: int = 0, speech: bool = True) -> MotionLanguage:
    """A random network that fits a codec, the words and the units of this package."""
    units, words = Units.load(), Words.load()
    config = LanguageConfig(
        ",".join(stream_names(codec)), codec.model.config.codes, units=units.size + 1 if speech else 0,
        prosody=4 if speech else 0, words=len(words) + 1, text_width=32, width=16, heads=2, feedforward=24, dropout=0.0,
        encoder_layers=1, decoder_layers=1, encoder="hash", tokenizer=codec.version,
        units_version=units.version if speech else "", words_version=words.version,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MotionLanguage(config)
        for parameter in model.parameters():  # so that everything that is given matters
            parameter.data += 0.05 * torch.randn_like(parameter)
    return model.eval().requires_grad_(False)


def tiny(seed: int = 0, speech: bool = True) -> BodyLanguage:
    """One ready for use; without ``speech`` it hears and says none."""
    codec = _codec()
    return BodyLanguage(network(codec, seed, speech), dict(INFO), codec)


def short(patch: pytest.MonkeyPatch, most: int = 12) -> None:
    """Answers in words of at most so many pieces: a random network hardly ever ends one by itself."""
    patch.setattr("motionary.tasks.language.said_words", partial(said_words, most=most))


def saved(folder: Path, seed: int = 0, speech: bool = True) -> Path:
    """The same as a checkpoint folder."""
    return checkpoint.save(network(_codec(), seed, speech), folder, dict(INFO))
