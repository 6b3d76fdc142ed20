"""CLIP as a text encoder, on a tiny random one: states, mask, sentence vectors, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from motionary import text
from motionary.errors import CheckpointError, InputError, MissingExtraError
from motionary.text.clip import ClipEncoder, clip_available, is_hub_name, model_type
from motionary.text.encoder import ENCODERS
from tiny_clip import save_tokenizer, tiny_clip

transformers = pytest.importorskip("transformers")

SENTENCES = ["a person walks", "A PERSON  waves, jumps and walks", "jumps"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ClipEncoder:
    return ClipEncoder(folder)


@pytest.fixture
def no_network(monkeypatch):
    """Any connection is a failure of the test, and the hub's cache is empty."""
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("something went online")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


class TestStates:
    def test_shapes_and_mask(self, encoder):
        states, mask = encoder.encode(SENTENCES)
        assert states.dtype == np.float32
        assert mask.sum(axis=1).tolist() == [5, 11, 3]  # start, words ("and" is three letters), end
        assert states.shape == (3, 11, encoder.width) == (3, 11, 16)
        assert (states[~mask] == 0).all()
        assert np.abs(states[mask]).min(axis=1).max() > 0
        assert np.isfinite(states).all()

    def test_a_batch_is_its_sentences(self, encoder):
        states, mask = encoder.encode(SENTENCES)
        for row, keep, sentence in zip(states, mask, SENTENCES, strict=True):
            assert np.abs(row[keep] - encoder.encode([sentence])[0][0]).max() < 2e-5

    def test_after_the_final_norm(self, encoder):
        """A fresh layer norm has weight 1 and bias 0: every state has mean 0 and variance 1."""
        states, mask = encoder.encode(SENTENCES)
        assert np.abs(states[mask].mean(axis=1)).max() < 1e-5
        assert states[mask].var(axis=1) == pytest.approx(np.ones(mask.sum()), abs=1e-3)

    def test_reads_from_left_to_right(self, encoder):
        first, second = encoder.encode(["a person walks", "a person waves"])[0]
        assert np.abs(first[:3] - second[:3]).max() < 1e-5
        assert np.abs(first[3:] - second[3:]).max() > 1e-2

    def test_case_and_spaces_do_not_matter(self, encoder):
        assert np.array_equal(encoder.encode(["a person walks"])[0], encoder.encode([" A  Person WALKS"])[0])

    def test_longest(self, encoder):
        assert encoder.max_tokens == 77
        assert encoder.encode([" ".join(["walk"] * 75)])[1].shape == (1, 77)
        with pytest.raises(InputError, match="sentence 2 has 78 tokens and the text encoder reads 77"):
            encoder.encode(["walk", " ".join(["walk"] * 76)])

    @pytest.mark.parametrize("texts", [[], "walk", ["walk", "  "]])
    def test_what_is_no_list_of_sentences(self, encoder, texts):
        with pytest.raises(InputError, match="sentence"):
            encoder.encode(texts)


class TestVectors:
    def test_what_transformers_says(self, encoder, folder):
        """The projected end token, with transformers' own whole CLIP as the judge."""
        import torch

        whole = transformers.CLIPModel.from_pretrained(folder).eval()
        tokenizer = transformers.CLIPTokenizer.from_pretrained(folder)
        for sentence, ours in zip(SENTENCES, encoder.embed(SENTENCES), strict=True):
            with torch.inference_mode():
                out = whole.text_model(**tokenizer([sentence], return_tensors="pt"))
                theirs = whole.text_projection(out.pooler_output)[0]
            assert ours == pytest.approx((theirs / theirs.norm()).numpy(), abs=1e-5)

    @pytest.mark.parametrize("kind", ["whole", "text", "states"])
    def test_unit_length(self, kind, tmp_path):
        encoder = ClipEncoder(tiny_clip(tmp_path, kind))
        vectors = encoder.embed(SENTENCES)
        assert vectors.shape == (3, encoder.width)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)

    @pytest.mark.parametrize(("kind", "changes"), [("states", {}), ("whole", {"projection_dim": 8})])
    def test_without_a_projection_to_its_width_the_end_token_as_it_is(self, kind, changes, tmp_path):
        encoder = ClipEncoder(tiny_clip(tmp_path, kind, **changes))
        end = encoder.encode(["a person walks"])[0][0, -1]
        assert encoder.embed(["a person walks"])[0] == pytest.approx(end / np.linalg.norm(end), abs=1e-6)


class TestLoading:
    @pytest.mark.parametrize("kind", ["whole", "text", "states"])
    def test_by_folder(self, kind, tmp_path, no_network, capfd):
        encoder = text.load(str(tiny_clip(tmp_path, kind)))
        capfd.readouterr()  # what saving said
        again = ClipEncoder(tmp_path)
        assert capfd.readouterr() == ("", "")
        assert isinstance(encoder, ClipEncoder)
        assert encoder.name == str(tmp_path)
        assert np.array_equal(again.embed(SENTENCES), encoder.embed(SENTENCES))
        assert clip_available(str(tmp_path))

    def test_weights_that_lack_a_layer(self, tmp_path):
        """transformers would fill it with random numbers."""
        tiny_clip(tmp_path, "text")
        config = json.loads((tmp_path / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
        with pytest.raises(CheckpointError, match=r"lack 16 tensors of a text model: text_model\.\S*layers\.2\."):
            ClipEncoder(tmp_path)

    def test_tokenizer_of_another_model(self, tmp_path):
        tiny_clip(tmp_path, "text")
        ids = json.loads((tmp_path / "vocab.json").read_text())
        (tmp_path / "vocab.json").write_text(json.dumps({**ids, "dance</w>": len(ids)}))
        with pytest.raises(CheckpointError, match=r"tokenizer has \d+ tokens and the model knows \d+"):
            ClipEncoder(tmp_path)

    @pytest.mark.parametrize(
        ("gone", "message"),
        [
            (["model.safetensors"], r"no model\.safetensors; .*pickled ones are not read"),
            (["vocab.json", "merges.txt"], r"no tokenizer; put tokenizer\.json, or vocab\.json and merges\.txt"),
            (["merges.txt"], r"no tokenizer; put tokenizer\.json"),
            (["config.json"], r"must say model_type 'clip' or 'clip_text_model'; it says ''"),
        ],
    )
    def test_missing_files(self, gone, message, tmp_path, no_network):
        tiny_clip(tmp_path)
        for name in gone:
            (tmp_path / name).unlink()
        with pytest.raises(CheckpointError, match=message) as caught:
            ClipEncoder(tmp_path)
        assert str(tmp_path) in str(caught.value)
        assert not clip_available(str(tmp_path))

    def test_damaged_weights(self, tmp_path):
        tiny_clip(tmp_path)
        (tmp_path / "model.safetensors").write_bytes((tmp_path / "model.safetensors").read_bytes()[:-400])
        with pytest.raises(CheckpointError, match="transformers cannot load a CLIP"):
            text.load(str(tmp_path))

    @pytest.mark.parametrize("config", ['{"model_type": "bert"}', '{"model_type": 3}', "[]", "{", "{}"])
    def test_another_type(self, config, tmp_path):
        save_tokenizer(tmp_path)
        (tmp_path / "config.json").write_text(config)
        with pytest.raises(CheckpointError, match="must say model_type"):
            ClipEncoder(tmp_path)
        assert not clip_available(str(tmp_path))
        assert model_type(tmp_path) == ("bert" if "bert" in config else "")

    def test_without_transformers(self, folder, monkeypatch):
        monkeypatch.setitem(sys.modules, "transformers", None)
        with pytest.raises(MissingExtraError, match=r"motionary\[text\]"):
            ClipEncoder(folder)
        assert not clip_available(str(folder))


class TestHubNames:
    @pytest.mark.parametrize("name", ["openai/clip", "hub:openai/clip-vit-base-patch32", "hub:a/b@refs/pr/3"])
    def test_names(self, name):
        assert is_hub_name(name)

    @pytest.mark.parametrize("name", [*ENCODERS, "clip", "/models/clip", "models/clip/", "a/b/c", "hub:clip", "a b/c"])
    def test_no_names(self, name):
        assert not is_hub_name(name)

    @pytest.mark.parametrize("name", ["no-such-owner/clip", "no-such-owner/clip@main"])
    def test_a_plain_name_is_never_fetched(self, name, no_network):
        with pytest.raises(CheckpointError, match=rf"neither a folder nor in the local cache .*'hub:{name}' fetches"):
            text.load(name)
        assert not clip_available(name)
        assert not clip_available("hub:" + name)

    def test_only_hub_fetches(self, monkeypatch, folder):
        """The snapshot is faked; what counts is what is asked for."""
        import huggingface_hub

        asked = []

        def snapshot(name: str, *, revision: str | None, local_files_only: bool, allow_patterns: list[str]) -> str:
            asked.append((name, revision, local_files_only))
            assert not any(pattern.endswith((".bin", ".py", "*")) for pattern in allow_patterns)
            return str(folder)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
        encoders = [ClipEncoder("hub:own/clip@refs/pr/3"), ClipEncoder("own/clip")]
        assert asked == [("own/clip", "refs/pr/3", False), ("own/clip", None, True)]
        assert [encoder.name for encoder in encoders] == ["own/clip@refs/pr/3", "own/clip"]
        assert clip_available("hub:own/clip")
        assert asked[-1][2]

    def test_a_failed_fetch(self, monkeypatch):
        import huggingface_hub

        def fail(*_: object, **__: object) -> str:
            raise OSError("no route to the hub\nmore")

        monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
        with pytest.raises(CheckpointError, match=r"hub:own/clip: cannot be fetched: no route to the hub$"):
            text.load("hub:own/clip")
