"""Opening a job's file: what it is, which pages are wanted, and which of them are known already."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path

from desktop_ocr.core.job import UNFINISHED, FileStamp, Job, file_stamp, touched
from desktop_ocr.core.ledger import JobRow, Ledger, PageKey, options_key
from desktop_ocr.core.ledger_rows import is_lost
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.document_messages import DocumentInfo, Inspect, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobState, PageState

SOME_PROGRAM = "desktop-ocr"  # a former version said no more of itself
CLOCKS_APART = 3600.0  # seconds by which the clock of a file server may be wrong
SLOWEST_READING = 5e6  # bytes a second: the whole file is read once, perhaps from a memory stick or over the air


class Opener:
    """Asks the document host about files."""

    def __init__(self, live: LiveSettings, ledger: Ledger, reader: HostSlot) -> None:
        """Ask `reader`, note the answer in `ledger`."""
        self._live = live
        self._ledger = ledger
        self._reader = reader
        self._checking = asyncio.Lock()

    def restore(self, row: JobRow, *, elsewhere: bool = False) -> Job:
        """A job of a former run; what that run left unfinished is paused. One that is done `elsewhere` is as it is."""
        job = Job(row.job, Path(row.path), row.options, row.selection, state=row.state, info=row.info, error=row.error)
        job.unattended = not row.attended
        if elsewhere:
            job.elsewhere = row.title or SOME_PROGRAM
        elif row.state in UNFINISHED:
            job.state, job.interrupted = JobState.PAUSED, row.state is not JobState.PAUSED
        if row.document is not None and row.info is not None:
            job.key = PageKey(row.document, options_key(row.options))
            try:
                self.plan(job)
            except DesktopOcrError as error:
                job.state, job.error = JobState.FAILED, error.info
            if (job.waiting or job.partial) and job.state is JobState.DONE and not elsewhere:
                job.state, job.interrupted = JobState.PAUSED, True  # it was to be done again
        return job

    async def inspect(self, job: Job) -> DocumentInfo:
        """Read the file; changes nothing of the job but its stamps.

        Raises:
            DesktopOcrError: it cannot be read, asks for a password, or is not the one whose pages were read.
        """
        stamp = await asyncio.to_thread(file_stamp, job.path)
        info = await self._ask(job.source, stamp[1] if stamp else 0)
        if self._is_another(job, info):
            job.other = stamp
            raise file_changed()
        job.stamp, job.other = stamp, None
        return info

    async def inspect_at(self, job: Job, path: Path) -> FileStamp:
        """Read a file that is to take the place of a job's; returns its stamp. Nothing of the job is changed.

        Raises:
            DesktopOcrError: as `inspect`; FILE_CHANGED names both files.
        """
        stamp = await asyncio.to_thread(file_stamp, path)
        if stamp is None:
            raise DesktopOcrError(
                ErrorCode.NOT_FOUND, f"'{path}' is not there, or cannot be reached.", "Choose another file."
            )
        info = await self._ask(Source(str(path), job.password), stamp[1])
        if self._is_another(job, info):
            names = f"'{path.name}' is not the document"
            if path.name == job.path.name:
                names = f"'{path.name}' in '{path.parent}' is not the document"
            raise DesktopOcrError(
                ErrorCode.FILE_CHANGED,
                f"{names} whose pages were read from '{job.path.name}'.",
                "Choose another file, or add this one to the list by itself.",
            )
        return stamp

    def _is_another(self, job: Job, info: DocumentInfo) -> bool:
        """Whether a file is not the one whose pages were read. Where that is not known any more, one of which nothing
        else is stored is believed to be it, if it has the pages."""
        if job.info is None:
            return False
        if job.key is not None and is_lost(job.info.sha256):
            return info.pages < job.info.pages or self._ledger.is_known(info.sha256, besides=job.key.document)
        return job.info.sha256 != info.sha256

    async def check_unchanged(self, job: Job) -> None:
        """Refuse a file that is not the one whose pages were read; only one that looks changed is read for it.

        Raises:
            DesktopOcrError: as `inspect`.
        """
        if await self._looks_unchanged(job):
            return
        async with self._checking:  # several may ask at once, and the file is to be read once
            if not await self._looks_unchanged(job):
                await self.inspect(job)

    async def _looks_unchanged(self, job: Job) -> bool:
        """Whether a file need not be read: it is as it was, going by its stamp.

        Raises:
            DesktopOcrError: NOT_FOUND; FILE_CHANGED where it was read already.
        """
        stamp = await asyncio.to_thread(file_stamp, job.path)
        if stamp is None:
            raise DesktopOcrError(
                ErrorCode.NOT_FOUND,
                f"'{job.path.name}' is not there any more, or cannot be reached.",
                "Locate the file, or remove it from the list.",
            )
        if stamp == job.other:
            raise file_changed()
        if job.stamp is None and await self._untouched(job, stamp):
            job.stamp = stamp
        return stamp == job.stamp

    async def _untouched(self, job: Job, stamp: FileStamp) -> bool:
        """Whether the file of a job of a former run is surely as it was: nobody has touched it since it was added."""
        if job.info is None or stamp[1] != job.info.size:
            return False
        return await asyncio.to_thread(touched, job.path) + CLOCKS_APART < self._ledger.files.added(job.number)

    def adopt(self, job: Job, info: DocumentInfo) -> list[JobRow]:
        """Note in job and ledger what the file is, and which of its pages are wanted.

        Returns:
            Older jobs on the same path, content and options.

        Raises:
            DesktopOcrError: it has none of the pages wanted.
        """
        job.info = info
        if info.pages < 1:
            raise DesktopOcrError(ErrorCode.NO_PAGES, "The document has no pages.")
        job.chosen = parse_pages(job.selection, info.pages)
        document = self._ledger.set_document(job.number, info)
        job.key = PageKey(document, options_key(job.options))
        return self._ledger.twins(job.number, str(job.path), document, job.options)

    def begin_anew(self, job: Job) -> None:
        """Once for a job that was just added: let its pages wait if it is `fresh`, otherwise those that failed."""
        if job.added and job.key is not None:
            self._ledger.reset_pages(job.key, job.chosen, failed_only=not job.fresh)
            job.added = job.fresh = False

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
        done = [known[page] for page, state in states.items() if state is PageState.DONE]
        job.done = len(done)
        job.failed = sum(state is PageState.FAILED for state in states.values())
        job.degraded = sum(bool(page.degraded) for page in done)
        job.noted = sum(bool(page.left_out) for page in done)
        job.edited = {page for page in job.chosen if page in known and known[page].edited}
        job.partial = {page: known[page].pending for page, state in states.items() if state is PageState.PARTIAL}
        job.note_memory(*self._ledger.memory(job.key))
        # A job that is paused and resumed at once still has pages in work.
        job.waiting = deque(
            page for page, state in states.items() if state is PageState.WAITING and page not in job.working
        )

    async def _ask(self, source: Source, size: int) -> DocumentInfo:
        deadline = self._live.now.inspect_seconds + size / SLOWEST_READING
        for attempt in range(1, self._live.now.attempts + 1):
            try:
                return await self._reader.ask(Inspect(source), DocumentInfo, deadline)
            except DesktopOcrError as error:
                if not error.retryable:
                    raise
                if attempt == self._live.now.attempts:
                    raise DesktopOcrError(
                        ErrorCode.DAMAGED,
                        f"The file could not be opened: {error.info.message}",
                        "It is probably damaged. Try to open and save it with another program.",
                    ) from error
        raise AssertionError("at least one attempt is made")


def file_changed() -> DesktopOcrError:
    """That a file is not the one whose pages were read."""
    return DesktopOcrError(
        ErrorCode.FILE_CHANGED,
        "The file has changed since its pages were read.",
        "Locate the file as it was, or remove it from the list and add it again.",
    )
