"""Quantizers and part tokenizers: codes and back, use of codes, sizes, and what is refused."""

from __future__ import annotations

import pytest
import torch

from motionary.errors import InputError
from motionary.models.quantizers import Averaged, FiniteScalar, Plain, quantizer
from motionary.models.token_losses import TokenLosses, token_loss
from motionary.models.tokenizer import DOWN, Tokenizer, TokenizerConfig
from motionary.motion.representation.parted import WIDTHS

TINY = TokenizerConfig(width=16, layers=1, codes=12, code_width=8, levels=2)


def features(frames=16, parts=("upper", "lower"), seed=0):
    draw = torch.Generator().manual_seed(seed)
    return {part: torch.randn(3, frames, WIDTHS[part], generator=draw) for part in parts}


class TestQuantizers:
    @pytest.mark.parametrize(("kind", "levels"), [("plain", 1), ("plain", 3), ("averaged", 2), ("scalar", 1)])
    def test_codes_say_what_came_out(self, kind, levels):
        torch.manual_seed(0)
        stack, size, width = quantizer(kind, 240, 6, levels)
        x = torch.randn(4, 50, width)
        stack(x)  # gives moving averages their first codes
        out, codes, _ = stack.eval()(x)
        assert codes.shape == (4, 50, levels)
        assert codes.min() >= 0
        assert codes.max() < size
        assert torch.allclose(stack.lookup(codes), out, atol=1e-5)

    def test_gradient_goes_through_once(self):
        for kind, levels in (("plain", 1), ("plain", 3)):
            stack, _, width = quantizer(kind, 16, 6, levels)
            x = torch.randn(2, 5, width, requires_grad=True)
            torch.manual_seed(2)  # all levels take part
            stack(x)[0].sum().backward()
            assert torch.allclose(x.grad, torch.ones_like(x))

    def test_scalar_codes_are_all_reached_and_apart(self):
        stack = FiniteScalar((8, 6, 5))
        vectors = stack.lookup(torch.arange(240))
        assert len(torch.unique(vectors, dim=0)) == 240
        assert vectors.abs().max() <= 1
        found = stack(8 * torch.rand(100_000, 3) - 4)[1]
        assert len(found.unique()) == 240

    def test_nearest_by_hand(self):
        one = Plain(3, 2)
        one.codes.data = torch.tensor([[0.0, 0], [1, 0], [0, 2]])
        out, codes, loss = one(torch.tensor([[[0.9, 0.2], [0.1, 1.2]]]))
        assert codes.tolist() == [[1, 2]]
        assert torch.allclose(out, torch.tensor([[[1.0, 0], [0, 2]]]))
        assert float(loss.detach()) == pytest.approx(2 * (0.01 + 0.04 + 0.01 + 0.64) / 4)

    def test_moving_averages_find_clusters_and_none_stays_unused(self):
        torch.manual_seed(0)
        centres = 10 * torch.randn(16, 4)
        one = Averaged(16, 4)
        for _ in range(300):
            one(centres[torch.randint(16, (64,))][None] + 0.01 * torch.randn(1, 64, 4))
        out, codes, _ = one.eval()(centres[None])
        assert len(codes.unique()) > 12
        assert (out[0] - centres).norm(dim=-1).median() < 0.1

    def test_more_levels_lose_less(self):
        torch.manual_seed(0)
        stack, _, width = quantizer("averaged", 16, 4, 3)
        for _ in range(200):
            stack(torch.randn(8, 16, width))
        x = torch.randn(8, 64, width)
        codes = stack.eval()(x)[1]
        lost = [float((stack.lookup(codes[..., :k]) - x).square().mean()) for k in (1, 2, 3)]
        assert lost[0] > 1.2 * lost[1] > 1.4 * lost[2]

    def test_refused(self):
        with pytest.raises(InputError, match="one level"):
            quantizer("scalar", 240, 6, 2)
        with pytest.raises(InputError, match="240, 512, 1000"):
            quantizer("scalar", 300, 6)
        with pytest.raises(InputError, match="averaged"):
            quantizer("vq", 300, 6)


class TestTokenizer:
    def test_a_token_every_fourth_frame(self):
        for config in (TINY, TokenizerConfig("lower,face", "conv", 16, quantizer="plain", codes=8, code_width=16)):
            model = Tokenizer(config).eval()
            given = features(parts=config.names)
            for part in config.names:
                codes = model[part].encode(given[part])
                assert codes.shape == (3, 16 // DOWN, model[part].levels)
                assert model[part].decode(codes).shape == given[part].shape

    def test_published_size(self):
        """The Language of Motion's x4 networks have 3.53 M and 3.58 M parameters with 256 codes of 256 numbers."""
        config = TokenizerConfig("upper,face", "conv", 256, quantizer="plain", codes=256, code_width=256, fine_levels=1)
        model = Tokenizer(config)
        for part, published in (("upper", 3.53e6), ("face", 3.58e6)):
            maps = 2 * (256 * 256 + 256)  # around the quantizer; the published network has none
            assert sum(p.numel() for p in model[part].parameters()) - maps == pytest.approx(published, rel=0.01)

    def test_learns_to_say_it_again(self):
        torch.manual_seed(0)
        model, given = Tokenizer(TINY).train(), features(seed=1)
        model.normalise({part: (x.mean((0, 1)), x.std((0, 1))) for part, x in given.items()})
        optimizer = torch.optim.Adam(model.parameters(), 1e-2)
        lost = []
        for _ in range(60):
            terms = token_loss(model, given, TokenLosses())
            optimizer.zero_grad()
            terms["loss"].backward()
            optimizer.step()
            lost.append(float(terms["positions"].detach()))
        assert lost[-1] < 0.6 * lost[0]

    def test_nothing_is_lost_on_what_is_the_same(self):
        """Terms are zero where the network gives back what it got."""
        given = features(parts=("upper", "lower"))

        class Same(Tokenizer):
            def forward(self, x):
                return {part: (value, torch.zeros(1), value.new_zeros(())) for part, value in x.items()}

        terms = token_loss(Same(TINY), given, TokenLosses())
        assert set(terms) == {
            "loss", "codes", "geodesic", "velocity", "acceleration", "rest", "positions", "motion", "path",
        }  # fmt: skip
        assert float(terms["loss"]) < 0.01

    @pytest.mark.parametrize(
        ("change", "word"),
        [({"parts": "upper,tail"}, "tail"), ({"parts": "upper,upper"}, "different"), ({"form": "flat"}, "patch"),
         ({"codes": 0}, "codes"), ({"levels": 0}, "levels")],
    )  # fmt: skip
    def test_refused(self, change, word):
        with pytest.raises(InputError, match=word):
            TokenizerConfig(**change)
