"""A job in work: what the ledger does not hold of it."""

from __future__ import annotations

import bisect
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from desktop_ocr.core.ledger import PageKey
from desktop_ocr.core.pace import Pace
from desktop_ocr.schema.document_messages import DocumentInfo, Source
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView, PageState, PageView

UNFINISHED = frozenset({JobState.WAITING, JobState.OPENING, JobState.RUNNING, JobState.PAUSED})

FileStamp = tuple[int, int, int]
"""Time of the last change in ns, size in bytes, and number in its file system: another file may have the same age."""


def file_stamp(path: Path) -> FileStamp | None:
    """A file's stamp; None where it cannot be asked."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def touched(path: Path) -> float:
    """When a file was changed, or put where it is, in seconds as `time.time` gives them; infinity where unknown.

    A copy may keep the time of its original's last change; that of its own coming nobody can set.
    """
    try:
        status = path.stat()
    except (OSError, ValueError):
        return math.inf
    return max(status.st_mtime, status.st_ctime)


@dataclass
class Job:
    """A document that is to be recognised.

    Attributes:
        number: in the ledger.
        selection: pages as the user wrote them; "" for all.
        password: kept in memory alone.
        key: of its pages in the ledger; None until the file was opened.
        stamp: of the file when it was opened in this session.
        other: stamp of a file that was found in its place, and is not the one whose pages were read.
        interrupted: it is paused because the program that worked at it ended.
        elsewhere: title of another running program that works at it; "" where none does. Nothing of it is done here.
        backwards: another program works at the same pages, from the first on: the last ones are begun first.
        unattended: no person has added it, or the same file, but a watched folder.
        added, fresh: it was added and not opened yet; nothing that is stored of it is to be taken.
        chosen: pages to do, from 0, ascending.
        waiting: of those, the ones whose text nobody has read or works at, ascending.
        partial: of those, the ones whose text is stored, with the features that are still to be looked for.
        working: of those, the ones in work; a partial one among them is at a stage.
        stages: which stage such a page is at.
        done, failed, degraded, noted: counts of the chosen ones; degraded ones, and those of which something was left
            out, are among the done ones.
        edited: of the chosen ones, those that a person has changed.
        short_of_memory: a page of it did not fit a moment ago, and it waits before the next try.
        memory_tries: how often that happened since a page of it was begun, or the user resumed it.
        worked: a page of it was done since its receipt was told, or it was opened.
        seconds: that it took until its receipt was told last.
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
    other: FileStamp | None = None
    interrupted: bool = False
    elsewhere: str = ""
    backwards: bool = False
    unattended: bool = False
    added: bool = False
    fresh: bool = False
    chosen: list[int] = field(default_factory=list)
    waiting: deque[int] = field(default_factory=deque)
    partial: dict[int, tuple[Feature, ...]] = field(default_factory=dict)
    working: set[int] = field(default_factory=set)
    stages: dict[int, Feature] = field(default_factory=dict)
    done: int = 0
    failed: int = 0
    degraded: int = 0
    noted: int = 0
    edited: set[int] = field(default_factory=set)
    short_of_memory: bool = False
    memory_tries: int = 0
    worked: bool = False
    seconds: float = 0.0
    recognises: bool | None = None
    predicted_mb: float = 0.0
    peak_mb: float = 0.0
    pace: Pace = field(default_factory=Pace)

    @property
    def source(self) -> Source:
        """The file, as hosts are told of it."""
        return Source(str(self.path), self.password)

    @property
    def complete(self) -> bool:
        """Whether no page waits, has stages before it, or is in work."""
        return self.info is not None and not self.waiting and not self.partial and not self.working

    @property
    def ready(self) -> list[int]:
        """Partial pages that nobody works at, ascending."""
        return sorted(page for page in self.partial if page not in self.working)

    def take(self, page: int, stage: Feature | None) -> None:
        """A page is in work from now on: its text, or a stage."""
        if stage is None:
            self.waiting.remove(page)
        else:
            self.stages[page] = stage
        self.working.add(page)

    def settle(self, page: int, view: PageView) -> None:
        """A page in work is through; what is stored of it counts now."""
        self.working.discard(page)
        self.stages.pop(page, None)
        self.partial.pop(page, None)
        self.worked = self.worked or view.state is not PageState.WAITING
        if view.state is PageState.PARTIAL:
            self.partial[page] = view.pending
        elif view.state is PageState.FAILED:
            self.failed += 1
        elif view.state is PageState.DONE:
            self.done += 1
            self.degraded += bool(view.degraded)
            self.noted += bool(view.left_out)
        else:
            self.put_back(page)

    def put_back(self, page: int) -> None:
        """A page in work waits again, in its order; one whose text is stored, for the same stage."""
        self.working.discard(page)
        self.stages.pop(page, None)
        if page not in self.waiting and page not in self.partial:
            bisect.insort(self.waiting, page)

    def forget_pages(self) -> None:
        """Nothing more is to be done."""
        self.waiting.clear()
        self.partial.clear()

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
            pages_partial=len(self.partial),
            pages_noted=self.noted,
            pages_edited=len(self.edited),
            interrupted=self.interrupted,
            elsewhere=self.elsewhere,
        )

    def _seconds_left(self) -> float | None:
        if self.state is not JobState.RUNNING:
            return None
        texts = len(self.waiting) + len(self.working - self.partial.keys())
        return self.pace.left(texts, Counter(feature for pending in self.partial.values() for feature in pending))
