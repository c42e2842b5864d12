"""Brings the page looked at to the screen: its text, its picture, the parts of it that are seen large."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_ocr.gui.page_loader import KEPT_BYTES, WHOLE, LoadedPicture, PageLoader
from desktop_ocr.gui.page_walk import PageWalk
from desktop_ocr.gui.picture_view import PictureView
from desktop_ocr.gui.result_view import ResultView
from desktop_ocr.gui.review import Review
from desktop_ocr.gui.stored_models import StoredModels
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import PageEdited
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.model_store import StoredModel, StoreState
from desktop_ocr.schema.results import LEFT_OUT

SHARPEN_MS = 30  # after the last step of a zoom or a scroll
PREFETCH_MS = 250  # of rest, before the pages on both sides are fetched
EDITED_MS = 60  # what this window changed itself is on its way here anyway
READABLE = (PageState.DONE, PageState.PARTIAL)


class PageFetch(QObject):
    """Fetches what `PageWalk` looks at, and puts it into the two views.

    Signals:
        shown: a picture is on the screen, or a sharper one of the same page.
        lost: a picture cannot be had, with the `ErrorInfo`: the document's file is gone, say.
    """

    shown = Signal()
    lost = Signal(object)

    def __init__(
        self,
        tasks: Tasks,
        walk: PageWalk,
        loader: PageLoader,
        review: Review,
        picture: PictureView,
        result: ResultView,
        models: StoredModels,
    ) -> None:
        super().__init__(picture)  # its timers end with what they are for
        self._tasks = tasks
        self._walk = walk
        self._loader = loader
        self._review = review
        self._picture = picture
        self._result = result
        self._models = models
        self._generation = 0
        self._shown: tuple[int, int] | None = None  # job and page of the picture on the screen
        self._read: tuple[int, int] | None = None  # job and page of the text beside it
        self._edited: PageEdited | None = None
        self._sharpen = self._timer(SHARPEN_MS, self._fetch_sharper)
        self._idle = self._timer(PREFETCH_MS, self._fetch_neighbours)
        self._rest = self._timer(EDITED_MS, self._take_edit)
        picture.moved.connect(self._sharpen.start)
        review.page_changed.connect(self._show_text)
        models.changed.connect(self._model_changed)

    def _timer(self, interval: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(act)
        return timer

    # --- another page ---------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Bring the page looked at to the screen: what is kept of it at once, the rest as it comes."""
        self._generation += 1
        self._idle.stop()
        walk, review = self._walk, self._review
        job, page = walk.job, walk.page
        if job is None or not walk.there:
            self._shown = self._read = None
            review.show(None, 0, None)
            self._picture.show_words("")
            self._result.show_words("loader", "")
            return
        readable = walk.pages.state(page) in READABLE
        if (job, page) != (review.job, review.page) or not readable:
            review.show(job, page, None)
        if self._shown != (job, page):
            self._picture.show_part(None)
        kept = self._loader.kept(job, page, 1)
        if kept is not None:
            self._put_picture(kept)
        elif self._shown != (job, page):
            self._shown = None
            self._picture.show_words(self.tr("Loading page {page}…").format(page=page + 1))
        self._picture.mark(None)  # what is drawn is of another page, or of one that is read again
        self._say_state()
        if readable:
            self._tasks.start(self._load_text(job, page, self._generation))
        self._tasks.start(self._load_picture(job, page, self._generation))

    def renew_picture(self) -> None:
        """The document's file is there again, or another one: pictures of before are not right."""
        if self._walk.job is not None:
            self._loader.forget(self._walk.job)
            self._shown = None
            self.reload()

    # --- text -----------------------------------------------------------------------------------------------

    def _say_state(self) -> None:
        walk = self._walk
        view = walk.pages.view(walk.page)
        state = view.state if view is not None else PageState.WAITING
        if state is PageState.FAILED:
            self._result.show_failure(str((view and view.error) or ""))
        elif state in READABLE:
            if self._read == (walk.job, walk.page) and self._result.shows_text:
                return  # more of the same page: what is there stays until it is there
            self._result.show_words("loader", self.tr("Loading the text…"))
        elif walk.job_state in (JobState.PAUSED, JobState.CANCELLED):
            self._result.show_words(
                "circle-pause", self.tr("Not read yet"), self.tr("Go on with this document to read the page.")
            )
        else:
            self._result.show_words(
                "scan-text", self.tr("Not read yet"), self.tr("The text appears here as soon as it is ready.")
            )

    async def _load_text(self, job: int, page: int, generation: int) -> None:
        answered, loaded = -1, None
        while loaded is None or answered != self._review.answered:  # what was edited meanwhile may not be in it
            answered = self._review.answered
            loaded = await self._loader.result(job, page)
            if loaded is None or generation != self._generation:
                return
        self._review.show(job, page, loaded)
        if any(note.code == LEFT_OUT for note in loaded.result.notes) and not self._models.known:
            self._models.learn()

    def _show_text(self) -> None:
        """The review has another version of the page: an edited one, say."""
        review, walk = self._review, self._walk
        if review.loaded is not None and (review.job, review.page) == (walk.job, walk.page):
            view = walk.pages.view(walk.page)
            self._read = (review.job or 0, review.page)
            self._result.show_result(review.loaded, view.degraded if view is not None else "", self._installed())

    def page_edited(self, event: PageEdited) -> None:
        """A page was changed, here or by what changes many pages (replacing, say)."""
        if (event.job, event.page) == (self._walk.job, self._walk.page):
            self._edited = event
            self._rest.start()

    def _take_edit(self) -> None:
        event, self._edited = self._edited, None
        version = self._review.version
        here = event is not None and (event.job, event.page) == (self._walk.job, self._walk.page)
        if event is not None and here and version is not None and version.number != event.version:
            self._review.renew()

    def _installed(self) -> Sequence[Feature]:
        """Features that a model is there for."""
        return [
            feature
            for feature in Feature
            if any(model.state is StoreState.INSTALLED for model in self._models.of_feature(feature))
        ]

    def _model_changed(self, model: StoredModel) -> None:
        """What was left out of the page may be had now."""
        if model.state is StoreState.INSTALLED and self._result.notes.left_out.isVisible():
            self.reload()

    # --- pictures -------------------------------------------------------------------------------------------

    async def _load_picture(self, job: int, page: int, generation: int) -> None:
        async with self._loader.line:  # turning many pages fast asks for the last one only
            if generation != self._generation:
                return
            part = self._picture.wanted_part() if self._shown == (job, page) else None
            try:
                if part is not None:
                    loaded = self._loader.kept_part(job, page, part) or await self._loader.part(job, page, part)
                else:
                    width, height = self._picture.wanted_pixels()
                    # An earlier call may have fetched it just now, and found itself outdated.
                    kept = self._loader.kept(job, page, width)
                    loaded = kept or await self._loader.picture(job, page, width, height)
            except DesktopOcrError as error:
                if error.code is ErrorCode.CANCELLED:
                    raise
                if generation == self._generation and not self._picture.has_picture:
                    self.lost.emit(error.info)
                return
        if generation == self._generation:
            self._put_picture(loaded)

    def _put_picture(self, loaded: LoadedPicture) -> None:
        picture, job = self._picture, self._walk.job
        if loaded.region != WHOLE:
            picture.show_part(loaded.picture, loaded.region)
        else:
            first = self._shown != (job, self._walk.page)
            self._shown = None if job is None else (job, self._walk.page)
            picture.show_picture(loaded.picture, loaded.page_width, loaded.page_height)
            if first and picture.wanted_part() is not None:
                self._sharpen.start()
        self.shown.emit()
        self._idle.start()

    def _fetch_sharper(self) -> None:
        """The zoom, or what is seen of the page, is another one."""
        job, page = self._walk.job, self._walk.page
        if job is None or self._shown != (job, page) or not self._picture.has_picture:
            return
        part = self._picture.wanted_part()
        if part is None:
            self._picture.show_part(None)
            if self._loader.kept(job, page, self._picture.wanted_pixels()[0]) is None:
                self._tasks.start(self._load_picture(job, page, self._generation))
            return
        kept = self._loader.kept_part(job, page, part)
        if kept is not None:
            self._put_picture(kept)
        else:
            self._tasks.start(self._load_picture(job, page, self._generation))

    def _fetch_neighbours(self) -> None:
        if self._walk.follows():
            return  # nobody leafs, and what is read next may be turned upright
        self._tasks.start(self._prefetch(self._walk.job, self._walk.page, self._generation))

    async def _prefetch(self, job: int | None, page: int, generation: int) -> None:
        """The next page, and the one before: turning is at once then. Only as many as can be kept."""
        kept = self._loader.kept(job, page, 1) if job is not None else None
        if job is None or kept is None:
            return
        pages = self._walk.pages
        for number, neighbour in enumerate((pages.step(page, 1), pages.step(page, -1)), start=2):
            async with self._loader.line:
                if generation != self._generation or number * kept.weight > KEPT_BYTES:
                    return
                wanted = min(self._picture.wanted_pixels()[0], kept.asked_width)
                if neighbour == page or self._loader.kept(job, neighbour, wanted) is not None:
                    continue
                try:
                    await self._loader.picture(job, neighbour, *self._picture.wanted_pixels())
                except DesktopOcrError as error:
                    if error.code is ErrorCode.CANCELLED:
                        raise
                    return  # it is told of when the page is looked at
                self._loader.kept(job, page, 1)  # the page looked at is the last one to go

    def free(self) -> None:
        """Give back the memory of the pictures not shown, and fetch none of them again by itself."""
        self._idle.stop()
        self._loader.clear()
