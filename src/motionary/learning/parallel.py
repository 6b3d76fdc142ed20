"""Training on several processes that see different data and take the same steps, as torchrun or accelerate start them.

Every rank draws its own batches; gradients are averaged, so all ranks keep the same weights. Rank 0 keeps time and
writes. Without ``WORLD_SIZE`` in the environment there is one rank, and nothing here changes anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch import distributed as dist

from motionary.errors import InputError


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this is."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def device(self) -> torch.device:
        """A GPU for each process of a host where there are GPUs, else the CPU."""
        if not torch.cuda.is_available():
            return torch.device("cpu")
        if self.size == 1:
            return torch.device("cuda")
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())

    def same(self, model: nn.Module) -> None:
        """Every rank takes the weights and buffers of rank 0."""
        if self.size > 1:
            for value in model.state_dict().values():
                dist.broadcast(value, 0)

    def average(self, parameters: Iterable[nn.Parameter]) -> None:
        """Gradients become their mean over the ranks, in one message.

        A parameter that had no part on any rank keeps no gradient, as with one rank.
        """
        if self.size == 1:
            return
        learning = [one for one in parameters if one.requires_grad]
        used = [torch.full_like(one.detach().view(-1)[:1], float(one.grad is not None)) for one in learning]
        grads = [torch.zeros_like(one).view(-1) if one.grad is None else one.grad.reshape(-1) for one in learning]
        message = torch.cat([*grads, *used])
        dist.all_reduce(message)
        shares = message[-len(learning) :].tolist()
        for one, grad, share in zip(learning, message.split([*map(len, grads), len(used)]), shares, strict=False):
            one.grad = (grad / self.size).view_as(one) if share else None

    def agreed(self, value: float, device: str = "cpu") -> float:
        """What rank 0 says."""
        if self.size == 1:
            return value
        said = torch.tensor([value], dtype=torch.float64, device=device)
        dist.broadcast(said, 0)
        return float(said)

    def any(self, value: bool, device: str = "cpu") -> bool:
        """Whether it is so on any rank."""
        if self.size == 1:
            return value
        said: Tensor = torch.tensor([float(value)], device=device)
        dist.all_reduce(said, dist.ReduceOp.MAX)
        return bool(said)

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Rank 0 goes through the block before the others do, so that what it writes is there for them."""
        if self.size > 1 and not self.first:
            dist.barrier()
        yield
        if self.size > 1 and self.first:
            dist.barrier()


@contextmanager
def joined() -> Iterator[Ranks]:
    """The ranks that torchrun or accelerate started, for as long as this lasts; one where nobody did.

    Raises:
        InputError: the environment says there are several but not which this is.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1 or dist.is_initialized():
        yield Ranks(dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else Ranks()
        return
    if "RANK" not in os.environ or "MASTER_ADDR" not in os.environ:
        raise InputError("WORLD_SIZE is set but RANK or MASTER_ADDR is not; start with torchrun or accelerate launch")
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
