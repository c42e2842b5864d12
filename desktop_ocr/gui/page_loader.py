"""Fetches pages for the screen: pictures decoded off the window's thread, results as text, a few kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QImage, QPixmap

from desktop_ocr.gui.decoding import decode, ready_decoders
from desktop_ocr.gui.fit import GRAIN, MOST_PIXELS, WantedPart
from desktop_ocr.gui.line_rows import Row, page_rows
from desktop_ocr.gui.page_html import PageHtml, page_html
from desktop_ocr.gui.page_marks import PageMarks, page_marks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import PageVersion
from desktop_ocr.schema.results import Box, PageResult
from desktop_ocr.text.plain import plain_text

KEPT_BYTES = 32_000_000  # of pictures: the window is to stay small
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class LoadedPicture:
    """A picture of a page or of a region (0 to 1) of it, and the page's size in points."""

    picture: QPixmap
    page_width: float
    page_height: float
    asked_width: int
    region: Box = WHOLE

    @property
    def whole_width(self) -> float:
        """How many pixels wide the whole page would be."""
        return self.picture.width() / max(1e-6, self.region[2] - self.region[0])

    @property
    def weight(self) -> int:
        """Bytes that it takes."""
        return self.picture.width() * self.picture.height() * 4


@dataclass(frozen=True)
class LoadedResult:
    """A page's version: as rich text, as plain text, what is drawn of it over its picture, and its lines."""

    version: PageVersion
    page: PageHtml
    plain: str
    marks: PageMarks
    rows: Sequence[Row] = ()

    @property
    def result(self) -> PageResult:
        """The page."""
        return self.version.result


class PageLoader:
    """One request at a time: who waits in line asks again whether it is still wanted."""

    def __init__(self, worker: Worker) -> None:
        ready_decoders()
        self._worker = worker
        self._kept: OrderedDict[tuple[int, int, Box], LoadedPicture] = OrderedDict()
        self._fetching: tuple[int, int] | None = None
        self.line = asyncio.Lock()

    def kept(self, job: int, page: int, width: int) -> LoadedPicture | None:
        """A picture that is here already and sharp enough."""
        loaded = self._kept.get((job, page, WHOLE))
        if loaded is None or loaded.asked_width < min(width, MOST_PIXELS):
            return None
        self._kept.move_to_end((job, page, WHOLE))
        return loaded

    def kept_part(self, job: int, page: int, part: WantedPart) -> LoadedPicture | None:
        """A picture of a part that is here already, has all that is to be seen, and is sharp enough."""
        for key, loaded in reversed(self._kept.items()):
            fits = key[:2] == (job, page) and key[2] != WHOLE
            if fits and part.served_by(loaded.region, loaded.whole_width):
                self._kept.move_to_end(key)
                return loaded
        return None

    @property
    def kept_bytes(self) -> int:
        """What all of them take."""
        return sum(one.weight for one in self._kept.values())

    async def picture(self, job: int, page: int, width: int, height: int) -> LoadedPicture:
        """Fetch a page's picture.

        Raises:
            DesktopOcrError: the file cannot be read.
        """
        return await self._fetch(job, page, coarse(width), coarse(height), None)

    async def part(self, job: int, page: int, part: WantedPart) -> LoadedPicture:
        """Fetch a picture of a part of a page.

        Raises:
            DesktopOcrError: the file cannot be read.
        """
        return await self._fetch(job, page, *part.pixels, part.region)

    async def image(self, job: int, page: int, width: int, height: int, region: Box | None = None) -> QImage:
        """A picture of a page, or of a part (0 to 1) of it, for somebody else; it is not kept.

        Raises:
            DesktopOcrError: the file cannot be read.
        """
        answer = await self._worker.ask(lambda session: session.picture(job, page, width, height, region))
        return await asyncio.to_thread(decode, answer.data)

    async def _fetch(self, job: int, page: int, width: int, height: int, region: Box | None) -> LoadedPicture:
        self._fetching = (job, page)
        answer = await self._worker.ask(lambda session: session.picture(job, page, width, height, region))
        image = await asyncio.to_thread(decode, answer.data)
        loaded = LoadedPicture(QPixmap.fromImage(image), answer.page_width, answer.page_height, width, region or WHOLE)
        if self._fetching != (job, page):
            return loaded  # it was drawn before the page was read: the page may stand upright now
        key = (job, page, loaded.region)
        self._kept[key] = loaded
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and self.kept_bytes > KEPT_BYTES:
            self._kept.popitem(last=False)
        return loaded

    async def result(self, job: int, page: int) -> LoadedResult | None:
        """Fetch a page's text; None where it was not read yet."""
        version = await self._worker.ask(lambda session: session.version(job, page))
        return None if version is None else await self.prepared(version)

    async def prepared(self, version: PageVersion) -> LoadedResult:
        """A version as it is shown; made off the window's thread."""
        result = version.result

        def made() -> LoadedResult:
            rows = page_rows(result)
            return LoadedResult(version, page_html(result), plain_text(result), page_marks(result), rows)

        return await asyncio.to_thread(made)

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
