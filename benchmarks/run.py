"""Speed and size, measured on this machine: ``python benchmarks/run.py [-o docs/benchmarks.md]``.

Every figure is the median of several runs in this process, but for cold starts and peak memory, which are processes of
their own. Nothing here is a test: a slow machine is not a failure.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

PROMPT = "a tired person walks forward and turns left"


def machine() -> str:
    """One line: processor, cores, Python, torch."""
    import torch

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}"


def median_ms(action: Callable[[], object], runs: int = 15) -> float:
    """Median wall time in milliseconds, after two warm-up runs."""
    action(), action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def cold(command: list[str], runs: int = 5) -> tuple[float, float]:
    """Median seconds and peak MB of a command started afresh."""
    script = (
        "import resource, subprocess, sys, time; start = time.perf_counter(); subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL); print(time.perf_counter() - start, "
        "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    results = [
        tuple(map(float, subprocess.check_output([sys.executable, "-c", script, *command], text=True).split()))
        for _ in range(runs)
    ]
    return statistics.median(r[0] for r in results), max(r[1] for r in results)


def rows(folder: Path) -> list[tuple[str, str, str]]:
    """(what, figure, target)."""
    from motionary import formats
    from motionary.tasks.generate import Generator
    from motionary.tasks.prompts import Request

    binary = str(Path(sys.executable).parent / "motionary")
    help_seconds, _ = cold([binary, "--help"])
    generate_seconds, memory = cold([binary, "generate", PROMPT, "--seconds", "4", "-o", str(folder / "cold.glb")])
    generator = Generator.load()
    one = [Request(PROMPT, 4.0, 7)]
    many = [Request(PROMPT, 4.0, seed) for seed in range(32)]
    bare = median_ms(lambda: generator.features(one))

    def whole() -> None:
        formats.write(generator(one)[0], folder / "warm.glb")

    full = median_ms(whole)
    batch = median_ms(lambda: generator.features(many), runs=7)
    batch_locked = median_ms(lambda: generator(many), runs=3)
    bvh = folder / "long.bvh"
    _long_bvh(generator(one)[0], bvh)
    parse = median_ms(lambda: formats.read(bvh), runs=3)
    return [
        ("`motionary --help`, cold", f"{help_seconds:.2f} s", "0.3 s"),
        ("`motionary generate` to GLB, cold", f"{generate_seconds:.2f} s", "3 s"),
        ("peak memory of that", f"{memory:.0f} MB", "600 MB"),
        ("text and generation of 4 s, warm", f"{bare:.1f} ms", "40 ms"),
        ("the same with kinematics, foot lock and GLB file, warm", f"{full:.1f} ms", "150 ms"),
        ("batch of 32 x 4 s, text and generation", f"{32 * 4 / batch * 1e3:.0f} motion-s/s", "500 motion-s/s"),
        ("batch of 32 x 4 s with foot lock", f"{32 * 4 / batch_locked * 1e3:.0f} motion-s/s", "-"),
        ("BVH of 20,000 frames x 69 channels read", f"{parse / 1e3:.2f} s", "1 s"),
    ]


def corpus_row(data: Path, folder: Path) -> tuple[str, str, str]:
    """Time of building the whole corpus with two workers, archives unpacked first."""
    binary = str(Path(sys.executable).parent / "motionary")
    seconds, _ = cold([binary, "corpus", "build", str(data), "--out", str(folder / "corpus"), "--workers", "2"], runs=1)
    return "corpus build of everything, two workers", f"{seconds / 60:.1f} min", "10 min"


def _long_bvh(motion: object, path: Path) -> None:
    from dataclasses import replace

    from motionary import formats

    repeats = -(-20_000 // len(motion))  # type: ignore[arg-type]
    long = replace(
        motion,  # type: ignore[type-var]
        root=np.tile(motion.root, (repeats, 1))[:20_000],  # type: ignore[attr-defined]
        rotations=np.tile(motion.rotations, (repeats, 1, 1))[:20_000],  # type: ignore[attr-defined]
        segments=(),
    )
    formats.write(long, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--data", type=Path, help="also build the corpus of this data folder (minutes)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures = rows(folder) + ([corpus_row(arguments.data, folder)] if arguments.data else [])
    lines = [f"| {what} | {figure} | {target} |" for what, figure, target in figures]
    table = "\n".join(["| what | measured | target |", "|---|---|---|", *lines])
    text = f"# Speed and size\n\n`make bench`, on: {machine()}.\n\n{table}\n"
    print(text)
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
