"""The ledger's connection: how it is opened, how it is written to, and what its errors mean to a person."""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.migrations import migrate
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
IN_MEMORY = ":memory:"
LEAST_ROOM = 100_000  # bytes: SQLite's shared memory and a page or two
_BAD_SECTORS = (sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_CORRUPTFS)
"""The disk does not give a part of the file, for now or for good: that is no damage yet, but to be looked at."""
DAMAGED_ADVICE = "They are damaged. Close Desktop OCR and start it again: what can be read is saved then."


class LedgerConnection(sqlite3.Connection):
    """Knows its file, and notes when that turns out to be damaged.

    Attributes:
        file: the database; None for one in memory.
        damage_found: called once, on whatever thread met the damage.
    """

    file: Path | None = None
    damage_found: Callable[[], None] | None = None
    _noted = False

    def note(self, error: BaseException | None) -> None:
        """Look whether an error tells of damage; then the next start looks at the whole file (`ledger_rescue`)."""
        if not self._noted and note_damage(self.file, error):
            self._noted = True
            if self.damage_found is not None:
                self.damage_found()


def note_damage(file: Path | None, error: BaseException | None) -> bool:
    """Where an error tells that a ledger is damaged, leave a mark beside it for the next start; whether it does."""
    if file is None or not isinstance(error, sqlite3.Error):
        return False
    if not is_damaged(error) and getattr(error, "sqlite_errorcode", 0) not in _BAD_SECTORS:
        return False
    log.error("the ledger is damaged: %s", error)
    try:
        mark_of(file).touch(mode=0o600)
    except OSError as failure:  # a full disk say: the damage is met again, and noted then
        log.warning("the damage could not be noted: %s", failure)
    return True


def mark_of(file: Path) -> Path:
    """What lies beside a ledger that is to be looked at before it is used again."""
    return file.with_name(f"{file.name}-check")


def opening_error(file: Path | None, error: Exception) -> DesktopOcrError:
    """Why a ledger cannot be opened, in words."""
    where = "" if file is None else f" in {file.parent}"
    advice = "Check the disk's free space and your permissions there."
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        advice = "Another program works with them: close it, or wait, and try again."
    elif is_full(error, file):
        advice = "Make room there; or use --private, which stores nothing."
        text = f"The stored pages{where} cannot be opened: the disk is full."
        return DesktopOcrError(ErrorCode.DISK_FULL, text, advice)
    reason = error.strerror if isinstance(error, OSError) else error
    return DesktopOcrError(ErrorCode.LEDGER, f"The stored pages{where} cannot be opened ({reason}).", advice)


def connect(file: Path | None) -> LedgerConnection:
    """Open the database, making it where it is missing, and bring it to the newest version; None for one in memory.

    Raises:
        sqlite3.Error, OSError: it cannot be opened; `opening_error` has words for it.
        DesktopOcrError: it was made by a newer version of the program.
    """
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = sqlite3.connect(
        IN_MEMORY if file is None else file,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=LedgerConnection,
    )
    try:
        if file is not None:
            file.chmod(0o600)  # documents' text: this user's eyes only
        # Before anything else is written to a new file: free space can be given back little by little. Of one that is
        # there it would only be written again.
        if db.execute("PRAGMA page_count").fetchone()[0] == 0:
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _refuse_foreign(db)
        _use_wal(db)
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
        ):
            db.execute(f"PRAGMA {pragma}")
        migrate(db)
    except UnicodeDecodeError as error:  # what SQLite says of a damaged list of tables quotes from it
        db.close()
        raise sqlite3.DatabaseError("database disk image is malformed") from error
    except BaseException:
        db.close()
        raise
    db.file = file
    return db


def _refuse_foreign(db: sqlite3.Connection) -> None:
    """Raise where a database is sound, and somebody else's: ours have a number as soon as they have tables."""
    if not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        return
    if db.execute("PRAGMA user_version").fetchone()[0] == 0:  # asked for last: another program may have begun it
        raise sqlite3.DatabaseError("the file is not a database of this program")


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
            self._note(error)
            raise _ledger_error(error, self._file) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error as failure:
                error = failure
            else:
                return
        self._note(error)
        # On a full disk SQLite has rolled back already: to ask for it again would hide the reason.
        if self._db.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise _ledger_error(error, self._file) from error

    @property
    def _file(self) -> Path | None:
        return self._db.file if isinstance(self._db, LedgerConnection) else None

    def _note(self, error: BaseException | None) -> None:
        if isinstance(self._db, LedgerConnection):
            self._db.note(error)


class Store:
    """What reads and writes some of the ledger's tables, over the one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            if isinstance(self._db, LedgerConnection):
                self._db.note(error)
            advice = DAMAGED_ADVICE if is_damaged(error) else ""
            raise DesktopOcrError(ErrorCode.LEDGER, f"The stored pages cannot be read ({error}).", advice) from error

    def _writing(self) -> Transaction:
        return Transaction(self._db)

    @contextlib.contextmanager
    def _unhurried(self) -> Iterator[None]:
        """What is written meanwhile is on the disk when the next page is; until then a power cut may undo it."""
        self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._db.execute("PRAGMA synchronous = FULL")


def _ledger_error(error: sqlite3.Error, file: Path | None) -> DesktopOcrError:
    if is_full(error, file):
        return DesktopOcrError(
            ErrorCode.DISK_FULL, "The disk with the stored pages is full.", "Make room and try again."
        )
    advice = DAMAGED_ADVICE if is_damaged(error) else ""
    return DesktopOcrError(ErrorCode.LEDGER, f"The stored pages could not be changed ({error}).", advice)


def is_full(error: Exception, file: Path | None = None) -> bool:
    """Whether the disk is full; SQLite calls that an input or output error where it cannot make its shared memory."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if not isinstance(error, sqlite3.Error):
        return False
    if "full" in str(error):
        return True
    if _code(error) not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) or file is None:
        return False
    try:
        return shutil.disk_usage(file.parent).free < LEAST_ROOM
    except OSError:
        return False


def is_damaged(error: BaseException) -> bool:
    """Whether a file is no database, or a damaged one."""
    if not isinstance(error, sqlite3.Error):
        return False
    damaged = _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return damaged or any(words in str(error) for words in ("malformed", "not a database"))


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


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
