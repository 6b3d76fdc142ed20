"""Who is in which split, and proof that nothing leaks between them.

Families (same take, or the same performer doing the same) never straddle a split. Contents held out as verbs are kept
away from training altogether. For Bandai-Namco's numbered takes the last blocks of a content and style are held out,
validation between training and test, so that a test clip's neighbour in number is never a training clip.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from motionary.corpora.pack import Clip

#: Contents that no training clip has.
HELD_OUT_VERBS = ("slash", "throwBasketball", "sneak2StepsLStart", "spinkick", "cartwheel", "Throw")

_VAL, _TEST = 0.08, 0.12


def assign(
    families: Mapping[str, Sequence[str]], contents: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Split of each family.

    Args:
        families: family -> ids of its clips.
        contents: family -> content.
        given: family -> the data set's own split, where it has one.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    result: dict[str, str] = {}
    for family in sorted(families):
        if given.get(family):
            result[family] = given[family]
        elif contents[family] in HELD_OUT_VERBS:
            result[family] = "test_verbs"
        else:
            groups[_group(family)].append(family)
    for group, members in groups.items():
        if group.startswith("bandai2/"):
            result.update(_tail(members))
        else:
            result.update(_hashed(members))
    return result


def _group(family: str) -> str:
    return family.rsplit("/", 1)[0] if family.startswith("bandai2/") else family.split("/")[0]


def _tail(blocks: list[str]) -> dict[str, str]:
    """Consecutive blocks of one take: the last is test, the one before it validation."""
    splits = ["train"] * max(0, len(blocks) - 2) + ["val", "test"]
    return dict(zip(blocks, splits[-len(blocks) :], strict=True))


def _hashed(members: list[str]) -> dict[str, str]:
    """A fixed pseudo-random share of a data set's families, the same whatever else the corpus holds."""
    shares = {family: int(hashlib.sha256(family.encode()).hexdigest()[:8], 16) / 2**32 for family in members}
    return {
        family: "test" if share < _TEST else "val" if share < _TEST + _VAL else "train"
        for family, share in shares.items()
    }


def leakage(clips: Iterable[Clip]) -> dict[str, Any]:
    """What training shares with each test split: families (must be 0), performers, contents, captions word for word."""
    by_split: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_split[clip.split].append(clip)
    train = by_split["train"]
    families, performers = {c.family for c in train}, {c.performer for c in train if c.performer}
    contents, captions = {c.content for c in train}, Counter(t.lower() for c in train for t in c.captions)
    report: dict[str, Any] = {}
    for split, members in sorted(by_split.items()):
        if split == "train" or not members:
            continue
        sentences = [caption.lower() for clip in members for caption in clip.captions]
        known = sum(sentence in captions for sentence in sentences)
        report[split] = {
            "clips": len(members),
            "families_in_train": len({clip.family for clip in members} & families),
            "clips_of_performers_in_train": sum(clip.performer in performers for clip in members),
            "clips_of_contents_in_train": sum(clip.content in contents for clip in members),
            "captions_verbatim_in_train": round(known / max(1, len(sentences)), 4),
        }
    return report
