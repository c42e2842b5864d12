"""Removing documents from the list, with a while to think better of it. Their pages stay in the library, unless the
settings say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_ocr.gui.job_model import ACTIVE_STATES, JobModel
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import documents_words, shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobView

UNDO_MS = 20_000  # what was read may go with a document: hours of work may be in it


class Removal(QObject):
    """Hides removed documents at once and pauses them; the core is told when the time to undo is over.

    Attributes:
        keeps: whether the pages of removed documents stay in the library.

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
        self.keeps: Callable[[], bool] = lambda: True
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
        """Take documents out of the list; what was removed before can no longer be brought back.

        Those that another program works at stay.
        """
        jobs = [job for job in jobs if (view := self._model.view(job)) is None or not view.elsewhere]
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
        text = self._words([view for job in jobs if (view := self._model.view(job)) is not None])
        self._bar = self._bars.say(text, offers=[Offer(self.tr("&Undo"), self.undo)], closable=False)
        self._timer.start()
        self.changed.emit()

    def _words(self, views: Sequence[JobView]) -> str:
        one = len(views) == 1
        what = f"“{shortened(views[0].name)}”" if one else documents_words(len(views))
        pages = sum(view.pages_done + view.pages_partial for view in views)
        if not pages or self.keeps():
            text = self.tr("Removed {what} from the list.").format(what=what)
            if not pages:
                return text + " " + (self.tr("The file itself stays.") if one else self.tr("The files stay."))
            if pages == 1:
                return text + " " + self.tr("Its page stays in the library.")
            its, their = self.tr("Its pages stay in the library."), self.tr("Their pages stay in the library.")
            return text + " " + (its if one else their)
        if one:
            text = self.tr("Removed {what} from the list, with what was read. The file itself stays.")
        else:
            text = self.tr("Removed {what} from the list, with what was read. The files themselves stay.")
        corrected = sum(view.pages_edited for view in views)
        return text.format(what=what) + (" " + self._corrected_words(corrected) if corrected else "")

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

    def bring_back(self, job: int) -> None:
        """A document is wanted again: it stays, whatever else was removed with it."""
        if job not in self._pending:
            return
        self._pending.remove(job)
        self._model.unhide([job])
        if job in self._paused:
            self._paused.discard(job)
            self._tasks.start(self._resume(job))
        if not self._pending:
            self._take_pending()

    async def commit(self) -> None:
        """Have the core told what was removed."""
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
