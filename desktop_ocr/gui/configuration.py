"""The program's settings in the window: read at the start, changed in the dialog or the menu, kept in their file."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.memory import MemoryStats
from desktop_ocr.schema.settings import Settings

FILE = "settings.toml"

_log = logging.getLogger(__name__)


class Configuration:
    """The settings and their file. `read` runs before anything else uses them, in whichever thread."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        """`settings` are taken as they are; without, the file in `folder` tells them."""
        self.file = folder / FILE
        self.settings = settings or Settings()
        self.problems: tuple[str, ...] = ()
        self._given = settings is not None

    def read(self) -> Settings:
        """The settings of the file; what is wrong in it is kept in `problems`."""
        if not self._given:
            from desktop_ocr.core.settings_file import load_settings

            loaded = load_settings(self.file)
            self.settings, self.problems = loaded.settings, tuple(loaded.problems)
            self._given = True
        return self.settings


class SettingsKeeper(QObject):
    """Changes settings: for the session, in the file, and in what the window shows.

    Signals:
        changed: the `Settings` that now apply.
    """

    changed = Signal(object)

    def __init__(
        self, configuration: Configuration, worker: Worker, tasks: Tasks, bars: MessageBars, window: QWidget
    ) -> None:
        super().__init__(window)
        self._configuration = configuration
        self._worker = worker
        self._tasks = tasks
        self._bars = bars
        self._window = window
        self._saving = asyncio.Lock()
        worker.opened.connect(self._opened)

    @property
    def settings(self) -> Settings:
        """Those that apply."""
        return self._configuration.settings

    def _opened(self) -> None:
        problems = self._configuration.problems
        if problems:
            text = self.tr("Some settings could not be used:") + "\n" + "\n".join(problems)
            self._bars.say(text, Tone.WARNING)
        self.changed.emit(self.settings)

    def set_options(self, options: JobOptions) -> None:
        """Change what is done with new documents."""
        self.apply(msgspec.structs.replace(self.settings, options=options))

    def apply(self, settings: Settings) -> None:
        """Work by these from now on, and keep them."""
        if settings == self.settings:
            return
        self._log_changes(settings)
        self._configuration.settings = settings
        self.changed.emit(settings)
        self._tasks.start(self._keep(settings))

    def _log_changes(self, settings: Settings) -> None:
        """Names alone: a value may be an address."""
        from desktop_ocr.core.settings_fields import describe_fields, value_of  # not needed at the start

        names = [field.name for field in describe_fields()]
        changed = [name for name in names if value_of(settings, name) != value_of(self.settings, name)]
        _log.info("settings are changed: %s", ", ".join(changed))

    async def _keep(self, settings: Settings) -> None:
        async with self._saving:  # in the order in which they were set
            from desktop_ocr.core.settings_file import save_settings

            try:
                aside = await asyncio.to_thread(save_settings, self._configuration.file, settings)
            finally:  # they apply, even where they cannot be kept
                await self._worker.ask(lambda session: session.change_settings(settings))
            if aside is not None:
                text = self.tr("The old settings file could not be read. It is kept as {name}.")
                self._bars.say(text.format(name=aside.name), Tone.WARNING)

    def show_dialog(self) -> None:
        """Let the user see and change all settings."""
        self._tasks.start(self._show_dialog())

    async def _show_dialog(self) -> None:
        stats = await self.ask_stats()
        from desktop_ocr.gui.settings_dialog import SettingsDialog

        gpus = stats.sample.gpus if stats is not None else ()
        dialog = SettingsDialog(
            self.settings,
            self._window,
            devices=("auto", "cpu", *(f"gpu:{gpu.index}" for gpu in gpus)),
            file=self._configuration.file,
            feature_mb=dict(stats.feature_mb) if stats is not None else {},
        )
        dialog.applied.connect(self.apply)
        from desktop_ocr.gui.settings_transfer import SettingsTransfer

        SettingsTransfer(dialog, self._tasks)  # the dialog's own from here on
        dialog.open()

    async def ask_stats(self) -> MemoryStats | None:
        """What the session knows of memory, or None where it cannot say (it could not be opened, say)."""

        async def asked(session: SessionApi) -> MemoryStats:
            return await session.stats()

        try:
            return await self._worker.ask(asked)
        except DesktopOcrError:
            return None
