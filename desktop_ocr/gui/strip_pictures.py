"""Small pictures of a document's pages: only of those in view, the newest wish first, a few hundred kept at most."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QPixmap

from desktop_ocr.gui.page_loader import PageLoader
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

KEPT_BYTES = 6_000_000
# None of these says that there is no picture: it was not begun, or broken off, for memory that is given back.
_PUT_OFF = frozenset({ErrorCode.FREED, ErrorCode.CANCELLED, ErrorCode.MEMORY_SHORT, ErrorCode.NO_SERVICE})
MOST_TRIES = 3  # of a page that hosts die of, or do not draw in time


class StripPictures(QObject):
    """Asks for one picture after another, and goes before nobody: the page looked at comes first.

    Signals:
        come: the picture of a page is here, or is known not to come.
    """

    come = Signal(int)

    def __init__(self, tasks: Tasks, loader: PageLoader) -> None:
        super().__init__()
        self._tasks = tasks
        self._loader = loader
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._bytes = 0
        self._job: int | None = None
        self._size = QSize()
        self._wanted: list[int] = []
        self._refused: set[int] = set()
        self._stale: set[int] = set()  # shown until there is a newer one
        self._tries: dict[int, int] = {}  # in vain, by page
        self._fetching = False
        self._generation = 0  # of pictures: what was asked for before is not right any more

    @property
    def kept(self) -> int:
        """How many are here."""
        return len(self._kept)

    @property
    def kept_bytes(self) -> int:
        """What they take."""
        return self._bytes

    def get(self, page: int) -> QPixmap | None:
        """A page's picture, if it is here."""
        return self._kept.get(page)

    def is_refused(self, page: int) -> bool:
        """Whether there is no picture of a page to be had."""
        return page in self._refused

    def show_job(self, job: int | None) -> None:
        """Another document: none of the pictures is right."""
        if job != self._job:
            self._job = job
            self.clear()

    def want(self, pages: Sequence[int], size: QSize) -> None:
        """These pages are in view now; what was wanted before is not any more.

        Args:
            pages: in order.
            size: of a picture at most, in device pixels.
        """
        before = set(self._wanted)
        self._size = size
        for page in pages:
            if page in self._kept:
                self._kept.move_to_end(page)
        missing = [page for page in pages if self._lacks(page)]
        self._wanted = [page for page in missing if page not in before] + [page for page in missing if page in before]
        if self._wanted and not self._fetching:
            self._fetching = True
            self._tasks.start(self._fetch())

    def _lacks(self, page: int) -> bool:
        return page in self._stale or (page not in self._kept and page not in self._refused)

    def outdate(self, page: int) -> None:
        """A page may stand upright now: its picture is fetched anew when it is in view."""
        self._refused.discard(page)
        self._tries.pop(page, None)
        if page in self._kept:
            self._stale.add(page)

    def forget(self, page: int) -> None:
        """Give back the memory of a picture."""
        self._refused.discard(page)
        self._stale.discard(page)
        picture = self._kept.pop(page, None)
        if picture is not None:
            self._bytes -= _weight(picture)

    def clear(self) -> None:
        """Give the memory back."""
        self._generation += 1
        self._kept.clear()
        self._refused.clear()
        self._tries.clear()
        self._stale.clear()
        self._wanted = []
        self._bytes = 0

    async def _fetch(self) -> None:
        try:
            while self._wanted and self._job is not None:
                async with self._loader.line:
                    if not self._wanted:
                        return
                    job, page, generation = self._job, self._wanted.pop(0), self._generation
                    if not self._lacks(page):
                        continue  # it has come since it was wanted
                    try:
                        image = await self._loader.image(job, page, self._size.width(), self._size.height())
                    except DesktopOcrError as error:
                        if error.code in _PUT_OFF:
                            return  # they are asked for again when the strip is scrolled
                        if generation == self._generation:
                            self._failed(page, error)
                        continue
                if generation == self._generation:
                    self._keep(page, QPixmap.fromImage(image))
        finally:
            self._fetching = False

    def _failed(self, page: int, error: DesktopOcrError) -> None:
        self._tries[page] = self._tries.get(page, 0) + 1
        if error.retryable and self._tries[page] < MOST_TRIES:
            self._wanted.append(page)  # the host died, of another page perhaps
        else:
            self._refused.add(page)  # an icon stands there; the page itself says what is wrong
            self.come.emit(page)

    def _keep(self, page: int, picture: QPixmap) -> None:
        self.forget(page)
        self._tries.pop(page, None)
        self._kept[page] = picture
        self._bytes += _weight(picture)
        while len(self._kept) > 1 and self._bytes > KEPT_BYTES:
            gone, oldest = self._kept.popitem(last=False)
            self._stale.discard(gone)
            self._bytes -= _weight(oldest)
        self.come.emit(page)


def _weight(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
