"""On Ray the results are those of one process, to the last bit. Needs the extra ``ray``; slow, because Ray starts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from motionary.corpora.build import build
from motionary.errors import CheckpointError
from motionary.evaluation.protocol import Sampling
from motionary.scale import Engine
from motionary.scale.engine import batched
from motionary.tasks.batch import Generating, Settings, digest, generate_all, rows_of
from motionary.tasks.names import numbered
from motionary.tasks.prompts import Request

ray = pytest.importorskip("ray")
sys.path.insert(0, str(Path(__file__).parents[1] / "corpora"))

pytestmark = pytest.mark.slow
RAY, LOCAL = Engine("ray", 2), Engine("local", 1)
REQUESTS = [
    Request(prompt, 0.5, seed) for seed, prompt in enumerate(["walk", "jump, then bow", "walk " * 300, "wave"] * 9)
]


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    from motionary.scale.cluster import connected

    with connected():
        yield


def hashes(folder: Path, engine: Engine) -> dict[str, str]:
    targets = [folder / "{id}.npz"]
    rows = rows_of(REQUESTS, numbered(len(REQUESTS)), targets)
    run = generate_all(rows, targets, Settings(model="debug"), engine)
    assert list(run.rows) == numbered(len(REQUESTS))
    assert len(run.errors) == 9
    return {name: str(row.get("sha256")) for name, row in run.rows.items()}


def test_a_run_has_the_same_rows(tmp_path: Path) -> None:
    assert hashes(tmp_path / "ray", RAY) == hashes(tmp_path / "local", LOCAL)
    for path in (tmp_path / "local").glob("*.npz"):
        assert (tmp_path / "ray" / path.name).read_bytes() == path.read_bytes()


def test_motions_come_back_in_order() -> None:
    work, batches = partial(Sampling, "debug"), batched([one for one in REQUESTS if len(one.prompt) < 300], 5)
    alone = [digest(motion) for motion in LOCAL.ordered(work, batches)]
    assert [digest(motion) for motion in RAY.ordered(work, batches)] == alone


def test_a_corpus_has_the_same_pack(tmp_path: Path) -> None:
    import raw_data

    raw_data.bandai_namco(tmp_path / "data" / "bandai-namco" / "dataset")
    raw_data.deepmimic_clip(tmp_path / "data" / "deepmimic" / "humanoid3d_walk.txt")
    reports = [build(tmp_path / "data", tmp_path / engine, workers=2, engine=engine) for engine in ("local", "ray")]
    assert reports[0] == reports[1]
    for name in ("clips.json", "motion.npz"):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()


def test_what_a_worker_refuses_is_told_as_it_is() -> None:
    wrong = replace(Settings(model="debug"), weights="0" * 64)
    with pytest.raises(CheckpointError, match="others on this worker"):
        list(RAY.run(partial(Generating, wrong), [[]]))
