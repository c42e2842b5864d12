"""What happens to documents that somebody may want to be told of: compares what they were with what they are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.job_model import ACTIVE_STATES
from desktop_ocr.schema.events import DocumentDone, Event, JobChanged, JobRemoved, Notice, WorkHeld, WorkWaits
from desktop_ocr.schema.jobs import JobState, JobView

ASKS = frozenset({JobState.NEEDS_PASSWORD, JobState.FAILED})


class JobNews(QObject):
    """Reads the core's events; needs no window.

    Signals:
        done: the `JobView` of a document that was being read and is done.
        asks: the `JobView` of one that needs a password or failed.
        settled: the number of one that goes on, or has gone.
        trouble: a sentence that belongs to no document, and asks for something to be done.
        busy: whether there is work left.
        waits: why pages are not taken now: a tuple of reasons.
    """

    done = Signal(object)
    asks = Signal(object)
    settled = Signal(int)
    trouble = Signal(str)
    busy = Signal(bool)
    waits = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._states: dict[int, JobState] = {}
        self._active: set[int] = set()
        # Done when first heard of, by number: done just now, or taken from the library.
        self._swift: dict[int, JobView] = {}
        self._committed: set[int] = set()
        self._begun = False

    def begin(self) -> None:
        """All that is there from former runs has been told: what comes now is new."""
        self._begun = True

    def take(self, batch: Sequence[Event]) -> None:
        """A batch of events, in order."""
        for event in batch:
            if isinstance(event, JobChanged):
                self._changed(event.view)
            elif isinstance(event, JobRemoved):
                self._states.pop(event.job, None)
                self._active.discard(event.job)
                self._swift.pop(event.job, None)
                self.settled.emit(event.job)
            elif isinstance(event, DocumentDone):
                self._finished(event.receipt.job)
            elif isinstance(event, WorkHeld) or (isinstance(event, Notice) and event.error):
                self.trouble.emit(event.text)
            elif isinstance(event, WorkWaits):
                self.waits.emit(event.reasons)
        self.busy.emit(bool(self._active))

    def _changed(self, view: JobView) -> None:
        before = self._states.get(view.job)
        self._states[view.job] = view.state
        if view.elsewhere:
            self._active.discard(view.job)
            return
        if view.state in ACTIVE_STATES:
            self._active.add(view.job)
            self.settled.emit(view.job)
            return
        worked = view.job in self._active or view.job in self._committed
        self._active.discard(view.job)
        self._committed.discard(view.job)
        if not self._begun or before is view.state:
            return
        if view.state is JobState.DONE and worked:
            self.done.emit(view)
        elif view.state is JobState.DONE and before is None:
            self._swift[view.job] = view
        elif view.state in ASKS:
            self.asks.emit(view)
        else:
            self.settled.emit(view.job)

    def _finished(self, job: int) -> None:
        """The last page of a document was committed; this may be told before or after the document itself."""
        view = self._swift.pop(job, None)
        if view is not None:
            self.done.emit(view)
        elif job not in self._states:
            self._committed.add(job)
