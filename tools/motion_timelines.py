"""Basic activities of long recordings, as they ship: ``python tools/motion_timelines.py FOLDER``.

FOLDER is the CMU folder with clips.csv. Recordings of 4 s or more are measured whole; what is written is labels and
lengths only, no motion. CMU's data is free for all uses.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from motionary.actions.dataset import ActionSet
from motionary.corpora import cmu
from motionary.tasks.motion_timeline import ACTIVITIES, motion_timeline

SHORTEST = 4.0  # seconds
CLIMBING = "playground"  # on a frame and a ladder; the facts are about a body on a floor
OUT = Path(__file__).parents[1] / "src" / "motionary" / "data" / "motion-timelines.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    timelines = {}
    for item in cmu.items(arguments.folder):
        if item.skip or item.content.startswith(CLIMBING) or (motion := item.read()).duration < SHORTEST:
            continue
        name = item.id.removeprefix("cmu/")
        timelines[name] = replace(motion_timeline(motion, name), performance=name, person=item.performer)
        print(
            name, item.content, [(ACTIVITIES[k], n) for k, n in zip(*_runs(timelines[name]), strict=True)], flush=True
        )
    ActionSet("cmu-activities", ACTIVITIES, timelines, {}, cmu.SOURCE.licence).save(arguments.out)


def _runs(timeline):  # type: ignore[no-untyped-def]
    return timeline.classes.tolist(), timeline.lengths.tolist()


if __name__ == "__main__":
    main()
