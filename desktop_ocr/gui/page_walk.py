"""Which page of which document is looked at, and what is known of the document's pages."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.page_list import PageList
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.events import PageEdited, PageFinished
from desktop_ocr.schema.jobs import JobState, JobView, PageState


class PageWalk(QObject):
    """Goes from page to page: where the user wants to, or after the work, which it may follow.

    Signals:
        place_changed: another page is looked at, or more is known of the pages around it.
        outdated: what is on the screen is not, or no longer, that of this page.
        pages_changed: the list of pages is another one (another document, or what is known of many pages).
        page_changed: what is known of one page, by its number.
        follow_over: the user went to a page: the work is not followed any more.
    """

    place_changed = Signal()
    outdated = Signal()
    pages_changed = Signal()
    page_changed = Signal(int)
    follow_over = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._asked = self._learnt = 0  # questions about all pages: how many there were, and the last one answered
        self._listening: dict[int, list[PageFinished]] = {}
        self._chosen = False  # the user went to a page: nothing else may
        self._places: dict[int, int] = {}  # the pages chosen, by job
        self.follows: Callable[[], bool] = lambda: False
        self.job: int | None = None
        self.job_state = JobState.WAITING
        self.pages = PageList()
        self.page = 0

    @property
    def there(self) -> bool:
        """Whether there is a page."""
        return self.job is not None and len(self.pages) > 0

    # --- what the core tells --------------------------------------------------------------------------------

    def show_job(self, view: JobView | None) -> None:
        """Another document, at the page the user last went to in it, or its first."""
        job = view.job if view is not None else None
        if job == self.job:
            return
        if self.job is not None and self._chosen:
            self._places[self.job] = self.page
        self.job = job
        self.pages = PageList()
        self._chosen = job in self._places
        self.page = self._places.get(job, 0) if job is not None else 0
        if view is not None:
            self.job_state = view.state
            self._tasks.start(self.learn_pages(view.job))
        self.pages_changed.emit()
        self.outdated.emit()

    def job_changed(self, view: JobView) -> None:
        """The job may have come to know its pages, or have put failed ones back in line."""
        if view.job != self.job:
            return
        pages = self.pages
        grown = view.pages_total != len(pages)
        failed = view.pages_failed != len(pages.failed())
        noted = view.pages_noted != len(pages.noted()) or view.pages_partial != len(pages.partial())
        again = view.pages_done + view.pages_failed < pages.finished  # pages are being read anew
        turned = view.state is not self.job_state
        self.job_state = view.state
        if grown or turned or failed or again or noted:
            self._tasks.start(self.learn_pages(view.job))

    def page_finished(self, event: PageFinished) -> None:
        """A page was finished: it is shown, if it is the one looked at or followed."""
        if event.job != self.job:
            return
        known = self.page in self.pages  # as long as the pages are being asked for, it may be done already
        grown = event.page not in self.pages
        waiting = known and self.pages.state(self.page) in (PageState.WAITING, PageState.WORKING)
        self.pages.finish(event)
        for heard in self._listening.values():
            heard.append(event)
        if grown:
            self.pages_changed.emit()
        else:
            self.page_changed.emit(event.page)
        if event.page == self.page:
            self.outdated.emit()
        elif self.follows() or (not self._chosen and waiting):
            self._turn_to(event.page)
        else:
            self.place_changed.emit()

    def page_edited(self, event: PageEdited) -> None:
        """A person has changed a page."""
        if event.job == self.job and self.pages.set_edited(event.page, event.edited):
            self.page_changed.emit(event.page)

    async def learn_pages(self, job: int) -> None:
        """Ask for what is known of all pages."""
        self._asked += 1
        question, heard = self._asked, list[PageFinished]()
        self._listening[question] = heard
        try:
            pages = await self._worker.ask(lambda session: session.pages(job))
        finally:
            del self._listening[question]
        if job != self.job or question < self._learnt:
            return  # nobody looks at it, or more is known by now
        self._learnt = question
        before = self.pages.view(self.page)
        self.pages = PageList(pages)
        # Events may overtake the answer: what was heard meanwhile is not to be forgotten.
        for event in heard:
            if event.job == job and event.page in self.pages:
                self.pages.finish(event)
        if self.page not in self.pages:
            self.page = self.pages.nearest(self.page)
        self.pages_changed.emit()
        if before != self.pages.view(self.page):
            self.outdated.emit()
        else:
            self.place_changed.emit()

    # --- what the user wants --------------------------------------------------------------------------------

    def go_to(self, page: int) -> None:
        """A page, or the nearest that there is."""
        self._chosen = True
        self.follow_over.emit()
        self._turn_to(self.pages.nearest(page))

    def open_at(self, job: int, page: int) -> None:
        """A page of a document that is shown, or is to be shown next."""
        self.follow_over.emit()
        if job != self.job:
            self._places[job] = page
        elif self.there:
            self.go_to(page)
        else:
            self.page, self._chosen = page, True

    def step(self, by: int) -> bool:
        """A page further on or back; whether there is one."""
        before = self.page
        self.go_to(self.pages.step(self.page, by))
        return self.page != before

    def go_to_end(self, last: bool) -> None:
        """The first or the last page."""
        self.go_to(self.pages.last if last else self.pages.first)

    def go_to_next(self, page: int | None) -> None:
        """The next page of a kind, where there is one."""
        if page is not None:
            self.go_to(page)

    def _turn_to(self, page: int) -> None:
        if page != self.page:
            self.page = page
            self.outdated.emit()
        else:
            self.place_changed.emit()
