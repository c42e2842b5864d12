"""Documents in the list that belong to files of watched folders: which they are, and what has become of them."""

from __future__ import annotations

from collections.abc import Container

from desktop_ocr.core.arrival_finish import Desk
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved
from desktop_ocr.schema.jobs import JobState, JobView
from desktop_ocr.schema.watching import ArrivalState

GOES_ON = (JobState.WAITING, JobState.OPENING, JobState.RUNNING, JobState.PAUSED)


class Followed:
    """Arrivals by their documents.

    Attributes:
        rows: numbers of arrivals by those of documents.
        changed: documents that are to be looked at.
        told: what was stored last of an arrival because of its document, by the arrival's number.
    """

    def __init__(self) -> None:
        """None yet."""
        self.rows: dict[int, int] = {}
        self.changed: set[int] = set()
        self.told: dict[int, tuple[ArrivalState, ErrorInfo | None]] = {}

    def add(self, job: int, row: int) -> None:
        """Follow a document; it is to be looked at."""
        self.rows[job] = row
        self.changed.add(job)

    def drop(self, job: int) -> None:
        """Follow it no more."""
        row = self.rows.pop(job, None)
        if row is not None:
            self.told.pop(row, None)

    def saw(self, event: Event) -> bool:
        """Note which document an event is about; whether it is one of these."""
        job = None
        if isinstance(event, JobChanged):
            job = event.view.job
        elif isinstance(event, JobRemoved):
            job = event.job
        if job is None or job not in self.rows:
            return False
        self.changed.add(job)
        return True

    def look_again(self, row: int) -> None:
        """Whatever was done with an arrival is over."""
        self.changed |= {job for job, number in self.rows.items() if number == row}

    def in_work(self, desk: Desk, but: Container[int]) -> int:
        """How many documents are in the list unfinished, those of some arrivals left out."""
        jobs = [job for job, row in self.rows.items() if row not in but]
        return sum(1 for job in jobs if (view := desk.view(job)) and view.state in GOES_ON)


def state_of(view: JobView) -> tuple[ArrivalState, ErrorInfo | None]:
    """What an arrival's state is while its document is in a state; FAILED here may turn out to be WAITING."""
    if view.state is JobState.CANCELLED:
        return ArrivalState.FAILED, ErrorInfo(ErrorCode.CANCELLED, "The document was cancelled.", "Resume it.")
    if view.state in (JobState.FAILED, JobState.NEEDS_PASSWORD) or (view.state is JobState.PAUSED and view.error):
        return ArrivalState.FAILED, view.error or ErrorInfo(ErrorCode.INTERNAL, "It could not be read.")
    return ArrivalState.WORKING, None
