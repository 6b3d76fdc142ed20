"""A motion as tokens and back: the part tokenizers as a codec.

>>> codec = BodyCodec.load()                          # doctest: +SKIP
>>> tokens = codec.encode(motion)                     # doctest: +SKIP
>>> tokens.codes["upper"].shape                       # tokens, levels; doctest: +SKIP
>>> again = codec.decode(tokens)                      # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.errors import CheckpointError, FormatError, InputError
from motionary.formats._files import atomic, read_text
from motionary.models import checkpoint, weights
from motionary.models.tokenizer import DOWN, Tokenizer
from motionary.motion import Motion
from motionary.motion._signals import smooth
from motionary.motion.contacts import foot_lock as lock_feet
from motionary.motion.representation.parted import Parted, Parts, checked

RELEASED = "tokens"
#: Frames, of the Gaussian that takes out the tremble of codes: without it joints jerk three times as much as recorded
#: ones, with it as much, and they are as near to where they were (measured on validation clips).
SMOOTH = 0.7
_MOST = 200_000  # frames


@dataclass(frozen=True, eq=False)
class BodyTokens:
    """A motion as codes.

    Attributes:
        codes: part -> [tokens, levels], a token every fourth frame.
        frames: of the motion at 30 fps; the last token may stand for fewer than four.
        version: of the codec that wrote them; another one reads them as something else.
    """

    codes: Mapping[str, NDArray[np.int64]]
    frames: int
    version: str = ""

    def save(self, path: str | Path) -> None:
        """Write as JSON."""
        value = {
            "version": self.version, "frames": self.frames,
            "codes": {part: codes.tolist() for part, codes in self.codes.items()},
        }  # fmt: skip
        with atomic(path) as beside:
            beside.write_text(json.dumps(value, separators=(",", ":")) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> BodyTokens:
        """Read what ``save`` wrote. Raises FormatError for anything else."""
        try:
            value = json.loads(read_text(path))
            codes = {str(part): np.array(rows, dtype=np.int64) for part, rows in value["codes"].items()}
            return cls(codes, int(value["frames"]), str(value["version"]))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise FormatError(f"no tokens of a motion: {type(error).__name__} {error}", path=path) from None


class BodyCodec:
    """Encodes motions on HUMAN and decodes tokens.

    Args:
        model: the tokenizers.
        info: of their checkpoint.

    Attributes:
        parts: that it reads and writes; hands and face only where its tokenizers have them.
        rate: tokens a second.
        version: hash of sizes and weights.
    """

    def __init__(self, model: Tokenizer, info: Mapping[str, Any] | None = None) -> None:
        self.model, self.info = model, dict(info or {})
        self.parts, self.rate = model.config.names, model.rate
        self.version = _hash(model)
        self._representation = Parted()

    @classmethod
    def load(cls, folder: str | Path | None = None) -> BodyCodec:
        """The released codec, or one from a checkpoint folder. Raises CheckpointError for another kind of model."""
        place = weights() / RELEASED if folder is None else Path(folder)
        model, info = checkpoint.load(place)
        if not isinstance(model, Tokenizer):
            raise CheckpointError(f"{place}: is a {model.kind} model; tokens need a tokenizer")
        return cls(model, info)

    def encode(self, motion: Motion) -> BodyTokens:
        """Codes of a motion on HUMAN of any rate.

        Raises:
            RetargetError: another skeleton. InputError: a part is missing that the codec needs.
        """
        parts = self._representation.encode(motion)
        if missing := [part for part in self.parts if part not in parts]:
            raise InputError(f"these tokens need {', '.join(self.parts)}; the motion has no {missing[0]}")
        frames = len(parts["lower"])
        return BodyTokens({part: self.codes(part, parts[part]) for part in self.parts}, frames, self.version)

    def features(self, tokens: BodyTokens, smoothing: float = SMOOTH) -> Parts:
        """Part -> [frames, width] features. Raises InputError for codes that this codec does not have."""
        self._check(tokens)
        made = {}
        for part in self.parts:
            codes = torch.from_numpy(np.asarray(tokens.codes[part], np.int64))[None]
            made[part] = smooth(self.model[part].decode(codes)[0, : tokens.frames].numpy(), smoothing)
        return made

    def decode(
        self,
        tokens: BodyTokens,
        *,
        in_place: bool = False,
        foot_lock: bool = False,
        yaw: float = 0.0,
        smoothing: float = SMOOTH,
    ) -> Motion:
        """The motion: it starts at the origin and faces ``yaw``.

        Args:
            tokens: of this codec; fewer levels than it has give a coarser motion.
            in_place: leave out the way along the floor; turns stay.
            foot_lock: pin standing feet to the floor.
            yaw: heading of the first frame, radians.
            smoothing: frames, of the Gaussian over features.

        Raises:
            InputError: codes, parts or lengths that do not fit.
        """
        parts = self.features(tokens, smoothing)
        checked(parts)
        if in_place:
            parts["lower"][:, 1:3] = 0.0
        motion = self._representation.decode(parts, yaw)
        return lock_feet(motion) if foot_lock else motion

    def codes(self, part: str, features: NDArray[Any]) -> NDArray[np.int64]:
        """[tokens, levels] of a part's features [frames, width]; the last token is filled up with the last frame."""
        tokens = math.ceil(len(features) / DOWN)
        rows = np.minimum(np.arange(tokens * DOWN), len(features) - 1)  # the last frame is held
        codes = self.model[part].encode(torch.from_numpy(features[rows].astype(np.float32))[None])
        return codes[0].numpy()

    def _check(self, tokens: BodyTokens) -> None:
        if tokens.version and tokens.version != self.version:
            raise InputError(f"these tokens are of codec {tokens.version}, and this one is {self.version}")
        if not 1 <= tokens.frames <= _MOST:
            raise InputError(f"tokens must be of 1 to {_MOST:,} frames; these say {tokens.frames}")
        if missing := [part for part in self.parts if part not in tokens.codes]:
            raise InputError(f"the tokens have no {missing[0]}; this codec needs {', '.join(self.parts)}")
        for part in self.parts:
            codes, net = np.asarray(tokens.codes[part]), self.model[part]
            expected = math.ceil(tokens.frames / DOWN)
            if codes.ndim != 2 or len(codes) != expected or not 1 <= codes.shape[1] <= net.levels:
                raise InputError(f"{part} must be [{expected}, 1 to {net.levels}] codes; got {list(codes.shape)}")
            if codes.size and not (codes.min() >= 0 and codes.max() < net.codes):
                raise InputError(f"{part} has a code outside 0 to {net.codes - 1}")


def _hash(model: Tokenizer) -> str:
    digest = hashlib.sha256(json.dumps(vars(model.config), sort_keys=True).encode())
    for name, value in sorted(model.state_dict().items()):
        # What only training needs does not change what codes mean.
        if not name.endswith((".uses", ".sums")):
            digest.update(name.encode() + value.half().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]
