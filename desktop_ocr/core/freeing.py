"""Giving all memory back, measured before and after."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.job import Job
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.queue import PageQueue
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, Freed, WorkHeld, WorkResumed
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.memory import FreeReport, MemorySample

log = logging.getLogger(__name__)

PUT_BACK_SECONDS = 2.0
NO_MEMORY = "there is not enough memory. Close other programs, then resume"


class Freer:
    """Ends all hosts; the documents that were running wait for the user."""

    def __init__(
        self,
        live: LiveSettings,
        machinery: Machinery,
        documents: Documents,
        queue: PageQueue,
        emit: Callable[[Event], None],
    ) -> None:
        """Act on these."""
        self._live = live
        self._machinery = machinery
        self._documents = documents
        self._queue = queue
        self._emit = emit
        self._freeing: asyncio.Task[FreeReport] | None = None
        self._held: dict[int, str] = {}

    async def free(self) -> FreeReport:
        """See `SessionApi.free`."""
        return await self._one("memory was given back", self._live.now.free_grace_seconds)

    async def release_all(self, why: str) -> FreeReport:
        """The emergency: as `free`, without waiting for pages in work. `why` completes "... is paused because"."""
        return await self._one(why, 0.0)

    async def resume(self) -> int:
        """Go on with what was paused here, once nothing is being given back; returns how many documents."""
        await self.over()
        held, self._held = self._held, {}
        jobs = [job for number in sorted(held) if (job := self._documents.jobs.get(number)) is not None]
        paused = [job for job in jobs if job.state is JobState.PAUSED]
        for job in paused:
            self._documents.reopen(job)
        if held:
            self._emit(WorkResumed())
        return len(paused)

    def hold(self, job: Job, error: ErrorInfo, why: str = NO_MEMORY) -> None:
        """Pause a document for which memory is short, or something else, to be resumed with the others."""
        self._documents.set(job, JobState.PAUSED, error, stored=JobState.RUNNING)
        self._hold({job.number}, why)

    @property
    def held(self) -> frozenset[int]:
        """Documents that wait for `resume`."""
        return frozenset(self._held)

    @property
    def reason(self) -> str:
        """Why they do, each reason once; "" where none does."""
        return "; ".join(dict.fromkeys(self._held.values()))

    def forget(self, job: int) -> None:
        """The user has decided about a document by other means."""
        if job in self._held:
            del self._held[job]
            if not self._held:
                self._emit(WorkResumed())

    async def over(self) -> None:
        """Return when no memory is being given back: what is begun before that would be stopped at once."""
        while self._freeing is not None and not self._freeing.done():
            await asyncio.wait([self._freeing])

    async def close(self) -> None:
        """Let one that is under way come to its end."""
        await self.over()

    async def _one(self, why: str, grace: float) -> FreeReport:
        if self._freeing is None or self._freeing.done():
            self._freeing = asyncio.create_task(self._free(why, grace), name="freeing")
        # Who asked may go away; what was begun is finished.
        return await asyncio.shield(self._freeing)

    async def _free(self, why: str, grace: float) -> FreeReport:
        paused: set[int] = set()
        try:
            report = await self._give_back(grace, paused)
            self._emit(Freed(report))
            return report
        finally:
            self._hold(self._waiting(paused), why)

    async def _give_back(self, grace: float, paused: set[int]) -> FreeReport:
        """End everything, and measure; notes in `paused` which documents had to stop for it."""
        started = time.monotonic()
        machinery = self._machinery
        before = await self._measured_before()
        refusal = DesktopOcrError(ErrorCode.FREED, "This was stopped to give memory back.", "Do it again.")
        self._queue.hold()
        try:
            paused |= self._pause()
            machinery.refuse(refusal)
            if not await self._queue.drained(grace):
                log.info("%d pages in work are put back", self._queue.working)
            requeued = self._queue.working
            await machinery.interrupt(refusal)
            if not await self._queue.drained(PUT_BACK_SECONDS):
                log.warning("%d pages are still in work after all hosts ended", self._queue.working)
            machinery.tidy()
            after = await machinery.monitor.sample(exact=True)
        finally:
            machinery.refuse(None)
            await self._queue.go_on()
        report = FreeReport(
            ram_before=before.ram_ours,
            ram_after=after.ram_ours,
            vram_before=before.vram_ours,
            vram_after=after.vram_ours,
            requeued=requeued,
            paused=tuple(sorted(self._waiting(paused))),
            seconds=time.monotonic() - started,
        )
        log.info(
            "freed: RAM %.0f to %.0f MB, VRAM %s to %s MB, %d pages put back, %.1f s",
            *(report.ram_before, report.ram_after, report.vram_before, report.vram_after),
            *(report.requeued, report.seconds),
        )
        return report

    async def _measured_before(self) -> MemorySample:
        """What is held now; where that cannot be measured, the last sample: memory is given back all the same."""
        try:
            return await self._machinery.monitor.sample(exact=True)
        except Exception:
            log.exception("memory could not be measured before it is given back")
            return self._machinery.monitor.latest or MemorySample(0.0, 0.0, 0.0)

    def _waiting(self, paused: set[int]) -> set[int]:
        """Of the documents that were paused, those that the user has not removed, cancelled or resumed since."""
        jobs = self._documents.jobs
        return {number for number in paused if number in jobs and jobs[number].state is JobState.PAUSED}

    def _hold(self, paused: set[int], why: str) -> None:
        """Keep documents for `resume`, and say so."""
        if paused:
            self._held |= dict.fromkeys(paused, why)
            counts = Counter(self._held.values())
            words = " ".join(_held_words(count, reason) for reason, count in counts.items())
            self._emit(WorkHeld(words, tuple(sorted(self._held))))

    def _pause(self) -> set[int]:
        """Pause all documents that go on; returns their numbers."""
        paused = set()
        for job in list(self._documents.jobs.values()):
            goes_on = job.state in (JobState.RUNNING, JobState.OPENING)
            if goes_on and self._documents.halt(job, JobState.PAUSED, ask=True):
                paused.add(job.number)
        return paused


def _held_words(count: int, why: str) -> str:
    noun = "1 document is" if count == 1 else f"{count} documents are"
    return f"{noun} paused because {why}."
