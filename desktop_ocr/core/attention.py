"""What comes first: the page that the user sees, then its document, then the others, the background."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_ocr.core.job import Job
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.jobs import JobState


class Attention:
    """Which job and page the user looks at, and whether the background has to wait.

    Attributes:
        job, page: what is looked at; None where nobody looks (the command line): then no document is background.
        deferred: memory is short, and background documents wait.
        insisted: the user let them go on anyway.
    """

    def __init__(self) -> None:
        """Nobody looks at anything."""
        self.job: int | None = None
        self.page: int | None = None
        self.deferred = False
        self.insisted = False

    def priority(self, job: Job, page: int) -> Priority:
        """Of a page, in the queue for an engine host."""
        if self.job is None:
            return Priority.INTERACTIVE
        if job.number != self.job:
            return Priority.BACKGROUND
        return Priority.SCREEN if page == self.page else Priority.INTERACTIVE

    def waits(self, job: Job) -> bool:
        """Whether a running document is to wait because memory is short."""
        if job.short_of_memory:
            return True
        return self.deferred and not self.insisted and self.job not in (None, job.number)

    def next_page(self, jobs: Iterable[Job]) -> tuple[Job, int] | None:
        """The page to take next, of running jobs in their order; it is not taken yet."""
        first: tuple[Job, int] | None = None
        for job in jobs:
            if job.state is not JobState.RUNNING or not job.waiting or self.waits(job):
                continue
            if job.number == self.job:
                on_screen = self.page is not None and self.page in job.waiting
                return job, self.page if on_screen and self.page is not None else job.waiting[0]
            if first is None:
                first = job, job.waiting[0]
        return first
