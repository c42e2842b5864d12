"""The wheel at a page's end turns to the next page, but not to one after another."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar

PAUSE = 0.35  # seconds at a page's end, or after a page was turned
LEAST = 60  # eighths of a degree: half a notch of a wheel


class WheelTurn:
    """Looks at wheel events before they scroll."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = 0.0  # when the wheel last scrolled or turned
        self._pulled = 0

    def take(self, event: QWheelEvent, bar: QScrollBar) -> int | None:
        """What to do: None, scroll; 1 or -1, turn to the next page or the one before; 0, nothing."""
        delta = event.angleDelta().y()
        if not delta:
            return None
        down = delta < 0
        at_end = bar.value() >= bar.maximum() if down else bar.value() <= bar.minimum()
        now = self._clock()
        if not at_end:
            self._since, self._pulled = now, 0
            return None
        # A touch pad goes on by itself after the fingers have left it: that turns no pages.
        coasting = event.phase() is Qt.ScrollPhase.ScrollMomentum
        if coasting or now - self._since < PAUSE:
            return 0
        self._pulled = (self._pulled if (self._pulled < 0) is down else 0) + delta
        if abs(self._pulled) < LEAST:
            return 0
        self._since, self._pulled = now, 0
        return 1 if down else -1
