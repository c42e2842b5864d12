"""Brings a window to the front."""

from __future__ import annotations

import logging
import os
import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

_log = logging.getLogger(__name__)


def come_to_front(window: QWidget, token: str = "") -> None:
    """Show a window, in front and active as far as the desktop lets it.

    Args:
        window: the window.
        token: the right to come to the front, of whoever wants it: under Wayland a token (the xdg-activation
            protocol; Qt takes it from the environment), under X11 the startup notification's, which names the time
            at which the user wanted it. Without, some desktops only say that the window is ready.
    """
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token
    if window.isMinimized():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
    os.environ.pop("XDG_ACTIVATION_TOKEN", None)  # Qt has used it, or never will: no child is to have it
    if token and QGuiApplication.platformName() == "xcb":
        _ask_window_manager(int(window.winId()), token)
    if not window.isActiveWindow():
        QApplication.alert(window)


def _ask_window_manager(window: int, token: str) -> None:
    """Have an X11 window manager activate a window, as of the time at which the user wanted it.

    Qt names the time at which this program last heard of the user, which may be hours ago: window managers take that
    for a program that pushes itself to the front.
    """
    from Xlib import X
    from Xlib.display import Display
    from Xlib.error import ConnectionClosedError, DisplayError
    from Xlib.protocol.event import ClientMessage

    found = re.search(r"_TIME(\d{1,10})\Z", token)
    when = int(found[1]) & 0xFFFFFFFF if found else X.CurrentTime
    try:
        display = Display()
        message = ClientMessage(
            window=display.create_resource_object("window", window),
            client_type=display.intern_atom("_NET_ACTIVE_WINDOW"),
            data=(32, [2, when, 0, 0, 0]),  # 2: the user wants it, not the program
        )
        mask = X.SubstructureRedirectMask | X.SubstructureNotifyMask
        display.screen().root.send_event(message, event_mask=mask)
        display.sync()  # a server forgets what it has not read of a program that hangs up
        display.close()
    except (DisplayError, ConnectionClosedError, OSError) as error:
        _log.warning("the window manager could not be asked for the front (%s)", error)
