"""Checkpoints: a folder with ``config.json``, ``model.safetensors`` and ``card.md``. Nothing in it can run code.

``config.json`` names the kind of model by a short name of a closed table, its fields, and what it was trained on.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from motionary.errors import CheckpointError, InputError
from motionary.formats._files import atomic
from motionary.models.anticipation.actionllm import ActionLLM
from motionary.models.anticipation.actionllm_config import ActionLLMConfig
from motionary.models.anticipation.farha import FarhaCnn, FarhaCnnConfig, FarhaRnn, FarhaRnnConfig
from motionary.models.anticipation.futr import Futr, FutrConfig
from motionary.models.anticipation.segments import SegmentConfig, SegmentNet
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.models.gesture_judge import GestureJudge, GestureJudgeConfig
from motionary.models.jl2p import Jl2p, Jl2pConfig
from motionary.models.language import LanguageConfig, MotionLanguage
from motionary.models.published_language import PublishedConfig, PublishedLanguage
from motionary.models.retrieval import Retrieval, RetrievalConfig
from motionary.models.seq2seq import Seq2Seq, Seq2SeqConfig
from motionary.models.style import StyleClassifier, StyleConfig
from motionary.models.temos import Temos, TemosConfig
from motionary.models.tokenizer import Tokenizer, TokenizerConfig

#: Kind -> (configuration, network). A new model is one line here.
KINDS: dict[str, tuple[type[Any], type[nn.Module]]] = {
    "temos": (TemosConfig, Temos),
    "motion-flow": (FlowConfig, MotionFlow),
    "jl2p": (Jl2pConfig, Jl2p),
    "seq2seq": (Seq2SeqConfig, Seq2Seq),
    "retrieval": (RetrievalConfig, Retrieval),
    "farha-rnn": (FarhaRnnConfig, FarhaRnn),
    "farha-cnn": (FarhaCnnConfig, FarhaCnn),
    "futr": (FutrConfig, Futr),
    "actionllm": (ActionLLMConfig, ActionLLM),
    "segments": (SegmentConfig, SegmentNet),
    "gesture-judge": (GestureJudgeConfig, GestureJudge),
    "tokenizer": (TokenizerConfig, Tokenizer),
    "motion-language": (LanguageConfig, MotionLanguage),
    "published-language": (PublishedConfig, PublishedLanguage),
    "style": (StyleConfig, StyleClassifier),
}

_ORDINARY = 4096  # sizes of a network that is made at once
_CONFIG_LIMIT = 4 * 2**20  # bytes


def save(model: Any, folder: Path, info: dict[str, Any] | None = None, card: str = "", half: bool = False) -> Path:
    """Write a model. ``info`` is kept in ``config.json`` (data hash, licence, figures); ``half`` stores fp16."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    if half:
        tensors = {k: v.half() if v.is_floating_point() and v.ndim > 1 else v for k, v in tensors.items()}
    with atomic(folder / "model.safetensors") as path:
        save_file(tensors, str(path))
    config = {"kind": model.kind, "fields": asdict(model.config), "info": info or {}}
    with atomic(folder / "config.json") as path:
        path.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if card:
        with atomic(folder / "card.md") as path:
            path.write_text(card, encoding="utf-8")
    return folder


def load(folder: Path) -> tuple[Any, dict[str, Any]]:
    """A model in evaluation mode, and its ``info``.

    Raises:
        CheckpointError: naming the file and key that are wrong.
    """
    for name in ("config.json", "model.safetensors"):
        if not (folder / name).is_file():
            raise CheckpointError(
                f"{folder}: no {name}; a checkpoint is a folder with config.json and model.safetensors, "
                "such as one that `motionary train` writes"
            )
    model_class, config, info = _config(folder / "config.json")
    model = _empty(model_class, config, folder / "model.safetensors")
    tensors = _tensors(folder / "model.safetensors", dict(model.state_dict()))
    model.load_state_dict(tensors, strict=True, assign=True)
    return model.eval().requires_grad_(False), info


def _empty(model_class: type[nn.Module], config: Any, weights: Path) -> nn.Module:
    """A network to be filled; made on torch's meta device, without memory, where its sizes are not ordinary.

    The meta device costs over a second when it is first used, so the usual checkpoint goes without. A small file cannot
    ask for much memory that way: every layer needs more weights than the square of the width. A network of which that
    is not true says that it is ``heavy``.
    """
    sizes = {name: value for name, value in asdict(config).items() if isinstance(value, int)}
    layers = sum(value for name, value in sizes.items() if name.endswith("layers"))
    asked = 2 * layers * sizes.get("width", 0) ** 2
    ordinary = (
        max(sizes.values()) <= _ORDINARY and asked <= weights.stat().st_size and not hasattr(model_class, "heavy")
    )
    with torch.random.fork_rng(devices=[]), torch.device("cpu" if ordinary else "meta"):
        return model_class(config)


def _config(path: Path) -> tuple[type[nn.Module], Any, dict[str, Any]]:
    content = _json(path)
    _same_names(path, "", content, {"kind", "fields", "info"})
    kind, values, info = content["kind"], content["fields"], content["info"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise CheckpointError(f"{path}: kind {kind!r} is not known; known are {', '.join(KINDS)}")
    for name in ("fields", "info"):
        if not isinstance(content[name], dict):
            raise CheckpointError(f"{path}: {name} must be an object; it is {str(content[name])[:40]!r}")
    config_class, model_class = KINDS[kind]
    known = {field.name: type(field.default) for field in fields(config_class)}
    _same_names(path, "fields.", values, set(known))
    for name, value in values.items():
        # JSON writes 1.0 as 1, so a whole number is a number too; true is none.
        if type(value) is not known[name] and not (known[name] is float and type(value) is int):
            raise CheckpointError(f"{path}: fields.{name} must be {known[name].__name__}; it is {str(value)[:40]!r}")
    try:
        return model_class, config_class(**values), info
    except InputError as error:
        raise CheckpointError(f"{path}: fields: {error}") from None


def _json(path: Path) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    if path.stat().st_size > _CONFIG_LIMIT:
        raise CheckpointError(f"{path}: is larger than {_CONFIG_LIMIT >> 20} MB, which no configuration is")
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise CheckpointError(f"{path}: must be a JSON object with kind, fields and info")
    return content


def _same_names(path: Path, prefix: str, found: dict[str, Any], known: set[str]) -> None:
    """Refuse missing and unknown names: a file that asks for what is not there is not read on a guess."""
    for what, names in (("missing", known - set(found)), ("unknown", set(found) - known)):
        if names:
            listed = ", ".join(prefix + name[:60] for name in sorted(names)[:5])
            raise CheckpointError(f"{path}: {what}: {listed}")


def _tensors(path: Path, expected: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    try:
        with safe_open(str(path), "pt") as file:
            found = file.keys()
            for what, names in (("missing", set(expected) - set(found)), ("unknown", set(found) - set(expected))):
                if names:
                    raise CheckpointError(f"{path}: {what} tensors: {', '.join(sorted(names)[:5])}")
            return {name: _tensor(path, name, file, like) for name, like in expected.items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path}: not a safetensors file, or not a whole one: {error}") from None


def _tensor(path: Path, name: str, file: Any, like: torch.Tensor) -> torch.Tensor:
    shape = list(file.get_slice(name).get_shape())
    if shape != list(like.shape):
        raise CheckpointError(f"{path}: {name} must be {list(like.shape)}; it is {shape}")
    tensor = file.get_tensor(name)
    if not tensor.is_floating_point():
        raise CheckpointError(f"{path}: {name} must be floating point; it is {tensor.dtype}")
    if not torch.isfinite(tensor).all():
        raise CheckpointError(f"{path}: {name} holds numbers that are not finite")
    # A copy, because tensors lie unaligned in the file, and some products round differently there.
    return tensor.to(like.dtype, copy=True)
