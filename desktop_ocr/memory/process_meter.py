"""What processes hold, exactly enough at a price that a gauge may have each second."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from desktop_ocr.memory.probes import process_mb

EXACT_SECONDS = 20.0


class ProcessMeter:
    """The cheap figure of each process, corrected by how much the exact one differed a moment ago.

    The exact figure (the unique set size) costs 10 ms for a process of 700 MB, the cheap one 0.05 ms. They differ by
    the libraries that nobody else has loaded, which change slowly. Without the correction a gauge and the report of
    "Free memory" would contradict each other by 50 MB and more.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing measured yet; `clock` in seconds."""
        self._clock = clock
        self._corrections: dict[int | None, tuple[float, float]] = {}

    def measure(self, pid: int | None = None, *, exact: bool = False) -> float:
        """What a process (None for this one) holds in MB, 0.0 where it is gone; `exact` as `process_mb` has it."""
        now = self._clock()
        cheap = process_mb(pid)
        known = self._corrections.get(pid)
        if not exact and known is not None and now - known[1] < EXACT_SECONDS:
            return max(0.0, cheap + known[0]) if cheap else 0.0
        whole = process_mb(pid, exact=True)
        self._corrections[pid] = whole - cheap, now
        return whole

    def forget_all_but(self, pids: Collection[int]) -> None:
        """Other processes are gone; their ids may be given to new ones."""
        for pid in [pid for pid in self._corrections if pid is not None and pid not in pids]:
            del self._corrections[pid]
