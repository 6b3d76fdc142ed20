"""Tiny data sets of speech in exactly the published forms, made by code: tones for voices, known poses for bodies."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np

from motionary.corpora import textgrid
from motionary.motion import Segment

RATE = 16_000


def tone(seconds: float, pitch: float = 150.0) -> np.ndarray:
    """[samples] int16."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (8000 * np.sin(2 * np.pi * pitch * time)).astype(np.int16)


def write_wav(path: Path, seconds: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone(seconds).tobytes())
    return path


def write_flac(path: Path, seconds: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(seconds)[None], format="s16", layout="mono")
        frame.rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def write_smplx(path: Path, seconds: float, fps: float = 30.0) -> Path:
    """BEAT2's npz by hand: the pelvis 1 m up at x = time, left wrist, left index finger, jaw and smile that move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = round(seconds * fps)
    time = np.arange(frames) / fps
    poses, expressions, trans = np.zeros((frames, 55, 3)), np.zeros((frames, 100)), np.zeros((frames, 3))
    poses[:, 20, 1] = 0.3 * np.sin(time)
    poses[:, 25, 2] = 0.2
    poses[:, 22, 0] = 0.1 * time
    expressions[:, 7] = time
    trans[:, 0], trans[:, 1] = time, 1.0
    betas = np.zeros(300)
    betas[:2] = (0.5, -1.25)
    np.savez(
        path, poses=poses.reshape(frames, 165), trans=trans, expressions=expressions, betas=betas,
        model="smplx2020", gender="neutral", mocap_frame_rate=fps,
    )  # fmt: skip
    return path


def write_words(path: Path, words: list[tuple[str, float, float]], seconds: float, short: bool = False) -> Path:
    """As the Montreal aligner writes it: tiers "words" and "phones", silences as empty labels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    labels, last = [], 0.0
    for text, start, end in words:
        if start > last:
            labels.append(Segment(last, start, ""))
        labels.append(Segment(start, end, text))
        last = end
    if last < seconds:
        labels.append(Segment(last, seconds, ""))
    phones = tuple(Segment(label.start, label.end, "AH0" if label.text else "") for label in labels)
    tiers = (textgrid.Tier("words", tuple(labels), 0.0, seconds), textgrid.Tier("phones", phones, 0.0, seconds))
    textgrid.write(textgrid.TextGrid(0.0, seconds, tiers), path, short)
    return path


WORDS = [("hello", 0.2, 0.6), ("there", 0.6, 1.0), ("and", 2.1, 2.3), ("goodbye", 2.4, 3.1)]
BEAT2 = {
    "2_scott_0_1_1": "train",
    "2_scott_0_73_73": "test",
    "9_miranda_1_2_2": "additional",
    "9_miranda_0_65_65": "val",
}


def beat2(folder: Path, seconds: float = 4.0) -> Path:
    """Two speakers, four recordings, one of each split; the folder above the data set."""
    root = folder / "beat_english_v2.0.0"
    for name in BEAT2:
        write_smplx(root / "smplxflame_30" / f"{name}.npz", seconds)
        write_wav(root / "wave16k" / f"{name}.wav", seconds)
        write_words(root / "textgrid" / f"{name}.TextGrid", WORDS, seconds)
    rows = "".join(f"{name},{split}\n" for name, split in BEAT2.items())
    (root / "train_test_split.csv").write_text("id,type\n" + rows, encoding="utf-8")
    return folder


SPEAKERS = """; Some pipe(|) separated metadata about all LibriVox readers
;ID  |SEX| SUBSET           |MINUTES| NAME
19   | F | train-clean-100  | 25.19 | Kara Shallenberg
60   | M | dev-clean        | 20.18 | |CBW|Simon
"""


def librispeech(folder: Path) -> Path:
    """Two speakers, two subsets, three utterances; the folder above the data set."""
    root = folder / "LibriSpeech"
    for subset, chapter, texts in (
        ("train-clean-100", "19-198", ["NORTHANGER ABBEY", "THIS LITTLE WORK"]),
        ("dev-clean", "60-121", ["GO ON"]),
    ):
        place = root / subset / chapter.replace("-", "/")
        lines = []
        for number, text in enumerate(texts):
            write_flac(place / f"{chapter}-{number:04d}.flac", 1.0 + number)
            lines.append(f"{chapter}-{number:04d} {text}\n")
        (place / f"{chapter}.trans.txt").write_text("".join(lines), encoding="utf-8")
    (root / "SPEAKERS.TXT").write_text(SPEAKERS, encoding="utf-8")
    return folder
