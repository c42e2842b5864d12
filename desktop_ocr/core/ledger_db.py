"""The ledger's connection: how it is opened, how it is written to, and what its errors mean to a person."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.migrations import migrate
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo

BUSY_SECONDS = 10.0
IN_MEMORY = ":memory:"


def open_ledger(file: Path | None) -> sqlite3.Connection:
    """Open the database, making it where it is missing; None for one in memory.

    Raises:
        DesktopOcrError: it cannot be opened.
    """
    try:
        return _connect(file)
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


class Transaction:
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


class Store:
    """What reads and writes some of the ledger's tables, over the one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise DesktopOcrError(ErrorCode.LEDGER, f"The stored pages cannot be read ({error}).") from error

    def _writing(self) -> Transaction:
        return Transaction(self._db)


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


def pack_error(error: ErrorInfo | None) -> bytes | None:
    """An error as it is stored."""
    return None if error is None else msgspec.json.encode(error)


def unpack_error(text: object) -> ErrorInfo | None:
    """A stored error; one that cannot be read is told as such."""
    if not isinstance(text, (bytes, str)):
        return None
    try:
        return msgspec.json.decode(text, type=ErrorInfo)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A newer version of the program may know more reasons.
        return ErrorInfo(ErrorCode.INTERNAL, "The reason that is stored cannot be read.")
