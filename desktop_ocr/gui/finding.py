"""Finding and replacing in the pages of the document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from desktop_ocr.gui.find_bar import FindBar
from desktop_ocr.gui.jump import Jump
from desktop_ocr.gui.message_bar import MessageBars, Offer, Tone
from desktop_ocr.gui.review import Place, Review
from desktop_ocr.gui.tasks import Tasks
from desktop_ocr.gui.words import pages_words, tr
from desktop_ocr.gui.worker import Worker
from desktop_ocr.schema.edits import CellText, FindQuery, Found, Hit, LineText, SetTexts
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import PageResult

BY = "find"
AGAIN_MS = 300


class Finding(QObject):
    """Looks for what the bar asks for, marks it, and goes from place to place."""

    def __init__(
        self, worker: Worker, tasks: Tasks, review: Review, jump: Jump, bar: FindBar, bars: MessageBars
    ) -> None:
        super().__init__(review)
        self._worker = worker
        self._tasks = tasks
        self._review = review
        self._jump = jump
        self.bar = bar
        self._bars = bars
        self._job: int | None = None
        self._found = Found()
        self._at = -1
        self._generation = 0
        self._moving = False  # the place that comes is one of those found
        self._again = QTimer(self)  # the text has changed: what was found may stand elsewhere
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(lambda: self._look(self.bar.query, go=False))
        bar.query_changed.connect(lambda query: self._look(query, go=True))
        bar.next_wanted.connect(lambda: self.step(1))
        bar.back_wanted.connect(lambda: self.step(-1))
        bar.replace_wanted.connect(lambda: self._replace_one())
        bar.page_wanted.connect(lambda: self._replace(review.page))
        bar.all_wanted.connect(lambda: self._replace(None))
        bar.closed.connect(self._closed)
        review.page_changed.connect(self._page_changed)
        jump.arriving.connect(self._mark)
        review.edited.connect(self.look_again)

    # --- looking --------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Pages have changed."""
        if self.bar.isVisible() and self.bar.field.text():
            self._again.start()

    def _look(self, query: FindQuery, *, go: bool) -> None:
        self._again.stop()
        self._generation += 1
        job = self._review.job
        if not query.text or job is None:
            self._put(Found(), job, go=False)
            return
        self._tasks.start(self._find(job, query, self._generation, go))

    async def _find(self, job: int, query: FindQuery, generation: int, go: bool) -> None:
        wrong, found = "", Found()
        try:
            await self._review.settle()
            found = await self._worker.ask(lambda session: session.find(job, query))
        except DesktopOcrError as error:
            if error.code is ErrorCode.CANCELLED:
                raise
            wrong = str(error.info)
        if generation == self._generation and job == self._review.job:
            self.bar.say_wrong(wrong)
            self._put(found, job, go=go)

    def _put(self, found: Found, job: int | None, *, go: bool) -> None:
        before = self._current
        self._found, self._job = found, job
        self._at = -1
        if go and found.hits:
            self._at = self._nearest(found.hits)
            self._go()
        elif before is not None:
            self._at = next((at for at, hit in enumerate(found.hits) if _same(hit, before)), -1)
        self._say()
        self._mark()

    def _nearest(self, hits: Sequence[Hit]) -> int:
        """The first place at or behind the one that is looked at."""
        review = self._review
        place, result = review.place, review.result
        order = [line for block in result.blocks for line in block.lines] if result is not None else []
        ranks = {line: rank for rank, line in enumerate(order)}
        here = (review.page, ranks.get(place.line, -1))
        for at, hit in enumerate(hits):
            if (hit.page, ranks.get(hit.line, len(order)) if hit.page == review.page else 0) >= here:
                return at
        return 0

    @property
    def _current(self) -> Hit | None:
        return self._found.hits[self._at] if 0 <= self._at < len(self._found.hits) else None

    def step(self, by: int) -> None:
        """To the next place, or the one before; after the last one comes the first."""
        if self.bar.flush():
            return
        hits = self._found.hits
        if self._job != self._review.job:
            self._look(self.bar.query, go=True)
        elif hits:
            start = self._at if self._at >= 0 else self._nearest(hits) - (by > 0)
            self._at = (start + by) % len(hits)
            self._say()
            self._go()

    def _go(self) -> None:
        hit = self._current
        if hit is None:
            return
        self._mark()
        cell = hit.cell
        place = Place(line=hit.line) if cell is None else Place(cell[0], cell=cell[1:])
        self._jump.go(hit.page, place, BY)

    def _say(self) -> None:
        self.bar.say_count(self._at + 1, len(self._found.hits), more=self._found.more)

    def _mark(self) -> None:
        review, current = self._review, self._current
        hits = tuple(hit for hit in self._found.hits if hit.page == review.page) if self._job == review.job else ()
        here = current if current is not None and current.page == review.page and hits else None
        if hits != review.hits or here != review.current_hit:
            review.mark_hits(hits, here)

    def _page_changed(self) -> None:
        if not self.bar.isVisible() or self._review.result is None:
            return
        if self._job != self._review.job:
            self.look_again()
        else:
            self._mark()

    def _closed(self) -> None:
        self._again.stop()
        self._generation += 1
        self._found, self._at = Found(), -1
        self._review.mark_hits((), None)

    # --- replacing ------------------------------------------------------------------------------------------

    def _replace_one(self) -> None:
        hit, job = self._current, self._review.job
        if self.bar.flush() or hit is None or job is None:
            self.step(1)
            return
        self._tasks.start(self._replace_here(job, hit))

    async def _replace_here(self, job: int, hit: Hit) -> None:
        review, query, by = self._review, self.bar.query, self.bar.by.text()
        if (job, hit.page) != (review.job, review.page):
            self._go()  # he is to see what is replaced
            return
        await review.settle()
        result = review.result
        if result is None:
            return
        try:
            edit = await asyncio.to_thread(replacement, result, hit, query, by)
        except DesktopOcrError as error:
            self.bar.say_wrong(str(error.info))
            return
        if edit is not None:
            await review.make(edit)
        self._generation += 1
        self._again.stop()
        at = self._at
        found = await self._worker.ask(lambda session: session.find(job, query))
        self._put(found, job, go=False)
        if found.hits:
            # What was put in may hold what is looked for: it is not to be replaced again.
            self._at = self._behind(found.hits, hit, len(by), at)
            self._say()
            self._go()

    def _behind(self, hits: Sequence[Hit], old: Hit, length: int, at: int) -> int:
        """The first place that is not in what was put in."""
        where, end = (old.page, old.line, old.cell), old.start + length
        while at < len(hits) and (hits[at].page, hits[at].line, hits[at].cell) == where and hits[at].start < end:
            at += 1
        return at % len(hits)

    def _replace(self, page: int | None) -> None:
        job = self._review.job
        if self.bar.flush() or job is None or not self._found.hits:
            return
        self._tasks.start(self._replace_all(job, self.bar.query, self.bar.by.text(), page))

    async def _replace_all(self, job: int, query: FindQuery, by: str, page: int | None) -> None:
        await self._review.settle()
        try:
            done = await self._worker.ask(lambda session: session.replace(job, query, by, page=page))
        except DesktopOcrError as error:
            if error.code is not ErrorCode.USAGE:
                raise
            self.bar.say_wrong(str(error.info))
            return
        words = self.tr("Replaced {places} in {pages}.").format(places=done.places, pages=pages_words(len(done.pages)))
        offers = [Offer(tr("&Undo"), lambda: self._tasks.start(self._take_back(job, done.pages)))] if done.pages else []
        self._bars.say(words if done.pages else self.tr("Nothing was replaced."), Tone.GOOD, offers)
        self._review.renew()
        self._look(query, go=False)

    async def _take_back(self, job: int, pages: Sequence[int]) -> None:
        await self._review.settle()
        for page in pages:
            await self._undo(job, page)
        self._review.renew()
        self._look(self.bar.query, go=False)

    async def _undo(self, job: int, page: int) -> None:
        await self._worker.ask(lambda session: session.undo(job, page))


def replacement(result: PageResult, hit: Hit, query: FindQuery, by: str) -> SetTexts | None:
    """The edit that puts something else in a place; None where it is not there any more. For a thread.

    Raises:
        DesktopOcrError: USAGE, the pattern has not the groups that `by` names.
    """
    from desktop_ocr.core.matching import Matcher  # the library takes a moment to be imported

    matcher = Matcher(query)
    if hit.cell is None:
        text = matcher.replaced_at(result.lines[hit.line].text, hit.start, by) if hit.line < len(result.lines) else None
        return None if text is None else SetTexts(lines=(LineText(hit.line, text),))
    block, row, column = hit.cell
    table = result.blocks[block].table if block < len(result.blocks) else None
    cells = table.cells if table is not None else ()
    before = next((cell.text for cell in cells if (cell.row, cell.column) == (row, column)), None)
    text = matcher.replaced_at(before, hit.start, by) if before is not None else None
    return None if text is None else SetTexts(cells=(CellText(block, row, column, text),))


def _same(hit: Hit, other: Hit) -> bool:
    return (hit.page, hit.line, hit.start, hit.cell) == (other.page, other.line, other.start, other.cell)
