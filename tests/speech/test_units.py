"""k-means and units: known clusters are found, folders round trip, broken ones are refused, streams give the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

import sounds
from motionary.errors import CheckpointError, InputError
from motionary.speech import features, kmeans, units
from motionary.speech.audio import Audio, resample, write
from motionary.speech.fitting import Rows, fit_folder, labels, measure
from motionary.speech.prosody import at_units, prosody
from motionary.speech.stream import SpeechStream, UnitStream
from motionary.speech.units import Units, code_use, pooled


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Eight bands of the spectrum of each row: an encoder for tests that sees nothing but the row."""
    power = np.abs(np.fft.rfft(samples.reshape(-1, features.STEP), axis=1))[:, :40]
    return np.log(power.reshape(-1, 8, 5).mean(axis=2) + 1e-3).astype(np.float32)


BANDS = features.Source("bands", 1, 8, spectrum)


@pytest.fixture
def codec(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> Units:
    monkeypatch.setattr(units, "source", lambda name, layer: BANDS)
    noise = Audio((rng.standard_normal(80_000) * 0.1).astype(np.float32), 16_000)
    return units.fit(pooled(BANDS(noise), 2), BANDS, 12, 2, info={"note": "test"})


def test_kmeans_finds_clusters(rng: np.random.Generator) -> None:
    middles = rng.standard_normal((20, 5)) * 10
    rows = np.concatenate([middle + 0.1 * rng.standard_normal((50, 5)) for middle in middles]).astype(np.float32)
    found = kmeans.fit(torch.from_numpy(rows), 20, seed=1)
    nearest, errors = kmeans.assign(torch.from_numpy(rows), found)
    assert errors.max() < 0.5
    assert len(torch.unique(nearest.reshape(20, 50)[:, 0])) == 20
    assert torch.equal(found, kmeans.fit(torch.from_numpy(rows), 20, seed=1))
    assert not torch.equal(found, kmeans.fit(torch.from_numpy(rows), 20, seed=2))


def test_dead_centroids_begin_anew(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    rows = torch.from_numpy(rng.standard_normal((2000, 2)).astype(np.float32))
    far = torch.cat([rows[:4], torch.full((4, 2), 1e3)])
    monkeypatch.setattr(kmeans, "_plus_plus", lambda rows, count, generator: far.clone())
    nearest, _ = kmeans.assign(rows, kmeans.fit(rows, 8))
    assert torch.bincount(nearest, minlength=8).min() > 20


def test_assignment_is_the_nearest(rng: np.random.Generator) -> None:
    rows, centroids = (torch.from_numpy(rng.standard_normal((n, 3)).astype(np.float32)) for n in (9000, 7))
    nearest, errors = kmeans.assign(rows, centroids)
    wanted = torch.cdist(rows, centroids).min(dim=1)
    assert torch.equal(nearest, wanted.indices)
    assert torch.allclose(errors, wanted.values**2, atol=1e-4)


def test_rows_that_are_all_the_same() -> None:
    assert torch.isfinite(kmeans.fit(torch.ones(50, 3), 4)).all()


@pytest.mark.parametrize("seconds", [0.001, 0.5, 1.0, 1.013, 12.0])
def test_lengths(codec: Units, seconds: float) -> None:
    sound = sounds.tone(300, seconds)
    found = codec.encode(sound)
    assert found.dtype == np.int32
    assert len(found) == -(-features.count(len(sound.samples)) // 2)
    assert 0 <= found.min() <= found.max() < codec.size == 12
    assert codec.rate == 25.0


def test_deduplication(codec: Units) -> None:
    steady = codec.encode(sounds.tone(400, 1.0), deduplicate=True)
    assert len(steady) < 6
    assert (np.diff(steady) != 0).all()


def test_pooling() -> None:
    rows = np.arange(10, dtype=np.float32).reshape(5, 2)
    assert pooled(rows, 2).tolist() == [[1, 2], [5, 6], [8, 9]]
    assert pooled(rows, 1) is rows


def test_folder_round_trip(tmp_path: Path, codec: Units) -> None:
    back = Units.load(codec.save(tmp_path / "units", card="# Units"))
    sound = sounds.babble([(0.3, 0.1, 110)], 0.6)
    assert np.array_equal(back.encode(sound), codec.encode(sound))
    assert (back.version, back.pool, back.layer, back.source) == (codec.version, 2, 1, "bands")
    assert back.info["note"] == "test"
    assert len(codec.version) == 16


def test_version_changes_with_everything_that_decides(codec: Units) -> None:
    from dataclasses import replace

    moved = codec.centroids.copy()
    moved[0, 0] += 1
    others = [
        replace(codec, layer=2),
        replace(codec, pool=1),
        replace(codec, centroids=moved),
        replace(codec, source="x"),
    ]
    assert len({codec.version, *(other.version for other in others)}) == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "0" * 16}, "version"), ({"pool": 0}, "pool"), ({"layer": "3"}, "layer must be int"),
        ({"kind": "flow"}, "kind"), ({"more": 1}, "must be an object"),
    ],
)  # fmt: skip
def test_broken_configurations(tmp_path: Path, codec: Units, change: dict[str, object], message: str) -> None:
    folder = codec.save(tmp_path / "units")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(CheckpointError, match=message):
        Units.load(folder)


def test_broken_tensors(tmp_path: Path, codec: Units) -> None:
    folder = codec.save(tmp_path / "units")
    path = folder / "units.safetensors"
    good = {"centroids": codec.centroids, "mean": codec.mean, "scale": codec.scale}
    bad = [
        good | {"scale": np.zeros_like(codec.scale)}, good | {"mean": codec.mean[:-1]},
        good | {"centroids": codec.centroids * np.float16(np.inf)}, {"centroids": codec.centroids},
    ]  # fmt: skip
    for tensors in bad:
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path)
        with pytest.raises(CheckpointError):
            Units.load(folder)
    path.write_bytes(b"no tensors")
    with pytest.raises(CheckpointError, match="safetensors"):
        Units.load(folder)
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        Units.load(tmp_path)


def test_features_of_another_width_are_refused(codec: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "source", lambda name, layer: features.Source("other", 1, 9, spectrum))
    with pytest.raises(CheckpointError, match="width 8"):
        codec.encode(sounds.tone())


@pytest.mark.parametrize("chunk", [160, 1000, 4096, 100_000])
def test_stream_gives_the_units_of_the_whole(codec: Units, chunk: int) -> None:
    """With an encoder that sees only its row, whatever is pushed in whatever pieces."""
    sound = sounds.babble([(0.3, 0.1, 110), (0.9, 0.06, 190), (1.4, 0.1, 140), (2.2, 0.1, 100)], 2.507)
    stream = UnitStream(codec)
    parts = [stream.push(sound.samples[at : at + chunk]) for at in range(0, len(sound.samples), chunk)]
    assert np.array_equal(np.concatenate([*parts, stream.flush()]), codec.encode(sound))


def test_stream_delay_and_refusals(codec: Units) -> None:
    stream = UnitStream(codec, ahead=0.2, step=0.2)
    assert not len(stream.push(np.zeros(6000, np.float32)))
    assert len(stream.push(np.zeros(400, np.float32))) == 5  # 0.4 s are heard, 0.2 s of them are given
    with pytest.raises(InputError, match="finite"):
        stream.push(np.array([np.nan], np.float32))
    with pytest.raises(InputError, match="30 s"):
        UnitStream(codec, behind=30)
    assert not len(UnitStream(codec).flush())


@pytest.mark.parametrize(("rate", "chunk"), [(16_000, 700), (16_000, 4801), (44_100, 4410), (22_050, 997)])
def test_speech_stream_gives_units_and_prosody_of_the_whole(codec: Units, rate: int, chunk: int) -> None:
    sound = sounds.babble([(0.3, 0.1, 110), (0.9, 0.06, 190), (1.4, 0.1, 140), (2.2, 0.1, 100)], 2.507, rate)
    stream = SpeechStream(codec)
    parts = [
        one for at in range(0, len(sound.samples), chunk) for one in stream.push(sound.samples[at : at + chunk], rate)
    ]
    assert {len(one) for one, _ in parts} == {5}  # a step of 0.2 s, however much comes at once
    units_found, how = (np.concatenate(found) for found in zip(*parts, *stream.flush(), strict=True))
    whole = resample(sound)
    assert np.array_equal(units_found, codec.encode(whole))
    assert stream.seconds == pytest.approx(2.507, abs=1e-3)
    expected = at_units(prosody(whole).rows(), len(units_found), codec.rate)
    far = np.abs(how - expected)
    assert far[:, [0, 2]].max() < 0.02
    assert np.abs(far[:, 1]).mean() < 0.02
    assert far[:, 3].mean() < 0.05 * expected[:, 3].max()


def test_speech_stream_refuses(codec: Units) -> None:
    stream = SpeechStream(codec)
    assert stream.flush() == []
    stream.push(np.zeros(100, np.float32), 22_050)
    with pytest.raises(InputError, match="22050 samples a second"):
        stream.push(np.zeros(100, np.float32), 16_000)
    for wrong in (np.array([np.inf], np.float32), np.zeros((5, 2), np.float32)):
        with pytest.raises(InputError, match="one channel"):
            stream.push(wrong, 22_050)
    with pytest.raises(InputError, match="samples a second must be"):
        SpeechStream(codec).push(np.zeros(5, np.float32), 100)


def test_code_use() -> None:
    assert code_use(np.array([0, 1, 2, 3], np.int32), 8) == {"used": 0.5, "perplexity": pytest.approx(4.0)}


def test_labels_and_what_units_tell() -> None:
    found = labels([("a", 0.1, 0.3, 2), ("b", 0.3, 0.5, 0)], 6, 10)
    assert found.tolist() == ["sil", "a", "a", "b", "b", "sil"]
    values = np.array([[0.0], [1.0], [1.0], [9.0], [9.0], [0.0]], np.float32)
    made = units.fit(values, BANDS, 3, steps=5)
    figures = measure(made, Rows(values, found))
    assert figures["purity"] == figures["information"] == pytest.approx(1.0)
    mixed = measure(made, Rows(values, np.array(["sil", "a", "b", "a", "b", "sil"])))
    assert mixed["purity"] == pytest.approx(0.5)
    assert mixed["information"] == pytest.approx(0.0, abs=1e-9)


def test_fitting_on_a_folder_of_sounds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 sounds"):
        fit_folder(tmp_path, BANDS, 4)
    for number in range(11):
        write(sounds.babble([(0.2, 0.1, 100 + 10 * number)], 0.4), tmp_path / f"{number}.wav")
    found, figures = fit_folder(tmp_path, BANDS, 4, steps=3)
    assert (found.size, found.rate) == (4, 25.0)
    assert 0 < figures["error"] < 1
    assert found.info["held_out"] == figures
    with pytest.raises(InputError, match="units; not 500"):
        fit_folder(tmp_path, BANDS, 500)


def test_units_that_ship() -> None:
    found = Units.load()
    assert (found.size, found.rate, found.version) == (500, 25.0, "f5bb81a202fc21af")
    assert (found.source, found.layer) == (features.EMBEDDED, 3)
    assert found.info["held_out"]["used"] > 0.9
