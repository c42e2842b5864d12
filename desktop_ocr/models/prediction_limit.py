"""How many pages are recognised at a time, over all devices."""

from __future__ import annotations

import itertools
from typing import Protocol

QueueKey = tuple[int, int]


class Claimant(Protocol):
    """A pool, as the limit sees it."""

    def next_key(self) -> QueueKey | None:
        """Of the first page that waits and could have a service now: its priority and number; or None."""

    def grant_next(self) -> None:
        """Give that page its service."""


class PredictionLimit:
    """Hands out services of all pools, a service and the right to use it in one step, best priority first.

    Nobody ever holds one of the two while waiting for the other, so that pools cannot block each other.
    """

    def __init__(self, most: int) -> None:
        """`most` pages are recognised at a time."""
        self._most = most
        self._in_use = 0
        self._pools: list[Claimant] = []
        self._numbers = itertools.count()

    @property
    def in_use(self) -> int:
        """Pages that are being recognised."""
        return self._in_use

    def attach(self, pool: Claimant) -> None:
        """Serve this pool too."""
        self._pools.append(pool)

    def next_number(self) -> int:
        """Numbers pages in the order in which they came, over all pools."""
        return next(self._numbers)

    def give_back(self) -> None:
        """A page is through, or its host is to be replaced first."""
        self._in_use -= 1
        self.dispatch()

    def dispatch(self) -> None:
        """Serve those who wait, as far as there are services and the limit allows."""
        while self._in_use < self._most:
            ready = [(key, index) for index, pool in enumerate(self._pools) if (key := pool.next_key()) is not None]
            if not ready:
                return
            self._in_use += 1
            self._pools[min(ready)[1]].grant_next()
