"""How time grows with the length of a motion."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from material import Material, babble
from measure import PROMPT, Table, ms, times

LENGTHS = (1, 4, 10, 30, 60)  # seconds


def tables(material: Material, folder: Path) -> list[Table]:
    """Text, speech and a file, by length; text beyond 10 s is several actions in a row."""
    from motionary import formats
    from motionary.tasks.describe import describe
    from motionary.tasks.generate import Generator
    from motionary.tasks.gesture import gesture
    from motionary.tasks.prompts import Request

    generator = Generator.load()
    rows = []
    for seconds in LENGTHS:
        prompt = ", then ".join([PROMPT] * max(1, -(-seconds // 10)))
        request = [Request(prompt, float(seconds), 7)]
        motion = generator(request)[0]
        sound = babble(float(seconds))
        actions = (
            partial(generator, request), partial(gesture, sound), partial(describe, motion),
            partial(formats.write, motion, folder / "long.glb"),
        )  # fmt: skip
        film = partial(formats.write, motion, folder / "long.mp4")  # takes minutes: once
        cells = [ms(times(action, runs=3, warm=1)[0]) for action in actions]
        rows.append([f"{seconds} s", *cells, ms(times(film, runs=1, warm=0)[0])])
    head = ["length", "generate", "gesture", "describe", "write GLB", "draw MP4"]
    return [Table("How time grows", head, rows)]
