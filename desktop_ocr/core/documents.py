"""The jobs of a session: what the user does with them, how they open, and what state they come to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from desktop_ocr.core.api import Added, Refused
from desktop_ocr.core.attention import Attention
from desktop_ocr.core.inputs import expand
from desktop_ocr.core.job import UNFINISHED, Job
from desktop_ocr.core.job_list import JobList
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import JobRow, Ledger, PageKey, options_key
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.core.receipts import receipt_of
from desktop_ocr.core.stored_before import stored_before
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.events import DocumentDone, Event, Notice
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, PageView

log = logging.getLogger(__name__)


class Documents(JobList):
    """Holds the jobs. A job's task of opening ends by itself; nobody awaits it but `close`."""

    def __init__(
        self,
        ledger: Ledger,
        opener: Opener,
        attention: Attention,
        leases: Leases,
        emit: Callable[[Event], None],
        wake: Callable[[], Awaitable[None]],
        ready: Callable[[], Awaitable[None]],
        opening: Callable[[Job], None],
        full: Callable[[Job, ErrorInfo], None] | None = None,
    ) -> None:
        """No jobs yet.

        Args:
            ledger: where they are stored.
            opener: opens their files.
            attention: what the user looks at.
            leases: of this process.
            emit: gets what becomes of them.
            wake: called when pages may have come.
            ready: awaited before a file is opened: returns when no memory is being given back.
            opening: called when a file is about to be opened.
            full: called with a job that could not be opened because the disk is full; without it, such a job fails.
        """
        super().__init__(ledger, opener, attention, leases, emit)
        self._wake = wake
        self._ready = ready
        self._begins = opening
        self._full = full
        self._opening: set[asyncio.Task[None]] = set()
        self._closed = False

    async def close(self) -> None:
        """Break off what is being opened."""
        self._closed = True
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)

    def wants(self, feature: Feature) -> bool:
        """Whether a document that goes on wants a feature."""
        running = (job for job in self.jobs.values() if job.state is JobState.RUNNING)
        return any(job.options.features.wants(feature) and job.options.layout for job in running)

    def gone(self, job: Job) -> bool:
        """Whether nobody wants anything of it any more."""
        return self._closed or self.jobs.get(job.number) is not job

    def unwanted(self, job: Job) -> bool:
        """Whether what was done of it is not to be stored: it is gone, or another program has taken it."""
        return self.gone(job) or not self._leases.sure(job.number)

    # --- what the user does ---------------------------------------------------------------------------------

    async def add(
        self,
        paths: Sequence[Path],
        options: JobOptions,
        selection: str,
        password: str | None,
        *,
        fresh: bool,
        unattended: bool = False,
    ) -> Added:
        """See `SessionApi.add`; `unattended`: by no person, who could be asked about what is stored already."""
        parse_pages(selection)
        files, refused = await asyncio.to_thread(expand, paths)
        numbers: list[int] = []
        for file in files:
            try:
                number = self._leases.add(file.path, options, selection, attended=not unattended)
            except DesktopOcrError as error:
                refused.append(Refused(str(file.path), error.info))
                continue
            job = Job(number, file.path, options, selection, password=password, added=True, fresh=fresh)
            job.unattended = unattended
            self.jobs[number] = job
            self.show(job)
            self._spawn_opening(job)
            numbers.append(number)
            # Each job waits for the disk: with thousands of files the rest of the program must get its turn.
            await asyncio.sleep(0)
        return Added(tuple(numbers), tuple(refused))

    def halt(self, job: Job, state: JobState, *, ask: bool = False) -> bool:
        """Take no more of its pages; returns False where there is nothing to halt.

        Where the user has not asked for it, a later run is to `ask` whether it shall go on.
        """
        if job.state not in (*UNFINISHED, JobState.NEEDS_PASSWORD):
            return False
        return self.set(job, state, stored=JobState.RUNNING if ask else None)

    def reopen(self, job: Job) -> None:
        """Open the file again, which plans the job's pages anew from the ledger, and go on."""
        if job.state is not JobState.OPENING:
            job.memory_tries = 0
            job.short_of_memory = False
            if self.set(job, JobState.OPENING):
                self._spawn_opening(job)

    def reset(self, job: Job, pages: Sequence[int], *, failed_only: bool = False) -> None:
        """Let pages wait again; what is stored of them stays until something newer takes its place."""
        if job.key is not None:
            self._ledger.reset_pages(job.key, list(pages), failed_only=failed_only)

    def set_options(self, job: Job, options: JobOptions, *, keep_edited: bool) -> None:
        """See `SessionApi.set_options`. Pages in work were begun with the old ones: nobody wants them any more."""
        if options == job.options:
            return
        if keep_edited and job.key is not None:
            self._ledger.versions.carry(job.key, PageKey(job.key.document, options_key(options)))
        self._ledger.set_options(job.number, options)
        job.state = JobState.CANCELLED
        job.forget_pages()
        anew = Job(job.number, job.path, options, job.selection, JobState.PAUSED, job.password, info=job.info)
        anew.unattended = job.unattended
        self.jobs[job.number] = anew
        self.reopen(anew)

    def remove(self, number: int, *, keep: bool = False) -> None:
        """Take a job off the list and forget its stored pages; `keep` those, if there are any, in the library."""
        job = self.jobs.get(number)
        if job is None:
            return
        if keep and job.key is not None and self._ledger.library.stored(job.key):
            self._ledger.library.take_off(number)
        else:
            self._ledger.remove_job(number)
        self.drop(number)

    def pages(self, job: Job) -> list[PageView]:
        """The job's pages in order."""
        known = {} if job.key is None else self._ledger.pages(job.key)
        waiting = set(job.waiting)
        views = []
        for page in job.chosen:
            if page in job.working and page not in job.stages:
                views.append(PageView(page, PageState.WORKING, edited=page in job.edited))
            elif page in known and page not in waiting:
                views.append(known[page])
            else:
                views.append(PageView(page, PageState.WAITING, edited=page in job.edited))
        return views

    # --- states ---------------------------------------------------------------------------------------------

    def set(self, job: Job, state: JobState, error: ErrorInfo | None = None, *, stored: JobState | None = None) -> bool:
        """A job's new state, in the ledger and for everybody to see; `stored` where the ledger is to have another.

        Returns:
            False where another program has taken the job: then that is shown.
        """
        if state is not job.state:
            log.info("job %d is %s%s", job.number, state, f" ({error.code})" if error is not None else "")
        job.state, job.error, job.interrupted = state, error, False
        working = state in (JobState.OPENING, JobState.RUNNING)
        try:
            if not self._leases.set_state(job.number, stored or state, error, keep=working) and not self.gone(job):
                self._taken(job)
                return False
        except DesktopOcrError as failure:
            log.warning("the state of job %d could not be stored: %s", job.number, failure.code)
        self.show(job)
        return True

    def finish(self, job: Job) -> None:
        """All pages of a job are done; its receipt is told where that is news."""
        if not self.set(job, JobState.DONE) or not job.worked:
            return
        job.worked, job.seconds = False, job.pace.seconds
        try:
            self._emit(DocumentDone(receipt_of(job, self.pages(job))))
        except DesktopOcrError as error:  # the ledger cannot be read at the moment
            log.warning("job %d is done, but has no receipt: %s", job.number, error)

    def _taken(self, job: Job) -> None:
        """Somebody else works at a job, or has removed it."""
        row = self._ledger.job(job.number)
        if row is None:
            self.drop(job.number)
        elif self._leases.elsewhere(row):
            self.put_elsewhere(row)
        else:
            self._let_go(job.number)
            self.put_restored(row)

    # --- opening --------------------------------------------------------------------------------------------

    def _spawn_opening(self, job: Job) -> None:
        task = asyncio.create_task(self._open_job(job), name=f"opening of job {job.number}")
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open_job(self, job: Job) -> None:
        """The body of a task that nobody awaits: whatever goes wrong is told here."""
        try:
            info = await self._inspected(job)
            if info is None or self.gone(job):
                return
            twins, news = self._opener.adopt(job, info), False
            if job.state is JobState.OPENING:  # not paused or cancelled meanwhile
                if not all(self._settle_twin(job, twin) for twin in twins):
                    self.remove(job.number)
                    self._emit(Notice(f"'{job.path.name}' is in the list already."))
                    return
                news = job.added and not job.fresh and not job.unattended
                self._opener.begin_anew(job)
            self._opener.plan(job)
            if news and (stored := stored_before(self._ledger.library, job)) is not None:
                self._emit(stored)
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED or job.state is not JobState.OPENING:
                return
            if error.code is ErrorCode.DISK_FULL and self._full is not None:
                self._full(job, error.info)
                return
            asks = error.code in (ErrorCode.PASSWORD_NEEDED, ErrorCode.PASSWORD_WRONG)
            self.set(job, JobState.NEEDS_PASSWORD if asks else JobState.FAILED, error.info)
            return
        except Exception as error:
            log.exception("opening of job %d", job.number)
            self.set(job, JobState.FAILED, unexpected(error).info)
            return
        if job.state is not JobState.OPENING:
            self.show(job)
            return
        if job.complete:
            self.finish(job)
            return
        job.pace.start()
        self.set(job, JobState.RUNNING)
        await self._wake()

    async def _inspected(self, job: Job) -> DocumentInfo | None:
        """What the file is; None where nobody wants to know it any more."""
        while True:
            await self._ready()
            self._begins(job)
            if self.gone(job) or job.state is not JobState.OPENING:
                return None
            try:
                return await self._opener.inspect(job)
            except DesktopOcrError as error:
                # Paused by it, the job waits for the user; resumed meanwhile, it is opened after it.
                if error.code is not ErrorCode.FREED or job.state is not JobState.OPENING:
                    raise

    def _attend(self, job: Job) -> None:
        """A person wants it in the list, too."""
        if job.unattended:
            self._ledger.set_attended(job.number)
            job.unattended = False

    def _settle_twin(self, job: Job, twin: JobRow) -> bool:
        """The same file was added before: a job that does all that the old one did takes its place.

        Returns:
            False where the old one is doing the pages, and the new one is not needed.
        """
        if self._leases.elsewhere(twin):
            job.backwards = True  # what it stores meanwhile is taken, so that they meet in the middle
            return True  # another program's: both stay
        old = self.jobs.get(twin.job)
        if twin.document is None and (twin.selection != job.selection or (old and old.state in UNFINISHED)):
            return True  # it is being opened, or was to do something else
        ours, theirs = set(job.chosen), set(parse_pages(twin.selection, job.info.pages if job.info else 0))
        if old is not None and old.state in (JobState.OPENING, JobState.RUNNING) and not job.fresh:
            if ours <= theirs and not job.unattended:
                self._attend(old)
            return not ours <= theirs
        if ours >= theirs and self._leases.take(twin.job):
            if old is not None and not old.unattended:
                self._attend(job)
            self._ledger.exports.inherit(job.number, twin.job)
            self._ledger.remove_job(twin.job)
            self._leases.forget(twin.job)
            self.drop(twin.job)
        return True
