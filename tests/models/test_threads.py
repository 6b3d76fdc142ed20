"""Threads: one where little is to be done, and afterwards as many as before."""

from __future__ import annotations

import pytest
import torch

from motionary.models.threads import MANY, fitting


@pytest.fixture
def three():
    usual = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(usual)


@pytest.mark.parametrize(("motions", "threads"), [(1, 1), (MANY - 1, 1), (MANY, 3), (64, 3)])
def test_by_motions(three, motions, threads):
    with fitting(motions):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 3


def test_an_error_leaves_them_as_they_were(three):
    with pytest.raises(ValueError, match="oops"), fitting(1):
        raise ValueError("oops")
    assert torch.get_num_threads() == 3


def test_decorates(three):
    count = fitting(1)(torch.get_num_threads)
    assert (count(), count(), torch.get_num_threads()) == (1, 1, 3)
