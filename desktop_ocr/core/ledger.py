"""The ledger: what was asked for and what was finished, in SQLite. Nothing counts as finished before it is here.

A page is one transaction. `synchronous = FULL` makes it survive a power cut (SQLite's documentation of WAL mode:
with NORMAL a committed transaction may roll back then).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop_ocr.core.ledger_arrivals import ArrivalTable
from desktop_ocr.core.ledger_begun import BegunTable
from desktop_ocr.core.ledger_days import DayTable
from desktop_ocr.core.ledger_db import LedgerConnection, pack_error
from desktop_ocr.core.ledger_exports import ExportTable
from desktop_ocr.core.ledger_files import FileTable
from desktop_ocr.core.ledger_jobs import JobTable
from desktop_ocr.core.ledger_leases import LeaseTable
from desktop_ocr.core.ledger_library import LibraryTable
from desktop_ocr.core.ledger_rescue import open_ledger
from desktop_ocr.core.ledger_rows import (
    JobRow,
    PageCost,
    PageKey,
    options_key,
    pack_result,
    page_view,
    unpack_pending,
    unpack_result,
)
from desktop_ocr.core.ledger_search import SearchTable
from desktop_ocr.core.ledger_versions import VersionTable
from desktop_ocr.core.page_words import degraded_words, left_out_words, state_of
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import PageState, PageView
from desktop_ocr.schema.results import PageResult

__all__ = ["JobRow", "Ledger", "PageCost", "PageKey", "options_key"]


class Ledger(JobTable):
    """One connection to the database, used by one thread at a time.

    Attributes:
        versions: what people have changed of its pages.
        files: where the jobs' files are.
        leases: who works at the jobs.
        library: what is in the list, and what is kept beside it.
        exports: what was made of them.
        begun: exports that run.
        days: on which the program ran.
        rescue: what had to be done because the file was damaged; None mostly.
    """

    def __init__(self, file: Path | None) -> None:
        """Open the ledger, making it where it is missing.

        Args:
            file: the database; None for one in memory that leaves nothing behind.

        Raises:
            DesktopOcrError: it cannot be opened.
        """
        db, self.rescue = open_ledger(file)
        super().__init__(db)
        self._search = SearchTable(self._db)
        self.versions = VersionTable(self._db, self._search)
        self.files = FileTable(self._db)
        self.leases = LeaseTable(self._db)
        self.library = LibraryTable(self._db)
        self.exports = ExportTable(self._db)
        self.begun = BegunTable(self._db)
        self.days = DayTable(self._db)
        self.arrivals = ArrivalTable(self._db)

    def when_damaged(self, told: Callable[[], None]) -> None:
        """Have `told` called once, on whatever thread, when it is found to be damaged; the next start rescues it."""
        if isinstance(self._db, LedgerConnection):
            self._db.damage_found = told

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded in."""
        self._db.close()

    # --- pages --------------------------------------------------------------------------------------------

    def commit_page(self, key: PageKey, result: PageResult, cost: PageCost) -> bool:
        """Store a page, finished or with stages before it (`PageResult.pending`). On return it is on the disk.

        Returns:
            False where it has stages before it and somebody else has come as far or further: that stays.
        """
        return self._store(key, result.page, state_of(result), cost, None, result)

    def commit_stage(self, key: PageKey, feature: Feature, result: PageResult, cost: PageCost) -> bool:
        """Store a page of which one more feature was looked for, instead of what was stored of it.

        Returns:
            False where that feature is not pending any more: the page is another one by now, and stays so.
        """
        with self._writing():
            row = self._db.execute(
                "SELECT pending FROM pages WHERE document = ? AND options = ? AND page = ? AND state = ?",
                (key.document, key.options, result.page, PageState.PARTIAL),
            ).fetchone()
            if row is None or feature not in unpack_pending(row[0]):
                return False
            now = time.time()
            self._db.execute(
                "UPDATE pages SET state = ?, attempts = attempts + ?, seconds = seconds + ?, result = ?, pending = ?,"
                " left_out = ?, degraded = ?, finished = ?, predicted_mb = max(predicted_mb, ?),"
                " peak_mb = max(peak_mb, ?), stamp = ?, numbers = ? WHERE document = ? AND options = ? AND page = ?",
                (
                    *(state_of(result), cost.attempts, cost.seconds, pack_result(result), ",".join(result.pending)),
                    *(left_out_words(result), degraded_words(result), now, cost.predicted_mb, cost.peak_mb),
                    *[self.versions.next_number(key.document, result.page)] * 2,
                    *(key.document, key.options, result.page),
                ),
            )
            self._index(key, result.page, result, now)
        return True

    def commit_failure(self, key: PageKey, page: int, error: ErrorInfo, cost: PageCost) -> bool:
        """Store that a page failed, and why.

        Returns:
            False where the page is read, and stays so: it was to be done again (`reset_pages`), or another job on
            the same content did it meanwhile.
        """
        with self._writing():
            cursor = self._db.execute(
                "UPDATE pages SET state = CASE pending WHEN '' THEN ? ELSE ? END, attempts = attempts + ?"
                " WHERE document = ? AND options = ? AND page = ? AND state = ? AND result IS NOT NULL",
                (
                    *(PageState.DONE, PageState.PARTIAL, cost.attempts),
                    *(key.document, key.options, page, PageState.WAITING),
                ),
            )
        if cursor.rowcount:
            return False
        return self._store(key, page, PageState.FAILED, cost, pack_error(error), None)

    def reset_pages(self, key: PageKey, pages: list[int], *, failed_only: bool = False) -> None:
        """Make pages wait again. What is stored of them stays until something newer takes its place."""
        condition = f" AND state = '{PageState.FAILED.value}'" if failed_only else ""
        with self._writing():
            self._db.executemany(
                "UPDATE pages SET state = ?, error = NULL, attempts = 0"  # noqa: S608 - no text from outside
                f" WHERE document = ? AND options = ? AND page = ?{condition}",
                [(PageState.WAITING, key.document, key.options, page) for page in pages],
            )

    def pages(self, key: PageKey) -> dict[int, PageView]:
        """What is known of the pages of a content, by number."""
        rows = self._rows(f"{_VIEWS} ORDER BY pages.page", (key.document, key.options))
        return {row[0]: page_view(row) for row in rows}

    def page(self, key: PageKey, page: int) -> PageView:
        """What is known of one page."""
        rows = self._rows(f"{_VIEWS} AND pages.page = ?", (key.document, key.options, page))
        return page_view(rows[0]) if rows else PageView(page, PageState.WAITING)

    def memory(self, key: PageKey) -> tuple[float, float]:
        """MB that an engine host was expected to take for the pages of a content, and took at most."""
        rows = self._rows(
            "SELECT max(predicted_mb), max(peak_mb) FROM pages WHERE document = ? AND options = ?",
            (key.document, key.options),
        )
        predicted, peak = rows[0]
        return predicted or 0.0, peak or 0.0

    def result(self, key: PageKey, page: int) -> PageResult | None:
        """A page that can be read, with what a person has changed: a finished one, or one with stages before it.

        Raises:
            DesktopOcrError: what is stored cannot be read.
        """
        packed = self.versions.packed(key, page)
        return None if packed is None else unpack_result(packed[1], page)

    def recognised(self, key: PageKey, page: int) -> PageResult | None:
        """As `result`, but as it was recognised last, whatever was changed of it.

        Raises:
            DesktopOcrError: what is stored cannot be read.
        """
        rows = self._rows(
            "SELECT result FROM pages WHERE document = ? AND options = ? AND page = ? AND state IN (?, ?)",
            (key.document, key.options, page, PageState.DONE, PageState.PARTIAL),
        )
        return unpack_result(rows[0][0], page) if rows else None

    def results(self, key: PageKey, pages: list[int]) -> Iterator[tuple[int, PageResult | None, ErrorInfo | None]]:
        """Pages in the order asked for, one in memory at a time; each with its result, or why there is none.

        A stored page that cannot be read does not keep the others back.
        """
        known = self.pages(key)
        for page in pages:
            view = known.get(page)
            result, error = None, view.error if view is not None else None
            if view is not None and (view.edited or view.state in (PageState.DONE, PageState.PARTIAL)):
                try:
                    result = self.result(key, page)
                except DesktopOcrError as failure:
                    error = failure.info
            if result is None and error is None:
                error = ErrorInfo(ErrorCode.CANCELLED, "This page was not read yet.")
            yield page, result, error

    # --- inside -------------------------------------------------------------------------------------------

    def _store(
        self,
        key: PageKey,
        page: int,
        state: PageState,
        cost: PageCost,
        error: bytes | None,
        result: PageResult | None,
    ) -> bool:
        blob, now = None if result is None else pack_result(result), time.time()
        words = ("", "", "")
        if result is not None:
            words = degraded_words(result), ",".join(result.pending), left_out_words(result)
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO pages (document, options, page, state, attempts, seconds, error, result, finished,"
                " degraded, pending, left_out, predicted_mb, peak_mb, stamp, numbers)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?12, ?13, ?14, ?15, ?16, ?17, ?17)"
                " ON CONFLICT (document, options, page) DO UPDATE SET"
                " state = excluded.state, attempts = attempts + excluded.attempts, seconds = excluded.seconds,"
                " error = excluded.error, result = excluded.result, finished = excluded.finished,"
                " degraded = excluded.degraded, pending = excluded.pending, left_out = excluded.left_out,"
                " predicted_mb = excluded.predicted_mb, peak_mb = excluded.peak_mb,"
                " stamp = excluded.stamp, numbers = excluded.numbers"
                # A page that is read is not replaced by one that failed, nor by one with stages before it.
                " WHERE excluded.state = ?10 OR pages.state NOT IN (?10, ?11)",
                (
                    *(key.document, key.options, page, state, cost.attempts, cost.seconds, error, blob, now),
                    *(PageState.DONE, PageState.PARTIAL, *words, cost.predicted_mb, cost.peak_mb),
                    self.versions.next_number(key.document, page),
                ),
            )
            stored = cursor.rowcount > 0
            if stored:
                self._index(key, page, result, now)
        return stored

    def _index(self, key: PageKey, page: int, result: PageResult | None, finished: float) -> None:
        """What was recognised can be searched, unless something else is shown: what a person has made of the page."""
        if not self._search.edited(key, page):
            self._search.put(key, page, result, finished, edited=False)


_VIEWS = (
    "SELECT pages.page, state, error, degraded, pending, left_out, versions.edited FROM pages LEFT JOIN versions"
    " ON versions.document = pages.document AND versions.options = pages.options AND versions.page = pages.page"
    " AND versions.number = pages.version WHERE pages.document = ? AND pages.options = ?"
)
