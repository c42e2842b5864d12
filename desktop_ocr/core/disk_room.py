"""Documents that stand because the disk is full: they are held with a sentence, and go on when there is room again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.freeing import Freer
from desktop_ocr.core.job import Job
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobState

log = logging.getLogger(__name__)

SHORTEST_WAIT, LONGEST_WAIT = 5.0, 60.0
"""Seconds between two looks. Each time that room was found and did not last, the wait is twice as long."""

PROBE_BYTES = 1_000_000
WHY = "the disk is full. Make room there: then it goes on by itself"


class DiskRoom:
    """Told of each document that a full disk stopped. Those that the user decides about meanwhile are left to him."""

    def __init__(self, documents: Documents, freer: Callable[[], Freer], folders: Sequence[Path]) -> None:
        """Nothing is full yet.

        Args:
            documents: are opened again when there is room.
            freer: holds documents, for the user to resume; asked for when it is needed.
            folders: that have to have room: the ledger's, and the one of pages in transit.
        """
        self._documents = documents
        self._freer = freer
        self._folders = folders
        self._jobs: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._wait = SHORTEST_WAIT
        self._found = -math.inf

    def met(self, job: Job, error: ErrorInfo) -> None:
        """A document cannot go on, because the disk is full."""
        if job.state is JobState.PAUSED:
            return  # another of its pages was here a moment ago
        self._freer().hold(job, error, WHY)
        self._jobs.add(job.number)
        if self._task is None or self._task.done():
            lasted = time.monotonic() - self._found > LONGEST_WAIT
            self._wait = SHORTEST_WAIT if lasted else min(2 * self._wait, LONGEST_WAIT)
            self._task = asyncio.create_task(self._look(), name="waiting for room on the disk")

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self) -> None:
        while waiting := self._held():
            await asyncio.sleep(self._wait)
            if await asyncio.to_thread(self._has_room):
                self._found = time.monotonic()
                waiting = self._held()
                log.info("there is room on the disk again: %d documents go on", len(waiting))
                for number in waiting:
                    self._documents.reopen(self._documents.jobs[number])
                    self._freer().forget(number)
                self._jobs.clear()

    def _held(self) -> list[int]:
        """Those that still wait for room, and that the user has not decided about."""
        jobs = self._documents.jobs
        self._jobs &= self._freer().held
        return sorted(n for n in self._jobs if n in jobs and jobs[n].state is JobState.PAUSED)

    def _has_room(self) -> bool:
        """Whether something can be written, which says more than what the file system has free: users have quotas."""
        try:
            for folder in self._folders:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                with tempfile.TemporaryFile(dir=folder, prefix=".room-") as file:  # no name: a kill leaves nothing
                    file.write(bytes(PROBE_BYTES))
                    file.flush()
                    with contextlib.suppress(AttributeError):  # not on Windows
                        os.fdatasync(file.fileno())
        except OSError:
            return False
        return True
