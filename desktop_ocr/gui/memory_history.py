"""What was measured in the last ten minutes, for the plot."""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple

from desktop_ocr.schema.memory import MemorySample

SPAN_SECONDS = 600.0


class GpuPoint(NamedTuple):
    """A GPU's part of a point, as shares of its whole; `number` as in "gpu:0"; `ours` is None where it is not known."""

    number: int
    used: float
    ours: float | None


class Point(NamedTuple):
    """A sample as the plot needs it: the time, and shares of the whole, 0 to 1."""

    time: float
    ram_used: float
    ram_ours: float
    gpus: tuple[GpuPoint, ...]


class History:
    """Points in the order of time; the oldest go as new ones come."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque()

    def take(self, sample: MemorySample) -> None:
        """Keep what a sample says."""
        now = sample.time or time.time()
        if self._points and now < self._points[-1].time:  # the clock was set back: what was before has no place
            self._points.clear()
        whole = sample.ram_total or 1.0
        gpus = tuple(
            GpuPoint(
                gpu.index,
                gpu.used_mb / (gpu.total_mb or 1.0),
                None if gpu.ours_mb is None else gpu.ours_mb / (gpu.total_mb or 1.0),
            )
            for gpu in sample.gpus
        )
        self._points.append(Point(now, sample.ram_used / whole, sample.ram_ours / whole, gpus))
        while self._points[0].time < now - SPAN_SECONDS:
            self._points.popleft()

    def points(self) -> list[Point]:
        """All of them, oldest first."""
        return list(self._points)

    @property
    def gpu_indexes(self) -> list[int]:
        """The GPUs of which there are points."""
        return sorted({gpu.number for point in self._points for gpu in point.gpus})
