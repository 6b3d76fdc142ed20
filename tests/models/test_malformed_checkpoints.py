"""Broken and hostile checkpoints: each is refused within a second, naming the file and what is wrong in it."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from motionary import models
from motionary.errors import CheckpointError
from motionary.models import checkpoint
from networks import random_model

Break = Callable[[Path], object]


def edit(change: Callable[[dict[str, Any]], object]) -> Break:
    """Change config.json."""

    def apply(folder: Path) -> None:
        content = json.loads((folder / "config.json").read_text())
        change(content)
        (folder / "config.json").write_text(json.dumps(content))

    return apply


def field(name: str, value: object) -> Break:
    return edit(lambda content: content["fields"].update({name: value}))


def text(content: str | bytes) -> Break:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda folder: (folder / "config.json").write_bytes(data)


def replaced(old: str, new: str) -> Break:
    def apply(folder: Path) -> None:
        content = (folder / "config.json").read_text()
        assert old in content
        (folder / "config.json").write_text(content.replace(old, new))

    return apply


def tensors(change: Callable[[dict[str, torch.Tensor]], object]) -> Break:
    """Change model.safetensors."""

    def apply(folder: Path) -> None:
        path = folder / "model.safetensors"
        found = load_file(str(path))
        change(found)
        save_file(found, str(path))

    return apply


def cut(share: float) -> Break:
    def apply(folder: Path) -> None:
        path = folder / "model.safetensors"
        data = path.read_bytes()
        path.write_bytes(data[: int(share * len(data))])

    return apply


def weights(data: bytes) -> Break:
    return lambda folder: (folder / "model.safetensors").write_bytes(data)


def remove(name: str) -> Break:
    return lambda folder: (folder / name).unlink()


def header(content: object) -> bytes:
    data = json.dumps(content).encode()
    return struct.pack("<Q", len(data)) + data


def bad_value(value: float) -> Break:
    return tensors(lambda found: found["mean"].__setitem__(3, value))


# os.system("echo owned") as a pickle.
PICKLE = b"\x80\x04\x95\x25\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\necho owned\x94\x85\x94R\x94."
HUGE = {"mean": {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4 * 10**18]}}

CASES: dict[str, tuple[Break, str]] = {
    "no config": (remove("config.json"), "no config.json"),
    "no weights": (remove("model.safetensors"), "no model.safetensors"),
    "config is empty": (text(""), "config.json: is not JSON"),
    "config is a list": (text("[1]"), "config.json: must be a JSON object"),
    "config is a number": (text("7"), "config.json: must be a JSON object"),
    "config is cut": (text('{"kind": "temos", "fields": {'), "config.json: is not JSON"),
    "config is YAML": (text("kind: !!python/object/apply:os.system [ls]"), "config.json: is not JSON"),
    "config is a pickle": (text(PICKLE), "config.json: is not JSON"),
    "config is UTF-16": (text('{"kind": "temos"}'.encode("utf-16")), "config.json: is not JSON"),
    "config is deep": (text('{"kind":' + "[" * 100_000), "config.json: is not JSON"),
    "config is large": (text(" " * (5 * 2**20)), "config.json: is larger than"),
    "NaN in config": (text('{"kind": "temos", "fields": {"dropout": NaN}, "info": {}}'), "NaN is no JSON"),
    "infinity in info": (text('{"kind": "temos", "fields": {}, "info": {"a": -Infinity}}'), "-Infinity is no JSON"),
    "no kind": (edit(lambda c: c.pop("kind")), "config.json: missing: kind"),
    "no fields": (edit(lambda c: c.pop("fields")), "config.json: missing: fields"),
    "unknown kind": (edit(lambda c: c.update(kind="gpt")), "kind 'gpt' is not known; known are temos"),
    "kind is a list": (edit(lambda c: c.update(kind=["temos"])), "kind .* is not known"),
    "kind is a dotted name": (edit(lambda c: c.update(kind="os.system")), "kind 'os.system' is not known"),
    "another kind": (edit(lambda c: c.update(kind="motion-flow")), "missing: fields.components"),
    "fields are a list": (edit(lambda c: c.update(fields=[1])), "fields must be an object"),
    "info is text": (edit(lambda c: c.update(info="x")), "info must be an object"),
    "_target_ beside kind": (edit(lambda c: c.update(_target_="os.system")), "unknown: _target_"),
    "_target_ in fields": (field("_target_", "os.system"), "unknown: fields._target_"),
    "class_path": (field("class_path", "subprocess.Popen"), "unknown: fields.class_path"),
    "__class__": (field("__class__", "os.system"), "unknown: fields.__class__"),
    "__init__": (edit(lambda c: c.update(__init__=1)), "unknown: __init__"),
    "missing field": (edit(lambda c: c["fields"].pop("width")), "missing: fields.width"),
    "unknown field": (field("depth", 3), "unknown: fields.depth"),
    "bool for int": (field("width", True), "fields.width must be int; it is 'True'"),
    "int for bool": (field("published", 0), "fields.published must be bool"),
    "text for int": (field("width", "16"), "fields.width must be int"),
    "float for int": (field("width", 16.0), "fields.width must be int"),
    "text for float": (field("fps", "30"), "fields.fps must be float"),
    "int for text": (field("encoder", 1), "fields.encoder must be str"),
    "null": (field("heads", None), "fields.heads must be int"),
    "negative size": (field("width", -16), "width must be between 1"),
    "zero layers": (field("text_layers", 0), "text_layers must be between 1"),
    "10^9 wide": (field("feedforward", 10**9), "feedforward must be between 1"),
    "10^9 layers": (field("decoder_layers", 10**9), "decoder_layers must be between 1 and 64"),
    "10^400 wide": (field("width", 10**400), "width must be between 1"),
    "patch of 10^9": (field("patch", 10**9), "patch must be between 1"),
    "dropout above 1": (field("dropout", 1.5), "dropout"),
    "dropout of 1e999": (replaced('"dropout": 0.1', '"dropout": 1e999'), "dropout must be at least 0"),
    "no frame rate": (field("fps", 0), "fps must be between"),
    "heads that do not divide": (field("heads", 3), "multiple of heads"),
    "other width": (field("width", 32), r"model.safetensors: .* must be \[.*32.*\]; it is"),
    "one layer more": (field("decoder_layers", 3), "model.safetensors: missing tensors: decoder.2"),
    "one layer less": (field("decoder_layers", 1), "model.safetensors: unknown tensors: decoder.1"),
    "weights are empty": (weights(b""), "model.safetensors: not a safetensors file"),
    "weights cut in the length": (weights(b"\x10\0\0"), "model.safetensors: not a safetensors file"),
    "weights cut in the header": (cut(0.02), "model.safetensors: not a safetensors file"),
    "weights cut in half": (cut(0.5), "model.safetensors: not a safetensors file"),
    "weights cut by little": (cut(0.999), "model.safetensors: not a safetensors file"),
    "header of 2^63 bytes": (weights(struct.pack("<Q", 2**63) + b"{}"), "model.safetensors: not a safetensors file"),
    "header with a huge tensor": (weights(header(HUGE)), "model.safetensors: not a safetensors file"),
    "header that is no JSON": (weights(struct.pack("<Q", 4) + b"abcd"), "model.safetensors: not a safetensors file"),
    "header that is empty": (weights(header({})), "model.safetensors: missing tensors"),
    "weights are a pickle": (weights(PICKLE * 8), "model.safetensors: not a safetensors file"),
    "weights are a zip": (weights(b"PK\x03\x04" + bytes(400)), "model.safetensors: not a safetensors file"),
    "missing tensor": (tensors(lambda t: t.pop("mean")), "missing tensors: mean"),
    "extra tensor": (tensors(lambda t: t.update(backdoor=torch.ones(2))), "unknown tensors: backdoor"),
    "wrong shape": (tensors(lambda t: t.update(mean=torch.ones(7))), r"mean must be \[140\]; it is \[7\]"),
    "right size, wrong shape": (
        tensors(lambda t: t.update(mean=torch.ones(70, 2))), r"mean must be \[140\]; it is \[70, 2\]"
    ),
    "whole numbers": (
        tensors(lambda t: t.update(mean=torch.ones(140, dtype=torch.int32))), "mean must be floating point"
    ),
    "NaN weight": (bad_value(float("nan")), "mean holds numbers that are not finite"),
    "infinite weight": (bad_value(float("inf")), "mean holds numbers that are not finite"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return checkpoint.save(random_model("temos"), tmp_path / "model")


@pytest.mark.parametrize("case", list(CASES))
def test_refused(folder, case):
    spoil, message = CASES[case]
    spoil(folder)
    started = time.process_time()
    with pytest.raises(CheckpointError, match=message) as caught:
        models.load(str(folder))
    assert time.process_time() - started < 1.0
    assert str(folder) in str(caught.value)
    assert len(str(caught.value)) < 600


def test_empty_and_missing_folders(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(CheckpointError, match=r"no config\.json; a checkpoint is a folder"):
            models.load(str(folder))


def test_a_file_is_no_folder(folder):
    with pytest.raises(CheckpointError, match="a checkpoint is a folder"):
        models.load(str(folder / "model.safetensors"))


FLOW_CASES: dict[str, tuple[Break, str]] = {
    "another kind": (edit(lambda c: c.update(kind="temos")), "missing: fields.decoder_layers"),
    "no steps": (field("steps", 0), "steps must be between 1"),
    "endless steps": (field("steps", 10**9), "steps must be between 1"),
    "heads that do not divide": (field("heads", 3), "multiple of heads"),
    "odd width": (field("width", 15), "width must be even"),
    "guidance of 1e999": (replaced('"guidance": 4.0', '"guidance": 1e999'), "guidance must be between"),
    "no frame rate": (field("fps", 0), "fps must be between"),
    "more components than numbers": (field("components", 9_999), "components must be between 1 and 1,400"),
    "windows of 10^9": (field("hop", 10**9), "hop must be between 1"),
    "other windows": (field("hop", 6), r"windows.basis must be \[24, 1680\]; it is \[24, 1400\]"),
    "no basis": (tensors(lambda t: t.pop("windows.basis")), "missing tensors: windows.basis"),
    "basis is not finite": (
        tensors(lambda t: t["windows.basis"].__setitem__((0, 0), float("nan"))), "windows.basis holds numbers"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(FLOW_CASES))
def test_flow_refused(tmp_path, case):
    folder = checkpoint.save(random_model("motion-flow"), tmp_path / "flow")
    assert models.load(str(folder))[1]["name"] == "flow"
    spoil, message = FLOW_CASES[case]
    spoil(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        models.load(str(folder))
    assert str(folder) in str(caught.value)
