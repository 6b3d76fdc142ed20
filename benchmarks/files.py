"""Reading and writing files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from material import Material
from measure import Table, ms, times

FRAMES = 20_000


def tables(material: Material, folder: Path) -> list[Table]:
    """Eleven minutes of motion in every format that is both read and written."""
    from motionary import formats
    from motionary.motion import Motion

    motion = material.motion
    repeats = -(-FRAMES // len(motion))
    long: Motion = replace(
        motion,
        root=np.tile(motion.root, (repeats, 1))[:FRAMES],
        rotations=np.tile(motion.rotations, (repeats, 1, 1))[:FRAMES],
        segments=(),
    )
    rows = []
    for suffix in (".bvh", ".glb", ".npz"):
        path = folder / f"long{suffix}"
        written, _ = times(partial(formats.write, long, path), runs=3, warm=1)
        read, _ = times(partial(formats.read, path), runs=3, warm=1)
        target = "1 s to read" if suffix == ".bvh" else "-"
        rows.append([suffix, ms(written), ms(read), f"{path.stat().st_size / 1e6:.1f} MB", target])
    return [Table(f"Files of {FRAMES:,} frames", ["format", "write", "read", "size", "target"], rows)]
