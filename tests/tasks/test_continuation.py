"""A body that goes on as expected: what the generator is asked for, how it is joined, what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary import cli, formats
from motionary.actions.forecast import Forecast
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks import continuation
from motionary.tasks.continuation import SENTENCES, continued, requests
from motionary.tasks.generate import BLEND, Generator
from motionary.tasks.motion_timeline import ACTIVITIES, RATE
from motionary.tasks.outlook import Outlook, outlook
from motions import stand, walk

WALK, TURN, JUMP = (ACTIVITIES.index(name) for name in ("walk", "turn left", "jump"))


def expected(*runs: tuple[int, int], seconds: float = 2.0) -> Outlook:
    """Walking so long, then what is expected, in fifths of a second."""
    frames = np.repeat([k for k, _ in runs], [n for _, n in runs])
    seen = Timeline("walk", np.array([WALK]), np.array([round(seconds * RATE)]), RATE)
    return outlook(Forecast(frames), seen, ACTIVITIES, "activities")


def test_every_activity_has_a_sentence():
    assert tuple(SENTENCES) == ACTIVITIES


def test_every_activity_is_asked_for_with_its_time():
    asked = requests(expected((WALK, 5), (TURN, 10), (JUMP, 1), (WALK, 4)), seed=7)
    assert list(asked.values()) == ["walk", "turn left", "walk"]  # a fifth of a second is no jump
    assert [one.prompt for one in asked] == [SENTENCES[name] for name in asked.values()]
    assert [one.seconds for one in asked] == pytest.approx([1 + BLEND, 2 + BLEND, 0.8 + BLEND])
    assert len({one.seed // 4 for one in asked}) == 3


def test_it_goes_on_where_the_motion_ends(monkeypatch):
    monkeypatch.setattr(continuation, "_TRIES", 1)
    seen = walk(2.0)
    whole = continued(expected((WALK, 5), (TURN, 5)), seen, model="debug")
    assert whole.duration == pytest.approx(4.0, abs=0.15)
    assert whole.meta["joined"] == 2.0
    assert whole.meta["caption"].endswith("expected: walks forward, then walks and turns left")
    assert [one.text for one in whole.segments] == ["walk", SENTENCES["walk"], SENTENCES["turn left"]]
    before = round((2.0 - 1.0) * whole.fps)  # joins take a second at most
    assert np.allclose(whole.root[:before, [0, 2]], seen.root[:before, [0, 2]], atol=0.05)
    assert np.linalg.norm(np.diff(whole.root[:, [0, 2]], axis=0), axis=1).max() < 0.3  # nothing jumps away
    alone = continued(expected((WALK, 5), (TURN, 5)), model="debug")
    assert alone.duration == pytest.approx(2.0, abs=0.4)
    assert alone.meta["joined"] == 0.0


def test_the_try_that_shows_the_activity_is_taken(monkeypatch):
    class Four:
        fps, name, info = 30.0, "four", {"licence": "CC0-1.0"}

        def __call__(self, asked):
            return [walk(one.seconds) if one.seed % 4 == 2 else stand(one.seconds) for one in asked]

    monkeypatch.setattr(continuation.Generator, "load", lambda model: Four())
    whole = continued(expected((WALK, 10)))
    assert whole.meta["shown"] == [1.0]
    assert np.linalg.norm(whole.root[-1] - whole.root[0]) > 1.0


def test_refusals():
    salad = outlook(Forecast(np.zeros(9, int)), Timeline("a", np.array([0]), np.array([9]), 1.0), ("cut",), "x")
    with pytest.raises(InputError, match="cannot be told to 'cut'; only basic activities"):
        continued(salad, model="debug")
    with pytest.raises(InputError, match=r"at most 60 s of motion are generated; the horizon is 61 s"):
        requests(expected((WALK, 305)))
    with pytest.raises(InputError, match="0 activities are expected"):
        requests(expected((WALK, 1)))
    with pytest.raises(InputError, match="40 activities are expected; 1 to 20"):
        requests(expected(*[(WALK, 4), (TURN, 4)] * 20))


def test_the_command_writes_a_body(tmp_path, monkeypatch, capsys):
    kept = Generator.load
    monkeypatch.setattr(continuation.Generator, "load", lambda model: kept("debug"))
    monkeypatch.setattr(continuation, "_TRIES", 2)
    formats.write(replace(walk(3.0), meta={}), tmp_path / "walk.bvh")
    with pytest.raises(SystemExit) as stopped:
        cli.main(["anticipate", str(tmp_path / "walk.bvh"), "--horizon", "2s", "--then", str(tmp_path / "next.glb")])
    out, err = capsys.readouterr()
    assert not stopped.value.code, err
    assert "next.glb" in out
    assert formats.read(tmp_path / "next.glb").duration == pytest.approx(5.0, abs=0.4)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["anticipate", str(tmp_path / "walk.bvh"), "--then", str(tmp_path / "next.csv")])
    assert stopped.value.code == 2
    assert "cannot write .csv files" in capsys.readouterr().err
