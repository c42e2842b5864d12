"""The ledger: what was asked for and what was finished, in SQLite. Nothing counts as finished before it is here.

A page is one transaction. `synchronous = FULL` makes it survive a power cut (SQLite's documentation of WAL mode:
with NORMAL a committed transaction may roll back then).
"""

from __future__ import annotations

import logging
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.ledger_db import Transaction, open_ledger, pack_error, unpack_error
from desktop_ocr.core.page_words import degraded_words, left_out_words, state_of
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, PageView
from desktop_ocr.schema.results import PageResult

log = logging.getLogger(__name__)

_encode_result = msgspec.msgpack.Encoder().encode
_decode_result = msgspec.msgpack.Decoder(PageResult).decode


class JobRow(msgspec.Struct, frozen=True):
    """A job as stored. `document` and `info` are None until the file was opened; `owner` names a process."""

    job: int
    path: str
    state: JobState
    options: JobOptions
    selection: str
    document: int | None = None
    info: DocumentInfo | None = None
    error: ErrorInfo | None = None
    owner: str | None = None


_DEFAULTS: dict[str, Any] = msgspec.to_builtins(JobOptions())


class PageKey(msgspec.Struct, frozen=True):
    """What a page's result belongs to: a content and the options it was made with."""

    document: int
    options: str


def options_key(options: JobOptions) -> str:
    """Options as text, equal for equal options. Defaults are left out: pages stay theirs when options are added.

    Where a default is changed one day, a migration has to write the old one into what is stored.
    """
    values = msgspec.to_builtins(options)
    kept = {name: value for name, value in values.items() if value != _DEFAULTS[name]}
    return msgspec.json.encode(kept, order="sorted").decode()


class PageCost(msgspec.Struct, frozen=True):
    """What a page took: wall seconds, attempts, and the engine host's RAM in MB, as predicted and at its peak."""

    seconds: float
    attempts: int = 1
    predicted_mb: float = 0.0
    peak_mb: float = 0.0


class Ledger:
    """One connection to the database, used by one thread at a time."""

    def __init__(self, file: Path | None) -> None:
        """Open the ledger, making it where it is missing.

        Args:
            file: the database; None for one in memory that leaves nothing behind.

        Raises:
            DesktopOcrError: it cannot be opened.
        """
        self._db = open_ledger(file)

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded in."""
        self._db.close()

    # --- jobs ---------------------------------------------------------------------------------------------

    def add_job(self, path: str, options: JobOptions, selection: str, owner: str) -> int:
        """A new job on a file that was not opened yet; returns its number."""
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO jobs (path, state, options, selection, owner, created) VALUES (?, ?, ?, ?, ?, ?)",
                (path, JobState.OPENING, options_key(options), selection, owner, time.time()),
            )
        return int(cursor.lastrowid or 0)

    def set_document(self, job: int, info: DocumentInfo) -> int:
        """Tie a job to the content its file has; returns the content's number."""
        with self._writing():
            self._db.execute(
                "INSERT INTO documents (sha256, size, format, pages) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO"
                " UPDATE SET format = excluded.format, pages = excluded.pages",
                (info.sha256, info.size, info.format, info.pages),
            )
            document = int(self._db.execute("SELECT id FROM documents WHERE sha256 = ?", (info.sha256,)).fetchone()[0])
            self._db.execute("UPDATE jobs SET document = ? WHERE id = ?", (document, job))
        return document

    def set_state(self, job: int, state: JobState, error: ErrorInfo | None = None, owner: str | None = None) -> None:
        """A job's new state; `owner` is the process that works on it, or None."""
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET state = ?, error = ?, owner = ? WHERE id = ?",
                (state, pack_error(error), owner, job),
            )

    def set_options(self, job: int, options: JobOptions) -> None:
        """A job is to be done with other options; what was done with the former ones stays until it is removed."""
        with self._writing():
            self._db.execute("UPDATE jobs SET options = ? WHERE id = ?", (options_key(options), job))

    def give_up_jobs(self, owner: str) -> None:
        """A process stops: what it was at waits, paused, for whoever goes on."""
        states = (JobState.WAITING, JobState.OPENING, JobState.RUNNING)
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET state = ?, owner = NULL WHERE owner = ? AND state IN (?, ?, ?)",
                (JobState.PAUSED, owner, *states),
            )

    def remove_job(self, job: int) -> None:
        """Forget a job, and the results of its content that no other job has."""
        with self._writing():
            row = self._db.execute("SELECT document FROM jobs WHERE id = ?", (job,)).fetchone()
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job,))
            if row is None or row[0] is None:
                return
            self._db.execute(  # those that it was done with before, too
                "DELETE FROM pages WHERE document = ? AND options NOT IN"
                " (SELECT options FROM jobs WHERE jobs.document = pages.document)",
                row,
            )
            self._db.execute(
                "DELETE FROM documents WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE document = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM pages WHERE document = ?1)",
                (row[0],),
            )

    def jobs(self) -> list[JobRow]:
        """All jobs, oldest first."""
        return [self._readable_row(row) for row in self._rows(f"{_JOBS} ORDER BY jobs.id")]

    def twins(self, job: int, path: str, document: int, options: JobOptions) -> list[JobRow]:
        """Older jobs on the same path, content and options, the latest first; they may be of other pages."""
        rows = self._rows(
            f"{_JOBS} WHERE jobs.path = ? AND jobs.document = ? AND jobs.options = ? AND jobs.id < ?"
            " ORDER BY jobs.id DESC",
            (path, document, options_key(options), job),
        )
        return [self._readable_row(row) for row in rows]

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
            if row is None or feature not in _unpack_pending(row[0]):
                return False
            self._db.execute(
                "UPDATE pages SET state = ?, attempts = attempts + ?, seconds = seconds + ?, result = ?, pending = ?,"
                " left_out = ?, degraded = ?, finished = ?, predicted_mb = max(predicted_mb, ?),"
                " peak_mb = max(peak_mb, ?) WHERE document = ? AND options = ? AND page = ?",
                (
                    *(state_of(result), cost.attempts, cost.seconds, _pack_result(result), ",".join(result.pending)),
                    *(left_out_words(result), degraded_words(result), time.time(), cost.predicted_mb, cost.peak_mb),
                    *(key.document, key.options, result.page),
                ),
            )
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
        rows = self._rows(
            "SELECT page, state, error, degraded, pending, left_out FROM pages WHERE document = ? AND options = ?"
            " ORDER BY page",
            (key.document, key.options),
        )
        return {row[0]: _view(row) for row in rows}

    def page(self, key: PageKey, page: int) -> PageView:
        """What is known of one page."""
        rows = self._rows(
            "SELECT page, state, error, degraded, pending, left_out FROM pages WHERE document = ? AND options = ?"
            " AND page = ?",
            (key.document, key.options, page),
        )
        return _view(rows[0]) if rows else PageView(page, PageState.WAITING)

    def memory(self, key: PageKey) -> tuple[float, float]:
        """MB that an engine host was expected to take for the pages of a content, and took at most."""
        rows = self._rows(
            "SELECT max(predicted_mb), max(peak_mb) FROM pages WHERE document = ? AND options = ?",
            (key.document, key.options),
        )
        predicted, peak = rows[0]
        return predicted or 0.0, peak or 0.0

    def result(self, key: PageKey, page: int) -> PageResult | None:
        """A page that can be read: a finished one, or one with stages before it.

        Raises:
            DesktopOcrError: what is stored cannot be read.
        """
        rows = self._rows(
            "SELECT result FROM pages WHERE document = ? AND options = ? AND page = ? AND state IN (?, ?)",
            (key.document, key.options, page, PageState.DONE, PageState.PARTIAL),
        )
        if not rows:
            return None
        try:
            return _decode_result(zlib.decompress(rows[0][0]))
        except (zlib.error, msgspec.DecodeError, TypeError) as error:
            raise DesktopOcrError(
                ErrorCode.LEDGER, f"The stored page {page + 1} cannot be read.", "Recognise it again."
            ) from error

    def results(self, key: PageKey, pages: list[int]) -> Iterator[tuple[int, PageResult | None, ErrorInfo | None]]:
        """Pages in the order asked for, one in memory at a time; each with its result, or why there is none.

        A stored page that cannot be read does not keep the others back.
        """
        known = self.pages(key)
        for page in pages:
            view = known.get(page)
            result, error = None, view.error if view is not None else None
            if view is not None and view.state in (PageState.DONE, PageState.PARTIAL):
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
        blob = None if result is None else _pack_result(result)
        words = ("", "", "")
        if result is not None:
            words = degraded_words(result), ",".join(result.pending), left_out_words(result)
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO pages (document, options, page, state, attempts, seconds, error, result, finished,"
                " degraded, pending, left_out, predicted_mb, peak_mb)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?12, ?13, ?14, ?15, ?16)"
                " ON CONFLICT (document, options, page) DO UPDATE SET"
                " state = excluded.state, attempts = attempts + excluded.attempts, seconds = excluded.seconds,"
                " error = excluded.error, result = excluded.result, finished = excluded.finished,"
                " degraded = excluded.degraded, pending = excluded.pending, left_out = excluded.left_out,"
                " predicted_mb = excluded.predicted_mb, peak_mb = excluded.peak_mb"
                # A page that is read is not replaced by one that failed, nor by one with stages before it.
                " WHERE excluded.state = ?10 OR pages.state NOT IN (?10, ?11)",
                (
                    *(key.document, key.options, page, state, cost.attempts, cost.seconds, error, blob, time.time()),
                    *(PageState.DONE, PageState.PARTIAL, *words, cost.predicted_mb, cost.peak_mb),
                ),
            )
        return cursor.rowcount > 0

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise DesktopOcrError(ErrorCode.LEDGER, f"The stored pages cannot be read ({error}).") from error

    def _readable_row(self, row: tuple[object, ...]) -> JobRow:
        """A job; one that is stored in a way that we cannot read is named, and keeps no other from being shown."""
        try:
            return self._job_row(row)
        except (msgspec.DecodeError, ValueError) as error:
            log.warning("job %s cannot be read: %s", row[0], error)
            told = ErrorInfo(
                ErrorCode.LEDGER,
                "What is stored of this document cannot be read.",
                "Remove it from the list and add it again.",
            )
            owner = None if row[6] is None else str(row[6])
            return JobRow(int(str(row[0])), str(row[1]), JobState.FAILED, JobOptions(), "", error=told, owner=owner)

    def _job_row(self, row: tuple[object, ...]) -> JobRow:
        job, path, state, options, selection, error, owner, document, sha256, size, kind, pages = row
        info = None
        if document is not None:
            info = DocumentInfo(str(kind), int(str(pages)), str(sha256), int(str(size)))
        return JobRow(
            job=int(str(job)),
            path=str(path),
            state=JobState(str(state)),
            options=msgspec.json.decode(str(options), type=JobOptions),
            selection=str(selection),
            document=None if document is None else int(str(document)),
            info=info,
            error=unpack_error(error),
            owner=None if owner is None else str(owner),
        )

    def _writing(self) -> Transaction:
        return Transaction(self._db)


_JOBS = (
    "SELECT jobs.id, path, state, options, selection, error, owner, documents.id, sha256, size, format, pages"
    " FROM jobs LEFT JOIN documents ON documents.id = jobs.document"
)


def _pack_result(result: PageResult) -> bytes:
    return zlib.compress(_encode_result(result), 1)


def _view(row: tuple[Any, ...]) -> PageView:
    page, state, error, degraded, pending, left_out = row
    partial = state == PageState.PARTIAL  # of one that is to be read again, the former ones are stored
    return PageView(
        page, PageState(state), unpack_error(error), degraded, _unpack_pending(pending) if partial else (), left_out
    )


def _unpack_pending(text: str) -> tuple[Feature, ...]:
    known = {feature.value: feature for feature in Feature}
    return tuple(known[name] for name in text.split(",") if name in known)
