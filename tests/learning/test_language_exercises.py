"""What the motion language model is taught: what is given belongs to the answer, and nothing of the answer is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary.corpora.pack import Pack
from motionary.corpora.spoken_captions import chosen
from motionary.errors import InputError
from motionary.learning.language.batches import Lessons, collate
from motionary.learning.language.exercises import EXERCISES, LONGEST, Drawn
from motionary.learning.language.material import at_units
from motionary.learning.language.recipes import ALIGNMENT, RECIPES, TASKS
from motionary.learning.language.wording import Instructed, plain
from motionary.models.language import HIDDEN, LanguageConfig
from motionary.text.instructions import Instructions
from tiny_material import STREAMS, tiny_material

CONFIG = LanguageConfig(",".join(STREAMS), codes=40, units=11, prosody=4, words=4001, text_width=32, encoder="hash")


@pytest.fixture(scope="module")
def material(corpus):
    return tiny_material(corpus)


@pytest.fixture(scope="module")
def drawn(material):
    found = Drawn(material, "train")
    assert found.spoken
    assert found.talks
    return found


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_given(drawn, material, name, rng):
    assert drawn.has(name)
    for _ in range(30):
        one = EXERCISES[name](drawn, rng)
        if one.answer == "frames":
            assert 1 <= len(one.frames) <= LONGEST
        if one.kept and one.seen is not None:
            assert one.seen.shape == one.frames.shape
            given = one.seen != HIDDEN
            assert np.array_equal(one.seen[given], one.frames[given])
            assert given.any()
        assert len(one.units) == len(one.prosody)
        assert one.answer != "units" or len(one.said)


def test_parts_are_given_whole(drawn, material, rng):
    for name in ("parts_to_parts", "caption_parts_to_parts"):
        for _ in range(20):
            one = EXERCISES[name](drawn, rng)
            given = (one.seen != HIDDEN).all(axis=0)
            assert np.array_equal(given, material.part(one.facts["given_parts"][0]))
            assert ((one.seen != HIDDEN).any(axis=0) == given).all()


def test_composed_bodies_have_the_codes_of_both(drawn, material, rng):
    both = replace_lists(drawn, legs=[0], arms=[2])
    for _ in range(200):
        one = EXERCISES["caption_parts_to_parts"](both, rng)
        if one.facts["given_parts"] == ["upper"] and one.words in material.captions(0):
            count = len(one.frames)
            if np.array_equal(one.frames[:, 1], material.codes[2][:count, 1]):
                assert np.array_equal(one.frames[:, 0], material.codes[0][:count, 0])
                return
    pytest.fail("no composed body was drawn")


def replace_lists(drawn, **lists):
    other = object.__new__(Drawn)
    other.__dict__ = {**drawn.__dict__, **lists}
    return other


def test_the_middle_is_between(drawn, rng):
    for _ in range(30):
        one = EXERCISES["in_between"](drawn, rng)
        shown = (one.seen != HIDDEN).all(axis=1)
        assert shown[0]
        assert shown[-1] or not shown[1:].all()


def test_a_share_of_the_data_is_the_same_share_again(material):
    half, again = Drawn(material, "train", 0.5), Drawn(material, "train", 0.5)
    assert half.clips == again.clips
    assert 0 < len(half.clips) < len(Drawn(material, "train").clips)
    assert set(Drawn(material, "train", 0.25).clips) <= set(half.clips)


def test_styles_are_of_one_content(drawn, material, rng):
    for _ in range(20):
        one = EXERCISES["restyle"](drawn, rng)
        assert one.seen is not None
        assert one.facts["style"] in one.words


class TestWording:
    def test_plain_is_what_it_is_about(self, drawn, rng):
        one = EXERCISES["text_to_motion"](drawn, rng)
        assert plain("text_to_motion", one, rng) == one.words != ""

    def test_every_exercise_has_instructions(self, drawn, rng):
        said = Instructed(Instructions.load(), plain=0.0)
        for name in EXERCISES:
            sentences = {said(name, EXERCISES[name](drawn, rng), rng) for _ in range(12)}
            assert len(sentences) > 3, name
            assert not any("<" in one or "{" in one or "thisthis" in one for one in sentences), name

    def test_captions_stand_in_instructions(self, drawn, rng):
        said = Instructed(Instructions.load(), plain=0.0)
        one = EXERCISES["text_to_motion"](drawn, rng)
        assert one.words.rstrip(".") in said("text_to_motion", one, rng)


class TestBatches:
    def lessons(self, material, drawn, weights=TASKS, seed=0, quiet=0.0):
        def finish(exercises):
            material.states.add(material.encoder, {one.words for one in exercises if one.words})
            return collate(exercises, material.states.sentence, material.words.encode, CONFIG)

        return Lessons(drawn, weights, 4, seed, plain, finish, quiet)

    def test_one_kind_of_answer_and_nothing_that_is_kept_is_asked(self, material, drawn):
        kinds = set()
        for source, target in self.lessons(material, drawn, {**TASKS, "transcript_to_audio": 4.0}).some(60):
            has = {name for name in ("words", "units", "frames") if getattr(target, name).shape[1]}
            assert len(has) == 1
            kinds |= has
            assert bool(((target.frames == HIDDEN) | (target.given == HIDDEN)).all())
            assert source.units.shape == source.prosody.shape[:2] == source.units_mask.shape
            assert source.frames.shape[:2] == source.times.shape
            assert bool((source.frames[source.frames_mask] != HIDDEN).any(-1).all())
        assert kinds == {"words", "units", "frames"}

    def test_answers_end(self, material, drawn):
        for _, target in self.lessons(material, drawn, {"motion_to_text": 1.0, "transcript_to_audio": 1.0}).some(12):
            for said, end in ((target.words, CONFIG.words - 1), (target.units, CONFIG.units - 1)):
                for row in said.tolist():
                    told = [value for value in row if value != HIDDEN]
                    assert not told or (told[-1] == end and told.count(end) == 1)

    def test_the_same_every_time(self, material, drawn):
        lessons = self.lessons(material, drawn)
        for (one, _), (other, _) in zip(lessons.some(3), lessons.some(3), strict=True):
            assert bool((one.words == other.words).all())

    def test_words_are_left_out_now_and_then(self, material, drawn):
        lessons = self.lessons(material, drawn, {"text_to_motion": 1.0}, quiet=0.5)
        silent = [bool(~mask.any()) for source, _ in lessons.some(20) for mask in source.words_mask]
        assert 0.3 < np.mean(silent) < 0.7

    def test_refusals(self, material, drawn):
        with pytest.raises(InputError, match="no exercise 'dance'"):
            self.lessons(material, drawn, {"dance": 1.0})
        silent = Drawn(replace(material, speech=()), "train")
        with pytest.raises(InputError, match="nothing to make an exercise of"):
            self.lessons(material, silent, {"audio_to_motion": 1.0})


def test_ablations_leave_out_what_they_name():
    recipe = RECIPES["cpu"]
    assert set(recipe.weights("align")) == {name for kind in ALIGNMENT.values() for name in kind}
    for kind in ALIGNMENT:
        left = replace(recipe, without=(kind,)).weights("align")
        assert set(left) == set(recipe.weights("align")) - set(ALIGNMENT[kind])
    assert set(recipe.weights("instruct")) == set(EXERCISES)


def test_prosody_is_taken_where_a_unit_is():
    rows = np.arange(60, dtype=np.float32)[:, None].repeat(4, 1)  # two seconds at 30 a second
    found = at_units(rows, 50, 25.0)
    assert np.allclose(found[:, 0], np.minimum((np.arange(50) + 0.5) * 1.2, 59))


def test_captions_to_be_spoken(corpus):
    pack = Pack.load(corpus)
    told = chosen(pack, {"train": 3})
    assert len(set(told)) == len(told) <= 3
    assert set(told) <= {text for clip in pack.clips for text in clip.captions}
    assert told == chosen(pack, {"train": 3})
    with pytest.raises(InputError, match="no caption"):
        chosen(pack, {"test": 5})
