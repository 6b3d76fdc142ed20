"""ActionLLM: published numbers of parameters, and that every switch does what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from motionary.errors import InputError
from motionary.learning.anticipation.actionllm_recipes import VARIANTS
from motionary.models.anticipation import backbone as backbones
from motionary.models.anticipation.actionllm import ActionLLM, Observed, Targets, shares_of_time
from motionary.models.anticipation.actionllm_config import CLOCK, ActionLLMConfig
from motionary.models.anticipation.interaction import CrossModality, Stream

LABELS = ["take cup", "pour milk", "stir milk", "fry egg", "SIL"]
TINY = ActionLLMConfig(
    classes=5, features=5, slots=4, backbone="tiny", width=16, layers=2, query_width=16, value_width=8, hidden=32
)
LLAMA = ActionLLMConfig(
    features=2048, width=4096, layers=32, query_width=4096, value_width=4096, backbone="llama-7b", slots=20
)


@pytest.fixture(scope="module")
def tiny():
    return backbones.load("tiny")


def network(tiny, seed=0, **changes):
    torch.manual_seed(seed)
    model = ActionLLM(replace(TINY, **changes))
    return model.eval().lend(tiny, LABELS)


def stirred(model):
    """With no learned tensor left at zero."""
    torch.manual_seed(1)
    for one in model.parameters():
        one.data += 0.1 * torch.randn_like(one)
    return model


def batch(lengths=(6, 3), longest=6, seed=0):
    draw = torch.Generator().manual_seed(seed)
    rows = len(lengths)
    observed = Observed(
        torch.rand(rows, longest, 5, generator=draw),
        torch.rand(rows, longest, CLOCK, generator=draw),
        torch.randint(5, (rows, longest), generator=draw),
        torch.arange(longest) < torch.tensor(lengths)[:, None],
        torch.rand(rows, CLOCK, generator=draw),
    )
    actions = torch.tensor([[1, 2, 5, -100], [3, 5, -100, -100]])[:rows]
    shares = torch.tensor([[0.25, 0.75, -1, -1], [1, -1, -1, -1]])[:rows]
    return observed, Targets(actions, shares, observed.labels.masked_fill(~observed.mask, -100))


def learned(config):
    return sum(one.numel() for one in ActionLLM(config).parameters() if one.requires_grad)


class TestSize:
    def test_as_many_as_published(self):
        for classes, slots in ((48, 8), (19, 20)):
            config = replace(LLAMA, classes=classes, slots=slots, **VARIANTS["published"])
            assert learned(config) == 4_205_120

    def test_mended_is_smaller(self):
        effective, heads, clock = 4_205_120 - 655_424, 4096 * (48 + 48 + 49), CLOCK * 128
        assert learned(replace(LLAMA, classes=48, slots=8)) == effective + heads + 8 * 2048 + clock
        assert learned(replace(LLAMA, classes=48, slots=8)) < 4_205_120
        assert learned(ActionLLMConfig()) < 1_200_000

    def test_parts(self):
        published = replace(LLAMA, classes=48, **VARIANTS["published"])
        parts = {name: learned(published) - learned(replace(published, **gone)) for name, gone in GONE.items()}
        assert parts == {"adapters": 1_573_056, "idle": 655_424, "block": 1_048_576 + 788_736}


GONE = {"adapters": {"tuning": "none"}, "idle": {"experts": "one"}, "block": {"cross": "none"}}


class TestSwitches:
    @pytest.mark.parametrize("tokens", ["segments", "frames"])
    def test_masked_padding_changes_nothing_and_ignored_padding_does(self, tiny, tokens):
        observed, _ = batch((6, 3))
        alone = Observed(
            observed.features[1:, :3], observed.clock[1:, :3], observed.labels[1:, :3], observed.mask[1:, :3],
            observed.ahead[1:],
        )  # fmt: skip
        for padding, same in (("masked", True), ("ignored", False)):
            model = stirred(network(tiny, padding=padding, tokens=tokens))
            together, apart = model(observed).actions[1], model(alone).actions[0]
            assert torch.allclose(together, apart, atol=1e-4) == same

    def test_random_heads_learn_nothing(self, tiny):
        for heads, still in (("trained", False), ("random", True)):
            model = network(tiny, heads=heads).train()
            model.loss(*batch())["loss"].backward()
            assert (model.action.weight.grad is None) == still
            assert (model.past["text"].weight.grad is None) == still
            assert model.duration.weight.grad.abs().max() > 0

    def test_everything_learns(self, tiny):
        model = stirred(network(tiny)).train()
        model.loss(*batch())["loss"].backward()
        assert [name for name, one in model.named_parameters() if one.grad is None or not one.grad.any()] == []

    def test_identical_queries_are_told_apart_by_their_place_only(self, tiny):
        observed, _ = batch()
        for queries, same in (("identical", True), ("learned", False), ("anchored", False)):
            model = network(tiny, queries=queries, cross="none", scale="free")
            model.tuning = nn.ModuleList()
            slots = model._tokens(observed, model._lent[1])["slots"]
            assert torch.allclose(slots[:, 0], slots[:, 1]) == same

    def test_modalities(self, tiny):
        observed, targets = batch()
        for changes in ({"text": False}, {"visual": False}, {"cross": "none"}, {"tuning": "lora"}):
            model = network(tiny, **changes).train()
            said = model(observed)
            gone = [name for name in ("text", "visual") if changes.get(name) is False]
            assert sorted(said.past) == [name for name in ("text", "visual") if name not in gone]
            assert torch.isfinite(model.loss(observed, targets)["loss"])

    def test_text_reads_names_and_visual_reads_features(self, tiny):
        observed, _ = batch()
        other = replace(observed, labels=(observed.labels + 1) % 5)
        seen = replace(observed, features=1 - observed.features)
        reading, looking = stirred(network(tiny, visual=False)), stirred(network(tiny, text=False))
        assert torch.equal(reading(observed).actions, reading(seen).actions)
        assert not torch.allclose(reading(observed).actions, reading(other).actions)
        assert torch.equal(looking(observed).actions, looking(other).actions)
        assert not torch.allclose(looking(observed).actions, looking(seen).actions)

    def test_frozen_states_can_be_kept(self, tiny):
        observed, targets = batch()
        model = network(tiny, inputs="frozen", visual=False, cross="none", tuning="none").train()
        states = model.states(observed)
        assert not states.requires_grad
        kept = replace(observed, states=states)
        assert torch.equal(model(kept).actions, model(observed).actions)
        model.loss(kept, targets)["loss"].backward()
        assert [name for name, one in model.named_parameters() if one.grad is None] == []
        longer = replace(observed, clock=observed.clock * 0.1)
        assert not torch.allclose(model.states(longer), states)

    def test_embedding_scale(self, tiny):
        observed, _ = batch()
        sizes = {}
        for scale in ("embedding", "free"):
            model = network(tiny, scale=scale, queries="learned")
            with torch.no_grad():
                sizes[scale] = float(model._tokens(observed, model._lent[1])["slots"].pow(2).mean().sqrt())
        assert sizes["free"] / sizes["embedding"] == pytest.approx(1 / model._lent[1].size, rel=1e-4)


class TestLoss:
    def test_shares_of_time(self):
        known = torch.tensor([[True, True, False]])
        assert torch.allclose(shares_of_time(torch.tensor([[1.0, 1.0, 50.0]]), known), torch.tensor([[0.5, 0.5, 0]]))

    def test_durations_by_hand(self, tiny):
        observed, targets = batch()
        terms = {}
        for how in ("sample", "mean", "sum"):
            model = network(tiny, durations=how)
            nn.init.zeros_(model.duration.weight)  # so that shares are equal: .5 and .5, and 1
            terms[how] = model.loss(observed, targets)["duration"].item()
        total = 0.25**2 + 0.25**2
        assert terms == pytest.approx({"sample": total / 2, "mean": total / 3, "sum": total})

    def test_past_counts_in_training_only(self, tiny):
        observed, targets = batch()
        model = network(tiny)
        ahead = model.loss(observed, targets)
        assert set(ahead) == {"loss", "action", "duration"}
        assert set(model.train().loss(observed, targets)) == {*ahead, "past_text", "past_visual"}

    def test_refused(self, tiny):
        with pytest.raises(InputError, match="lend"):
            ActionLLM(TINY)(batch()[0])
        with pytest.raises(InputError, match="2 layers of 16"):
            ActionLLM(replace(TINY, layers=1)).lend(tiny, LABELS)
        with pytest.raises(InputError, match="4 classes"):
            ActionLLM(TINY).lend(tiny, LABELS[:4])

    @pytest.mark.parametrize(
        "changes",
        [
            {"text": False, "visual": False}, {"rank": 3}, {"tuning": "lora", "value_width": 0}, {"attention": "both"},
            {"inputs": "frozen"}, {"dropout": 1.0}, {"cross_heads": 5}, {"slots": 0},
        ],
    )  # fmt: skip
    def test_configurations_that_cannot_be(self, changes):
        with pytest.raises(InputError, match=list(changes)[-1].removeprefix("cross_").split("_")[0]):
            replace(TINY, **changes)


class TestInteraction:
    def streams(self, order=None):
        made, draw = {}, torch.Generator().manual_seed(0)
        for name in ("text", "visual"):
            tokens = torch.randn(1, 5, 16, generator=draw)
            tokens = tokens if order is None else tokens[:, order]
            made[name] = Stream(tokens, None, torch.arange(5)[None])
        return made

    def test_the_published_code_of_positions_is_blind_to_time(self):
        order = torch.tensor([4, 2, 0, 1, 3])
        for by_batch in (True, False):
            torch.manual_seed(0)
            block = CrossModality(("text", "visual"), 16, 32, 4, 0.0, by_batch).eval()
            plain, moved = block(self.streams()), block(self.streams(order))
            assert torch.allclose(plain["text"][:, order], moved["text"], atol=1e-5) == by_batch

    def test_by_hand(self):
        torch.manual_seed(0)
        block = CrossModality(("text",), 8, 4, 1, 0.0).eval()
        x = torch.randn(1, 3, 8)
        times = torch.tensor([[0, 1, 2]])
        angles = times[..., None] * torch.tensor([1.0, 0.01])
        h = x @ block.down.weight.T + torch.cat([angles.sin(), angles.cos()], dim=-1)
        side = block.sides["text"]
        norm = lambda y: y / (y.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()  # noqa: E731
        q, k, v = (one(norm(h)) for one in (side.query, side.key, side.value))
        h = h + side.out(torch.softmax(q @ k.mT / 2, dim=-1) @ v)
        gated = nn.functional.silu(side.gate(norm(h))) * side.inner(norm(h))
        expected = x + (h + side.outer(gated)) @ block.up.weight.T
        assert torch.allclose(block({"text": Stream(x, None, times)})["text"], expected, atol=1e-5)
