"""``motionary evaluate gesture`` on talks whose answers are known: a body in time, one out of time, one that stands."""

from __future__ import annotations

import json
import wave as wav
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from motionary import formats
from motionary.errors import InputError
from motionary.evaluation.gesture import command, seams
from motionary.motion.strokes import strokes
from motionary.tasks import gesture as tasks_gesture
from motions import stand, walk, wave
from networks import random_model
from tiny_language import tiny

SECONDS = 5.0
RATE = 16_000


def clicks(path, times):
    samples = np.zeros(round(SECONDS * RATE))
    for time in times:
        first = int(time * RATE)
        samples[first : first + 400] = np.sin(np.arange(len(samples[first : first + 400])) * 0.5)
    with wav.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((20_000 * samples).astype(np.int16).tobytes())


@pytest.fixture(scope="module")
def talks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talks")
    items = []
    for number in range(8):
        motion = wave(SECONDS, rate=0.7 + 0.05 * number)
        stresses = strokes(motion).tolist()
        clicks(folder / f"{number}.wav", stresses)
        formats.write(motion, folder / f"{number}.npz")
        items.append({
            "id": f"talk-{number}", "file": f"{number}.wav", "motion": f"{number}.npz", "text": "hello",
            "split": "test", "engine": "espeak-ng", "voice": {"name": "en"}, "seconds": SECONDS,
            "words": [["hello", 0.0, 1.0]],
            "phones": [["e", time, min(time + 0.1, SECONDS), 2] for time in stresses],
        })  # fmt: skip
    (folder / "index.json").write_text(json.dumps({"items": items}))
    return folder


@pytest.fixture
def heard(monkeypatch):
    """A body that hears everything and stands; the judge is random."""
    monkeypatch.setattr(command, "gesture", lambda sound, **_: stand(sound.seconds))
    monkeypatch.setattr(command.BodyLanguage, "load", lambda name: tiny())
    judge = command.Judge(random_model("gesture-judge"), {}, "random")
    monkeypatch.setattr(command.Judge, "load", lambda name: judge)


def test_table(talks, heard, tmp_path):
    table = command.evaluate(talks, seeds=1, out=tmp_path)
    rows = {row.name: row.cells for row in table.rows}
    made = rows[command.REFERENCE]
    assert made["stroke to stress"].mean == pytest.approx(0, abs=0.002)
    assert "FGD, compat" not in made
    other = rows["motion of another talk"]
    assert other["stroke to stress"].mean > 0.05
    assert other["strokes"].mean == pytest.approx(made["strokes"].mean, rel=0.1)
    still = rows["language model"]
    assert still["strokes"].mean == 0
    assert "stroke to stress" not in still
    assert still["BC, strict"].mean == 0
    assert (tmp_path / "gesture-test.md").is_file()


def test_refusals(talks, heard, tmp_path):
    with pytest.raises(InputError, match="eight talks of 5 s in split 'val'"):
        command.evaluate(talks, split="val", out=tmp_path)
    with pytest.raises(InputError, match="at least one seed"):
        command.evaluate(talks, seeds=0, out=tmp_path)


def test_a_jump_at_a_seam_is_seen():
    calm, torn = walk(4.0), walk(4.0)
    torn = replace(torn, root=torn.root + np.where(np.arange(len(torn)) >= 60, 0.3, 0.0)[:, None])
    found = seams.Steps()
    found.add(torn, [30, 60], 0)
    assert found.above == [0.0, 1.0]
    assert found.seams[1] > 0.4
    assert found.seams[0] == pytest.approx(seams.steps(calm)[29])
    assert found.cells()["above the 95th percentile"].mean == 50
    assert found.cells()["largest"] == pytest.approx(1000 * found.seams[1])


def test_long_sounds_in_pieces(talks, tmp_path, monkeypatch):
    monkeypatch.setattr(seams, "LONG", 4.0)
    monkeypatch.setattr(seams.BodyLanguage, "load", lambda name: tiny())
    monkeypatch.setattr(seams, "gesture", partial(seams.gesture, foot_lock=False))
    monkeypatch.setattr(tasks_gesture, "WINDOW", 23)
    table = seams.evaluate(talks, seeds=1, limit=1, out=tmp_path)
    windows, streamed = (row.cells for row in table.rows)
    assert windows["seams"] == 1
    assert streamed["seams"] > 10
    assert 0.2 <= streamed["first frames after"].mean <= 0.6
    assert streamed["work a second of sound"].mean > 0
    assert (tmp_path / "gesture-seams.md").is_file()
    with pytest.raises(InputError, match="shorter than"):
        seams.evaluate(talks, split="val", out=tmp_path)
