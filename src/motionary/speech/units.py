"""Speech units: a codec from a sound to small whole numbers, the nearest of k-means' centroids among features.

A folder holds ``config.json``, ``units.safetensors`` and ``card.md``. The version is a hash of everything that decides
which numbers come out; models keep it beside their own weights and refuse units of another version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from motionary.errors import CheckpointError, InputError
from motionary.formats._files import atomic, read_text
from motionary.speech import kmeans
from motionary.speech.audio import Audio
from motionary.speech.features import Source, source
from motionary.speech.mel import Floats

KIND = "speech-units"
_FIELDS = {"kind": str, "source": str, "layer": int, "pool": int, "version": str, "info": dict}
_MOST, _WIDEST, _MOST_POOL = 65_536, 4096, 16
_LIMIT = 1 << 20  # bytes of config.json


@dataclass(frozen=True)
class Units:
    """The codec.

    Attributes:
        centroids: [size, width] of normalised features, float16.
        mean, scale: [width] float32; features are taken as (features - mean) / scale.
        source: "whisper-tiny.en", or a folder with an encoder.
        layer: of the encoder.
        pool: how many rows of features, 50 a second, are averaged to one.
        info: what it was fitted on, and its figures.
    """

    centroids: NDArray[np.float16]
    mean: Floats
    scale: Floats
    source: str
    layer: int
    pool: int = 1
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many units there are."""
        return len(self.centroids)

    @property
    def rate(self) -> float:
        """Units a second."""
        return Source.rate / self.pool

    @cached_property
    def version(self) -> str:
        """Sixteen hexadecimal digits."""
        # A folder's path says nothing about its encoder; the centroids do, because they were fitted on it.
        name = "folder" if Path(self.source).is_absolute() or "/" in self.source else self.source
        parts = [f"{name}|{self.layer}|{self.pool}|{self.centroids.shape}".encode()]
        parts += [np.ascontiguousarray(one).tobytes() for one in (self.centroids, self.mean, self.scale)]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]

    @cached_property
    def features(self) -> Source:
        """The encoder. Raises MissingExtraError or CheckpointError as ``features.source``."""
        found = source(self.source, self.layer)
        if found.width != self.centroids.shape[1]:
            raise CheckpointError(
                f"the units need features of width {self.centroids.shape[1]}; {found.name} gives {found.width}"
            )
        return found

    @cached_property
    def _centroids(self) -> torch.Tensor:
        return torch.from_numpy(self.centroids.astype(np.float32))

    def encode(self, audio: Audio, deduplicate: bool = False) -> NDArray[np.int32]:
        """[ceil(rows / pool)] units of a sound, where it has round(50 * seconds) rows, at least one.

        Args:
            audio: of any rate and length.
            deduplicate: leave out repetitions; then units have no time of their own.
        """
        found = self.quantise(self.features(audio))
        return found[np.diff(found, prepend=-1) != 0] if deduplicate else found

    def quantise(self, rows: Floats) -> NDArray[np.int32]:
        """[rows, width] features -> [ceil(rows / pool)] units."""
        normal = (pooled(rows, self.pool) - self.mean) / self.scale
        nearest, _ = kmeans.assign(torch.from_numpy(normal.astype(np.float32)), self._centroids)
        return np.asarray(nearest.numpy(), dtype=np.int32)

    def save(self, folder: str | Path, card: str = "") -> Path:
        """Write the folder. Raises InputError where that is not possible."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {"centroids": self.centroids, "mean": self.mean, "scale": self.scale}
        with atomic(folder / "units.safetensors") as path:
            save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, path)
        config = {
            "kind": KIND, "source": self.source, "layer": self.layer, "pool": self.pool, "version": self.version,
            "info": {"size": self.size, "rate": self.rate, **self.info},
        }  # fmt: skip
        with atomic(folder / "config.json") as path:
            path.write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if card:
            with atomic(folder / "card.md") as path:
                path.write_text(card, encoding="utf-8")
        return folder

    @classmethod
    def load(cls, folder: str | Path = "default") -> Units:
        """Units from a folder; "default" are those that ship.

        Raises:
            CheckpointError: naming the file and key that are wrong.
        """
        shipped = files("motionary") / "data" / "weights" / KIND
        path = Path(str(shipped)) if folder == "default" else Path(folder)
        config, tensors = _config(path / "config.json"), _tensors(path / "units.safetensors")
        units = cls(**tensors, **{name: config[name] for name in ("source", "layer", "pool", "info")})
        if units.version != config["version"]:
            raise CheckpointError(
                f"{folder}: the units are version {units.version}; config.json says {config['version']}"
            )
        return units


def pooled(rows: Floats, pool: int) -> Floats:
    """Means of ``pool`` rows each; the last may be of fewer. [rows, width] -> [ceil(rows / pool), width]."""
    if pool == 1:
        return rows
    starts = np.arange(0, len(rows), pool)
    counts = np.diff([*starts, len(rows)])
    return np.asarray(np.add.reduceat(rows, starts, axis=0) / counts[:, None], dtype=np.float32)


def fit(
    rows: Floats,
    encoder: Source,
    size: int,
    pool: int = 1,
    seed: int = 0,
    steps: int = 20,
    info: dict[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Units:
    """Units for features.

    Args:
        rows: [n, width] pooled features of many sounds.
        encoder: where they come from.
        size: how many units.
        pool: how many rows were averaged to one of them.
        seed, steps, progress: see ``kmeans.fit``.
        info: kept with the units.

    Raises:
        InputError: fewer rows than units, or a size that cannot be.
    """
    if not 2 <= size <= min(len(rows), _MOST):
        raise InputError(f"{len(rows)} rows of features give 2 to {min(len(rows), _MOST)} units; not {size}")
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-5
    normal = torch.from_numpy(((rows - mean) / scale).astype(np.float32))
    centroids = kmeans.fit(normal, size, seed, steps, progress).numpy().astype(np.float16)
    return Units(
        centroids, mean.astype(np.float32), scale.astype(np.float32), encoder.name, encoder.layer, pool, info or {}
    )


def code_use(units: NDArray[np.int32], size: int) -> dict[str, float]:
    """How evenly units are used: share of those that occur, and perplexity, 1 to ``size``."""
    share = np.bincount(units, minlength=size) / max(1, len(units))
    some = share[share > 0]
    return {"used": float((share > 0).mean()), "perplexity": float(np.exp(-(some * np.log(some)).sum()))}


def _config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointError(f"{path.parent}: no config.json; units are a folder that `motionary speech fit` writes")
    try:
        config = json.loads(read_text(path, _LIMIT))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: is not JSON: {error}") from None
    if not isinstance(config, dict) or set(config) != set(_FIELDS):
        raise CheckpointError(f"{path}: must be an object with {', '.join(_FIELDS)}")
    for name, kind in _FIELDS.items():
        if type(config[name]) is not kind:
            raise CheckpointError(f"{path}: {name} must be {kind.__name__}; it is {str(config[name])[:40]!r}")
    if config["kind"] != KIND or not 1 <= config["pool"] <= _MOST_POOL or config["layer"] < 1:
        raise CheckpointError(f"{path}: kind, pool or layer is not one of speech units")
    return config


def _tensors(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointError(f"{path.parent}: no units.safetensors")
    try:
        found = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path}: not a safetensors file, or not a whole one: {error}") from None
    if set(found) != {"centroids", "mean", "scale"} or found["centroids"].ndim != 2:
        raise CheckpointError(f"{path}: must hold centroids [size, width], mean and scale")
    size, width = found["centroids"].shape
    fits = found["mean"].shape == found["scale"].shape == (width,) and 2 <= size <= _MOST and width <= _WIDEST
    if not fits or not all(
        value.dtype in (np.float16, np.float32) and np.isfinite(value).all() for value in found.values()
    ):
        raise CheckpointError(f"{path}: mean and scale must be [width] as the centroids, and all numbers finite")
    if not (found["scale"] > 0).all():
        raise CheckpointError(f"{path}: scale must be above 0")
    return dict(found)
