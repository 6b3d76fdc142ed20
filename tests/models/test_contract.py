"""One contract for every kind of model: what is saved is what is loaded, the same input gives the same output."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint
from motionary.models.retrieval import EVIDENCE, Retrieval
from motionary.models.temos import Temos
from networks import CONFIGS, OUTPUTS, random_model

NOISELESS = ("jl2p", "seq2seq")  # a sentence has one motion, whatever the seed
KIND_OF = {config: kind for kind, (config, _) in checkpoint.KINDS.items()}
# Make no motions. Nothing is made to find out: some networks need seconds to import.
MOVELESS = ("retrieval", *(name for name, config in CONFIGS.items() if KIND_OF[type(config)] in OUTPUTS))


def output(model: Any) -> Tensor:
    """What a model makes of fixed inputs: [3, ...]."""
    if model.kind in OUTPUTS:
        return OUTPUTS[model.kind](model)
    random = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(*shape, generator=random)  # noqa: E731
    if isinstance(model, Temos):
        c = model.config
        mask = torch.arange(7) < torch.tensor([7, 4, 1])[:, None]
        mean, logvar = model.encode_text(draw(3, 7, c.text_width), mask)
        motion, _ = model.encode_motion(draw(3, 13, c.features), torch.tensor([13, 9, 2]))
        decoded = model.decode(mean + motion, torch.tensor([13, 9, 2]))
        return torch.cat([mean, logvar, model.length.seconds(mean), decoded.flatten(1)], dim=1)
    mask = torch.arange(7) < torch.tensor([7, 4, 1])[:, None]
    states = draw(3, 7, model.config.text_width)
    if isinstance(model, Retrieval):
        lengths = torch.tensor([13, 9, 2])
        motion, text = model.encode_motion(draw(3, 13, EVIDENCE), lengths), model.encode_text(states, mask)
        return torch.cat([motion, text, model.decode(motion, lengths).flatten(1)], dim=1)
    motions = torch.nn.utils.rnn.pad_sequence(model.sample(states, mask, [13, 9, 2], [1, 2, 3]), batch_first=True)
    return torch.cat([model.predict_seconds(states, mask), motions.flatten(1)], dim=1)


def test_every_kind_is_tested():
    assert len(KIND_OF) == len(checkpoint.KINDS)
    assert {KIND_OF[type(config)] for config in CONFIGS.values()} == set(checkpoint.KINDS)
    assert all(model.kind == kind for kind, (_, model) in checkpoint.KINDS.items())


@pytest.mark.parametrize("name", list(CONFIGS))
class TestContract:
    def test_output_is_finite_and_repeats(self, name):
        model = random_model(name)
        first = output(model)
        assert first.shape[0] == 3
        assert torch.isfinite(first).all()
        assert torch.equal(first, output(model))
        assert first.std() > 0

    def test_round_trip(self, name, tmp_path):
        model = random_model(name)
        checkpoint.save(model, tmp_path / "m", {"licence": "CC0-1.0"}, card="# A card\n")
        back, info = checkpoint.load(tmp_path / "m")
        assert type(back) is type(model)
        assert back.config == model.config
        assert info == {"licence": "CC0-1.0"}
        assert not back.training
        assert not any(value.requires_grad for value in back.parameters())
        assert torch.equal(output(back), output(model))
        assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [
            "card.md",
            "config.json",
            "model.safetensors",
        ]

    def test_half_precision_is_close(self, name, tmp_path):
        model = random_model(name)
        checkpoint.save(model, tmp_path / "full")
        checkpoint.save(model, tmp_path / "half", half=True)
        sizes = [(tmp_path / kind / "model.safetensors").stat().st_size for kind in ("full", "half")]
        assert sizes[1] < 0.65 * sizes[0]
        back, _ = checkpoint.load(tmp_path / "half")
        assert all(value.dtype == torch.float32 for value in back.state_dict().values())
        assert (output(back) - output(model)).abs().max() < 0.03

    def test_loading_draws_nothing(self, name, tmp_path):
        checkpoint.save(random_model(name), tmp_path)
        before = torch.get_rng_state()
        checkpoint.load(tmp_path)
        assert torch.equal(before, torch.get_rng_state())

    def test_every_field_is_needed_and_typed(self, name, tmp_path):
        checkpoint.save(random_model(name), tmp_path)
        path = tmp_path / "config.json"
        content = json.loads(path.read_text())
        for field in fields(CONFIGS[name]):
            left = {key: value for key, value in content["fields"].items() if key != field.name}
            for values in (left, {**left, field.name: None}, {**left, field.name: [1]}, {**left, field.name + "s": 1}):
                path.write_text(json.dumps({**content, "fields": values}))
                with pytest.raises(CheckpointError, match=field.name):
                    checkpoint.load(tmp_path)

    def test_config_is_frozen(self, name):
        with pytest.raises(AttributeError):
            CONFIGS[name].width = 3


@pytest.mark.parametrize("name", [name for name in CONFIGS if name not in MOVELESS])
class TestTextToMotion:
    def test_sentences_become_motions(self, name):
        """Lengths, seeds, and neither neighbours nor padding change a motion."""
        model = random_model(name)
        states = torch.randn(4, 9, 32, generator=torch.Generator().manual_seed(3))
        tokens, frames, seeds = [9, 1, 4, 9], [23, 58, 3, 10], [5, 6, 7, 2**62]
        mask = torch.arange(9) < torch.tensor(tokens)[:, None]
        motions, seconds = model.sample(states, mask, frames, seeds), model.predict_seconds(states, mask)
        assert [tuple(motion.shape) for motion in motions] == [(count, 140) for count in frames]
        assert seconds.shape == (4, 3)
        assert (seconds > 0).all()
        assert (seconds.diff(dim=1) >= 0).all()
        for k, count in enumerate(tokens):
            own = states[k : k + 1, :count], mask[k : k + 1, :count]
            assert (model.sample(*own, frames[k : k + 1], seeds[k : k + 1])[0] - motions[k]).abs().max() < 1e-4
            assert (model.predict_seconds(*own)[0] - seconds[k]).abs().max() < 1e-4

    def test_seeds_temperature_and_text_are_heard(self, name):
        model = random_model(name)
        states = torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(3))
        mask = torch.ones(1, 5, dtype=torch.bool)
        make = lambda seed, heat=1.0, given=states: model.sample(given, mask, [20], [seed], heat)[0]  # noqa: E731
        torch.manual_seed(1)
        first, after = make(7), torch.rand(1)
        torch.manual_seed(1)
        assert torch.equal(after, torch.rand(1))
        assert torch.equal(first, make(7))
        noisy = name not in NOISELESS
        assert bool((first - make(8)).abs().max() > 1e-3) == noisy
        assert torch.equal(make(7, 0.0), make(8, 0.0))
        assert bool((first - make(7, 0.5)).abs().max() > 1e-3) == noisy
        assert (first - make(7, 1.0, -states)).abs().max() > 1e-5
        assert (first - make(7, 1.0, states.flip(1))).abs().max() > 1e-5


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("temos", {"width": 0}),
        ("temos", {"width": 15}),
        ("temos", {"width": 18, "heads": 4}),
        ("temos", {"heads": 0}),
        ("temos", {"decoder_layers": 65}),
        ("temos", {"patch": 0}),
        ("temos", {"dropout": 1.0}),
        ("temos", {"dropout": float("nan")}),
        ("temos", {"fps": 0.0}),
        ("temos", {"feedforward": 10**9}),
        ("motion-flow", {"steps": 0}),
        ("motion-flow", {"steps": 10**6}),
        ("motion-flow", {"hop": 0}),
        ("motion-flow", {"width": 15}),
        ("motion-flow", {"heads": 3}),
        ("motion-flow", {"layers": 1000}),
        ("motion-flow", {"components": 1401}),
        ("motion-flow", {"guidance": -1.0}),
        ("motion-flow", {"guidance": float("nan")}),
        ("motion-flow", {"fps": 0.0}),
        ("jl2p", {"stride": 0}),
        ("jl2p", {"stride": 31}),
        ("jl2p", {"width": 0}),
        ("jl2p", {"layers": 65}),
        ("seq2seq", {"features": 10**6}),
        ("seq2seq", {"fps": float("nan")}),
        ("seq2seq", {"knowledge": "wisdom"}),
        ("retrieval", {"features": 141}),
        ("retrieval", {"decoder_layers": 65}),
        ("retrieval", {"patch": 0}),
        ("retrieval", {"heads": 3}),
        ("retrieval", {"motion_layers": 0}),
        ("retrieval", {"dropout": 1.0}),
        ("style", {"labels": "a"}),
        ("style", {"labels": "a,b,a"}),
        ("style", {"hidden": 0}),
        ("style", {"representation": "rifke"}),
    ],
)
def test_networks_that_cannot_be(name, changes):
    with pytest.raises(InputError, match=next(iter(changes))):
        replace(CONFIGS[name], **changes)
