"""What every benchmark needs: times, memory, tables, and the machine's line."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PROMPT = "a tired person walks forward and turns left"
BINARY = str(Path(sys.executable).parent / "motionary")


@dataclass(frozen=True)
class Table:
    """Figures under a title.

    Attributes:
        title: of the section.
        head: names of the columns.
        rows: cells as they are shown.
        note: what a reader must know.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self) -> str:
        """The section."""
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return f"## {self.title}\n\n{table}\n" + (f"\n{self.note}\n" if self.note else "")


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


def times(action: Callable[[], object], runs: int = 15, warm: int = 2) -> tuple[float, float]:
    """Median and 95th percentile of the wall time in milliseconds, after ``warm`` runs that do not count."""
    for _ in range(warm):
        action()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken), float(np.percentile(taken, 95))


def ms(value: float) -> str:
    """Milliseconds as they are shown."""
    return f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"


def cold(command: Sequence[str], runs: int = 5) -> tuple[float, float]:
    """Median seconds and peak MB of a command started afresh."""
    script = (
        "import resource, subprocess, sys, time; start = time.perf_counter(); subprocess.run(sys.argv[1:], check=True, "
        "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); print(time.perf_counter() - start, "
        "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    results = [
        tuple(map(float, subprocess.check_output([sys.executable, "-c", script, *command], text=True).split()))
        for _ in range(runs)
    ]
    return statistics.median(r[0] for r in results), max(r[1] for r in results)
