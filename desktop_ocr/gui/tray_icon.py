"""The program's icon with its progress and state drawn into it, for panels of any colour.

Drawn for each size in its own pixels: a scaled bar of three pixels would be a blur.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from desktop_ocr.gui import icons
from desktop_ocr.gui.tray_state import STEPS, Activity, Look

SIZES = (16, 20, 22, 24, 32, 44, 48, 64)
# Seen on a white panel and on a black one alike.
TRACK = "#6f7f9f"
RIM = "#14223f"
DONE = "#ffb020"
RESTS = "#dfe6f3"
ASKS = "#d6303a"
PAUSED = "#4a5a7a"
GLYPH = "#ffffff"


@lru_cache(maxsize=8)
def tray_icon(look: Look) -> QIcon:
    """The icon in all the sizes that panels ask for."""
    made = QIcon()
    for size in SIZES:
        made.addPixmap(drawn(look, size))
    return made


def drawn(look: Look, size: int) -> QPixmap:
    """The icon in `size` pixels."""
    picture = QPixmap(icons.pixmap("app", size, "#000000"))
    painter = QPainter(picture)
    if look.activity is not Activity.IDLE and look.steps is not None:
        _bar(painter, size, look.steps, DONE if look.activity is Activity.WORKING else RESTS)
    if look.asks:
        _badge(painter, size, ASKS, _mark_of_exclamation)
    elif look.activity is Activity.PAUSED:
        _badge(painter, size, PAUSED, _two_bars)
    painter.end()
    return picture


def _bar(painter: QPainter, size: int, steps: int, colour: str) -> None:
    """Progress along the bottom edge, on whole pixels."""
    height = max(4, round(size * 0.22))
    rim = max(1, round(size / 32))
    whole = QRect(0, size - height, size, height)
    inner = whole.adjusted(rim, rim, -rim, -rim)
    painter.fillRect(whole, QColor(RIM))
    painter.fillRect(inner, QColor(TRACK))
    width = round(inner.width() * steps / STEPS)
    if steps and not width:
        width = 1  # something was done
    painter.fillRect(QRect(inner.topLeft(), inner.size()).adjusted(0, 0, width - inner.width(), 0), QColor(colour))


def _badge(painter: QPainter, size: int, colour: str, glyph: Callable[[QPainter, QPointF, int], None]) -> None:
    """A disc in the upper right corner, cut out of what is below it."""
    across = round(size * (0.56 if size < 32 else 0.5))
    across += (across + size) % 2  # its middle falls on a pixel, or between two, as the glyph's does
    gap = max(1, round(size / 24))
    disc = QRectF(size - across, 0, across, across)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setBrush(QColor("black"))
    painter.drawEllipse(disc.adjusted(-gap, -gap, gap, gap))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(disc)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    glyph(painter, disc.center(), across)


def _mark_of_exclamation(painter: QPainter, middle: QPointF, across: int) -> None:
    width = max(2, round(across * 0.16))
    left = round(middle.x() - width / 2)
    top = round(middle.y() - across * 0.30)
    dot = max(2, round(across * 0.16))
    gap = max(1, round(across * 0.09))
    bottom = round(middle.y() + across * 0.30)
    painter.fillRect(QRect(left, top, width, bottom - top - dot - gap), QColor(GLYPH))
    painter.fillRect(QRect(left, bottom - dot, width, dot), QColor(GLYPH))


def _two_bars(painter: QPainter, middle: QPointF, across: int) -> None:
    width = max(1, round(across * 0.15))
    gap = max(2, round(across * 0.16))
    high = max(4, round(across * 0.46))
    left = round(middle.x() - (2 * width + gap) / 2)
    top = round(middle.y() - high / 2)
    painter.fillRect(QRect(left, top, width, high), QColor(GLYPH))
    painter.fillRect(QRect(left + width + gap, top, width, high), QColor(GLYPH))
