"""Which page comes next, and how many are in flight."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from desktop_ocr.core.batches import Task

log = logging.getLogger(__name__)

Work = Callable[[Task], Awaitable[None]]


class PageQueue:
    """Takes the page that is next, and works at no more than `in_flight` at a time.

    Pausing and cancelling act between pages: what is in work is finished.
    """

    def __init__(self, choose: Callable[[], Task | None], work: Work, in_flight: int) -> None:
        """Work at nothing before `start`.

        Args:
            choose: what to do next, or None.
            work: does it and commits it; must not raise.
            in_flight: pages at a time.
        """
        self._choose = choose
        self._work = work
        self._in_flight = in_flight
        self._tasks: list[asyncio.Task[None]] = []
        # A condition, not an event: a page that comes while the last worker goes to sleep must wake one.
        self._changed = asyncio.Condition()
        self._stopping = False
        self._held = 0
        self.working = 0

    def start(self) -> None:
        """Start the workers."""
        for number in range(self._in_flight):
            if number >= len(self._tasks):
                self._tasks.append(self._worker(number))
            elif self._tasks[number].done():
                self._tasks[number] = self._worker(number)

    def resize(self, in_flight: int) -> None:
        """Work at so many pages at a time from now on; what is in work is finished."""
        self._in_flight = in_flight
        if self._tasks and not self._stopping:
            self.start()

    async def wake(self) -> None:
        """Tell the workers that there may be pages."""
        async with self._changed:
            self._changed.notify_all()

    def hold(self) -> None:
        """Take no page until `go_on`, which is to be called as often."""
        self._held += 1

    async def go_on(self) -> None:
        """Take pages again."""
        self._held -= 1
        await self.wake()

    async def drained(self, seconds: float | None = None) -> bool:
        """Wait until no page is in work; False where that took longer."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: not self.working)
        except TimeoutError:
            return not self.working
        return True

    async def stop(self) -> None:
        """Take no more pages and cancel those in work; they wait again for the next start."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _worker(self, number: int) -> asyncio.Task[None]:
        return asyncio.create_task(self._run(number), name=f"page worker {number}")

    async def _run(self, number: int) -> None:
        while (task := await self._take(number)) is not None:
            job, page, _ = task
            try:
                await self._work(task)
            except asyncio.CancelledError:
                job.put_back(page)
                raise
            except Exception:  # a bug must not end the worker, and with it every document
                log.exception("page %d of job %d", page + 1, job.number)
            finally:
                job.working.discard(page)
                job.stages.pop(page, None)
                self.working -= 1
                log.info("page %d of job %d: cleaned up, %d in work", page + 1, job.number, self.working)
            await self.wake()

    async def _take(self, number: int) -> Task | None:
        """The next page, in work from now on; None for a worker that is not wanted any more."""
        async with self._changed:
            while not self._stopping and number < self._in_flight:
                chosen = None if self._held else self._choose()
                if chosen is not None:
                    chosen.job.take(chosen.page, chosen.stage)
                    self.working += 1
                    return chosen
                await self._changed.wait()
        return None
