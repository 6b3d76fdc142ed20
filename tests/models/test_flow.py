"""The motion flow: what its velocity depends on, guidance, the loss, and that it learns a distribution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from motionary.models.flow import FlowConfig, MotionFlow
from networks import random_model


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def flow() -> Any:
    return random_model("motion-flow")


def inputs(counts: tuple[int, ...] = (4, 2), tokens: tuple[int, ...] = (6, 3)) -> list[Tensor]:
    """x, time, counts, states, mask and keep of a batch."""
    size = len(counts)
    mask = torch.arange(max(tokens)) < torch.tensor(tokens)[:, None]
    return [
        noise(size, max(counts), 24), torch.linspace(0.2, 0.7, size), torch.tensor(counts),
        noise(size, max(tokens), 32, seed=1), mask, torch.ones(size, dtype=torch.bool),
    ]  # fmt: skip


class TestVelocity:
    def test_padding_changes_nothing(self, flow):
        x, time, counts, states, mask, keep = inputs()
        together = flow(x, time, counts, states, mask, keep)
        assert together.shape == x.shape
        alone = flow(x[1:, :2], time[1:], counts[1:], states[1:, :3], mask[1:, :3], keep[1:])
        assert (alone[0] - together[1, :2]).abs().max() < 1e-5
        x[1, 2:], states[1, 3:] = 50.0, -50.0
        assert (flow(x, time, counts, states, mask, keep)[1, :2] - together[1, :2]).abs().max() < 1e-5

    def test_text_is_ignored_where_it_is_not_kept(self, flow):
        x, time, counts, states, mask, keep = inputs()
        keep[1] = False
        first = flow(x, time, counts, states, mask, keep)
        mask[1], states = True, -2 * states
        second = flow(x, time, counts, states, mask, keep)
        assert (first[0] - second[0]).abs().max() > 1e-4
        assert (first[1, :2] - second[1, :2]).abs().max() < 1e-6

    @pytest.mark.parametrize("which", ["x", "time", "counts", "states"])
    def test_every_input_is_heard(self, flow, which):
        given = inputs((4, 4))
        first = flow(*given)
        place = ["x", "time", "counts", "states"].index(which)
        given[place] = given[place] - 1 if which == "counts" else given[place] * 0.5
        assert (flow(*given) - first)[:, :3].abs().max() > 1e-4

    def test_a_new_network_says_no_velocity(self):
        fresh = MotionFlow(random_model("motion-flow").config)
        assert not fresh(*inputs()).any()


class TestSampling:
    def words(self, count: int = 1) -> tuple[Tensor, Tensor]:
        return noise(count, 5, 32, seed=2), torch.ones(count, 5, dtype=torch.bool)

    def guided(self, flow: MotionFlow, guidance: float) -> Tensor:
        flow.config = replace(flow.config, guidance=guidance, guided_from=0.0, guided_until=1.0)
        return flow.sample(*self.words(), [20], [3])[0]

    def test_guidance_of_one_is_the_conditional_flow(self, flow):
        c = flow.config
        x = noise(5, c.components, seed=3)[None]
        for step in range(c.steps):
            given = torch.tensor([step / c.steps]), torch.tensor([5]), *self.words(), torch.tensor([True])
            x = x + flow(x, *given) / c.steps
        assert (self.guided(flow, 1.0) - flow.windows.decode(x, 20)[0]).abs().max() < 1e-5

    def test_guidance_goes_beyond_the_unconditional_flow(self, flow):
        without, once, twice = (self.guided(replaced, g) for replaced, g in ((flow, 0.0), (flow, 1.0), (flow, 2.0)))
        states, mask = self.words()
        flow.config = replace(flow.config, guidance=0.0)  # on the whole way, as above
        assert (flow.sample(-states, mask, [20], [3])[0] - without).abs().max() < 1e-6
        assert (once - without).abs().max() > 1e-4
        toward, further = (once - without).flatten(), (twice - without).flatten()
        assert torch.cosine_similarity(toward, further, dim=0) > 0.8
        assert further.norm() > 1.3 * toward.norm()

    def test_guidance_between_two_times(self, flow):
        def sampled(start: float, stop: float, guidance: float = 2.0) -> Tensor:
            flow.config = replace(flow.config, steps=4, guidance=guidance, guided_from=start, guided_until=stop)
            return flow.sample(*self.words(), [20], [3])[0]

        plain, middle = sampled(0.0, 1.0, guidance=1.0), sampled(0.25, 0.75)
        assert torch.equal(sampled(0.5, 0.5), plain)
        assert torch.equal(sampled(0.2, 0.7), middle)  # steps begin at 0, 1/4, 1/2, 3/4
        assert 0 < (middle - plain).norm() < (sampled(0.0, 1.0) - plain).norm()

    def test_temperature_scales_the_noise(self, flow):
        """With no velocity what comes out is the noise, in the basis and in units."""
        torch.nn.init.zeros_(flow.output.weight)
        torch.nn.init.zeros_(flow.output.bias)
        cold, half, warm = (flow.sample(*self.words(), [20], [3], heat)[0] for heat in (0.0, 0.5, 1.0))
        assert torch.allclose(cold, flow.windows.mean.expand(20, -1))
        assert torch.allclose(half - cold, 0.5 * (warm - cold), atol=1e-5)

    def test_more_steps_converge(self, flow):
        ends = []
        for steps in (4, 32, 64):
            flow.config = replace(flow.config, steps=steps)
            ends.append(flow.sample(*self.words(), [20], [3])[0])
        assert (ends[1] - ends[2]).abs().max() < (ends[0] - ends[2]).abs().max()


class TestLoss:
    def given(self, frames: int = 30) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return noise(2, frames, 140), torch.tensor([frames, 10]), noise(2, 5, 32), torch.ones(2, 5, dtype=torch.bool)

    def loss(self, flow: MotionFlow, *given: Tensor, drop: float = 0.0) -> float:
        torch.manual_seed(0)
        return float(flow.loss(*given, drop=drop))

    def test_padding_is_ignored(self, flow):
        features, *rest = self.given()
        first = self.loss(flow, features, *rest)
        features[1, 15:] = 100.0  # frames 10 to 14 share the last window with frame 9
        assert self.loss(flow, features, *rest) == pytest.approx(first, rel=1e-5)
        features[1, 9] += 1.0
        assert self.loss(flow, features, *rest) != pytest.approx(first, rel=1e-5)

    def test_text_that_is_dropped_is_not_read(self, flow):
        features, lengths, states, mask = self.given()
        read = [self.loss(flow, features, lengths, words, mask) for words in (states, -states)]
        dropped = [self.loss(flow, features, lengths, words, mask, drop=1.0) for words in (states, -states)]
        assert read[0] != read[1]
        assert dropped[0] == pytest.approx(dropped[1], rel=1e-6)

    def test_of_no_velocity(self, flow):
        """A network that says nothing is wrong by the square of data minus noise: 1 plus the data's own."""
        torch.nn.init.zeros_(flow.output.weight)
        torch.nn.init.zeros_(flow.output.bias)
        features, *rest = self.given()
        target = flow.windows.encode(features)[:1].square().mean()
        losses = [float(flow.loss(features[:1], *(one[:1] for one in rest))) for _ in range(200)]
        assert sum(losses) / 200 == pytest.approx(1 + float(target), rel=0.05)

    def test_every_part_is_trained(self, flow):
        for drop in (0.0, 1.0):
            flow.requires_grad_(True).loss(*self.given(), drop=drop).backward()
        silent = {name for name, value in flow.named_parameters() if value.grad is None or not value.grad.any()}
        assert silent == {name for name, _ in flow.named_parameters() if name.startswith("length.")}


def test_learns_a_distribution_where_a_mean_would_be_wrong():
    """One sentence is followed by +1 or by -1, the other always by 0: samples are at both, and at 0, none between."""
    torch.manual_seed(0)
    config = FlowConfig(
        features=1, text_width=4, components=2, hop=2, width=16, layers=1, heads=2, feedforward=32, dropout=0.0,
        steps=10, guidance=1.0,
    )  # fmt: skip
    flow = MotionFlow(config)
    level = lambda values: values[:, None, None].expand(-1, 4, 1)  # noqa: E731
    sides = torch.randint(0, 2, (256,)) * 2.0 - 1.0
    flow.windows.fit(torch.zeros(1), torch.ones(1), list(level(torch.cat([sides, torch.zeros(256)]))))
    states = torch.zeros(256, 1, 4)
    states[:128, 0, 0], states[128:, 0, 1] = 1.0, 1.0
    mask, lengths = torch.ones(256, 1, dtype=torch.bool), torch.full((256,), 4)
    optimizer = torch.optim.Adam(flow.parameters(), 1e-2)
    for _ in range(160):
        target = (torch.randint(0, 2, (256,)) * 2.0 - 1.0) * (torch.arange(256) < 128)
        optimizer.zero_grad()
        flow.loss(level(target), lengths, states, mask).backward()
        optimizer.step()
    drawn = torch.stack(flow.eval().sample(states, mask, [4] * 256, list(range(256)))).mean(dim=(1, 2))
    either, none = drawn[:128], drawn[128:]
    assert 0.3 < float((either > 0).float().mean()) < 0.7
    assert float((either.abs() - 1).abs().median()) < 0.25
    assert float((either.abs() < 0.4).float().mean()) < 0.2
    assert float(none.abs().median()) < 0.25
