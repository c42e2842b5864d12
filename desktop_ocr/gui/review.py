"""The page under review: its current version, the place that is looked at on both sides, and the edits made of it.

Picture and text know nothing of each other: each chooses places here, and shows those that the other has chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.page_loader import LoadedResult, PageLoader
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import AsRecognised, Edit, Hit, PageVersion, SetKind, SetTexts
from desktop_ocr.schema.results import PageResult

_KEEPS_INDICES = (SetTexts, SetKind)


@dataclass(frozen=True)
class Place:
    """What is looked at on a page, by indices of its result; -1 and None for nothing.

    Attributes:
        block: of `PageResult.blocks`.
        line: of `PageResult.lines`.
        word: of the line's words.
        cell: row and column of the upper left corner of a cell of the block's table.
    """

    block: int = -1
    line: int = -1
    word: int = -1
    cell: tuple[int, int] | None = None


NOWHERE = Place()


class Review(QObject):
    """One page at a time. Edits are made one after the other, each on the version that the former one left.

    Signals:
        page_changed: another page is shown, or another version of it, or none.
        place_changed: `place` is another one; the object says who chose it ("picture", "text", "find", ...), so that
            he need not follow himself.
        hits_changed: other places are to be marked as found.
        edited: an edit of this page is on the disk.
    """

    page_changed = Signal()
    place_changed = Signal(str)
    hits_changed = Signal()
    edited = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, loader: PageLoader) -> None:
        super().__init__()
        self._worker = worker
        self._tasks = tasks
        self._loader = loader
        self._line = asyncio.Lock()
        self._rebased = True
        self.job: int | None = None
        self.page = 0
        self.loaded: LoadedResult | None = None
        self.place = NOWHERE
        self.hits: tuple[Hit, ...] = ()  # those on this page
        self.current_hit: Hit | None = None

    # --- what is shown --------------------------------------------------------------------------------------

    @property
    def version(self) -> PageVersion | None:
        """The version shown."""
        return self.loaded.version if self.loaded is not None else None

    @property
    def result(self) -> PageResult | None:
        """The page shown."""
        return self.loaded.result if self.loaded is not None else None

    def show(self, job: int | None, page: int, loaded: LoadedResult | None) -> None:
        """A page, a newer version of it, or none while it is loaded."""
        other = (job, page) != (self.job, self.page)
        self.job, self.page, self.loaded = job, page, loaded
        if other:
            self.hits, self.current_hit = (), None
        if other or not self._is_there(self.place):
            self.place = NOWHERE
        self.page_changed.emit()

    def _is_there(self, place: Place) -> bool:
        result = self.result
        return result is not None and place.block < len(result.blocks) and place.line < len(result.lines)

    # --- the place ------------------------------------------------------------------------------------------

    def choose(self, place: Place, by: str) -> None:
        """Look at another place; its block is found where only a line is given."""
        result = self.result
        if result is not None and place.line >= 0 and place.block < 0:
            block = next((at for at, one in enumerate(result.blocks) if place.line in one.lines), -1)
            place = Place(block, place.line, place.word, place.cell)
        if place != self.place and self._is_there(place):
            self.place = place
            self.place_changed.emit(by)

    def mark_hits(self, hits: tuple[Hit, ...], current: Hit | None) -> None:
        """What was found on this page."""
        self.hits, self.current_hit = hits, current
        self.hits_changed.emit()

    # --- edits ----------------------------------------------------------------------------------------------

    def edit(self, edit: Edit) -> None:
        """Change the page; an error is told as any other."""
        self._tasks.start(self.make(edit))

    def undo(self) -> None:
        """Take the last edit back."""
        self._tasks.start(self._do(lambda session, job, page: session.undo(job, page)))

    def redo(self) -> None:
        """Make again what was undone."""
        self._tasks.start(self._do(lambda session, job, page: session.redo(job, page)))

    def take_recognised(self) -> None:
        """Back to the newest result as it was recognised."""
        self.edit(AsRecognised())

    def keep_edited(self) -> None:
        """The newer result is not wanted."""
        self._tasks.start(self._do(lambda session, job, page: session.keep_edited(job, page)))

    async def make(self, edit: Edit) -> None:
        """Change the page, and show what came of it.

        Raises:
            DesktopOcrError: it cannot be done, or the page has changed meanwhile.
        """
        version = self.version
        if version is None:
            return
        seen = version.number

        def ask(session: SessionApi, job: int, page: int) -> Awaitable[PageVersion]:
            # What was typed just before is on its way: it has made another version, in which all is where it was.
            now = self.version
            base = now.number if now is not None and self._rebased else seen
            return session.edit(job, page, edit, base=base)

        await self._do(ask, keeps_indices=isinstance(edit, _KEEPS_INDICES))

    async def _do(
        self, ask: Callable[[SessionApi, int, int], Awaitable[PageVersion]], *, keeps_indices: bool = False
    ) -> None:
        job, page = self.job, self.page
        if job is None:
            return
        waiting = self._line.locked()
        async with self._line:
            if not waiting:
                self._rebased = True
            version = await self._worker.ask(lambda session: ask(session, job, page))
            self._rebased = self._rebased and keeps_indices
            loaded = await self._loader.prepared(version)
            if (job, page) == (self.job, self.page):
                self.show(job, page, loaded)
                self.edited.emit()
