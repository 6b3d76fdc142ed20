"""RNN, CNN and FUTR: samples as published, and answers that follow from the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from motionary.actions.forecast import Question
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.learning.anticipation.batches import Batches
from motionary.learning.anticipation.farha import CnnLearner, RnnLearner, image
from motionary.learning.anticipation.futr import FutrLearner
from motionary.models.anticipation.farha import UNIT, FarhaCnn, FarhaCnnConfig, FarhaRnn, FarhaRnnConfig
from motionary.models.anticipation.futr import Futr, FutrConfig, slots

torch.set_num_threads(1)


def timeline(classes, lengths, name="v", person="", fps=10.0):
    return Timeline(name, np.array(classes), np.array(lengths), fps, name, person)


def tiny(method, **sizes):
    torch.manual_seed(0)
    made = {
        "rnn": lambda: RnnLearner(FarhaRnn(FarhaRnnConfig(classes=6, width=12, hidden=10, **sizes)), cuts=3),
        "cnn": lambda: CnnLearner(FarhaCnn(FarhaCnnConfig(classes=6, rows=16, hidden=16, **sizes))),
        "futr": lambda: FutrLearner(Futr(FutrConfig(classes=6, width=16, heads=2, **{"queries": 7, **sizes}))),
    }[method]()
    made.network.eval()
    return made


VIDEOS = [timeline([0, 1, 2], [40, 30, 50]), timeline([3, 0, 4, 1, 5], [10, 60, 20, 5, 30], "w")]


class TestSamples:
    def test_image_is_the_published_encoding(self):
        """Frame by frame, as the published code draws it."""
        rng = np.random.default_rng(1)
        for _ in range(20):
            one = timeline(np.arange(6), rng.integers(1, 60, 6))
            frames, drawn, start, end = one.frames(), np.zeros(16, int), 0, 0
            for i, label in enumerate(frames):
                if label != frames[start]:
                    begin, end = int(16 * (start / len(frames))), int(16 * (i / len(frames)))
                    drawn[begin:end] = frames[start]
                    start = i
            drawn[end:] = frames[start]
            assert (image(one, 16) == drawn).all()

    def test_cnn_pairs(self):
        pairs = tiny("cnn").samples(VIDEOS[:1])
        assert len(pairs) == 4
        frames = VIDEOS[0].frames()
        seen, ahead = pairs[2]  # 0.3: frames 0 to 36 and 36 to 96
        assert (seen == 0).all()
        assert [int(ahead[k]) for k in (0, 1, 8, 9, 15)] == [frames[36 + 60 * k // 16 + 1] for k in (0, 1, 8, 9, 15)]

    def test_rnn_targets_of_every_cut(self):
        """Losses of a batch are those of its prefixes one by one."""
        learner = tiny("rnn")
        labels, squares = [], []
        for video in VIDEOS:
            scaled = torch.as_tensor(video.lengths / (UNIT * len(video)), dtype=torch.float32)
            for i in range(len(video.classes) - 1):
                for share in (1 / 6, 0.5, 5 / 6):
                    lengths = torch.cat([scaled[:i], scaled[i : i + 1] * share])[None]
                    states = learner.network.before(torch.as_tensor(video.classes[None, : i + 1]), lengths)
                    running = torch.as_tensor(video.classes[i : i + 1])
                    _, logits, told = learner.network([one[:, -2] for one in states], running, lengths[:, -1])
                    following = torch.as_tensor(video.classes[i + 1 : i + 2])
                    labels.append(torch.nn.functional.cross_entropy(logits, following))
                    coming = scaled[i + 1] * (1 if i + 2 == len(video.classes) else share)
                    squares.append((told[0] - torch.stack([coming, scaled[i] * (1 - share)])).square().mean())
        with torch.no_grad():
            terms = learner.losses(learner.collate(learner.samples(VIDEOS)))
        assert float(terms["label"]) == pytest.approx(float(torch.stack(labels).detach().mean()), abs=1e-5)
        assert float(terms["length"]) == pytest.approx(float(torch.stack(squares).detach().mean()), abs=1e-5)

    def test_futr_targets(self):
        rows, labels, classes, shares = tiny("futr", stride=7).samples(VIDEOS[1:])[1]  # sees 37 of 125 frames
        frames = VIDEOS[1].frames()
        assert rows.tolist() == frames[36::-7][::-1].tolist() == labels.tolist()
        assert classes.tolist() == [0, 4, 1, 5, 6, -100, -100]
        assert shares.tolist() == pytest.approx([33 / 62, 20 / 62, 5 / 62, 4 / 62, -1, -1, -1])

    def test_futr_targets_without_room(self):
        _, _, classes, shares = tiny("futr", queries=2).samples(VIDEOS[1:])[1]
        assert classes.tolist() == [0, 4]
        assert (shares > 0).all()

    def test_batches_hold_every_sample_once_and_seeds_repeat(self):
        samples = [(torch.zeros(k % 7 + 1), k) for k in range(50)]
        keep = lambda group: [number for _, number in group]  # noqa: E731
        made = Batches(samples, 4, keep, seed=3)
        passed = [batch for batch, _ in zip(made.forever(), range(len(made)), strict=False)]
        assert sorted(number for batch in passed for number in batch) == list(range(50))
        again = Batches(samples, 4, keep, seed=3).forever()
        assert passed == [next(again) for _ in passed]
        with pytest.raises(InputError, match="no samples"):
            Batches([], 4, keep)


class TestNetworks:
    def test_neighbours_and_padding_do_not_matter(self):
        asked = [Question(one.cut(0, 50), 40, len(one)) for one in VIDEOS]
        for method in ("rnn", "cnn", "futr"):
            learner, totals = tiny(method), [float(len(one)) for one in VIDEOS]
            both = learner.answer(asked, totals)
            for k in (0, 1):
                alone = learner.answer(asked[k : k + 1], totals[k : k + 1])[0]
                assert np.allclose(alone.shares(40), both[k].shares(40), atol=1e-5), method

    def test_rnn_rollout(self):
        """A network that always says: two units remain, then class 4 for one more, of which one unit remains ..."""
        learner = tiny("rnn")
        with torch.no_grad():
            for one in (learner.network.label, learner.network.length):
                one.weight.zero_()
            learner.network.label.bias.copy_(torch.tensor([0.0, 0, 0, 0, 9, 0]))
            learner.network.length.bias.copy_(torch.tensor([1.0, 2.0]))
        (pieces,) = learner.answer([Question(VIDEOS[0].cut(0, 50), 100, 120)], [120.0])  # a unit is 20 frames
        assert pieces.frames(100).tolist() == [1] * 40 + [4] * 60
        assert pieces.lengths[:2].tolist() == [40, 60]
        with torch.no_grad():
            learner.network.length.bias.copy_(torch.tensor([-1.0, 0.01]))
        (stuck,) = learner.answer([Question(VIDEOS[0].cut(0, 50), 100, 120)], [120.0])
        assert (stuck.frames(100) == 1).all()

    def test_cnn_rows_are_probabilities(self):
        learner = tiny("cnn", smoothing=0.0)
        images = torch.eye(6)[torch.randint(6, (2, 16))]
        drawn = learner.network(images)
        assert torch.allclose(drawn.square().sum(-1), torch.ones(2, 16), atol=1e-5)
        told = learner.network.probabilities(images)
        assert torch.allclose(told.sum(-1), torch.ones(2, 16), atol=1e-5)
        positive = drawn.amax(-1) > 0
        assert positive.any()
        assert torch.equal(told.argmax(-1)[positive], drawn.argmax(-1)[positive])
        learner.network.config = replace(learner.network.config, smoothing=3.0)
        smooth = learner.network.probabilities(images)
        assert smooth.diff(dim=1).abs().sum() < 0.7 * told.diff(dim=1).abs().sum()

    def test_slots_end_at_the_first_none(self):
        logits = torch.full((2, 4, 3), -5.0)
        for slot, said in enumerate([0, 1, 2, 0]):
            logits[0, slot, said] = 5.0
        logits[1, :, 2] = 5.0  # "none" from the start: something follows all the same
        logits[1, 0, 1] = 4.0
        told, shares = slots(logits, torch.tensor([[0.0, np.log(3), 9, 9], [1.0, 2, 3, 4]]))
        assert shares.tolist() == [pytest.approx([0.25, 0.75, 0, 0]), [1, 0, 0, 0]]
        assert told[:, 0].argmax(-1).tolist() == [0, 1]
        assert torch.allclose(told.sum(-1), torch.ones(2, 4))

    def test_futr_reads_video_and_refuses_without(self):
        learner = tiny("futr", features=6, longest=5)
        scores = np.random.default_rng(0).random((12, 6)).astype(np.float32)
        one = VIDEOS[0]
        with pytest.raises(InputError, match="reads 6 numbers a row of video; there are none"):
            learner.samples([one])

        class Half:
            def until(self, now):
                return scores[: now // 10]

        samples = learner.samples([one], {"v": Half()})
        assert [len(sample[0]) for sample in samples] == [2, 3, 5]  # at most five rows
        assert samples[1][1].tolist() == [0, 0, 0]
        first, second = learner.answer(
            [Question(one.cut(0, 60), 60, 120, rows) for rows in (scores, -scores)], [120.0] * 2
        )
        assert not np.allclose(first.shares(60), second.shares(60))

    @pytest.mark.parametrize(
        ("config", "values"),
        [
            (FarhaCnnConfig, {"rows": 30}),
            (FarhaCnnConfig, {"smoothing": -1.0}),
            (FarhaRnnConfig, {"layers": 0}),
            (FutrConfig, {"features": -1}),
            (FutrConfig, {"heads": 3}),
        ],
    )
    def test_broken_configurations(self, config, values):
        with pytest.raises(InputError, match=next(iter(values))):
            config(**values)
