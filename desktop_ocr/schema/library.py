"""The library: everything that was recognised and is stored, as it is searched and shown."""

from __future__ import annotations

import msgspec


class LibraryQuery(msgspec.Struct, frozen=True):
    """What is looked for among the stored pages.

    Attributes:
        text: words, all of which have to be on a page; the last one may be unfinished. "" lists documents by date.
            A part in "quotes" has to stand there as it is.
        formats: of documents ("PDF", "TIFF"); () for all.
        since, until: when a page was finished, in seconds as `time.time` gives them; 0 for no limit.
        edited: only pages that a person has changed.
        limit, offset: which of the hits are wanted, best first.
    """

    text: str = ""
    formats: tuple[str, ...] = ()
    since: float = 0.0
    until: float = 0.0
    edited: bool = False
    limit: int = 50
    offset: int = 0


class SnippetPart(msgspec.Struct, frozen=True):
    """A piece of a page's text around what was found; `lit` where it is what was found."""

    text: str
    lit: bool = False


class LibraryHit(msgspec.Struct, frozen=True):
    """A page on which everything is that was looked for; or, without words to look for, a document.

    Attributes:
        job: in the ledger; see `SessionApi.list_again`.
        page: from 0.
        path, name: of the document.
        format: "PDF", "TIFF", ...
        pages: of the document that are stored.
        finished: when the page was, in seconds as `time.time` gives them.
        snippet: around the best place.
        words: what is to be lit on the page, as they stand there.
        listed: the document is in the list.
        edited: a person has changed the page, or one of the document's.
    """

    job: int
    page: int
    path: str
    name: str
    format: str = ""
    pages: int = 0
    finished: float = 0.0
    snippet: tuple[SnippetPart, ...] = ()
    words: tuple[str, ...] = ()
    listed: bool = True
    edited: bool = False


class LibraryFound(msgspec.Struct, frozen=True):
    """Some of the hits, best first, and how many there are in all; `unindexed` pages could not be searched yet."""

    hits: tuple[LibraryHit, ...] = ()
    total: int = 0
    unindexed: int = 0


class LibrarySize(msgspec.Struct, frozen=True):
    """What is stored: documents, pages, and MB (10^6 bytes) on the disk with all that belongs to them."""

    documents: int = 0
    pages: int = 0
    mb: float = 0.0
