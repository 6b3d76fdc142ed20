"""What the motion language model learns from: motions as codes, sentences as states, speech as units; computed once."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from motionary import text
from motionary.corpora import speech_pairs
from motionary.corpora.pack import Pack
from motionary.corpora.speech_pairs import Utterance
from motionary.corpora.speech_windows import speech_windows
from motionary.formats._files import atomic
from motionary.learning.data import States, captions_of, motion_features, prepare
from motionary.models.language import HIDDEN
from motionary.models.tokenizer import DOWN
from motionary.motion.representation.parted import Parted, Parts, parted
from motionary.speech.prosody import at_units, prosody
from motionary.speech.units import Units
from motionary.tasks.streams import as_rows, stream_names
from motionary.tasks.tokens import BodyCodec
from motionary.text.encoder import TokenEncoder
from motionary.text.words import Words

Progress = Callable[[str, int, int], None]
Codes = NDArray[np.int64]

WINDOW = 10.0  #: seconds of a talk that people gave without a stop
PROSODY = 4  #: numbers that come with a unit, see ``Prosody.rows``


@dataclass(frozen=True)
class Speech:
    """One recording.

    Attributes:
        units: [n] codes.
        prosody: [n, 4] how each unit is said.
        text: what is said.
        split: train, val or test.
        kind: "talk", "feeling", "instruction", "own" or "".
        codes: [tokens, streams] of the body that moves to it; no tokens where there is none.
    """

    units: Codes
    prosody: NDArray[np.float32]
    text: str
    split: str
    kind: str
    codes: Codes


@dataclass(frozen=True)
class Material:
    """Everything that exercises are made of.

    Attributes:
        pack: the corpus; clip 2 i is clip i of it, 2 i + 1 its mirror image.
        codes: [tokens, streams] of every clip.
        states: token states of sentences.
        encoder: that makes further ones.
        words: that are said.
        streams: names, in the order of the codes' columns.
        speech: recordings, of all sets.
        versions: of tokenizer and units.
        code_count: codes of a stream.
        unit_rate: units a second.
        unit_count: how many units there are; 0 without speech.
    """

    pack: Pack
    codes: Sequence[Codes]
    states: States
    encoder: TokenEncoder
    words: Words
    streams: tuple[str, ...]
    speech: Sequence[Speech] = ()
    versions: dict[str, str] = field(default_factory=dict)
    code_count: int = 512
    unit_rate: float = 25.0
    unit_count: int = 0

    @classmethod
    def open(
        cls,
        corpus: Path,
        speech: Iterable[Path] = (),
        codec: BodyCodec | None = None,
        encoder: str = "minilm",
        progress: Progress = lambda *_: None,
        units: Units | None = None,
    ) -> Material:
        """Load a corpus and sets of speech; what is computed is kept beside them.

        Args:
            corpus: folder of a built corpus.
            speech: folders in the form of ``speech build``, BEAT2's or LibriSpeech's; with motions where there are any.
            codec: of the body; by default the released one.
            encoder: of text.
            progress: called with (what, done, total).
            units: of speech; by default those that ship.
        """
        codec = codec or BodyCodec.load()
        pack, tokens = Pack.load(corpus), text.load(encoder)
        _, states = prepare(pack, corpus, tokens, "rotational", progress)
        folders = list(speech)
        units = (units or Units.load()) if folders else None
        said = [one for folder in folders for one in recordings(folder, units, codec, progress)] if units else []
        versions = {"tokenizer": codec.version, "units": units.version if units else ""}
        return cls(
            pack, _clips(pack, corpus, codec, progress), states, tokens, Words.load(), stream_names(codec), said,
            versions, codec.model.config.codes, units.rate if units else 25.0, units.size if units else 0,
        )  # fmt: skip

    def part(self, name: str) -> NDArray[np.bool_]:
        """[streams] true for those of a part of the body."""
        return np.array([stream.startswith(f"{name}.") for stream in self.streams])

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the body, in the order in which they are told."""
        return tuple(dict.fromkeys(stream.partition(".")[0] for stream in self.streams))

    def clips(self, split: str, mirrored: bool = True) -> list[int]:
        """Clips of a split, with their mirror images."""
        return [2 * i + side for i in self.pack.indices(split) for side in ((0, 1) if mirrored else (0,))]

    def captions(self, index: int) -> tuple[str, ...]:
        """Sentences about a clip."""
        return captions_of(self.pack, index)

    def chances(self, clips: Sequence[int]) -> NDArray[np.float64]:
        """[clips] running sums of how likely each is drawn: contents with the square root of how many they are."""
        contents = [self.pack.clips[index // 2].content for index in clips]
        counts = Counter(contents)
        shares = np.array([counts[content] ** -0.5 for content in contents])
        return np.cumsum(shares / shares.sum())

    @cached_property
    def styles(self) -> dict[tuple[str, str], list[int]]:
        """(Content, style) -> clips, of contents that were recorded in several styles."""
        found: dict[tuple[str, str], list[int]] = {}
        for index, clip in enumerate(self.pack.clips):
            if clip.style:
                found.setdefault((clip.content, clip.style), []).append(2 * index)
        many = Counter(content for content, _ in found)
        return {key: rows for key, rows in found.items() if many[key[0]] > 1}


def _clips(pack: Pack, corpus: Path, codec: BodyCodec, progress: Progress) -> list[Codes]:
    path = corpus / "cache" / f"{pack.digest}-codes-{codec.version}.safetensors"
    if not path.is_file():
        features = motion_features(pack, corpus, progress=progress)
        rows = []
        for index in range(2 * len(pack)):
            rows.append(_coded(codec, parted(features.clip(index))))
            progress("motions as codes", index + 1, 2 * len(pack))
        _keep(path, {"codes": np.concatenate(rows).astype(np.int16), "starts": np.cumsum([0, *map(len, rows)])})
    found = load_file(path)
    return _cut(found["codes"].astype(np.int64), found["starts"])


def _coded(codec: BodyCodec, parts: Parts) -> Codes:
    """[tokens, streams]; ``HIDDEN`` for parts that a body does not have, such as a face in AMASS."""
    count = math.ceil(len(parts["lower"]) / DOWN)
    told = {
        part: codec.codes(part, parts[part]) if part in parts else np.full((count, codec.model[part].levels), HIDDEN)
        for part in codec.parts
    }
    return as_rows(told, stream_names(codec))


def recorded_as(folder: Path) -> str:
    """The speech data set that a folder holds, by the table that it must have; "synthetic" for any other."""
    tables = {"beat2": "train_test_split.csv", "librispeech": "SPEAKERS.TXT"}
    for name, table in tables.items():
        if any(folder.glob(table)) or any(folder.glob(f"*/{table}")):
            return name
    return "synthetic"


def recordings(folder: Path, units: Units, codec: BodyCodec, progress: Progress) -> list[Speech]:
    """All of a folder of speech as units, and as codes where there is motion; talks of people in windows."""
    name = recorded_as(folder)
    utterances, _ = speech_pairs.load(name, folder)
    key = hashlib.sha256("|".join(one.id for one in utterances).encode()).hexdigest()[:8]
    path = folder / "cache" / f"{units.version}-{codec.version}-{key}.safetensors"
    if not path.is_file():
        heard, rows, codes = [], [], []
        for number, one in enumerate(utterances):
            audio = one.read_audio()
            heard.append(units.encode(audio).astype(np.int16))
            rows.append(at_units(prosody(audio).rows(), len(heard[-1]), units.rate))
            codes.append(_moved(one, codec))
            progress("speech as units", number + 1, len(utterances))
        starts = {"starts": np.cumsum([0, *map(len, heard)]), "code_starts": np.cumsum([0, *map(len, codes)])}
        joined: dict[str, list[NDArray[Any]]] = {"units": heard, "prosody": rows, "codes": codes}
        _keep(path, {**{name: np.concatenate(many) for name, many in joined.items()}, **starts})
    found = load_file(path)
    cut = [_cut(found[name], found["starts"]) for name in ("units", "prosody")]
    moved = _cut(found["codes"].astype(np.int64), found["code_starts"])
    speech = [
        Speech(said.astype(np.int64), how, one.transcript, one.split, str(one.meta.get("kind", "")), codes)
        for one, said, how, codes in zip(utterances, *cut, moved, strict=True)
    ]
    if name != "beat2":
        return speech
    return [part for one, said in zip(utterances, speech, strict=True) for part in _windows(one, said, units, codec)]


def _windows(one: Utterance, said: Speech, units: Units, codec: BodyCodec) -> list[Speech]:
    """A talk of minutes as windows, each with the words that lie wholly inside."""
    found = []
    for window in speech_windows([one], WINDOW)[0]:
        a, b, c, d = (round(at * rate) for rate in (units.rate, codec.rate) for at in (window.start, window.end))
        inside = said.units[a:b], said.prosody[a:b], window.text
        found.append(Speech(*inside, one.split, "talk", said.codes[c:d]))
    return found


def _moved(one: Utterance, codec: BodyCodec) -> NDArray[np.int16]:
    if one.motion is None:
        return np.zeros((0, len(stream_names(codec))), np.int16)
    return _coded(codec, Parted().encode(one.read_motion())).astype(np.int16)


def _cut(values: NDArray[Any], starts: NDArray[Any]) -> list[NDArray[Any]]:
    return [values[a:b] for a, b in pairwise(starts)]


def _keep(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as beside:
        save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, str(beside))
