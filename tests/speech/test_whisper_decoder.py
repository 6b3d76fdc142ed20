"""Whisper's decoder: number for number as transformers', with and without its cache; the rules of the search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from motionary.errors import InputError
from motionary.speech import _whisper_package
from motionary.speech.whisper import WhisperConfig, WhisperEncoder
from motionary.speech.whisper_decoder import DecoderConfig, WhisperDecoder
from motionary.speech.whisper_search import Vocabulary, search

TINY = DecoderConfig(vocabulary=64, width=32, layers=2, heads=2, inner=48, positions=24)
#: Text is 0 to 29; 30 ends; from 35 on are times of 0 s, 0.02 s ...
WORDS = Vocabulary(end=30, start=31, no_speech=33, no_times=34, size=64, never=(3, 4), never_first=(5,))


@pytest.fixture(scope="module")
def decoder() -> WhisperDecoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = WhisperDecoder(TINY)
        for parameter in model.parameters():
            parameter.data += 0.2 * torch.randn_like(parameter)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def states() -> torch.Tensor:
    return torch.randn(1, 7, 32, generator=torch.Generator().manual_seed(1))


def theirs() -> Any:
    """A tiny random Whisper of transformers."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.WhisperConfig(
        vocab_size=64, num_mel_bins=80, d_model=32, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=48,
        decoder_layers=2, decoder_attention_heads=2, decoder_ffn_dim=48, pad_token_id=30, bos_token_id=30,
        eos_token_id=30, decoder_start_token_id=31, max_source_positions=50, max_target_positions=24,
        suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config).eval().requires_grad_(False)
    for parameter in model.parameters():  # so that its words differ
        parameter += 0.2 * torch.randn_like(parameter)
    return model


def test_the_decoder_is_that_of_transformers() -> None:
    model = theirs()
    mel = torch.randn(1, 80, 100)
    encoder = WhisperEncoder(WhisperConfig(width=32, layers=1, heads=2, inner=48, positions=50))
    encoder.load_state_dict(model.model.encoder.state_dict())
    ours = WhisperDecoder(TINY)
    ours.load_state_dict(model.model.decoder.state_dict())
    tokens = torch.tensor([[31, 34, 7, 9, 12, 40]])
    with torch.inference_mode():
        states = encoder(mel)
        found = ours(tokens, ours.begin(states))
        assert torch.allclose(found, model(mel, decoder_input_ids=tokens).logits, atol=1e-4)
        said = search(ours, states, replace(WORDS, never=(), never_first=()), most=8)
        wanted = [31, 34]
        for _ in said.tokens:
            wanted.append(int(model(mel, decoder_input_ids=torch.tensor([wanted])).logits[0, -1, :30].argmax()))
    assert len(said.tokens) > 1
    assert list(said.tokens) == wanted[2:]


def test_tokens_one_by_one_are_as_all_at_once(decoder: WhisperDecoder, states: torch.Tensor) -> None:
    tokens = torch.tensor([[31, 1, 2, 8, 20]])
    whole = decoder(tokens, decoder.begin(states))
    cache = decoder.begin(states)
    parts = [decoder(tokens[:, :2], cache), *(decoder(tokens[:, k : k + 1], cache) for k in range(2, 5))]
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)
    twice = cache.chosen(torch.tensor([0, 0]))
    assert torch.allclose(
        decoder(torch.tensor([[7], [9]]), twice)[0], decoder(torch.tensor([[7]]), cache)[0], atol=1e-5
    )
    with pytest.raises(InputError, match="24 tokens"):
        decoder(torch.zeros(1, 20, dtype=torch.long), cache)


def test_names_of_the_package_fit_the_decoder(rng: np.random.Generator) -> None:
    config = DecoderConfig(vocabulary=6, width=8, layers=1, heads=2, inner=16, positions=4)
    shapes = {"embeddings/weight": (6, 8), "position_encodings/encodings": (4, 8), **_norm("layer_norm")}
    for name, sizes in {
        "self_attention/linear_0": (24, 8), "self_attention/linear_1": (8, 8), "attention/linear_0": (8, 8),
        "attention/linear_1": (16, 8), "attention/linear_2": (8, 8), "ffn/linear_0": (16, 8), "ffn/linear_1": (8, 16),
    }.items():  # fmt: skip
        shapes |= {f"layer_0/{name}/weight": sizes, f"layer_0/{name}/bias": sizes[:1]}
    for name in ("self_attention", "attention", "ffn"):
        shapes |= _norm(f"layer_0/{name}/layer_norm")
    arrays = {f"decoder/{name}": rng.standard_normal(shape) for name, shape in shapes.items()}
    found = _whisper_package.decoder(arrays, 1)
    WhisperDecoder(config).load_state_dict(found)
    value = arrays["decoder/layer_0/attention/linear_1/weight"][8:]
    assert np.allclose(found["layers.0.encoder_attn.v_proj.weight"], value)


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}/gamma": (8,), f"{name}/beta": (8,)}


def test_a_search_is_greedy_with_one_way_and_no_worse_with_more(decoder: WhisperDecoder, states: torch.Tensor) -> None:
    one, again, many = (search(decoder, states, WORDS, most=6, beam=beam) for beam in (1, 1, 4))
    assert one == again
    cache, tokens = decoder.begin(states), [31, 34]
    scores = decoder(torch.tensor([tokens]), cache)[0, -1]
    for token in one.tokens:
        assert token == int(WORDS.ruled(scores, tokens[2:], None).argmax())
        tokens.append(token)
        scores = decoder(torch.tensor([[token]]), cache)[0, -1]
    assert many.log_probability >= one.log_probability
    assert 0 <= many.no_speech == one.no_speech <= 1


@pytest.mark.parametrize("beam", [1, 3])
def test_what_is_never_said_and_how_times_go(decoder: WhisperDecoder, beam: int) -> None:
    for seed in range(5):
        states = torch.randn(1, 7, 32, generator=torch.Generator().manual_seed(seed))
        plain = search(decoder, states, WORDS, most=12, beam=beam).tokens
        assert not {3, 4} & set(plain)
        assert plain[:1] != (5,)
        assert max(plain, default=0) < 30
        timed = search(decoder, states, WORDS, most=18, beam=beam, ticks=20).tokens
        times = [token - 35 for token in timed if token > 34]
        assert timed[0] >= 35
        assert times == sorted(times)
        assert all(0 <= time <= 20 for time in times)
        assert all(end > start for start, end in zip(times[::2], times[1::2], strict=False))
