"""What the retrieval network sees of a motion, and its loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motionary.models.retrieval import EVIDENCE, STRIDE, contrast, evidence
from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion.edit import canonical, heading
from motionary.motion.representation import Rotational
from motions import spin, walk, wave
from networks import random_model


def seen(motion: Motion) -> torch.Tensor:
    return evidence(torch.from_numpy(Rotational().encode(motion)))


def in_heading(motion: Motion, vectors: np.ndarray) -> np.ndarray:
    """World vectors [frames, joints, 3] as the body feels them."""
    return rot.rotate(rot.from_axis("Y", -heading(motion))[:, None], vectors)


@pytest.mark.parametrize("made", [walk(), wave(), spin(turns=0.8)], ids=["walk", "wave", "spin"])
def test_evidence_is_where_joints_are_and_how_fast_they_go(made):
    motion = canonical(made)
    found = seen(motion)
    assert found.shape == (-(-len(motion) // STRIDE), EVIDENCE)
    points = motion.positions()
    place = motion.root * [1, 0, 1]
    expected = in_heading(motion, points - place[:, None])[::STRIDE]
    inner = slice(3, -3)  # at the ends the low-pass holds a frame
    assert np.abs(found[inner, :66].reshape(-1, 22, 3).numpy() - expected[inner]).max() < 0.03
    # In the middle between two frames of evidence, within what low-pass and sampling leave of it.
    speed = in_heading(motion, np.gradient(points, 1 / motion.fps, axis=0))[1::STRIDE]
    found_speed = found[: len(speed), 66:132].reshape(-1, 22, 3).numpy()
    assert np.abs(found_speed[inner] - speed[inner]).mean() < 0.05 * np.abs(speed).mean() + 0.03


def test_a_walk_travels_and_a_spin_turns(walker, spinner):
    walk, spin = seen(canonical(walker)).mean(dim=0), seen(canonical(spinner)).mean(dim=0)
    assert walk[133] == pytest.approx(1.0, abs=0.1)
    assert abs(walk[134]) < 0.05
    assert abs(spin[134]) > 0.5


def test_trembling_at_the_highest_rate_is_not_seen(walker):
    features = torch.from_numpy(Rotational().encode(walker))
    shaken = features.clone()
    shaken[::2, 0] += 0.01
    shaken[1::2, 0] -= 0.01
    inner = slice(2, -2)
    assert (evidence(shaken) - evidence(features))[inner].abs().max() < 1e-4


def test_one_frame_is_a_motion():
    features = torch.zeros(1, 140)
    features[:, 4:136] = torch.tensor([1.0, 0, 0, 0, 1.0, 0]).repeat(22)
    found = evidence(features)
    assert found.shape == (1, EVIDENCE)
    assert torch.isfinite(found).all()


def test_vectors_are_units_and_know_no_neighbours():
    model = random_model("retrieval")
    random = torch.Generator().manual_seed(0)
    motions, lengths = torch.randn(3, 17, EVIDENCE, generator=random), torch.tensor([17, 6, 1])
    states, mask = torch.randn(3, 9, 32, generator=random), torch.arange(9) < torch.tensor([9, 4, 1])[:, None]
    motion, text = model.encode_motion(motions, lengths), model.encode_text(states, mask)
    for vectors in (motion, text):
        assert torch.allclose(vectors.norm(dim=1), torch.ones(3), atol=1e-5)
    for k, (frames, tokens) in enumerate(((17, 9), (6, 4), (1, 1))):
        own = model.encode_motion(motions[k : k + 1, :frames], lengths[k : k + 1])[0]
        assert (own - motion[k]).abs().max() < 1e-5
        assert (model.encode_text(states[k : k + 1, :tokens], mask[k : k + 1, :tokens])[0] - text[k]).abs().max() < 1e-5


def test_where_a_body_gets_to_is_seen():
    """The same steps with the turn at another time end elsewhere, and that is told apart."""
    model = random_model("retrieval")
    early, late = torch.zeros(1, 20, EVIDENCE), torch.zeros(1, 20, EVIDENCE)
    for motion, when in ((early, 0), (late, 10)):
        motion[..., 133] = 1.0
        motion[:, when : when + 10, 134] = 3.0
    length = torch.tensor([20])
    assert (model.encode_motion(early, length) - model.encode_motion(late, length)).abs().max() > 1e-3


def test_contrast_leaves_out_what_fits():
    vectors = torch.eye(3, 8)
    twin = vectors[[0, 0, 2]]  # sentences 0 and 1 say the same
    none = torch.zeros(3, 3, dtype=torch.bool)
    fits = none.clone()
    fits[0, 1] = fits[1, 0] = True
    sharp = torch.tensor(10.0)
    assert contrast(vectors, vectors, none, sharp) < 0.001
    assert contrast(twin, twin, none, sharp) > 0.4
    assert contrast(twin, twin, fits, sharp) < 0.001
    assert contrast(vectors, vectors.roll(1, 0), none, sharp) > 5


def test_reconstruction_is_a_term_of_its_own():
    model = random_model("retrieval")
    random = torch.Generator().manual_seed(0)
    states, mask = torch.randn(4, 5, 32, generator=random), torch.ones(4, 5, dtype=torch.bool)
    given = torch.randn(4, 12, EVIDENCE, generator=random), torch.tensor([12, 12, 7, 3]), states, mask
    fits = torch.zeros(4, 4, dtype=torch.bool)
    plain, whole = model.loss(*given, fits), model.loss(*given, fits, reconstruction=2.0)
    assert set(plain) == {"loss", "contrast"}
    assert whole["loss"].item() == pytest.approx(whole["contrast"].item() + whole["reconstruction"].item(), rel=1e-5)
    assert model.loss(*given, fits, reconstruction=4.0)["reconstruction"].item() == pytest.approx(
        2 * whole["reconstruction"].item(), rel=1e-5
    )
    # What lies in the padding is nobody's business.
    beyond = given[0].clone()
    beyond[3, 3:] = 50.0
    again = model.loss(beyond, *given[1:], fits, reconstruction=2.0)
    assert again["loss"].item() == pytest.approx(whole["loss"].item(), rel=1e-5)
