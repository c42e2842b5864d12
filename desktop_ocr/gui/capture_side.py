"""Everything that starts a capture: the menu, the tray, keys from anywhere, and a later start of the program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop_ocr.gui.background import Background
from desktop_ocr.gui.capturing import Capturing
from desktop_ocr.gui.global_shortcut import GlobalShortcut
from desktop_ocr.gui.main_window import MainWindow
from desktop_ocr.gui.message_bar import Tone
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.settings import Settings


class CaptureSide(QObject):
    """Made beside `Background`."""

    def __init__(self, window: MainWindow, worker: Worker, background: Background, folder: Path) -> None:
        """`folder` gets the pictures."""
        super().__init__(window)
        self._window = window
        self._background = background
        self._keys = ""
        self.capturing = Capturing(worker, window.tasks, window.bars, folder, window)
        self.shortcut = GlobalShortcut(self)
        self.shortcut.refused.connect(self._say_why_not)
        background.menu.capture.setVisible(True)
        for wanted in (window.jobs.capture.triggered, background.capture_wanted, self.shortcut.pressed):
            wanted.connect(lambda *_: self.capturing.start())
        self.capturing.began.connect(background.capture_began)
        self.capturing.over.connect(background.capture_over)
        self.capturing.captured.connect(self._tell)
        self.capturing.read.connect(self._look_again)
        window.keeper.changed.connect(self._settings_changed)
        self._settings_changed(window.keeper.settings)

    def finish(self) -> None:
        """Give the keys back."""
        self.shortcut.release()

    def _settings_changed(self, settings: Settings) -> None:
        if settings.capture_shortcut == self._keys:
            return
        self._keys = settings.capture_shortcut
        why = self.shortcut.hold(self._keys)
        if why:
            self._say_why_not(why)

    def _say_why_not(self, why: str) -> None:
        self._window.bars.say(self.tr("Keys for capturing text: {why}").format(why=why), Tone.WARNING)

    def _tell(self, text: str, _job: int) -> None:
        self._background.notifier.say(text, asks=False)

    def _look_again(self) -> None:
        if self._window.furnished:
            self._window.workspace.looking.say_again()
