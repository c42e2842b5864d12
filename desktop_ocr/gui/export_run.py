"""One export of many documents: its course, told to the window now and then, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.gui.export_dialog import ExportOrder
from desktop_ocr.gui.export_words import progress_words
from desktop_ocr.gui.job_model import JobModel
from desktop_ocr.gui.words import tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo

TOLD_SECONDS = 0.1
LOST_FILE = frozenset({ErrorCode.NOT_FOUND, ErrorCode.FILE_CHANGED})


@dataclass(frozen=True)
class Entry:
    """What came of one file: `document` is the name of the document it is of."""

    job: int
    document: str
    outcome: ExportOutcome

    @property
    def failed(self) -> bool:
        """Whether it is not there."""
        return self.outcome.error is not None

    @property
    def locatable(self) -> bool:
        """Whether it is for want of the document's own file, which the user may know to find."""
        error = self.outcome.error
        return error is not None and error.code in LOST_FILE


@dataclass(frozen=True)
class ExportReport:
    """What came of an export; `stopped`: the user broke it off."""

    order: ExportOrder
    entries: tuple[Entry, ...]
    stopped: bool = False

    @property
    def written(self) -> list[Entry]:
        """Files that are there."""
        return [entry for entry in self.entries if not entry.failed]

    @property
    def failed(self) -> list[Entry]:
        """Files that are not."""
        return [entry for entry in self.entries if entry.failed]

    @property
    def noted(self) -> list[Entry]:
        """Files that are there, and of which something has to be said."""
        return [entry for entry in self.entries if not entry.failed and entry.outcome.notes]

    def again(self, job: int | None = None) -> ExportOrder:
        """An order for what failed, of one document or of all."""
        formats: dict[int, dict[str, None]] = {}
        for entry in self.failed:
            if job in (None, entry.job):
                formats.setdefault(entry.job, {})[entry.outcome.format] = None
        wish = self.order.wish
        wanted = {one: self.order.only.get(one, wish.formats) for one in formats}
        # An outcome without a format is that of the document as a whole.
        only = {one: wanted[one] if "" in names else tuple(names) for one, names in formats.items()}
        return ExportOrder(tuple(formats), wish, only, self.order.full_names)


class PageCount:
    """How far the file in work is: written by the core's thread, read by the window's when it has the time."""

    def __init__(self) -> None:
        self.at = (0, 0)

    def __call__(self, done: int, total: int) -> None:
        """So many pages are written, of so many."""
        self.at = (done, total)  # one assignment: whoever reads sees both, or neither


class ExportRun:
    """Exports a document after the other."""

    def __init__(self, worker: Worker, model: JobModel, order: ExportOrder, tell: Callable[[str], None]) -> None:
        """`tell` is called in the window's thread, with how far it is, ten times a second at most."""
        self._worker = worker
        self._model = model
        self._order = order
        self._tell = tell
        self._asking: asyncio.Task[list[ExportOutcome]] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Go no further: what is written stays, the file in work goes."""
        self._stopped = True
        if self._asking is not None:
            self._asking.cancel()

    async def run(self) -> ExportReport:
        """Do it. Errors are part of the report."""
        entries: list[Entry] = []
        jobs = self._order.jobs
        for number, job in enumerate(jobs, start=1):
            if self._stopped:
                break
            count = PageCount()
            self._tell(progress_words(number, len(jobs), *count.at))
            self._asking = asyncio.get_running_loop().create_task(self._one(job, count))
            watching = asyncio.get_running_loop().create_task(self._watch(number, count))
            try:
                outcomes = await self._asking
            except asyncio.CancelledError:
                if not self._stopped:
                    raise
                break
            finally:
                watching.cancel()
            view = self._model.view(job)
            document = view.name if view is not None else ""
            entries += [Entry(job, document, outcome) for outcome in outcomes]
        return ExportReport(self._order, tuple(entries), self._stopped)

    async def _watch(self, number: int, count: PageCount) -> None:
        told = (0, 0)
        while True:
            await asyncio.sleep(TOLD_SECONDS)
            if count.at != told:
                told = count.at
                self._tell(progress_words(number, len(self._order.jobs), *told))

    async def _one(self, job: int, count: PageCount) -> list[ExportOutcome]:
        wish = self._order.wish
        if job in self._order.only:
            wish = msgspec.structs.replace(wish, formats=self._order.only[job])
        full_name = job in self._order.full_names or self._clash(job)
        try:
            return await self._worker.ask(
                lambda session: session.export(job, wish, full_name=full_name, progress=count)
            )
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise
            # The document as a whole: it was removed meanwhile, say. The others still go.
            view = self._model.view(job)
            gone = ErrorInfo(ErrorCode.USAGE, tr("The document is not in the list any more."))
            return [ExportOutcome("", view.name if view is not None else str(job), error.info if view else gone)]

    def _clash(self, job: int) -> bool:
        """Whether another document of this export differs only in its ending: one would replace the other."""
        views = [view for one in self._order.jobs if (view := self._model.view(one)) is not None]
        stems = [Path(view.path).stem for view in views]
        own = self._model.view(job)
        return own is not None and stems.count(Path(own.path).stem) > 1
