"""Files that users send: what is in them, what is refused with its place, what a viewer gets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from service_tools import tree

import motions
import sounds
from motionary import formats
from motionary.formats import _gltf_file
from motionary.speech.audio import write

LABELS = b"start,end,label\n0,4.5,pour coffee\n4.5,9,pour milk\n"


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """A file of every kind."""
    folder = tmp_path_factory.mktemp("material")
    walk = motions.walk(1.0)
    for suffix in (".bvh", ".npz", ".glb"):
        formats.write(walk, folder / f"walk{suffix}")
    write(sounds.babble([(0.3, 0.1, 120)], 0.6), folder / "speech.wav")
    (folder / "steps.csv").write_bytes(LABELS)
    (folder / "steps.json").write_text('[{"start": 0, "end": 2, "label": "stir"}]')
    return folder


def _still(path):
    """The mannequin with its animation taken out: a rig."""
    document = _gltf_file.Document(path)
    document.json.pop("animations")
    text = json.dumps(document.json).encode()
    text += b" " * (-len(text) % 4)
    data = path.read_bytes()
    binary = data[20 + int.from_bytes(data[12:16], "little") :]
    numbers = (2, 20 + len(text) + len(binary), len(text))
    return b"".join([b"glTF", *(number.to_bytes(4, "little") for number in numbers), b"JSON", text, binary])


def send(client, name, data):
    return client.post("/v1/uploads", params={"name": name}, content=data)


@pytest.mark.parametrize("suffix", [".bvh", ".npz", ".glb"])
def test_motions(client, material, suffix):
    data = (material / f"walk{suffix}").read_bytes()
    response = send(client, f"My walk{suffix}", data)
    told = response.json()
    assert (response.status_code, told["kind"], told["name"], told["bytes"]) == (
        201,
        "motion",
        f"My walk{suffix}",
        len(data),
    )
    assert told["facts"]["seconds"] == pytest.approx(1.0)
    assert told["facts"]["human"]["fits"] is True
    assert client.get(f"/v1/uploads/{told['id']}").json() == told
    assert client.get(f"/v1/uploads/{told['id']}/content").content == data
    shown = client.get(f"/v1/uploads/{told['id']}.glb")
    assert shown.headers["Content-Type"] == "model/gltf-binary"
    assert shown.content[:4] == b"glTF"
    assert told["id"] in [one["id"] for one in client.get("/v1/uploads").json()["uploads"]]


def test_a_form_does_as_well(client, material):
    response = client.post("/v1/uploads", files={"file": ("steps.csv", LABELS, "text/csv")})
    told = response.json()
    assert (response.status_code, told["kind"], told["name"]) == (201, "labels", "steps.csv")
    assert [one["label"] for one in told["facts"]["segments"]] == ["pour coffee", "pour milk"]
    assert told["facts"]["segments"][1] == {"start": 4.5, "end": 9.0, "label": "pour milk"}
    assert client.get(f"/v1/uploads/{told['id']}.glb").status_code == 422
    assert client.post("/v1/uploads", files={"other": ("a.csv", LABELS)}).json()["error"]["field"] == "file"


def test_json_is_looked_at(client, material):
    assert send(client, "steps.json", (material / "steps.json").read_bytes()).json()["kind"] == "labels"
    told = send(client, "steps.json", b'{"a": 1}').json()["error"]
    assert told["code"] == "format"


def test_sounds(client, material):
    told = send(client, "speech.wav", (material / "speech.wav").read_bytes()).json()
    assert (told["kind"], told["facts"]["rate"], told["facts"]["silent"]) == ("audio", 16_000, False)
    assert told["facts"]["seconds"] == pytest.approx(0.6)
    assert len(told["facts"]["peaks"]) == 200
    assert max(told["facts"]["peaks"]) == pytest.approx(max(told["facts"]["peaks"][60:140]))
    assert np.isfinite(told["facts"]["peaks"]).all()
    assert all(0 <= second <= 0.6 for second in told["facts"]["stressed"])


def test_a_title_in_another_encoding_is_no_fault(client, tmp_path):
    path = sounds.encoded(tmp_path / "a.mp3", sounds.tone(seconds=0.2), "mp3", "s16p")
    title = b"TIT2" + (6).to_bytes(4, "big") + b"\0\0" + b"\x03caf\xe9\xe9"
    data = b"ID3\x04\0\0" + bytes([0, 0, 0, len(title)]) + title + path.read_bytes()
    assert send(client, "song.mp3", data).json()["kind"] == "audio"


def test_a_rig(client, material):
    told = send(client, "hero.glb", _still(material / "walk.glb")).json()
    assert (told["kind"], told["facts"]["human"]["fits"], told["facts"]["joints"]) == ("rig", True, 22)
    assert client.get(f"/v1/uploads/{told['id']}.glb").content[:4] == b"glTF"


def test_one_is_deleted(client, folder):
    id = send(client, "steps.csv", LABELS).json()["id"]
    assert client.delete(f"/v1/uploads/{id}").status_code == 204
    assert client.get(f"/v1/uploads/{id}").status_code == 404
    assert client.delete(f"/v1/uploads/{id}").status_code == 404
    assert not (folder / "uploads" / id).exists()


# A WAV whose format tag stands for no codec.
_STRANGE = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\xf3\x7f\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\x10\0\0\0" + bytes(16)

BROKEN = [
    ("a.bvh", b"", 422, "empty"),
    ("a.bvh", b"HIERARCHY\nROOT hips\n{\n", 422, "line"),
    ("a.npz", b"PK\x03\x04 nothing", 422, "zip"),
    ("a.glb", b"glTF\x02\0\0\0\xff\xff\xff\x7f", 422, ""),
    ("a.wav", b"RIFF\0\0\0\0WAVE", 422, ""),
    ("a.wav", _STRANGE, 422, "coded in a way that is not known"),
    ("a.csv", b"start,end,label\n3,1,x\n", 422, "line 2"),
    ("a.csv", b"no such columns\n1,2,3", 422, ""),
    ("a.fbx", b"Kaydara FBX", 415, ".bvh"),
    ("a.gltf", b"{}", 415, ""),
    ("a.amc", b":FULLY-SPECIFIED", 415, ""),
    ("a.bvh", b"<!doctype html>", 422, "line 1"),
    ("a.mp4", b"\0\0\0\x18ftypmp42", 422, ""),
]


@pytest.mark.parametrize(("name", "data", "status", "says"), BROKEN)
def test_what_is_wrong_is_refused_with_its_place(client, folder, name, data, status, says):
    before = tree(folder)
    response = send(client, name, data)
    told = response.json()["error"]
    assert response.status_code == status
    assert says in told["message"]
    assert str(folder) not in told["message"]
    assert "content." not in told["message"]
    assert tree(folder) == before


def test_a_name_is_needed(client):
    response = client.post("/v1/uploads", content=b"x")
    assert (response.status_code, response.json()["error"]["field"]) == (422, "name")
