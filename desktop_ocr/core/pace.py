"""How fast pages and their stages come, and how long the rest will take."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable

from desktop_ocr.schema.features import Feature

Step = Feature | None
"""A stage of a page, or None for its text."""


class Pace:
    """Measures one document's pages from its start, or its last one, on."""

    def __init__(self) -> None:
        """Not started yet."""
        self._started: float | None = None
        self._seconds: defaultdict[Step, float] = defaultdict(float)
        self._times: Counter[Step] = Counter()
        self._needed: Counter[Step] = Counter()

    def start(self) -> None:
        """Begin to measure."""
        self._started = time.monotonic()
        for measured in (self._seconds, self._times, self._needed):
            measured.clear()

    @property
    def seconds(self) -> float:
        """Since the start; 0.0 before it."""
        return 0.0 if self._started is None else time.monotonic() - self._started

    def note(self, step: Step, seconds: float, pending: Iterable[Feature] = ()) -> None:
        """A step of a page was done; after its text, `pending` are the stages that it turned out to need."""
        self._times[step] += 1
        self._seconds[step] += max(seconds, 1e-6)
        if step is None:
            self._needed.update(pending)

    def left(self, texts: int, stages: Counter[Feature]) -> float | None:
        """Seconds until all is done; None where nothing is known yet.

        Args:
            texts: pages whose text is still to be read; they are expected to need stages as those before them did.
            stages: of pages whose text is known, by feature.
        """
        if self._started is None or not self._times:
            return None
        pages = self._times[None]
        expected: dict[Step, float] = {None: float(texts)}
        for feature in Feature:
            share = self._needed[feature] / pages if pages else 0.0
            expected[feature] = stages[feature] + share * texts
        usual = sum(self._seconds.values()) / self._times.total()
        work = sum(
            count * (self._seconds[step] / self._times[step] if self._times[step] else usual)
            for step, count in expected.items()
        )
        # Several pages are in work at a time: so much work was done in a second so far.
        return work * (time.monotonic() - self._started) / sum(self._seconds.values())
