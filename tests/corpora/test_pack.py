"""The pack gives back what was put in, and splits keep families together."""

import numpy as np
import pytest

from motionary.corpora import pack, splits
from motionary.corpora.pack import Clip, Pack
from motionary.errors import FormatError, InputError
from motionary.motion import HUMAN, Motion, Segment
from motionary.motion import rotations as rot
from motionary.motion.edit import canonical, resample


def clip(name: str, **changes: object) -> Clip:
    values = {"id": name, "source": "s", "licence": "CC0-1.0", "split": "train", "captions": (f"does {name}",)}
    return Clip(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def motions(walker: Motion, spinner: Motion) -> list[Motion]:
    return [canonical(resample(motion, pack.FPS)) for motion in (walker, spinner)]


def test_round_trip(tmp_path, motions):
    clips = [clip("a", segments=(Segment(0.0, 1.0, "walks"),), facts={"turn": 3.5}), clip("b", split="test")]
    pack.save(tmp_path, zip(clips, motions, strict=True), {"sources": []})
    loaded = Pack.load(tmp_path)
    assert [c.id for c in loaded.clips] == ["a", "b"]
    assert loaded.clips[0].segments == clips[0].segments
    assert loaded.clips[0].facts == {"turn": 3.5}
    assert loaded.indices("test") == [1]
    for index, motion in enumerate(motions):
        back = loaded.motion(index)
        assert back.skeleton is HUMAN
        assert len(back) == len(motion)
        assert rot.angle(back.rotations, motion.rotations).max() < np.radians(0.05)
        assert np.abs(back.positions() - motion.positions()).max() < 1e-3


def test_digest_names_the_data(tmp_path, motions):
    first = pack.save(tmp_path / "1", [(clip("a"), motions[0])], {})
    again = pack.save(tmp_path / "2", [(clip("a"), motions[0])], {})
    other = pack.save(tmp_path / "3", [(clip("a"), motions[1])], {})
    assert first.digest == again.digest != other.digest
    assert Pack.load(tmp_path / "1").digest == first.digest


def test_missing_pack_says_how_to_build_one(tmp_path):
    with pytest.raises(FormatError, match="corpus build"):
        Pack.load(tmp_path)


def test_unknown_split(tmp_path, motions):
    with pytest.raises(InputError, match="test_verbs"):
        pack.save(tmp_path, [(clip("a"), motions[0])], {}).indices("dev")


def test_pack_refuses_another_rate(tmp_path, motions):
    with pytest.raises(InputError, match="30 fps"):
        pack.save(tmp_path, [(clip("a"), resample(motions[0], 20))], {})


def test_blocks_of_a_take_are_held_out_at_its_end():
    families = {f"bandai2/walk/tired/{k:02d}": ["x"] for k in range(12)}
    assigned = splits.assign(families, dict.fromkeys(families, "walk"), {})
    order = [assigned[family] for family in sorted(families)]
    assert order == ["train"] * 10 + ["val", "test"]


def test_held_out_verbs_and_given_splits():
    contents = {"a/1": "slash", "b/1": "walk", "c/1": "walk"}
    assigned = splits.assign({family: [] for family in contents}, contents, {"b/1": "val"})
    assert assigned["a/1"] == "test_verbs"
    assert assigned["b/1"] == "val"


def test_hashed_split_does_not_depend_on_the_rest():
    few = {f"cmu/{k}": ["x"] for k in range(50)}
    many = {**few, **{f"cmu/z{k}": ["x"] for k in range(500)}}
    a = splits.assign(few, dict.fromkeys(few, "walk"), {})
    b = splits.assign(many, dict.fromkeys(many, "walk"), {})
    assert all(a[family] == b[family] for family in few)
    share = sum(split == "test" for split in b.values()) / len(b)
    assert 0.07 < share < 0.18


def test_leakage_counts_what_training_shares():
    clips = [
        clip("a", family="f", content="walk"),
        clip("b", family="f", content="walk", split="test", captions=("Does a",)),
        clip("c", family="g", content="slash", split="test_verbs"),
    ]
    report = splits.leakage(clips)
    assert report["test"]["families_in_train"] == 1
    assert report["test"]["captions_verbatim_in_train"] == 1.0
    assert report["test_verbs"]["clips_of_contents_in_train"] == 0
