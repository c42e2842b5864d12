"""Small pictures of documents for the list, fetched as they come into view."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from desktop_ocr.gui.decoding import decode
from desktop_ocr.gui.job_delegate import THUMBNAIL
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import HostEnded, HostStarted, PageFinished
from desktop_ocr.schema.memory import HostRole

# None of these says that there is no picture: it was not begun, or broken off.
_PUT_OFF = frozenset({ErrorCode.FREED, ErrorCode.CANCELLED, ErrorCode.MEMORY_SHORT, ErrorCode.NO_SERVICE})
MOST_TRIES = 3  # a document that the host dies of is not to kill every host


class _LaterError(Exception):
    """There is no picture now, and there will be one."""


class Thumbnails(QObject):
    """Asks for thumbnails one after another, and only while a document host runs anyway.

    A list of old documents must not start a process of a hundred megabytes just to look nice.
    """

    def __init__(self, worker: Worker, tasks: Tasks, model: JobModel, window: QWidget) -> None:
        super().__init__(window)
        self._worker = worker
        self._tasks = tasks
        self._model = model
        self._window = window
        self._hosts: set[int] = set()
        self._started = 0
        self._tries: dict[int, int] = {}  # in vain, by job
        self._first: dict[int, int] = {}  # the page whose picture was asked for, by job
        self._wanted: dict[int, None] = {}
        self._fetching = False
        model.thumbnail_wanted.connect(self._want)

    def host_changed(self, event: HostStarted | HostEnded) -> None:
        """A host came or went."""
        if event.role is not HostRole.DOCUMENT:
            return
        if isinstance(event, HostStarted):
            self._hosts.add(event.pid)
            self._started += 1
            self._start()
        else:
            self._hosts.discard(event.pid)

    def page_finished(self, event: PageFinished) -> None:
        """The first page may have been turned upright."""
        if event.page == self._first.get(event.job, 0):
            self._model.forget_thumbnail(event.job)

    def free(self, shown: Sequence[int]) -> None:
        """Give back the memory of all but some documents' pictures."""
        self._model.drop_thumbnails(shown)

    def _want(self, job: int) -> None:
        self._wanted[job] = None
        self._start()

    def _start(self) -> None:
        if self._wanted and self._hosts and not self._fetching:
            self._fetching = True
            self._tasks.start(self._fetch())

    async def _fetch(self) -> None:
        try:
            while self._wanted and self._hosts:
                job = next(iter(self._wanted))
                del self._wanted[job]
                started = self._started
                try:
                    self._model.set_thumbnail(job, await self._one(job))
                    self._tries.pop(job, None)
                except _LaterError:
                    self._wanted[job] = None
                    if started == self._started:
                        # It is drawn when another document host is there: the one of before is going, or gone, and
                        # to ask now would start one.
                        self._hosts.clear()
        finally:
            self._fetching = False

    async def _one(self, job: int) -> QPixmap | None:
        ratio = self._window.devicePixelRatioF()
        width, height = round(THUMBNAIL.width() * ratio), round(THUMBNAIL.height() * ratio)
        try:
            pages = await self._worker.ask(lambda session: session.pages(job))
            first = self._first[job] = pages[0].page if pages else 0
            picture = await self._worker.ask(lambda session: session.picture(job, first, width, height))
            return QPixmap.fromImage(decode(picture.data))
        except DesktopOcrError as error:
            self._tries[job] = self._tries.get(job, 0) + error.retryable
            if error.code in _PUT_OFF or (error.retryable and self._tries[job] < MOST_TRIES):
                raise _LaterError from error
            return None  # the row shows an icon, and the page itself says what is wrong
