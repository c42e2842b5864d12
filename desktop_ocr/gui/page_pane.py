"""The page being looked at: which one it is, and bringing its picture and text to the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.page_bar import PageBar
from desktop_ocr.gui.page_list import PageList
from desktop_ocr.gui.page_loader import LoadedPicture, PageLoader
from desktop_ocr.gui.picture_view import PictureView
from desktop_ocr.gui.result_view import ResultView
from desktop_ocr.gui.review import Review
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import PageFinished
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobState, JobView, PageState
from desktop_ocr.schema.model_store import StoredModel, StoreState
from desktop_ocr.schema.results import LEFT_OUT

SHARPEN_MS = 200
READABLE = (PageState.DONE, PageState.PARTIAL)


class PagePane(QWidget):
    """Picture and text of one page of one job.

    Signals:
        retry_wanted: the number of a job whose failed pages are to be tried again.
        again_wanted: a job and a list of its pages that are to be recognised again.
        looked_at: the job and page now shown, None where there is none.
        models_wanted: the user wants a model for a `Feature`, or None, that a page was done without.
    """

    retry_wanted = Signal(int)
    again_wanted = Signal(int, object)
    looked_at = Signal(object, object)
    models_wanted = Signal(object)

    def __init__(self, worker: Worker, tasks: Tasks, actions: ViewActions, models: StoredModels) -> None:
        super().__init__()
        self._models = models
        self._worker = worker
        self._tasks = tasks
        self._actions = actions
        self.loader = PageLoader(worker)
        self.review = Review(worker, tasks, self.loader)
        self._job: int | None = None
        self._job_state = JobState.WAITING
        self._pages = PageList()
        self._page = 0
        self._generation = 0
        self._shown: tuple[int, int] | None = None  # job and page of the picture on the screen
        self._read: tuple[int, int] | None = None  # job and page of the text on the screen
        self._listening: list[list[PageFinished]] = []
        self._chosen = False  # the user went to a page: nothing else may
        self._places: dict[int, int] = {}  # the pages chosen, by job

        self.picture = PictureView()
        self.result = ResultView()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.picture)
        self.splitter.addWidget(self.result)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([500, 500])
        self.picture.setMinimumWidth(220)
        self.result.setMinimumWidth(240)
        self.bar = PageBar(
            actions.back,
            actions.forward,
            actions.follow,
            [actions.failed, actions.degraded, actions.noted],
            [actions.zoom_out, actions.zoom_in, actions.fit_width, actions.fit_page, actions.marks],
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.splitter, 1)

        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(SHARPEN_MS)
        self._sharpen.timeout.connect(self._fetch_sharper)
        self.picture.zoomed.connect(self._zoomed)
        self.picture.stepped.connect(self.step)
        self.bar.page_chosen.connect(self.go_to)
        self.result.retry_wanted.connect(lambda: self._job is not None and self.retry_wanted.emit(self._job))
        self.result.again_wanted.connect(self.recognise_again)
        self.result.models_wanted.connect(self.models_wanted)
        models.changed.connect(self._model_changed)
        self.picture.set_menu([actions.copy_page, actions.again])
        self.result.text.set_menu([actions.again])
        actions.bind(self)
        self._show_place()

    # --- which page -----------------------------------------------------------------------------------------

    @property
    def job(self) -> int | None:
        """The job shown."""
        return self._job

    @property
    def page(self) -> int:
        """The page shown, from 0."""
        return self._page

    def show_job(self, view: JobView | None) -> None:
        """Show another document, at the page the user last went to in it, or its first."""
        job = view.job if view is not None else None
        if job == self._job:
            return
        if self._job is not None and self._chosen:
            self._places[self._job] = self._page
        self._job = job
        self._pages = PageList()
        self._chosen = job in self._places
        self._page = self._places.get(job, 0) if job is not None else 0
        if view is not None:
            self._job_state = view.state
            self._tasks.start(self._learn_pages(view.job))
        self._reload()

    def job_changed(self, view: JobView) -> None:
        """The job may have come to know its pages, or have put failed ones back in line."""
        if view.job != self._job:
            return
        grown = view.pages_total != len(self._pages)
        failed = view.pages_failed != len(self._pages.failed())
        noted = view.pages_noted != len(self._pages.noted()) or view.pages_partial != len(self._pages.partial())
        again = view.pages_done + view.pages_failed < self._pages.finished  # pages are being read anew
        turned = view.state is not self._job_state
        self._job_state = view.state
        if grown or turned or failed or again or noted:
            self._tasks.start(self._learn_pages(view.job))

    def page_finished(self, event: PageFinished) -> None:
        """A page was finished: show it, if it is the one looked at or followed."""
        self.loader.forget(event.job, event.page)  # it may have been turned upright
        if event.job != self._job:
            return
        known = self._page in self._pages  # as long as the pages are being asked for, it may be done already
        self._pages.finish(event)
        for heard in self._listening:
            heard.append(event)
        waiting = known and self._pages.state(self._page) in (PageState.WAITING, PageState.WORKING)
        if self._actions.follow.isChecked() or (not self._chosen and waiting):
            self._turn_to(event.page)
        elif event.page == self._page:
            self._reload()
        else:
            self._show_place()

    def go_to(self, page: int) -> None:
        """The user wants a page."""
        self._chosen = True
        self._actions.follow.setChecked(False)
        self._turn_to(self._pages.nearest(page))

    def step(self, by: int) -> None:
        """The user wants a page further on or back."""
        self.go_to(self._pages.step(self._page, by))

    def go_to_end(self, last: bool) -> None:
        """The user wants the first or the last page."""
        self.go_to(self._pages.last if last else self._pages.first)

    def go_to_noted(self) -> None:
        """The user wants the next page of which something was left out."""
        page = self._pages.next_noted(self._page)
        if page is not None:
            self.go_to(page)

    def go_to_failed(self) -> None:
        """The user wants the next page that failed."""
        page = self._pages.next_failed(self._page)
        if page is not None:
            self.go_to(page)

    def go_to_degraded(self) -> None:
        """The user wants the next page with less detail."""
        page = self._pages.next_degraded(self._page)
        if page is not None:
            self.go_to(page)

    def recognise_again(self) -> None:
        """The user wants the page read anew."""
        if self._job is not None and self._actions.again.isEnabled():
            self.again_wanted.emit(self._job, [self._page])

    def _turn_to(self, page: int) -> None:
        if page != self._page:
            self._page = page
            self._reload()
        else:
            self._show_place()

    async def _learn_pages(self, job: int) -> None:
        heard: list[PageFinished] = []
        self._listening.append(heard)
        try:
            pages = await self._worker.ask(lambda session: session.pages(job))
        finally:
            self._listening.remove(heard)
        if job != self._job:
            return
        before = self._pages.view(self._page)
        self._pages = PageList(pages)
        # Events may overtake the answer: what was heard meanwhile is not to be forgotten.
        for event in heard:
            if event.job == job and event.page in self._pages:
                self._pages.finish(event)
        if self._page not in self._pages:
            self._page = self._pages.nearest(self._page)
        if before != self._pages.view(self._page):
            self._reload()
        else:
            self._show_place()

    def _show_place(self) -> None:
        pages, actions = self._pages, self._actions
        there = self._job is not None and len(pages) > 0
        self.looked_at.emit(self._job, self._page if there else None)
        self.bar.show_page(self._page, pages.first, pages.last, len(pages))
        several = len(pages) > 1
        actions.back.setEnabled(several and self._page > pages.first)
        actions.forward.setEnabled(several and self._page < pages.last)
        actions.first.setEnabled(actions.back.isEnabled())
        actions.last.setEnabled(actions.forward.isEnabled())
        failed = len(pages.failed())
        actions.failed.setVisible(failed > 0)
        words = self.tr("1 page failed") if failed == 1 else self.tr("{n} pages failed").format(n=failed)
        actions.failed.setIconText(icons.beside(words))
        less = len(pages.degraded())
        actions.degraded.setVisible(less > 0)
        actions.degraded.setIconText(icons.beside(self.tr("{n} with less detail").format(n=less)))
        noted = len(pages.noted())
        actions.noted.setVisible(noted > 0)
        actions.noted.setIconText(icons.beside(self.tr("{n} incomplete").format(n=noted)))
        finished = pages.state(self._page) in (PageState.DONE, PageState.FAILED)
        actions.again.setEnabled(there and finished)
        actions.follow.setEnabled(several and self._job_state is JobState.RUNNING)

    # --- bringing it to the screen --------------------------------------------------------------------------

    def _reload(self) -> None:
        self._generation += 1
        self._show_place()
        if self._job is None or not len(self._pages):
            self._shown = None
            self.picture.show_words("")
            self._read = None
            self.result.show_words("loader", "")
            return
        kept = self.loader.kept(self._job, self._page, 1)
        if kept is not None:
            self._put_picture(kept)
        elif self._shown != (self._job, self._page):
            self._shown = None
            self.picture.show_words(self.tr("Loading page {page}…").format(page=self._page + 1))
        self.picture.mark_lines(None)  # those of another page, or of one that is read again
        self._say_state()
        self._tasks.start(self._load(self._job, self._page, self._generation))

    def _say_state(self) -> None:
        view = self._pages.view(self._page)
        state = view.state if view is not None else PageState.WAITING
        if state is PageState.FAILED:
            self.result.show_failure(str((view and view.error) or ""))
        elif state in READABLE:
            if self._read == (self._job, self._page) and self.result.shows_text:
                return  # more of the same page: what is there stays until it is there
            self.result.show_words("loader", self.tr("Loading the text…"))
        elif self._job_state in (JobState.PAUSED, JobState.CANCELLED):
            self.result.show_words(
                "circle-pause", self.tr("Not read yet"), self.tr("Go on with this document to read the page.")
            )
        else:
            self.result.show_words(
                "scan-text", self.tr("Not read yet"), self.tr("The text appears here as soon as it is ready.")
            )

    async def _load(self, job: int, page: int, generation: int) -> None:
        # The text first: it comes from the ledger at once, the picture may have to wait for its turn.
        loaded = None
        if self._pages.state(page) in READABLE:
            loaded = await self.loader.result(job, page)
            if loaded is not None and generation == self._generation:
                view = self._pages.view(page)
                self._read = (job, page)
                self.review.show(job, page, loaded)
                self.result.show_result(loaded, view.degraded if view is not None else "", self._installed())
                if any(note.code == LEFT_OUT for note in loaded.result.notes) and not self._models.known:
                    self._models.learn()
        await self._load_picture(job, page, generation)
        if loaded is not None and generation == self._generation:
            self.picture.mark_lines(loaded.result)

    async def _load_picture(self, job: int, page: int, generation: int) -> None:
        async with self.loader.line:  # turning many pages fast asks for the last one only
            if generation != self._generation:
                return
            width, height = self.picture.wanted_pixels()
            # An earlier call may have fetched it just now, and found itself outdated.
            kept = self.loader.kept(job, page, width)
            try:
                picture = kept or await self.loader.picture(job, page, width, height)
            except DesktopOcrError as error:
                if error.code is ErrorCode.CANCELLED:
                    raise
                if generation == self._generation and not self.picture.has_picture:
                    self.picture.show_words(str(error.info))
                return
        if generation == self._generation:
            self._put_picture(picture)

    def _put_picture(self, loaded: LoadedPicture) -> None:
        self._shown = None if self._job is None else (self._job, self._page)
        self.picture.show_picture(loaded.picture, loaded.page_width, loaded.page_height)
        self.bar.show_zoom(self.picture.factor)

    def _zoomed(self, factor: float) -> None:
        self.bar.show_zoom(factor)
        self._sharpen.start()

    def _fetch_sharper(self) -> None:
        if self._job is not None and self.picture.has_picture:
            self._tasks.start(self._load_picture(self._job, self._page, self._generation))

    def _installed(self) -> list[Feature]:
        """Features that a model is there for."""
        return [
            feature
            for feature in Feature
            if any(model.state is StoreState.INSTALLED for model in self._models.of_feature(feature))
        ]

    def _model_changed(self, model: StoredModel) -> None:
        """What was left out of the page may be had now."""
        if model.state is StoreState.INSTALLED and self.result.notes.left_out.isVisible():
            self._reload()

    def free(self) -> None:
        """Give back the memory of the pictures not shown."""
        self.loader.clear()
