"""Selects a rectangle of the page: with Shift and the mouse, in the mode for it with the mouse alone, or by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from desktop_ocr.schema.results import Box

if TYPE_CHECKING:
    from desktop_ocr.gui.picture_view import PictureView

LEAST = 6  # pixels of the screen: less was a click
STEP = 12.0  # pixels of the screen that a key moves it by
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class RegionSelect(QObject):
    """The rectangle, and what mouse and keys do to it. The view asks it before it does anything itself.

    In the mode (`set_mode`) arrows move the rectangle and Shift with arrows makes it larger or smaller; the first one
    makes one in the middle of what is seen. Escape takes it away, and then leaves the mode.

    Signals:
        chosen: a `Box` in the pixels of the page's result, or None: another rectangle is selected.
        mode_changed: whether the mouse selects without Shift.
    """

    chosen = Signal(object)
    mode_changed = Signal(bool)

    def __init__(self, view: PictureView) -> None:
        super().__init__(view)
        self._view = view
        self._from: QPointF | None = None
        self._mode = False
        self.region: Box | None = None

    @property
    def mode(self) -> bool:
        """Whether the mouse selects without Shift."""
        return self._mode

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer that goes with it."""
        return Qt.CursorShape.CrossCursor if self._mode else Qt.CursorShape.ArrowCursor

    def set_mode(self, on: bool) -> None:
        """Let the mouse select, or drag the page as usual."""
        if on is not self._mode:
            self._mode = on
            self._view.viewport().setCursor(self.cursor)
            self.mode_changed.emit(on)

    def select(self, box: Box | None) -> None:
        """Select a rectangle, cut to the page, or none."""
        marks = self._view.overlays.marks
        if box is not None and marks is not None:
            width, height = marks.result.width, marks.result.height
            x0, x1 = sorted((min(width, max(0.0, box[0])), min(width, max(0.0, box[2]))))
            y0, y1 = sorted((min(height, max(0.0, box[1])), min(height, max(0.0, box[3]))))
            box = (x0, y0, x1, y1) if x1 - x0 >= 1 and y1 - y0 >= 1 else None
        elif marks is None:
            box = None
        if box != self.region:
            self.region = box
            self._view.overlays.select(box)
            self.chosen.emit(box)

    def clear(self) -> None:
        """Nothing is selected any more."""
        self._from = None
        self.select(None)

    # --- the mouse ------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> bool:
        """A button was pressed; whether it is for this."""
        if not self._mode and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        point = self._view.to_page(event.position().toPoint())
        if point is None:
            return False
        self._from = point
        event.accept()
        return True

    def move(self, event: QMouseEvent) -> bool:
        """The pointer moved; whether that is for this."""
        if self._from is None:
            return False
        point = self._view.to_page(event.position().toPoint())
        if point is not None:
            self.select(_box(QRectF(self._from, point).normalized()))
        event.accept()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """A button was released; whether that is for this."""
        if self._from is None:
            return False
        start, self._from = self._from, None
        region = self.region
        point = self._view.to_page(event.position().toPoint())
        least = LEAST * self._view.slack / 4
        if region is None or max(region[2] - region[0], region[3] - region[1]) < least:
            self.select(None)
            if point is not None and (point - start).manhattanLength() < least:
                self._view.clicked.emit(point)
        event.accept()
        return True

    # --- keys -----------------------------------------------------------------------------------------------

    def take_key(self, event: QKeyEvent) -> bool:
        """A key was pressed; whether it is for this."""
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key == Qt.Key.Key_Escape and not modifiers and (self.region is not None or self._mode):
            if self.region is not None:
                self.clear()
            else:
                self.set_mode(False)
            return True
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        arrow = next((way for name, way in ARROWS.items() if name == key), None)
        if arrow is None or not self._mode or not plain or self._view.overlays.marks is None:
            return False
        step = STEP * self._view.slack / 4
        across, down = self._turned(arrow[0] * step, arrow[1] * step)
        box = self.region
        if box is None:
            self.select(self._middle())
        elif modifiers:
            self.select((box[0], box[1], max(box[0] + step, box[2] + across), max(box[1] + step, box[3] + down)))
        else:
            self.select(self._shifted(box, across, down))
        if self.region is not None:
            self._view.bring_to_view(self.region)
        return True

    def _turned(self, across: float, down: float) -> tuple[float, float]:
        """What is right on the screen may be down on the page."""
        for _ in range(self._view.quarters):
            across, down = down, -across
        return across, down

    def _middle(self) -> Box:
        room = self._view.viewport().rect()
        quarter = room.adjusted(room.width() // 3, room.height() // 3, -room.width() // 3, -room.height() // 3)
        polygon = self._view.overlays.mapFromScene(self._view.mapToScene(quarter))
        return _box(polygon.boundingRect())

    def _shifted(self, box: Box, across: float, down: float) -> Box:
        marks = self._view.overlays.marks
        if marks is not None:
            across = min(marks.result.width - box[2], max(-box[0], across))
            down = min(marks.result.height - box[3], max(-box[1], down))
        return box[0] + across, box[1] + down, box[2] + across, box[3] + down


def _box(rect: QRectF) -> Box:
    return rect.left(), rect.top(), rect.right(), rect.bottom()
