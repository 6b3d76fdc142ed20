"""Two processes that train together take the steps that one takes on the data of both, and agree to the last bit."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tiny_corpus
from motionary.errors import InputError
from motionary.learning.loop import Loop, LoopConfig
from motionary.learning.parallel import Ranks, joined
from motionary.learning.recipes import recipe
from motionary.learning.train import train
from motionary.models.jl2p import Jl2p
from motionary.models.losses import Batch
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request

CONFIG = LoopConfig(
    minutes=10.0, steps=4, learning_rate=0.02, warmup=2, validate=1000.0, validate_steps=2, constant=True
)


def network() -> Jl2p:
    torch.manual_seed(0)
    return Jl2p(replace(recipe("jl2p", "debug").model, text_width=8)).train()


def clips(number: int) -> Batch:
    """Four clips of one length, other ones for every number."""
    draw = torch.Generator().manual_seed(number)
    network_width = recipe("jl2p", "debug").model.features
    return Batch(
        features=torch.randn(4, 12, network_width, generator=draw), lengths=torch.full((4,), 12),
        states=torch.randn(4, 5, 8, generator=draw), mask=torch.ones(4, 5, dtype=torch.bool),
        groups=torch.arange(4), seconds=torch.full((4,), 0.4), known=torch.zeros(4, 0, 1),
        known_mask=torch.zeros(4, 0, dtype=torch.bool), clips=torch.arange(4),
    )  # fmt: skip


def part(batch: Batch, rows: slice) -> Batch:
    return Batch(**{one.name: getattr(batch, one.name)[rows] for one in fields(batch)})


def backward(model: Jl2p, batch: Batch) -> None:
    torch.manual_seed(5)  # the same side of the network learns everywhere
    model.loss(batch)["loss"].backward()


def plain(model: nn.Module) -> dict[str, list[float] | None]:
    return {name: None if one.grad is None else one.grad.flatten().tolist() for name, one in model.named_parameters()}


def gradients(ranks: Ranks, _: Path) -> dict[str, list[float] | None]:
    model = network()
    backward(model, part(clips(1), slice(2 * ranks.rank, 2 * ranks.rank + 2)))
    ranks.average(model.parameters())
    return plain(model)


def uneven(ranks: Ranks, _: Path) -> list[float | None]:
    """A parameter with a part on one rank, one on both, one on none."""
    one, both, none = (nn.Parameter(torch.ones(1)) for _ in range(3))
    loss = 2 * both * (ranks.rank + 1) + (4 * one if ranks.rank else 0)
    loss.backward()
    ranks.average([one, both, none])
    return [None if value.grad is None else float(value.grad) for value in (one, both, none)]


def loop(folder: Path, ranks: Ranks, kept: list[dict[str, Any]]) -> tuple[Loop, nn.Module]:
    torch.manual_seed(ranks.rank)  # others than the first rank's, until the loop makes them the same
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.2), nn.Linear(4, 1))

    def losses(given: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        return {"loss": ((model(given[0])[:, 0] - given[1]) ** 2).mean()}

    return Loop(model, losses, CONFIG, folder, lambda _, row: kept.append(row), ranks=ranks), model


def pairs(number: int) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        x = torch.randn(16, 3, generator=torch.Generator().manual_seed(number))
        yield x, x.sum(1)
        number += 2


def trained(ranks: Ranks, folder: Path) -> dict[str, Any]:
    kept: list[dict[str, Any]] = []
    started, model = loop(folder, ranks, kept)
    if (folder / "state").is_dir():
        started.resume()
    started.run(pairs(ranks.rank), lambda: [next(pairs(99))], lambda *_: None)
    weights = {name: value.flatten().tolist() for name, value in model.state_dict().items()}
    return {"weights": weights, "kept": len(kept), "best": started.best, "step": started.step}


def whole(_: Ranks, folder: Path) -> None:
    """The training of the command line on a tiny corpus, twice: begun, and gone on with."""
    debug = recipe("temos", "debug")
    debug = replace(debug, model=replace(debug.model, encoder="hash"))
    train(folder / "corpus", folder / "run", debug, steps=2, threads=1)
    train(folder / "corpus", folder / "run", debug, steps=3, threads=1, resume=True)


def _child(rank: int, port: int, do: Callable[[Ranks, Path], Any], folder: Path) -> None:
    told = {"RANK": rank, "WORLD_SIZE": 2, "LOCAL_RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({key: str(value) for key, value in told.items()})
    torch.set_num_threads(1)
    with joined() as ranks:
        (folder / f"rank-{rank}.json").write_text(json.dumps(do(ranks, folder)))


def of_two(do: Callable[[Ranks, Path], Any], folder: Path) -> list[Any]:
    """What each of two processes finds that train together."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_child, args=(rank, port, do, folder)) for rank in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(200)
    assert [child.exitcode for child in children] == [0, 0]
    return [json.loads((folder / f"rank-{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.slow
def test_gradients_are_those_of_both_batches_in_one(tmp_path: Path) -> None:
    first, second = of_two(gradients, tmp_path)
    model = network()
    backward(model, clips(1))
    whole = plain(model)
    assert first == second
    assert {name for name, grad in first.items() if grad is None} == {n for n, grad in whole.items() if grad is None}
    assert sum(grad is not None for grad in whole.values()) > 5
    for name, grad in whole.items():
        if grad is not None:
            torch.testing.assert_close(torch.tensor(first[name]), torch.tensor(grad), rtol=1e-4, atol=1e-7)


@pytest.mark.slow
def test_a_parameter_with_no_part_keeps_no_gradient(tmp_path: Path) -> None:
    assert of_two(uneven, tmp_path) == [[2.0, 3.0, None]] * 2


@pytest.mark.slow
def test_ranks_keep_the_same_weights_and_the_first_writes(tmp_path: Path) -> None:
    first, second = of_two(trained, tmp_path)
    assert first["weights"] == second["weights"]
    assert first["best"] == second["best"]
    assert (first["kept"] > 0, second["kept"]) == (True, 0)
    assert (tmp_path / "log.csv").read_text().count("\n") == 3
    alone = trained(Ranks(), tmp_path / "alone")
    assert alone["weights"] != first["weights"]
    assert of_two(trained, tmp_path)[1]["step"] == 4  # resumed by both, though one wrote


@pytest.mark.slow
def test_the_command_trains_and_resumes_on_two(tmp_path: Path) -> None:
    tiny_corpus.build(tmp_path / "corpus")
    of_two(whole, tmp_path)
    assert json.loads((tmp_path / "run" / "state" / "loop.json").read_text())["step"] == 3
    assert Generator.load(str(tmp_path / "run" / "best"))([Request("walk", 1.0)])[0].duration > 0.9


def test_alone_nothing_changes() -> None:
    model = network()
    backward(model, clips(1))
    before = plain(model)
    with joined() as ranks:
        ranks.average(model.parameters())
        assert (ranks, ranks.first, ranks.agreed(0.25), ranks.any(False)) == (Ranks(), True, 0.25, False)
    assert plain(model) == before


def test_half_an_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(InputError, match="torchrun"), joined():
        pass
