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
from motionary.models.flow import LatentFlow
from motionary.models.temos import Temos
from networks import CONFIGS, random_model


def output(model: Any) -> Tensor:
    """What a model makes of fixed inputs: [3, ...]."""
    random = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(*shape, generator=random)  # noqa: E731
    if isinstance(model, Temos):
        c = model.config
        mask = torch.arange(7) < torch.tensor([7, 4, 1])[:, None]
        mean, logvar = model.encode_text(draw(3, 7, c.text_width), mask)
        motion, _ = model.encode_motion(draw(3, 13, c.features), torch.tensor([13, 9, 2]))
        decoded = model.decode(mean + motion, torch.tensor([13, 9, 2]))
        return torch.cat([mean, logvar, model.predict_seconds(mean), decoded.flatten(1)], dim=1)
    assert isinstance(model, LatentFlow)
    return model.sample(draw(3, model.config.width), draw(3, model.config.text_width), [1.0, 2.0, 9.9], [1, 2, 3])


@pytest.mark.parametrize("name", list(CONFIGS))
class TestContract:
    def test_every_kind_is_tested(self, name):
        assert {model.kind for model in map(random_model, CONFIGS)} == set(checkpoint.KINDS)
        assert checkpoint.KINDS[random_model(name).kind][0] is type(CONFIGS[name])

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
        ("latent-flow", {"steps": 0}),
        ("latent-flow", {"hidden": 7}),
        ("latent-flow", {"blocks": 1000}),
        ("latent-flow", {"guidance": -1.0}),
    ],
)
def test_networks_that_cannot_be(name, changes):
    with pytest.raises(InputError, match=next(iter(changes))):
        replace(CONFIGS[name], **changes)
