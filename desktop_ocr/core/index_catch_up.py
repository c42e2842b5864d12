"""Pages that were stored before there was a full-text index are put into it, a few at a time, while others work.

In a thread and over a connection of its own. A transaction of it holds a few pages, taken apart before, so that a page
that is committed meanwhile waits for some milliseconds at most; and after each it rests for as long as it took. What it
does can be done again, so that it need not be on the disk at once: `synchronous = NORMAL`.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from pathlib import Path

from desktop_ocr.core.ledger_db import BUSY_SECONDS, Transaction, note_damage
from desktop_ocr.core.ledger_rows import PageKey
from desktop_ocr.core.ledger_search import SearchTable, texts_of, unindexed
from desktop_ocr.schema.errors import DesktopOcrError

log = logging.getLogger(__name__)

AT_ONCE = 8
LEAST_REST = 0.01  # seconds


class IndexCatchUp:
    """Run it once after the start.

    Attributes:
        left: pages that cannot be searched yet; None as long as nobody has counted them, which is not none: `Library`
            then counts for itself.
    """

    def __init__(self, file: Path | None) -> None:
        """For a ledger; None for one in memory, in which nothing is older than the program's start."""
        self._file = file
        self._stop = threading.Event()
        self._done: asyncio.Future[None] | None = None
        self.left: int | None = 0 if file is None else None

    async def run(self) -> None:
        """Put all pages in; returns when that is done, or `close` was called."""
        if self._file is None or self._stop.is_set():
            return
        self._done = asyncio.get_running_loop().run_in_executor(None, self._run)
        await asyncio.shield(self._done)

    async def close(self) -> None:
        """Stop after the pages in work; the rest comes with the next start."""
        self._stop.set()
        if self._done is not None:
            await asyncio.gather(self._done, return_exceptions=True)

    def _run(self) -> None:
        assert self._file is not None  # noqa: S101
        try:
            db = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
        except sqlite3.Error as error:
            log.warning("pages of former runs cannot be searched: %s", error)
            return
        try:
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            self._index(db)
        except (sqlite3.Error, DesktopOcrError) as error:
            note_damage(self._file, error)
            # The disk is full, say: they can be searched after another start.
            log.warning("%s pages of former runs cannot be searched yet: %s", self.left or "some", error)
        finally:
            db.close()

    def _index(self, db: sqlite3.Connection) -> None:
        pages = unindexed(db)
        self.left = len(pages)
        if pages:
            log.info("%d stored pages are made ready to be searched", self.left)
        for first in range(0, len(pages), AT_ONCE):
            if self._stop.is_set():
                return
            started = time.monotonic()
            batch = pages[first : first + AT_ONCE]
            _index_some(db, batch)
            self.left = len(pages) - first - len(batch)
            self._stop.wait(max(LEAST_REST, time.monotonic() - started))


def _index_some(db: sqlite3.Connection, pages: list[tuple[int, str, int]]) -> None:
    table = SearchTable(db)
    read = []
    for place in pages:
        row = db.execute(_SHOWN, place).fetchone()
        if row is not None and row[0] is not None:
            read.append((place, texts_of(row[0], place[2]), row))
    with Transaction(db):
        for place, shown, (_, finished, edited, stamp, version) in read:
            document, options, page = place
            # Whoever has changed it meanwhile has put it into the index as it is now.
            still = db.execute(_STILL, (*place, stamp, version)).fetchone()
            if still is not None:
                table.put(PageKey(document, options), page, shown, finished or 0.0, edited=bool(edited))


_SHOWN = """
    SELECT CASE WHEN versions.edited THEN versions.result ELSE pages.result END, finished, coalesce(edited, 0), stamp,
        version
    FROM pages LEFT JOIN versions ON versions.document = pages.document AND versions.options = pages.options
        AND versions.page = pages.page AND versions.number = pages.version
    WHERE pages.document = ? AND pages.options = ? AND pages.page = ?
"""

_STILL = """
    SELECT 1 FROM pages WHERE document = ?1 AND options = ?2 AND page = ?3 AND stamp = ?4 AND version = ?5
    AND NOT EXISTS (SELECT 1 FROM searched WHERE document = ?1 AND options = ?2 AND page = ?3)
"""
