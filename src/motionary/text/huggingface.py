"""Any transformers encoder as a token encoder: DistilBERT (as TEMOS), BERT, MPNet, RoBERTa, ..."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from motionary.errors import CheckpointError, MissingExtraError
from motionary.text.encoder import Mask, States, pool
from motionary.text.tokens import check_lengths, check_texts


class HuggingFaceEncoder:
    """The last hidden states of a model in a local folder, frozen and in evaluation mode.

    Nothing is fetched from a network and no code of the folder is run. Weights must be safetensors.

    Args:
        folder: as ``save_pretrained`` writes it: config.json, model.safetensors and the tokenizer's files.

    Raises:
        MissingExtraError: transformers is not installed.
        CheckpointError: the folder is not a transformers model.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from transformers import AutoModel, AutoTokenizer
        except ImportError:
            raise MissingExtraError("this encoder needs transformers: pip install 'motionary[text]'") from None
        options = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), **options)
            model: Any = AutoModel.from_pretrained(str(folder), use_safetensors=True, **options)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0]
            raise CheckpointError(f"{folder}: transformers cannot load an encoder from it: {reason}") from None
        self._model = model.eval().requires_grad_(False)
        self.name = str(folder)
        self.width = int(model.config.hidden_size)
        self.max_tokens = int(getattr(model.config, "max_position_embeddings", 512))

    def encode(self, texts: list[str]) -> tuple[States, Mask]:
        """States [n, tokens, width], zero where padded, and mask [n, tokens]; sentences are never cut."""
        check_texts(texts)
        rows = self._tokenizer(texts, padding=True, return_tensors="pt")
        mask = rows["attention_mask"].numpy().astype(bool)
        check_lengths(texts, mask.sum(axis=1), self.max_tokens)
        with torch.inference_mode():
            states = self._model(input_ids=rows["input_ids"], attention_mask=rows["attention_mask"]).last_hidden_state
        return np.asarray(states.float().numpy() * mask[..., None], dtype=np.float32), mask

    def embed(self, texts: list[str]) -> States:
        """[n, width] sentence vectors of unit length."""
        return pool(*self.encode(texts))
