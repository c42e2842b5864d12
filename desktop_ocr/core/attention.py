"""What comes first: the page that the user sees, then its document, then the others, the background."""

from __future__ import annotations

from desktop_ocr.core.job import Job
from desktop_ocr.models.pool import Priority


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
