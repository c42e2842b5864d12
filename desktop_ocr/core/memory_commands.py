"""The part of `SessionApi` that is about memory, and about what work waits for."""

from __future__ import annotations

import os

import msgspec

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.freeing import Freer
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.pressure import PressureControl
from desktop_ocr.core.queue import PageQueue
from desktop_ocr.core.waiting import Waiting
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.memory import FreeReport, MemoryStats


class MemoryCommands:
    """Hands them on."""

    _attention: Attention
    _documents: Documents
    _freer: Freer
    _machinery: Machinery
    _pressure: PressureControl
    _queue: PageQueue
    _title: str
    _waiting: Waiting

    async def free(self) -> FreeReport:
        """See `SessionApi.free`."""
        return await self._freer.free()

    async def resume_work(self) -> int:
        """See `SessionApi.resume_work`."""
        return await self._freer.resume()

    async def go_on_anyway(self) -> None:
        """See `SessionApi.go_on_anyway`."""
        await self._pressure.insist()

    async def work_anyway(self) -> None:
        """See `SessionApi.work_anyway`."""
        await self._waiting.insist()

    async def look_at(self, job: int | None, page: int | None) -> None:
        """See `SessionApi.look_at`."""
        changed = job != self._attention.job
        self._attention.job, self._attention.page = job, page
        if changed and self._attention.deferred:
            await self._deferral_changed()

    async def unload_model(self, model: str, service: str) -> None:
        """See `SessionApi.unload_model`."""
        await self._machinery.manager.unload_now(model, service)

    async def stats(self) -> MemoryStats:
        """See `SessionApi.stats`."""
        return msgspec.structs.replace(
            self._machinery.stats(),
            waiting=sum(
                len(job.waiting) + len(job.ready)
                for job in self._documents.jobs.values()
                if job.state is JobState.RUNNING
            ),
            working=self._queue.working,
            held=self._freer.reason,
            pid=os.getpid(),
            title=self._title,
        )

    async def _deferral_changed(self) -> None:
        self._documents.show_running()
        await self._queue.wake()
