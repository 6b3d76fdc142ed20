"""Training data: computed once, mirrored with its captions, padded, cropped, grouped."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motionary import text
from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.learning import data
from motionary.learning.data import Batches, Features, States, captions_of, padded, prepare, statistics
from motionary.learning.knowing import veiled
from motionary.motion.edit import mirror
from motionary.motion.representation import get
from motionary.text.knowledge.entries import Knowledge
from tiny_corpus import build


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("corpus")
    return folder, build(folder)


@pytest.fixture(scope="module")
def prepared(corpus) -> tuple[Pack, Features, States]:
    folder, pack = corpus
    return pack, *prepare(pack, folder, text.load("hash"), "rotational")


def batches(prepared, split: str = "train", size: int = 4, seed: int = 0, **options) -> Batches:
    pack, features, states = prepared
    normal = np.zeros(140, np.float32), np.ones(140, np.float32)
    return Batches(pack, split, features, states, normal, size, seed, **options)


def test_features_are_the_codecs(prepared):
    pack, features, _ = prepared
    codec = get("rotational")
    for index in (0, 4):
        motion = pack.motion(index)
        for side, expected in ((0, motion), (1, mirror(motion))):
            assert np.abs(features.clip(2 * index + side) - codec.encode(expected)).max() < 2e-3


def test_states_are_the_encoders(prepared):
    _, _, states = prepared
    expected, _ = text.load("hash").encode(["someone waves the right hand"])
    assert np.abs(states.sentence("someone waves the right hand") - expected[0]).max() < 2e-3


def test_mirrored_captions_are_swapped(prepared):
    pack, _, states = prepared
    index = next(i for i, clip in enumerate(pack.clips) if clip.content == "wave-left")
    assert captions_of(pack, 2 * index)[0] == "a person waves the left hand"
    assert captions_of(pack, 2 * index + 1)[0] == "a person waves the right hand"
    assert all(caption in states.index for i in range(2 * len(pack)) for caption in captions_of(pack, i))


def test_computed_once(corpus, prepared, monkeypatch):
    folder, pack = corpus
    monkeypatch.setattr(data, "_cache_features", lambda *_: pytest.fail("features were computed again"))
    monkeypatch.setattr(data, "_cache_states", lambda *_: pytest.fail("states were computed again"))
    features, states = prepare(pack, folder, text.load("hash"), "rotational")
    assert (features.values == prepared[1].values).all()
    assert states.index == prepared[2].index


def test_an_unfinished_cache_is_made_again(tmp_path, monkeypatch):
    pack = build(tmp_path, variants=[(1.0, 1.0)], val=0)
    monkeypatch.setattr(data, "_cache_states", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        prepare(pack, tmp_path, text.load("hash"), "rotational")
    monkeypatch.undo()
    features, _ = prepare(pack, tmp_path, text.load("hash"), "rotational")
    assert len(features.starts) == 2 * len(pack) + 1


def test_other_data_has_another_cache(corpus, tmp_path):
    _, pack = corpus
    other = build(tmp_path, variants=[(1.0, 1.0)], val=0)
    for one in (pack, other):
        prepare(one, tmp_path, text.load("hash"), "rotational")
    assert len(list((tmp_path / "cache").iterdir())) == 4  # motions and sentences of both


def test_batch_is_padded_and_masked(prepared):
    ours = batches(prepared, size=8)
    for batch in ours.epoch():
        rows = len(batch.lengths)
        assert batch.features.shape == (rows, int(batch.lengths.max()), 140)
        for row, length in zip(batch.features, batch.lengths, strict=True):
            assert row[:length].abs().sum(dim=1).min() > 0
            assert not row[length:].any()
        assert batch.mask.shape == batch.states.shape[:2]
        assert not batch.states[~batch.mask].any()
        assert (batch.mask.sum(1) >= 3).all()
        assert torch.allclose(batch.seconds, batch.lengths / 30.0)


def test_an_epoch_has_every_clip_and_its_mirror_once(prepared):
    ours = batches(prepared, size=4)
    seen: list[int] = []
    make = ours._batch
    ours._batch = lambda indices: seen.extend(indices.tolist()) or make(indices)  # type: ignore[method-assign]
    list(ours.epoch())
    assert sorted(seen) == sorted(ours.clips) == list(range(32))
    assert [clip % 2 for clip in batches(prepared, "val", mirrored=False).clips] == [0] * 4


def test_sentences_belong_to_their_motions(prepared):
    pack, features, states = prepared
    for batch in batches(prepared, size=4).epoch():
        for row, length, sentence, mask in zip(batch.features, batch.lengths, batch.states, batch.mask, strict=True):
            clip = next(
                i for i in range(2 * len(pack))
                if len(features.clip(i)) == length and np.array_equal(row[:length].numpy(), features.clip(i))
            )  # fmt: skip
            captions = {tuple(states.sentence(caption)[2].tolist()) for caption in captions_of(pack, clip)}
            assert tuple(sentence[mask][2].tolist()) in captions


def test_groups_tell_kinds_of_motion_apart(prepared):
    ours = batches(prepared)
    pack = prepared[0]
    by_content = {ours._group(i): i for i in ours.clips}
    assert len(by_content) == 8
    left = next(i for i, clip in enumerate(pack.clips) if clip.content == "wave-left")
    right = next(i for i, clip in enumerate(pack.clips) if clip.content == "wave-right")
    assert ours._group(2 * left + 1) == ours._group(2 * right)


def test_order_follows_the_seed(prepared):
    first, same, other = (next(batches(prepared, seed=seed).forever()).features for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert first.shape != other.shape or not torch.equal(first, other)


def test_without_shuffling_every_pass_is_the_same(prepared):
    passes = [[batch.features for batch in batches(prepared, "val").epoch(shuffle=False)] for _ in range(2)]
    assert all(torch.equal(a, b) for a, b in zip(*passes, strict=True))


def test_long_motions_are_cropped(tmp_path):
    pack = build(tmp_path, variants=[(12.0, 1.0)], val=0)
    prepared = (pack, *prepare(pack, tmp_path, text.load("hash"), "rotational"))
    ours = batches(prepared, size=16)
    batch = next(ours.forever())
    assert batch.features.shape[1] == data.LONGEST
    assert float(batch.seconds.max()) == pytest.approx(361 / 30)  # the length of the whole motion
    starts = {float(next(ours.forever()).features[0, 0, 1:].sum()) for _ in range(4)}
    assert len(starts) > 1


def test_statistics_never_blow_up_a_still_channel(prepared):
    _, features, _ = prepared
    mean, std = statistics(features, list(range(32)))
    rows = features.values[: features.starts[32]].astype(np.float32)
    assert np.abs(mean - rows.mean(axis=0)).max() < 1e-4
    assert std[1] == std[2]
    assert std.min() > 0
    assert (std[4:136].max() / std[4:136].min()) < 50
    assert np.abs((rows - mean) / std).max() < 60


@pytest.mark.parametrize("split", ["val", "test"])
def test_too_few_clips(tmp_path, split):
    pack = build(tmp_path, variants=[(1.0, 1.0)], val=0)
    prepared = (pack, *prepare(pack, tmp_path, text.load("hash"), "rotational"))
    with pytest.raises(InputError, match=f"at least two clips in the split '{split}'"):
        batches(prepared, split)


def test_padded():
    values, mask = padded([np.ones((2, 3)), np.full((4, 3), 2.0)])
    assert values.shape == (2, 4, 3)
    assert mask.tolist() == [[True, True, False, False], [True] * 4]
    assert values[0, 2:].sum() == 0
    assert values[1].min() == 2


def test_hidden_captions_leave_only_knowledge(prepared):
    _, _, states = prepared
    states.add(text.load("hash"), [data.NEUTRAL])
    rows = np.ones((2, 32), np.float32)
    told = lambda index, caption, rng: rows if index % 4 else rows[:0]  # noqa: E731
    neutral = states.sentence(data.NEUTRAL)
    hidden, shown = 0, 0
    for _ in range(3):
        for batch in batches(prepared, size=4, informed=told, blind=0.5).epoch():
            assert batch.known.shape[:2] == batch.known_mask.shape
            for sentence, mask, known, clip in zip(
                batch.states, batch.mask, batch.known_mask, batch.clips, strict=True
            ):
                is_neutral = int(mask.sum()) == len(neutral) and np.array_equal(sentence[mask].numpy(), neutral)
                assert not (is_neutral and not known.any())  # never hidden where nothing else says what is done
                assert bool(known.any()) == bool(clip % 4)
                hidden, shown = hidden + is_neutral, shown + (bool(known.any()) and not is_neutral)
    assert 0.3 < hidden / (hidden + shown) < 0.7


def test_veiled_captions_keep_the_sides_and_lose_the_action():
    knowledge = Knowledge.shipped()
    assert veiled("a person kicks with the left foot", knowledge) == "a person moves left foot"
    assert veiled("someone is walking", knowledge) == "someone is moving"
    assert veiled("a person lifts the right arm overhead", knowledge) == "a person moves right arm"
    assert veiled("nothing known", knowledge) == "nothing known"


def test_captions_are_those_of_clips_and_mirror_images(prepared):
    found = batches(prepared).captions()
    pack = prepared[0]
    assert found == {text for i in pack.indices("train") for k in (0, 1) for text in captions_of(pack, 2 * i + k)}
