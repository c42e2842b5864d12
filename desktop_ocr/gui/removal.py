"""Removing documents from the list, with a while to think better of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_ocr.gui.job_model import ACTIVE_STATES, JobModel
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import documents_words, shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

UNDO_MS = 20_000  # what was read goes with a document: hours of work may be in it


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
        self._timer.timeout.connect(self._time_is_over)

    @property
    def can_undo(self) -> bool:
        """Whether something waits to be forgotten."""
        return bool(self._pending)

    def remove(self, jobs: list[int]) -> None:
        """Take documents out of the list; what was removed before can no longer be brought back."""
        if not jobs:
            return
        self._time_is_over()
        self._pending = list(jobs)
        for job in jobs:
            view = self._model.view(job)
            if view is not None and view.state in ACTIVE_STATES:
                self._paused.add(job)
                self._tasks.start(self._pause(job))
        self._model.hide(jobs)
        first = self._model.view(jobs[0])
        corrected = sum(view.pages_edited for job in jobs if (view := self._model.view(job)) is not None)
        if len(jobs) == 1 and first is not None:
            text = self.tr("Removed “{name}” from the list, with what was read. The file itself stays.").format(
                name=shortened(first.name)
            )
        else:
            text = self.tr("Removed {documents} from the list, with what was read. The files themselves stay.").format(
                documents=documents_words(len(jobs))
            )
        if corrected:
            text += " " + self._corrected_words(corrected)
        self._bar = self._bars.say(text, offers=[Offer(self.tr("&Undo"), self.undo)], closable=False)
        self._timer.start()
        self.changed.emit()

    def _corrected_words(self, pages: int) -> str:
        if pages == 1:
            return self.tr("Your corrections of 1 page go with it, unless you undo this now.")
        return self.tr("Your corrections of {n} pages go, too, unless you undo this now.").format(n=pages)

    def undo(self) -> None:
        """Bring back what was removed last."""
        jobs = self._take_pending()
        self._model.unhide(jobs)
        for job in jobs:
            if job in self._paused:
                self._paused.discard(job)
                self._tasks.start(self._resume(job))

    async def commit(self) -> None:
        """Forget what was removed."""
        await self._forget(self._take_pending())

    def _time_is_over(self) -> None:
        # Taken here and not in the task, which starts later: by then other documents may be waiting.
        jobs = self._take_pending()
        if jobs:
            self._tasks.start(self._forget(jobs))

    def _take_pending(self) -> list[int]:
        jobs, self._pending = self._pending, []
        self._timer.stop()
        if self._bar is not None:
            self._bar.leave()
            self._bar = None
        self.changed.emit()
        return jobs

    async def _pause(self, job: int) -> None:
        await self._worker.ask(lambda session: session.pause(job))

    async def _resume(self, job: int) -> None:
        await self._worker.ask(lambda session: session.resume(job))

    async def _forget(self, jobs: list[int]) -> None:
        for job in jobs:
            self._paused.discard(job)
            try:
                await self._forget_one(job)
            except DesktopOcrError as error:
                if error.code is ErrorCode.CANCELLED:
                    return  # the program is closing: they are there again with the next start
                # It is still there, and would come back with the next start: better seen now.
                self._model.unhide([job])
                self._bars.show_error(error.info)

    async def _forget_one(self, job: int) -> None:
        await self._worker.ask(lambda session: session.remove(job))
