"""Pictures of the screens, to choose a region of them from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication, QPixmap, QScreen

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


@dataclass(frozen=True)
class Shot:
    """A screen, and what was to be seen on it, in the screen's own pixels (more than the window system's at 2x)."""

    screen: QScreen
    picture: QPixmap

    def part(self, area: QRect) -> QPixmap:
        """A region of it, given in the window system's units from the screen's corner."""
        across = self.picture.width() / max(1, self.screen.geometry().width())
        down = self.picture.height() / max(1, self.screen.geometry().height())
        left, top = round(area.x() * across), round(area.y() * down)
        right, bottom = round((area.x() + area.width()) * across), round((area.y() + area.height()) * down)
        return self.picture.copy(left, top, max(1, right - left), max(1, bottom - top))


def by_portal() -> bool:
    """Whether the desktop takes pictures itself, and lets no program do it: Wayland."""
    return QGuiApplication.platformName().startswith("wayland")


def take_shots() -> list[Shot]:
    """A picture of each screen.

    Raises:
        DesktopOcrError: this desktop does not let a program see the screen.
    """
    shots = [Shot(screen, screen.grabWindow(0)) for screen in QGuiApplication.screens()]
    seen = [shot for shot in shots if not shot.picture.isNull()]
    if not seen:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION,
            tr("This desktop does not let programs take a picture of the screen."),
            tr("Copy a region with the desktop's own screenshot tool, and paste it here (Ctrl+V)."),
        )
    return seen
