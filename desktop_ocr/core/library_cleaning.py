"""What the library keeps is bounded by the settings; and space that became free goes back to the disk.

Only documents that are not in the list go, the oldest first. New ledgers give space back a little at a time (SQLite's
incremental vacuum), while others work. Those of former versions have to be written anew once, which nobody can work
beside: that is done when no page is in work, and not to large ones, whose free space is used for new pages only.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_db import BUSY_SECONDS
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.own_pictures import OwnPictures

log = logging.getLogger(__name__)

PAGES_AT_ONCE = 256  # of the database, mostly 1 MB
LARGEST_ANEW = 300e6  # bytes that are written anew in about two seconds
LEAST_ANEW = 0.1  # of the file that has to be free for that
INDEXED = 1.3
"""Size of the index without its texts, as a share of these: measured."""
LEAVES = 200  # of the index that are merged in one transaction, mostly 4 KB each
INCREMENTAL = 2  # SQLite's number for it


class LibraryCleaner:
    """Forgets what the settings no longer want to keep."""

    def __init__(
        self,
        file: Path | None,
        ledger: Ledger,
        leases: Leases,
        live: LiveSettings,
        busy: Callable[[], bool],
        pictures: OwnPictures,
    ) -> None:
        """Clean nothing yet.

        Args:
            file: the ledger; None for one in memory, which takes no disk.
            ledger: the same, as it is used.
            leases: tell whether another program works at a job.
            live: the limits.
            busy: whether pages are in work.
            pictures: go with their documents.
        """
        self._file = file
        self._ledger = ledger
        self._leases = leases
        self._live = live
        self._busy = busy
        self._pictures = pictures
        self._stop = threading.Event()
        self._giving: asyncio.Future[None] | None = None

    async def clean_by_itself(self) -> int:
        """As `clean`, without anybody who wants it: nothing goes for its age while the clock may be wrong.

        Raises:
            DesktopOcrError: the ledger cannot be changed.
        """
        sure = self._ledger.days.begin(int(time.time() // 86_400))
        if not sure:
            log.info("the clock has jumped ahead: nothing leaves the library for its age before another day")
        return await self.clean(by_age=sure)

    async def clean(self, *, by_age: bool = True) -> int:
        """See `BackgroundApi.clean_library`; without `by_age` only what is too large for the limit goes.

        Raises:
            DesktopOcrError: the ledger cannot be changed.
        """
        gone, words = 0, 0.0
        for job, finished in self._ledger.library.unlisted():
            if self._stop.is_set() or not ((by_age and self._too_old(finished)) or self._too_large(words)):
                break  # the oldest come first
            own, row = self._ledger.library.words_mb(job), self._ledger.job(job)
            if self._ledger.remove_job(job, unlisted=True):
                gone, words = gone + 1, words + own
                if row is not None:
                    self._pictures.drop(row.path)
            await asyncio.sleep(0)
        if gone:
            log.info("%d documents have left the library", gone)
        await self.give_back()
        return gone

    async def give_back(self) -> None:
        """Give the disk what became free. Where that is not possible now, it is used for new pages."""
        if self._file is None or self._stop.is_set():
            return
        if self._giving is None or self._giving.done():
            self._giving = asyncio.get_running_loop().run_in_executor(None, self._give_back, not self._busy())
        await asyncio.shield(self._giving)

    async def close(self) -> None:
        """Stop; what is left to do is done another time."""
        self._stop.set()
        if self._giving is not None:
            await asyncio.gather(self._giving, return_exceptions=True)

    def _too_old(self, finished: float) -> bool:
        days = self._live.now.library_days
        return days > 0 and finished < time.time() - days * 86_400

    def _too_large(self, words: float) -> bool:
        """After so many MB of words have gone: what the index has of them it gives back later (`_merge`)."""
        limit = self._live.now.library_limit_mb
        return limit > 0 and self._ledger.library.used_mb() - words * INDEXED > limit

    def _give_back(self, idle: bool) -> None:
        """In a thread."""
        assert self._file is not None  # noqa: S101
        try:
            db = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)
        except sqlite3.Error as error:
            log.warning("free space in the library cannot be given back: %s", error)
            return
        try:
            db.execute("PRAGMA synchronous = NORMAL")  # what a power cut undoes is done another time
            self._shrink(db, idle)
        except sqlite3.Error as error:  # another program is at it, or the disk is full: another time
            log.info("free space in the library stays there for now: %s", error)
        finally:
            db.close()

    def _shrink(self, db: sqlite3.Connection, idle: bool) -> None:
        self._merge(db)
        free, pages, size, mode = (_number(db, name) for name in _NUMBERS)
        if not free:
            return
        if mode != INCREMENTAL:
            if not idle or pages * size > LARGEST_ANEW or free < pages * LEAST_ANEW:
                return
            db.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")
            db.execute("VACUUM")
        while (left := _number(db, "freelist_count")) and not self._stop.is_set():
            # `execute` would take one step of it, which is one page.
            db.executescript(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})")
            if _number(db, "freelist_count") >= left:
                break
            self._stop.wait(0.005)  # others have their turn
        # What was given back leaves the file itself when the log is folded in.
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _merge(self, db: sqlite3.Connection) -> None:
        """Let the full-text index drop what it still has of words that went, some of it at a time."""
        step = -LEAVES  # the first one begins it
        while not self._stop.is_set():
            before = db.total_changes
            db.execute("INSERT INTO page_search (page_search, rank) VALUES ('merge', ?)", (step,))
            if db.total_changes - before < 2:
                return
            step = LEAVES
            self._stop.wait(0.005)


_NUMBERS = ("freelist_count", "page_count", "page_size", "auto_vacuum")


def _number(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
