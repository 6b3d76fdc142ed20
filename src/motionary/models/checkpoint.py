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

from motionary.errors import CheckpointError
from motionary.formats._files import atomic
from motionary.models.flow import FlowConfig, LatentFlow
from motionary.models.temos import Temos, TemosConfig

#: Kind -> (configuration, network). A new model is one line here.
KINDS: dict[str, tuple[type[Any], type[nn.Module]]] = {
    "temos": (TemosConfig, Temos),
    "latent-flow": (FlowConfig, LatentFlow),
}

_LARGEST = 10_000  # no size of a network is larger; a config that says so is broken or hostile


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
    config_class, model_class, values, info = _config(folder / "config.json")
    with torch.device("meta"):
        model = model_class(config_class(**values))
    tensors = _tensors(folder / "model.safetensors", dict(model.state_dict()))
    model.load_state_dict(tensors, strict=True, assign=True)
    return model.eval().requires_grad_(False), info


def _config(path: Path) -> tuple[type[Any], type[nn.Module], dict[str, Any], dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kind, values, info = content["kind"], content["fields"], content.get("info", {})
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path}: needs kind and fields in JSON: {error!r}") from None
    if kind not in KINDS:
        raise CheckpointError(f"{path}: kind {kind!r} is not known; known are {', '.join(KINDS)}")
    config_class, model_class = KINDS[kind]
    known = {field.name: field.default for field in fields(config_class)}
    if not isinstance(values, dict) or set(values) != set(known):
        wrong = sorted(set(values) ^ set(known)) if isinstance(values, dict) else ["fields"]
        raise CheckpointError(f"{path}: fields that are missing or unknown: {', '.join(wrong)}")
    for name, value in values.items():
        kinds = (int, float) if isinstance(known[name], float) else (type(known[name]),)
        if not isinstance(value, kinds) or (type(value) is bool) != (type(known[name]) is bool):
            raise CheckpointError(f"{path}: {name} must be {kinds[-1].__name__}; it is {value!r}")
        if isinstance(value, int | float) and not 0 <= value <= _LARGEST:
            raise CheckpointError(f"{path}: {name} must be between 0 and {_LARGEST}; it is {value!r}")
    return config_class, model_class, values, info


def _tensors(path: Path, expected: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    try:
        with safe_open(str(path), "pt") as file:
            names = set(file.keys())
            wrong = sorted(names ^ set(expected))
            if wrong:
                raise CheckpointError(f"{path}: tensors that are missing or unknown: {', '.join(wrong[:5])}")
            result = {}
            for name in names:
                shape = list(file.get_slice(name).get_shape())
                if shape != list(expected[name].shape):
                    raise CheckpointError(f"{path}: {name} must be {list(expected[name].shape)}; it is {shape}")
                result[name] = file.get_tensor(name).to(expected[name].dtype)
                if result[name].is_floating_point() and not torch.isfinite(result[name]).all():
                    raise CheckpointError(f"{path}: {name} holds numbers that are not finite")
    except SafetensorError as error:
        raise CheckpointError(f"{path}: not a safetensors file: {error}") from None
    return result
