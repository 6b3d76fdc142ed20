"""Features of speech: rows of numbers 50 times a second, from a frozen encoder, for a sound of any length.

A sound is encoded in windows of 10 s that see 1 s more on both sides; they are cut, not padded to 30 s, because a
padded window costs as much as a full one. What that changes is told in docs/speech.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.errors import CheckpointError, InputError, MissingExtraError
from motionary.formats._files import read_text
from motionary.speech.audio import RATE, Audio, Samples, resample
from motionary.speech.mel import Floats, log_mel

if TYPE_CHECKING:
    from motionary.speech.whisper import WhisperEncoder

#: Samples at 16 kHz of a row of features.
STEP = 320
#: Rows that are encoded at once, and those seen on both sides of them.
WINDOW, CONTEXT = 500, 50
EMBEDDED = "whisper-tiny.en"
_BEST_LAYER = 3


@dataclass(frozen=True)
class Source:
    """A frozen encoder.

    Attributes:
        name: "whisper-tiny.en", or a folder.
        layer: whose states are taken.
        width: numbers a row.
        encode: [n] samples at 16 kHz -> [round(n / 320), width], for at most 30 s.
    """

    name: str
    layer: int
    width: int
    encode: Callable[[Samples], Floats]

    rate = RATE / STEP

    def __call__(self, audio: Audio) -> Floats:
        """[rows, width] features of a sound of any length; ``rows`` is told by ``count``."""
        samples = padded(resample(audio, RATE).samples)
        rows = len(samples) // STEP
        return np.concatenate([self.window(samples, at, min(at + WINDOW, rows)) for at in range(0, rows, WINDOW)])

    def window(self, samples: Samples, first: int, last: int, context: int = CONTEXT) -> Floats:
        """Rows ``first`` to ``last`` (not included), encoded with up to ``context`` rows on both sides."""
        start, end = max(0, first - context), min(last + context, len(samples) // STEP)
        states = self.encode(samples[start * STEP : end * STEP])
        return states[first - start : last - start]


def count(samples: int) -> int:
    """Rows of so many samples at 16 kHz: rounded, at least one."""
    return max(1, round(samples / STEP))


def padded(samples: Samples) -> Samples:
    """Samples at 16 kHz, cut or filled with silence to whole rows."""
    length = count(len(samples)) * STEP
    return np.pad(samples, (0, max(0, length - len(samples))))[:length]


def source(name: str = EMBEDDED, layer: int | None = None) -> Source:
    """An encoder: the embedded one, or that of a transformers folder (HuBERT or Whisper, safetensors).

    Args:
        name: "whisper-tiny.en" or a folder.
        layer: whose states; by default the third of tiny.en, whose states tell the sounds of speech best, the last of
            another Whisper, and the ninth of HuBERT as in "The Language of Motion".

    Raises:
        MissingExtraError: a package is not installed.
        CheckpointError: the folder holds no encoder of these kinds.
        InputError: a layer that the encoder does not have.
    """
    if name == EMBEDDED:
        return _whisper(name, embedded(), _BEST_LAYER if layer is None else layer)
    folder = Path(name)
    if not (folder / "config.json").is_file():
        raise CheckpointError(f"{name}: known are {EMBEDDED!r} and folders of HuBERT or Whisper with a config.json")
    try:
        kind = json.loads(read_text(folder / "config.json")).get("model_type")
    except (ValueError, AttributeError):
        raise CheckpointError(f"{folder / 'config.json'}: is not a JSON object") from None
    if kind == "hubert":
        return _hubert(folder, layer)
    if kind == "whisper":
        return _whisper(name, _from_folder(folder), layer)
    raise CheckpointError(f"{folder}: holds {kind!r}; known are hubert and whisper")


def _layer(layer: int | None, usual: int, layers: int) -> int:
    layer = usual if layer is None else layer
    if not 1 <= layer <= layers:
        raise InputError(f"the encoder has layers 1 to {layers}; not {layer}")
    return layer


@cache
def embedded() -> WhisperEncoder:
    """Whisper tiny.en's encoder, read once. Raises as ``whisper.load``."""
    from motionary.speech import whisper

    return whisper.load()


def _whisper(name: str, model: Any, layer: int | None) -> Source:
    chosen = _layer(layer, model.config.layers, model.config.layers)

    @torch.inference_mode()
    def encode(samples: Samples) -> Floats:
        mel = torch.from_numpy(log_mel(samples, model.config.bands))
        return np.asarray(model(mel[None], chosen)[0].numpy(), dtype=np.float32)

    return Source(name, chosen, model.config.width, encode)


def _from_folder(folder: Path) -> Any:
    from motionary.speech.whisper import WhisperConfig, WhisperEncoder

    theirs = _transformers(folder, "WhisperModel").encoder
    sizes = theirs.config
    config = WhisperConfig(
        sizes.num_mel_bins,
        sizes.d_model,
        sizes.encoder_layers,
        sizes.encoder_attention_heads,
        sizes.encoder_ffn_dim,
        sizes.max_source_positions,
    )
    model = WhisperEncoder(config)
    model.load_state_dict(theirs.state_dict())
    return model.eval().requires_grad_(False)


_HUBERT_LAYER = 9
_FIELD = 400  # samples that HuBERT's first row sees; its rows are 320 apart


def _hubert(folder: Path, layer: int | None) -> Source:
    """HuBERT: states after a layer, as fairseq's and transformers' ``hidden_states[layer]``."""
    model = _transformers(folder, "HubertModel")
    chosen = _layer(layer, min(_HUBERT_LAYER, model.config.num_hidden_layers), model.config.num_hidden_layers)
    normal = _normalises(folder)

    @torch.inference_mode()
    def encode(samples: Samples) -> Floats:
        values: NDArray[np.float32] = samples
        if normal:
            values = (values - values.mean()) / np.sqrt(values.var() + 1e-7)
        half = (_FIELD - STEP) // 2
        wave = torch.from_numpy(np.pad(values, (half, half)).astype(np.float32))
        states = model(wave[None], output_hidden_states=True).hidden_states[chosen][0]
        return np.asarray(states.numpy(), dtype=np.float32)

    return Source(str(folder), chosen, int(model.config.hidden_size), encode)


def _normalises(folder: Path) -> bool:
    """Whether the encoder wants its samples at unit variance; the base model does not, and says so in this file."""
    path = folder / "preprocessor_config.json"
    return bool(json.loads(read_text(path)).get("do_normalize", False)) if path.is_file() else False


def _transformers(folder: Path, kind: str) -> Any:
    try:
        import transformers
    except ImportError:
        raise MissingExtraError("this encoder needs transformers: pip install 'motionary[text]'") from None
    options = {"local_files_only": True, "use_safetensors": True}
    try:
        return getattr(transformers, kind).from_pretrained(str(folder), **options).eval().requires_grad_(False)
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(f"{folder}: transformers cannot load it: {str(error).splitlines()[0]}") from None
