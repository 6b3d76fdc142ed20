"""A tiny random CLIP with a tokenizer of the real form, saved as transformers saves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

WORDS = ("a", "person", "walks", "waves", "jumps", "walk")


def vocabulary() -> tuple[dict[str, int], list[str]]:
    """Token ids and merges: all bytes, alone and at a word's end, a few words, start and end, in CLIP's order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(code) for code in printable] + [chr(256 + k) for k in range(256 - len(printable))]
    tokens, merges = letters + [letter + "</w>" for letter in letters], []
    for word in WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            if f"{parts[0]} {parts[1]}" not in merges:
                merges.append(f"{parts[0]} {parts[1]}")
                tokens.append(parts[0] + parts[1])
            parts[:2] = [parts[0] + parts[1]]
    names = [*dict.fromkeys(tokens), "<|startoftext|>", "<|endoftext|>"]
    return {name: number for number, name in enumerate(names)}, merges


def save_tokenizer(folder: Path) -> int:
    """vocab.json and merges.txt; returns the number of tokens."""
    ids, merges = vocabulary()
    (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")
    return len(ids)


def text_config(tokens: int, **changes: Any) -> dict[str, Any]:
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": tokens - 2, "eos_token_id": tokens - 1, "pad_token_id": tokens - 1}
    return {**sizes, **ends, "vocab_size": tokens, "projection_dim": 16, "max_position_embeddings": 77, **changes}


def tiny_clip(folder: Path, kind: str = "whole", **changes: Any) -> Path:
    """Save one.

    Args:
        kind: "whole" (text and pictures, as OpenAI's), "text" (text with projection) or "states" (text without).
        changes: to the configuration of the text model.
    """
    transformers = pytest.importorskip("transformers")
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    given = text_config(save_tokenizer(folder), **changes)
    torch.manual_seed(0)
    if kind == "whole":
        pictures = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
        vision = {**pictures, "image_size": 8, "patch_size": 4, "projection_dim": given["projection_dim"]}
        config = transformers.CLIPConfig(
            text_config=given, vision_config=vision, projection_dim=given["projection_dim"]
        )
        model = transformers.CLIPModel(config)
    else:
        config = transformers.CLIPTextConfig(**given)
        form = transformers.CLIPTextModelWithProjection if kind == "text" else transformers.CLIPTextModel
        model = form(config)
    model.save_pretrained(folder)
    return folder
