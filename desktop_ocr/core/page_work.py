"""What the queue does with a page, or a stage of one: do it, commit, tell; and what if it could not be done now."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from desktop_ocr.core.batches import Task
from desktop_ocr.core.disk_room import DiskRoom
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.job import Job
from desktop_ocr.core.recorder import PageRecorder, Recorded
from desktop_ocr.core.shortage import Shortage
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, unexpected
from desktop_ocr.schema.events import Event, Notice, PageFinished
from desktop_ocr.schema.jobs import JobState, PageState

log = logging.getLogger(__name__)


class PageWork:
    """Call it with a task."""

    def __init__(
        self,
        documents: Documents,
        recorder: PageRecorder,
        shortage: Shortage,
        room: DiskRoom,
        emit: Callable[[Event], None],
    ) -> None:
        """Do pages of `documents` by `recorder`; what does not fit into memory is told to `shortage`, onto the disk to
        `room`.
        """
        self._documents = documents
        self._recorder = recorder
        self._shortage = shortage
        self._room = room
        self._emit = emit

    async def __call__(self, task: Task) -> None:
        """Do it and commit it. The queue's contract: no error leaves but cancellation."""
        started = time.monotonic()
        job, page, stage = task
        try:
            if stage is None:
                done = await self._recorder.recognise(job, page)
            else:
                done = await self._recorder.refine(job, page, stage)
        except DesktopOcrError as failure:
            self._put_back(job, page, failure)
            return
        except Exception as failure:
            log.exception("page %d of job %d", page + 1, job.number)
            self._put_back(job, page, unexpected(failure))
            return
        job.memory_tries = 0
        job.settle(page, done.view)
        job.note_memory(done.predicted_mb, done.peak_mb)
        self._tell(task, done, time.monotonic() - started)

    def _tell(self, task: Task, done: Recorded, seconds: float) -> None:
        job, page, stage = task
        view = done.view
        job.pace.note(stage, seconds, view.pending)
        if done.kept_despite is not None:
            name, why = job.path.name, done.kept_despite
            self._emit(
                Notice(f"Page {page + 1} of '{name}' could not be read again, and stays as it was: {why}", error=True)
            )
        if view.state is not PageState.WAITING:
            self._emit(PageFinished(job.number, page, view.state, seconds, view.error, view.degraded))
        # A job that is being opened again may find more to do; that is known when it is open.
        if job.complete and job.state in (JobState.RUNNING, JobState.PAUSED):
            self._documents.finish(job)
        else:
            self._documents.show(job)

    def _put_back(self, job: Job, page: int, failure: DesktopOcrError) -> None:
        """A page that could not be kept waits, and mostly the job with it: for the user, or for a look at its file."""
        job.put_back(page)
        log.info("page %d of job %d waits again (%s)", page + 1, job.number, failure.code)
        if failure.code is ErrorCode.CANCELLED or self._documents.gone(job):
            return
        if failure.code in (ErrorCode.NO_SERVICE, ErrorCode.FREED):
            self._documents.show(job)
            return
        if failure.code is ErrorCode.FILE_CHANGED:
            if job.state is JobState.RUNNING:
                self._documents.reopen(job)
            return
        if failure.code is ErrorCode.MEMORY_SHORT and job.state is JobState.RUNNING:
            self._shortage.met(job, failure.info)
            self._documents.show(job)
            return
        if failure.code is ErrorCode.DISK_FULL and job.state is JobState.RUNNING:
            self._room.met(job, failure.info)
            return
        if job.state is not JobState.RUNNING:
            job.error = failure.info
            self._documents.show(job)
        elif self._documents.set(job, JobState.PAUSED, failure.info, stored=JobState.RUNNING):
            self._emit(Notice(f"'{job.path.name}' is paused: {failure.info}", error=True))
