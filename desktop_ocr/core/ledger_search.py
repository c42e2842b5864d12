"""The part of the ledger that is about looking for words: what stands on each page, in SQLite's full-text index.

It holds what is shown of a page, and is written in the transaction that changes that. A page that goes takes its words
along (the tables' own doing). Pages stored by versions of the program without an index are put in later, see
`IndexCatchUp`.
"""

from __future__ import annotations

import logging
import sqlite3

from desktop_ocr.core.ledger_db import LedgerConnection, Store, is_damaged
from desktop_ocr.core.ledger_rows import PageKey, unpack
from desktop_ocr.core.page_texts import SearchedPage, decode_texts
from desktop_ocr.core.search_text import text_of, to_index
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.results import PageResult

log = logging.getLogger(__name__)


class SearchTable(Store):
    """Words of pages. Its methods that write are called within a transaction."""

    def put(
        self, key: PageKey, page: int, shown: PageResult | SearchedPage | None, finished: float, *, edited: bool
    ) -> None:
        """What is shown of a page from now on; None where it cannot be read any more.

        A page is worth more than that it is found: where the index is damaged, the page is stored without.
        """
        self._db.execute("SAVEPOINT words")
        try:
            self._put(key, page, shown, finished, edited=edited)
        except sqlite3.DatabaseError as error:
            if not is_damaged(error) or not self._db.in_transaction:
                raise
            log.exception("page %d cannot be searched, because the index is damaged", page + 1)
            self._db.execute("ROLLBACK TO words")
            if isinstance(self._db, LedgerConnection):
                self._db.note(error)
        self._db.execute("RELEASE words")

    def _put(
        self, key: PageKey, page: int, shown: PageResult | SearchedPage | None, finished: float, *, edited: bool
    ) -> None:
        place = (key.document, key.options, page)
        if shown is None:
            self._db.execute("DELETE FROM searched WHERE document = ? AND options = ? AND page = ?", place)
            return
        words = to_index(text_of(shown))
        row = self._db.execute(
            "SELECT searched.id, page_search.words FROM searched LEFT JOIN page_search ON page_search.rowid ="
            " searched.id WHERE document = ? AND options = ? AND page = ?",
            place,
        ).fetchone()
        if row is None:
            added = self._db.execute(
                "INSERT INTO searched (document, options, page, finished, edited) VALUES (?, ?, ?, ?, ?)",
                (*place, finished, edited),
            ).lastrowid
            self._db.execute("INSERT INTO page_search (rowid, words) VALUES (?, ?)", (added, words))
            return
        number, before = row
        self._db.execute("UPDATE searched SET finished = ?, edited = ? WHERE id = ?", (finished, edited, number))
        if before is None:
            self._db.execute("INSERT INTO page_search (rowid, words) VALUES (?, ?)", (number, words))
        elif before != words:  # a stage that was looked for since has mostly left the text as it was
            self._db.execute("UPDATE page_search SET words = ? WHERE rowid = ?", (words, number))

    def put_packed(self, key: PageKey, page: int, blob: bytes, finished: float, *, edited: bool) -> None:
        """As `put`, of a result as it is stored. One that cannot be read has no words."""
        self.put(key, page, texts_of(blob, page), finished, edited=edited)

    def edited(self, key: PageKey, page: int) -> bool:
        """Whether what is shown of a page is what a person has made of it, and not what was recognised last."""
        found = self._db.execute(
            "SELECT 1 FROM pages JOIN versions ON versions.document = pages.document AND versions.options ="
            " pages.options AND versions.page = pages.page AND versions.number = pages.version"
            " WHERE pages.document = ? AND pages.options = ? AND pages.page = ? AND versions.edited",
            (key.document, key.options, page),
        ).fetchone()
        return found is not None


def texts_of(blob: bytes, page: int) -> SearchedPage:
    """The texts of a result as it is stored; none where it cannot be read."""
    try:
        return unpack(blob, page, decode_texts)
    except DesktopOcrError as error:
        log.warning("page %d cannot be searched: %s", page + 1, error.code)
        return SearchedPage(page)


def unindexed(db: sqlite3.Connection, most: int = -1) -> list[tuple[int, str, int]]:
    """Pages (document, options, page) that can be read and are not in the index; `most` of them at most."""
    return db.execute(_UNINDEXED, (most,)).fetchall()


def count_unindexed(db: sqlite3.Connection) -> int:
    """How many pages `unindexed` would tell of. Where there are none, only the tables' indexes are gone through."""
    return int(db.execute(_COUNT_UNINDEXED).fetchone()[0])


# First those without a row, which the tables' own indexes tell; then, of those few, which have a result at all.
_LACKING = """
    WITH lacking AS MATERIALIZED (
        SELECT document, options, page FROM pages AS one WHERE NOT EXISTS (
            SELECT 1 FROM searched WHERE searched.document = one.document AND searched.options = one.options
            AND searched.page = one.page
        )
    )
"""
_READABLE = "FROM lacking JOIN pages USING (document, options, page) WHERE result IS NOT NULL OR version > 0"
_UNINDEXED = f"{_LACKING} SELECT document, options, page {_READABLE} LIMIT ?"
_COUNT_UNINDEXED = f"{_LACKING} SELECT count(*) {_READABLE}"
