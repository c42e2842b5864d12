"""A job in work: what the ledger does not hold of it."""

from __future__ import annotations

import bisect
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from desktop_ocr.core.ledger import PageKey
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView
from desktop_ocr.schema.messages import DocumentInfo, Source

UNFINISHED = frozenset({JobState.WAITING, JobState.OPENING, JobState.RUNNING, JobState.PAUSED})

FileStamp = tuple[int, int]
"""Time of the last change in ns, and size in bytes."""


def file_stamp(path: Path) -> FileStamp | None:
    """A file's stamp; None where it cannot be asked."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


@dataclass
class Job:
    """A document that is to be recognised.

    Attributes:
        number: in the ledger.
        selection: pages as the user wrote them; "" for all.
        password: kept in memory alone.
        key: of its pages in the ledger; None until the file was opened.
        stamp: time and size of the file when it was opened in this session.
        added, fresh: it was added and not opened yet; nothing that is stored of it is to be taken.
        chosen: pages to do, from 0, ascending.
        waiting: of those, the ones nobody works at, ascending.
        working: of those, the ones in work.
        done, failed, degraded: counts of the chosen ones; degraded ones are among the done ones.
        short_of_memory: a page of it did not fit a moment ago, and it waits before the next try.
        memory_tries: how often that happened since a page of it was begun, or the user resumed it.
        recognises: whether its last page had to be recognised, and not only read; None before the first.
        predicted_mb, peak_mb: RAM that an engine host was expected to take for its pages, and took at most.
    """

    number: int
    path: Path
    options: JobOptions
    selection: str = ""
    state: JobState = JobState.OPENING
    password: str | None = None
    error: ErrorInfo | None = None
    info: DocumentInfo | None = None
    key: PageKey | None = None
    stamp: FileStamp | None = None
    added: bool = False
    fresh: bool = False
    chosen: list[int] = field(default_factory=list)
    waiting: deque[int] = field(default_factory=deque)
    working: set[int] = field(default_factory=set)
    done: int = 0
    failed: int = 0
    degraded: int = 0
    short_of_memory: bool = False
    memory_tries: int = 0
    recognises: bool | None = None
    predicted_mb: float = 0.0
    peak_mb: float = 0.0
    _started: float | None = None
    _finished_here: int = 0

    @property
    def source(self) -> Source:
        """The file, as hosts are told of it."""
        return Source(str(self.path), self.password)

    @property
    def complete(self) -> bool:
        """Whether no page waits or is in work."""
        return self.info is not None and not self.waiting and not self.working

    def start_clock(self) -> None:
        """Begin to measure how fast pages come."""
        self._started = time.monotonic()
        self._finished_here = 0

    def count(self, *, failed: bool, degraded: bool = False) -> None:
        """A page was committed."""
        self._finished_here += 1
        if failed:
            self.failed += 1
        else:
            self.done += 1
            self.degraded += degraded

    def put_back(self, page: int) -> None:
        """A page in work waits again, in its order."""
        self.working.discard(page)
        if page not in self.waiting:
            bisect.insort(self.waiting, page)

    def note_memory(self, predicted_mb: float, peak_mb: float) -> None:
        """What an engine host was expected to take for a page, and took."""
        self.predicted_mb = max(self.predicted_mb, predicted_mb)
        self.peak_mb = max(self.peak_mb, peak_mb)

    def view(self, *, deferred: bool = False) -> JobView:
        """What a list shows of it."""
        return JobView(
            job=self.number,
            path=str(self.path),
            name=self.path.name,
            state=self.state,
            pages_total=len(self.chosen),
            pages_done=self.done,
            pages_failed=self.failed,
            document_pages=self.info.pages if self.info else 0,
            seconds_left=self._seconds_left(),
            error=self.error,
            format=self.info.format if self.info else "",
            pages_degraded=self.degraded,
            deferred=deferred,
            predicted_mb=self.predicted_mb,
            peak_mb=self.peak_mb,
        )

    def _seconds_left(self) -> float | None:
        if self.state is not JobState.RUNNING or self._started is None or not self._finished_here:
            return None
        left = len(self.waiting) + len(self.working)
        return (time.monotonic() - self._started) / self._finished_here * left
