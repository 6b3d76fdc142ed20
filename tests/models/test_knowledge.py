"""The ways that knowledge takes into token states."""

from __future__ import annotations

import pytest
import torch

from motionary.errors import InputError
from motionary.models.knowledge import WAYS, KnowledgePath, require_knowledge

STATES, MASK = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(0)), torch.ones(2, 5, dtype=torch.bool)
KNOWN = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(1))
KNOWN_MASK = torch.tensor([[True, True, False], [True, False, False]])


def path(way: str, opened: bool = True) -> KnowledgePath:
    torch.manual_seed(0)
    made = KnowledgePath(way, 16, 8, heads=2, inner=8)
    if opened:
        made.gate.data.fill_(1.0)
    return made


def test_a_closed_gate_changes_nothing():
    for way in ("attend", "prepend"):
        states, mask = path(way, opened=False)(STATES, MASK, KNOWN, KNOWN_MASK)
        assert torch.equal(states[:, -5:], STATES)
        assert torch.equal(mask[:, -5:], MASK)
        assert not states[:, :-5].any()


def test_what_is_attended_matters_and_its_padding_does_not():
    informed, _ = path("attend")(STATES, MASK, KNOWN, KNOWN_MASK)
    assert (informed - STATES).abs().max() > 1e-3
    other = KNOWN.clone()
    other[1, 1:] = 99.0
    assert torch.allclose(path("attend")(STATES, MASK, other, KNOWN_MASK)[0], informed, atol=1e-6)
    other[0, 0] *= torch.linspace(-1, 1, 8)
    changed = path("attend")(STATES, MASK, other, KNOWN_MASK)[0]
    assert (changed[0] - informed[0]).abs().max() > 1e-3
    assert torch.allclose(changed[1], informed[1], atol=1e-6)


def test_nothing_known_is_the_null_row():
    empty = path("attend")(STATES, MASK, KNOWN[:, :0], KNOWN_MASK[:, :0])[0]
    masked = path("attend")(STATES, MASK, KNOWN, torch.zeros_like(KNOWN_MASK))[0]
    assert torch.allclose(empty, masked, atol=1e-6)
    assert torch.isfinite(empty).all()


def test_prepended_rows_are_tokens():
    states, mask = path("prepend")(STATES, MASK, KNOWN, KNOWN_MASK)
    assert states.shape == (2, 8, 16)
    assert torch.equal(mask, torch.cat([KNOWN_MASK, MASK], dim=1))
    assert not states[:, :3][~KNOWN_MASK].any()
    assert states[:, :3][KNOWN_MASK].abs().min() > 0


def test_appended_rows_follow():
    rows = torch.randn(2, 3, 16)
    states, mask = KnowledgePath("append", 16, 16)(STATES, MASK, rows, KNOWN_MASK)
    assert torch.equal(states, torch.cat([STATES, rows], dim=1))
    assert torch.equal(mask, torch.cat([MASK, KNOWN_MASK], dim=1))


def test_a_plain_network_has_no_path():
    plain = KnowledgePath("none", 16, 8)
    assert not list(plain.parameters())
    assert plain(STATES, MASK, KNOWN, KNOWN_MASK) == (STATES, MASK)


def test_names():
    for name in WAYS:
        require_knowledge(name)
    with pytest.raises(InputError, match="tokens"):
        require_knowledge("oracle")
