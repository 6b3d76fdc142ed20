"""Builds a ``tasks.caption_memory`` of the training clips of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.learning.train import licence
from motionary.tasks.caption_memory import CaptionMemory
from motionary.tasks.matching import Matcher

_AT_ONCE = 64
_CAPTIONS = 2  # of a clip: they say the same in other words
_MOST = 16  # clips of one content and style: hundreds of waves say no more, and the package is to stay small


def remember(
    corpus: Path, out: Path, model: str = "default", progress: Callable[[str, int, int], None] = lambda *_: None
) -> Path:
    """Write the memory of a corpus's training clips.

    Args:
        corpus: folder of a built corpus.
        out: the folder to write.
        model: of retrieval, which reads motions.
        progress: called with (what, done, total).

    Raises:
        InputError: no training clips with captions.
    """
    pack, matcher = Pack.load(corpus), Matcher.load(model)
    clips = _some(pack)
    if not clips:
        raise InputError(f"the corpus in {corpus} has no training clip with a caption")
    rows = []
    for first in range(0, len(clips), _AT_ONCE):
        rows.append(matcher.motion([pack.motion(index) for index in clips[first : first + _AT_ONCE]]))
        progress("recordings", min(first + _AT_ONCE, len(clips)), len(clips))
    captions = [pack.clips[index].captions[:_CAPTIONS] for index in clips]
    info = {"data": pack.digest, "licence": licence(pack), "matcher": matcher.digest, "name": out.name}
    return CaptionMemory(np.concatenate(rows), captions, info).save(out)


def _some(pack: Pack) -> list[int]:
    """Training clips with captions, of each content and style some that lie evenly among all."""
    groups: dict[tuple[str, str | None], list[int]] = {}
    for index in pack.indices("train"):
        clip = pack.clips[index]
        if clip.captions:
            groups.setdefault((clip.content, clip.style), []).append(index)
    kept = [
        group[int(at)] for group in groups.values() for at in np.linspace(0, len(group) - 1, min(len(group), _MOST))
    ]
    return sorted(kept)
