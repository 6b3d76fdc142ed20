"""Every task in a warm process: latency of one, and how much of many at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from material import RATE, Material, babble
from measure import PROMPT, Table, ms, times

BATCHES = (1, 8, 64)
SECONDS = 4.0


def tables(material: Material, folder: Path) -> list[Table]:
    """Latency a task; throughput of text to motion by batch; streaming."""
    return [_tasks(material, folder), _batches(), _stream()]


def _tasks(material: Material, folder: Path) -> Table:
    from motionary import formats
    from motionary.speech.transcribe import transcribe
    from motionary.tasks.anticipate import anticipate
    from motionary.tasks.describe import describe
    from motionary.tasks.edit import edit
    from motionary.tasks.edit_plan import Edit
    from motionary.tasks.feeling import feel
    from motionary.tasks.generate import Generator
    from motionary.tasks.gesture import gesture
    from motionary.tasks.language import Ask, BodyLanguage
    from motionary.tasks.prompts import Request

    generator, language = Generator.load(), BodyLanguage.load()
    one = [Request(PROMPT, SECONDS, 7)]
    tasks: dict[str, tuple[Callable[[], object], str]] = {
        "text to features (network alone)": (lambda: generator.features(one), "40 ms"),
        "generate": (lambda: generator(one), "-"),
        "generate, with a GLB file": (lambda: formats.write(generator(one)[0], folder / "warm.glb"), "150 ms"),
        "all parts by the language model": (
            lambda: language.codes([Ask(PROMPT, frames=round(30 * SECONDS))], guidance=1.0),
            "250 ms",
        ),
        "the same with guidance": (lambda: language.codes([Ask(PROMPT, frames=round(30 * SECONDS))]), "-"),
        "gesture": (lambda: gesture(material.sound), "-"),
        "transcribe": (lambda: transcribe(material.sound), "-"),
        "edit the arms": (lambda: edit(material.motion, Edit("a person waves", ("upper",)), language), "-"),
        "describe": (lambda: describe(material.motion), "-"),
        "emotion": (lambda: feel(material.motion), "-"),
        "anticipate, a minute ahead": (lambda: anticipate(material.labels, 60.0), "-"),
    }
    rows = []
    for name, (action, target) in tasks.items():
        median, late = times(action, runs=15)
        rows.append([name, ms(median), ms(late), target])
    return Table("One at a time, warm", ["task, 4 s", "median", "95 %", "target"], rows)


def _batches() -> Table:
    from motionary.tasks.generate import Generator
    from motionary.tasks.prompts import Request

    rows = []
    for name in ("default", "language"):
        generator = Generator.load(name)
        for batch in BATCHES:
            many = [Request(PROMPT, SECONDS, seed) for seed in range(batch)]
            bare, _ = times(partial(generator.features, many), runs=5, warm=1)
            whole, _ = times(partial(generator, many), runs=3, warm=1)
            rate = [f"{1e3 * batch * SECONDS / value:.0f}" for value in (bare, whole)]
            target = "500 (32 at once)" if name == "default" and batch == BATCHES[-1] else "-"
            rows.append(["flow" if name == "default" else name, str(batch), *rate, target])
    return Table(
        "Many at once, warm",
        [
            "model",
            "motions of 4 s at once",
            "network: motion-seconds a second",
            "with kinematics and foot lock",
            "target",
        ],
        rows,
    )


def _stream() -> Table:
    import time

    from motionary.tasks.gesture_stream import GestureStream

    sound, size = babble(10.0), RATE // 10
    stream, pushes, heard, first = GestureStream(), [], 0.0, 0.0
    for at in range(0, len(sound.samples), size):
        begun = time.perf_counter()
        piece = stream.push(sound.samples[at : at + size], RATE)
        taken = time.perf_counter() - begun
        if piece is not None and not heard:
            heard, first = (at + size) / RATE, taken
        elif piece is not None:
            pushes.append(1e3 * taken)
    pushes.sort()
    rows = [
        ["first frames: sound that must be heard", f"{heard:.2f} s", "0.5 s with the next line"],
        ["first frames: work after that", ms(1e3 * first), ""],
        ["a push that gives frames (0.2 s of speech), median", ms(pushes[len(pushes) // 2]), "200 ms"],
        ["the same, 95 %", ms(pushes[int(0.95 * len(pushes))]), "200 ms"],
    ]
    return Table("Gestures while somebody speaks", ["what", "measured", "target"], rows)
