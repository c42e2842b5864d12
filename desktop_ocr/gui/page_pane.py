"""The page being looked at: picture and text side by side, and what the user does with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from desktop_ocr.gui import icons
from desktop_ocr.gui.legend import Legend
from desktop_ocr.gui.overlays import Overlay
from desktop_ocr.gui.page_bar import PageBar
from desktop_ocr.gui.page_fetch import PageFetch
from desktop_ocr.gui.page_loader import PageLoader
from desktop_ocr.gui.page_strip import PageStrip
from desktop_ocr.gui.page_walk import PageWalk
from desktop_ocr.gui.picture_menu import PictureMenu
from desktop_ocr.gui.picture_places import PicturePlaces
from desktop_ocr.gui.picture_view import PictureView
from desktop_ocr.gui.result_view import ResultView
from desktop_ocr.gui.review import Review
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.view_actions import ViewActions
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.events import PageEdited, PageFinished
from desktop_ocr.schema.jobs import JobState, JobView, PageState

LOST = (ErrorCode.NOT_FOUND, ErrorCode.FILE_CHANGED)  # the user may know where the file is


class PagePane(QWidget):
    """Picture and text of one page of one job. What is looked at on the page, and its edits, are `review`'s.

    Others add what they can do with a block to the context menu of the picture: `add_block_actions`.

    Signals:
        retry_wanted: the number of a job whose failed pages are to be tried again.
        again_wanted: a job and a list of its pages that are to be recognised again.
        looked_at: the job and page now shown, None where there is none.
        models_wanted: the user wants a model for a `Feature`, or None, that a page was done without.
        edit_wanted: the text of `review.place` is to be edited.
        region_chosen: a `Box` in the pixels of the page's result, or None: what is selected on the picture (`region`).
        region_again_wanted: the `Box` that is to be recognised again, with other settings.
        locate_wanted: the number of a job whose file is gone or is another one; `renew_picture` when it is there.
    """

    retry_wanted = Signal(int)
    again_wanted = Signal(int, object)
    looked_at = Signal(object, object)
    models_wanted = Signal(object)
    edit_wanted = Signal()
    region_chosen = Signal(object)
    region_again_wanted = Signal(object)
    locate_wanted = Signal(int)

    def __init__(
        self,
        worker: Worker,
        tasks: Tasks,
        actions: ViewActions,
        models: StoredModels,
        loader: PageLoader,
        review: Review,
        result: ResultView,
    ) -> None:
        super().__init__()
        self._actions = actions
        self._turned: dict[tuple[int, int], int] = {}  # quarters, by job and page: as long as the program runs
        self._at_end = False
        self.loader = loader
        self.review = review
        # With a parent, as the review: what a lambda of ours is connected to would else keep all of this alive.
        self.walk = PageWalk(worker, tasks, self)
        self.picture = PictureView()
        self.legend = Legend()
        self.result = result
        self.strip = PageStrip(tasks, self.loader)
        self.places = PicturePlaces(self.picture, self.review)
        self.fetch = PageFetch(tasks, self.walk, self.loader, self.review, self.picture, self.result, models)
        self.menu = PictureMenu(self.picture, self.places, self.review, self.loader, tasks, actions)
        # Where others put what belongs to a block; see `PictureMenu.add_block_actions`.
        self.add_block_actions = self.menu.add_block_actions
        self.bar = PageBar(
            actions.back,
            actions.forward,
            actions.follow,
            [actions.failed, actions.degraded, actions.noted],
            [actions.zoom_out, actions.zoom_in, actions.fit_width, actions.fit_page],
            actions.shown_actions(),
        )
        self._lay_out()
        self._connect()
        actions.bind(self)
        self._show_place()

    def _lay_out(self) -> None:
        side = QWidget()
        beside = QHBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        below = QVBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.picture, 1)
        below.addWidget(self.legend)
        beside.addWidget(self.strip)
        beside.addLayout(below, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(side)
        self.splitter.addWidget(self.result)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([540, 460])
        self.picture.setMinimumWidth(220)
        self.result.setMinimumWidth(240)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        walk, picture, strip = self.walk, self.picture, self.strip
        walk.follows = self._actions.follow.isChecked
        walk.follow_over.connect(lambda: self._actions.follow.setChecked(False))
        walk.outdated.connect(self._reload)
        walk.place_changed.connect(self._show_place)
        walk.pages_changed.connect(lambda: strip.show_pages(walk.job, walk.pages, walk.page))
        walk.page_changed.connect(strip.page_changed)
        strip.page_chosen.connect(self.go_to)
        self.review.page_changed.connect(self._mark)
        self.fetch.shown.connect(self._mark)
        self.fetch.lost.connect(self._say_lost)
        picture.zoomed.connect(self.bar.show_zoom)
        picture.stepped.connect(self.step)
        picture.wheeled.connect(self._wheeled)
        picture.button_pressed.connect(lambda: self._for_job(self.locate_wanted))
        picture.selecting.chosen.connect(self.region_chosen)
        self.places.edit_wanted.connect(self.edit_wanted)
        self.menu.region_again_wanted.connect(self.region_again_wanted)
        self.menu.edit_wanted.connect(self.edit_wanted)
        self.bar.page_chosen.connect(self.go_to)
        self.result.retry_wanted.connect(lambda: self._for_job(self.retry_wanted))
        self.result.again_wanted.connect(self.recognise_again)
        self.result.models_wanted.connect(self.models_wanted)
        self.result.text.set_menu([self._actions.again, self._actions.again_otherwise])

    def _for_job(self, signal: SignalInstance) -> None:
        if self.job is not None:
            signal.emit(self.job)

    # --- which page -----------------------------------------------------------------------------------------

    @property
    def job(self) -> int | None:
        """The job shown."""
        return self.walk.job

    @property
    def page(self) -> int:
        """The page shown, from 0."""
        return self.walk.page

    @property
    def region(self) -> tuple[float, float, float, float] | None:
        """What is selected on the picture, in the pixels of the page's result."""
        return self.picture.selecting.region

    def show_job(self, view: JobView | None) -> None:
        """Show another document, at the page the user last went to in it, or its first."""
        self.review.set_elsewhere(view.elsewhere if view is not None else "")
        self.walk.show_job(view)

    def job_changed(self, view: JobView) -> None:
        """The job may have come to know its pages, or have put failed ones back in line."""
        if view.job == self.job:
            self.review.set_elsewhere(view.elsewhere)
            self._actions.again.setEnabled(self._can_be_read_again)
        self.walk.job_changed(view)

    def page_finished(self, event: PageFinished) -> None:
        """A page was finished: show it, if it is the one looked at or followed."""
        self.loader.forget(event.job, event.page)  # it may have been turned upright
        self.strip.forget(event.job, event.page)
        self.walk.page_finished(event)

    def page_edited(self, event: PageEdited) -> None:
        """A person has changed a page."""
        self.walk.page_edited(event)
        self.fetch.page_edited(event)

    def go_to(self, page: int) -> None:
        """The user wants a page."""
        self.walk.go_to(page)

    def step(self, by: int) -> None:
        """The user wants a page further on or back."""
        self.walk.step(by)

    def _wheeled(self, by: int) -> None:
        self._at_end = by < 0
        self.walk.step(by)
        self._at_end = False

    def recognise_again(self) -> None:
        """The user wants the page read anew."""
        if self.job is not None and self._actions.again.isEnabled():
            self.again_wanted.emit(self.job, [self.page])

    def renew_picture(self) -> None:
        """The document's file is there again, or another one."""
        if self.job is not None:
            self.strip.forget(self.job)
        self.fetch.renew_picture()

    # --- what is shown of it --------------------------------------------------------------------------------

    def _reload(self) -> None:
        here = (self.job, self.page)
        if here != (self.review.job, self.review.page):
            self.picture.begin_page(at_end=self._at_end)
        self.picture.set_quarters(self._turned.get((self.job, self.page), 0) if self.job is not None else 0)
        self._show_place()
        self.fetch.reload()

    def turn(self, by: int) -> None:
        """See the page turned, by quarters clockwise."""
        if self.job is not None:
            self._turned[self.job, self.page] = (self.picture.quarters + by) % 4
            self.picture.set_quarters(self._turned[self.job, self.page])

    def show_overlays(self, shown: set[Overlay]) -> None:
        """Draw these over the page."""
        self.picture.overlays.show_only(shown)
        self.legend.explain(self.picture.overlays.marks, shown)

    def _mark(self) -> None:
        loaded = self.review.loaded
        here = loaded is not None and (self.review.job, self.review.page) == (self.job, self.page)
        marks = loaded.marks if loaded is not None and here and self.picture.has_picture else None
        if marks is not self.picture.overlays.marks:
            self.picture.mark(marks)
            self.places.renew()
            self.legend.explain(marks, self.picture.overlays.shown)

    def _say_lost(self, error: ErrorInfo) -> None:
        locate = self.tr("&Locate…") if error.code in LOST else ""
        self.picture.show_words(str(error), locate)

    def _show_place(self) -> None:
        walk, actions = self.walk, self._actions
        pages, page = walk.pages, walk.page
        self.looked_at.emit(walk.job, page if walk.there else None)
        self.bar.show_page(page, pages.first, pages.last, len(pages))
        self.strip.show_current(page)
        several = len(pages) > 1
        actions.back.setEnabled(several and page > pages.first)
        actions.forward.setEnabled(several and page < pages.last)
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
        actions.again.setEnabled(self._can_be_read_again)
        actions.follow.setEnabled(several and walk.job_state is JobState.RUNNING)

    @property
    def _can_be_read_again(self) -> bool:
        finished = self.walk.pages.state(self.walk.page) in (PageState.DONE, PageState.FAILED)
        return self.walk.there and finished and not self.review.elsewhere

    def renew_colours(self) -> None:
        """The theme has changed."""
        self.picture.renew_colours()
        self.strip.renew_colours()
        self.legend.update()

    def free(self) -> None:
        """Give back the memory of the pictures not shown."""
        self.fetch.free()
        self.strip.free()
