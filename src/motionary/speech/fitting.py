"""Fits units on a folder of sounds and measures them: code use, error, and how well they tell the sounds of speech."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.speech import kmeans
from motionary.speech.audio import read
from motionary.speech.features import Source
from motionary.speech.mel import Floats
from motionary.speech.synthesis import INDEX, load
from motionary.speech.units import Units, code_use, fit, pooled

Progress = Callable[[str, int, int], None]

_SUFFIXES = {".wav", ".flac", ".mp3", ".ogg", ".m4a"}
_SILENCE = "sil"
_MOST_ROWS = 300_000  # that are kept: some 500 MB


@dataclass(frozen=True)
class Rows:
    """Pooled features of many sounds, and the sound of speech in the middle of each row; none where unknown."""

    values: Floats
    phones: NDArray[np.str_] | None


def fit_folder(
    folder: str | Path,
    encoder: Source,
    size: int = 500,
    pool: int = 2,
    hours: float = 1.0,
    seed: int = 0,
    steps: int = 20,
    progress: Progress | None = None,
) -> tuple[Units, dict[str, Any]]:
    """Units for the sounds of a folder, and their figures on those held out.

    Args:
        folder: a synthetic set (learned from its train split, measured on its test split), or any folder of sounds, of
            which every tenth is measured on.
        encoder: see ``features.source``.
        size: how many units.
        pool: rows of features, 50 a second, to a unit.
        hours: how much is learned from, at most; drawn at random.
        seed, steps: of k-means.
        progress: called with (what, done, total).

    Raises:
        InputError: a folder with too few sounds.
    """
    train, held = _split(Path(folder), seed)
    tell = progress or (lambda what, done, total: None)
    rows = collect(train, encoder, pool, hours, lambda done, total: tell("features", done, total))
    units = fit(
        rows.values, encoder, size, pool, seed, steps, progress=lambda done, total: tell("k-means", done, total)
    )
    figures = measure(
        units, collect(held, encoder, pool, hours / 4, lambda done, total: tell("measuring", done, total))
    )
    return replace(units, info={"rows": len(rows.values), "seed": seed, "held_out": figures}), figures


def collect(
    items: list[dict[str, Any]],
    encoder: Source,
    pool: int,
    hours: float,
    progress: Callable[[int, int], None] | None = None,
) -> Rows:
    """Features of sounds until there are ``hours`` of them; items need "path", and may have "phones"."""
    most = min(_MOST_ROWS, round(hours * 3600 * encoder.rate / pool))
    values: list[Floats] = []
    phones: list[NDArray[np.str_]] = []
    count = 0
    for item in items:
        values.append(pooled(encoder(read(item["path"])), pool))
        phones.append(labels(item.get("phones", ()), len(values[-1]), encoder.rate / pool))
        count += len(values[-1])
        if progress:
            progress(min(count, most), most)
        if count >= most:
            break
    known = all("phones" in item for item in items[: len(values)])
    return Rows(np.concatenate(values), np.concatenate(phones) if known else None)


def labels(phones: Any, rows: int, rate: float) -> NDArray[np.str_]:
    """The sound in the middle of each row: [rows] IPA, "sil" where nobody speaks."""
    found = np.full(rows, _SILENCE, dtype="U8")
    for ipa, start, end, _ in phones:
        first, last = (int(np.ceil(time * rate - 0.5)) for time in (start, end))
        found[max(0, first) : max(0, last)] = ipa
    return found


def measure(units: Units, rows: Rows) -> dict[str, float]:
    """Figures of units on rows that they were not fitted on.

    Returns:
        used, perplexity: see ``units.code_use``; error: squared, as a share of the rows' variance; where sounds are
        known, of the rows in which somebody speaks: purity (how often the unit's commonest sound is the right one) and
        information (of the sound's entropy, the share that the unit tells).
    """
    normal = torch.from_numpy(((rows.values - units.mean) / units.scale).astype(np.float32))
    nearest, errors = kmeans.assign(normal, torch.from_numpy(units.centroids.astype(np.float32)))
    found = nearest.numpy().astype(np.int32)
    figures = {**code_use(found, units.size), "error": float(errors.mean() / normal.var(dim=0).sum())}
    if rows.phones is not None:
        spoken = rows.phones != _SILENCE
        figures |= _told(found[spoken], rows.phones[spoken], units.size)
    return figures


def _told(units: NDArray[np.int32], phones: NDArray[np.str_], size: int) -> dict[str, float]:
    kinds, numbers = np.unique(phones, return_inverse=True)
    joint = np.zeros((size, len(kinds)))
    np.add.at(joint, (units, numbers), 1 / len(units))
    some = joint > 0
    unit, phone = joint.sum(axis=1), joint.sum(axis=0)
    information = float((joint[some] * np.log(joint[some] / np.outer(unit, phone)[some])).sum())
    return {
        "purity": float(joint.max(axis=1).sum()),
        "information": information / float(-(phone * np.log(phone)).sum()),
        "kinds": len(kinds),
        "rows": len(units),
    }


def _split(folder: Path, seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    items = list(_items(folder))
    if len(items) < 2:
        raise InputError(f"{folder}: {len(items)} sounds; units need two at least ({', '.join(sorted(_SUFFIXES))})")
    items = [items[k] for k in np.random.default_rng(seed).permutation(len(items))]
    held = [
        item for number, item in enumerate(items) if item.get("split", "test" if number % 10 == 0 else "") == "test"
    ]
    train = [item for number, item in enumerate(items) if item.get("split", "train" if number % 10 else "") == "train"]
    if not held or not train:
        raise InputError(f"{folder}: its index needs sounds of the splits train and test")
    return train, held


def _items(folder: Path) -> Iterator[dict[str, Any]]:
    if (folder / INDEX).is_file():
        for item in load(folder)["items"]:
            yield {**item, "path": folder / item["file"]}
    else:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _SUFFIXES and path.is_file():
                yield {"path": path}
