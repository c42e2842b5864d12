"""Turns the core's events into what the window shows: the one place where they arrive."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop_ocr.gui.document_view import DocumentView
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.memory_side import MemoryEvent, MemorySide
from desktop_ocr.gui.message_bar import MessageBars, Tone
from desktop_ocr.gui.models_side import ModelsSide
from desktop_ocr.gui.queue_view import QueueView
from desktop_ocr.gui.thumbnails import Thumbnails
from desktop_ocr.schema.events import (
    DocumentDone,
    Event,
    ExportsInterrupted,
    HostEnded,
    HostStarted,
    JobChanged,
    JobRemoved,
    Notice,
    PageEdited,
    PageFinished,
    StoredBefore,
    StoredModelChanged,
    WatchedChanged,
    WorkWaits,
)


class Reducer(QObject):
    """Takes events.

    Signals:
        changed: documents have changed.
        done: a `Receipt`: the last page of a document was committed.
        stored: a `StoredBefore`: a document was read before.
        interrupted: an `ExportsInterrupted`: a program was killed at them.
        waits: why no page is begun now, a sentence each; () when they are again.
    """

    changed = Signal()
    done = Signal(object)
    stored = Signal(object)
    interrupted = Signal(object)
    waits = Signal(object)

    def __init__(
        self,
        model: JobModel,
        queue: QueueView,
        document: DocumentView,
        memory: MemorySide,
        models: ModelsSide,
        bars: MessageBars,
        thumbnails: Thumbnails,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._queue = queue
        self._document = document
        self._memory = memory
        self._models = models
        self._bars = bars
        self._thumbnails = thumbnails
        self._awaited: int | None = None

    def take(self, batch: Sequence[Event]) -> None:
        """A batch of events, in order."""
        changed = False
        for event in batch:
            if isinstance(event, JobChanged):
                self._model.put(event.view)
                self._document.job_changed(event.view)
                changed = True
            elif isinstance(event, JobRemoved):
                self._model.drop(event.job)
                changed = True
            elif isinstance(event, PageFinished):
                self._document.page_finished(event)
                self._thumbnails.page_finished(event)
            elif isinstance(event, PageEdited):
                self._document.page_edited(event)
            elif isinstance(event, Notice):
                self._bars.say(event.text, Tone.WARNING if event.error else Tone.INFO, fading=not event.error)
            elif isinstance(event, StoredModelChanged):
                self._models.take(event.model)
            elif isinstance(event, DocumentDone):
                self.done.emit(event.receipt)
            elif isinstance(event, StoredBefore):
                self.stored.emit(event)
            elif isinstance(event, ExportsInterrupted):
                self.interrupted.emit(event)
            elif isinstance(event, WorkWaits):
                self.waits.emit(event.reasons)
            elif not isinstance(event, WatchedChanged):  # `WatchedSide` takes those
                self._measured(event)
        if self._awaited is not None:
            self.show_when_there(self._awaited)
        if changed:
            self._memory.news.jobs_changed()
            self.changed.emit()

    def show_when_there(self, job: int) -> None:
        """Choose a job in the list, now or as soon as its first event has come."""
        there = self._model.index_of(job).isValid()
        self._awaited = None if there else job
        if there:
            self._queue.choose(job)
            self._document.ask_at_once(job)

    def _measured(self, event: MemoryEvent) -> None:
        self._memory.take(event)
        if isinstance(event, HostStarted | HostEnded):
            self._thumbnails.host_changed(event)
        if isinstance(event, HostEnded) and not event.expected:
            self._bars.say(
                self.tr("A helper process stopped: {outcome}. Its page is tried again.").format(
                    outcome=event.outcome.rstrip(".")
                ),
                Tone.WARNING,
                fading=True,
            )
