"""Proof of retargeting: numbers for up to 20 clips of each source, and contact sheets to look at.

    python tools/retarget_proof.py DATA --out OUT [--clips 20] [--sheets 4] [--only bandai hdm05]

DATA holds the unpacked data sets (dataset/, cmu/, hdm05/, deepmimic/, kaykit/). Prints a Markdown table; writes one
sheet per clip with the source above and HUMAN below (left limbs red, right limbs blue).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from motionary import formats
from motionary.errors import MotionaryError

try:
    from motionary.formats import gltf
except ImportError:
    gltf = None
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.grounding import lowest_foot
from motionary.motion.rest_pose import LIMBS, body_frame, given_rotations, rest_pose
from motionary.motion.retarget import name_map, to_human

SOURCES = {
    "bandai": "dataset/*/data/*.bvh", "hdm05": "hdm05/*/*.amc", "cmu_asf": "cmu/amc/*.amc",
    "cmu_bvh31": "cmu/bvh120/*.bvh", "cc_base": "cmu/bvh60/*.bvh", "daz": "cmu/dance-bvh120/*.bvh",
    "deepmimic": "deepmimic/humanoid3d*.txt", "deepmimic (cmu)": "cmu/deepmimic/*.txt", "mmm": "kit/*.xml",
    "kaykit": "kaykit/Knight.glb",
}  # fmt: skip
LOCOMOTION = ("walk", "run", "jog", "dash", "sneak", "02_01", "02_02", "02_03", "07_", "06_01", "05_01")
NOT_FORWARD = ("turn", "back", "side", "circle", "strafing", "wall", "left", "right", "07_06", "spin", "roll")
ENDS = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
REST = dict(zip(HUMAN.names, HUMAN.rest_positions(), strict=True))
RED, BLUE, GREY = (200, 40, 40), (40, 70, 200), (70, 70, 70)


def clips(data: Path, pattern: str, count: int) -> list[tuple[str, Motion]]:
    """Up to ``count`` clips spread evenly over a source; each name once."""
    files = sorted(data.glob(pattern))
    named = [(path.stem, path, None) for path in files]
    if files and files[0].suffix == ".glb":
        if gltf is None:
            return []
        named = [(name, files[0], name) for name in gltf.animations(files[0])]
    picked = [named[i] for i in np.unique(np.linspace(0, len(named) - 1, min(count, len(named))).astype(int))]
    found = []
    for name, path, animation in picked:
        try:
            found.append((name, gltf.read(path, animation=animation) if animation else formats.read(path)))
        except MotionaryError as error:
            print(f"  not read: {error}")
    return found


def measure(name: str, source: Motion, human: Motion) -> dict[str, float]:
    """Direction errors (degrees), lowest foot (cm), share of way that goes where the body faces, and direction."""
    names = name_map(source.skeleton)
    a, (b, world) = source.positions(), human.kinematics()
    points = {joint: a[:, source.skeleton.index(of)] for joint, of in names.joints.items()}
    at = {joint: b[:, human.skeleton.index(joint)] for joint in human.skeleton.names}
    limbs = [angle(points[e] - points[s], at[e] - at[s]) for s, e in LIMBS.items() if e in points]
    pose = rest_pose(source.skeleton, names, rotations=given_rotations(source.meta, source.skeleton))
    lean = rot.inverse(body_frame(pose))
    lean = rot.between(rot.rotate(lean, line({j: pose.point(j) for j in ENDS})), line(REST))
    chest = world[:, human.skeleton.index("spine3")]
    upright = rot.rotate(rot.multiply(rot.multiply(chest, lean), rot.inverse(chest)), line(points))
    trunk = angle(upright, line(at))
    found = {
        "limbs": float(np.median(np.concatenate(limbs))),
        "limbs95": float(np.percentile(np.concatenate(limbs), 95)),
        "trunk": float(np.median(trunk)),
        "line": float(np.median(angle(line(points), line(at)))),
        "lowest": 100 * float(lowest_foot(b, world).min()),
        "toes": 100 * float(min(b[:, human.skeleton.index(f"{s}_foot"), 1].min() for s in ("left", "right"))),
        "forward": np.nan,
    }
    if any(word in name.lower() for word in LOCOMOTION) and not any(word in name.lower() for word in NOT_FORWARD):
        found["forward"] = forward(human, world)
    return found


def line(points: dict[str, np.ndarray]) -> np.ndarray:
    shoulders, hips = (points[f"left_{part}"] + points[f"right_{part}"] for part in ("shoulder", "hip"))
    return shoulders - hips


def angle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    cosine = np.sum(u * v, axis=-1) / (np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1))
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def forward(human: Motion, world: np.ndarray) -> float:
    """Degrees between the way of the pelvis and the way the body faces, over the clip; nan where it hardly moves."""
    step = np.diff(human.root[:, [0, 2]], axis=0)
    if np.linalg.norm(step.sum(axis=0)) < 0.5:
        return float("nan")
    facing = rot.rotate(world[1:, 0], np.array([0.0, 0.0, 1.0]))[:, [0, 2]]
    facing = facing / np.linalg.norm(facing, axis=1, keepdims=True)
    ahead = float(np.sum(step * facing))
    aside = float(np.sum(step[:, 0] * facing[:, 1] - step[:, 1] * facing[:, 0]))
    return float(np.degrees(np.arctan2(abs(aside), ahead)))


def sheet(source: Motion, human: Motion, path: Path, columns: int = 8, size: int = 150) -> None:
    """Source (above) and HUMAN (below), in the view from the front left of the first frame."""
    frames = np.linspace(0, len(human) - 1, columns).astype(int)
    world = human.kinematics()[1]
    turn = rot.from_axis("Y", -rot.yaw(world[0, 0]) - np.radians(35))
    image = Image.new("RGB", (columns * size, 2 * size), "white")
    draw = ImageDraw.Draw(image)
    names = name_map(source.skeleton).joints
    left = {names[j] for j in names if j.startswith("left")}, {j for j in HUMAN.names if j.startswith("left")}
    right = {names[j] for j in names if j.startswith("right")}, {j for j in HUMAN.names if j.startswith("right")}
    scale = human.meta["retarget"]["scale"]
    keep = set(names.values())
    for row, (motion, factor) in enumerate(((source, scale), (human, 1.0))):
        if row == 0:  # big-headed bodies would not fit at the scale of their legs
            factor = min(factor, 1.7 / np.ptp(motion.positions()[..., 1], axis=1).max())
        positions = rot.rotate(turn, motion.positions() * factor)
        floor = (motion.positions() * factor)[..., 1].min() if row == 0 else 0.0
        middle = positions[:, motion.skeleton.index(names["left_hip"] if row == 0 else "left_hip")]
        for column, frame in enumerate(frames):
            x0, y0, unit = (column + 0.5) * size, (row + 0.92) * size, size / 2.15

            def place(point, x0=x0, y0=y0, unit=unit, floor=floor, centre=middle[frame]):
                return x0 + (point[0] - centre[0]) * unit, y0 - (point[1] - floor) * unit

            draw.line([column * size + 8, y0, (column + 1) * size - 8, y0], fill=(210, 210, 210))
            for joint, parent in enumerate(motion.skeleton.parents):
                name = motion.skeleton.names[joint]
                if row == 0:
                    while parent >= 0 and motion.skeleton.names[parent] not in keep:
                        parent = motion.skeleton.parents[parent]
                if parent < 0 or (row == 0 and name not in keep):
                    continue
                colour = RED if name in left[row] else BLUE if name in right[row] else GREY
                ends = [place(positions[frame, parent]), place(positions[frame, joint])]
                draw.line(ends, fill=colour, width=2)
            for joint, tip in motion.skeleton.tips.items():
                index = motion.skeleton.index(joint)
                if (row == 1 or joint in keep) and np.linalg.norm(tip) > 0.02:
                    rotation = motion.kinematics()[1][frame, index] if row == 0 else world[frame, index]
                    end = rot.rotate(turn, rot.rotate(rotation, tip * factor)) + positions[frame, index]
                    draw.line([place(positions[frame, index]), place(end)], fill=(150, 150, 150), width=1)
    draw.text((6, 4), f"{path.stem}: source, then HUMAN", fill=(0, 0, 0))
    image.quantize(32).save(path, optimize=True)


def stack(sheets: list[Path], path: Path) -> None:
    """Several sheets, one under the other."""
    images = [Image.open(sheet).convert("RGB") for sheet in sheets]
    whole = Image.new("RGB", (images[0].width, sum(image.height for image in images)), "white")
    height = 0
    for image in images:
        whole.paste(image, (0, height))
        height += image.height
    whole.quantize(32).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--sheets", type=int, default=4, help="sheets per source, at least 1")
    parser.add_argument("--overview", type=Path, help="also stack each source's last sheet into this picture")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--only", nargs="*", default=list(SOURCES))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    print(
        "| source | clips | limbs, median | limbs, 95 % | trunk | trunk as a line | lowest sole, cm | lowest toe, cm "
        "| way against facing (clips) | ms per 100 frames |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    shown = []
    for kind in options.only:
        rows, spent, frames = [], 0.0, 0
        for number, (name, source) in enumerate(clips(options.data, SOURCES[kind], options.clips)):
            start = time.perf_counter()
            human = to_human(source)
            spent, frames = spent + time.perf_counter() - start, frames + len(human)
            rows.append(measure(name, source, human))
            if options.verbose:
                print(name, {key: round(value, 2) for key, value in rows[-1].items()})
            if number < options.sheets:
                drawn = options.out / f"{kind.replace(' ', '_')}_{name}.png"
                sheet(source, human, drawn)
        if rows:
            shown.append(drawn)
            print(summary(kind, rows, 1e5 * spent / frames), flush=True)
    if options.overview and shown:
        stack(shown, options.overview)


def summary(kind: str, rows: list[dict[str, float]], speed: float) -> str:
    def of(key: str) -> np.ndarray:
        return np.array([row[key] for row in rows])

    walks = of("forward")[~np.isnan(of("forward"))]
    way = f"{np.median(walks):.0f}°, worst {walks.max():.0f}° ({len(walks)})" if len(walks) else "-"
    return (
        f"| {kind} | {len(rows)} | {np.median(of('limbs')):.2f}° | {of('limbs95').max():.1f}° | "
        f"{np.median(of('trunk')):.1f}° | {np.median(of('line')):.1f}° | {of('lowest').min():.1f} | "
        f"{of('toes').min():.1f} | {way} | {speed:.1f} |"
    )


if __name__ == "__main__":
    main()
