"""CLIP's text model as a token encoder (Radford et al. 2021): states after the final layer norm, 77 tokens at most.

CLIP reads from left to right, so a token knows nothing of what follows; the end token alone has seen the sentence. The
mask covers start token to end token. Nothing is fetched unless a name says so: "hub:owner/name" may download, while
"owner/name" is looked for in the hub's local cache only, which is also what a checkpoint made with it asks for later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from motionary.errors import CheckpointError, InputError, MissingExtraError
from motionary.text.encoder import States
from motionary.text.huggingface import HuggingFaceEncoder

TYPES = ("clip", "clip_text_model")

_HUB = re.compile(r"(?:hub:)?[\w.-]+/[\w.-]+(?:@[\w./-]+)?")
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"))
_FILES = ["config.json", *_WEIGHTS, "model-*.safetensors", "tokenizer*.json", "vocab.json", "merges.txt"]
_PROJECTION = "text_projection.weight"
_CONFIG_LIMIT = 4 * 2**20  # bytes


class ClipEncoder(HuggingFaceEncoder):
    """The text half of a CLIP, frozen; pictures play no part.

    Args:
        source: a folder as ``save_pretrained`` writes it (a whole CLIP or its text model: config.json,
            model.safetensors, and tokenizer.json or vocab.json with merges.txt), or a hub name (see the module; a
            revision may follow: "hub:owner/name@revision").

    Raises:
        MissingExtraError: transformers is not installed.
        CheckpointError: no such folder or cached model, no weights, or a model of another type.
    """

    def __init__(self, source: str | Path) -> None:
        folder = _folder(str(source))
        _check(folder)
        try:
            import transformers
        except ImportError:
            raise _missing() from None
        library: Any = transformers
        try:
            with _quiet():
                model, report = library.CLIPTextModelWithProjection.from_pretrained(
                    str(folder), use_safetensors=True, local_files_only=True, output_loading_info=True
                )
                self._tokenizer = library.CLIPTokenizerFast.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise CheckpointError(f"{folder}: transformers cannot load a CLIP from it: {_line(error)}") from None
        missing = set(report["missing_keys"])
        if absent := sorted(missing - {_PROJECTION}):
            raise CheckpointError(f"{folder}: the weights lack {len(absent)} tensors of a text model: {absent[0]}, ...")
        self._tokenizer.padding_side = "right"
        self._model = model.eval().requires_grad_(False)
        self.name = str(source).removeprefix("hub:")
        self.width = int(model.config.hidden_size)
        self.max_tokens = int(model.config.max_position_embeddings)
        if len(self._tokenizer) > model.config.vocab_size:
            raise CheckpointError(
                f"{folder}: the tokenizer has {len(self._tokenizer)} tokens and the model knows "
                f"{model.config.vocab_size}; they are of different models"
            )
        matrix = model.text_projection.weight.float().numpy()
        self._projection = None if missing or len(matrix) != self.width else matrix

    def embed(self, texts: list[str]) -> States:
        """[n, width] sentence vectors of unit length: the end token, projected to where CLIP compares with pictures.

        Where a folder holds no projection, or one to another width, it is the end token as it is.
        """
        states, mask = self.encode(texts)
        ends = states[np.arange(len(states)), mask.sum(axis=1) - 1]
        if self._projection is not None:
            ends = ends @ self._projection.T
        return np.asarray(ends / np.linalg.norm(ends, axis=1, keepdims=True), dtype=np.float32)


def clip_available(name: str) -> bool:
    """Whether a folder or hub name can be loaded as CLIP now, without a network. Loads nothing itself."""
    try:
        import transformers  # noqa: F401

        _check(_folder(name.removeprefix("hub:")))
    except (ImportError, InputError, MissingExtraError):
        return False
    return True


def is_hub_name(name: str) -> bool:
    """Whether a name has the form "owner/name" or "hub:owner/name"."""
    return _HUB.fullmatch(name) is not None


def model_type(folder: Path) -> str:
    """What config.json says the model is; "" where it says nothing that can be read."""
    path = folder / "config.json"
    try:
        if path.stat().st_size > _CONFIG_LIMIT:
            return ""
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    found = content.get("model_type") if isinstance(content, dict) else None
    return found if isinstance(found, str) else ""


def _check(folder: Path) -> None:
    """Refuse what transformers would fill with random weights, or read with an empty vocabulary."""
    if (found := model_type(folder)) not in TYPES:
        raise CheckpointError(
            f"{folder}: config.json must say model_type {' or '.join(map(repr, TYPES))}; it says {found[:40]!r}"
        )
    if not any((folder / name).is_file() for name in _WEIGHTS):
        raise CheckpointError(
            f"{folder}: no model.safetensors; CLIP's weights are needed in that form (pickled ones are not read), as "
            "save_pretrained writes them"
        )
    if not any(all((folder / name).is_file() for name in names) for names in _TOKENIZERS):
        raise CheckpointError(f"{folder}: no tokenizer; put tokenizer.json, or vocab.json and merges.txt, there")


def _folder(source: str) -> Path:
    """The folder itself, or that of a hub name: from the local cache, or fetched where "hub:" asks for it."""
    if Path(source).is_dir():
        return Path(source)
    if not is_hub_name(source):
        raise CheckpointError(f"{source}: no such folder, and no name of the form owner/name or hub:owner/name")
    name, _, revision = source.removeprefix("hub:").partition("@")
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise _missing() from None
    online = source.startswith("hub:")
    try:
        return Path(
            snapshot_download(name, revision=revision or None, local_files_only=not online, allow_patterns=_FILES)
        )
    except (OSError, ValueError) as error:
        if online:
            raise CheckpointError(f"{source}: cannot be fetched: {_line(error)}") from None
        raise CheckpointError(
            f"{source}: neither a folder nor in the local cache of the Hugging Face hub; 'hub:{source}' fetches it"
        ) from None


def _missing() -> MissingExtraError:
    return MissingExtraError("CLIP needs transformers: pip install 'motionary[text]'")


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' list of the weights of the picture half, which are left out on purpose, and its bars."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
