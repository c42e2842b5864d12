"""A page is recognised and what became of it is stored, in this order, before anybody hears of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import msgspec

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger, PageCost, degraded_words
from desktop_ocr.core.processor import Effort, PageProcessor
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected

log = logging.getLogger(__name__)

# Errors that are no verdict on the page: it waits until they are over.
NOT_THE_PAGES_FAULT = frozenset(
    {
        ErrorCode.CANCELLED,
        ErrorCode.DISK_FULL,
        ErrorCode.LEDGER,
        ErrorCode.FILE_CHANGED,
        ErrorCode.NOT_FOUND,
        ErrorCode.NO_PERMISSION,
        ErrorCode.MODEL_MISSING,
        ErrorCode.MODEL_DAMAGED,
        ErrorCode.NO_SERVICE,
        ErrorCode.FREED,
        ErrorCode.MEMORY_SHORT,
    }
)


class Recorded(msgspec.Struct, frozen=True):
    """What became of a page: why it failed (None where it is finished), what was left out, and what it took.

    `kept_despite` is why it could not be done again where what was stored before stays.
    """

    error: ErrorInfo | None
    degraded: str
    predicted_mb: float
    peak_mb: float
    kept_despite: ErrorInfo | None = None


class PageRecorder:
    """Recognises pages and commits the outcome to the ledger."""

    def __init__(
        self, processor: PageProcessor, ledger: Ledger, attention: Attention, *, gone: Callable[[Job], bool]
    ) -> None:
        """Use `processor` and `ledger`; of a job that is `gone` nothing is stored."""
        self._processor = processor
        self._ledger = ledger
        self._attention = attention
        self._gone = gone

    async def recognise(self, job: Job, page: int) -> Recorded:
        """Recognise a page and commit its result, or why it failed.

        Raises:
            DesktopOcrError: nothing was stored: the page is to wait.
        """
        assert job.key is not None  # noqa: S101 - a job with waiting pages was opened
        started = time.monotonic()
        effort = Effort()

        def cost() -> PageCost:
            seconds = time.monotonic() - started
            return PageCost(seconds, max(1, effort.attempts), effort.predicted_mb, effort.peak_mb)

        try:
            result = await self._processor.process(job, page, lambda: self._attention.priority(job, page), effort)
        except DesktopOcrError as failure:
            error = failure
        except Exception as failure:
            log.exception("page %d of job %d", page + 1, job.number)
            error = unexpected(failure)
        else:
            self._check_wanted(job)
            self._ledger.commit_page(job.key, result, cost())
            return Recorded(None, degraded_words(result), effort.predicted_mb, effort.peak_mb)
        self._check_wanted(job)
        if error.code in NOT_THE_PAGES_FAULT:
            raise error
        if self._ledger.commit_failure(job.key, page, error.info, cost()):
            return Recorded(error.info, "", effort.predicted_mb, effort.peak_mb)
        degraded = self._ledger.pages(job.key)[page].degraded
        return Recorded(None, degraded, effort.predicted_mb, effort.peak_mb, kept_despite=error.info)

    def _check_wanted(self, job: Job) -> None:
        if self._gone(job):
            raise DesktopOcrError(ErrorCode.CANCELLED, "The document was removed, or the program is closing.")
