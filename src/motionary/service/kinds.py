"""Which files may be sent, by their suffix, and which come back."""

from __future__ import annotations

#: Motions; .json is looked at: it may hold labels, too. Formats of several files (.amc, .gltf) cannot be sent.
MOTIONS = (".bvh", ".glb", ".npz", ".xml", ".txt", ".json")
AUDIO = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".webm", ".mp4", ".mov")
LABELS = (".csv", ".tsv", ".eaf", ".json")
ALL = tuple(dict.fromkeys(MOTIONS + AUDIO + LABELS))

#: Suffix of a job's file -> media type.
OUT = {
    ".glb": "model/gltf-binary",
    ".bvh": "text/plain; charset=utf-8",
    ".npz": "application/octet-stream",
    ".mp4": "video/mp4",
    ".gif": "image/gif",
    ".png": "image/png",
}
