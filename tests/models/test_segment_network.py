"""The segment network and its training."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from kitchen import COFFEE, CUP, DRINK, MILK, kitchen
from motionary.actions.grammar import State, softmax
from motionary.actions.timeline import Timeline
from motionary.learning.anticipation import ours
from motionary.learning.anticipation.segments import PRESETS, SegmentGrammar, train
from motionary.models.anticipation.segments import SegmentConfig, SegmentNet

SMALL = replace(PRESETS["cpu"], width=24, dropout=0.1, epochs=2)


@pytest.fixture(scope="module")
def network() -> SegmentNet:
    return train(kitchen(), 4, SMALL, seed=1)


def test_it_learns_the_rules(network: SegmentNet) -> None:
    grammar = SegmentGrammar(network)
    seen = Timeline("q", np.array([CUP, MILK, COFFEE]), np.array([100, 50, 200]), 10.0)
    state = State.after(seen, 4).take(np.array([-1]))
    state.memory = grammar.start([seen])
    assert softmax(grammar.logits(state))[0].argmax() == DRINK
    assert state.memory.shape == (1, 24)


def test_memory_step_by_step_is_the_whole_sequence(network: SegmentNet) -> None:
    grammar = SegmentGrammar(network)
    seen = kitchen(1)[0]
    states = State.after(seen, 4)
    parts = (states.recent[:, -1], states.seconds, states.clock, states.done)
    with torch.no_grad():
        whole = network(*(torch.from_numpy(np.ascontiguousarray(part))[None] for part in parts))[0][0].numpy()
    state = states.take(np.array([-1]))
    state.memory = grammar.start([seen])
    assert np.allclose(grammar.logits(state)[0], whole[-1], atol=1e-5)


def test_a_step_is_the_whole_network(network: SegmentNet) -> None:
    draw = torch.Generator().manual_seed(0)
    classes = torch.randint(0, 5, (7,), generator=draw)  # one of them hidden
    seconds, ends = 50 * torch.rand(2, 7, generator=draw)
    done, memory = 3 * torch.rand(7, 4, generator=draw), torch.randn(7, 24, generator=draw)
    inputs = classes, seconds, ends, done
    logits, after = network(*(one[:, None] for one in inputs), memory)
    one, other = network.step(*inputs, memory)
    assert (classes == 4).any()
    assert torch.allclose(one, logits[:, 0], atol=1e-6)
    assert torch.allclose(other, after, atol=1e-6)


def test_what_is_remembered_is_of_the_video_asked_about(network: SegmentNet) -> None:
    first, second = kitchen(2)
    grammar = SegmentGrammar(network)
    later = replace(first, lengths=first.lengths + np.array([0, 0, 0, 9]))
    kept = grammar.start([first, second, later, first])
    fresh = np.concatenate([SegmentGrammar(network).start([one]) for one in (first, second, later, first)])
    assert np.array_equal(kept, fresh)
    assert np.array_equal(kept[0], kept[2])  # the last segment still runs
    assert not np.array_equal(kept[0], kept[1])


def test_a_hidden_label_may_be_followed_by_anything() -> None:
    net = SegmentNet(SegmentConfig(classes=3, width=8)).eval()
    shape = torch.ones(1, 1)
    told, hidden = (net(torch.tensor([[c]]), shape, shape, torch.zeros(1, 1, 3))[0][0, 0] for c in (1, 3))
    assert told[1] < -20
    assert hidden.min() > -20


def test_the_same_seed_trains_the_same() -> None:
    one, two = (train(kitchen(8), 4, PRESETS["debug"], seed=3).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_one_view_of_a_performance() -> None:
    videos = [replace(one, performance=f"f{number // 2}") for number, one in enumerate(kitchen(6))]
    assert [one.name for one in ours.one_view(videos)] == ["v0", "v2", "v4"]
