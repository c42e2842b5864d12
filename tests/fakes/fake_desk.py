"""A session in memory for watched folders: documents are done as soon as nobody stops them, exports are real files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from desktop_ocr.core.api import Added, ExportOutcome
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView, PageState, PageView

PAGES = 3


def _nobody(event: Event) -> None:
    """Hears nothing."""


@dataclass
class FakeJob:
    """A document in the list."""

    number: int
    path: Path
    options: JobOptions | None = None
    state: JobState = JobState.RUNNING
    error: ErrorInfo | None = None
    failed: dict[int, ErrorInfo] = field(default_factory=dict)
    interrupted: bool = False
    unattended: bool = False

    def view(self) -> JobView:
        """As the list shows it."""
        done = self.state is JobState.DONE
        return JobView(
            self.number,
            str(self.path),
            self.path.name,
            self.state,
            pages_total=PAGES,
            pages_done=PAGES - len(self.failed) if done else 0,
            pages_failed=len(self.failed) if done else 0,
            error=self.error,
            interrupted=self.interrupted,
        )


class FakeDesk:
    """In place of a session.

    Attributes:
        jobs: the list.
        work: what becomes of a document that is begun: (state, error, failed pages); DONE without it.
        exported: names of documents, in order.
        most: documents that were in the list unfinished at a time.
        held: documents wait while this is set.
        alike: all exports have the same bytes.
    """

    def __init__(self) -> None:
        """Empty."""
        self.jobs: dict[int, FakeJob] = {}
        self.emit: Callable[[Event], None] = _nobody
        self.work: dict[str, tuple[JobState, ErrorInfo | None, dict[int, ErrorInfo]]] = {}
        self.export_error: ErrorInfo | None = None
        self.exported: list[str] = []
        self.added: list[str] = []
        self.most = 0
        self.held = self.alike = False
        self._next = 1
        self._tasks: set[asyncio.Task[None]] = set()

    def die(self) -> None:
        """The program is gone; what the ledger would hold of the list stays."""
        for task in self._tasks:
            task.cancel()
        for job in self.jobs.values():
            if job.state in (JobState.RUNNING, JobState.OPENING):
                job.state, job.interrupted = JobState.PAUSED, True

    def go_on(self) -> None:
        """Documents that waited are done."""
        self.held = False
        for job in list(self.jobs.values()):
            if job.state is JobState.RUNNING:
                self._begin(job)

    async def add(self, paths: Sequence[Path], *, options: JobOptions | None = None) -> Added:
        (path,) = paths
        self.added.append(path.name)
        return await self._put(path, options, unattended=True)

    async def add_by_hand(self, path: Path) -> int:
        """A person puts a document in the list."""
        return (await self._put(path, None, unattended=False)).jobs[0]

    async def _put(self, path: Path, options: JobOptions | None, *, unattended: bool) -> Added:
        await asyncio.sleep(0)
        for twin in [job for job in self.jobs.values() if job.path == path]:  # as a session settles twins
            unattended &= twin.unattended
            await self.remove(twin.number)
        job = FakeJob(self._next, path, options, unattended=unattended)
        self._next += 1
        self.jobs[job.number] = job
        self.most = max(self.most, sum(one.state is JobState.RUNNING for one in self.jobs.values()))
        self._begin(job)
        return Added((job.number,))

    async def resume(self, job: int) -> None:
        self._begin(self.jobs[job])

    async def retry(self, job: int) -> None:
        self.jobs[job].failed = {}
        self._begin(self.jobs[job])

    async def remove(self, job: int) -> None:
        if self.jobs.pop(job, None) is not None:
            self.emit(JobRemoved(job))

    async def pages(self, job: int) -> list[PageView]:
        failed = self.jobs[job].failed
        return [
            PageView(page, PageState.FAILED if page in failed else PageState.DONE, failed.get(page))
            for page in range(PAGES)
        ]

    async def export(self, job: int, wish: ExportWish) -> list[ExportOutcome]:
        found = self.jobs[job]
        await asyncio.sleep(0)
        if self.export_error is not None:
            return [ExportOutcome(name, wish.folder, self.export_error) for name in wish.formats]
        self.exported.append(found.path.name)
        outcomes = []
        for name in wish.formats:
            file = Path(wish.folder) / f"{found.path.stem}.{name}"
            # Two exports of the same document are not the same bytes: dates stand in them.
            file.write_text(
                "the same words"
                if self.alike
                else f"{name} of {found.path.name}, {len(self.exported)}, failed {sorted(found.failed)}"
            )
            outcomes.append(ExportOutcome(name, str(file)))
        return outcomes

    def views(self) -> list[JobView]:
        return [job.view() for job in self.jobs.values()]

    def view(self, job: int) -> JobView | None:
        found = self.jobs.get(job)
        return None if found is None else found.view()

    def unattended(self, job: int) -> bool:
        return job in self.jobs and self.jobs[job].unattended

    def moved(self, job: int, path: Path) -> None:
        if job in self.jobs:
            self.jobs[job].path = path

    def set(self, job: int, state: JobState, error: ErrorInfo | None = None) -> None:
        """What the user, or the program, does to a document."""
        found = self.jobs[job]
        found.state, found.error, found.interrupted = state, error, False
        self.emit(JobChanged(found.view()))

    def _begin(self, job: FakeJob) -> None:
        self.set(job.number, JobState.RUNNING)
        if not self.held:
            task = asyncio.get_running_loop().create_task(self._do(job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do(self, job: FakeJob) -> None:
        await asyncio.sleep(0)
        state, error, failed = self.work.get(job.path.name, (JobState.DONE, None, {}))
        if self.jobs.get(job.number) is job and job.state is JobState.RUNNING:
            job.failed = dict(failed)
            self.set(job.number, state, error)


def no_room() -> ErrorInfo:
    """That a disk is full."""
    return DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.", "Make room.").info
