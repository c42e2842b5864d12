"""The ledger: what was asked for and what was finished, in SQLite. Nothing counts as finished before it is here.

A page is one transaction. `synchronous = FULL` makes it survive a power cut (SQLite's documentation of WAL mode:
with NORMAL a committed transaction may roll back then).
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil

from desktop_ocr.core.migrations import migrate
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState, PageView
from desktop_ocr.schema.messages import DocumentInfo
from desktop_ocr.schema.results import PageResult

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


def process_owner() -> str:
    """A name for this process that no later process can have: pid and start time."""
    return f"{os.getpid()}:{psutil.Process().create_time():.2f}"


def owner_alive(owner: str | None) -> bool:
    """Whether the process of that name still runs."""
    if not owner:
        return False
    pid, _, started = owner.partition(":")
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" == started
    except (psutil.Error, ValueError):
        return False


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
            if file is not None:
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(
                IN_MEMORY if file is None else file,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            if file is not None:
                file.chmod(0o600)  # documents' text: this user's eyes only
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "temp_store = MEMORY",
            ):
                self._db.execute(f"PRAGMA {pragma}")
            migrate(self._db)
        except (sqlite3.Error, OSError) as error:
            where = "" if file is None else f" in {file.parent}"
            raise DesktopOcrError(
                ErrorCode.LEDGER,
                f"The stored pages{where} cannot be opened ({error}).",
                "Check the disk's free space and your permissions there.",
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
        return [self._job_row(row) for row in self._db.execute(f"{_JOBS} ORDER BY jobs.id")]

    def twin(self, job: int, path: str, document: int, options: JobOptions) -> JobRow | None:
        """An older job on the same path, content and options."""
        row = self._db.execute(
            f"{_JOBS} WHERE jobs.path = ? AND jobs.document = ? AND jobs.options = ? AND jobs.id < ?"
            " ORDER BY jobs.id DESC",
            (path, document, options_key(options), job),
        ).fetchone()
        return None if row is None else self._job_row(row)

    # --- pages --------------------------------------------------------------------------------------------

    def commit_page(self, key: PageKey, result: PageResult, seconds: float, attempts: int = 1) -> None:
        """Store a finished page. When this returns the page is on the disk."""
        blob = zlib.compress(_encode_result(result), 1)
        self._store(key, result.page, PageState.DONE, attempts, seconds, None, blob)

    def commit_failure(self, key: PageKey, page: int, error: ErrorInfo, seconds: float, attempts: int = 1) -> None:
        """Store that a page failed, and why."""
        self._store(key, page, PageState.FAILED, attempts, seconds, _pack_error(error), None)

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
        rows = self._db.execute(
            "SELECT page, state, error FROM pages WHERE document = ? AND options = ? ORDER BY page",
            (key.document, key.options),
        )
        return {page: PageView(page, PageState(state), _unpack_error(error)) for page, state, error in rows}

    def result(self, key: PageKey, page: int) -> PageResult | None:
        """A finished page.

        Raises:
            DesktopOcrError: what is stored cannot be read.
        """
        row = self._db.execute(
            "SELECT result FROM pages WHERE document = ? AND options = ? AND page = ? AND state = ?",
            (key.document, key.options, page, PageState.DONE),
        ).fetchone()
        if row is None:
            return None
        try:
            return _decode_result(zlib.decompress(row[0]))
        except (zlib.error, msgspec.DecodeError) as error:
            raise DesktopOcrError(
                ErrorCode.LEDGER, f"The stored page {page + 1} cannot be read.", "Recognise it again."
            ) from error

    def results(self, key: PageKey, pages: list[int]) -> Iterator[tuple[int, PageResult | None, ErrorInfo | None]]:
        """Pages in the order asked for, one in memory at a time, with the reason where one failed."""
        known = self.pages(key)
        for page in pages:
            view = known.get(page)
            if view is not None and view.state is PageState.DONE:
                yield page, self.result(key, page), None
            elif view is not None and view.error is not None:
                yield page, None, view.error
            else:
                yield page, None, ErrorInfo(ErrorCode.CANCELLED, "This page was not read yet.")

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
    ) -> None:
        with self._writing():
            self._db.execute(
                "INSERT INTO pages (document, options, page, state, attempts, seconds, error, result, finished)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (document, options, page) DO UPDATE SET"
                " state = excluded.state, attempts = attempts + excluded.attempts, seconds = excluded.seconds,"
                " error = excluded.error,"
                " result = excluded.result, finished = excluded.finished",
                (key.document, key.options, page, state, attempts, seconds, error, blob, time.time()),
            )

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
        try:
            self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        except sqlite3.Error as failure:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise _ledger_error(failure) from failure
        if isinstance(error, sqlite3.Error):
            raise _ledger_error(error) from error


def _ledger_error(error: sqlite3.Error) -> DesktopOcrError:
    if "full" in str(error):
        return DesktopOcrError(
            ErrorCode.DISK_FULL, "The disk with the stored pages is full.", "Make room and try again."
        )
    return DesktopOcrError(ErrorCode.LEDGER, f"The page could not be stored ({error}).")


def _pack_error(error: ErrorInfo | None) -> bytes | None:
    return None if error is None else msgspec.json.encode(error)


def _unpack_error(text: object) -> ErrorInfo | None:
    return msgspec.json.decode(text, type=ErrorInfo) if isinstance(text, (bytes, str)) else None
