"""Another reading of a page, or of a rectangle of it, that is compared with what is there and stored by nobody."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import msgspec

from desktop_ocr.core.engine_work import Effort
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.page_regions import part_of, placed
from desktop_ocr.core.processor import WHOLE, PagePart, PageProcessor
from desktop_ocr.core.recorder import NOT_THE_STAGES_FAULT
from desktop_ocr.core.stage_notes import given_up, left_out
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.jobs import JobOptions, TextLayerMode
from desktop_ocr.schema.results import Box, PageResult

log = logging.getLogger(__name__)

LONGEST_SECONDS = 900.0
"""For all of it; the steps have their own limits, which end hosts that hang."""

_WORDS = {
    ErrorCode.FREED: ("This was not read, because memory is being given back.", "Try again."),
    ErrorCode.NO_SERVICE: ("No engine process became free in time.", "Pause other documents, or try again later."),
    ErrorCode.CANCELLED: ("This was stopped, because the settings or the models were changed.", "Try again."),
}


class PageTrial:
    """Reads pages as the queue does, one at a time for each who asks, before all that waits there."""

    def __init__(
        self,
        live: LiveSettings,
        ledger: Ledger,
        opener: Opener,
        processor: PageProcessor,
        *,
        gone: Callable[[Job], bool],
        allows: Callable[[Feature], bool],
    ) -> None:
        """Read by `processor`, where memory allows a feature; of jobs that are `gone` nothing."""
        self._live = live
        self._ledger = ledger
        self._opener = opener
        self._processor = processor
        self._gone = gone
        self._allows = allows

    async def read(self, job: Job, page: int, options: JobOptions, region: Box | None) -> PageResult:
        """See `ReviewApi.try_page`. Whoever is cancelled while it waits for this ends what is being done for it.

        Raises:
            DesktopOcrError: why there is no result.
        """
        seconds = max(LONGEST_SECONDS, 3 * self._live.now.page_seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._read(job, page, options, region)
        except TimeoutError:
            raise DesktopOcrError(
                ErrorCode.TIMED_OUT,
                f"Reading this took longer than {seconds / 60:.0f} minutes and was stopped.",
                "Try it with fewer features, or a smaller rectangle.",
            ) from None
        except DesktopOcrError as error:
            if error.code not in _WORDS or self._gone(job):
                raise
            raise DesktopOcrError(error.code, *_WORDS[error.code]) from error

    async def _read(self, job: Job, page: int, options: JobOptions, region: Box | None) -> PageResult:
        shown, part = None, WHOLE
        options = msgspec.structs.replace(options, text_layer=TextLayerMode.ALWAYS_OCR)
        if region is not None:
            shown = self._shown(job, page)
            part = part_of(shown, region)
            # The page's own way up is known; a rectangle alone would tell less of it, and cannot be flattened.
            options = msgspec.structs.replace(options, orientation=FeatureMode.OFF, unwarp=FeatureMode.OFF)
        await self._opener.check_unchanged(job)
        once = Job(
            job.number,
            job.path,
            options,
            password=job.password,
            info=job.info,
            stamp=job.stamp,
            waiting=deque([page]),
            recognises=True,
        )
        result = await self._processor.process(once, page, _at_once, Effort(), part)
        while result.pending:
            result = await self._with(once, result, result.pending[0], part)
        if self._gone(job):
            raise DesktopOcrError(ErrorCode.CANCELLED, "The document was removed, or the program is closing.")
        if shown is None or region is None:
            return result
        return placed(result, shown, region)

    async def _with(self, job: Job, result: PageResult, feature: Feature, part: PagePart) -> PageResult:
        """The result with a pending feature done, or a note that says why it was not."""
        if not self._allows(feature):
            return given_up(result, feature)
        try:
            return await self._processor.refine(job, result, feature, _at_once, Effort(), part)
        except DesktopOcrError as failure:
            if failure.code in NOT_THE_STAGES_FAULT:
                raise
            log.warning("page %d is read again without %s (%s)", result.page + 1, feature, failure.code)
            return left_out(result, feature, failure.info)

    def _shown(self, job: Job, page: int) -> PageResult:
        shown = None if job.key is None else self._ledger.result(job.key, page)
        if shown is None:
            raise DesktopOcrError(
                ErrorCode.USAGE,
                "A rectangle can be read again when its page has been read.",
                "Recognise the whole page.",
            )
        return shown


def _at_once() -> Priority:
    return Priority.SCREEN
