"""A T5 as others wrote it (Flan-T5, T5 1.1, mT5), taken over into the published motion language model.

The files are read here, not by transformers: its versions 4 and 5 understand the same folder of a Flan-T5 differently
where the output layer is one of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from motionary.errors import CheckpointError, FormatError, InputError
from motionary.formats._files import read_text
from motionary.models.anticipation.backbone import fetched
from motionary.models.published_language import PublishedConfig, PublishedLanguage

#: Types of models that are the network of T5.
TYPES = ("t5", "mt5")
# config.json of a T5 -> field, with what transformers takes where it is left out.
_SIZES: dict[str, tuple[str, Any]] = {
    "d_model": ("width", 512), "d_kv": ("head_width", 64), "d_ff": ("feedforward", 2048), "num_heads": ("heads", 8),
    "num_layers": ("encoder_layers", 6), "dropout_rate": ("dropout", 0.1),
    "relative_attention_num_buckets": ("buckets", 32), "relative_attention_max_distance": ("distance", 128),
    "feed_forward_proj": ("activation", "relu"), "layer_norm_epsilon": ("epsilon", 1e-6), "pad_token_id": ("pad", 0),
    "eos_token_id": ("end", 1), "decoder_start_token_id": ("start", 0),
}  # fmt: skip
# Other names of the input table, and a tensor of old files that no network has.
_AGAIN = (
    "encoder.embed_tokens.weight", "decoder.embed_tokens.weight",
    "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
)  # fmt: skip


def found(name: str | Path) -> Path:
    """The folder of a T5: a folder, or a name on the Hugging Face hub. Raises CheckpointError where there is none."""
    return Path(name) if Path(name).is_dir() else fetched(str(name))


def adopted(folder: Path, seed: int = 0, **added: Any) -> PublishedLanguage:
    """The published motion language model with the weights of a T5, and new rows for codes and units.

    A new row is drawn about the mean of the T5's own rows, as far from it as they are. (The published program draws
    them from the library's default, of which a T5 with an output layer of its own makes logits far above all words'.)

    Args:
        folder: config.json and *.safetensors, of which no code is run and no pickle is read.
        seed: of the new rows.
        added: fields of ``PublishedConfig`` that are not the T5's: streams, codes, units, versions, ...

    Raises:
        CheckpointError: naming file and key that are wrong.
    """
    told, tensors = _told(folder / "config.json"), _tensors(folder)
    for key in ("shared.weight", "encoder.final_layer_norm.weight", "decoder.final_layer_norm.weight"):
        if key not in tensors:
            raise CheckpointError(f"{folder}: no tensor {key}; a T5ForConditionalGeneration is needed")
    head, shared = tensors.get("lm_head.weight"), tensors["shared.weight"]
    tied, scaled = _output(folder, told, None if head is None else torch.equal(head, shared))
    try:
        fields = {name: told.get(key, default) for key, (name, default) in _SIZES.items()}
        decoder = told.get("num_decoder_layers") or fields["encoder_layers"]
        config = PublishedConfig(
            **fields, decoder_layers=decoder, tied=tied, scaled=scaled, text=len(shared), **added
        )  # fmt: skip
        with torch.random.fork_rng(devices=[]), torch.device("meta"):
            model = PublishedLanguage(config)
    except (InputError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / 'config.json'}: no T5 that this program knows: {error}") from None
    draw = torch.Generator().manual_seed(seed)
    count = len(model.vocabulary) - config.text
    weights = {**tensors, "added.weight": _like(shared, count, draw)}
    weights.pop("lm_head.weight", None)
    if not tied and head is not None:
        weights |= {"head.weight": head, "added_head.weight": _like(head, count, draw)}
    try:
        model.load_state_dict(weights, strict=True, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{folder}: tensors do not fit its config.json: {reason[:300]}") from None
    return model


def _like(rows: Tensor, count: int, draw: torch.Generator) -> Tensor:
    return rows.mean(0) + rows.std(0, correction=0) * torch.randn(count, rows.shape[1], generator=draw)


def _output(folder: Path, told: dict[str, Any], same: bool | None) -> tuple[bool, bool]:
    """Whether the output layer is the input table, and whether states are scaled before it.

    The second has a key of its own since transformers 5; before, and in all of Google's files, the first says both.
    """
    said = told.get("tie_word_embeddings", True)
    if type(said) is not bool:
        raise CheckpointError(f"{folder / 'config.json'}: tie_word_embeddings must be true or false; it is {said!r}")
    scaled = told.get("scale_decoder_outputs", said)
    if same is None:
        if said:
            return True, bool(scaled)
        raise CheckpointError(f"{folder}: no tensor lm_head.weight, though tie_word_embeddings is false")
    if said and not same and "scale_decoder_outputs" not in told:
        raise CheckpointError(
            f"{folder}: config.json says that the output layer is the input table (tie_word_embeddings), and the files "
            "hold another one, which versions of transformers read differently: set it false or leave lm_head out"
        )
    return same, bool(scaled)


def _told(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path))
    except (InputError, FormatError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.parent}: no config.json that can be read, so no T5: {error}") from None
    kind = content.get("model_type") if isinstance(content, dict) else None
    if kind not in TYPES:
        raise CheckpointError(f"{path}: model_type is {kind!r}; needed is one of {', '.join(TYPES)}, such as Flan-T5")
    return dict(content)


def _tensors(folder: Path) -> dict[str, Tensor]:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = " (its .bin files are pickles and are not read: save it again)" if any(folder.glob("*.bin")) else ""
        raise CheckpointError(f"{folder}: no weights: *.safetensors is missing{pickled}")
    tensors: dict[str, Tensor] = {}
    for path in files:
        try:
            tensors |= load_file(str(path))
        except (SafetensorError, OSError, ValueError) as error:
            raise CheckpointError(f"{path}: not a safetensors file, or not a whole one: {error}") from None
    return {name: value.float() for name, value in tensors.items() if name not in _AGAIN}
