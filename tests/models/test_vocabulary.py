"""One vocabulary by ids: blocks do not overlap, codes and spans come back, another vocabulary's manifest is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motionary.errors import CheckpointError, InputError
from motionary.models import spans
from motionary.models.spans import Span
from motionary.models.vocabulary import SPAN_MARKS, Block, Vocabulary

MARKS = st.sampled_from([(), SPAN_MARKS, ("start", "end"), ("pad",), ("mask", "end", "other", "start")])


BLOCKS = st.builds(Block, st.just("text"), st.integers(1, 40), MARKS, st.sampled_from(["", "a1"]))
NAMES = st.lists(st.sampled_from(["text", "face", "hands.0", "hands.1", "lower"]), min_size=1, unique=True)


@st.composite
def vocabularies(draw):
    return Vocabulary(replace(draw(BLOCKS), name=name) for name in draw(NAMES))


def body() -> Vocabulary:
    return Vocabulary([Block("text", 100), *(Block(name, 8, SPAN_MARKS) for name in ("upper", "lower"))])


@given(vocabularies())
def test_every_id_is_one_code_or_mark_of_one_block(vocabulary):
    told = []
    for block in vocabulary.blocks:
        told += [(block.name, value) for value in vocabulary.ids(block.name, range(block.size)).tolist()]
        told += [(block.name, vocabulary.mark(block.name, mark)) for mark in block.marks]
    assert sorted(value for _, value in told) == list(range(len(vocabulary)))
    assert all(vocabulary.block_of(value) == name for name, value in told)


@given(vocabularies(), st.data())
def test_codes_come_back(vocabulary, data):
    block = data.draw(st.sampled_from(vocabulary.blocks))
    codes = np.array(data.draw(st.lists(st.integers(0, block.size - 1), max_size=12)), dtype=np.int32).reshape(-1, 1)
    ids = vocabulary.ids(block.name, codes)
    assert ids.shape == codes.shape
    np.testing.assert_array_equal(vocabulary.codes(block.name, ids), codes)


def test_codes_and_ids_of_others_are_refused():
    vocabulary = body()
    for codes in ([8], [-1], [[0, 99]]):
        with pytest.raises(InputError, match=r"codes of block 'upper' must be 0 to 7"):
            vocabulary.ids("upper", codes)
    with pytest.raises(InputError, match="whole numbers"):
        vocabulary.ids("upper", [1.0])
    for value in (99, vocabulary.mark("upper", "mask"), vocabulary.offset("lower")):
        with pytest.raises(InputError, match="ids of block 'upper'"):
            vocabulary.codes("upper", value)
    with pytest.raises(InputError, match="no block 'feet' in the vocabulary; blocks are text, upper, lower"):
        vocabulary.offset("feet")
    with pytest.raises(InputError, match="no id 122"):
        vocabulary.block_of(122)


@st.composite
def spoken(draw):
    """A vocabulary and spans of it that can be told apart."""
    vocabulary = draw(vocabularies())
    result: list[Span] = []
    for block in draw(st.lists(st.sampled_from(vocabulary.blocks), max_size=6)):
        if block.delimited or not result or result[-1].kind != block.name:
            codes = st.lists(st.integers(0, block.size - 1), min_size=not block.delimited, max_size=9)
            result.append(spans.span(vocabulary, block.name, np.array(draw(codes), dtype=int)))
            if "mask" in block.marks and draw(st.booleans()):
                hidden = (vocabulary.mark(block.name, "mask"),) * 3
                result[-1] = Span(block.name, hidden + result[-1].ids)
    return vocabulary, result


@given(spoken())
def test_spans_come_back(case):
    vocabulary, told = case
    assert spans.decode(vocabulary, spans.encode(vocabulary, told)) == told


@given(vocabularies(), st.data())
def test_any_ids_are_spans_or_refused(vocabulary, data):
    ids = data.draw(st.lists(st.integers(0, len(vocabulary) - 1), max_size=8))
    try:
        told = spans.decode(vocabulary, ids)
    except InputError:
        return
    assert spans.encode(vocabulary, told).tolist() == ids


def test_broken_sequences_name_their_place():
    vocabulary = body()
    start, end = vocabulary.mark("upper", "start"), vocabulary.mark("upper", "end")
    upper, lower = vocabulary.offset("upper"), vocabulary.offset("lower")
    for ids, message in [
        ([5, upper, end], "position 1 is of 'upper', but no start"),
        ([start, upper], "the sequence ends at position 2, before the end of 'upper'"),
        ([start, upper, lower, end], f"id {lower} stands at position 2, before the end of 'upper'"),
        ([start, start], "position 1, before the end of 'upper'"),
    ]:
        with pytest.raises(InputError, match=message):
            spans.decode(vocabulary, ids)


def test_spans_that_could_not_be_told_apart_are_refused():
    vocabulary = body()
    for told in ([Span("text", ())], [Span("text", (1,)), Span("text", (2,))]):
        with pytest.raises(InputError, match="empty or follows one of its kind"):
            spans.encode(vocabulary, told)
    with pytest.raises(InputError, match="span 2 is of 'upper' and holds id 3"):
        spans.encode(vocabulary, [Span("text", (3,)), Span("upper", (3,))])


@given(vocabularies())
def test_manifests_come_back(vocabulary):
    manifest = json.loads(json.dumps(vocabulary.to_manifest()))
    again = Vocabulary.from_manifest(manifest)
    assert again.blocks == vocabulary.blocks
    assert again.hash == vocabulary.hash
    again.require(manifest)


@given(vocabularies(), vocabularies())
def test_only_equal_vocabularies_have_equal_hashes(one, other):
    assert (one.hash == other.hash) == (one.blocks == other.blocks)


@pytest.mark.parametrize(
    ("index", "block", "message"),
    [
        (1, Block("upper", 9, SPAN_MARKS), r"block 2 differs: .* has 'upper' \(8 codes.* needed is 'upper' \(9 c"),
        (1, Block("hands", 8, SPAN_MARKS), "has 'upper' .*needed is 'hands'"),
        (2, Block("lower", 8, ("start", "end")), "block 3 differs: .*start, end, mask.*needed is .*marks start, end"),
        (0, Block("text", 100, (), "b2"), r"block 1 differs: .*'text' \(100 codes, marks none\), .*version 'b2'"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_vocabulary_is_refused(index, block, message):
    blocks = list(body().blocks)
    blocks[index] = block
    with pytest.raises(CheckpointError, match="config.json, info.vocabulary: .*" + message):
        Vocabulary(blocks).require(body().to_manifest(), "config.json, info.vocabulary")


def test_more_or_fewer_blocks_are_refused():
    more = Vocabulary([*body().blocks, Block("audio", 5)])
    with pytest.raises(CheckpointError, match="block 4 differs: the checkpoint has none, needed is 'audio'"):
        more.require(body().to_manifest())
    with pytest.raises(CheckpointError, match=r"block 4 differs: the checkpoint has 'audio' .*, needed is none"):
        body().require(more.to_manifest())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(hash="0" * 16), "changed after it was written"),
        (lambda m: m["blocks"][1].update(size=9), "changed after it was written"),
        (lambda m: m["blocks"][1].update(offset=3), "changed after it was written"),
        (lambda m: m.update(size=5), "changed after it was written"),
        (lambda m: m["blocks"][1].update(size=-1), "block 'upper' must have 0 to"),
        (lambda m: m["blocks"][1].update(size=10**9), "block 'upper' must have 0 to"),
        (lambda m: m["blocks"][1].update(size=True), "block 'upper' must have 0 to"),
        (lambda m: m["blocks"][1].update(name="text"), "all names must differ"),
        (lambda m: m["blocks"][1].update(name="../x"), "cannot name a block"),
        (lambda m: m["blocks"][1].update(marks=["start"]), "start and end go together"),
        (lambda m: m["blocks"][1].update(marks="start"), "marks must be a list"),
        (lambda m: m["blocks"][1].update(marks=[["x"]]), "cannot name a block"),
        (lambda m: m["blocks"][1].pop("version"), "each must be an object with"),
        (lambda m: m["blocks"].append(3), "each must be an object with"),
        (lambda m: m["blocks"].clear(), "at least one block"),
        (lambda m: m.update(blocks="upper"), "must be an object with blocks"),
    ],
)
def test_broken_manifests_are_refused(change, message):
    manifest = json.loads(json.dumps(body().to_manifest()))
    change(manifest)
    with pytest.raises(CheckpointError, match=message):
        Vocabulary.from_manifest(manifest)


def test_a_manifest_must_be_an_object():
    for manifest in (None, [], "x", {}):
        with pytest.raises(CheckpointError, match="here: must be an object"):
            Vocabulary.from_manifest(manifest, "here")
