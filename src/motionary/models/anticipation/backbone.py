"""Frozen language models as readers of sequences that are not words: through input embeddings, with room for tuning.

Any causal language model of transformers whose layers have a norm before the attention will do: Llama, Mistral, Qwen,
Gemma, GPT-NeoX. Its output layer is not used, and its weights never change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from motionary.errors import CheckpointError, InputError, MissingExtraError

#: Names besides folders and hub names: SmolLM2-135M, a tiny random Llama for tests.
EMBEDDED, TINY = "smollm2", "tiny"
_RANDOM = "random:"


class Backbone(nn.Module):
    """The layers of a causal language model, frozen.

    Args:
        model: a causal language model of transformers.
        tokenizer: its tokenizer; called with texts, it gives "input_ids".
        name: what ``load`` knows it by.
        layers: use only so many, from the first on; 0 uses all.

    Attributes:
        width: of tokens.
        depth: layers in use.
        projections: numbers that an attention's query and value projections give; 0 where they are not modules.
    """

    def __init__(self, model: Any, tokenizer: Any, name: str, layers: int = 0) -> None:
        super().__init__()
        self.name, self._tokenizer, self.base = name, tokenizer, model.base_model
        stack = _layers(self.base, model.config.num_hidden_layers, name)
        if not 0 <= layers <= len(stack):
            raise InputError(f"{name} has {len(stack)} layers; {layers} cannot be used, 0 means all")
        if layers:
            del stack[layers:]
            model.config.num_hidden_layers = layers
        self.width, self.depth = int(model.config.hidden_size), len(stack)
        self._tuning: Sequence[nn.Module] = ()
        for number, layer in enumerate(stack):
            for site, module in _sites(layer, name).items():
                module.register_forward_hook(partial(self._tuned, number, site))
        first = _sites(stack[0], name)
        self.projections = tuple(int(first[site].out_features) if site in first else 0 for site in ("query", "value"))
        self.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Backbone:
        """Always stays in evaluation mode."""
        return super().train(False)

    def _tuned(self, number: int, site: str, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if not self._tuning:
            return output
        tuned: Tensor = self._tuning[number](site, inputs[0].float(), output.float())
        return tuned.to(output.dtype)

    def forward(
        self, tokens: Tensor, mask: Tensor | None, causal: bool = False, tuning: Sequence[nn.Module] = ()
    ) -> Tensor:
        """[batch, tokens, width] states after the last norm.

        Args:
            tokens: [batch, tokens, width] input embeddings.
            mask: [batch, tokens] true where there is a token; padding is not looked at and takes no position. None:
                there is no padding, or it is taken for tokens.
            causal: tokens see only what is before them, as in the model's own training; else they see everything.
            tuning: a module a layer, called with the place ("norm", "query", "value"), what goes into it and what comes
                out of it, returning what comes out instead.
        """
        batch, length = tokens.shape[:2]
        seen = torch.ones(length, length, dtype=torch.bool, device=tokens.device)
        seen = (seen.tril() if causal else seen).expand(batch, 1, -1, -1)
        if mask is not None:
            seen = seen & (mask[:, None, None] | torch.eye(length, dtype=torch.bool, device=tokens.device))
        everywhere = torch.ones(batch, length, dtype=torch.bool, device=tokens.device)
        positions = (everywhere if mask is None else mask).long().cumsum(dim=1) - 1
        dtype = next(self.base.parameters()).dtype
        bias = torch.zeros(seen.shape, dtype=dtype, device=tokens.device).masked_fill(~seen, torch.finfo(dtype).min)
        self._tuning = tuning
        states = self.base(
            inputs_embeds=tokens.to(dtype),
            attention_mask=bias,
            position_ids=positions.clamp(min=0),
            use_cache=False,
        )
        return torch.as_tensor(states.last_hidden_state).float()

    @torch.no_grad()
    def embed(self, texts: Sequence[str]) -> Tensor:
        """[texts, width] mean of the model's own input embeddings of a text's tokens, without context."""
        table = self.base.get_input_embeddings().weight
        rows = self._tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return torch.stack([table[torch.tensor(row, device=table.device)].float().mean(dim=0) for row in rows])


def load(name: str = EMBEDDED, layers: int = 0, bf16: bool = False, seed: int = 0) -> Backbone:
    """A frozen language model.

    Args:
        name: "smollm2" (SmolLM2-135M-Instruct, embedded), "tiny" (random, for tests), a folder that transformers wrote,
            or a name on the Hugging Face hub. "random:NAME" has the same form and random weights.
        layers: use only so many, from the first on; 0 uses all.
        bf16: keep weights in bfloat16, for GPUs.
        seed: of random weights.

    Raises:
        MissingExtraError: transformers is missing, or what it needs to read the embedded model.
        CheckpointError: no such model, or none that can be read.
        InputError: more layers than there are.
    """
    plain = name.removeprefix(_RANDOM)
    tokenizer, model = _tiny() if plain == TINY else _parts(plain)
    if name != plain or plain == TINY:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = type(model)(model.config)
    backbone = Backbone(model, tokenizer, name, layers)
    return backbone.bfloat16() if bf16 else backbone


def spoken(label: str) -> str:
    """A class label as people say it: "put_toppingOnTop" is "put topping on top"."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label.replace("_", " ").replace("-", " "))
    text = re.sub(r"(?<=[a-z])2(?=[a-z])", " to ", text)
    return " ".join(_SAID.get(word, word) for word in text.lower().split())


_SAID = {"sil": "silence", "stirfry": "stir fry", "saltnpepper": "salt and pepper", "teabag": "tea bag"}


def _parts(name: str) -> tuple[Any, Any]:
    from motionary.text.knowledge.lm_local import FolderLM, smollm2

    if name == EMBEDDED:
        return smollm2().parts()
    return FolderLM(Path(name) if Path(name).is_dir() else fetched(name, f"{EMBEDDED}, {TINY}, ")).parts()


def fetched(name: str, known: str = "") -> Path:
    """The folder of a model on the hub: weights as safetensors, no code. ``known`` other names stand in errors."""
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingExtraError("a language model needs transformers: pip install 'motionary[lm]'") from None
    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.model", "*.txt"]))
    except (OSError, ValueError) as error:  # the hub's errors are both
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(
            f"no language model {name!r}: neither {known}a folder, nor to be had from the hub: {reason}"
        ) from None


def _layers(base: nn.Module, count: int, name: str) -> nn.ModuleList:
    for module in base.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise CheckpointError(
        f"{name}: {type(base).__name__} has no list of {count} layers; a decoder-only model is needed"
    )


def _sites(layer: nn.Module, name: str) -> dict[str, Any]:
    """Where a layer can be tuned: the norm before attention and, where they are apart, query and value projections."""
    known = {"input_layernorm": "norm", "ln_1": "norm", "q_proj": "query", "v_proj": "value"}
    last = ((path.rsplit(".", 1)[-1], module) for path, module in layer.named_modules())
    sites = {known[end]: module for end, module in last if end in known}
    if "norm" not in sites:
        raise CheckpointError(f"{name}: its layers have no norm before attention, which tuning needs")
    return sites


class _Bytes:
    """A tokenizer for the tiny model: a token a byte."""

    def __call__(self, texts: list[str], add_special_tokens: bool = False) -> dict[str, list[list[int]]]:
        return {"input_ids": [list(text.encode()) for text in texts]}


def _tiny() -> tuple[Any, Any]:
    try:
        from transformers import LlamaConfig, LlamaForCausalLM
    except ImportError:
        raise MissingExtraError("a language model needs transformers: pip install 'motionary[lm]'") from None
    config = LlamaConfig(
        vocab_size=256, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=4096, pad_token_id=0, initializer_range=0.3,
    )  # fmt: skip
    return _Bytes(), LlamaForCausalLM(config)
