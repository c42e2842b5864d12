"""The ledger: what was asked for and what was finished, in SQLite. Nothing counts as finished before it is here.

A page is one transaction. `synchronous = FULL` makes it survive a power cut (SQLite's documentation of WAL mode:
with NORMAL a committed transaction may roll back then).
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.migrations import migrate
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, PageView
from desktop_ocr.schema.messages import DocumentInfo
from desktop_ocr.schema.results import PageResult

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
IN_MEMORY = ":memory:"

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


class PageKey(msgspec.Struct, frozen=True):
    """What a page's result belongs to: a content and the options it was made with."""

    document: int
    options: str


def options_key(options: JobOptions) -> str:
    """Options as text, equal for equal options."""
    return msgspec.json.encode(options, order="sorted").decode()


class Ledger:
    """One connection to the database, used by one thread at a time."""

    def __init__(self, file: Path | None) -> None:
        """Open the ledger, making it where it is missing.

        Args:
            file: the database; None for one in memory that leaves nothing behind.

        Raises:
            DesktopOcrError: it cannot be opened.
        """
        try:
            self._db = _connect(file)
        except (sqlite3.Error, OSError) as error:
            where = "" if file is None else f" in {file.parent}"
            advice = "Check the disk's free space and your permissions there."
            if file is not None and _is_damaged(error):
                advice = f"{file.name} is damaged: rename or delete it, and a new one is made."
            elif isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                advice = "Another program works with them: close it, or wait, and try again."
            elif _is_full(error):
                advice = "Make room there; or use --private, which stores nothing."
            reason = error.strerror if isinstance(error, OSError) else error
            raise DesktopOcrError(
                ErrorCode.LEDGER, f"The stored pages{where} cannot be opened ({reason}).", advice
            ) from error

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
                (state, _pack_error(error), owner, job),
            )

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
            row = self._db.execute("SELECT document, options FROM jobs WHERE id = ?", (job,)).fetchone()
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job,))
            if row is None or row[0] is None:
                return
            self._db.execute(
                "DELETE FROM pages WHERE document = ?1 AND options = ?2 AND NOT EXISTS"
                " (SELECT 1 FROM jobs WHERE document = ?1 AND options = ?2)",
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

    def commit_page(self, key: PageKey, result: PageResult, seconds: float, attempts: int = 1) -> None:
        """Store a finished page. When this returns the page is on the disk."""
        blob = zlib.compress(_encode_result(result), 1)
        self._store(key, result.page, PageState.DONE, attempts, seconds, None, blob)

    def commit_failure(self, key: PageKey, page: int, error: ErrorInfo, seconds: float, attempts: int = 1) -> bool:
        """Store that a page failed, and why.

        Returns:
            False where the page is finished: another job on the same content did it, and that stays.
        """
        return self._store(key, page, PageState.FAILED, attempts, seconds, _pack_error(error), None)

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
            "SELECT page, state, error FROM pages WHERE document = ? AND options = ? ORDER BY page",
            (key.document, key.options),
        )
        return {page: PageView(page, PageState(state), _unpack_error(error)) for page, state, error in rows}

    def result(self, key: PageKey, page: int) -> PageResult | None:
        """A finished page.

        Raises:
            DesktopOcrError: what is stored cannot be read.
        """
        rows = self._rows(
            "SELECT result FROM pages WHERE document = ? AND options = ? AND page = ? AND state = ?",
            (key.document, key.options, page, PageState.DONE),
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
            if view is not None and view.state is PageState.DONE:
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
        attempts: int,
        seconds: float,
        error: bytes | None,
        blob: bytes | None,
    ) -> bool:
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO pages (document, options, page, state, attempts, seconds, error, result, finished)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (document, options, page) DO UPDATE SET"
                " state = excluded.state, attempts = attempts + excluded.attempts, seconds = excluded.seconds,"
                " error = excluded.error,"
                " result = excluded.result, finished = excluded.finished"
                " WHERE excluded.state = ?10 OR pages.state <> ?10",
                (key.document, key.options, page, state, attempts, seconds, error, blob, time.time(), PageState.DONE),
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
            error=_unpack_error(error),
            owner=None if owner is None else str(owner),
        )

    def _writing(self) -> _Transaction:
        return _Transaction(self._db)


def _connect(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = sqlite3.connect(
        IN_MEMORY if file is None else file,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if file is not None:
            file.chmod(0o600)  # documents' text: this user's eyes only
        _use_wal(db)
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
        ):
            db.execute(f"PRAGMA {pragma}")
        migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _use_wal(db: sqlite3.Connection) -> None:
    """Of two programs that make the ledger at once, SQLite refuses one at this without letting it wait."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


_JOBS = (
    "SELECT jobs.id, path, state, options, selection, error, owner, documents.id, sha256, size, format, pages"
    " FROM jobs LEFT JOIN documents ON documents.id = jobs.document"
)


class _Transaction:
    """`BEGIN IMMEDIATE` to `COMMIT`; SQLite's errors become sentences."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise _ledger_error(error) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error as failure:
                error = failure
            else:
                return
        # On a full disk SQLite has rolled back already: to ask for it again would hide the reason.
        if self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise _ledger_error(error) from error


def _ledger_error(error: sqlite3.Error) -> DesktopOcrError:
    if _is_full(error):
        return DesktopOcrError(
            ErrorCode.DISK_FULL, "The disk with the stored pages is full.", "Make room and try again."
        )
    advice = "ledger.sqlite3 is damaged: rename or delete it, and a new one is made." if _is_damaged(error) else ""
    return DesktopOcrError(ErrorCode.LEDGER, f"The stored pages could not be changed ({error}).", advice)


def _is_full(error: Exception) -> bool:
    return isinstance(error, sqlite3.Error) and "full" in str(error)


def _is_damaged(error: Exception) -> bool:
    return any(words in str(error) for words in ("malformed", "not a database"))


def _pack_error(error: ErrorInfo | None) -> bytes | None:
    return None if error is None else msgspec.json.encode(error)


def _unpack_error(text: object) -> ErrorInfo | None:
    if not isinstance(text, (bytes, str)):
        return None
    try:
        return msgspec.json.decode(text, type=ErrorInfo)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A newer version of the program may know more reasons.
        return ErrorInfo(ErrorCode.INTERNAL, "The reason that is stored cannot be read.")
