"""A tiny random T5 with a tokenizer of its own, as transformers writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,:;?!'\"-()ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS = ("the", "a", "walk", "person", "body", "motion", "ing", "is", "of", "this")
SENTINELS = ("<extra_id_0>", "<extra_id_1>")


def words(folder: Path) -> Any:
    """A Unigram tokenizer over letters and a few words, written to a folder."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -9.0), ("▁", -3.0), *((letter, -4.0) for letter in LETTERS)]
    pieces += [(start + word, -2.0) for word in WORDS for start in ("", "▁") if len(start + word) > 1]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    found = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        additional_special_tokens=list(SENTINELS),
    )  # fmt: skip
    found.save_pretrained(str(folder))
    return found


def network(folder: Path, tied: bool, rows: int = 128, seed: int = 0, kind: str = "t5") -> Any:
    """A random network; untied as Flan-T5 and T5 1.1 are, with more rows than there are words."""
    from transformers import MT5Config, MT5ForConditionalGeneration, T5Config, T5ForConditionalGeneration

    config_class, model_class = {
        "t5": (T5Config, T5ForConditionalGeneration), "mt5": (MT5Config, MT5ForConditionalGeneration),
    }[kind]  # fmt: skip
    config = config_class(
        vocab_size=rows, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=1, num_heads=2,
        dropout_rate=0.0, tie_word_embeddings=tied, decoder_start_token_id=0,
        feed_forward_proj="relu" if tied else "gated-gelu",
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config).eval()
        if not tied:
            model.lm_head.weight = torch.nn.Parameter(torch.randn(rows, 16))
            model.config.tie_word_embeddings = False
    model.save_pretrained(str(folder))
    return model


def t5(folder: Path, tied: bool = False) -> Path:
    """Both in one folder."""
    words(folder)
    network(folder, tied)
    return folder
