"""A page is recognised and what became of it is stored, in this order, before anybody hears of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.processor import PageProcessor
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.settings import Settings

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
    }
)


class PageRecorder:
    """Recognises pages and commits the outcome to the ledger."""

    def __init__(
        self, settings: Settings, processor: PageProcessor, ledger: Ledger, *, gone: Callable[[Job], bool]
    ) -> None:
        """Use `processor` and `ledger`; of a job that is `gone` nothing is stored."""
        self._settings = settings
        self._processor = processor
        self._ledger = ledger
        self._gone = gone

    async def recognise(self, job: Job, page: int) -> ErrorInfo | None:
        """Recognise a page and commit its result, or why it failed.

        Returns:
            Why the page failed; None where it is finished, by us or by another job on the same content.

        Raises:
            DesktopOcrError: nothing was stored: the page is to wait.
        """
        assert job.key is not None  # noqa: S101 - a job with waiting pages was opened
        started = time.monotonic()
        try:
            result, attempts = await self._processor.process(job, page)
        except DesktopOcrError as failure:
            error = failure
        except Exception as failure:
            log.exception("page %d of job %d", page + 1, job.number)
            error = unexpected(failure)
        else:
            self._check_wanted(job)
            self._ledger.commit_page(job.key, result, time.monotonic() - started, attempts)
            return None
        self._check_wanted(job)
        if error.code in NOT_THE_PAGES_FAULT:
            raise error
        attempts = self._settings.attempts if error.retryable else 1
        stored = self._ledger.commit_failure(job.key, page, error.info, time.monotonic() - started, attempts)
        return error.info if stored else None

    def _check_wanted(self, job: Job) -> None:
        if self._gone(job):
            raise DesktopOcrError(ErrorCode.CANCELLED, "The document was removed, or the program is closing.")
