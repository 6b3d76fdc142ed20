"""RNN, CNN and FUTR: samples as published, answers that follow from the network, learning, and files."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.forecast import BINS, Question
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, InputError
from motionary.learning.anticipation import baselines, presets
from motionary.learning.anticipation.baselines import Baseline, fit
from motionary.learning.anticipation.batches import Batches
from motionary.learning.anticipation.farha import CnnLearner, RnnLearner, image
from motionary.learning.anticipation.futr import FutrLearner
from motionary.learning.anticipation.pieces import (
    Certainty,
    Pieces,
    accuracy,
    forecast,
    frequencies,
    questions,
    total,
)
from motionary.models.anticipation.farha import UNIT, FarhaCnn, FarhaCnnConfig, FarhaRnn, FarhaRnnConfig
from motionary.models.anticipation.futr import Futr, FutrConfig, slots

torch.set_num_threads(1)


def timeline(classes, lengths, name="v", person="", fps=10.0):
    return Timeline(name, np.array(classes), np.array(lengths), fps, name, person)


@pytest.fixture(scope="module")
def kitchen():
    """Two recipes, each in a fixed order, so that what follows is known once the recipe is."""
    rng, made = np.random.default_rng(0), {}
    for k in range(24):
        order = [0, 1, 2, 3, 4] if k % 2 else [5, 4, 3, 2, 1]
        made[f"v{k}"] = timeline(order, rng.integers(35, 45, 5), f"v{k}", f"p{k // 3}")
    names = list(made)
    return ActionSet("kitchen", tuple("abcdef"), made, {"1": Split(tuple(names[:18]), tuple(names[18:]))}, "CC0-1.0")


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


class TestPieces:
    PIECES = Pieces(np.array([[0.9, 0.1, 0.0], [0.2, 0.2, 0.6]]), np.array([30.0, 20.0]))

    def test_frames_and_shares(self):
        assert self.PIECES.frames(100).tolist() == [0] * 30 + [2] * 70
        shares = self.PIECES.shares(100)
        assert np.allclose(shares[29], [0.9, 0.1, 0.0])
        assert np.allclose(shares[30], [0.2, 0.2, 0.6])
        assert np.allclose(self.PIECES.shares(10)[:, 0], 0.9)

    def test_forecast_is_probable_everywhere(self):
        certainty = Certainty(0.2, 0.7, np.array([0.5, 0.3, 0.2]))
        told = forecast(Question(VIDEOS[0], 100), self.PIECES, certainty)
        assert told.shares is not None
        assert told.shares.shape == (BINS, 3)
        assert np.allclose(told.shares.sum(1), 1, atol=1e-5)
        assert told.shares.min() > 0.05
        middle = told.shares[:, 2]
        assert 0 < np.diff(middle).max() < 0.05  # no step where the action changes

    def test_certainty_follows_from_validation(self):
        prior = np.full(3, 1 / 3)
        right, wrong = np.repeat([0, 2], [30, 70]), np.ones(100, int)
        shares = [Pieces(np.eye(3)[[0, 2]], np.array([30.0, 70.0])).shares(100)] * 2
        sure = Certainty.found(shares, [right, right], prior)
        doubtful = Certainty.found(shares, [right, wrong], prior)
        assert (sure.trust, sure.blur) == (0.99, 0.0)
        assert doubtful.trust < 0.7

    def test_accuracy_is_moc(self):
        truths = [np.repeat([0, 1], [50, 50]), np.zeros(100, int)]
        told = [Pieces(np.eye(2)[[0]], np.array([1.0])), Pieces(np.eye(2)[[0, 1]], np.array([80.0, 20.0]))]
        # Parts 0.2 and 0.4: all right. 0.6: class 0 110/110, class 1 0/10. 1.0: 130/150 and 0/50.
        assert accuracy(told, truths, 3) == pytest.approx((1 + 1 + 0.5 + 130 / 150 / 2) / 4)

    def test_how_long_a_video_lasts(self):
        asked = Question(timeline([0], [40]), 10)  # 4 s
        assert total(replace(asked, total=77), [1.0]) == 77
        assert total(asked, [3.0, 6.0, 10.0]) == 80
        assert total(asked, [3.0]) == 60

    def test_questions_and_frequencies(self):
        asked, truths = questions(VIDEOS)
        assert [(len(one.observed), one.frames, one.total) for one in asked[:2]] == [(24, 60, 120), (36, 60, 120)]
        assert truths[1].tolist() == VIDEOS[0].frames()[36:96].tolist()
        told = frequencies(VIDEOS[:1], 4)
        assert told.sum() == pytest.approx(1)
        assert told.argsort().tolist() == [3, 1, 0, 2]


@pytest.fixture(scope="module", params=list(presets.PRESETS))
def trained(request, kitchen, tmp_path_factory):
    """A method, and the folder of what it learned of a kitchen with two recipes."""
    method, out = request.param, tmp_path_factory.mktemp(request.param)
    debug = presets.PRESETS[method]["debug"]
    rate = {"rnn": 1e-2, "cnn": 1e-3, "futr": 5e-3}[method]
    epochs = {"rnn": 32, "cnn": 16, "futr": 20}[method]
    longer = replace(debug, epochs=epochs, checks=3, loop=replace(debug.loop, learning_rate=rate, constant=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS[method], "debug", longer)
        fit(method, kitchen, "1", out, preset="debug")
    return method, out


class TestTraining:
    def test_learns(self, trained, kitchen):
        method, out = trained
        assert sorted(one.name for one in out.iterdir()) == ["best", "log.csv"]
        asked, truths = questions(kitchen.of(kitchen.split("1").test))
        told = Baseline.load(out / "best")(asked)
        right = np.mean([(one.frames == truth).mean() for one, truth in zip(told, truths, strict=True)])
        assert right > 0.6, method
        assert all(one.shares is not None and np.allclose(one.shares.sum(1), 1, atol=1e-4) for one in told)

    def test_without_length_and_bad_questions(self, trained, kitchen):
        baseline = Baseline.load(trained[1] / "best")
        assert baseline.labels == kitchen.labels
        (told,) = baseline([Question(kitchen.timelines["v0"].cut(0, 60), 77)])
        assert len(told.frames) == 77
        assert baseline([]) == []
        with pytest.raises(InputError, match="nothing is observed"):
            baseline([Question(kitchen.timelines["v0"].cut(0, 0), 10)])
        with pytest.raises(InputError, match="outside the 6 labels"):
            baseline([Question(timeline([9], [10]), 10)])

    def test_broken_checkpoints(self, trained, tmp_path):
        folder = shutil.copytree(trained[1] / "best", tmp_path / "broken")
        content = json.loads((folder / "config.json").read_text())
        del content["info"]["certainty"]
        (folder / "config.json").write_text(json.dumps(content))
        with pytest.raises(CheckpointError, match="certainty"):
            Baseline.load(folder)


@pytest.mark.parametrize("method", list(presets.PRESETS))
class TestPresets:
    def test_a_seed_repeats(self, method, kitchen, tmp_path):
        asked, _ = questions(kitchen.of(kitchen.split("1").test))
        first, second, other = (
            Baseline.load(fit(method, kitchen, "1", tmp_path / str(k), preset="debug", seed=seed))(asked)
            for k, seed in enumerate((3, 3, 4))
        )
        assert all(np.array_equal(a.shares, b.shares) for a, b in zip(first, second, strict=True))
        assert not all(np.array_equal(a.shares, b.shares) for a, b in zip(first, other, strict=True))

    def test_presets_are_networks(self, method, kitchen):
        for name in presets.PRESETS[method]:
            for data in (kitchen, replace(kitchen, name="50salads")):
                chosen = presets.find(method, name, data)
                with torch.device("meta"):
                    network = baselines._NETWORKS[type(chosen.model)](chosen.model)
                assert chosen.model.classes == 6
                assert sum(one.numel() for one in network.parameters()) < (1e5 if name == "debug" else 4e7)


def test_paper_presets_are_as_published(kitchen):
    salads = replace(kitchen, name="50salads")
    rnn, cnn = (presets.find(method, "paper", kitchen) for method in ("rnn", "cnn"))
    assert (rnn.model.width, rnn.model.hidden, rnn.model.layers, rnn.cuts, rnn.epochs) == (256, 128, 2, 10, 20)
    c = cnn.model
    assert (c.rows, c.first, c.second, c.hidden, c.smoothing, cnn.batch) == (128, 8, 16, 1024, 3.0, 64)
    assert (rnn.loop.learning_rate, rnn.loop.constant, cnn.loop.weight_decay) == (1e-3, True, 0)
    for data, sizes in ((kitchen, (128, 2, 1, 8, 16, 60)), (salads, (512, 2, 2, 20, 8, 70))):
        chosen = presets.find("futr", "paper", data)
        m = chosen.model
        assert (m.width, m.encoder_layers, m.decoder_layers, m.queries, chosen.batch, chosen.epochs) == sizes
        assert (m.heads, m.stride, chosen.loop.weight_decay, chosen.loop.warmup) == (8, 2, 5e-3, 10)


def test_unknown_presets(kitchen):
    with pytest.raises(InputError, match="no baseline 'gan'; there are rnn, cnn, futr"):
        presets.find("gan", "cpu", kitchen)
    with pytest.raises(InputError, match="no preset 'big'; there are debug, cpu, paper"):
        presets.find("rnn", "big", kitchen)
    with pytest.raises(InputError, match="learns from labels"):
        presets.find("cnn", "cpu", kitchen, features=6)
