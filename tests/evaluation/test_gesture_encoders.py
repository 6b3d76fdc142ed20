"""The encoders behind the Fréchet gesture distance: the published form on random weights, and ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import motions
import tiny_corpus
from motionary.corpora import pack as packs
from motionary.corpora.pack import Clip, Pack
from motionary.errors import CheckpointError, InputError
from motionary.evaluation.gesture import effects, sanity
from motionary.evaluation.gesture.judge import Judge
from motionary.evaluation.gesture.public import PublicEncoder, smplx_rotations
from motionary.learning.gesture_judge import _slower, rotations, train_gesture_judge, windows
from motionary.models import checkpoint, weights
from motionary.models.gesture_judge import GestureJudge, GestureJudgeConfig, liveliness
from motionary.models.skeleton_conv import (
    SMPLX_PARENTS,
    SkeletonEncoder,
    chains,
    edges_of,
    neighbours,
    pooled,
)
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.edit import canonical


def test_the_skeleton_shrinks_as_published():
    edges, counts = edges_of(SMPLX_PARENTS), []
    for _ in range(3):
        counts.append(len(edges))
        edges, _ = pooled(edges)
    assert counts == [55, 35, 20]
    assert SMPLX_PARENTS[:22] == HUMAN.parents
    # Two legs, trunk, neck with head, jaw, two eyes, two arms, ten fingers, and the root's own.
    assert len(chains(edges_of(SMPLX_PARENTS))) == 2 + 1 + 1 + 3 + 2 + 10 + 1
    encoder = SkeletonEncoder()
    assert encoder.width == 240
    assert encoder(torch.zeros(2, 64, 330)).shape == (2, 4, 240)
    assert encoder.layers[3][0].residual[0].weight.shape == (240, 240, 4)


def test_a_hand_made_tree():
    """0 - 1 - 2 - 3 with branches 2 - 4 and 0 - 5; the root's edge leads to 6."""
    edges = edges_of((-1, 0, 1, 2, 2, 0))
    assert edges == [(0, 6), (0, 1), (1, 2), (2, 3), (2, 4), (0, 5)]
    assert chains(edges) == [[0], [1, 2], [3], [4], [5]]
    assert pooled(edges) == ([(0, 6), (0, 2), (2, 3), (2, 4), (0, 5)], [[0], [1, 2], [3], [4], [5]])
    assert neighbours(edges)[3] == [1, 2, 3, 4]  # 2-3 touches 1-2 and 2-4, and over 1-2 the edge 0-1
    assert neighbours(edges, 1)[1] == [0, 1, 2, 5]
    long = edges_of((-1, 0, 1, 2))
    assert pooled(long)[1] == [[0], [1], [2, 3]]  # of three the first stays alone
    assert pooled(long, whole=True)[1] == [[0], [1, 2, 3]]


def test_an_edge_sees_its_neighbours_only():
    torch.manual_seed(0)
    layer = SkeletonEncoder().layers[0][0].residual[0]
    x = torch.randn(1, 330, 8)
    changed = x.clone()
    changed[:, 6 * 20 : 6 * 21] += 1.0  # the left wrist's edge
    seen = ((layer(x) - layer(changed)).abs().amax(dim=(0, 2)) > 0).reshape(55, 6).any(dim=1)
    near = neighbours(edges_of(SMPLX_PARENTS))[20]
    assert torch.nonzero(seen).flatten().tolist() == near
    assert 21 not in near


def test_one_layer_written_out():
    """Group norm of the masked convolution plus the shortcut, pooled by hand, tanh."""
    torch.manual_seed(1)
    layer, x = SkeletonEncoder().layers[0][0], torch.randn(1, 330, 6)
    conv, norm, short = layer.residual[0], layer.residual[1], layer.shortcut
    padded = np.pad(x[0].numpy(), ((0, 0), (1, 1)))
    weight = (conv.weight * conv.mask).detach().numpy()
    found = np.stack(
        [np.einsum("oik,ik->o", weight, padded[:, 2 * t : 2 * t + 4]) for t in range(3)], axis=1
    ) + conv.bias.detach().numpy()[:, None]  # fmt: skip
    groups = found.reshape(10, 33, 3)
    scaled = (groups - groups.mean((1, 2), keepdims=True)) / np.sqrt(groups.var((1, 2), keepdims=True) + norm.eps)
    point = (short.weight * short.mask).detach().numpy()[..., 0] @ x[0, :, ::2].numpy()
    total = scaled.reshape(330, 3) + point + short.bias.detach().numpy()[:, None]
    edges = total.reshape(55, 6, 3)
    groups = pooled(edges_of(SMPLX_PARENTS))[1]
    expected = np.tanh(np.concatenate([edges[members].mean(axis=0) for members in groups]))
    assert layer(x)[0].detach().numpy() == pytest.approx(expected, abs=1e-5)


def exported(path, change=lambda tensors: tensors):
    """A file as a conversion of the published one would be: wrapped names, the decoder, masks and pools inside."""
    torch.manual_seed(3)
    model = SkeletonEncoder()
    tensors = {f"module.encoder.{name}": value.clone() for name, value in model.state_dict().items()}
    tensors |= {"module.decoder.main.0.weight": torch.zeros(3), "module.fc_mu.bias": torch.zeros(240)}
    save_file(change(tensors), str(path))
    return model


def test_the_export_is_read(tmp_path, waver):
    model = exported(tmp_path / "a.safetensors")
    found = PublicEncoder.load(tmp_path / "a.safetensors")
    motion = waver[:64]
    assert found.latents(motion).shape == (4, 240)
    expected = model(torch.from_numpy(smplx_rotations(motion))[None])[0].detach().numpy()
    assert found.latents(motion) == pytest.approx(expected, abs=1e-6)
    with pytest.raises(InputError, match="16 frames"):
        found.latents(motion[:9])


def test_exports_that_do_not_fit(tmp_path):
    first = "module.encoder.layers.0.0."
    cases = {
        "missing tensors": lambda t: {k: v for k, v in t.items() if k != first + "shortcut.bias"},
        r"must be \[330\]": lambda t: t | {first + "residual.0.bias": torch.zeros(7)},
        "finite": lambda t: t | {first + "residual.0.bias": torch.full((330,), torch.nan)},
        "SMPL-X's skeleton": lambda t: t | {first + "residual.0.mask": torch.ones(330, 330, 4)},
    }
    for message, change in cases.items():
        exported(tmp_path / "b.safetensors", change)
        with pytest.raises(CheckpointError, match=message):
            PublicEncoder.load(tmp_path / "b.safetensors")
    (tmp_path / "c.bin").write_bytes(b"\x80\x04pickle")
    for name, message in (("c.bin", "not a safetensors"), ("none.safetensors", "not there")):
        with pytest.raises(CheckpointError, match=message):
            PublicEncoder.load(tmp_path / name)


def test_smplx_rotations_take_hands_and_face():
    local = rot.from_axis_angle(np.random.default_rng(0).normal(0, 0.5, (4, 52, 3)))
    jaw = np.array([0.2, 0.0, 0.1])
    face = np.concatenate([np.tile(jaw, (4, 1)), np.ones((4, 10))], axis=1)
    motion = Motion(HUMAN, np.zeros((4, 3)), local[:, :22], 30, hands=local[:, 22:], face=face)
    told = smplx_rotations(motion).reshape(4, 55, 2, 3)
    assert told[:, :22] == pytest.approx(rot.to_matrix(local[:, :22])[..., :2, :], abs=1e-6)
    assert told[:, 25:] == pytest.approx(rot.to_matrix(local[:, 22:])[..., :2, :], abs=1e-6)
    assert told[0, 22] == pytest.approx(rot.to_matrix(rot.from_axis_angle(jaw))[:2], abs=1e-6)
    assert told[:, 23:25] == pytest.approx(np.broadcast_to(np.eye(3)[:2], (4, 2, 2, 3)))
    assert smplx_rotations(replace(motion, hands=None, face=None)).shape == (4, 330)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixteen clips, each a family, half of them of 7.2 s; four more to validate on."""
    clips = [
        (Clip(f"made/{content}/{seconds}", "made", "CC0-1.0", split, ("a",), content, family=f"{content}/{seconds}"),
         canonical(make(seconds, 0.9)))
        for seconds, split in ((2.0, "train"), (7.2, "train"), (2.4, "val"))
        for content, _, make in tiny_corpus.MOTIONS
    ]  # fmt: skip
    made = tmp_path_factory.mktemp("made")
    packs.save(made, clips, {"sources": tiny_corpus.SOURCES})
    return made


def test_windows_go_back_and_forth():
    clip = np.arange(40, dtype=np.float32)[:, None]
    (window,) = windows([clip, clip[:20]])
    assert window[:, 0].tolist() == [*range(40), *range(38, 14, -1)]
    assert len(windows([np.zeros((104, 2), np.float32)])) == 3
    with pytest.raises(InputError, match="no clip of 32"):
        windows([clip[:20]])


def test_liveliness_written_out():
    x = torch.zeros(1, 4, 12)
    x[0, :, :6] = torch.tensor([0.0, 1.0, 3.0, 3.0])[:, None]
    found = liveliness(x, 2)[0]
    # First differences 1, 2, 0 and none after the last; second 1, -2 and none for the last two frames.
    expected = [[1.5, 0.0, 1.5, 0.0], [0.0, 0.0, 0.0, 0.0]]
    assert found.tolist() == [pytest.approx([float(np.log(v + 1e-2)) for v in row]) for row in expected]


def test_slower_windows():
    window = np.arange(8, dtype=np.float32)[None, :, None].repeat(3, axis=0)
    half, still, same = _slower(window, np.array([0.5, 0.0, 1.0]))[..., 0]
    assert half.tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
    assert still.tolist() == [0] * 8
    assert same.tolist() == list(range(8))


def test_training_makes_a_judge(tmp_path, folder, walker):
    best = train_gesture_judge(folder, tmp_path, config=GestureJudgeConfig(width=8, latent=6), batch=8, steps=3)
    judge = Judge.load(str(best))
    assert judge.info["data"] == Pack.load(folder).digest
    rows = judge.latents(walker)
    assert rows.shape == (len(walker) // 16, 6)
    model, _ = checkpoint.load(best)
    assert isinstance(model, GestureJudge)
    assert rotations(walker).shape == (len(walker), 132)
    with pytest.raises(InputError, match="16 frames"):
        judge.latents(walker[:10])
    with pytest.raises(CheckpointError, match="gesture-judge"):
        Judge.load(str(weights() / "retrieval"))


def test_tables_of_sanity_and_effects(folder):
    made = Pack.load(folder)
    still = lambda motion: rotations(motion)[: len(motion) // 16 * 16 : 16, :6]  # noqa: E731
    table = sanity.sanity(made, still, "train", draws=3)
    assert [row.name for row in table.rows] == list(sanity.CHANGES)
    assert set(table.rows[0].cells) == {"FGD, strict", "floor", "excess", "FGD, compat"}
    one, other = sanity.halves(made, "train")
    assert not set(one) & set(other)
    beats = {row.name: row.cells for row in effects.beats_table(made).rows}
    assert len(beats) == 7
    assert beats["strict"]["onsets of the motion"].mean > beats["strict"]["onsets at random"].mean
    spread = {row.name: row.cells for row in effects.spread_table(made).rows}
    here, turned = spread["facing +z throughout"], spread["the same, turned by 45 degrees"]
    assert here["strict"].mean == pytest.approx(turned["strict"].mean)
    assert here["compat"].mean != pytest.approx(turned["compat"].mean, rel=1e-3)
    files = effects.files_table(made, still, "train")
    assert [row.n for row in files.rows] == [8]
    with pytest.raises(InputError, match="too few clips"):
        sanity.sanity(made, still, "test")


def test_spoiling_does_what_it_says(waver):
    rng = np.random.default_rng(0)
    angles = rot.angle(sanity.trembling(3)(waver, rng).rotations, waver.rotations)
    assert np.degrees(np.sqrt((angles**2).mean())) == pytest.approx(3, rel=0.05)
    assert np.ptp(sanity.frozen(waver, rng).positions(), axis=0).max() < np.ptp(waver.positions(), axis=0).max() / 1e3
    order = sanity.shuffled(waver, rng)
    assert sorted(order.rotations[:, 18, 0]) == pytest.approx(sorted(waver.rotations[:, 18, 0]))
    wide, less = (rot.angle(one.rotations, one.rotations[:1]).max() for one in (waver, sanity.narrow(waver, rng)))
    assert less == pytest.approx(wide / 2, rel=1e-6)
    assert len(sanity.hasty(motions.walk(3.5), rng)) == pytest.approx(len(motions.walk(3.5)) / 1.4, abs=1)
