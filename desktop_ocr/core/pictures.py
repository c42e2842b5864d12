"""Pictures of pages for the screen, made by the document host."""

from __future__ import annotations

import asyncio

from desktop_ocr.core.api import PagePicture
from desktop_ocr.core.job import Job, file_stamp
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.runtime import RuntimeFolder, read_plain
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.document_messages import MakePicture, Picture
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import Box

MOST_BYTES, SPARE_BYTES = 4, 1_000_000
"""Of an encoded picture, for each of its pixels, and in any case."""


class PictureMaker:
    """Asks the document host for pictures, which cross as files in `folder`."""

    def __init__(self, live: LiveSettings, reader: HostSlot, opener: Opener, folder: RuntimeFolder) -> None:
        """Ask `reader`; `opener` knows whether a file is still the one whose pages were read."""
        self._live = live
        self._reader = reader
        self._opener = opener
        self._folder = folder

    async def of_page(
        self, job: Job, page: int, box: tuple[int, int], rotation: int, region: Box | None = None
    ) -> PagePicture:
        """A picture of a job's page, or of a part of it, fitting a box in pixels.

        Args:
            job, page: which.
            box: width and height.
            rotation: degrees clockwise to turn the page as displayed.
            region: of the turned page, in parts of its sides; None for all of it.

        Raises:
            DesktopOcrError: NOT_FOUND; FILE_CHANGED: there is no picture beside the text of another file; or the file
                cannot be read for other reasons.
        """
        if job.info is not None:
            await self._opener.check_unchanged(job)
        picture = await self._make(job, page, box, rotation, region)
        if job.info is not None and await asyncio.to_thread(file_stamp, job.path) != job.stamp:
            await self._opener.check_unchanged(job)  # it may have changed while it was drawn
        return picture

    async def _make(self, job: Job, page: int, box: tuple[int, int], rotation: int, region: Box | None) -> PagePicture:
        file = self._folder.new_file(".picture")
        request = MakePicture(job.source, page, *box, rotation, picture_path=str(file), region=region)
        try:
            made = await self._reader.ask(request, Picture, self._live.now.picture_seconds)
            data = await asyncio.to_thread(read_plain, file, made.width * made.height * MOST_BYTES + SPARE_BYTES)
        except OSError as error:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The page's picture is missing.") from error
        finally:
            await asyncio.to_thread(file.unlink, missing_ok=True)
        return PagePicture(data, made.width, made.height, made.page_width, made.page_height)
