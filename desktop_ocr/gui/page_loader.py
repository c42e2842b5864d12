"""Fetches pages for the screen: pictures decoded off the window's thread, results as text, a few kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QBuffer
from PySide6.QtGui import QImage, QImageReader, QPixmap

from desktop_ocr.gui.page_html import PageHtml, page_html
from desktop_ocr.gui.words import tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import PageVersion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.plain import plain_text

KEPT_BYTES = 32_000_000  # of pictures: the window is to stay small
MOST_PIXELS = 3000
GRAIN = 256  # pictures are asked for in steps of this, so that each resizing does not fetch one anew


@dataclass(frozen=True)
class LoadedPicture:
    """A page's picture and its size in points."""

    picture: QPixmap
    page_width: float
    page_height: float
    asked_width: int


@dataclass(frozen=True)
class LoadedResult:
    """A page's version, as rich text and as plain text."""

    version: PageVersion
    page: PageHtml
    plain: str

    @property
    def result(self) -> PageResult:
        """The page."""
        return self.version.result


class PageLoader:
    """One request at a time: who waits in line asks again whether it is still wanted."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._kept: OrderedDict[tuple[int, int], LoadedPicture] = OrderedDict()
        self._fetching: tuple[int, int] | None = None
        self.line = asyncio.Lock()

    def kept(self, job: int, page: int, width: int) -> LoadedPicture | None:
        """A picture that is here already and sharp enough."""
        loaded = self._kept.get((job, page))
        if loaded is None or loaded.asked_width < min(width, MOST_PIXELS):
            return None
        self._kept.move_to_end((job, page))
        return loaded

    async def picture(self, job: int, page: int, width: int, height: int) -> LoadedPicture:
        """Fetch a page's picture.

        Raises:
            DesktopOcrError: the file cannot be read.
        """
        width, height = coarse(width), coarse(height)
        self._fetching = (job, page)
        answer = await self._worker.ask(lambda session: session.picture(job, page, width, height))
        image = await asyncio.to_thread(decode, answer.data)
        loaded = LoadedPicture(QPixmap.fromImage(image), answer.page_width, answer.page_height, width)
        if self._fetching != (job, page):
            return loaded  # it was drawn before the page was read: the page may stand upright now
        self._kept[job, page] = loaded
        self._kept.move_to_end((job, page))
        while len(self._kept) > 1 and sum(_weight(one.picture) for one in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)
        return loaded

    async def result(self, job: int, page: int) -> LoadedResult | None:
        """Fetch a page's text; None where it was not read yet."""
        version = await self._worker.ask(lambda session: session.version(job, page))
        return None if version is None else await self.prepared(version)

    async def prepared(self, version: PageVersion) -> LoadedResult:
        """A version as it is shown; made off the window's thread."""
        result = version.result
        return await asyncio.to_thread(lambda: LoadedResult(version, page_html(result), plain_text(result)))

    def forget(self, job: int, page: int | None = None) -> None:
        """Pictures of a job, or one of its pages, are no longer right; nor is one that is on its way."""
        if self._fetching is not None and self._fetching[0] == job and page in (None, self._fetching[1]):
            self._fetching = None
        for key in [key for key in self._kept if key[0] == job and page in (None, key[1])]:
            del self._kept[key]

    def clear(self) -> None:
        """Give the memory back."""
        self._kept.clear()


def coarse(pixels: int) -> int:
    """A size rounded up to the next step."""
    return min(MOST_PIXELS, -(-pixels // GRAIN) * GRAIN)


def decode(data: bytes) -> QImage:
    """Decode a picture; not for the window's thread.

    Raises:
        DesktopOcrError: it is not one.
    """
    buffer = QBuffer()
    buffer.setData(data)
    # Not QImage.fromData: it keeps Python's lock while it decodes (250 ms for 20 megapixels), which stops the window.
    image = QImageReader(buffer).read()
    if image.isNull():
        raise DesktopOcrError(ErrorCode.DAMAGED, tr("The page's picture cannot be shown."))
    # The screen's own format, which pictures in colour have already: what is left to do in the window's thread is
    # a copy.
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _weight(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
