"""Other running programs on the same ledger: what they work at is shown here, and what this one does is told to them.

Nothing is written while nothing is worked at here; and of the ledger a single number is read, until that says that
somebody else has changed it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection
from pathlib import Path

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.job import Job
from desktop_ocr.core.leases import BEAT_SECONDS, Leases, worked_at_elsewhere
from desktop_ocr.core.ledger import JobRow, Ledger
from desktop_ocr.core.ledger_leases import Lease
from desktop_ocr.core.opening import SOME_PROGRAM
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, Notice, PageFinished
from desktop_ocr.schema.jobs import FINAL_STATES, JobState, PageState, PageView

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.5
LOOK_SHARE = 0.05
"""Of the time no more than this is spent with looking, however long the documents are."""
LONGEST_PAUSE = 10.0

_FINAL = frozenset(state.value for state in FINAL_STATES)


class OtherPrograms:
    """Looks at the ledger again and again, and keeps this program's own jobs its own."""

    def __init__(
        self,
        ledger: Ledger,
        leases: Leases,
        documents: Documents,
        emit: Callable[[Event], None],
        *,
        everything: bool = True,
    ) -> None:
        """Look at nothing before `start`.

        Args:
            ledger: where others write.
            leases: of this process.
            documents: where it is shown.
            emit: gets pages that others have finished.
            everything: show jobs that were others' from the beginning; False for those alone that were ours.
        """
        self._ledger = ledger
        self._leases = leases
        self._documents = documents
        self._emit = emit
        self._everything = everything
        self._task: asyncio.Task[None] | None = None
        self._version = -1
        self._seen: dict[int, Lease] = {}
        self._pages: dict[int, dict[int, PageView]] = {}
        self._told: dict[int, tuple[object, ...]] = {}

    def start(self) -> None:
        """Look from now on; what is in the list already is as it was a moment ago."""
        for number in self._documents.elsewhere:
            self._pages[number] = self._known(number)
        self._task = asyncio.create_task(self._run(), name="other programs")

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        beaten, took, trouble = time.monotonic(), 0.0, ""
        while True:
            await asyncio.sleep(min(LONGEST_PAUSE, max(LOOK_SECONDS, took / LOOK_SHARE)))
            began = time.monotonic()
            try:
                if time.monotonic() - beaten >= BEAT_SECONDS:
                    beaten = time.monotonic()
                    self._leases.beat()
                self.look()
                trouble = ""
            except DesktopOcrError as error:
                if str(error) != trouble:  # once, and not every second of a night with a full disk
                    trouble = str(error)
                    log.warning("it cannot be seen what other programs do: %s", error)
            except Exception:  # a bug must not end this: jobs would be taken for abandoned
                log.exception("looking at what other programs do")
            took = time.monotonic() - began

    def look(self) -> None:
        """See what has changed since the last time.

        Raises:
            DesktopOcrError: the ledger cannot be read.
        """
        version = self._ledger.leases.version()
        if version != self._version or self._leases.lost:
            self._read()
            self._leases.lost.clear()
            self._version = version
            return
        # Of a program that was killed the ledger tells nothing.
        for number in self._seen.keys() - self._elsewhere(self._seen.values()).keys():
            self._take_in(number)

    def _read(self) -> None:
        documents = self._documents
        states = self._ledger.leases.states()
        self._seen = self._elsewhere(self._ledger.leases.all())
        for number in [*documents.jobs, *documents.elsewhere]:
            if number not in states:
                self._forget(number)
                documents.drop(number)
        for number, state in states.items():
            ours = documents.jobs.get(number)
            shown = ours is not None or number in documents.elsewhere
            if not shown and not self._everything:
                self._seen.pop(number, None)
            elif number in self._seen:
                self._follow(number, self._seen[number])
            elif ours is None or self._moved_on(ours, state):
                self._take_in(number)

    def _elsewhere(self, leases: Collection[Lease]) -> dict[int, Lease]:
        """Of what was seen, that at which another program works. The system is asked once for each of these."""
        asked: dict[tuple[str | None, float], bool] = {}
        for lease in leases:
            if (lease.owner, lease.beat) not in asked:
                asked[lease.owner, lease.beat] = self._leases.elsewhere(lease)
        return {lease.job: lease for lease in leases if asked[lease.owner, lease.beat]}

    def _moved_on(self, ours: Job, state: str) -> bool:
        """Whether a job of ours was gone on with by somebody else, and is done, or given up again."""
        if ours.number in self._leases.lost:
            return True
        if ours.state is not JobState.PAUSED or state not in _FINAL:
            return False
        return not ours.working and ours.number not in self._leases.held

    def _follow(self, number: int, lease: Lease) -> None:
        """A job that somebody else works at, where there is something new of it; a beat alone is nothing new."""
        now = (lease.owner, lease.title, lease.state, *self._ledger.leases.progress(number))
        if number not in self._documents.elsewhere or self._told.get(number) != now:
            self._update(number, self._documents.put_elsewhere)
            self._told[number] = now

    def _forget(self, number: int) -> None:
        self._pages.pop(number, None)
        self._told.pop(number, None)

    def _take_in(self, number: int) -> None:
        """A job that nobody works at any more."""
        self._seen.pop(number, None)
        self._update(number, self._documents.put_restored)
        self._forget(number)

    def _update(self, number: int, put: Callable[[JobRow], Job]) -> None:
        """Show a job as it is now, with the pages that have come since."""
        row = self._ledger.job(number)
        if row is None:
            return  # it is dropped when we look the next time
        before = self._shown_pages(number)
        if number in self._documents.jobs and number in self._leases.lost:
            self._emit(Notice(worked_at_elsewhere(Path(row.path).name, row.title or SOME_PROGRAM).info.message))
        put(row)
        self._pages[number] = known = self._known(number)
        if before is None:
            return
        for page, view in known.items():
            if view.state is not PageState.WAITING and view != before.get(page):
                self._emit(PageFinished(number, page, view.state, 0.0, view.error, view.degraded))

    def _shown_pages(self, number: int) -> dict[int, PageView] | None:
        """The pages of a job as they were told last; None for one that is not in the list."""
        documents = self._documents
        if number in documents.jobs:
            return {view.page: view for view in documents.pages(documents.jobs[number])}
        if number in documents.elsewhere:
            return self._pages.get(number, {})
        return None

    def _known(self, number: int) -> dict[int, PageView]:
        job = self._documents.job(number)
        known = {} if job.key is None else self._ledger.pages(job.key)
        return {page: known[page] for page in job.chosen if page in known}
