"""The menu's "Start at log-in": what it shows, and what it changes."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from desktop_ocr.core.autostart import Autostart, this_autostart
from desktop_ocr.gui.message_bar import MessageBars
from desktop_ocr.gui.tasks import Tasks


class LogIn(QObject):
    """Keeps the action true. Files are read and written in another thread: a home may be on a network."""

    def __init__(self, action: QAction, tasks: Tasks, bars: MessageBars, parent: QObject) -> None:
        super().__init__(parent)
        self._action = action
        self._tasks = tasks
        self._bars = bars
        self.autostart: Autostart = this_autostart()

    def look(self) -> None:
        """See what is set, and mend what a moved installation has left behind."""
        self._tasks.start(self._look())

    def set(self, on: bool) -> None:
        """Start the program at log-in, or do not."""
        self._tasks.start(self._set(on))

    async def _look(self) -> None:
        self._action.setChecked(await asyncio.to_thread(self._mended))

    def _mended(self) -> bool:
        self.autostart.mend()
        return self.autostart.is_on()

    async def _set(self, on: bool) -> None:
        try:
            await asyncio.to_thread(self.autostart.turn, on)
        finally:
            self._action.setChecked(await asyncio.to_thread(self.autostart.is_on))
