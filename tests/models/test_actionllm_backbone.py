"""Frozen language models read through embeddings: masks, padding, tuning, folders, names of classes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from motionary.errors import CheckpointError, InputError
from motionary.models.anticipation import backbone as backbones
from motionary.models.anticipation.adapters import ActionAdapter, FeatureAdapter, Grouped, Lora


@pytest.fixture(scope="module")
def tiny():
    return backbones.load("tiny")


def tokens(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class TestBackbone:
    def test_sees_everything_or_only_what_was(self, tiny):
        x = tokens(1, 6, 16)
        y = x.clone()
        y[:, -1] += 1
        both, causal = ((tiny(x, None, how)[:, 0] - tiny(y, None, how)[:, 0]).abs().max() for how in (False, True))
        assert both > 1e-3
        assert causal < 1e-6

    @pytest.mark.parametrize("causal", [False, True])
    def test_padding_in_the_middle_changes_nothing_where_it_is_masked(self, tiny, causal):
        x, wide = tokens(1, 6, 16), tokens(1, 9, 16, seed=1)
        mask = torch.tensor([[1, 1, 1, 0, 0, 1, 1, 0, 1]]).bool()
        wide[mask] = x[0]
        assert torch.allclose(tiny(wide, mask, causal)[mask], tiny(x, None, causal)[0], atol=1e-5)
        assert not torch.allclose(tiny(wide, None, causal)[mask], tiny(x, None, causal)[0], atol=1e-2)

    def test_agrees_with_the_model_read_by_transformers(self, tiny):
        rows = torch.tensor([list(b"cut tomato")])
        own = tiny.base(input_ids=rows).last_hidden_state
        assert torch.allclose(tiny(tiny.base.get_input_embeddings()(rows), None, causal=True), own, atol=1e-5)

    def test_is_frozen_and_lets_gradients_through(self, tiny):
        x = tokens(2, 4, 16).requires_grad_()
        tiny.train()
        tiny(x, None).square().sum().backward()
        assert not tiny.training
        assert x.grad.abs().max() > 0
        assert all(one.grad is None and not one.requires_grad for one in tiny.parameters())

    def test_first_layers_alone(self, tiny):
        one = backbones.load("tiny", layers=1)
        assert (tiny.depth, one.depth) == (2, 1)
        x = tokens(1, 4, 16)
        assert torch.allclose(one(x, None)[0, 0], one(x, None)[0, 0])
        assert not torch.allclose(one(x, None), tiny(x, None), atol=1e-3)
        with pytest.raises(InputError, match="2 layers"):
            backbones.load("tiny", layers=3)

    def test_random_weights_follow_the_seed(self):
        x = tokens(1, 4, 16)
        first, again, other = (backbones.load("random:tiny", seed=seed)(x, None) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.allclose(first, other, atol=1e-2)

    def test_names_are_means_of_embeddings(self, tiny):
        table = tiny.base.get_input_embeddings().weight
        assert torch.allclose(tiny.embed(["ab"])[0], (table[ord("a")] + table[ord("b")]) / 2)

    def test_other_families(self):
        from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, Qwen3Config, Qwen3ForCausalLM

        sizes = {"vocab_size": 256, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
        heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4}
        qwen = Qwen3ForCausalLM(Qwen3Config(**sizes, **heads))
        neox = GPTNeoXForCausalLM(GPTNeoXConfig(**sizes, num_attention_heads=2))
        x = tokens(1, 5, 16)
        for model, projections in ((qwen, (8, 4)), (neox, (0, 0))):
            one = backbones.Backbone(model, None, "other")
            assert one.projections == projections
            tuning = [ActionAdapter(16, 4, 0.0) for _ in range(2)]
            plain = one(x, None)
            assert torch.allclose(one(x, None, tuning=tuning), plain, atol=1e-6)
            nn.init.normal_(tuning[0].up.weight)
            assert not torch.allclose(one(x, None, tuning=tuning), plain, atol=1e-3)
            assert torch.equal(one(x, None), plain)

    def test_from_a_folder_and_by_name(self, tmp_path, monkeypatch):
        from tokenizers import Tokenizer
        from tokenizers.models import WordLevel
        from tokenizers.pre_tokenizers import Whitespace
        from transformers import PreTrainedTokenizerFast

        words = Tokenizer(WordLevel({"cut": 0, "tomato": 1, "?": 2}, unk_token="?"))
        words.pre_tokenizer = Whitespace()
        PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?").save_pretrained(tmp_path)
        _, model = backbones._tiny()
        model.save_pretrained(tmp_path)
        one = backbones.load(str(tmp_path))
        assert one.name == str(tmp_path)
        assert torch.allclose(one.embed(["cut tomato"])[0], model.get_input_embeddings().weight[:2].mean(dim=0))
        monkeypatch.setattr("huggingface_hub.snapshot_download", lambda name, **_: str(tmp_path))
        assert backbones.load("someone/tiny", layers=1).depth == 1

    def test_no_such_model(self, monkeypatch):
        def none(name, **_):
            raise OSError("no connection")

        monkeypatch.setattr("huggingface_hub.snapshot_download", none)
        with pytest.raises(CheckpointError, match=r"nowhere/none.*no connection"):
            backbones.load("nowhere/none")


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("stirfry_egg", "stir fry egg"),
        ("put_egg2plate", "put egg to plate"),
        ("put_toppingOnTop", "put topping on top"),
        ("SIL", "silence"),
        ("action_start", "action start"),
    ],
)
def test_labels_are_spoken(label, said):
    assert backbones.spoken(label) == said


class TestAdapters:
    def test_a_half_of_the_outputs_sees_a_half_of_the_inputs(self):
        up = Grouped(4, 10)
        nn.init.normal_(up.weight)
        change = (up(torch.tensor([1.0, 1, 0, 0])) - up(torch.zeros(4))).abs()
        assert (change[:5] > 0).all()
        assert (change[5:] == 0).all()
        assert sum(one.numel() for one in up.parameters()) == 10 * 2 + 10

    def test_begins_as_nothing(self, tiny):
        x = tokens(2, 5, 16)
        for tuner in (ActionAdapter(16, 4, 0.0), ActionAdapter(16, 4, 0.0, "routed"), Lora(16, (16, 8), 2, 0.0)):
            assert torch.allclose(tiny(x, None, tuning=[tuner] * 2), tiny(x, None), atol=1e-6)

    def test_experts(self):
        x = tokens(3, 16)
        idle, routed = ActionAdapter(16, 4, 0.0, "idle"), ActionAdapter(16, 4, 0.0, "routed")
        for one in (idle, routed):
            nn.init.normal_(one.second.weight)
        assert torch.equal(idle("norm", x, x), x)
        assert not torch.allclose(routed("norm", x, x), x)
        assert torch.equal(routed("query", x, x + 1), x + 1)

    def test_lora_is_a_low_rank_sum(self):
        lora = Lora(16, (16, 8), 2, 0.0)
        nn.init.normal_(lora.up["value"])
        before, after = tokens(5, 16), tokens(5, 8, seed=1)
        expected = after + before @ (lora.up["value"] @ lora.down["value"]).T
        assert torch.allclose(lora("value", before, after), expected, atol=1e-5)
        assert torch.equal(lora("norm", before, after), after)

    def test_features_and_when(self):
        adapter = FeatureAdapter(3, 8, 16, clock=2)
        x, when = tokens(4, 3), tokens(4, 2, seed=1)
        assert adapter(x).shape == adapter.when(when).shape == (4, 16)
        assert torch.equal(adapter(x, torch.zeros(4, 2)), adapter(x))
        assert not torch.allclose(adapter(x, when), adapter(x))
