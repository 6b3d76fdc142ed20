"""The motion language model: what it looks at, what stays, and that steps are the same one by one and together."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch

from motionary.errors import InputError
from motionary.models.decoding import Sampling
from motionary.models.language import HIDDEN, LanguageConfig, MotionLanguage, Source
from motionary.models.language_answers import chances, said_frames, said_units, said_words
from motionary.models.language_loss import Target, language_loss
from networks import CONFIGS, random_model, told

TINY = CONFIGS["motion-language"]


@pytest.fixture
def model():
    return random_model("motion-language")


def nothing(rows=1):
    """A source that holds nothing."""
    none = torch.zeros(rows, 0)
    return Source(
        torch.zeros(rows, 0, 32), none.bool(), none.long(), none.bool(), torch.zeros(rows, 0, 2),
        torch.zeros(rows, 0, 2).long(), none.bool(), none.long(),
    )  # fmt: skip


def rows_of(source, rows):
    return Source(*(getattr(source, one.name)[rows] for one in fields(Source)))


class TestSteps:
    def test_one_by_one_is_all_at_once(self, model):
        encoded, mask = model.encode(told(model))
        codes = torch.randint(HIDDEN, 12, (2, 3, 6, 2), generator=torch.Generator().manual_seed(1))
        lengths = torch.tensor([6, 5, 9])
        whole = model.frames(encoded, mask, *codes, lengths)
        memory = model.recall(encoded)
        steps = [model.frames(encoded, mask, *codes[:, :, k : k + 1], lengths, memory) for k in range(6)]
        assert (torch.cat(steps, dim=1) - whole).abs().max() < 1e-5
        words = torch.randint(20, (3, 6), generator=torch.Generator().manual_seed(2))
        for logits, many in ((model.word_logits, words), (model.unit_logits, words % 6)):
            memory = model.recall(encoded)
            steps = [logits(encoded, mask, many[:, k : k + 1], memory) for k in range(6)]
            assert (torch.cat(steps, dim=1) - logits(encoded, mask, many)).abs().max() < 1e-4

    def test_the_future_is_not_seen(self, model):
        encoded, mask = model.encode(told(model))
        codes = torch.randint(12, (2, 3, 6, 2), generator=torch.Generator().manual_seed(1))
        other = codes.clone()
        other[:, :, 4:] = (other[:, :, 4:] + 1) % 12
        lengths = torch.tensor([6, 6, 6])
        here, there = (model.frames(encoded, mask, *rows, lengths) for rows in (codes, other))
        assert torch.equal(here[:, :4], there[:, :4])
        assert (here[:, 4:] - there[:, 4:]).abs().max() > 1e-3

    def test_a_stream_knows_those_before_it_only(self, model):
        states = torch.randn(2, 16, generator=torch.Generator().manual_seed(1))
        said = torch.tensor([[1, 2], [3, 4]])
        other = torch.tensor([[1, 5], [3, 6]])
        assert torch.equal(model.frame_logits(states, said, 0), model.frame_logits(states, other, 0))
        assert torch.equal(model.frame_logits(states, said, 1), model.frame_logits(states, other, 1))
        moved = torch.tensor([[7, 2], [8, 4]])
        assert (model.frame_logits(states, said, 1) - model.frame_logits(states, moved, 1)).abs().max() > 1e-3

    def test_everything_that_is_given_matters(self, model):
        source = told(model)
        whole = model.encode(source)[0].mean(1)
        for one in ("words", "units", "frames", "times"):
            value = getattr(source, one)
            other = replace(source, **{one: value + 1 if one in ("words", "times") else (value + 1) % 6})
            assert (model.encode(other)[0].mean(1) - whole).abs().max() > 1e-4, one

    def test_padding_does_not_matter(self, model):
        source = told(model)
        encoded, mask = model.encode(source)
        alone, own = model.encode(rows_of(source, slice(2, 3)))
        assert (alone[own] - encoded[2][mask[2]]).abs().max() < 1e-5
        other = replace(source, units=source.units.masked_fill(~source.units_mask, 5))
        assert (model.encode(other)[0][mask] - encoded[mask]).abs().max() < 1e-5


class TestAnswers:
    def given(self):
        given = torch.full((3, 6, 2), HIDDEN)
        given[0, :, 0] = torch.arange(6)
        given[1, 2:4] = 7
        return given, torch.tensor([6, 5, 3])

    def test_kept_is_kept_and_the_rest_is_said(self, model):
        given, lengths = self.given()
        out = said_frames(model, told(model), given, lengths)
        inside = torch.arange(6) < lengths[:, None]
        assert bool((out[~inside] == HIDDEN).all())
        assert out[inside].min() >= 0
        assert out.max() < 12
        kept = (given != HIDDEN) & inside[..., None]
        assert torch.equal(out[kept], given[kept])

    def test_seeds_and_batches(self, model):
        given, lengths = self.given()
        source = told(model)
        first = said_frames(model, source, given, lengths, [1, 2, 3])
        assert torch.equal(first, said_frames(model, source, given, lengths, [1, 2, 3]))
        assert not torch.equal(first, said_frames(model, source, given, lengths, [4, 5, 6]))
        alone = said_frames(model, rows_of(source, slice(1, 2)), given[1:2, :5], lengths[1:2], [2])
        assert torch.equal(alone[0], first[1, :5])
        greedy = said_frames(model, source, given, lengths)
        for sampling in (Sampling(0.0), Sampling(1.0, top_p=1e-6), Sampling(1.0, top_k=1)):
            assert torch.equal(greedy, said_frames(model, source, given, lengths, [1, 2, 3], sampling))

    def test_an_answer_may_be_gone_on_with(self, model):
        """What was said before is read at once, and what follows is the same; so is the beginning of an answer."""
        for parameter in model.parameters():  # so that codes follow from those before them
            parameter.data *= 4
        given, lengths = self.given()
        source = told(model)
        given, lengths = given.repeat(1, 8, 1), lengths + 42
        whole = said_frames(model, source, given, lengths, [1, 2, 3], guidance=2.0)
        options = {"seeds": [1, 2, 3], "guidance": 2.0, "begun": whole[:, :30]}
        assert torch.equal(said_frames(model, source, given, lengths, **options), whole)
        assert torch.equal(said_frames(model, source, given[:, :34], lengths, **options), whole[:, :34])
        other = {**options, "begun": (whole[:, :30] + 1) % 12}
        assert not torch.equal(said_frames(model, source, given, lengths, **other)[:, 30:], whole[:, 30:])

    def test_guidance(self, model):
        given, lengths = self.given()
        source = told(model)
        plain = said_frames(model, source, given, lengths, [1, 2, 3])
        assert torch.equal(plain, said_frames(model, source, given, lengths, [1, 2, 3], guidance=1.0))
        led = said_frames(model, source, given, lengths, [1, 2, 3], guidance=8.0)
        assert led.shape == plain.shape
        assert not torch.equal(plain, led)
        unled = replace(source, words_mask=torch.zeros_like(source.words_mask))
        # Without words there is nothing to lead away from.
        both = [said_frames(model, unled, given, lengths, [1, 2, 3], guidance=g) for g in (1.0, 8.0)]
        assert torch.equal(*both)
        none = said_frames(model, source, given, lengths, [1, 2, 3], guidance=0.0)
        assert torch.equal(none, both[0])

    def test_words_and_units_end_within_range(self, model):
        source = told(model)
        for say, size in ((said_words, 20), (said_units, 6)):
            found = say(model, source, most=9, seeds=[1, 2, 3])
            again = say(model, rows_of(source, slice(1, 2)), most=9, seeds=[2])
            assert [one.ids for one in found][1] == again[0].ids
            for one in found:
                assert 1 <= len(one.ids) <= 9
                assert all(0 <= value < size - 1 for value in one.ids)

    def test_chances_are_those_of_whole_answers(self, model):
        source = rows_of(told(model), slice(1, 2))
        options = [[3, 4], [3], [5, 6, 7]]
        shares = chances(model, source, options)
        assert abs(shares.sum() - 1) < 1e-6
        losses = []
        for option in options:
            target = Target(
                torch.tensor([[*option, 19]]), torch.zeros(1, 0).long(), torch.zeros(1, 0, 2).long(),
                torch.zeros(1, 0, 2).long(), torch.zeros(1).long(),
            )  # fmt: skip
            losses.append(-float(language_loss(model, source, target)["words"]) * (len(option) + 1))
        assert torch.allclose(torch.tensor(losses).softmax(0), torch.tensor(shares), atol=1e-5)

    def test_nothing_given_at_all(self, model):
        out = said_frames(model, nothing(), torch.full((1, 4, 2), HIDDEN), torch.tensor([4]))
        assert out.min() >= 0


class TestLearning:
    def test_learns_what_depends_on_the_source(self):
        """The first unit of speech says which code a frame has, and the second stream is the first plus one."""
        torch.manual_seed(0)
        model = MotionLanguage(replace(TINY, dropout=0.0)).train()
        optimizer = torch.optim.Adam(model.parameters(), 1e-2)

        def example(rows):
            units = torch.randint(6, (rows, 1))
            frames = torch.stack([units.expand(rows, 5), (units.expand(rows, 5) + 1) % 12], dim=-1)
            source = replace(nothing(rows), units=units, units_mask=units >= 0, prosody=torch.zeros(rows, 1, 2))
            hidden = torch.full_like(frames, HIDDEN)
            return (
                source,
                Target(torch.cat([units, units], dim=1), units[:, :0], frames, hidden, torch.full((rows,), 5)),
                frames,
            )

        for _ in range(90):
            source, target, _ = example(32)
            optimizer.zero_grad()
            language_loss(model, source, target)["loss"].backward()
            optimizer.step()
        source, target, frames = example(16)
        assert float(language_loss(model.eval(), source, target)["loss"].detach()) < 0.1
        assert torch.equal(said_frames(model, source, target.given, target.lengths), frames)

    def test_what_is_given_is_not_asked(self, model):
        """Only the asked stream counts, and none of the padding."""
        source = told(model)
        frames = torch.randint(12, (3, 6, 2), generator=torch.Generator().manual_seed(1))
        asked = frames.clone()
        asked[..., 0] = HIDDEN
        asked[2, 3:] = HIDDEN
        given = torch.full_like(frames, HIDDEN)
        given[..., 0] = frames[..., 0]
        target = Target(torch.zeros(3, 0).long(), torch.zeros(3, 0).long(), asked, given, torch.tensor([6, 6, 3]))
        terms = language_loss(model, source, target)
        assert set(terms) == {"loss", "frames"}
        encoded, mask = model.encode(source)
        whole = torch.where(given == HIDDEN, asked, given)
        before = torch.cat([torch.full((3, 1, 2), HIDDEN), whole[:, :-1]], dim=1)
        logits = model.frame_logits(model.frames(encoded, mask, before, given, target.lengths), whole, 1)
        wanted = asked[..., 1]
        by_hand = -logits.log_softmax(-1).gather(-1, wanted.clamp(min=0)[..., None])[..., 0][wanted != HIDDEN].mean()
        assert float(terms["frames"]) == pytest.approx(float(by_hand), rel=1e-4)

    def test_noise_is_in_what_was_said_before_alone(self, model):
        source = told(model)
        frames = torch.randint(12, (3, 6, 2), generator=torch.Generator().manual_seed(1))
        hidden = torch.full_like(frames, HIDDEN)
        nothing = torch.zeros(3, 0).long()
        target = Target(nothing, nothing, frames, hidden, torch.tensor([6, 6, 6]))
        clean, again = (float(language_loss(model, source, target)["loss"]) for _ in range(2))
        noisy = {float(language_loss(model, source, target, noise=0.4)["loss"]) for _ in range(3)}
        assert clean == again
        assert len({clean, *noisy}) == 4
        first = replace(target, frames=frames[:, :1], given=hidden[:, :1])  # nothing was said before it
        assert float(language_loss(model, source, first, noise=0.4)["loss"]) == pytest.approx(
            float(language_loss(model, source, first)["loss"]), rel=1e-6
        )


@pytest.mark.parametrize(
    ("change", "word"),
    [({"streams": "a,a"}, "streams"), ({"streams": ""}, "streams"), ({"units": -1}, "units"), ({"rate": 0.0}, "rates"),
     ({"heads": 7}, "heads"), ({"decoder_layers": 0}, "decoder_layers")],
)  # fmt: skip
def test_refused(change, word):
    with pytest.raises(InputError, match=word):
        LanguageConfig(**change)


def test_a_model_without_speech():
    model = MotionLanguage(replace(TINY, units=0)).eval()
    with pytest.raises(InputError, match="no units"):
        model.unit_logits(*model.encode(nothing()), torch.zeros(1, 1).long())
