"""Pictures of pages for the screen, made by the document host."""

from __future__ import annotations

import asyncio
import math

from desktop_ocr.core.api import PagePicture
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.document_messages import MakePicture, Picture, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode


class PictureMaker:
    """Asks the document host for pictures, which cross as files in `folder`."""

    def __init__(self, live: LiveSettings, reader: HostSlot, folder: RuntimeFolder) -> None:
        """Ask `reader`."""
        self._live = live
        self._reader = reader
        self._folder = folder

    async def make(self, source: Source, page: int, max_width: int, max_height: int, rotation: int) -> PagePicture:
        """A page's picture, turned by `rotation` degrees clockwise, fitting the box in pixels.

        Raises:
            DesktopOcrError: the file cannot be read (any more).
        """
        file = self._folder.new_file(".picture")
        request = MakePicture(source, page, max_width, max_height, rotation, picture_path=str(file))
        try:
            made = await self._reader.ask(request, Picture, self._live.now.picture_seconds)
            data = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The page's picture is missing.") from error
        finally:
            await asyncio.to_thread(file.unlink, missing_ok=True)
        if not all(math.isfinite(side) and side > 0 for side in (made.page_width, made.page_height)):
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a page size that cannot be.")
        return PagePicture(data, made.width, made.height, made.page_width, made.page_height)
