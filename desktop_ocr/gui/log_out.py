"""The end of the desktop's session: nobody is asked then, and what the window remembers is written in time."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QSessionManager

from desktop_ocr.gui.main_window import MainWindow

# A log-out that another program has stopped: from then on closing asks again.
FORGET_MS = 60_000


class LogOut(QObject):
    """Heeds the session manager.

    It first asks all programs to save their state (`commitDataRequest`): pages are committed as they are finished, so
    that there is only the window's own memory to write. Then it ends them: by Qt's Quit event (X11, Windows, macOS),
    which closes the window, or by SIGTERM (systemd); `Running` goes the same orderly way after each.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(FORGET_MS)
        self._forget.timeout.connect(lambda: window.expect_end(False))
        app = QGuiApplication.instance()
        self._app = app if isinstance(app, QGuiApplication) else None
        if self._app is not None:
            self._app.commitDataRequest.connect(self._ends)
            self._app.saveStateRequest.connect(self._save)

    def stop(self) -> None:
        """Heed it no more: the program is ending."""
        self._forget.stop()
        if self._app is not None:
            self._app.commitDataRequest.disconnect(self._ends)
            self._app.saveStateRequest.disconnect(self._save)

    def _ends(self, manager: QSessionManager) -> None:
        del manager
        self.expect_end()

    def _save(self, manager: QSessionManager) -> None:
        del manager
        self._window.remember()

    def expect_end(self) -> None:
        """The session is about to end."""
        self._window.remember()
        self._window.expect_end(True)
        self._forget.start()
