"""Calls something when its time has come, and sleeps in between."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.01


class Sweeper:
    """A task that is there only while something waits for its time. It never polls: who changes times wakes it."""

    def __init__(self, next_due: Callable[[], float | None], sweep: Callable[[], Awaitable[None]]) -> None:
        """Start nothing yet.

        Args:
            next_due: when to sweep, by `time.monotonic`; None for never.
            sweep: does what is due.
        """
        self._next_due = next_due
        self._sweep = sweep
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def wake(self) -> None:
        """Times have changed."""
        self._changed.set()
        if not self._closed and (self._task is None or self._task.done()) and self._next_due() is not None:
            self._task = asyncio.create_task(self._run(), name="idle models")

    async def close(self) -> None:
        """Sweep no more."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while (due := self._next_due()) is not None:
                self._changed.clear()
                left = due - time.monotonic()
                if left <= 0:
                    await self._sweep()
                    # What could not be done may be waiting for somebody who has had no turn yet.
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._changed.wait()
        except Exception:
            # The next change starts another task.
            log.exception("unloading what is idle")
