"""Gestures of a corpus that can go with speech."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.motion.repertoire import Repertoire, Take, standing_in

#: Contents of the corpus that can go with speech.
GESTURES = (
    "raise-up-left-hand", "raise-up-right-hand", "raise-up-both-hands", "wave-left-hand", "wave-right-hand",
    "wave-both-hands", "guide", "respond", "call", "bow", "byebye", "bye",
)  # fmt: skip

_LOOKED_AT = 20  # clips of a content in which quiet standing is looked for


def of_pack(pack: Pack, split: str = "train", contents: Sequence[str] = GESTURES) -> Repertoire:
    """Gestures of one split of a corpus. Raises InputError where there are none, or nobody stands quietly."""
    takes: dict[str, list[Take]] = defaultdict(list)
    looked_at: list[int] = []  # of any split: standing is no gesture, and small splits lack it
    for content in contents:
        clips = [index for index, clip in enumerate(pack.clips) if clip.content == content]
        looked_at += clips[:_LOOKED_AT]
        for index in clips:
            if (clip := pack.clips[index]).split == split:
                takes[content].append(Take(clip.id, clip.licence, partial(pack.motion, index)))
    if not takes:
        raise InputError(f"the corpus has no gestures in split {split!r}; looked for {', '.join(contents)}")
    return Repertoire(takes, standing_in(pack.motion(index) for index in looked_at))
