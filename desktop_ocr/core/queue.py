"""Which page comes next, and how many are in flight."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from desktop_ocr.core.job import Job
from desktop_ocr.schema.jobs import JobState

log = logging.getLogger(__name__)

Work = Callable[[Job, int], Awaitable[None]]


class PageQueue:
    """Takes pages of running jobs, oldest job first, and works at no more than `in_flight` at a time.

    Pausing and cancelling act between pages: what is in work is finished.
    """

    def __init__(self, jobs: Callable[[], Iterable[Job]], work: Work, in_flight: int) -> None:
        """Work at nothing before `start`.

        Args:
            jobs: all jobs, in the order in which they are to be done.
            work: does a page and commits it; must not raise.
            in_flight: pages at a time.
        """
        self._jobs = jobs
        self._work = work
        self._in_flight = in_flight
        self._tasks: list[asyncio.Task[None]] = []
        # A condition, not an event: a page that comes while the last worker goes to sleep must wake one.
        self._changed = asyncio.Condition()
        self._stopping = False

    def start(self) -> None:
        """Start the workers."""
        self._tasks = [
            asyncio.create_task(self._run(), name=f"page worker {number}") for number in range(self._in_flight)
        ]

    async def wake(self) -> None:
        """Tell the workers that there may be pages."""
        async with self._changed:
            self._changed.notify_all()

    async def stop(self) -> None:
        """Take no more pages and cancel those in work; they wait again for the next start."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping:
            job, page = await self._take()
            try:
                await self._work(job, page)
            except asyncio.CancelledError:
                job.waiting.appendleft(page)
                raise
            except Exception:  # a bug must not end the worker, and with it every document
                log.exception("page %d of job %d", page + 1, job.number)
            finally:
                job.working.discard(page)

    async def _take(self) -> tuple[Job, int]:
        async with self._changed:
            while True:
                for job in self._jobs():
                    if job.state is JobState.RUNNING and job.waiting:
                        page = job.waiting.popleft()
                        job.working.add(page)
                        return job, page
                await self._changed.wait()
