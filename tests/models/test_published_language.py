"""The published motion language model: a T5 that says of its words what it said, and of bodies only what is allowed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_t5
from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint
from motionary.models.constraint import Constraint, Fixed
from motionary.models.decoding import Grammatical, Sampling
from motionary.models.grammar import part
from motionary.models.language import HIDDEN
from motionary.models.published_answers import WORDS, Published
from motionary.models.published_folder import adopted, found
from motionary.models.published_language import UNTOLD, PublishedConfig
from motionary.models.published_sequences import Sequences
from motionary.models.spans import decode
from motionary.text.instructions import Slot
from motionary.text.pieces import Pieces
from networks import random_model

ADDED = {"streams": "upper.0,lower.0,lower.1", "codes": 12, "units": 9, "frames": 8, "spelled": 20}
GREEDY = Sampling(temperature=0.0)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_t5.t5(tmp_path_factory.mktemp("t5"))


@pytest.fixture(scope="module")
def whole(folder):
    pieces = Pieces(folder)
    model = adopted(folder, words_version=pieces.version, **ADDED).eval().requires_grad_(False)
    return Published(model, pieces, {"licence": "CC0-1.0"})


def rows(count, seed=0):
    return np.random.default_rng(seed).integers(12, size=(count, 3))


def fill(slot):
    return rows(3) if slot.part else np.arange(5)


@pytest.fixture(scope="module")
def asked(whole):
    return whole.asked(("walk to ", Slot("audio"), " as in ", Slot("given", "upper")), fill)


class TestAdopting:
    @pytest.mark.parametrize(("tied", "kind"), [(True, "t5"), (False, "t5"), (False, "mt5")])
    def test_old_ids_have_the_same_logits(self, tmp_path, tied, kind):
        theirs = tiny_t5.network(tmp_path, tied, kind=kind)
        ours = adopted(tmp_path, **ADDED).eval()
        assert (ours.config.tied, ours.config.scaled) == (tied, tied)
        draw = torch.Generator().manual_seed(0)
        source, before = (torch.randint(128, (2, count), generator=draw) for count in (7, 5))
        mask = torch.arange(7) < torch.tensor([7, 4])[:, None]
        with torch.no_grad():
            logits = ours.logits(source, mask, before)
            wanted = theirs(input_ids=source, attention_mask=mask, decoder_input_ids=before).logits
            again = (
                type(theirs)
                .from_pretrained(tmp_path)
                .eval()(input_ids=source, attention_mask=mask, decoder_input_ids=before)
            )
        assert logits.shape == (2, 5, 128 + (12 + 3) + (24 + 3) + (9 + 3))
        assert torch.equal(logits[..., :128], wanted)
        assert torch.equal(again.logits, wanted)

    def test_new_rows_are_like_old_ones(self, tmp_path):
        theirs = tiny_t5.network(tmp_path, False)
        theirs.lm_head.weight.data = theirs.lm_head.weight.data * 3 + 5
        theirs.save_pretrained(str(tmp_path))
        ours = adopted(tmp_path, **{**ADDED, "codes": 900})
        for old, new in ((ours.shared, ours.added), (ours.head, ours.added_head)):
            assert (old.weight.mean(0) - new.weight.mean(0)).abs().max() < 0.3
            assert (old.weight.std(0) / new.weight.std(0) - 1).abs().max() < 0.2
        assert torch.equal(ours.added.weight, adopted(tmp_path, **{**ADDED, "codes": 900}).added.weight)
        assert not torch.equal(ours.added.weight, adopted(tmp_path, 1, **{**ADDED, "codes": 900}).added.weight)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"model_type": "bert"}, "model_type is 'bert'"),
            ({"tie_word_embeddings": "no"}, "must be true or false"),
            ({"d_ff": 25}, "do not fit"),
            ({"d_model": "wide"}, "no T5 that this program knows"),
            ({"feed_forward_proj": "swish"}, "activation must be one of"),
            ({"decoder_start_token_id": 900}, "start must be an id"),
        ],
    )
    def test_broken_configurations(self, tmp_path, change, message):
        tiny_t5.network(tmp_path, False)
        path = tmp_path / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        with pytest.raises(CheckpointError, match=message):
            adopted(tmp_path, **ADDED)

    def test_the_output_layer_must_be_clear(self, tmp_path):
        tiny_t5.network(tmp_path, False)
        path = tmp_path / "config.json"
        told = json.loads(path.read_text())
        told.pop("scale_decoder_outputs")
        path.write_text(json.dumps({**told, "tie_word_embeddings": True}))
        with pytest.raises(CheckpointError, match="hold another one"):
            adopted(tmp_path, **ADDED)
        # As transformers 5 writes a Flan-T5 again.
        path.write_text(json.dumps({**told, "tie_word_embeddings": True, "scale_decoder_outputs": False}))
        again = adopted(tmp_path, **ADDED)
        assert (again.config.tied, again.config.scaled) == (False, False)
        tiny_t5.network(tmp_path, True)
        path.write_text(json.dumps({**json.loads(path.read_text()), "tie_word_embeddings": False}))
        with pytest.raises(CheckpointError, match="no tensor lm_head"):
            adopted(tmp_path, **ADDED)

    def test_pickles_are_not_read(self, tmp_path):
        tiny_t5.network(tmp_path, False)
        (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
        with pytest.raises(CheckpointError, match="pickles and are not read"):
            adopted(tmp_path, **ADDED)
        (tmp_path / "model.safetensors").write_bytes(b"no")
        with pytest.raises(CheckpointError, match="not a safetensors file"):
            adopted(tmp_path, **ADDED)

    def test_names_on_the_hub(self, monkeypatch, tmp_path):
        def refuse(name, **_):
            raise OSError(f"no {name}")

        monkeypatch.setattr("huggingface_hub.snapshot_download", refuse)
        with pytest.raises(CheckpointError, match="neither a folder, nor to be had from the hub: no google/none"):
            found("google/none")
        assert found(tmp_path) == tmp_path


class TestSequences:
    words = st.text(st.sampled_from(tiny_t5.LETTERS + " "), max_size=12)

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(texts=st.lists(words, min_size=1, max_size=3), count=st.integers(1, 8), seed=st.integers(0, 99))
    def test_round_trip(self, whole, texts, count, seed):
        """Words, masked codes and units come back as they went in."""
        rng = np.random.default_rng(seed)
        body = rng.integers(HIDDEN, 12, (count, 3))
        units = rng.integers(9, size=count)
        pieces = [texts[0], Slot("masked", "lower"), Slot("masked", "upper"), *texts[1:2], Slot("audio"), *texts[2:]]
        sequences = Sequences(replace(whole.model.config, spelled=99), whole.pieces.ids)
        ids = sequences.ids(pieces, lambda slot: body if slot.part else units)
        spans = decode(sequences.vocabulary, ids)
        assert np.array_equal(sequences.rows(ids), body)
        assert np.array_equal(sequences.units(ids), units)
        said = [whole.pieces.text(one.ids) for one in spans if one.kind == "text"]
        squeezed = [" ".join(text.split()) for text in texts]
        assert [" ".join(one.split()) for one in said if one] == [text for text in squeezed if text]
        assert ids[-1] == whole.pieces.end

    def test_levels_stand_frame_by_frame(self, whole):
        body = np.array([[1, 2, 3], [4, 5, HIDDEN]])  # upper.0, lower.0, lower.1
        sequences, v = whole.sequences, whole.model.vocabulary
        assert (v.offset("text"), v.offset("upper"), v.offset("lower"), v.offset("audio")) == (0, 128, 143, 170)
        assert sequences.part("upper", body).tolist() == [128 + 1, 128 + 4]
        assert sequences.part("lower", body).tolist() == [143 + 2, 143 + 12 + 3, 143 + 5, v.mark("lower", "mask")]

    def test_sixteen_seconds_fit(self):
        """And 20 s are the most: what is longer is refused, where the published program cut it."""
        c = PublishedConfig()
        assert len(c.vocabulary) == 32128 + 4 * 259 + 503
        assert c.ids(120) == 4 * 122 + 1 == 489
        assert c.ids(120, ["upper"]) == 123
        assert (c.heard, c.ids(c.frames)) == (1000, 609)
        c.require_frames(120)
        with pytest.raises(InputError, match=r"151 frames of codes \(20.1 s\) would be 613 ids; .* \(20 s, 609 ids\)"):
            c.require_frames(151)

    @pytest.mark.parametrize(
        ("pieces", "values", "message"),
        [
            ((Slot("given", "upper"),), np.zeros((9, 3), int), "takes 1 to 8"),
            ((Slot("audio"),), np.zeros(54, int), "at most 53"),
            ((Slot("audio"),), np.array([9]), "0 to 8"),
            ((Slot("given", "face"),), np.zeros((2, 3), int), "no part 'face'; it has upper, lower"),
            ((Slot("given", "lower"),), np.full((2, 3), 12), "codes of 'lower'"),
            (("letter " * 9,), None, "at most 20: say less"),
            (("go 走路 now",), None, "cannot write '走路'"),
            (("a </s> b",), None, "cannot write '</s>'"),
        ],
    )
    def test_refusals(self, whole, pieces, values, message):
        with pytest.raises(InputError, match=message):
            whole.asked(pieces, lambda _: values)

    def test_answers_that_are_none(self, whole):
        v, sequences = whole.model.vocabulary, whole.sequences
        upper = [v.mark("upper", "start"), 128, v.mark("upper", "end")]
        lower = [v.mark("lower", "start"), 155, 143, v.mark("lower", "end")]  # second level first
        for ids, message in ((upper * 2, "each once"), (lower, "in their order"), ([*upper[:2]], "before the end")):
            with pytest.raises(InputError, match=message):
                sequences.rows(np.array(ids))
        with pytest.raises(InputError, match="one span of units"):
            sequences.units(np.array(upper))


class TestAnswers:
    @pytest.mark.parametrize("parts", [(), ("upper",), ("lower",), ("lower", "upper")])
    @pytest.mark.parametrize("sampling", [GREEDY, Sampling(), Sampling(2.0, top_k=50, top_p=0.9)])
    def test_always_valid(self, whole, asked, parts, sampling):
        for body in whole.motion(asked, 3, parts, seeds=range(2), sampling=sampling):
            assert body.shape == (3, 3)
            told = {"upper": [0], "lower": [1, 2]}
            for name, columns in told.items():
                wanted = name in (parts or told)
                assert ((body[:, columns] != HIDDEN) == wanted).all()
                assert not wanted or (body[:, columns] < 12).all()

    def test_the_same_alone_and_in_a_batch(self, whole, asked):
        many = whole.motion(asked, 5, seeds=[3, 4, 5])
        assert np.array_equal(many[1], whole.motion(asked, 5, seeds=[4])[0])
        assert not np.array_equal(many[0], many[1])

    def test_what_is_kept_stays_and_is_known(self, whole, asked):
        kept = np.full((6, 3), HIDDEN)
        kept[:2] = rows(2)
        kept[:, 0] = rows(6, 1)[:, 0]
        found = whole.motion(asked, 6, kept=kept, sampling=GREEDY)[0]
        assert np.array_equal(found[kept != HIDDEN], kept[kept != HIDDEN])
        assert (found != HIDDEN).all()
        told = set()
        for seed in range(3):
            kept[:, 0] = rows(6, seed)[:, 0]
            told.add(whole.motion(asked, 6, kept=kept, sampling=GREEDY)[0][:, 1:].tobytes())
        assert len(told) > 1
        with pytest.raises(InputError, match=r"must be \[5, 3\]"):
            whole.motion(asked, 5, kept=kept)

    def test_transformers_own_generate_says_the_same(self, whole, asked):
        """The whole network in transformers' class, the grammar as its logits processor."""
        from transformers import LogitsProcessorList, T5Config, T5ForConditionalGeneration

        model, c = whole.model, whole.model.config
        config = T5Config(
            vocab_size=len(model.vocabulary), d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=1,
            num_heads=2, feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0,
        )  # fmt: skip
        theirs = T5ForConditionalGeneration(config).eval()
        halves = {k: v for k, v in model.state_dict().items() if k.startswith(("encoder", "decoder"))}
        theirs.load_state_dict(halves, strict=False)
        theirs.set_input_embeddings(
            torch.nn.Embedding.from_pretrained(torch.cat([model.shared.weight, model.added.weight]))
        )
        theirs.lm_head.weight = torch.nn.Parameter(torch.cat([model.head.weight, model.added_head.weight]))
        slots = [*part(model.vocabulary, "upper", 5), Fixed((c.end,))]
        constraint = Constraint(model.vocabulary, slots, c.pad)
        ids = theirs.generate(
            torch.from_numpy(asked)[None], do_sample=False, max_new_tokens=constraint.longest,
            logits_processor=LogitsProcessorList([Grammatical([constraint.walk()])]),
        )  # fmt: skip
        ours = whole.motion(asked, 5, ["upper"], sampling=GREEDY)[0]
        assert constraint.accepts(ids[0, 1:].numpy())
        assert np.array_equal(whole.sequences.rows(ids[0, 1:].numpy()), ours)

    def test_steps_are_the_network_at_once(self, whole, asked):
        source = torch.from_numpy(asked)[None]
        mask = torch.ones_like(source, dtype=torch.bool)
        said = torch.tensor([[0, 129, 3, 170]])
        step = whole.model.answering(source, mask)
        found = [step(None), *(step(np.array([value])) for value in said[0, 1:].tolist())]
        wanted = whole.model.logits(source, mask, said)
        assert torch.allclose(torch.from_numpy(np.stack(found, axis=1)), wanted, atol=1e-4)

    def test_words_labels_and_speech(self, whole, asked):
        texts = whole.words(asked, seeds=[0, 1])
        assert all(isinstance(one, str) for one in texts)
        assert all(set(whole.pieces.ids(one)) <= whole.pieces.sayable for one in texts)
        shares = whole.label(asked, ["happy", "sad", "old"])
        assert sum(shares.values()) == pytest.approx(1.0)
        assert len(set(shares.values())) == 3
        assert [len(one) for one in whole.speech(asked, 7, seeds=[0, 1])] == [7, 7]
        assert all(0 <= one.min() <= one.max() < 9 for one in whole.speech(asked, seeds=[2]))
        with pytest.raises(InputError, match="at most 53"):
            whole.speech(asked, 54)
        with pytest.raises(InputError, match="no part 'tail'"):
            whole.motion(asked, 3, ["tail"])
        with pytest.raises(InputError, match="takes 1 to 8"):
            whole.motion(asked, 9)

    def test_the_likelihood_of_labels(self, whole, asked):
        """As the network says it id by id."""
        source = torch.from_numpy(asked)[None]
        mask = torch.ones_like(source, dtype=torch.bool)
        logs = []
        for label in ("happy", "sad"):
            ids = [*whole.pieces.ids(label), 1]
            steps = whole.model.logits(source, mask, torch.tensor([[0, *ids[:-1]]])).log_softmax(-1)[0]
            logs.append(sum(steps[at, value] for at, value in enumerate(ids)))
        wanted = torch.stack(logs).softmax(0)
        assert whole.label(asked, ["happy", "sad"])["sad"] == pytest.approx(float(wanted[1]), abs=1e-5)

    def test_the_loss_is_of_the_answer_alone(self, whole, asked):
        source = torch.from_numpy(asked)[None]
        mask = torch.ones_like(source, dtype=torch.bool)
        target = torch.tensor([[129, 130, 1]])
        steps = whole.model.logits(source, mask, torch.tensor([[0, 129, 130]])).log_softmax(-1)[0]
        wanted = -steps[torch.arange(3), target[0]].mean()
        padded = torch.cat([target, torch.full((1, 4), UNTOLD)], dim=1)
        assert float(whole.model.loss(source, mask, padded)) == pytest.approx(float(wanted), abs=1e-5)
        longer = torch.cat([source, torch.full((1, 3), 7)], dim=1)
        hidden = torch.arange(longer.shape[1])[None] < source.shape[1]
        assert float(whole.model.loss(longer, hidden, padded)) == pytest.approx(float(wanted), abs=1e-4)


class TestCheckpoint:
    def test_what_is_loaded_answers_as_before(self, whole, asked, tmp_path):
        whole.save(tmp_path / "m")
        again = Published.load(tmp_path / "m")
        assert np.array_equal(again.motion(asked, 4)[0], whole.motion(asked, 4)[0])
        assert again.info["licence"] == "CC0-1.0"
        offsets = {row["name"]: row["offset"] for row in again.info["vocabulary"]["blocks"]}
        assert offsets == {"text": 0, "upper": 128, "lower": 143, "audio": 170}
        assert again.asked(("a person walks",), fill).tolist() == whole.asked(("a person walks",), fill).tolist()

    def test_another_vocabulary_is_refused(self, whole, tmp_path):
        whole.save(tmp_path)
        path = tmp_path / "config.json"
        saved = path.read_text()
        other = replace(whole.model.config, streams="lower.0,upper.0,upper.1").vocabulary.to_manifest()
        for manifest, message in ((other, "block 2 differs"), (None, "must be an object"), ({}, "must be an object")):
            content = json.loads(saved)
            content["info"]["vocabulary"] = manifest
            path.write_text(json.dumps(content))
            with pytest.raises(CheckpointError, match=message):
                Published.load(tmp_path)

    def test_other_words_are_refused(self, whole, tmp_path, monkeypatch):
        whole.save(tmp_path)
        monkeypatch.setattr(tiny_t5, "WORDS", ("other",))
        tiny_t5.words(tmp_path / WORDS)
        with pytest.raises(CheckpointError, match="its words are of version"):
            Published.load(tmp_path)

    def test_other_kinds_are_refused(self, tmp_path):
        checkpoint.save(random_model("temos"), tmp_path)
        with pytest.raises(CheckpointError, match="is a temos model"):
            Published.load(tmp_path)
        with pytest.raises(CheckpointError, match="cannot load a tokenizer"):
            Pieces(tmp_path)
