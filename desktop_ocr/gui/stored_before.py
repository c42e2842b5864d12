"""Tells that documents were read before, and offers to read them again, or to take another result of theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.library_words import many_documents, many_pages, read_words
from desktop_ocr.gui.message_bar import MessageBar, MessageBars, Offer, Tone
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import shortened
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.events import StoredBefore
from desktop_ocr.schema.jobs import JobState, PageState

GATHER_MS = 300
FADE_MS = 30_000  # nothing is lost when it goes, but somebody may want to read it and decide
_OVER = (PageState.DONE, PageState.FAILED, PageState.PARTIAL)


class StoredNews(QObject):
    """One message for all that were taken from the library, and one for those read with other settings."""

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        model: JobModel,
        bars: MessageBars,
        again: Callable[[int, Sequence[int]], None],
        parent: QObject,
    ) -> None:
        """`again` reads pages of a job anew."""
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._bars = bars
        self._again = again
        self._taken: dict[int, StoredBefore] = {}
        self._other: dict[int, StoredBefore] = {}
        self._taken_bar: MessageBar | None = None
        self._other_bar: MessageBar | None = None
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(GATHER_MS)
        self._gathering.timeout.connect(self._tell)
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.setInterval(FADE_MS)
        self._fading.timeout.connect(lambda: self._leave_taken())

    def take(self, event: StoredBefore) -> None:
        """A document was read before."""
        (self._other if event.other else self._taken)[event.job] = event
        self._gathering.start()

    # --- what is said ---------------------------------------------------------------------------------------

    def _tell(self) -> None:
        self._tell_taken()
        self._tell_other()

    def _tell_taken(self) -> None:
        taken = [one for one in self._taken.values() if self._model.view(one.job) is not None]
        said = self._taken_bar is not None and not self._taken_bar.over
        if not taken:
            return
        words = self._taken_words(taken)
        if said and self._taken_bar is not None and self._taken_bar.text == words:
            return
        self._replace(self._taken_bar)
        jobs = [one.job for one in taken]
        offer = Offer(self.tr("&Recognise again"), lambda: self._recognise_again(jobs))
        self._taken_bar = bar = self._bars.put(MessageBar(Tone.INFO, words, [offer]))
        bar.gone.connect(lambda _bar: self._taken_gone(bar))
        self._fading.start()

    def _tell_other(self) -> None:
        other = [one for one in self._other.values() if self._undecided(one.job)]
        if not other:
            return
        words = self._other_words(other)
        if self._other_bar is not None and not self._other_bar.over and self._other_bar.text == words:
            return
        self._replace(self._other_bar)
        pairs = [(one.job, one.other) for one in other]
        use = self.tr("&Use that result") if len(pairs) == 1 else self.tr("&Use those results")
        offer = Offer(use, lambda: self._tasks.start(self._use(pairs)))
        self._other_bar = bar = self._bars.put(MessageBar(Tone.INFO, words, [offer]))
        bar.gone.connect(lambda _bar: self._other_gone(bar))

    def _taken_words(self, taken: Sequence[StoredBefore]) -> str:
        pages = many_pages(sum(one.pages for one in taken))
        if len(taken) == 1:
            words = self.tr("“{name}” {was_read}: its {pages} were taken from the library.")
            if taken[0].pages == 1:
                words = self.tr("“{name}” {was_read}: its page was taken from the library.")
            return words.format(name=self._name(taken[0].job), was_read=read_words(taken[0].when), pages=pages)
        words = self.tr("{documents} were read before: {pages} were taken from the library.")
        return words.format(documents=many_documents(len(taken)), pages=pages)

    def _other_words(self, other: Sequence[StoredBefore]) -> str:
        if len(other) == 1:
            words = self.tr("“{name}” {was_read} with other settings, and that result is stored.")
            return words.format(name=self._name(other[0].job), was_read=read_words(other[0].when))
        words = self.tr("{documents} were read before with other settings, and those results are stored.")
        return words.format(documents=many_documents(len(other)))

    def _name(self, job: int) -> str:
        view = self._model.view(job)
        return shortened(view.name) if view is not None else ""

    def _undecided(self, job: int) -> bool:
        """Whether there is still something to decide."""
        view = self._model.view(job)
        return view is not None and view.state is not JobState.FAILED

    # --- when it is over ------------------------------------------------------------------------------------

    def jobs_changed(self) -> None:
        """Documents have changed: what is offered may have no use any more."""
        if self._other and not self._gathering.isActive():
            still = {job: one for job, one in self._other.items() if self._undecided(job)}
            if len(still) != len(self._other):
                self._other = still
                bar = self._other_bar
                self._tell_other() if still else self._replace(bar)
        if self._taken and any(self._model.view(job) is None for job in self._taken):
            self._taken = {job: one for job, one in self._taken.items() if self._model.view(job) is not None}
            if not self._taken:
                self._leave_taken()

    def _replace(self, bar: MessageBar | None) -> None:
        if bar is not None:
            if bar is self._taken_bar:
                self._taken_bar = None
            if bar is self._other_bar:
                self._other_bar = None
            bar.leave()

    def _leave_taken(self) -> None:
        if self._taken_bar is not None:
            self._taken_bar.leave()

    def _taken_gone(self, bar: MessageBar) -> None:
        if bar is self._taken_bar:
            self._taken_bar = None
            self._taken.clear()

    def _other_gone(self, bar: MessageBar) -> None:
        if bar is self._other_bar:
            self._other_bar = None
            self._other.clear()

    # --- what is done ---------------------------------------------------------------------------------------

    def _recognise_again(self, jobs: Sequence[int]) -> None:
        for job in jobs:
            self._tasks.start(self._all_again(job))

    async def _all_again(self, job: int) -> None:
        pages = await self._worker.ask(lambda session: session.pages(job))
        over = [view.page for view in pages if view.state in _OVER]
        if over:
            self._again(job, over)

    async def _use(self, pairs: Sequence[tuple[int, int]]) -> None:
        async def one_after_another(session: SessionApi) -> None:
            for job, other in pairs:
                await session.set_options(job, await session.options(other))

        await self._worker.ask(one_after_another)
