"""One training loop: AdamW, warm-up and cosine by time, moving average, validation, resuming. Knows no model."""

from __future__ import annotations

import csv
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from motionary.errors import CheckpointError, InputError
from motionary.formats._files import atomic
from motionary.learning.parallel import Ranks

ALONE = Ranks()
Losses = Callable[[Any], dict[str, Tensor]]


@dataclass(frozen=True)
class LoopConfig:
    """How long and how to train.

    Attributes:
        minutes: of training at most.
        steps: at most so many; 0 means no limit. The learning rate follows the share of minutes or steps that is gone.
        learning_rate, weight_decay, clip: of AdamW and the gradient's norm.
        warmup: steps of linear warm-up.
        average: decay of the moving average of weights.
        validate: seconds between validations; validate_steps: steps between them instead, so that a run is the same
            however fast the machine is.
        bf16: compute in bfloat16 where torch thinks it safe. Off unless the processor has fast bfloat16 products:
            without them a step took 40 times longer.
        constant: keep the learning rate, as published.
    """

    minutes: float = 75.0
    steps: int = 0
    learning_rate: float = 8e-4
    weight_decay: float = 0.01
    clip: float = 1.0
    warmup: int = 100
    average: float = 0.998
    validate: float = 150.0
    validate_steps: int = 0
    bf16: bool = False
    constant: bool = False

    def within(self, minutes: float | None, steps: int | None) -> LoopConfig:
        """The same for so many minutes and steps; None leaves a limit as it is."""
        return replace(self, minutes=minutes or self.minutes, steps=self.steps if steps is None else steps)


def use_threads(threads: int) -> None:
    """So many threads of torch; 0 takes every core, or what OMP_NUM_THREADS says."""
    if threads or "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(threads or os.cpu_count() or 1)


class Loop:
    """Trains ``model`` on ``batches``, keeps the averaged weights that validate best, and can be resumed.

    Args:
        model: any module.
        losses: batch -> terms by name, with their sum as "loss".
        config: see ``LoopConfig``.
        folder: for ``state/`` (to resume), ``log.csv`` and what ``keep`` writes.
        keep: called with the averaged model when validation is better than ever.
        before: called before every step with the share of training that is gone.
        after: called after every validation with its figures; says whether training is over.
        ranks: the processes that train together. All validate, so that all know when it is over; the first keeps time
            and writes.
    """

    def __init__(
        self,
        model: nn.Module,
        losses: Losses,
        config: LoopConfig,
        folder: Path,
        keep: Callable[[nn.Module, dict[str, Any]], None],
        before: Callable[[float], None] = lambda _: None,
        after: Callable[[dict[str, float]], bool] = lambda _: False,
        ranks: Ranks = ALONE,
    ) -> None:
        self.model, self.losses, self.config, self.folder, self.keep = model, losses, config, folder, keep
        self.before, self.after, self.ranks = before, after, ranks
        ranks.same(model)
        self.optimizer = torch.optim.AdamW(model.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        self.average = {name: value.detach().clone() for name, value in model.state_dict().items()}
        self.device = next(model.parameters()).device.type
        self.step, self.spent, self.best = 0, 0.0, math.inf
        self.log: list[dict[str, float]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def run(
        self, batches: Iterator[Any], validation: Callable[[], Iterable[Any]], report: Callable[[float, float], None]
    ) -> None:
        """Train until time or steps are used up. ``report`` gets (seconds or steps gone, all)."""
        total, steps = self.config.minutes * 60, self.config.steps
        started, already = time.monotonic(), self.spent
        next_validation = self.spent + self.config.validate
        sums: dict[str, float] = {}
        count = 0
        while self.spent < total and not (steps and self.step >= steps):
            share = max(self.spent / total, self.step / (steps or math.inf))
            self.before(share)
            terms = self._update(next(batches), share)
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + value
            count += 1
            self.spent = self.ranks.agreed(already + time.monotonic() - started, self.device)
            every = self.config.validate_steps
            due = self.step % every == 0 if every else self.spent >= next_validation
            if due or self.spent >= total or self.step == steps:
                self._validate({name: value / count for name, value in sums.items()}, validation)
                over = self.ranks.agreed(self.after(self.log[-1]), self.device)
                self.spent = self.ranks.agreed(already + time.monotonic() - started, self.device)
                next_validation, sums, count = self.spent + self.config.validate, {}, 0
                self.save()
                if over:
                    break
            report(*((self.step, steps) if steps else (min(self.spent, total), total)))
        self.save()

    def _update(self, batch: Any, share: float) -> dict[str, float]:
        rate = self.config.learning_rate * min(1.0, (self.step + 1) / self.config.warmup)
        if not self.config.constant:
            rate *= 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        with torch.autocast(self.device, torch.bfloat16, enabled=self.config.bf16):
            terms = self.losses(batch)
        if self.ranks.any(not torch.isfinite(terms["loss"]), self.device):
            raise InputError(f"the loss is not finite at step {self.step}; lower the learning rate and resume")
        self.optimizer.zero_grad(set_to_none=True)
        terms["loss"].backward()
        self.ranks.average(self.model.parameters())
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        self.optimizer.step()
        self.step += 1
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - decay)
        return {name: float(value.detach()) for name, value in terms.items()}

    @torch.no_grad()
    def _validate(self, train: dict[str, float], validation: Callable[[], Iterable[Any]]) -> None:
        own = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        self.model.eval()
        sums: dict[str, float] = {}
        count = 0
        with torch.random.fork_rng():  # the same noise at every validation, and none of it taken from training
            torch.manual_seed(0)
            for batch in validation():
                for name, value in self.losses(batch).items():
                    sums[name] = sums.get(name, 0.0) + float(value)
                count += 1
        if not count:
            raise InputError("there is nothing to validate on")
        row = {"step": float(self.step), "minutes": self.spent / 60, **{f"train_{k}": v for k, v in train.items()}}
        row |= {f"val_{name}": value / count for name, value in sums.items()}
        self.log.append(row)
        better = row["val_loss"] < self.best
        self.best = min(self.best, row["val_loss"])
        if self.ranks.first:
            self._tell(row, better)
        self.model.load_state_dict(own)

    def _tell(self, row: dict[str, float], better: bool) -> None:
        """Print, keep and log what a validation found, while the model has its averaged weights."""
        losses = f"train {row.get('train_loss', math.nan):.4f}  validation {row['val_loss']:.4f}"
        print(f"{row['minutes']:6.1f} min  step {self.step}  {losses}", file=sys.stderr, flush=True)
        if better:
            self.keep(self.model, row)
        with atomic(self.folder / "log.csv") as path, path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(self.log[-1]))
            writer.writeheader()
            writer.writerows(self.log)

    def save(self) -> None:
        """Everything that is needed to go on, without pickles; the first rank writes it."""
        if not self.ranks.first:
            return
        folder = self.folder / "state"
        folder.mkdir(exist_ok=True)
        tensors = {f"model.{k}": v.contiguous() for k, v in self.model.state_dict().items()}
        tensors |= {f"average.{k}": v.contiguous() for k, v in self.average.items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{k}": torch.as_tensor(v) for k, v in state.items()}
        tensors["random"] = torch.get_rng_state()
        with atomic(folder / "tensors.safetensors") as path:
            save_file(tensors, str(path))
        with atomic(folder / "loop.json") as path:
            path.write_text(
                json.dumps({"step": self.step, "spent": self.spent, "best": self.best, "log": self.log}),
                encoding="utf-8",
            )

    def resume(self) -> None:
        """Go on from the last ``save``. Raises CheckpointError when there is none or it does not fit the model."""
        folder = self.folder / "state"
        if not (folder / "loop.json").is_file():
            raise CheckpointError(f"{folder}: nothing to resume; start without --resume")
        try:
            state = json.loads((folder / "loop.json").read_text(encoding="utf-8"))
            tensors = load_file(str(folder / "tensors.safetensors"))
            self._restore(state, tensors)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise CheckpointError(f"{folder}: does not fit this model, or is damaged: {error}") from None

    def _restore(self, state: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        def part(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

        self.model.load_state_dict(part("model."))
        self.average = {name: value.to(self.average[name].device) for name, value in part("average.").items()}
        numbered: dict[int, dict[str, Tensor]] = {}
        for key, value in part("optimizer.").items():
            number, _, name = key.partition(".")
            numbered.setdefault(int(number), {})[name] = value
        own = self.optimizer.state_dict()
        self.optimizer.load_state_dict({"state": numbered, "param_groups": own["param_groups"]})
        self.step, self.spent, self.best, self.log = state["step"], state["spent"], state["best"], state["log"]
        if "random" in tensors:
            torch.set_rng_state(tensors["random"])
