"""How many threads networks run on: one where there is little to do.

Two threads finish a single motion no sooner than one; and the second, which spins while it waits for more, slows down
what NumPy does next: on two cores a motion of 4 s took 177 ms with two threads and 100 ms with one, and a push of
streamed speech 233 and 98 ms. Batches of 32 are faster with two (498 against 780 ms).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

#: Motions at once from which more threads pay.
MANY = 4


@contextmanager
def fitting(motions: int) -> Iterator[None]:
    """Run torch on one thread while fewer than ``MANY`` motions are made, else on as many as are set."""
    usual = torch.get_num_threads()
    if motions >= MANY or usual == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(usual)
