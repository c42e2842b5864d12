"""What this process works at, and whether what others worked at is free: a job belongs to one process at a time.

On this machine its number tells whether a process lives: one that was stopped, or sleeps with its laptop, keeps its
jobs. Of processes of other machines and of containers only the beat in the ledger tells. It is by their clock, which
may be wrong, so what counts is how long we have seen it stand still.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.core.ledger import JobRow, Ledger
from desktop_ocr.core.ledger_leases import Lease
from desktop_ocr.core.owners import Standing, job_owner, standing
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0
"""A process of which nothing else is known is gone when its beat was not renewed for so long."""
SURELY_OLD = 3600.0
"""A beat so old needs not be watched: no clock is that wrong."""


class Leases:
    """The jobs that this process holds.

    Attributes:
        owner: this process, as the ledger names it.
        held: numbers of its jobs.
        lost: of those that were its own until somebody else took them, and of which nobody was told yet.
    """

    def __init__(
        self,
        ledger: Ledger,
        title: str = "",
        *,
        owner: str | None = None,
        clock: Callable[[], float] = time.time,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hold nothing yet.

        Args:
            ledger: where it is noted.
            title: of this program, as others show it.
            owner: name of this process; None to ask the system.
            clock: tells the time of day, in seconds.
            watch: measures seconds; what the machine sleeps need not count.
        """
        self._ledger = ledger
        self._title = title
        self._clock = clock
        self._watch = watch
        self._beaten = clock()
        self._still: dict[str, tuple[float, float]] = {}
        self.owner = owner or job_owner()
        self.held: set[int] = set()
        self.lost: set[int] = set()

    # --- jobs of this process -------------------------------------------------------------------------------

    def add(self, path: Path, options: JobOptions, selection: str, *, attended: bool = True) -> int:
        """A new job in the ledger, held from its beginning; returns its number. `attended`: a person adds it.

        Raises:
            DesktopOcrError: it could not be stored.
        """
        job = self._ledger.add_job(str(path), options, selection, self.owner, self._title, attended=attended)
        self.held.add(job)
        return job

    def take(self, job: int) -> bool:
        """Hold a job; False where somebody else does, or it is gone.

        Raises:
            DesktopOcrError: the ledger cannot be written.
        """
        taken = self._if_free(job, lambda: self._ledger.leases.claim(job, self.owner, self._title))
        (self.held.add if taken else self.held.discard)(job)
        return taken

    def set_state(self, job: int, state: JobState, error: ErrorInfo | None = None, *, keep: bool) -> bool:
        """A job's new state in the ledger; it is held from now on, or not any more (`keep`).

        Returns:
            False where somebody else holds it, or it is gone: then nothing was changed.

        Raises:
            DesktopOcrError: the ledger cannot be written.
        """

        def write() -> bool:
            owner = self.owner if keep else None
            return self._ledger.set_state(job, state, error, owner, title=self._title, by=self.owner)

        stored = self._if_free(job, write)
        (self.held.add if stored and keep else self.held.discard)(job)
        return stored

    def forget(self, job: int) -> None:
        """A job was removed."""
        self.held.discard(job)

    def beat(self) -> None:
        """Say that this process is at work, where it is, and notice what is not its own any more.

        Raises:
            DesktopOcrError: the ledger cannot be written: nothing is known.
        """
        if not self.held:
            return
        lost = self.held - self._ledger.leases.beat(self.owner)
        self._beaten = self._clock()
        self.held -= lost
        self.lost |= lost

    def sure(self, job: int) -> bool:
        """Whether a job that is held has surely not been taken meanwhile, because this program was stopped for long.

        Where the ledger cannot be asked nobody is told that it was.
        """
        if job in self.held and abs(self._clock() - self._beaten) > SILENT_SECONDS / 2:
            try:
                self.beat()
            except DesktopOcrError as error:
                log.warning("it cannot be asked who works at job %d: %s", job, error.code)
        return job not in self.lost

    # --- jobs of others -------------------------------------------------------------------------------------

    def elsewhere(self, row: JobRow | Lease) -> bool:
        """Whether another process works at a job that was seen so."""
        return row.owner is not None and row.owner != self.owner and not self._gone(row.owner, row.beat)

    def _gone(self, owner: str, beat: float) -> bool:
        known = standing(owner)
        if known is not Standing.UNKNOWN:
            return known is Standing.GONE
        now = self._watch()
        latest, since = self._still.get(owner, (beat, now))
        # Of several jobs the one that was renewed last tells; where the clock was set back, any that is another one.
        if beat > latest or (beat != latest and latest > self._clock()):
            latest, since = beat, now
        self._still[owner] = latest, since
        return self._clock() - latest > SURELY_OLD or now - since > SILENT_SECONDS

    def _if_free(self, job: int, write: Callable[[], bool]) -> bool:
        """Do what succeeds on a job that nobody else holds, after what its owner has left is cleared away."""
        while not write():
            seen = self._ledger.leases.of(job)
            if seen is None or self.elsewhere(seen):
                return False
            # Free by now, or of one who is gone. Somebody else may clear it away, or take it, at the same time.
            if seen.owner is not None:
                self._ledger.leases.release(seen)
        return True


def worked_at_elsewhere(name: str, title: str) -> DesktopOcrError:
    """That another running program works at a document."""
    return DesktopOcrError(
        ErrorCode.USAGE,
        f"'{name}' is being worked at by another Desktop OCR ({title}).",
        "Wait until it is done, or end that program.",
    )
