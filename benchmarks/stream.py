"""Streaming anticipation, measured on this machine: ``python benchmarks/stream.py SET.json [--model NAME]``.

One video of the set is pushed frame by frame; the rest is what the method learns from. Printed are the times of single
updates (one frame pushed, one outlook given), with and without a new answer of the model: processor time, which another
program's load does not change, and time on the clock. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from run import machine

from motionary.actions.dataset import ActionSet
from motionary.tasks.anticipators import fitted, load
from motionary.tasks.stream import Stream


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("--model", help="a released model or checkpoint; by default transitions counted in the set")
    parser.add_argument("--method", default="markov", help="that learns from the set: markov or semi-markov")
    parser.add_argument("--horizon", type=float, default=60.0)
    arguments = parser.parse_args()
    actions = ActionSet.load(arguments.set)
    name, *others = sorted(actions.timelines, key=lambda one: -len(actions.timelines[one]))
    model = load(arguments.model) if arguments.model else fitted(actions, others, arguments.method)
    stream = Stream(model.anticipator, model.labels, model.fps, horizon=arguments.horizon)
    kept, fresh = [], []
    for number in actions.timelines[name].frames().tolist():
        last = stream.answers
        start = np.array([time.process_time(), time.perf_counter()])
        stream.push(actions.labels[number])
        stream.forecast()
        spent = 1e3 * (np.array([time.process_time(), time.perf_counter()]) - start)
        (kept if stream.answers == last else fresh).append(spent)
    print(f"{machine()}\n{model.name}: {name}, {len(stream)} frames at {model.fps:g} a second")
    for what, times in (("with a new answer", fresh), ("moved on in time", kept)):
        (middle, on_clock), (late, _) = np.percentile(times, [50, 99], axis=0)
        print(f"{what}: {len(times)} updates, median {middle:.2f} ms ({on_clock:.2f} on the clock), 99 % {late:.2f} ms")


if __name__ == "__main__":
    main()
