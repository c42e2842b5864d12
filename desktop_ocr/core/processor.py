"""One page's way from the user's file to a result."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from desktop_ocr.core.job import Job, file_stamp
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.models.pool import EnginePool
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.messages import (
    Arrange,
    Bitmap,
    PreparedPage,
    PreparePage,
    Recognise,
    Recognised,
)
from desktop_ocr.schema.results import PageNote, PageResult, StepCost, check_page_result
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")

BYTES_PER_PIXEL = 3
REFERENCE_PIXELS = 4_000_000  # an A4 page at 200 dpi, which `Settings.page_seconds` is meant for


class PageProcessor:
    """Prepares a page in the document host and recognises it in an engine host."""

    def __init__(self, settings: Settings, reader: HostSlot, pool: EnginePool, folder: RuntimeFolder) -> None:
        """Use the given hosts; bitmaps go through `folder`."""
        self._settings = settings
        self._reader = reader
        self._pool = pool
        self._folder = folder

    async def process(self, job: Job, page: int) -> tuple[PageResult, int]:
        """A page's result, and how many attempts it took.

        A step whose host dies or hangs is tried again in a new host, `Settings.attempts` times in all.

        Raises:
            DesktopOcrError: why there is no result; FILE_CHANGED where the file is no longer the one that was opened.
        """
        options = job.options
        bitmap_file = self._folder.new_file(".rgb")
        request = PreparePage(
            job.source, page, options.dpi, options.max_pixels, options.text_layer, bitmap_path=str(bitmap_file)
        )
        try:
            prepared, tries = await self._try(
                lambda: self._reader.ask(request, PreparedPage, self._settings.prepare_seconds)
            )
            # The document host opens a file that has changed anew: its page is not of the content that is recorded.
            stamp = await asyncio.to_thread(file_stamp, job.path)
            if stamp is not None and stamp != job.stamp:
                raise DesktopOcrError(ErrorCode.FILE_CHANGED, "The file has changed while its pages were read.")
            result, more = await self._try(lambda: self._recognise(page, prepared, str(bitmap_file), options))
        finally:
            await asyncio.to_thread(bitmap_file.unlink, missing_ok=True)
        attempts = tries + more - 1
        return _annotated(result, prepared, attempts), attempts

    async def _recognise(self, page: int, prepared: PreparedPage, path: str, options: JobOptions) -> PageResult:
        async with self._pool.acquire() as slot:
            if not math.isfinite(prepared.seconds):
                raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a time that cannot be.")
            if prepared.layer is not None:
                body: Arrange | Recognise = Arrange(page, prepared.layer)
                deadline = self._settings.page_seconds
            elif prepared.bitmap is not None:
                _check_bitmap(prepared.bitmap, path, options.max_pixels)
                body = Recognise(page, prepared.bitmap, options.orientation)
                pixels = prepared.bitmap.width * prepared.bitmap.height
                deadline = self._settings.page_seconds * max(1.0, pixels / REFERENCE_PIXELS)
            else:
                raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave neither picture nor text.")
            reply = await slot.ask(body, Recognised, deadline)
        try:
            check_page_result(reply.result)
        except ValueError as error:
            log.warning("page %d: refused a result: %s", page + 1, error)
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The engine process gave a result that cannot be.") from error
        if reply.result.page != page:
            raise DesktopOcrError(ErrorCode.PROTOCOL, "The engine process gave another page's result.")
        return reply.result

    async def _try(self, step: Callable[[], Awaitable[T]]) -> tuple[T, int]:
        for attempt in range(1, self._settings.attempts + 1):
            try:
                return await step(), attempt
            except DesktopOcrError as error:
                if not error.retryable or attempt == self._settings.attempts:
                    raise
                log.warning("attempt %d failed (%s), trying again", attempt, error.code)
        raise AssertionError("at least one attempt is made")


def _check_bitmap(bitmap: Bitmap, path: str, max_pixels: int) -> None:
    """Refuse what the document host must not have said: it parses hostile files."""
    if bitmap.path != path or not math.isfinite(bitmap.dpi) or not 1 <= bitmap.dpi <= 10_000:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a picture that cannot be.")
    if bitmap.width * bitmap.height > max_pixels * 1.05:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The document process gave a picture over the limit.")


def _annotated(result: PageResult, prepared: PreparedPage, attempts: int) -> PageResult:
    steps = (StepCost("prepare", prepared.seconds, 0.0), *result.steps)
    notes = result.notes
    if attempts > 1:
        text = f"This page took {attempts} attempts, because a process ended while working on it."
        notes = (*notes, PageNote("attempts", text))
    return msgspec.structs.replace(result, steps=steps, notes=notes)
