"""A page is recognised and what became of it is stored, in this order, before anybody hears of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import msgspec

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.engine_work import Effort
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey
from desktop_ocr.core.page_words import view_of
from desktop_ocr.core.processor import PageProcessor
from desktop_ocr.core.stage_notes import given_up, left_out
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import PageState, PageView
from desktop_ocr.schema.results import PageResult

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
# A page whose text is there does not wait for a model, or for memory: it is worth having without.
NOT_THE_STAGES_FAULT = NOT_THE_PAGES_FAULT - {
    ErrorCode.MODEL_MISSING,
    ErrorCode.MODEL_DAMAGED,
    ErrorCode.MEMORY_SHORT,
}


class Recorded(msgspec.Struct, frozen=True):
    """What became of a page, as it is stored now, and what that took.

    `kept_despite` is why it could not be done again where what was stored before stays.
    """

    view: PageView
    predicted_mb: float = 0.0
    peak_mb: float = 0.0
    kept_despite: ErrorInfo | None = None


class PageRecorder:
    """Recognises pages and commits the outcome to the ledger."""

    def __init__(
        self,
        processor: PageProcessor,
        ledger: Ledger,
        attention: Attention,
        *,
        gone: Callable[[Job], bool],
        allows: Callable[[Feature], bool],
    ) -> None:
        """Use `processor` and `ledger`.

        Of a job that is `gone` nothing is stored; a stage that `allows` refuses is not done for want of memory.
        """
        self._processor = processor
        self._ledger = ledger
        self._attention = attention
        self._gone = gone
        self._allows = allows

    async def recognise(self, job: Job, page: int) -> Recorded:
        """Recognise a page and commit its result, or why it failed.

        One that is stored by now is taken as it is: another program works at the same content, with equal options.

        Raises:
            DesktopOcrError: nothing was stored: the page is to wait.
        """
        key, started, effort = _key(job), time.monotonic(), Effort()
        stored_meanwhile = self._ledger.page(key, page)
        if stored_meanwhile.state in (PageState.DONE, PageState.PARTIAL):
            return Recorded(stored_meanwhile)
        try:
            result = await self._processor.process(job, page, lambda: self._attention.priority(job, page), effort)
        except DesktopOcrError as failure:
            error = failure
        except Exception as failure:
            log.exception("page %d of job %d", page + 1, job.number)
            error = unexpected(failure)
        else:
            self._check_wanted(job)
            stored = self._ledger.commit_page(key, result, _cost(started, effort))
            view = view_of(result) if stored else self._ledger.page(key, page)
            log.info("page %d of job %d is %s, %.1f s", page + 1, job.number, view.state, time.monotonic() - started)
            return Recorded(view, effort.predicted_mb, effort.peak_mb)
        self._check_wanted(job)
        if error.code in NOT_THE_PAGES_FAULT:
            raise error
        if self._ledger.commit_failure(key, page, error.info, _cost(started, effort)):
            log.info("page %d of job %d has failed (%s)", page + 1, job.number, error.code)
            return Recorded(PageView(page, PageState.FAILED, error.info), effort.predicted_mb, effort.peak_mb)
        view = self._ledger.page(key, page)
        return Recorded(view, effort.predicted_mb, effort.peak_mb, kept_despite=error.info)

    async def refine(self, job: Job, page: int, feature: Feature) -> Recorded:
        """Look for one more feature on a page whose text is stored, and commit that; or that it is done without.

        Raises:
            DesktopOcrError: nothing was stored: the page is to wait.
        """
        key, started, effort = _key(job), time.monotonic(), Effort()
        result = self._stored(key, page)
        if result is None or feature not in result.pending:
            return Recorded(self._ledger.page(key, page))  # somebody else was there
        try:
            done = await self._refined(job, result, feature, effort)
        except DesktopOcrError as failure:
            self._check_wanted(job)
            if failure.code in NOT_THE_STAGES_FAULT:
                raise
            log.warning("page %d of job %d is done without %s (%s)", page + 1, job.number, feature, failure.code)
            done = left_out(result, feature, failure.info)
        except Exception as failure:
            log.exception("%s on page %d of job %d", feature, page + 1, job.number)
            done = left_out(result, feature, unexpected(failure).info)
        self._check_wanted(job)
        stored = self._ledger.commit_stage(key, feature, done, _cost(started, effort))
        return Recorded(view_of(done) if stored else self._ledger.page(key, page), effort.predicted_mb, effort.peak_mb)

    async def _refined(self, job: Job, result: PageResult, feature: Feature, effort: Effort) -> PageResult:
        if not self._allows(feature):
            return given_up(result, feature)
        return await self._processor.refine(
            job, result, feature, lambda: self._attention.priority(job, result.page), effort
        )

    def _stored(self, key: PageKey, page: int) -> PageResult | None:
        """A page's result so far; one that cannot be read is recognised again."""
        try:
            return self._ledger.recognised(key, page)
        except DesktopOcrError as error:
            log.warning("page %d: %s", page + 1, error)
            self._ledger.reset_pages(key, [page])
            return None

    def _check_wanted(self, job: Job) -> None:
        if self._gone(job):
            raise DesktopOcrError(ErrorCode.CANCELLED, "The document was removed, or the program is closing.")


def _key(job: Job) -> PageKey:
    assert job.key is not None  # noqa: S101 - a job with waiting pages was opened
    return job.key


def _cost(started: float, effort: Effort) -> PageCost:
    return PageCost(time.monotonic() - started, max(1, effort.attempts), effort.predicted_mb, effort.peak_mb)
