"""Synthetic HUMAN motions with known truth: feet that really stand, a hand that really waves."""

from __future__ import annotations

import numpy as np

from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot

THIGH, SHIN, HIP_DROP, ANKLE_HEIGHT = 0.421, 0.433, 0.012, 0.076
STANCE = 0.6  # share of a cycle that a foot stands
CYCLE = 1.0  # seconds for two steps


def stand(seconds: float = 2.0, fps: float = 30.0) -> Motion:
    """Standing still with the arms hanging."""
    frames = round(seconds * fps) + 1
    rotations = rot.identity(frames, len(HUMAN))
    for side, sign in (("left", -1.0), ("right", 1.0)):
        rotations[:, HUMAN.index(f"{side}_shoulder")] = rot.from_axis("Z", sign * 1.3)
    return Motion(HUMAN, np.tile(HUMAN.offsets[0], (frames, 1)), rotations, fps)


def walk(seconds: float = 3.0, fps: float = 30.0, speed: float = 1.0, slip: float = 0.0) -> Motion:
    """Walking along +z from the origin, left foot standing first; feet are planted exactly and flat.

    ``slip`` (m/s) makes the whole body glide forward on top, so that standing feet slide by that speed.
    """
    still = stand(seconds, fps)
    time = np.arange(len(still)) / fps
    rotations = still.rotations.copy()
    root = np.stack([np.zeros_like(time), np.full_like(time, 0.88), speed * time], axis=1)
    for side, offset in (("left", 0.15), ("right", 0.65)):
        ankle = foot_path(time, speed, offset)
        thigh, knee = leg_angles(ankle[:, 0] - root[:, 1] + HIP_DROP, ankle[:, 1] - root[:, 2] + 0.003)
        for joint, angle in (("hip", thigh), ("knee", knee), ("ankle", -thigh - knee)):
            rotations[:, HUMAN.index(f"{side}_{joint}")] = rot.from_axis("X", angle)
        arm = rot.from_axis("X", 0.35 * np.cos(2 * np.pi * (time / CYCLE + offset)))
        shoulder = HUMAN.index(f"{side}_shoulder")
        rotations[:, shoulder] = rot.multiply(arm, rotations[:, shoulder])
    root[:, 2] += slip * time
    return Motion(HUMAN, root, rotations, fps)


def foot_path(time: np.ndarray, speed: float, offset: float) -> np.ndarray:
    """[frames, 2] height and z of an ankle: standing, then swinging forward in a smooth arc."""
    cycles, phase = np.divmod(time / CYCLE + offset, 1.0)
    swing = np.clip((phase - STANCE) / (1 - STANCE), 0.0, 1.0)
    along = swing - np.sin(2 * np.pi * swing) / (2 * np.pi)
    z = speed * CYCLE * (cycles - offset + STANCE / 2 + along)
    return np.stack([ANKLE_HEIGHT + 0.12 * np.sin(np.pi * swing) ** 2, z], axis=1)


def stance(time: np.ndarray) -> np.ndarray:
    """[frames, 2] when the left and the right foot of ``walk`` stand."""
    return np.stack([np.mod(time / CYCLE + offset, 1.0) <= STANCE for offset in (0.15, 0.65)], axis=1)


def leg_angles(y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations about x of thigh and knee that bring the ankle to (y, z) from the hip."""
    reach = np.hypot(y, z)
    cosine = (reach**2 - THIGH**2 - SHIN**2) / (2 * THIGH * SHIN)
    assert (np.abs(cosine) <= 1).all(), "the synthetic walker's step is longer than its legs"
    knee = np.arccos(cosine)
    return np.arctan2(-z, -y) - np.arctan2(SHIN * np.sin(knee), THIGH + SHIN * np.cos(knee)), knee


def wave(seconds: float = 3.0, fps: float = 30.0, side: str = "left", rate: float = 1.5) -> Motion:
    """Standing with one hand raised above the head, the forearm waving ``rate`` times a second."""
    still = stand(seconds, fps)
    time, rotations = np.arange(len(still)) / fps, still.rotations.copy()
    sign = 1.0 if side == "left" else -1.0
    rotations[:, HUMAN.index(f"{side}_shoulder")] = rot.from_axis("Z", sign * 0.7)
    rotations[:, HUMAN.index(f"{side}_elbow")] = rot.from_axis(
        "Z", sign * (0.6 + 0.5 * np.sin(2 * np.pi * rate * time))
    )
    return Motion(HUMAN, still.root, rotations, fps)


def spin(seconds: float = 3.0, fps: float = 30.0, turns: float = 3.0) -> Motion:
    """The walker turning to the left all the while (its feet do not stand)."""
    return turned(walk(seconds, fps), "Y", turns)


def cartwheel(seconds: float = 2.0, fps: float = 30.0, turns: float = 1.0) -> Motion:
    """The standing body turning about its forward axis (z), the pelvis kept at its height."""
    return turned(stand(seconds, fps), "Z", turns)


def somersault(seconds: float = 2.0, fps: float = 30.0, turns: float = 1.0) -> Motion:
    """The standing body turning forward about its left-right axis (x)."""
    return turned(stand(seconds, fps), "X", turns)


def jump(seconds: float = 1.5, fps: float = 30.0, height: float = 0.4) -> Motion:
    """Standing, then in the air for the middle third of the time, then standing."""
    still = stand(seconds, fps)
    share = np.clip(np.linspace(-1, 2, len(still)), 0, 1)
    root = still.root.copy()
    root[:, 1] += 4 * height * share * (1 - share)
    return Motion(HUMAN, root, still.rotations, fps)


def turned(motion: Motion, axis: str, turns: float) -> Motion:
    """The motion with its root turned steadily about a world axis, ``turns`` whole turns in all."""
    rotations = motion.rotations.copy()
    angle = np.linspace(0, 2 * np.pi * turns, len(motion))
    rotations[:, 0] = rot.multiply(rot.from_axis(axis, angle), rotations[:, 0])
    return Motion(HUMAN, motion.root, rotations, motion.fps)


def noisy(frames: int = 60, seed: int = 0, fps: float = 30.0) -> Motion:
    """Any smooth random motion of every joint, seeded."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(frames, len(HUMAN), 3)) * 0.05
    root = HUMAN.offsets[0] + np.cumsum(rng.normal(size=(frames, 3)) * 0.01, axis=0)
    return Motion(HUMAN, root, rot.from_axis_angle(np.cumsum(steps, axis=0)), fps)
