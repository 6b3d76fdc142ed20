"""Fréchet gesture distance, L1 diversity, face MSE and LVD against formulas written out."""

from __future__ import annotations

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.evaluation.gesture.face import face_errors, vertices
from motionary.evaluation.gesture.fgd import fgd, latents, published_fgd
from motionary.evaluation.gesture.spread import l1_diversity
from motionary.evaluation.gesture.tracks import folded, speeds, tracks
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.placement import transform


def rows(count: int, width: int, seed: int, scale: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(0, scale, (count, width)) @ rng.normal(0, 1, (width, width))


def textbook(a: np.ndarray, b: np.ndarray, lift: float) -> float:
    """|m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½), the root by its Newton iteration."""
    means = [[sum(column) / len(x) for column in x.T.tolist()] for x in (a, b)]
    covariances = []
    for x, mean in zip((a, b), means, strict=True):
        away = x - np.array(mean)
        covariances.append(sum(np.outer(row, row) for row in away) / (len(x) - 1))
    first, second = (c + lift * np.eye(len(c)) for c in covariances)
    y, z = first @ second, np.eye(len(first))
    size = np.linalg.norm(y)
    y = y / size
    for _ in range(60):
        y, z = 0.5 * (y + np.linalg.inv(z)), 0.5 * (z + np.linalg.inv(y))
    gap = sum((p - q) ** 2 for p, q in zip(*means, strict=True))
    return float(gap + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * np.trace(y) * np.sqrt(size))


def test_published_distance_is_ten_times_the_textbook():
    ours, theirs = rows(80, 5, 0), rows(70, 5, 1, 1.5) + 1
    files = [ours[:30], ours[30:]], [theirs[:10], theirs[10:]]
    assert published_fgd(*files) == pytest.approx(10 * textbook(ours, theirs, 0.0), rel=1e-6)
    # Of a covariance without full rank the root is that of the lifted product.
    flat = theirs.copy()
    flat[:, 4] = 0.0
    assert published_fgd([ours], [flat]) == pytest.approx(10 * textbook(ours, flat, 1e-6), rel=1e-4)


def test_strict_distance_against_its_floor():
    cloud = rows(400, 4, 3)
    real = [cloud[k : k + 20] for k in range(0, 400, 20)]
    same, far = [one[::-1].copy() for one in real], [one + 3 for one in real]
    near = fgd(same, real)
    assert near.files == 10
    assert not near.excess.excludes_zero
    away = fgd(far, real)
    assert away.excess.low > 0
    assert away.distance.mean == pytest.approx(4 * 9 + away.floor.mean, rel=0.3)
    assert fgd(far, real) == away
    assert fgd(far[:3], real).files == 3
    with pytest.raises(InputError, match="2 generated and 4 real"):
        fgd(far[:1], real)
    with pytest.raises(InputError, match="needs a group"):
        fgd(far, real, ["x"])


def test_the_floor_is_that_of_other_groups():
    """Four takes, each far from the others: files of one take must not stand on both sides of the floor."""
    takes = [rows(20, 3, seed) + 10 * seed for seed in range(4) for _ in range(5)]
    groups = [number // 5 for number in range(20)]
    alone, together = fgd(takes, takes).floor.mean, fgd(takes, takes, groups).floor.mean
    assert together > 3 * alone


def test_motions_are_cut_to_whole_latents(walker):
    seen = []

    def encode(motion: Motion) -> np.ndarray:
        seen.append(len(motion))
        return np.zeros((len(motion) // 16, 3), np.float32)

    motion = motions.walk(3.0)  # 91 frames
    assert [len(one) for one in latents([motion], encode)] == [5]
    latents([motion], encode, "compat")
    assert seen == [80, 64]
    with pytest.raises(InputError, match="motion 0 has 20 frames; 32"):
        latents([motion[:20]], encode, "compat")


def test_diversity_written_out():
    files = [np.random.default_rng(seed).normal(0, 1, (frames, 3, 3)) for seed, frames in ((0, 7), (1, 4))]
    total = 0.0
    for x in files:
        for joint in range(3):
            for axis in range(3):
                mean = sum(x[:, joint, axis]) / len(x)
                total += sum(abs(value - mean) for value in x[:, joint, axis])
    assert l1_diversity(files, "compat").mean == pytest.approx(total / 11)
    distances = [np.linalg.norm(frame - x.mean(axis=0), axis=1) for x in files for frame in x]
    assert l1_diversity(files).mean == pytest.approx(np.concatenate(distances).mean())


def test_only_strict_diversity_ignores_where_the_body_faces(waver, spinner):
    turned = transform(waver, np.pi / 4)
    for mode, same in (("compat", False), ("strict", True)):
        pair = [l1_diversity([tracks(one, mode == "compat")], mode).mean for one in (waver, turned)]
        assert (pair[0] == pytest.approx(pair[1], rel=1e-6)) is same
    spinning = l1_diversity([tracks(spinner)]).mean, l1_diversity([tracks(spinner, turned=False)]).mean
    assert spinning[1] < 0.6 * spinning[0]
    # With its joints' number: twice the joints, twice the published figure.
    x = tracks(waver)
    twice = np.concatenate([x, x], axis=1)
    assert l1_diversity([twice], "compat").mean == pytest.approx(2 * l1_diversity([x], "compat").mean)
    assert l1_diversity([twice]).mean == pytest.approx(l1_diversity([x]).mean)


def test_nothing_is_overwritten():
    x = np.random.default_rng(0).normal(0, 1, (9, 2, 3))
    kept = x.copy()
    l1_diversity([x], "compat")
    assert (folded(x) >= 0).all()
    assert (x == kept).all()


def test_tracks_do_not_travel(walker):
    x = tracks(walker)
    assert np.abs(x[:, 0]).max() == 0
    assert tracks(transform(walker, 0.0, (3.0, 0, 1.0))) == pytest.approx(x)
    assert tracks(transform(walker, 1.0), turned=False) == pytest.approx(tracks(walker, turned=False), abs=1e-9)
    line = np.zeros((5, 1, 3))
    line[:, 0, 0] = np.array([0.0, 0.01, 0.04, 0.09, 0.16])
    assert speeds(line)[:, 0] == pytest.approx([0.3, 0.6, 1.2, 1.8, 2.1])


def test_face_errors_written_out():
    rng = np.random.default_rng(0)
    real = [rng.normal(0, 1e-3, (frames, 6, 3)) for frames in (5, 8)]
    made = [x + rng.normal(0, 1e-3, x.shape) for x in real]
    for x in (*real, *made):
        x[:, 5] = 1.0  # a vertex of the back of the head
    squares, positions, weight = 0.0, 0.0, 0
    for p, r in zip(made, real, strict=True):
        squares += len(r) * np.mean([(a - b) ** 2 for a, b in zip(p.ravel(), r.ravel(), strict=True)])
        published = [
            abs((p[t + 1, v, c] - r[t, v, c]) - (r[t + 1, v, c] - r[t, v, c]))
            for t in range(len(r) - 1) for v in range(6) for c in range(3)
        ]  # fmt: skip
        positions += len(r) * np.mean(published)
        weight += len(r)
    found = face_errors(made, real, "compat")
    assert found.mse.mean == pytest.approx(1e8 * squares / weight)
    assert found.lvd.mean == pytest.approx(1e5 * positions / weight)
    strict = face_errors(made, real)
    away = [1e6 * ((p - r)[:, :5] ** 2).sum(axis=2).mean() for p, r in zip(made, real, strict=True)]
    assert strict.mse.mean == pytest.approx((5 * away[0] + 8 * away[1]) / 13)


def test_only_the_published_lvd_calls_a_shifted_face_restless():
    """A face that moves exactly as it should, 1 mm too far forward, has no velocity error."""
    real = np.random.default_rng(0).normal(0, 2e-3, (20, 4, 3))
    ahead = real + np.array([0, 0, 1e-3])
    assert face_errors([ahead], [real]).lvd.mean == pytest.approx(0, abs=1e-9)
    assert face_errors([ahead], [real]).mse.mean == pytest.approx(1.0)
    assert face_errors([ahead], [real], "compat").lvd.mean == pytest.approx(1e5 * 1e-3 / 3)
    still = np.repeat(real[:1], 20, axis=0)
    speed = 30 * 1e3 * np.linalg.norm(np.diff(real, axis=0), axis=2).mean()
    assert face_errors([still], [real]).lvd.mean == pytest.approx(speed)


def test_faces_that_do_not_fit():
    real = np.random.default_rng(0).normal(0, 1, (6, 4, 3))
    with pytest.raises(InputError, match="must be alike"):
        face_errors([real[:5]], [real])
    assert face_errors([real[:5]], [real], "compat").mse.mean == 0
    with pytest.raises(InputError, match="no vertex"):
        face_errors([real], [np.zeros((6, 4, 3))])
    motion = Motion(HUMAN, np.zeros((4, 3)), rot.identity(4, 22), 30, face=np.ones((4, 5)))
    mesh = np.random.default_rng(1).normal(0, 1, (5, 12))
    assert vertices([motion], lambda face: (face @ mesh).reshape(-1, 4, 3))[0].shape == (4, 4, 3)
    with pytest.raises(InputError, match="motion 0 has no face"):
        vertices([motions.stand()], lambda face: face)
