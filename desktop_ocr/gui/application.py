"""The application object: tells when the whole program is asked to quit, before its windows are asked to close."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Of Qt, with one thing more.

    Signals:
        asked_to_quit: True before, False after Qt asks the windows to close, because the program is to end: from the
            Dock, or by the end of the session. A window that is closed by its own button may stay in the background;
            one that is closed for this may not.
    """

    asked_to_quit = Signal(bool)

    def event(self, event: QEvent) -> bool:
        """Heed the Quit event; few others come here."""
        if event.type() is not QEvent.Type.Quit:
            return super().event(event)
        self.asked_to_quit.emit(True)
        try:
            return super().event(event)
        finally:
            self.asked_to_quit.emit(False)
