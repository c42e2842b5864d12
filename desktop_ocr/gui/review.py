"""The page under review: its current version, the place that is looked at on both sides, and the edits made of it.

Picture and text know nothing of each other: each chooses places here, and shows those that the other has chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop_ocr.core.api import SessionApi
from desktop_ocr.gui.page_loader import LoadedResult, PageLoader
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import AsRecognised, Edit, Hit, PageVersion, SetKind, SetTexts
from desktop_ocr.schema.results import PageResult

_KEEPS_INDICES = (SetTexts, SetKind)
_MOST_MOVED = 1_000


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


@dataclass(frozen=True)
class Seen:
    """The version of a page that the user had before him when he wanted something."""

    job: int
    page: int
    number: int


Ask = Callable[[SessionApi, int], Awaitable[PageVersion]]


class Review(QObject):
    """One page at a time. Edits are made one after the other, each on the version that the former one left.

    Signals:
        page_changed: another page is shown, or another version of it, or none.
        place_changed: `place` is another one; the object says who chose it ("picture", "text", "find", ...), so that
            he need not follow himself.
        hits_changed: other places are to be marked as found.
        edited: an edit of this page is on the disk.
        settling: something else is about to happen: who holds what was typed calls `type_in` with it now.
        settled: an edit is over, for good or ill.
    """

    page_changed = Signal()
    place_changed = Signal(str)
    hits_changed = Signal()
    edited = Signal()
    settling = Signal()
    settled = Signal()

    def __init__(self, worker: Worker, tasks: Tasks, loader: PageLoader, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self._tasks = tasks
        self._loader = loader
        self._line = asyncio.Lock()
        self._moved: dict[Seen, int] = {}  # versions that were followed by one in which all is where it was
        self._reordering = 0
        self.answered = 0  # edits whose version was shown: what was asked for before one may be older
        self.job: int | None = None
        self.page = 0
        self.elsewhere = ""
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

    @property
    def locked(self) -> bool:
        """Whether the page shown cannot be changed now: it is not finished, or another program works at it."""
        return bool(self.elsewhere) or (self.result is not None and bool(self.result.pending))

    def set_elsewhere(self, program: str) -> None:
        """Another running program works at the document, of this title; "" where none does."""
        if program != self.elsewhere:
            if program:
                self.settling.emit()
            self.elsewhere = program
            self.page_changed.emit()

    @property
    def reordering(self) -> bool:
        """Whether an edit is on its way after which lines and blocks may have other indices."""
        return self._reordering > 0

    def show(self, job: int | None, page: int, loaded: LoadedResult | None) -> None:
        """A page, a newer version of it, or none while it is loaded."""
        other = (job, page) != (self.job, self.page)
        if other or loaded is None:  # it is recognised anew, say: what was typed belongs to the version that goes
            self.settling.emit()
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
        self._start(lambda session, seen: session.undo(seen.job, seen.page))

    def redo(self) -> None:
        """Make again what was undone."""
        self._start(lambda session, seen: session.redo(seen.job, seen.page))

    def take_recognised(self) -> None:
        """Back to the newest result as it was recognised."""
        self.edit(AsRecognised())

    def keep_edited(self) -> None:
        """The newer result is not wanted."""
        self._start(lambda session, seen: session.keep_edited(seen.job, seen.page))

    def make(self, edit: Edit) -> Coroutine[Any, Any, None]:
        """Change the page, and show what came of it. Which page that is is settled now, not when it is awaited.

        Raises:
            DesktopOcrError: it cannot be done, or the page has changed meanwhile.
        """
        self.settling.emit()
        return self.type_in(edit)

    def type_in(self, edit: Edit) -> Coroutine[Any, Any, None]:
        """As `make`, without asking others to hand in what they hold: for those that do so.

        Raises:
            DesktopOcrError: as `make`.
        """
        seen = self._seen()
        if seen is None:
            return _nothing()

        def ask(session: SessionApi, number: int) -> Awaitable[PageVersion]:
            return session.edit(seen.job, seen.page, edit, base=number)

        return self._do(seen, ask, keeps_indices=isinstance(edit, _KEEPS_INDICES))

    async def settle(self) -> None:
        """Have all that was typed handed in, and wait until it is stored."""
        self.settling.emit()
        await asyncio.sleep(0)  # what was handed in stands in line now
        async with self._line:
            pass

    def renew(self) -> None:
        """The page has another version, made by somebody else."""
        if self.job is not None:
            self._tasks.start(self._renew(self.job, self.page))

    async def _renew(self, job: int, page: int) -> None:
        async with self._line:
            loaded = await self._loader.result(job, page)
        if loaded is not None and (job, page) == (self.job, self.page):
            self.show(job, page, loaded)

    def _seen(self) -> Seen | None:
        version = self.version
        return None if self.job is None or version is None else Seen(self.job, self.page, version.number)

    def _start(self, ask: Callable[[SessionApi, Seen], Awaitable[PageVersion]]) -> None:
        self.settling.emit()
        seen = self._seen()
        if seen is not None:
            self._tasks.start(self._do(seen, lambda session, _number: ask(session, seen), keeps_indices=False))

    def _do(self, seen: Seen, ask: Ask, *, keeps_indices: bool) -> Coroutine[Any, Any, None]:
        self._reordering += not keeps_indices

        async def done() -> None:
            try:
                async with self._line:
                    await self._ask(seen, ask, keeps_indices)
            finally:
                self._reordering -= not keeps_indices
                self.settled.emit()

        return done()

    async def _ask(self, seen: Seen, ask: Ask, keeps_indices: bool) -> None:
        # What was typed just before has made another version, in which all is where it was.
        base = seen
        while (number := self._moved.get(base)) is not None:
            base = Seen(seen.job, seen.page, number)
        version = await self._worker.ask(lambda session: ask(session, base.number))
        now = Seen(seen.job, seen.page, version.number)
        if keeps_indices and now != base:
            self._moved[base] = version.number
        self._moved.pop(now, None)
        loaded = await self._loader.prepared(version)
        if (seen.job, seen.page) == (self.job, self.page):
            self.answered += 1
            self.show(seen.job, seen.page, loaded)
            self.edited.emit()
        elif len(self._moved) > _MOST_MOVED:
            self._moved.clear()


async def _nothing() -> None:
    """There is no page to be changed."""
