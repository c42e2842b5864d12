"""Finds the file of a document again that was moved or renamed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop_ocr.gui.asking import Answer, ask
from desktop_ocr.gui.dialogs import locate_dialog
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.preferences import Preferences
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo

Then = Callable[[], None]


def nothing() -> None:
    """Nothing more is to be done."""


class Relocating(QObject):
    """Asks where a document's file is now.

    Signals:
        located: the number of a job whose file was found.
    """

    located = Signal(int)

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        preferences: Preferences,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._preferences = preferences
        self._window = window
        self.dialog: QFileDialog | None = None
        self.question: QMessageBox | None = None

    def ask(self, job: int, then: Then = nothing) -> None:
        """Let the user show where a document is; `then` is called when it was found."""
        view = self._model.view(job)
        if view is None or self.dialog is not None:
            return
        folder = Path(view.path).parent
        start = str(folder) if folder.is_dir() else self._preferences.open_folder
        dialog = locate_dialog(self._window, start, view.name)
        self.dialog = dialog
        dialog.fileSelected.connect(lambda name: self._tasks.start(self.take(job, Path(name), then)))
        dialog.finished.connect(lambda _result: self._closed(dialog))
        dialog.open()

    def _closed(self, dialog: QFileDialog) -> None:
        self.dialog = None
        dialog.deleteLater()

    async def take(self, job: int, path: Path, then: Then = nothing) -> None:
        """The user says that the document is there."""
        try:
            await self._worker.ask(lambda session: session.relocate(job, path))
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise
            self._say_no(job, path, error.info, then)
            return
        self._preferences.open_folder = str(path.parent)
        self._bars.say(self.tr("Found “{name}”.").format(name=shortened(path.name)), Tone.GOOD, fading=True)
        self.located.emit(job)
        then()

    def _say_no(self, job: int, path: Path, info: ErrorInfo, then: Then) -> None:
        self.question = ask(
            self._window,
            self.tr("Locate the document"),
            self.tr("“{name}” cannot be taken.").format(name=shortened(path.name)),
            str(info),
            [Answer(self.tr("Choose &another file…"), lambda: self.ask(job, then))],
            QMessageBox.Icon.Warning,
        )
        self.question.finished.connect(lambda _result: setattr(self, "question", None))
