"""A screen, frozen and dimmed, on which a region is drawn with the mouse or the keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.capture_shots import Shot

DIM = QColor(0, 0, 0, 110)
EDGE = QColor("#4c9ffe")
LEAST = 4  # units of the window system: less was a click
STEP, LEAP = 2, 40
_ARROWS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}


class CaptureOverlay(QWidget):
    """Covers one screen. Esc gives up; a click without a region does nothing.

    By the keys: arrows move the cross (with Ctrl further), Space sets the first corner, Enter takes the region, or the
    whole screen where there is none.

    Signals:
        chosen: a `QRect` from the screen's corner, in the window system's units.
        given_up: nothing is wanted.
    """

    chosen = Signal(QRect)
    given_up = Signal()

    def __init__(self, shot: Shot) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool
        super().__init__(None, flags)
        self._shot = shot
        self._start: QPoint | None = None
        self._place = QPoint(shot.screen.geometry().width() // 2, shot.screen.geometry().height() // 2)
        self._by_keys = False
        self.setWindowTitle(self.tr("Capture text from the screen"))
        self.setAccessibleName(self.tr("Choose a region of the screen"))
        self.setAccessibleDescription(
            self.tr("Arrows move the cross, Space sets a corner, Enter takes the region, Esc gives up.")
        )
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setScreen(shot.screen)
        self.setGeometry(shot.screen.geometry())

    @property
    def region(self) -> QRect:
        """What is drawn so far; empty before."""
        if self._start is None:
            return QRect()
        # Not QRect.normalized: it makes regions that were drawn backwards two units smaller.
        left, right = sorted((self._start.x(), self._place.x()))
        top, bottom = sorted((self._start.y(), self._place.y()))
        return QRect(left, top, right - left, bottom - top).intersected(QRect(QPoint(), self.size()))

    # --- mouse ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A corner."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._by_keys = False
            self._start = self._place = event.position().toPoint()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The other corner."""
        self._place = event.position().toPoint()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take it; the right button gives up, when it is let go: what lies below must not get that."""
        if event.button() == Qt.MouseButton.RightButton:
            self.given_up.emit()
            return
        if event.button() != Qt.MouseButton.LeftButton or self._start is None or self._by_keys:
            return
        self._place = event.position().toPoint()
        area = self.region
        if min(area.width(), area.height()) < LEAST:
            self._start = None
            self.update()
        else:
            self.chosen.emit(area)

    # --- keys -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """See the class."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            far = LEAP if event.modifiers() & Qt.KeyboardModifier.ControlModifier else STEP
            moved = self._place + _ARROWS[key] * far
            self._place = QPoint(min(max(moved.x(), 0), self.width()), min(max(moved.y(), 0), self.height()))
            self.update()
        elif key == Qt.Key.Key_Space:
            self._by_keys = True
            self._start = QPoint(self._place)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            area = self.region
            whole = QRect(QPoint(), self.size())
            self.chosen.emit(area if min(area.width(), area.height()) >= LEAST else whole)
        elif key == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """The window system closes it."""
        super().closeEvent(event)
        self.given_up.emit()

    # --- painting -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The screen as it was, dim but for the region."""
        del event
        painter = QPainter(self)
        everything = QRect(QPoint(), self.size())
        painter.drawPixmap(everything, self._shot.picture)
        painter.fillRect(everything, DIM)
        area = self.region
        if not area.isEmpty():
            painter.drawPixmap(area, self._shot.part(area))
            painter.setPen(QPen(EDGE, 2))
            painter.drawRect(area)
            self._write(painter, f"{area.width()} × {area.height()}", area.bottomLeft() + QPoint(0, 6))
        else:
            painter.setPen(QPen(EDGE, 1))
            painter.drawLine(0, self._place.y(), self.width(), self._place.y())
            painter.drawLine(self._place.x(), 0, self._place.x(), self.height())
            self._write(painter, self.tr("Draw a frame around the text. Esc gives up."), QPoint(24, 24))

    def _write(self, painter: QPainter, text: str, at: QPoint) -> None:
        """Words on a plate, where they can be read on any picture."""
        metrics = painter.fontMetrics()
        plate = QRect(at, QSize(metrics.horizontalAdvance(text) + 16, metrics.height() + 8))
        plate.moveRight(min(plate.right(), self.width() - 8))
        plate.moveBottom(min(plate.bottom(), self.height() - 8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 24, 220))
        painter.drawRoundedRect(plate, 5, 5)
        painter.setPen(QColor("white"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
