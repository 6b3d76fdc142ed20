"""Tokenizers of body parts: features -> a few codes every fourth frame -> features. One network, parts as data.

Two forms: ``patch``, ours, sees four frames as one vector and works at the rate of the tokens, four times as fast;
``conv`` is The Language of Motion's (its x4 network: three convolution blocks with residual units, strides 1, 2, 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError
from motionary.models.blocks import require_layers, require_sizes
from motionary.models.quantizers import quantizer
from motionary.motion.representation.parted import WIDTHS

DOWN = 4  # frames a token


@dataclass(frozen=True)
class TokenizerConfig:
    """Sizes of the tokenizers.

    Attributes:
        parts: names with commas, of ``motion.representation.parted.WIDTHS``.
        form: "patch" or "conv".
        width: of the network.
        layers: residual units in each half; of "patch".
        quantizer: "averaged", "scalar" or "plain" (``models.quantizers``).
        codes: a level.
        code_width: of the vectors that are quantized; as published it is the width.
        levels: residual levels of the body's parts; fine_levels: of hands and face.
    """

    parts: str = "upper,lower"
    form: str = "patch"
    width: int = 192
    layers: int = 4
    quantizer: str = "averaged"
    codes: int = 512
    code_width: int = 32
    levels: int = 1
    fine_levels: int = 2

    def __post_init__(self) -> None:
        require_sizes(self, "width", "codes", "code_width")
        require_layers(self, "layers", "levels", "fine_levels")
        if self.form not in ("patch", "conv"):
            raise InputError(f"form must be patch or conv; it is {self.form!r}")
        unknown = [part for part in self.names if part not in WIDTHS]
        if unknown or len(set(self.names)) != len(self.names):
            raise InputError(f"parts must be different names out of {', '.join(WIDTHS)}; got {self.parts!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """The parts."""
        return tuple(self.parts.split(","))


class Unit(nn.Module):
    """A residual unit over time: three tokens, some steps apart, to one. As one product, which learns faster than
    torch's convolution on a CPU."""

    def __init__(self, width: int, step: int = 1) -> None:
        super().__init__()
        self.step = step
        self.norm = nn.LayerNorm(width)
        self.first, self.second = nn.Linear(3 * width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, tokens, width]."""
        h = F.pad(F.gelu(self.norm(x)), (0, 0, self.step, self.step))
        tokens = x.shape[1]
        three = torch.cat([h[:, k * self.step : k * self.step + tokens] for k in range(3)], dim=-1)
        return x + self.second(F.gelu(self.first(three)))


class _Patches(nn.Module):
    def __init__(self, config: TokenizerConfig, features: int) -> None:
        super().__init__()
        units = lambda: nn.Sequential(*(Unit(config.width, 2 ** (k % 3)) for k in range(config.layers)))  # noqa: E731
        self.read, self.before = nn.Linear(DOWN * features, config.width), units()
        self.after, self.write = units(), nn.Linear(config.width, DOWN * features)
        # Each number a mean of its neighbours in time, so that the borders of patches need not show.
        self.smooth = nn.Conv1d(features, features, 5, padding=2, groups=features, bias=False)
        nn.init.zeros_(self.smooth.weight)

    def encode(self, x: Tensor) -> Tensor:
        return self.before(self.read(x.reshape(len(x), x.shape[1] // DOWN, -1)))

    def decode(self, z: Tensor) -> Tensor:
        x = self.write(self.after(z)).reshape(len(z), z.shape[1] * DOWN, -1)
        return x + self.smooth(x.transpose(1, 2)).transpose(1, 2)


class _Published(nn.Module):
    def __init__(self, config: TokenizerConfig, features: int) -> None:
        super().__init__()
        w = config.width
        conv = lambda a, b, stride=1: nn.Conv1d(a, b, 3, stride, 1)  # noqa: E731
        self.down = nn.Sequential(
            conv(features, w), nn.LeakyReLU(0.2), _Twice(w),
            conv(w, w, 2), nn.LeakyReLU(0.2), _Twice(w),
            conv(w, w, 2), nn.LeakyReLU(0.2), _Twice(w),
        )  # fmt: skip
        self.up = nn.Sequential(
            _Twice(w), nn.Upsample(scale_factor=2), conv(w, w),
            _Twice(w), nn.Upsample(scale_factor=2), conv(w, w),
            _Twice(w), conv(w, w), nn.LeakyReLU(0.2), conv(w, features),
        )  # fmt: skip
        for module in self.modules():
            if isinstance(module, nn.Conv1d):
                nn.init.xavier_normal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def encode(self, x: Tensor) -> Tensor:
        return self.down(x.transpose(1, 2)).transpose(1, 2)

    def decode(self, z: Tensor) -> Tensor:
        return self.up(z.transpose(1, 2)).transpose(1, 2)


class _Twice(nn.Module):
    """The published residual unit: two convolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(width, width, 3, padding=1), nn.Conv1d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.leaky_relu(self.first(x), 0.2))


class PartTokenizer(nn.Module):
    """The tokenizer of one part.

    Attributes:
        levels, codes: of a token.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: TokenizerConfig, part: str) -> None:
        super().__init__()
        features = WIDTHS[part]
        self.levels = config.fine_levels if part in ("hands", "face") else config.levels
        self.net = (_Patches if config.form == "patch" else _Published)(config, features)
        self.quantizer, self.codes, inside = quantizer(config.quantizer, config.codes, config.code_width, self.levels)
        self.narrow, self.widen = nn.Linear(config.width, inside), nn.Linear(inside, config.width)
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features [batch, frames, width], a multiple of ``DOWN`` frames -> features, codes, loss of the codes."""
        inside, codes, loss = self.quantizer(self.narrow(self.net.encode((x - self.mean) / self.std)))
        return self._written(inside), codes, loss

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Features [batch, frames, width] -> codes [batch, tokens, levels]."""
        codes: Tensor = self.quantizer(self.narrow(self.net.encode((x - self.mean) / self.std)))[1]
        return codes

    @torch.no_grad()
    def decode(self, codes: Tensor) -> Tensor:
        """Codes [batch, tokens, levels] -> features [batch, frames, width]."""
        return self._written(self.quantizer.lookup(codes))

    def _written(self, inside: Tensor) -> Tensor:
        return self.net.decode(self.widen(inside)) * self.std + self.mean


class Tokenizer(nn.Module):
    """The tokenizers of all parts of a body."""

    kind = "tokenizer"

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.config = config
        self.parts = nn.ModuleDict({part: PartTokenizer(config, part) for part in config.names})

    def forward(self, features: Mapping[str, Tensor]) -> dict[str, tuple[Tensor, Tensor, Tensor]]:
        """Part -> features again, codes and loss of the codes; from [batch, frames, width] a part."""
        return {part: net(features[part]) for part, net in self.parts.items()}

    def normalise(self, statistics: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Set mean and deviation [width] of the features of each part."""
        for part, (mean, std) in statistics.items():
            net = self.parts[part]
            net.mean.copy_(mean)  # type: ignore[operator]
            net.std.copy_(std)  # type: ignore[operator]

    def __getitem__(self, part: str) -> PartTokenizer:
        return self.parts[part]  # type: ignore[return-value]

    @property
    def rate(self) -> float:
        """Tokens a second of 30 fps."""
        return 30.0 / DOWN
