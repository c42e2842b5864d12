"""A box to choose from, with an arrow that follows the theme: the style's own does not."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from desktop_ocr.gui import icons
from desktop_ocr.gui.theme import current_colours

_ARROW = 14
_EDGE = 7


class Chooser(QComboBox):
    """A combo box whose arrow can be seen."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the arrow too."""
        super().paintEvent(event)
        colours = current_colours()
        place = QRect(self.width() - _ARROW - _EDGE, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        colour = colours.muted if self.isEnabled() else colours.border
        painter = QPainter(self)
        painter.drawPixmap(place, icons.pixmap("chevron-down", _ARROW, colour, self.devicePixelRatioF()))
        painter.end()
