"""Opening a job's file: what it is, which pages are wanted, and which of them are known already."""

from __future__ import annotations

from collections import deque

from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import JobRow, Ledger, PageKey, options_key
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import PageState
from desktop_ocr.schema.messages import DocumentInfo, Inspect
from desktop_ocr.schema.settings import Settings


class Opener:
    """Asks the document host about files."""

    def __init__(self, settings: Settings, ledger: Ledger, reader: HostSlot) -> None:
        """Ask `reader`, note the answer in `ledger`."""
        self._settings = settings
        self._ledger = ledger
        self._reader = reader

    async def open(self, job: Job) -> JobRow | None:
        """Fill in what a job needs before its pages can be done.

        Returns:
            An older job on the same path, content and options, or None.

        Raises:
            DesktopOcrError: the file cannot be read, asks for a password, or has none of the pages wanted.
        """
        info = await self._inspect(job)
        if job.info is not None and job.info.sha256 != info.sha256:
            raise DesktopOcrError(
                ErrorCode.FILE_CHANGED,
                "The file has changed since its pages were read.",
                "Remove it from the list and add it again.",
            )
        job.info = info
        if info.pages < 1:
            raise DesktopOcrError(ErrorCode.NO_PAGES, "The document has no pages.")
        document = self._ledger.set_document(job.number, info)
        job.key = PageKey(document, options_key(job.options))
        twin = self._ledger.twin(job.number, str(job.path), document, job.options)
        if job.fresh:
            job.fresh = False
            self._ledger.reset_pages(job.key, parse_pages(job.selection, info.pages))
        self.plan(job)
        return twin

    def plan(self, job: Job) -> None:
        """Set a job's pages from its selection and the ledger. Needs `job.info` and `job.key`.

        Raises:
            DesktopOcrError: the selection names no page of the document.
        """
        assert job.info is not None  # noqa: S101
        assert job.key is not None  # noqa: S101
        job.chosen = parse_pages(job.selection, job.info.pages)
        known = self._ledger.pages(job.key)
        states = {page: known[page].state if page in known else PageState.WAITING for page in job.chosen}
        job.done = sum(state is PageState.DONE for state in states.values())
        job.failed = sum(state is PageState.FAILED for state in states.values())
        # A job that is paused and resumed at once still has pages in work.
        job.waiting = deque(
            page for page, state in states.items() if state is PageState.WAITING and page not in job.working
        )

    async def _inspect(self, job: Job) -> DocumentInfo:
        for attempt in range(1, self._settings.attempts + 1):
            try:
                return await self._reader.ask(Inspect(job.source), DocumentInfo, self._settings.inspect_seconds)
            except DesktopOcrError as error:
                if not error.retryable:
                    raise
                if attempt == self._settings.attempts:
                    raise DesktopOcrError(
                        ErrorCode.DAMAGED,
                        f"The file could not be opened: {error.info.message}",
                        "It is probably damaged. Try to open and save it with another program.",
                    ) from error
        raise AssertionError("at least one attempt is made")
