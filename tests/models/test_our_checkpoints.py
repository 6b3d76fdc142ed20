"""Checkpoints of our anticipator: what is saved answers as before, and broken or mixed files are refused."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from kitchen import kitchen
from motionary.actions.blend import Blend, Frequencies, question
from motionary.actions.durations import Durations
from motionary.actions.forecast import Question
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.errors import CheckpointError
from motionary.learning.anticipation import ours, release
from motionary.learning.anticipation.segments import PRESETS
from motionary.tasks.anticipators import load

LABELS = ("cup", "coffee", "milk", "drink")
INFO = {"labels": list(LABELS), "fps": 10.0, "licence": "CC0-1.0"}
Break = Callable[[Path], object]


@pytest.fixture(scope="module")
def blend() -> Blend:
    """As ``ours.learn`` makes it, without the search for weights and balance."""
    grammar = ours.next_action("ours", kitchen(16), 4, 3, PRESETS["debug"])
    members = tuple(
        SemiMarkov(grammar, Durations.learn(kitchen(16), 4, *one), RolloutConfig(seed=3)) for one in ours.DURATIONS
    )
    return Blend(members, (0.4, 0.6), Frequencies.learn(kitchen(16), 4), (1.0, 0.6, 0.2, 0.0))


@pytest.fixture(scope="module")
def whole(blend: Blend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.save(blend, tmp_path_factory.mktemp("ours") / "anticipate-kitchen", INFO, "# kitchen\n")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def asked() -> list[Question]:
    free = [replace(question(one, 0.3), total=None) for one in kitchen(3, seed=5)]
    return [*free, *(question(one, 0.3) for one in kitchen(3, seed=6))]


def test_what_is_loaded_answers_as_before(blend: Blend, whole: Path) -> None:
    loaded, info = release.load(whole)
    assert {name: info[name] for name in INFO} == INFO
    assert info["seed"] == loaded.members[0].config.seed == 3  # type: ignore[attr-defined]
    for before, after in zip(blend(asked()), loaded(asked()), strict=True):
        assert before.shares is not None
        assert after.shares is not None
        assert np.abs(before.shares - after.shares).mean() < 0.005  # networks are kept in 16 bits
        assert (before.frames == after.frames).mean() > 0.97


def test_saved_again_it_is_the_same(whole: Path, folder: Path) -> None:
    first, info = release.load(whole)
    release.save(first, folder, info, "# kitchen\n")
    again, _ = release.load(folder)
    for one, other in zip(first(asked()), again(asked()), strict=True):
        assert one.shares is not None
        assert np.array_equal(one.frames, other.frames)
        assert np.array_equal(one.shares, other.shares)
    for name in ("config.json", "model.safetensors", "counted.safetensors", "card.md"):
        assert (whole / name).read_bytes() == (folder / name).read_bytes()


def test_a_folder_is_a_model(whole: Path) -> None:
    model = load(whole)
    assert (model.name, model.labels, model.fps, model.features) == ("anticipate-kitchen", LABELS, 10.0, 0)


def config(change: Callable[[dict[str, Any]], object]) -> Break:
    def apply(folder: Path) -> None:
        path = folder / "config.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return apply


def counted(change: Callable[[dict[str, np.ndarray]], object]) -> Break:
    def apply(folder: Path) -> None:
        path = str(folder / "counted.safetensors")
        tensors = load_file(path)
        change(tensors)
        save_file(tensors, path)

    return apply


def half(name: str) -> Break:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:900])


CASES: dict[str, tuple[Break, str]] = {
    "no counts": (lambda f: (f / "counted.safetensors").unlink(), r"no counted\.safetensors.*copy it too"),
    "counts cut": (half("counted.safetensors"), r"counted\.safetensors: broken.*copy the whole folder anew"),
    "counts empty": (lambda f: (f / "counted.safetensors").write_bytes(b""), "counted.safetensors: broken"),
    "no network": (lambda f: (f / "model.safetensors").unlink(), "no model.safetensors"),
    "network cut": (half("model.safetensors"), "model.safetensors: not a safetensors file"),
    "no labels": (config(lambda c: c["info"].pop("labels")), "does not say what it knows: KeyError 'labels'"),
    "no rate": (config(lambda c: c["info"].pop("fps")), "does not say what it knows: KeyError 'fps'"),
    "no sensible rate": (config(lambda c: c["info"].update(fps=0)), "0.0 frames and"),
    "labels of another set": (config(lambda c: c["info"].update(labels=["a", "b"])), "4 classes, 2 labels"),
    "no weights": (config(lambda c: c["info"].update(weights=[])), "0 weights"),
    "weights are words": (config(lambda c: c["info"].update(weights=["x", "y"])), "could not convert"),
    "more members": (config(lambda c: c["info"].update(weights=[0.3] * 3)), r"broken.*durations\.2"),
    "no balance": (config(lambda c: c["info"].pop("balance")), "broken.*balance"),
    "balance too short": (config(lambda c: c["info"].update(balance=[1.0])), "1 balances"),
    "another network": (config(lambda c: c["fields"].update(classes=5)), r"model\.safetensors: .* must be"),
    "missing tensor": (counted(lambda t: t.pop("grammar")), "broken.*grammar"),
    "wrong grammar": (counted(lambda t: t.update(grammar=t["grammar"][1:])), r"grammar must be \[26, 5\]; it is \[25"),
    "wrong frequencies": (counted(lambda t: t.update(ahead=t["ahead"][:, :9])), r"ahead must be \[7, 100, 4\]"),
    "wrong overall": (counted(lambda t: t.update(overall=t["overall"][None])), r"overall must be \[4\]; it is \[1"),
    "wrong means": (
        counted(lambda t: t.update({"durations.1.means": np.zeros(3, np.float32)})), r"durations.1.means must be \[4\]"
    ),
    "wrong counts": (
        counted(lambda t: t.update({"durations.0.counts": t["durations.0.counts"] + 1})), "where other numbers"
    ),
    "counts of nothing": (
        counted(lambda t: t.update({"durations.0.counts": 0 * t["durations.0.counts"]})), "where other numbers"
    ),
    "NaN": (counted(lambda t: t["overall"].__setitem__(0, np.nan)), "numbers that are not finite"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES))
def test_refused(folder: Path, case: str) -> None:
    spoil, message = CASES[case]
    spoil(folder)
    started = time.process_time()
    with pytest.raises(CheckpointError, match=message) as caught:
        load(folder)
    assert time.process_time() - started < 1.0
    assert str(folder) in str(caught.value)
    assert len(str(caught.value)) < 400
