"""The Help menu's way to what a report of a fault needs: diagnostics to copy, and the folder of the logs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QLocale, QObject, QSysInfo, Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.configuration import SettingsKeeper
from desktop_ocr.gui.folders import show_folder
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import tr


class DiagnosticsDialog(QDialog):
    """Shows what is going to be copied; nothing is sent anywhere."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Diagnostics"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(780, 560)
        words = QLabel(
            self.tr(
                "This helps whoever looks into a fault. No text and no name of a document is in it. "
                "It goes to the clipboard, and nowhere else."
            )
        )
        words.setObjectName("muted")
        words.setWordWrap(True)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(self.tr("Diagnostics"))
        self.text.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(icons.beside(self.tr("&Copy")), QDialogButtonBox.ButtonRole.AcceptRole)
        icons.set_icon(self.copy, "copy", "on_accent")
        self.copy.setDefault(True)
        buttons.accepted.connect(self._copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)
        self.copy.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.accept()


class Diagnostics(QObject):
    """Puts them together."""

    def __init__(
        self,
        keeper: SettingsKeeper,
        tasks: Tasks,
        bars: MessageBars,
        logs: Path,
        documents: Callable[[], Iterable[str]],
        window: QWidget,
    ) -> None:
        """`logs` is the folder of the window's log; `documents` tells the paths of those in the list."""
        super().__init__(window)
        self._keeper = keeper
        self._tasks = tasks
        self._bars = bars
        self._logs = logs
        self._documents = documents
        self._window = window
        self.dialog: DiagnosticsDialog | None = None

    def show(self) -> None:
        """Show what can be copied."""
        if self.dialog is None:
            self._tasks.start(self._show())

    async def _show(self) -> None:
        from desktop_ocr.core.diagnostics import diagnostics_text

        stats = await self._keeper.ask_stats()
        desktop, documents = self._desktop(), list(self._documents())
        text = await asyncio.to_thread(diagnostics_text, desktop, self._keeper.settings, stats, self._logs, documents)
        if self.dialog is not None:
            return
        self.dialog = dialog = DiagnosticsDialog(text, self._window)
        dialog.accepted.connect(
            lambda: self._bars.say(tr("The diagnostics are on the clipboard."), Tone.GOOD, fading=True)
        )
        dialog.finished.connect(lambda _result: setattr(self, "dialog", None))
        dialog.open()

    def _desktop(self) -> list[tuple[str, str]]:
        """What only the window knows."""
        screens = [
            f"{screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():g}"
            for screen in QGuiApplication.screens()
        ]
        names = (os.environ.get("XDG_CURRENT_DESKTOP", ""), os.environ.get("XDG_SESSION_TYPE", ""))
        return [
            ("Qt", f"{qVersion()}, {QGuiApplication.platformName()}"),
            ("Desktop", ", ".join(name for name in names if name) or QSysInfo.prettyProductName()),
            ("Screens", "; ".join(screens)),
            ("Language", QLocale().name()),
        ]

    def show_logs(self) -> None:
        """Show the folder of the logs."""
        show_folder(self._logs, self._bars)
