"""Brings a window to the front."""

from __future__ import annotations

import os

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def come_to_front(window: QWidget, token: str = "") -> None:
    """Show a window, in front and active as far as the desktop lets it.

    Args:
        window: the window.
        token: the right to come to the front, of whoever wants it (the xdg-activation protocol; Qt takes it from
            the environment). Without, some desktops only say that the window is ready.
    """
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    os.environ.pop("XDG_ACTIVATION_TOKEN", None)  # Qt has used it, or never will: no child is to have it
    if not window.isActiveWindow():
        QApplication.alert(window)
