"""The list of jobs: those of this program, and those that another running program works at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.job import Job
from desktop_ocr.core.leases import Leases, worked_at_elsewhere
from desktop_ocr.core.ledger import JobRow, Ledger, PageKey
from desktop_ocr.core.opening import Opener
from desktop_ocr.schema.edits import PageVersion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved, PageEdited
from desktop_ocr.schema.jobs import JobState, JobView


class JobList:
    """What `Documents` are kept in, and how they are shown.

    Attributes:
        jobs: by number; this program may work at them.
        elsewhere: those at which another running program works, as they are in the ledger. They are shown and read.
    """

    def __init__(
        self, ledger: Ledger, opener: Opener, attention: Attention, leases: Leases, emit: Callable[[Event], None]
    ) -> None:
        """Empty. See `Documents`."""
        self._ledger = ledger
        self._opener = opener
        self._attention = attention
        self._leases = leases
        self._emit = emit
        self.jobs: dict[int, Job] = {}
        self.elsewhere: dict[int, Job] = {}

    def views(self) -> list[JobView]:
        """All jobs, oldest first."""
        return [self._view(job) for _, job in sorted((self.jobs | self.elsewhere).items())]

    def job(self, number: int) -> Job:
        """A job, to read of it what is stored.

        Raises:
            DesktopOcrError: it is not in the list.
        """
        job = self.jobs.get(number) or self.elsewhere.get(number)
        if job is None:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "This document is not in the list any more.")
        return job

    def own(self, number: int) -> Job:
        """A job, to do something with it.

        Raises:
            DesktopOcrError: it is not in the list; USAGE, another running program works at it.
        """
        job = self.job(number)
        if not job.elsewhere and number not in self._leases.held:
            row = self._ledger.job(number)
            if row is not None and self._leases.elsewhere(row):
                job = self.put_elsewhere(row)  # since we looked last
        if job.elsewhere:
            raise worked_at_elsewhere(job.path.name, job.elsewhere)
        return job

    def restore(self, rows: Iterable[JobRow]) -> None:
        """Show the jobs of former runs, and those that another running program works at."""
        for row in rows:
            if self._leases.elsewhere(row):
                self.put_elsewhere(row)
            else:
                self.put_restored(row)

    def put_restored(self, row: JobRow) -> Job:
        """Have a job in the list that nobody works at, in place of what is shown of it."""
        job = self._opener.restore(row)
        before = self._let_go(row.job) or self.elsewhere.pop(row.job, None)
        self._take_over(before, job)
        self.jobs[job.number] = job
        self.show(job)
        return job

    def put_elsewhere(self, row: JobRow) -> Job:
        """Have a job in the list that another program works at, in place of what is shown of it."""
        job = self._opener.restore(row, elsewhere=True)
        before = self._let_go(row.job) or self.elsewhere.get(row.job)
        self._take_over(before, job)
        self.elsewhere[job.number] = job
        if before is None or before.view() != job.view():
            self.show(job)
        return job

    def drop(self, number: int) -> None:
        """A job is not in the ledger's list any more."""
        gone = self._let_go(number) or self.elsewhere.pop(number, None)
        if gone is not None:
            self._emit(JobRemoved(number))

    def show(self, job: Job) -> None:
        """Tell what has become of a job."""
        if self.jobs.get(job.number) is job or self.elsewhere.get(job.number) is job:
            self._emit(JobChanged(self._view(job)))

    def note_version(self, key: PageKey, page: int, version: PageVersion) -> None:
        """Another version of a page is shown now: tell it of all documents that have the page."""
        for job in (*self.jobs.values(), *self.elsewhere.values()):
            if job.key != key or page not in job.chosen:
                continue
            self._emit(PageEdited(job.number, page, version.number, version.edited))
            if version.edited != (page in job.edited):
                job.edited.symmetric_difference_update({page})
                self.show(job)

    def show_running(self) -> None:
        """Tell again of the jobs that run: whether they are deferred has changed."""
        for job in self.jobs.values():
            if job.state is JobState.RUNNING:
                self.show(job)

    def _view(self, job: Job) -> JobView:
        return job.view(deferred=job.state is JobState.RUNNING and not job.elsewhere and self._attention.waits(job))

    def _let_go(self, number: int) -> Job | None:
        """Nothing more is done of a job here, pages in work included."""
        job = self.jobs.pop(number, None)
        if job is not None:
            self._leases.forget(number)
            job.state = JobState.CANCELLED
            job.forget_pages()
        return job

    def _take_over(self, before: Job | None, job: Job) -> None:
        """What only this program knows of a document stays, whoever works at it."""
        if before is not None and before.path == job.path:
            job.stamp, job.other, job.password = before.stamp, before.other, before.password
