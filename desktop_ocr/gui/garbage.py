"""Garbage is collected in the window's thread only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPixmapCache

from desktop_ocr.memory.heap import trim

INTERVAL_MS = 1000


class Collector(QObject):
    """Takes the place of Python's automatic collection of reference cycles.

    That one runs in whichever thread happens to allocate. In the core's thread it destroys Qt objects that lie in a
    cycle (a dialog that its own slot holds): seen as "QObject::~QObject: Timers cannot be stopped from another
    thread", which is undefined behaviour.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        # What is there at the start stays: leaving it out makes each collection a matter of a few milliseconds.
        gc.collect()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Let Python collect by itself again, when there is no other thread any more."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def give_back() -> None:
    """Give the system what this process holds and does not need. In the window's thread, 10 ms or so."""
    QPixmapCache.clear()
    gc.collect()
    trim()
