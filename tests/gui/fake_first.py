"""The program on a fake session, as a process: `python -m tests.gui.fake_first [ARGUMENTS OF desktop-ocr]`.

Everything of the window's process is real but the core; it says on its standard output what can be seen of it:
"ready", "shown", "hidden", "minimised", "added" with the path of a document as a Python literal, and "asked" for a
question. A line "quit event" on its standard input is what the end of the desktop's session comes to without a session
manager; "close" closes the window. FAKE_TRAY=1 says that there is a tray.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_ocr.__main__ import main
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.gui import running, tray_watch
from desktop_ocr.gui.configuration import Configuration
from desktop_ocr.schema.events import Event
from tests.gui.fake_session import FakeSession


def say(*words: object) -> None:
    """A line of output."""
    print(*words, flush=True)


def fake_core(_paths: AppPaths, configuration: Configuration) -> Callable[[Callable[[Event], None]], FakeSession]:
    """In the place of `running.core_session`."""

    def make(emit: Callable[[Event], None]) -> FakeSession:
        configuration.read()
        return FakeSession(emit, stop_at=int(os.environ.get("FAKE_STOP_AT", "0")) or None)

    return make


class Told(QObject):
    """Watches a window, and does what the standard input says."""

    line = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)
        self.line.connect(self._do)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.line.emit(line.strip())

    def _do(self, line: str) -> None:
        if line == "quit event":
            QCoreApplication.postEvent(QCoreApplication.instance(), QEvent(QEvent.Type.Quit))
        elif line == "close":
            self._window.close()
            boxes = [box for box in self._window.findChildren(QMessageBox) if box.isVisible()]
            say("asked" if boxes else "closed")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Say what becomes of the window."""
        if watched is self._window and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            words = "minimised" if self._window.isMinimized() else "shown"
            say(words if event.type() == QEvent.Type.Show else "hidden")
        return super().eventFilter(watched, event)


class FakeRunning(running.Running):
    """Says what can be seen."""

    async def live(self) -> None:
        """As the real one."""
        model = self.window.model
        Told(self.window)
        self.worker.opened.connect(lambda: say("ready"))
        model.rowsInserted.connect(
            lambda _parent, first, last: [
                say("added", ascii(os.fsencode(view.path))) for view in model.views()[first : last + 1]
            ]
        )
        await super().live()


if __name__ == "__main__":
    running.core_session = fake_core  # type: ignore[assignment]
    running.Running = FakeRunning  # type: ignore[misc]
    if os.environ.get("FAKE_TRAY"):
        tray_watch.qt_has_tray = lambda: True
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
