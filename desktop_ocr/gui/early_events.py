"""Takes the core's events as long as there is nothing yet that shows them: the program started in the background."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.events import Event, JobChanged, JobRemoved, PageEdited, PageFinished
from desktop_ocr.schema.memory import MemorySample

MOST = 300  # of those kept: messages, hosts, models; the oldest go


class EarlyEvents(QObject):
    """Keeps the list of documents up to date, and what else is to be shown for later.

    Pages are not kept: who shows a document asks for them then.

    Signals:
        changed: documents have changed.
    """

    changed = Signal()

    def __init__(self, worker: Worker, model: JobModel, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._model = model
        self._kept: deque[Event] = deque(maxlen=MOST)
        self._sample: MemorySample | None = None
        worker.events.connect(self._take)

    def _take(self, batch: Sequence[Event]) -> None:
        changed = False
        for event in batch:
            if isinstance(event, JobChanged):
                self._model.put(event.view)
                changed = True
            elif isinstance(event, JobRemoved):
                self._model.drop(event.job)
                changed = True
            elif isinstance(event, MemorySample):
                self._sample = event
            elif not isinstance(event, PageFinished | PageEdited):
                self._kept.append(event)
        if changed:
            self.changed.emit()

    def hand_over(self, take: Callable[[Sequence[Event]], None]) -> None:
        """Let somebody else take them from now on, and what was kept first."""
        self._worker.events.disconnect(self._take)
        self._worker.events.connect(take)
        kept = [*self._kept, *([self._sample] if self._sample is not None else [])]
        self._kept.clear()
        if kept:
            take(kept)
