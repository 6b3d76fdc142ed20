"""The models' process without models: what a prompt says it should do, it does. Run by the service under test."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

import motions
from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.service.context import Context, about
from motionary.service.process import serve


def work(params: dict[str, Any], context: Context) -> dict[str, Any]:
    """A standing body; or what goes wrong, by the first word of the prompt."""
    verb = params.get("prompt", "").split()[0] if params.get("prompt") else ""
    if verb == "crash":
        (context.folder / "0.npz").write_bytes(b"half")
        os._exit(3)
    if verb == "hang":
        time.sleep(60)
    if verb == "count":  # looks at whether it is still wanted, as a long gesture does
        for done in range(600):
            context.progress("steps", done, 600)
            time.sleep(0.1)
    if verb == "slow":
        time.sleep(0.3)
    if verb == "eat":
        raise MemoryError
    if verb == "break":
        raise ZeroDivisionError("the secret prompt")
    if verb == "refuse":
        raise InputError(f"{context.folder}/x: no such thing")
    if verb == "garble":
        raise FormatError("a number is missing", path=context.folder / "a.bvh", where="line 3", hint="write one")
    if verb == "fill":
        raise OSError(28, "No space left on device")
    motion = motions.stand(0.5).with_meta(seed=params.get("seed", 0), measured=float("nan"))
    if verb == "nan":
        motion = type(motion)(motion.skeleton, motion.root * np.nan, motion.rotations, motion.fps)
    count = params.get("samples", 1)
    for index in range(count):
        formats.write(motion.with_meta(measured=None), context.folder / f"{index}.npz")
    told = [{"index": index, **about(motion), "rig": None, "audio": None} for index in range(count)]
    return {"motions": told, "result": {"seed": params.get("seed"), "at": time.time()}}


if __name__ == "__main__":
    if "--unready" in sys.argv:

        def warm() -> dict[str, Any]:
            raise InputError("weights/flow: no such checkpoint")
    else:

        def warm() -> dict[str, Any]:
            return {"model": {"name": "fake", "licence": "none"}}

    names = ("generate", "sequence", "gesture", "edit", "describe", "convert")
    serve(dict.fromkeys(names, work), warm, Context({}, Path()))
