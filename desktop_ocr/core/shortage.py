"""Documents whose pages do not fit into memory: they wait and try again, and are held when that does not help."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.job import Job
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobState

log = logging.getLogger(__name__)

WAITS = (2.0, 5.0, 10.0)
"""Seconds between two tries: a short spike of another program needs no user."""


class Shortage:
    """Told of each page that was not begun for want of memory."""

    def __init__(
        self, documents: Documents, hold: Callable[[Job, ErrorInfo], None], wake: Callable[[], Awaitable[None]]
    ) -> None:
        """Nothing is short yet.

        Args:
            documents: shown as deferred while they wait.
            hold: pauses a document until the user resumes what is held.
            wake: called when pages may be tried again.
        """
        self._documents = documents
        self._hold = hold
        self._wake = wake
        self._waiting: set[asyncio.Task[None]] = set()

    def met(self, job: Job, error: ErrorInfo) -> None:
        """A page of a running document does not fit, whatever is left out."""
        if job.short_of_memory:
            return  # another of its pages was here a moment ago
        if job.memory_tries >= len(WAITS):
            job.memory_tries = 0
            self._hold(job, error)
            return
        seconds = WAITS[job.memory_tries]
        job.memory_tries += 1
        job.short_of_memory = True
        log.info("job %d waits %.0f s for memory", job.number, seconds)
        task = asyncio.create_task(self._try_again(job, seconds), name=f"job {job.number} waits for memory")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def close(self) -> None:
        """Wait no more."""
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _try_again(self, job: Job, seconds: float) -> None:
        await asyncio.sleep(seconds)
        job.short_of_memory = False
        if job.state is JobState.RUNNING:
            self._documents.show(job)
        await self._wake()
