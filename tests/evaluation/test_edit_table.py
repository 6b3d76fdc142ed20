"""The table of edits: controls with known figures, and one row that a tiny model makes."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.corpora import pack
from motionary.corpora.pack import Clip
from motionary.errors import InputError
from motionary.evaluation import edit as table
from motions import stand, walk, wave
from tiny_corpus import SOURCES
from tiny_language import saved


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    motions = {"walk": walk(4.5), "wave": wave(4.2), "stand": stand(4.1), "short": walk(2.0)}
    clips = [
        (Clip(f"made/{name}", "made", "CC0-1.0", "test", (f"a person does {name}",), name), motion)
        for name, motion in motions.items()
    ]
    pack.save(folder, clips, {"sources": SOURCES})
    return folder


def clip(motion, other=None):
    return table.Clip(motion, "a person moves", "one", motion if other is None else other)


def test_a_standing_body_is_got_back_by_either_control():
    for make in (table._straight, table._stopped):
        result = make(clip(stand(5.0)), 0, None)
        figures = table._figures([result])
        assert figures["kept error"][0] < 1e-12
        assert figures["distance"][0] == pytest.approx(0, abs=1e-4)


def test_a_pose_that_is_held_is_not_what_a_walker_does():
    figures = table._figures([table._stopped(clip(walk(5.0)), 0, None)])
    assert figures["distance"][0] > 3
    assert "bent" not in figures
    straight = table._straight(clip(walk(5.0)), 0, None)
    assert table.distance(straight) > 3
    assert np.array_equal(straight.made.rotations[~straight.new], straight.old.rotations[~straight.new])


def test_the_table(corpus, tmp_path, monkeypatch):
    rows = ("1.5 s between", "2 s, pose held")
    monkeypatch.setattr(table, "ROWS", {name: table.ROWS[name] for name in rows})
    monkeypatch.setattr(table, "TRIES", 1)
    model = saved(tmp_path / "model")
    found = table.evaluate(corpus, str(model), seeds=1, limit=2, out=tmp_path / "out")
    recorded, between, held = found.rows
    assert [row.n for row in found.rows] == [2, 2, 2]
    assert between.seeds == (0,)
    assert between.cells["kept error"] < 1e3
    assert {"seam speed", "seam jump", "bent", "distance"} <= set(between.cells)
    assert set(recorded.cells) == {"foot slide", "jitter"}
    assert "bent" not in held.cells
    assert (tmp_path / "out" / "edit-test.md").is_file()


def test_no_clips_are_refused(corpus, tmp_path):
    with pytest.raises(InputError, match="0 clips of 4 s"):
        table._clips(pack.Pack.load(corpus), "val", None)
