"""What became of a document, page by page: what is told when it is done."""

from __future__ import annotations

import msgspec


class PageNote(msgspec.Struct, frozen=True):
    """A page, from 0, and what is to be said of it."""

    page: int
    text: str


class Receipt(msgspec.Struct, frozen=True):
    """What became of a document's pages.

    Attributes:
        job, name: the document.
        pages: that were to be done.
        fine: of those, done as wanted.
        degraded: done with less for want of memory; each with what.
        noted: done, but for something that could not be looked for; each with what and why.
        failed: not done; each with why.
        seconds: since work on it began, or was gone on with.
    """

    job: int
    name: str
    pages: int
    fine: int
    degraded: tuple[PageNote, ...] = ()
    noted: tuple[PageNote, ...] = ()
    failed: tuple[PageNote, ...] = ()
    seconds: float = 0.0
