"""Measures what the steps of a page take."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psutil

from desktop_ocr.schema.results import StepCost

_MB = 1e6


class Steps:
    """Collects a `StepCost` for each named step."""

    def __init__(self) -> None:
        """Nothing measured yet."""
        self._process = psutil.Process()
        self._costs: list[StepCost] = []

    @contextlib.contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time what happens inside, and read the resident memory after it."""
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
        self._costs.append(StepCost(name, seconds, self._process.memory_info().rss / _MB))

    @property
    def costs(self) -> tuple[StepCost, ...]:
        """The steps so far, in order."""
        return tuple(self._costs)
