"""What the fake session keeps: its library, receipts, and what was read before. In memory, and honest about it: the
text of the fake session's own pages is looked through, word by word."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import DocumentDone, Event, JobChanged, JobRemoved, StoredBefore
from desktop_ocr.schema.jobs import PageState
from desktop_ocr.schema.library import LibraryFound, LibraryHit, LibraryQuery, LibrarySize, SnippetPart
from desktop_ocr.schema.receipts import PageNote, Receipt
from desktop_ocr.schema.settings import Settings

if TYPE_CHECKING:
    from tests.gui.fake_session import FakeJob, FakeSession

MB_PER_PAGE = 0.032
AROUND = 60  # characters of a snippet before what was found
LENGTH = 240
READABLE = (PageState.DONE, PageState.PARTIAL)


class FakeLibrary:
    """Jobs that are not in the list any more, and what is asked about all that is stored.

    Attributes:
        shelf: jobs that left the list and are kept.
        ages: how long ago a document was read, in seconds, by its number.
        archive: hits that are found whatever is looked for, for a library larger than any fake work.
        unindexed: pages said not to be prepared yet.
        error: why nothing can be searched.
        bound: documents that `clean_library` lets go.
    """

    def __init__(self, session: FakeSession, emit: Callable[[Event], None]) -> None:
        self._session = session
        self._emit = emit
        self.shelf: dict[int, FakeJob] = {}
        self.ages: dict[int, float] = {}
        self.archive: list[LibraryHit] = []
        self.unindexed = 0
        self.error: ErrorInfo | None = None
        self.bound: list[int] = []
        self.queries: list[LibraryQuery] = []

    def everything(self) -> dict[int, FakeJob]:
        """All jobs, listed or not."""
        return {**self.shelf, **self._session.jobs}

    # --- searching ------------------------------------------------------------------------------------------

    async def search(self, query: LibraryQuery) -> LibraryFound:
        """Pages that have all words."""
        self.queries.append(query)
        if self.error is not None:
            raise DesktopOcrError.from_info(self.error)
        hits = await self._pages(query) if query.text else self._documents()
        hits += self.archive
        hits = [hit for hit in hits if self._fits(hit, query)]
        if not query.text:
            hits.sort(key=lambda hit: -hit.finished)
        some = tuple(hits[query.offset : query.offset + query.limit])
        return LibraryFound(some, len(hits), self.unindexed)

    def _fits(self, hit: LibraryHit, query: LibraryQuery) -> bool:
        return (
            (not query.formats or hit.format in query.formats)
            and hit.finished >= query.since
            and (not query.until or hit.finished <= query.until)
            and (hit.edited or not query.edited)
        )

    async def _pages(self, query: LibraryQuery) -> list[LibraryHit]:
        words = [quoted or plain for quoted, plain in re.findall(r'"([^"]+)"|(\S+)', query.text)]
        hits = []
        for job, found in self.everything().items():
            for page in found.pages:
                if page.state not in READABLE:
                    continue
                version = await self._session.version(job, page.page)
                text = " ".join(line.text for line in version.result.lines) if version is not None else ""
                if words and all(word.lower() in text.lower() for word in words):
                    lit = tuple(dict.fromkeys(_as_it_stands(text, word) for word in words))
                    hits.append(self._hit(job, found, page.page, snippet(text, lit), lit, page.edited))
        return hits

    def _documents(self) -> list[LibraryHit]:
        return [
            self._hit(job, found, 0, (), (), any(page.edited for page in found.pages))
            for job, found in self.everything().items()
            if self._stored(found)
        ]

    def _hit(
        self,
        job: int,
        found: FakeJob,
        page: int,
        parts: tuple[SnippetPart, ...],
        words: tuple[str, ...],
        edited: bool,
    ) -> LibraryHit:
        view = found.view
        when = time.time() - self.ages.get(job, 60.0)
        listed = job in self._session.jobs
        pages = self._stored(found)
        return LibraryHit(
            job, page, view.path, view.name, view.format, pages, when, parts, words, listed=listed, edited=edited
        )

    def _stored(self, found: FakeJob) -> int:
        return sum(page.state in READABLE for page in found.pages)

    async def library_size(self) -> LibrarySize:
        """What is kept."""
        stored = [self._stored(found) for found in self.everything().values()]
        pages = sum(stored) + sum(hit.pages for hit in self.archive)
        return LibrarySize(sum(count > 0 for count in stored) + len(self.archive), pages, pages * MB_PER_PAGE)

    # --- list and library -----------------------------------------------------------------------------------

    def keep(self, job: int, found: FakeJob) -> None:
        """A job has left the list."""
        if self._stored(found) and (self._session.settings or Settings()).keep_removed:
            self.shelf[job] = found

    async def list_again(self, job: int) -> None:
        """Put it back."""
        self._session.asked.append(("list_again", job))
        if job in self._session.jobs:
            return
        if job not in self.shelf:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "This document is not in the library any more.")
        found = self._session.jobs[job] = self.shelf.pop(job)
        self._emit(JobChanged(found.view))

    async def forget(self, jobs: Sequence[int]) -> None:
        """For good."""
        self._session.asked.append(("forget", tuple(jobs)))
        for job in jobs:
            self.shelf.pop(job, None)
            found = self._session.jobs.pop(job, None)
            if found is not None:
                if found.task is not None:
                    found.task.cancel()
                self._emit(JobRemoved(job))
        self.archive = [hit for hit in self.archive if hit.job not in jobs]

    async def clean_library(self) -> int:
        """Let those go that are `bound`."""
        self._session.asked.append(("clean_library", None))
        gone = [job for job in self.bound if self.shelf.pop(job, None) is not None]
        return len(gone)

    # --- receipts -------------------------------------------------------------------------------------------

    async def receipt(self, job: int) -> Receipt:
        """What became of its pages."""
        found = self.everything().get(job)
        if found is None:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "This document is not in the library any more.")
        return self.receipt_of(found)

    def receipt_of(self, found: FakeJob) -> Receipt:
        """The same, at once."""
        pages = found.pages
        failed = tuple(PageNote(page.page, str(page.error)) for page in pages if page.error is not None)
        less = tuple(PageNote(page.page, page.degraded) for page in pages if page.degraded)
        noted = tuple(PageNote(page.page, page.left_out) for page in pages if page.left_out and not page.degraded)
        fine = sum(page.state is PageState.DONE for page in pages) - len(less) - len(noted)
        return Receipt(found.view.job, found.view.name, len(pages), fine, less, noted, failed, 0.5 * len(pages))

    def tell_done(self, found: FakeJob) -> None:
        """Its last page is there."""
        self._emit(DocumentDone(self.receipt_of(found)))

    # --- read before ----------------------------------------------------------------------------------------

    def known(self, new: FakeJob) -> None:
        """Take pages over from a document of the same name, which here stands for the same content."""
        others = [
            (job, found)
            for job, found in self.everything().items()
            if found is not new and found.view.name == new.view.name and self._stored(found)
        ]
        if not others:
            return
        job, found = others[-1]
        when = time.time() - self.ages.get(job, 60.0)
        if found.options != new.options:
            self._emit(StoredBefore(new.view.job, 0, when, other=job))
            return
        new.pages = list(found.pages)
        self._emit(StoredBefore(new.view.job, self._stored(found), when))


def _as_it_stands(text: str, word: str) -> str:
    at = text.lower().index(word.lower())
    return text[at : at + len(word)]


def snippet(text: str, words: Sequence[str]) -> tuple[SnippetPart, ...]:
    """The text around the first of some words, with all of them lit."""
    at = max(0, text.find(words[0]) - AROUND)
    shown = text[at : at + LENGTH]
    pieces = re.split("(" + "|".join(re.escape(word) for word in words) + ")", shown, flags=re.IGNORECASE)
    lit = {word.lower() for word in words}
    parts = [SnippetPart(piece, piece.lower() in lit) for piece in pieces if piece]
    return (SnippetPart("…"), *parts) if at else tuple(parts)


def many_hits(count: int, words: str = "harbour") -> list[LibraryHit]:
    """Pages of a large library, which need not be the fake session's."""
    now = time.time()
    return [
        LibraryHit(
            100_000 + number // 20,
            number % 20,
            f"/archive/{number // 2000}/report {number // 20}.pdf",
            f"report {number // 20}.pdf",
            "PDF",
            20,
            now - number * 60,
            (
                SnippetPart(f"… in the year {number} the board of the "),
                SnippetPart(words, lit=True),
                SnippetPart(" gave its consent to the new quay, and the works were begun in the month of June by " * 2),
            ),
            (words,),
            listed=False,
        )
        for number in range(count)
    ]
