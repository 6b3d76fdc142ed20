"""What the trunk and legs of a Motion on HUMAN do: bows, crouches, sitting, kneeling, lying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motionary.motion._gait import Body
from motionary.motion._signals import Mask, longest, smooth

STANDING = 0.942  # m; pelvis of HUMAN at rest
CROUCH = 0.80  # pelvis below this share of STANDING: knees well bent (a walk stays above 0.92)
SQUAT = 0.62  # pelvis below this share of STANDING: a deep squat
LOW = 0.68  # pelvis below this share of STANDING may be sitting; a chair is 0.45 m high
ON_FLOOR = 0.35  # m; the pelvis of a lying, crawling or floor-sitting body is lower
UPRIGHT = 45.0  # degrees from the vertical; a trunk that leans less is upright
FLAT = 60.0  # degrees from the vertical; a trunk that leans more is lying or on hands and knees
BOW = 25.0  # degrees beyond the usual lean; an everyday walk changes its lean by less than 10
KNEE_DOWN = 0.17  # m; a knee this low touches the floor
HAND_DOWN = 0.18  # m; a wrist this low means a palm or fist on the floor
CHAIR_SHANK = 40.0  # degrees; shanks of someone on a chair are about upright
CHAIR_THIGH = 55.0  # degrees from the vertical; thighs of someone on a chair are about level
HELD = 0.3  # s; a posture held less long is a passage
EDGE = 0.3  # s; the posture at the start or end is that of most of this time


@dataclass(frozen=True)
class Posture:
    """Seconds of the longest spell of each posture, angles in degrees, heights in metres."""

    bend: float
    lean_back: float
    bend_seconds: float
    pelvis_low: float
    crouch_seconds: float
    lie_seconds: float
    sit_seconds: float
    kneel_seconds: float
    hands_down_seconds: float
    start_posture: str
    end_posture: str


def posture(b: Body) -> Posture:
    """Measure the postures of a body."""
    pelvis = b.near("pelvis")[:, 1]
    lean, pitch = _lean(b)
    masks = _masks(b, pelvis, lean)
    low = smooth(pelvis, 0.1 * b.fps)
    # The lean that comes before and after a bow; one who bows all the time has none, so it stays within 15 degrees.
    standing = pitch[pelvis > CROUCH * STANDING]
    usual = float(np.clip(np.percentile(standing, 20), -15.0, 15.0)) if len(standing) else 0.0
    bent = (pitch - usual > BOW) & ~masks["lie"]
    names = _names(masks, pelvis)
    edge = max(1, round(EDGE * b.fps))
    return Posture(
        bend=float((pitch - usual)[~masks["lie"]].max(initial=0.0)),
        lean_back=float((usual - pitch)[~masks["lie"]].max(initial=0.0)),
        bend_seconds=longest(bent, b.fps),
        pelvis_low=float(low.min()),
        **{f"{name}_seconds": longest(mask, b.fps) for name, mask in masks.items()},
        start_posture=_most(names[:edge]),
        end_posture=_most(names[-edge:]),
    )


def _lean(b: Body) -> tuple[np.ndarray, np.ndarray]:
    """Degrees between trunk and vertical, and its forward part (+ = forward)."""
    trunk = b.near("neck") - b.near("pelvis")
    lean = np.degrees(np.arctan2(np.linalg.norm(trunk[:, [0, 2]], axis=1), trunk[:, 1]))
    pitch = np.degrees(np.arctan2(trunk[:, 2], np.hypot(trunk[:, 0], trunk[:, 1])))
    return lean, np.where(trunk[:, 1] < 0, np.sign(pitch) * (180 - np.abs(pitch)), pitch)


def _angle_to_vertical(vector: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(np.linalg.norm(vector[:, [0, 2]], axis=1), np.abs(vector[:, 1])))


def _masks(b: Body, pelvis: np.ndarray, lean: np.ndarray) -> dict[str, Mask]:
    knees = np.stack([b.near(f"{s}_knee") for s in ("left", "right")])
    ankles = np.stack([b.near(f"{s}_ankle") for s in ("left", "right")])
    hips = np.stack([b.near(f"{s}_hip") for s in ("left", "right")])
    thighs = np.stack([_angle_to_vertical(k - h) for k, h in zip(knees, hips, strict=True)])
    shanks = np.stack([_angle_to_vertical(a - k) for a, k in zip(ankles, knees, strict=True)])
    wrists = np.stack([b.near(f"{s}_wrist")[:, 1] for s in ("left", "right")])
    hands = wrists.min(axis=0) < HAND_DOWN
    lie = (pelvis < ON_FLOOR) & (lean > FLAT)
    upright = lean < UPRIGHT
    chair = (pelvis < LOW * STANDING) & (thighs.min(axis=0) > CHAIR_THIGH) & (shanks.max(axis=0) < CHAIR_SHANK)
    sit = upright & ((pelvis < ON_FLOOR) | (chair & (pelvis > ON_FLOOR)))
    kneel = (knees[..., 1].min(axis=0) < KNEE_DOWN) & (pelvis > ON_FLOOR) & upright & ~sit
    crouch = (pelvis < CROUCH * STANDING) & ~lie & ~sit & ~kneel & (lean < FLAT)
    return {"crouch": crouch, "lie": lie, "sit": sit, "kneel": kneel, "hands_down": hands}


def _names(masks: dict[str, Mask], pelvis: np.ndarray) -> list[str]:
    names = np.where(pelvis > CROUCH * STANDING, "stand", "low").astype("<U6")
    for name in ("crouch", "kneel", "sit", "lie"):
        names[masks[name]] = name
    return [str(name) for name in names]


def _most(names: list[str]) -> str:
    return max(sorted(set(names)), key=names.count)
