"""Thousands of prompts as one run: on any engine, resumable, one row a prompt whatever happens.

Requests are generated in batches of ``BATCH`` consecutive rows by one thread each. Both are fixed because the last bits
of a motion depend on them: what a batch holds and how many threads share it changes the order of sums. So a row has
the same bits on every engine, with any number of workers, and after a resume.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from motionary import __version__
from motionary.errors import CheckpointError, MotionaryError
from motionary.formats._files import atomic
from motionary.motion import Motion
from motionary.scale import Engine, Journal
from motionary.scale.engine import batched
from motionary.tasks.names import named
from motionary.tasks.notes import warnings
from motionary.tasks.prompts import Request
from motionary.tasks.save import check_targets, save

BATCH = 16  # requests; 64 are a tenth faster, and more is lost with a worker
COLUMNS = ("id", "prompt", "seconds", "seed", "files", "sha256", "error")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Settings:
    """What all motions of a run have in common; see ``Generator`` and ``save``.

    Attributes:
        weights: sha256 of the model's weights where the run began; a worker that has others refuses.
    """

    model: str = "default"
    definitions: Path | None = None
    temperature: float = 1.0
    foot_lock: bool = True
    knowledge: bool = True
    fps: float | None = None
    rig: Path | None = None
    weights: str = ""


@dataclass(frozen=True)
class Row:
    """One motion: its name, what is asked for, its files, and whether they are wanted or there already."""

    id: str
    request: Request
    targets: tuple[Path, ...]
    wanted: bool = True


class Generating:
    """The work: batches of ``Row`` -> a row of the journal each. Writes the files of a motion, whole or not at all."""

    def __init__(self, settings: Settings) -> None:
        from motionary.tasks.generate import Generator

        self.settings = settings
        if settings.weights and weights_digest(settings.model) != settings.weights:
            raise CheckpointError(
                f"the weights of {settings.model!r} are others on this worker than where the run began"
            )
        self.generator = Generator.load(settings.model, settings.definitions)

    def __call__(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """What became of the rows that are wanted; the others only keep them company, which the last bits depend on."""
        with one_thread():
            made = self._made(rows)
            return [self._kept(row, motion) for row, motion in zip(rows, made, strict=True) if row.wanted]

    def _made(self, rows: Sequence[Row]) -> list[Motion | Exception]:
        """Motions of a batch; where one prompt cannot be done, of every row alone."""
        one = self.settings
        try:
            requests = [row.request for row in rows]
            return [*self.generator(requests, one.temperature, one.foot_lock, one.knowledge)]
        except Exception as error:
            return [error] if len(rows) == 1 else [self._made([row])[0] for row in rows]

    def _kept(self, row: Row, made: Motion | Exception) -> dict[str, Any]:
        said: dict[str, Any] = {"id": row.id, "prompt": row.request.prompt, "seed": row.request.seed}
        try:
            if isinstance(made, Exception):
                raise made
            files = save(made, row.targets, self.settings.fps, self.settings.rig)
        except Exception as error:  # one row must not cost the others
            reason = str(error) if isinstance(error, MotionaryError) else f"{type(error).__name__}: {error}"
            return said | {"seconds": row.request.seconds, "files": [], "error": reason.splitlines()[0]}
        sizes = [path.stat().st_size for path in files]
        return {
            **made.meta,
            **said,
            "files": list(map(str, files)),
            "bytes": sizes,
            "sha256": digest(made),
            "error": "",
        }


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch uses one thread for as long as this lasts."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def digest(motion: Motion) -> str:
    """sha256 of a motion's arrays to the last bit: root, rotations, and the optional tracks that are there."""
    hashed = hashlib.sha256(repr((motion.fps, motion.rotations.shape)).encode())
    for array in (motion.root, motion.rotations, motion.translations, motion.hands, motion.face):
        if array is not None:
            hashed.update(np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()


def weights_digest(model: str) -> str:
    """sha256 of a model's weights; its name where it has no file ("debug")."""
    from motionary import models

    folder = models.load(model)[2]
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() if folder else model


def rows_of(requests: Sequence[Request], names: Sequence[str], targets: Sequence[Path]) -> list[Row]:
    """Rows of requests, called as ``names`` says; their files as ``tasks.names.named``."""
    files = named(targets, names)
    return [Row(*row) for row in zip(names, requests, map(tuple, files), strict=True)]


@dataclass(frozen=True)
class Run:
    """A run that is done: its table, the table of what failed (if any), and rows by id in the order of the prompts."""

    table: Path
    failed: Path | None
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def errors(self) -> list[Mapping[str, Any]]:
        """Rows without a motion."""
        return [row for row in self.rows.values() if row["error"]]


def generate_all(
    rows: Sequence[Row],
    targets: Sequence[Path],
    settings: Settings,
    engine: Engine,
    *,
    resume: bool = False,
    progress: Progress = lambda *_: None,
) -> Run:
    """Generate every row once; see the module.

    Args:
        rows: see ``rows_of``.
        targets: as they were given to ``rows_of``; the journal and the tables lie beside the first.
        settings: of all motions.
        engine: where it is done.
        resume: go on with the journal that is there.
        progress: called with (what, done, total).

    Raises:
        InputError: a target cannot be written, there is a journal and ``resume`` is false, or it is of another run.
        MotionaryError: a worker was killed (local), or the cluster is gone; what is done is in the journal.
    """
    check_targets(targets, settings.fps, settings.rig)
    settings = replace(settings, weights=weights_digest(settings.model))
    place = _place(targets[0])
    place("journal.jsonl").parent.mkdir(parents=True, exist_ok=True)
    with Journal(place("journal.jsonl"), _job(rows, targets, settings), resume, _brief) as journal:
        batches = [batch for batch in batched(_still(rows, journal), BATCH) if any(row.wanted for row in batch)]
        done = len(rows) - sum(row.wanted for batch in batches for row in batch)
        for _, results in engine.run(partial(Generating, settings), batches):
            for result in results:
                journal.add(result)
                done += 1
            progress("generate", done, len(rows))
        return _tables(rows, journal, place)


def _place(target: Path) -> Callable[[str], Path]:
    """Where a run's own files lie: in the folder of its motions, the stem before their name where it is shared."""
    if "{id}" not in str(target):
        return lambda name: target.with_name(f"{target.stem}-{name}")
    folder = next(parent for parent in target.parents if "{id}" not in str(parent))
    return lambda name: folder / name


def _job(rows: Sequence[Row], targets: Sequence[Path], settings: Settings) -> dict[str, Any]:
    """All that decides what comes out."""
    asked = hashlib.sha256()
    for row in rows:
        asked.update(repr((row.id, row.request)).encode())
    said = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(settings).items()}
    files = {key: _hash(file) for key in ("definitions", "rig") if (file := getattr(settings, key))}
    own = {"prompts": asked.hexdigest(), "targets": list(map(str, targets)), "version": __version__, "batch": BATCH}
    return {**said, **own, **{f"{key}_sha256": value for key, value in files.items()}}


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a row in memory; all that a motion's ``meta`` says is in the journal."""
    kept = {key: row[key] for key in (*COLUMNS, "bytes") if key in row}
    said = [] if row["error"] else warnings(row)
    return {**kept, "warnings": said} if said else kept


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _still(rows: Sequence[Row], journal: Journal) -> list[Row]:
    """The rows, without wanting those whose files are there, whole."""
    return [replace(row, wanted=not _whole(journal.rows.get(row.id))) for row in rows]


def _whole(done: Mapping[str, Any] | None) -> bool:
    if done is None or done["error"]:
        return False
    files = map(Path, done["files"])
    return all(file.is_file() and file.stat().st_size == size for file, size in zip(files, done["bytes"], strict=True))


def _tables(rows: Sequence[Row], journal: Journal, place: Callable[[str], Path]) -> Run:
    lost = {"files": [], "error": "no result came back; --resume tries again"}
    told = {
        row.id: journal.rows.get(row.id) or {"id": row.id, **asdict(row.request), **lost} for row in rows
    }  # fmt: skip
    run = Run(place("results.csv"), place("failed.csv"), told)
    _write(run.table, told.values())
    if run.errors:
        _write(place("failed.csv"), run.errors)
        return run
    place("failed.csv").unlink(missing_ok=True)
    return replace(run, failed=None)


def _write(path: Path, rows: Any) -> None:
    with atomic(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "files": " ".join(row["files"])})
