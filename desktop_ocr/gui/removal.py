"""Removing documents from the list, with a while to think better of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_ocr.gui.job_model import ACTIVE_STATES, JobModel
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import documents_words
from desktop_ocr.gui.worker import Worker

UNDO_MS = 8000


class Removal(QObject):
    """Hides removed documents at once and pauses them; forgets them for good when the time to undo is over.

    Signals:
        changed: whether there is something to undo may have changed.
    """

    changed = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, model: JobModel, bars: MessageBars, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._pending: list[int] = []
        self._paused: set[int] = set()
        self._bar: MessageBar | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_MS)
        self._timer.timeout.connect(lambda: self._tasks.start(self.commit()))

    @property
    def can_undo(self) -> bool:
        """Whether something waits to be forgotten."""
        return bool(self._pending)

    def remove(self, jobs: list[int]) -> None:
        """Take documents out of the list; what was removed before can no longer be brought back."""
        if not jobs:
            return
        if self._pending:
            self._tasks.start(self.commit())
        self._pending = list(jobs)
        for job in jobs:
            view = self._model.view(job)
            if view is not None and view.state in ACTIVE_STATES:
                self._paused.add(job)
                self._tasks.start(self._pause(job))
            self._model.hide(job)
        first = self._model.view(jobs[0])
        name = f"“{first.name}”" if len(jobs) == 1 and first is not None else documents_words(len(jobs))
        self._bar = self._bars.say(
            self.tr("Removed {what} from the list. The files themselves stay.").format(what=name),
            offers=[Offer(self.tr("&Undo"), self.undo)],
            closable=False,
        )
        self._timer.start()
        self.changed.emit()

    def undo(self) -> None:
        """Bring back what was removed last."""
        jobs, self._pending = self._pending, []
        self._close()
        for job in jobs:
            self._model.unhide(job)
            if job in self._paused:
                self._paused.discard(job)
                self._tasks.start(self._resume(job))
        self.changed.emit()

    async def commit(self) -> None:
        """Forget what was removed."""
        jobs, self._pending = self._pending, []
        self._close()
        self.changed.emit()
        for job in jobs:
            self._paused.discard(job)
            await self._forget(job)

    async def _pause(self, job: int) -> None:
        await self._worker.ask(lambda session: session.pause(job))

    async def _resume(self, job: int) -> None:
        await self._worker.ask(lambda session: session.resume(job))

    async def _forget(self, job: int) -> None:
        await self._worker.ask(lambda session: session.remove(job))

    def _close(self) -> None:
        self._timer.stop()
        if self._bar is not None:
            bar, self._bar = self._bar, None
            bar.leave()
