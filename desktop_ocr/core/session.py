"""The core in one piece: jobs, hosts, ledger. Knows nothing of Qt or terminals; see `api.SessionApi`."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop_ocr.core.api import Added, ExportOutcome, PagePicture, Refused
from desktop_ocr.core.exporter import Exporter, target_name
from desktop_ocr.core.inputs import expand
from desktop_ocr.core.job import UNFINISHED, Job
from desktop_ocr.core.ledger import JobRow, Ledger
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.owners import owner_alive, process_owner
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.pictures import PictureMaker
from desktop_ocr.core.processor import PageProcessor
from desktop_ocr.core.queue import PageQueue
from desktop_ocr.core.recorder import PageRecorder
from desktop_ocr.core.runtime import RuntimeFolder
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.hosts.slot import HostSlot, Starter
from desktop_ocr.memory.probes import GpuProbe, take_sample
from desktop_ocr.models.pool import EnginePool
from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved, Notice, PageFinished
from desktop_ocr.schema.jobs import JobOptions, JobState, JobView, PageState, PageView
from desktop_ocr.schema.memory import HostRole, MemorySample
from desktop_ocr.schema.results import PageResult
from desktop_ocr.schema.settings import Settings

log = logging.getLogger(__name__)


class Session:
    """One run of the core. Make it, await `open`, use it from that event loop only, await `close`."""

    def __init__(
        self,
        paths: AppPaths,
        settings: Settings,
        emit: Callable[[Event], None],
        *,
        private: bool = False,
        restore: bool = True,
        start: Starter | None = None,
    ) -> None:
        """Touch nothing yet.

        Args:
            paths: where things are kept.
            settings: how to work.
            emit: gets every event, on the session's loop; must not block.
            private: keep the ledger in memory alone.
            restore: show the jobs of former runs.
            start: starts a host; without it, `HostProcess.start` with this session's temporary folder.
        """
        self._paths = paths
        self._settings = settings
        self._emit = emit
        self._private = private
        self._restore = restore
        self._start = start
        self._jobs: dict[int, Job] = {}
        self._owner = process_owner()
        self._gpu = GpuProbe()
        self._opening: set[asyncio.Task[None]] = set()
        self._opened = False
        self._closed = False

    async def open(self) -> None:
        """See `SessionApi.open`."""
        self._folder = RuntimeFolder(self._paths.runtime)
        await asyncio.to_thread(self._folder.sweep)
        try:
            self._ledger = Ledger(None if self._private else self._paths.ledger)
        except DesktopOcrError:
            self._folder.remove()
            raise
        self._opened = True
        self._store = ModelStore(self._paths.models)
        start = self._start or functools.partial(HostProcess.start, scratch=self._folder.path)
        self._reader = HostSlot(
            HostRole.DOCUMENT,
            idle_seconds=self._settings.document_idle_seconds,
            emit=self._emit,
            start=start,
        )
        self._pool = EnginePool(self._settings, self._store, self._store.defaults(), self._emit, start=start)
        self._opener = Opener(self._settings, self._ledger, self._reader)
        processor = PageProcessor(self._settings, self._reader, self._pool, self._folder)
        self._recorder = PageRecorder(self._settings, processor, self._ledger, gone=self._gone)
        self._pictures = PictureMaker(self._settings, self._reader, self._folder)
        self._exporter = Exporter(self._settings, self._ledger, self._reader, self._opener.check_unchanged)
        self._queue = PageQueue(self._jobs.values, self._work, self._settings.pages_in_flight)
        self._queue.start()
        if self._restore:
            for row in self._ledger.jobs():
                self._restore_job(row)

    async def close(self) -> None:
        """See `SessionApi.close`."""
        if self._closed or not self._opened:
            return
        self._closed = True
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        # The hosts go first: a worker that awaits one then ends at once.
        await asyncio.gather(self._reader.close(), self._pool.close(), return_exceptions=True)
        await self._queue.stop()
        try:
            self._ledger.give_up_jobs(self._owner)
        except DesktopOcrError as error:
            # Nothing is lost by it: whoever opens the ledger next sees that this process is gone.
            log.warning("the jobs could not be given up: %s", error)
        finally:
            self._ledger.close()
            self._gpu.close()
            self._folder.remove()

    def views(self) -> list[JobView]:
        """See `SessionApi.views`."""
        return [job.view() for job in self._jobs.values()]

    # --- what the user does -------------------------------------------------------------------------------

    async def add(
        self,
        paths: Sequence[Path],
        *,
        options: JobOptions | None = None,
        pages: str | None = None,
        password: str | None = None,
        fresh: bool = False,
    ) -> Added:
        """See `SessionApi.add`."""
        selection = pages or ""
        parse_pages(selection)
        files, refused = await asyncio.to_thread(expand, paths)
        numbers: list[int] = []
        for file in files:
            chosen = options or self._settings.options
            try:
                number = self._ledger.add_job(str(file.path), chosen, selection, self._owner)
            except DesktopOcrError as error:
                refused.append(Refused(str(file.path), error.info))
                continue
            job = Job(number, file.path, chosen, selection, password=password, added=True, fresh=fresh)
            self._jobs[number] = job
            self._show(job)
            self._spawn_opening(job)
            numbers.append(number)
            # Each job waits for the disk: with thousands of files the rest of the program must get its turn.
            await asyncio.sleep(0)
        return Added(tuple(numbers), tuple(refused))

    async def pause(self, job: int) -> None:
        """See `SessionApi.pause`."""
        self._halt(self._job(job), JobState.PAUSED)

    async def cancel(self, job: int) -> None:
        """See `SessionApi.cancel`."""
        self._halt(self._job(job), JobState.CANCELLED)

    async def resume(self, job: int) -> None:
        """See `SessionApi.resume`."""
        self._reopen(self._job(job))

    async def retry(self, job: int) -> None:
        """See `SessionApi.retry`."""
        found = self._job(job)
        if found.key is not None:
            self._ledger.reset_pages(found.key, found.chosen, failed_only=True)
        self._reopen(found)

    async def give_password(self, job: int, password: str) -> None:
        """See `SessionApi.give_password`."""
        found = self._job(job)
        found.password = password
        self._reopen(found)

    async def remove(self, job: int) -> None:
        """See `SessionApi.remove`."""
        found = self._jobs.get(job)
        if found is None:
            return
        self._ledger.remove_job(job)
        del self._jobs[job]
        found.state = JobState.CANCELLED
        found.waiting.clear()
        self._emit(JobRemoved(job))

    async def pages(self, job: int) -> list[PageView]:
        """See `SessionApi.pages`."""
        found = self._job(job)
        known = {} if found.key is None else self._ledger.pages(found.key)
        waiting = set(found.waiting)
        views = []
        for page in found.chosen:
            if page in found.working:
                views.append(PageView(page, PageState.WORKING))
            elif page in known and page not in waiting:
                views.append(known[page])
            else:
                views.append(PageView(page, PageState.WAITING))
        return views

    async def result(self, job: int, page: int) -> PageResult | None:
        """See `SessionApi.result`."""
        key = self._job(job).key
        return None if key is None else self._ledger.result(key, page)

    async def picture(self, job: int, page: int, max_width: int, max_height: int) -> PagePicture:
        """See `SessionApi.picture`."""
        found = self._job(job)
        result = await self.result(job, page)
        rotation = result.rotation if result else 0
        return await self._pictures.make(found.source, page, max_width, max_height, rotation)

    async def export(
        self,
        job: int,
        formats: Sequence[str],
        folder: Path,
        *,
        overwrite: bool = False,
        full_name: bool = False,
    ) -> list[ExportOutcome]:
        """See `SessionApi.export`; `full_name` as in `exporter.target_name`."""
        found = self._job(job)
        return [
            await self._exporter.export(
                found, kind, target_name(found.path, kind, folder, full_name=full_name), overwrite=overwrite
            )
            for kind in formats
        ]

    async def release(self) -> None:
        """See `SessionApi.release`."""
        await asyncio.gather(self._reader.release(), self._pool.release())

    async def sample(self) -> MemorySample:
        """See `SessionApi.sample`."""
        pids = [*self._pool.pids, *([self._reader.pid] if self._reader.pid else [])]
        return await asyncio.to_thread(take_sample, pids, self._gpu)

    # --- inside -------------------------------------------------------------------------------------------

    def _job(self, number: int) -> Job:
        try:
            return self._jobs[number]
        except KeyError:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "This document is not in the list any more.") from None

    def _restore_job(self, row: JobRow) -> None:
        """Show a job of a former run; one that another running program works at is left to it."""
        if owner_alive(row.owner) and row.owner != self._owner:
            return
        job = self._opener.restore(row)
        self._jobs[job.number] = job
        self._show(job)

    def _spawn_opening(self, job: Job) -> None:
        task = asyncio.create_task(self._open_job(job), name=f"opening of job {job.number}")
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open_job(self, job: Job) -> None:
        """The body of a task that nobody awaits: whatever goes wrong is told here."""
        try:
            info = await self._opener.inspect(job)
            if self._gone(job):
                return
            twins = self._opener.adopt(job, info)
            if job.state is JobState.OPENING:  # not paused or cancelled meanwhile
                if not all(self._settle_twin(job, twin) for twin in twins):
                    await self.remove(job.number)
                    self._emit(Notice(f"'{job.path.name}' is in the list already."))
                    return
                self._opener.begin_anew(job)
            self._opener.plan(job)
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED or job.state is not JobState.OPENING:
                return
            asks = error.code in (ErrorCode.PASSWORD_NEEDED, ErrorCode.PASSWORD_WRONG)
            self._set(job, JobState.NEEDS_PASSWORD if asks else JobState.FAILED, error.info)
            return
        except Exception as error:
            log.exception("opening of job %d", job.number)
            self._set(job, JobState.FAILED, unexpected(error).info)
            return
        if job.state is not JobState.OPENING:
            self._show(job)
            return
        if job.complete:
            self._set(job, JobState.DONE)
            return
        job.start_clock()
        self._set(job, JobState.RUNNING)
        await self._queue.wake()

    def _settle_twin(self, job: Job, twin: JobRow) -> bool:
        """The same file was added before: a job that does all that the old one did takes its place.

        Returns:
            False where the old one is doing the pages, and the new one is not needed.
        """
        if twin.owner != self._owner and owner_alive(twin.owner):
            return True  # another program's: both stay
        ours, theirs = set(job.chosen), set(parse_pages(twin.selection, job.info.pages if job.info else 0))
        old = self._jobs.get(twin.job)
        if old is not None and old.state in (JobState.OPENING, JobState.RUNNING) and not job.fresh:
            return not ours <= theirs
        if ours >= theirs:
            self._ledger.remove_job(twin.job)
            if self._jobs.pop(twin.job, None) is not None:
                self._emit(JobRemoved(twin.job))
        return True

    def _reopen(self, job: Job) -> None:
        """Open the file again, which plans the job's pages anew from the ledger, and go on."""
        if job.state is not JobState.OPENING:
            self._set(job, JobState.OPENING)
            self._spawn_opening(job)

    def _halt(self, job: Job, state: JobState) -> None:
        if job.state in (*UNFINISHED, JobState.NEEDS_PASSWORD):
            self._set(job, state)

    async def _work(self, job: Job, page: int) -> None:
        """Do a page and commit it. The queue's contract: no error leaves but cancellation."""
        started = time.monotonic()
        try:
            error = await self._recorder.recognise(job, page)
        except DesktopOcrError as failure:
            self._put_back(job, page, failure)
            return
        except Exception as failure:
            log.exception("page %d of job %d", page + 1, job.number)
            self._put_back(job, page, unexpected(failure))
            return
        job.working.discard(page)
        job.count(failed=error is not None)
        state = PageState.DONE if error is None else PageState.FAILED
        self._emit(PageFinished(job.number, page, state, time.monotonic() - started, error))
        # A job that is being opened again may find more to do; that is known when it is open.
        if job.complete and job.state in (JobState.RUNNING, JobState.PAUSED):
            self._set(job, JobState.DONE)
        else:
            self._show(job)

    def _gone(self, job: Job) -> bool:
        return self._closed or self._jobs.get(job.number) is not job

    def _put_back(self, job: Job, page: int, failure: DesktopOcrError) -> None:
        """A page that could not be kept waits, and the job with it: for the user, or for a look at its file."""
        job.working.discard(page)
        job.waiting.appendleft(page)
        if failure.code is ErrorCode.CANCELLED or self._gone(job):
            return
        if failure.code is ErrorCode.FILE_CHANGED:
            if job.state is JobState.RUNNING:
                self._reopen(job)
            return
        job.error = failure.info
        if job.state is JobState.RUNNING:
            job.state = JobState.PAUSED
            self._emit(Notice(f"'{job.path.name}' is paused: {failure.info}", error=True))
        self._show(job)

    def _set(self, job: Job, state: JobState, error: ErrorInfo | None = None) -> None:
        job.state, job.error = state, error
        working = state in (JobState.OPENING, JobState.RUNNING)
        try:
            self._ledger.set_state(job.number, state, error, self._owner if working else None)
        except DesktopOcrError as failure:
            log.warning("the state of job %d could not be stored: %s", job.number, failure.code)
        self._show(job)

    def _show(self, job: Job) -> None:
        if self._jobs.get(job.number) is job:
            self._emit(JobChanged(job.view()))
