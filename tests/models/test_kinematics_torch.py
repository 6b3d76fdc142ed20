"""Kinematics in torch say what kinematics in numpy say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from motionary.models.blocks import padding_mask, sinusoids
from motionary.models.kinematics import joint_positions, rotation_matrices, trajectory
from motionary.motion import HUMAN
from motionary.motion import rotations as rot
from motionary.motion.representation import get
from motions import noisy


def test_rotation_matrices(rng):
    sixd = rng.standard_normal((50, 22, 6))
    expected = rot.to_matrix(rot.from_sixd(sixd))
    ours = rotation_matrices(torch.from_numpy(sixd)).numpy()
    assert np.abs(ours - expected).max() < 1e-9
    assert np.linalg.det(ours) == pytest.approx(np.ones((50, 22)))


def test_sixd_of_a_rotation_gives_it_back(rng):
    quaternions = rot.normalize(rng.standard_normal((40, 4)))
    ours = rotation_matrices(torch.from_numpy(rot.to_sixd(quaternions))).numpy()
    assert np.abs(ours - rot.to_matrix(quaternions)).max() < 1e-9


def test_joint_positions():
    motion = noisy(frames=12)
    local = torch.from_numpy(rot.to_matrix(motion.rotations))
    expected = motion.positions() - motion.root[:, None]
    assert np.abs(joint_positions(local).numpy() - expected).max() < 1e-9
    assert joint_positions(local.reshape(3, 4, 22, 3, 3)).shape == (3, 4, len(HUMAN), 3)


def test_joint_positions_pass_gradients_on():
    sixd = torch.randn(2, 22, 6, requires_grad=True)
    joint_positions(rotation_matrices(sixd)).square().sum().backward()
    assert sixd.grad is not None
    assert torch.isfinite(sixd.grad).all()


@pytest.mark.parametrize("name", ["walker", "spinner"])
def test_trajectory_is_the_codecs(name, request):
    codec = get("rotational")
    features = codec.encode(request.getfixturevalue(name), dtype=np.float64)
    decoded = codec.decode(features)
    x = torch.from_numpy(features)[None]
    path, heading = trajectory(x[..., 0], x[..., 1:3], x[..., 3])
    assert np.abs(path[0].numpy() - decoded.root).max() < 1e-9
    world = joint_positions(rotation_matrices(x[..., 4:136].reshape(1, -1, 22, 6)))[0].numpy()
    turned = rot.rotate(rot.from_axis("Y", heading[0].numpy())[:, None], world) + path[0].numpy()[:, None]
    assert np.abs(turned - decoded.positions()).max() < 1e-6


def test_a_spinning_body_has_no_jump_in_its_yaw(spinner):
    features = get("rotational").encode(spinner)
    assert np.abs(features[:, 3]).max() < 0.5
    x = torch.from_numpy(features)[None]
    heading = trajectory(x[..., 0], x[..., 1:3], x[..., 3])[1]
    # Turned three times to the left, counted on beyond pi.
    assert float(heading[0, -1]) == pytest.approx(6 * np.pi, abs=0.5)


def test_padding_mask():
    assert padding_mask(torch.tensor([0, 2, 3]), 3).tolist() == [[False] * 3, [True, True, False], [True] * 3]


def test_sinusoids_tell_positions_apart():
    table = sinusoids(torch.arange(300), 32)
    assert table.shape == (300, 32)
    distance = torch.cdist(table, table) + 10 * torch.eye(300)
    assert distance.min() > 0.1
