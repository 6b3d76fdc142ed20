# ruff: noqa: E501
"""npz files by hand: broken or hostile ones, each with the word its refusal must name, and odd but valid ones."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable

import numpy as np

FRAMES = 5
DOCUMENT = {
    "format": "motionary", "version": 1, "names": ["a", "b"], "parents": [-1, 0],
    "tips": {"b": [0, 0.1, 0]}, "segments": [{"start": 0, "end": 1, "text": "stand"}], "meta": {},
}  # fmt: skip


def own(**changes) -> dict:
    """The arrays of a sound file in motionary's own layout, changed; None leaves a key out."""
    arrays = {
        "document": np.array(json.dumps(DOCUMENT)), "fps": np.array(30.0), "offsets": np.zeros((2, 3)),
        "root": np.zeros((FRAMES, 3)), "rotations": np.tile([1.0, 0, 0, 0], (FRAMES, 2, 1)),
    }  # fmt: skip
    return {key: np.asarray(value) for key, value in (arrays | changes).items() if value is not None}


def amass(**changes) -> dict:
    arrays = {"poses": np.zeros((FRAMES, 156)), "trans": np.zeros((FRAMES, 3)), "mocap_framerate": np.array(120.0)}
    return {key: np.asarray(value) for key, value in (arrays | changes).items() if value is not None}


def beat(**changes) -> dict:
    return amass(
        poses=np.zeros((FRAMES, 165)), expressions=np.zeros((FRAMES, 100)), mocap_framerate=None,
        **({"mocap_frame_rate": np.array(30)} | changes),
    )  # fmt: skip


def document(**changes) -> np.ndarray:
    return np.array(json.dumps(DOCUMENT | changes))


def packed(arrays: dict) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def member(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def npy(
    descr: str, shape: str, body: bytes = b"", version: bytes = b"\x01\x00", pad: int = 0, fortran: str = "False"
) -> bytes:
    """An npy member whose header says anything."""
    text = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}".encode() + b" " * pad + b"\n"
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(text))
    return b"\x93NUMPY" + version + length + text + body


def root(data: bytes) -> bytes:
    """The sound own file, with these bytes as its member root.npy."""
    return zipped([(f"{key}.npy", member(array)) for key, array in own(root=None).items()] + [("root.npy", data)])


def encrypted() -> bytes:
    data = bytearray(packed(own()))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


def patched_size(factor: int) -> bytes:
    """The directory lies about how large root.npy is."""
    data = bytearray(zipped([(f"{key}.npy", member(array)) for key, array in own().items()]))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"root.npy"))
    size = struct.unpack_from("<I", data, at + 24)[0]
    struct.pack_into("<I", data, at + 24, size * factor if factor > 0 else size // 2)
    return bytes(data)


def wrong_checksum() -> bytes:
    data = bytearray(zipped([(f"{key}.npy", member(array)) for key, array in own().items()], zipfile.ZIP_STORED))
    at = data.find(b"\x93NUMPY", data.find(b"rotations.npy")) + 140
    data[at] ^= 0xFF
    return bytes(data)


def bomb() -> bytes:
    return zipped([("root.npy", npy("'<f8'", "(8388608,)", bytes(8 * 8388608)))])


def lying_bomb() -> bytes:
    """Says 96 bytes, unpacks to 64 MB."""
    data = bytearray(bomb())
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 128 + 96)
    return bytes(data)


class Evil:
    def __reduce__(self):
        return (print, ("code ran",))


def duplicate() -> bytes:
    data = zipped([(f"{key}.npy", member(array)) for key, array in own().items()] + [("rooT.npy", member(np.zeros(3)))])
    return data.replace(b"rooT.npy", b"root.npy")


# name -> (a function that makes the bytes, what the message must hold: the key or member, or the place)
BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "byte 0"),
    "text": (lambda: b"HIERARCHY\n", "byte 0"),
    "npy renamed": (lambda: member(np.zeros((9, 263))), "HumanML3D"),
    "only the signature": (lambda: b"PK\x03\x04", "zip directory"),
    "no members": (lambda: zipped([]), "no layout is recognised"),
    "zip bomb": (bomb, "200 times"),
    "zip bomb that lies": (lying_bomb, "'root'"),
    "nested zip": (lambda: zipped([("inner.npz", packed(own()))]), "'inner.npz'"),
    "65 members": (lambda: zipped([(f"k{k}.npy", member(np.zeros(1))) for k in range(65)]), "more than 64 members"),
    "20,000 members": (lambda: zipped([(f"k{k}.npy", b"") for k in range(20_000)]), "more than 64 members"),
    "duplicate members": (duplicate, "'root.npy'"),
    "a path upwards": (lambda: zipped([("../../evil.npy", member(np.zeros(1)))]), "'../../evil.npy'"),
    "an absolute path": (lambda: zipped([("/etc/evil.npy", member(np.zeros(1)))]), "'/etc/evil.npy'"),
    "a member that is no npy": (lambda: zipped([("root.pkl", b"cos\nsystem\n")]), "'root.pkl'"),
    "a member with the wrong contents": (lambda: root(b"hello, this is text"), "'root'"),
    "encrypted": (encrypted, "encrypted"),
    "bzip2": (lambda: zipped([("root.npy", member(np.zeros(9)))], zipfile.ZIP_BZIP2), "'root.npy'"),
    "lzma": (lambda: zipped([("root.npy", member(np.zeros(9)))], zipfile.ZIP_LZMA), "'root.npy'"),
    "wrong checksum": (wrong_checksum, "'rotations'"),
    "directory says larger": (lambda: patched_size(3), "'root'"),
    "directory says smaller": (lambda: patched_size(0), "'root'"),
    "empty member": (lambda: root(b""), "'root'"),
    "cut header": (lambda: root(member(np.zeros((5, 3)))[:20]), "'root'"),
    "header of 2 GB": (lambda: root(b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31)), "'root'"),
    "header of spaces": (lambda: root(npy("'<f8'", "(5, 3)", bytes(120), b"\x02\x00", pad=1_000_000)), "'root'"),
    "32 GB without data": (lambda: root(npy("'<f8'", "(65536, 65536)")), "'root'"),
    "negative size": (lambda: root(npy("'<f8'", "(-5, 3)", bytes(120))), "'root'"),
    "sizes whose product overflows": (lambda: root(npy("'<f8'", "(4294967296, 4294967296, 2)")), "'root'"),
    "size with 400 digits": (lambda: root(npy("'<f8'", f"({'9' * 400},)")), "'root'"),
    "header made to backtrack": (lambda: root(npy("'<f8'", "(" + "1" * 150 + "x)")), "'root'"),
    "code for a size": (lambda: root(npy("'<f8'", "(__import__('os').getpid(), 3)")), "'root'"),
    "40 axes": (lambda: root(npy("'<f8'", "(" + "1, " * 40 + ")", bytes(8))), "'root'"),
    "fewer bytes than the shape": (lambda: root(npy("'<f8'", "(5, 3)", bytes(112))), "'root'"),
    "more bytes than the shape": (lambda: root(npy("'<f8'", "(5, 3)", bytes(128))), "'root'"),
    "structured type": (lambda: root(npy("[('x', '<f8')]", "(5,)", bytes(40))), "'root'"),
    "objects": (lambda: root(member(np.array([Evil()], dtype=object))), "'root'"),
    "objects of the right size": (lambda: root(npy("'|O8'", "(5, 3)", bytes(120))), "objects"),
    "text of a billion characters": (lambda: root(npy("'<U1000000000'", "()")), "'root'"),
    "dates": (lambda: root(npy("'<M8[s]'", "(5, 3)", bytes(120))), "dates"),
    "complex": (lambda: root(npy("'<c16'", "(5, 3)", bytes(240))), "complex"),
    "long doubles": (lambda: root(npy("'<f16'", "(5, 3)", bytes(240))), "'root'"),
    "npy version 9.9": (lambda: root(npy("'<f8'", "(5, 3)", bytes(120), b"\x09\x09")), "version 9.9"),
    "text for numbers": (lambda: packed(own(root=np.full((5, 3), "1.0"))), "'root'"),
    "NaN": (lambda: packed(own(root=np.full((5, 3), np.nan))), "'root'"),
    "infinity": (lambda: packed(own(root=np.full((5, 3), np.inf))), "'root'"),
    "NaN in one frame": (lambda: packed(own(root=np.where(np.arange(15).reshape(5, 3) == 10, np.nan, 0))), "frame 3"),
    "far away": (lambda: packed(own(root=np.full((5, 3), 1e9))), "'root'"),
    "zero quaternions": (lambda: packed(own(rotations=np.zeros((5, 2, 4)))), "'rotations'"),
    "matrices for quaternions": (lambda: packed(own(rotations=np.zeros((5, 2, 3, 3)))), "'rotations'"),
    "wrong joint count": (lambda: packed(own(rotations=np.tile([1.0, 0, 0, 0], (5, 3, 1)))), "'rotations'"),
    "wrong frame count": (lambda: packed(own(rotations=np.tile([1.0, 0, 0, 0], (4, 2, 1)))), "'rotations'"),
    "no frames": (lambda: packed(own(root=np.zeros((0, 3)), rotations=np.zeros((0, 2, 4)))), "'root'"),
    "fps 0": (lambda: packed(own(fps=0.0)), "'fps'"),
    "fps nan": (lambda: packed(own(fps=np.nan)), "'fps'"),
    "fps negative": (lambda: packed(own(fps=-30)), "'fps'"),
    "fps an array": (lambda: packed(own(fps=[30, 30])), "'fps'"),
    "fps a text": (lambda: packed(own(fps="30")), "'fps'"),
    "fps missing": (lambda: packed(own(fps=None)), "'fps'"),
    "rotations missing": (lambda: packed(own(rotations=None)), "'rotations'"),
    "document missing": (lambda: packed(own(document=None)), "'document'"),
    "document no JSON": (lambda: packed(own(document="{")), "'document'"),
    "document with NaN": (lambda: packed(own(document=json.dumps(DOCUMENT | {"meta": {"x": float("nan")}}))), "'document'"),
    "document with 1e999": (lambda: packed(own(document=json.dumps(DOCUMENT).replace("0.1", "1e999"))), "'document'"),
    "document with a key twice": (lambda: packed(own(document='{"format": "motionary", "format": "motionary"}')), "'document'"),
    "document 100,000 deep": (lambda: packed(own(document="[" * 100_000 + "]" * 100_000)), "'document'"),
    "document of numbers": (lambda: packed(own(document=np.zeros(3))), "'document'"),
    "document a list": (lambda: packed(own(document="[]")), "'document'"),
    "document of version 2": (lambda: packed(own(document=document(version=2))), "version 2"),
    "names not texts": (lambda: packed(own(document=document(names=[1, 2]))), "'document'"),
    "parents not whole": (lambda: packed(own(document=document(parents=[-1, 0.5]))), "'document'"),
    "parent after child": (lambda: packed(own(document=document(parents=[-1, 1]))), "parent"),
    "names twice": (lambda: packed(own(document=document(names=["a", "a"]))), "repeated: a"),
    "tip of an unknown joint": (lambda: packed(own(document=document(tips={"z": [0, 0, 0]}))), "z"),
    "tip of two numbers": (lambda: packed(own(document=document(tips={"b": [0, 0]}))), "'b'"),
    "segment without text": (lambda: packed(own(document=document(segments=[{"start": 0, "end": 1}]))), "segment"),
    "meta a list": (lambda: packed(own(document=document(meta=[]))), "'meta'"),
    "hands of 29 joints": (lambda: packed(own(hands=np.tile([1.0, 0, 0, 0], (5, 29, 1)))), "'hands'"),
    "face of other length": (lambda: packed(own(face=np.zeros((4, 103)))), "'face'"),
    "AMASS without trans": (lambda: packed(amass(trans=None)), "AMASS"),
    "AMASS without a rate": (lambda: packed(amass(mocap_framerate=None)), "'mocap_framerate'"),
    "AMASS of 100 values": (lambda: packed(amass(poses=np.zeros((5, 100)))), "'poses'"),
    "AMASS time last": (lambda: packed(amass(poses=np.zeros((156, 5)))), "transposed"),
    "AMASS trans time last": (lambda: packed(amass(trans=np.zeros((3, 5)))), "transposed"),
    "AMASS poses 0-d": (lambda: packed(amass(poses=0.0)), "'poses'"),
    "AMASS angles beyond sense": (lambda: packed(amass(poses=np.full((5, 156), 1e9))), "'poses'"),
    "AMASS rate text": (lambda: packed(amass(mocap_framerate="120")), "'mocap_framerate'"),
    "BEAT2 without poses": (lambda: packed({key: array for key, array in beat().items() if key != "poses"}), "BEAT2"),
    "BEAT2 expressions of other length": (lambda: packed({**beat(), "expressions": np.zeros((4, 100))}), "'expressions'"),
    "Kimodo": (lambda: packed({"posed_joints": np.zeros((5, 22, 3)), "local_rot_mats": np.zeros((5, 22, 3, 3))}), "Kimodo"),
    "HumanML3D features": (lambda: packed({"arr_0": np.zeros((5, 263))}), "HumanML3D"),
    "unknown keys": (lambda: packed({"images": np.zeros((5, 9))}), "images"),
}  # fmt: skip

# name -> bytes; each loads as a motion of FRAMES frames
VALID: dict[str, Callable[[], bytes]] = {
    "own": lambda: packed(own()),
    "own, stored": lambda: zipped([(f"{k}.npy", member(a)) for k, a in own().items()], zipfile.ZIP_STORED),
    "single precision": lambda: packed(own(root=np.zeros((5, 3), np.float32))),
    "half precision": lambda: packed(own(root=np.zeros((5, 3), np.float16))),
    "big-endian": lambda: packed(own(root=np.zeros((5, 3), ">f8"))),
    "Fortran order": lambda: packed(own(root=np.asfortranarray(np.zeros((5, 3))))),
    "whole numbers": lambda: packed(own(root=np.zeros((5, 3), np.int32), fps=np.array(30))),
    "fps in a list": lambda: packed(own(fps=[30.0])),
    "a key more": lambda: packed(own(note="made by hand")),
    "document as bytes": lambda: packed(own(document=np.array(json.dumps(DOCUMENT).encode()))),
    "npy version 2": lambda: root(npy("'<f8'", "(5, 3)", bytes(120), b"\x02\x00")),
    "npy from Python 2": lambda: root(npy("'<f8'", "(5L, 3L)", bytes(120))),
    "AMASS": lambda: packed(amass()),
    "AMASS body only": lambda: packed(amass(poses=np.zeros((5, 66)))),
    "AMASS by joint": lambda: packed(amass(poses=np.zeros((5, 52, 3)))),
    "AMASS SMPL": lambda: packed(amass(poses=np.zeros((5, 72)))),
    "AMASS with gender and betas": lambda: packed(amass(gender="male", betas=np.zeros(16), dmpls=np.zeros((5, 8)))),
    "BEAT2": lambda: packed(beat()),
    "BEAT2 with its rate whole": lambda: packed(beat(model="smplx2020", gender="neutral", betas=np.zeros(300))),
}
