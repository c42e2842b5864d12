"""The settings dialog's way to files: bringing settings in, and taking them along."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_ocr.gui.settings_dialog import SettingsDialog
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import tr
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.settings import Settings

NAME = "desktop-ocr-settings.toml"
NAMED = 5  # problems told in the dialog


class SettingsTransfer(QObject):
    """Asks for files, and reads and writes them in a thread. What is brought in is shown, and applied by OK as ever."""

    def __init__(self, dialog: SettingsDialog, tasks: Tasks) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._tasks = tasks
        self._gone = False
        self.chooser: QFileDialog | None = None
        dialog.import_wanted.connect(self._choose_source)
        dialog.export_wanted.connect(self._choose_target)
        dialog.finished.connect(lambda _result: setattr(self, "_gone", True))

    def _choose_source(self) -> None:
        self.chooser = chooser = self._make(tr("Import settings"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(lambda name: self.bring(Path(name)))
        chooser.open()

    def _choose_target(self) -> None:
        self.chooser = chooser = self._make(tr("Export settings"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("toml")
        chooser.selectFile(NAME)
        chooser.fileSelected.connect(lambda name: self.take_along(Path(name)))
        chooser.open()

    def _make(self, title: str) -> QFileDialog:
        chooser = QFileDialog(self._dialog, title, str(Path.home()))
        chooser.setNameFilters([tr("Settings") + " (*.toml)", tr("All files") + " (*)"])
        chooser.finished.connect(lambda _result: setattr(self, "chooser", None))
        return chooser

    def bring(self, file: Path) -> None:
        """Show the settings of a file in the dialog."""
        self._tasks.start(self._bring(file, self._dialog.settings()))

    async def _bring(self, file: Path, present: Settings) -> None:
        from desktop_ocr.core.settings_transfer import import_settings

        try:
            loaded = await asyncio.to_thread(import_settings, file, present)
        except DesktopOcrError as error:
            self._say(str(error))
            return
        if self._gone:
            return
        self._dialog.show_settings(loaded.settings)
        words = tr("The settings of {file} are shown here. They apply when you press OK.").format(file=file.name)
        if loaded.problems:
            named = list(loaded.problems[:NAMED])
            if len(loaded.problems) > NAMED:
                named.append(tr("%n more like these.", len(loaded.problems) - NAMED))
            words = "\n".join([words, tr("Some of them cannot be used here:"), *named])
        self._dialog.show_news(words)

    def take_along(self, file: Path) -> None:
        """Write what the dialog shows into a file."""
        self._tasks.start(self._take_along(file, self._dialog.settings()))

    async def _take_along(self, file: Path, settings: Settings) -> None:
        from desktop_ocr.core.settings_transfer import export_settings

        try:
            await asyncio.to_thread(export_settings, file, settings)
        except DesktopOcrError as error:
            self._say(str(error))
            return
        if not self._gone:
            self._dialog.show_news(tr("The settings are in {file}.").format(file=file))

    def _say(self, text: str) -> None:
        if not self._gone:
            self._dialog.show_problem(text)
