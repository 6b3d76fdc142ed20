"""Three ways to hold styles out: other takes, other contents, another recording.

The corpus's styles are acted (Bandai-Namco): the same few contents, each done in several ways. Set 1 has some twelve
clips of each of 15 styles, set 2 hundreds of each of 7. Names of one style in both are taken for one.

==============  =====================================================================================================
``takes``       the corpus's own splits: the last takes of every content and style
``contents``    waves, goodbyes and runs are only in the test; raised hands, walks and the rest only outside it
``recordings``  trained on set 2, tested on set 1: other sessions, other contents, styles named by others
==============  =====================================================================================================

Performers are named nowhere, so none can be held out by name; ``recordings`` is the nearest to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.bandai_namco import same_style
from motionary.corpora.pack import Clip, Pack
from motionary.errors import InputError

NAMES = ("takes", "contents", "recordings")

#: Contents that only the test of ``contents`` has: one kind that arms do, one that legs do.
HELD_OUT = ("wave-both-hands", "wave-left-hand", "wave-right-hand", "byebye", "bye", "run", "dash")

_SET = "bandai_namco/dataset-{}_"


@dataclass(frozen=True)
class Split:
    """Clips of a pack to learn styles from and to tell them of.

    Attributes:
        name: one of ``NAMES``.
        labels: styles of the training clips, sorted.
        train, val, test: indices of clips.
        left_out: test clips by style that no training clip has.
    """

    name: str
    labels: tuple[str, ...]
    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]
    left_out: tuple[tuple[str, int], ...]

    def classes(self, pack: Pack, clips: Sequence[int]) -> NDArray[np.int64]:
        """[n] indices into ``labels``."""
        return np.array([self.labels.index(style(pack.clips[clip])) for clip in clips], dtype=np.int64)


def style(clip: Clip) -> str:
    """The style of a clip, "" where it has none."""
    return same_style(clip.style)


def style_split(pack: Pack, name: str) -> Split:
    """One of the three splits. Raises InputError for another name, or a corpus without styles to learn and to test."""
    if name not in NAMES:
        raise InputError(f"no split {name!r} of styles; splits are {', '.join(NAMES)}")
    sides: dict[str, list[int]] = {"train": [], "val": [], "test": []}
    for index, clip in enumerate(pack.clips):
        side = _side(clip, name) if clip.style else ""
        if side in sides:
            sides[side].append(index)
    labels = tuple(sorted({style(pack.clips[index]) for index in sides["train"]}))
    known = {
        side: tuple(index for index in clips if style(pack.clips[index]) in labels) for side, clips in sides.items()
    }
    if len(labels) < 2 or not known["test"]:
        raise InputError(f"split {name!r} needs two styles to learn and clips to test; the corpus has {len(labels)}")
    strange = Counter(style(pack.clips[index]) for index in set(sides["test"]) - set(known["test"]))
    return Split(name, labels, known["train"], known["val"], known["test"], tuple(sorted(strange.items())))


def style_splits(pack: Pack) -> dict[str, Split]:
    """All three, by name."""
    return {name: style_split(pack, name) for name in NAMES}


def _side(clip: Clip, name: str) -> str:
    if name == "takes":
        return clip.split
    if name == "contents":
        return "test" if clip.content in HELD_OUT else clip.split if clip.split in ("train", "val") else ""
    if clip.id.startswith(_SET.format(1)):
        return "test"
    return clip.split if clip.split in ("train", "val") and clip.id.startswith(_SET.format(2)) else ""
