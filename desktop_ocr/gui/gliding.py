"""Scrolls gently, so that the eye can follow."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QVariantAnimation
from PySide6.QtWidgets import QAbstractScrollArea

GLIDE_MS = 160
AIR = 40  # pixels that are left around a place that is scrolled to


class Glide(QVariantAnimation):
    """Moves both scroll bars of an area."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._area = area
        self._way = (0, 0, 0, 0)
        self.setDuration(GLIDE_MS)
        self.setStartValue(0.0)
        self.setEndValue(1.0)
        self.valueChanged.connect(self._move)

    def bring(self, place: QRectF) -> None:
        """Scroll until a place (in pixels of the viewport) is to be seen; where it is already, nothing moves."""
        across, down = self._area.horizontalScrollBar(), self._area.verticalScrollBar()
        room = self._area.viewport().rect()
        self.stop()
        self._way = (
            across.value(),
            across.value() + way(place.left(), place.right(), room.width()),
            down.value(),
            down.value() + way(place.top(), place.bottom(), room.height()),
        )
        if self._way[0] != self._way[1] or self._way[2] != self._way[3]:
            self.start()

    def _move(self, share: object) -> None:
        done = float(share) if isinstance(share, float) else 1.0
        x0, x1, y0, y1 = self._way
        self._area.horizontalScrollBar().setValue(round(x0 + (x1 - x0) * done))
        self._area.verticalScrollBar().setValue(round(y0 + (y1 - y0) * done))


def way(start: float, end: float, room: float) -> int:
    """How far to scroll for a stretch to be seen: not at all where it is seen already, or fills the room."""
    if start >= 0 and end <= room:
        return 0
    if end - start > room - 2 * AIR:  # too long: its beginning
        return 0 if start <= AIR and end >= room - AIR else round(start - AIR)
    return round((start + end - room) / 2)
