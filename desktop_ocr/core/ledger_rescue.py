"""Opening the ledger, whatever has become of its file: a damaged one is set aside, and what can be read of it saved.

Files beside `ledger.sqlite3`, each for a moment only but the last:

- `...-check`: the mark. Damage was met, perhaps in a page in the middle: the next start looks at the whole file.
- `...-rescuing`: the new ledger while it is being filled; one that a killed program has left is begun anew.
- `...-rescued`: the same, complete. Whoever finds it puts it in the place of the damaged one.
- `...-lock`: held by the one program that rescues.
- `ledger-damaged-2026-11-21.sqlite3` (and `-wal`, `-shm`): what was set aside. Never deleted, never opened again.

The damaged files have moved before the new one takes their place: SQLite would play an old log into a new file.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import logging
import os
import sqlite3
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from desktop_ocr.core.ledger_db import LedgerConnection, connect, is_damaged, is_full, mark_of, opening_error
from desktop_ocr.core.ledger_locks import in_use
from desktop_ocr.core.ledger_salvage import PROBES, Saved, count_saved, salvage
from desktop_ocr.models.disk import try_lock
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 120.0
"""A program that starts while another one rescues waits so long for it."""

FIRST_START_SECONDS = 60.0
_TRACES = ("window.lock", "logs", "pasted", "diagnostics")
"""What former runs leave beside the ledger."""

_WAL_MAGIC = (0x377F0682, 0x377F0683)
_SUFFIXES = ("-shm", "-wal", "")
"""In the order in which they are moved: where a program is killed at it, the database itself is there last."""


class Rescue(msgspec.Struct, frozen=True):
    """That a ledger was damaged.

    Attributes:
        name: of the file that was set aside.
        folder: where it is.
        saved: what is in the ledger now.
        log_only: only the latest changes (the -wal) could not be read; the ledger itself is sound.
        empty: the file was there, without anything in it; nothing was set aside then, and `name` is its own.
    """

    name: str
    folder: Path
    saved: Saved
    log_only: bool = False
    empty: bool = False

    def __str__(self) -> str:
        """What a person is told."""
        saved = self.saved
        if self.empty:
            return (
                f"{self.name} in {self.folder} was empty, although Desktop OCR has run before: all stored pages are"
                " gone from it, and a new store was begun. If you have a copy of it, close Desktop OCR and put the copy"
                " in its place. Your own files are untouched."
            )
        if self.log_only:
            return (
                f"The latest changes to the stored pages could not be read: they were set aside as '{self.name}' in"
                f" {self.folder}. {_counted(saved.documents, 'document')} and {_counted(saved.pages, 'page')} are"
                " there; pages that are missing are recognised again when you resume their document."
            )
        begin = f"The stored pages were damaged: the file was set aside as '{self.name}' in {self.folder}."
        if not (saved.documents or saved.pages):
            return (
                f"{begin} Nothing could be saved from it, and an empty store was begun. Your own files are untouched."
            )
        edits = f" ({_counted(saved.edits, 'corrected one')} among them)" if saved.edits else ""
        return (
            f"{begin} {_counted(saved.documents, 'document')} and {_counted(saved.pages, 'page')}{edits} were saved "
            "from it; pages that are missing are recognised again when you resume their document."
        )


class Opened(NamedTuple):
    """A ledger's connection, and what had to be done for it."""

    db: LedgerConnection
    rescue: Rescue | None = None


def open_ledger(file: Path | None) -> Opened:
    """Open the ledger, making it where it is missing; a damaged one is rescued first. None for one in memory.

    Raises:
        DesktopOcrError: it cannot be opened; it was made by a newer version; it is damaged while another running
            program has it open, or while the disk is full: then it was not touched.
    """
    try:
        if file is None:
            return Opened(connect(None))
        emptied = _is_emptied(file)
        opened = _Rescuer(file).open()
        if emptied and opened.rescue is None:
            log.warning("the ledger was empty")
            return Opened(opened.db, Rescue(file.name, file.parent, count_saved(opened.db), empty=True))
        return opened
    except (sqlite3.Error, OSError) as error:
        raise opening_error(file, error) from error


class _Rescuer:
    """What opens one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._mark = mark_of(file)
        self._new = _beside(file, "-rescuing")
        self._complete = _beside(file, "-rescued")

    def open(self) -> Opened:
        if not self._odd():
            try:
                db = self._connected()
            except (sqlite3.Error, DesktopOcrError) as error:
                if not _tells_of_damage(error):
                    raise
                log.warning("the ledger is damaged: %s", error)
                self._mark.touch(mode=0o600)
            else:
                if not self._odd(opened=True):  # somebody who rescues it looks for us after he has set the mark
                    return Opened(db)
                db.close()
        with self._alone():
            return self._mended()

    def _odd(self, *, opened: bool = False) -> bool:
        """Whether something lies beside the file that is to be seen to first. Costs a few looks at the folder."""
        if self._mark.exists() or self._complete.exists():
            return True
        return not opened and (_wal_alone(self._file) or _is_garbage(_beside(self._file, "-wal")))

    def _connected(self) -> LedgerConnection:
        """A connection that could read what every start reads; the rest of the file was not looked at."""
        db = connect(self._file)
        try:
            for probe in PROBES:
                db.execute(probe).fetchall()
        except BaseException:
            db.close()
            raise
        return db

    # --- the one who rescues ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for another program that rescues the file, and be the one who may."""
        lock = _beside(self._file, "-lock")
        lock.touch(mode=0o600)  # as the ledger: nobody else is to hold it
        with lock.open("ab") as stream:
            until = time.monotonic() + PATIENCE_SECONDS
            while not try_lock(stream.fileno()):
                if time.monotonic() > until:
                    raise DesktopOcrError(
                        ErrorCode.LEDGER,
                        "The stored pages are damaged, and another running program is saving what can be read.",
                        "Wait a while, and start again.",
                    )
                time.sleep(0.05)
            yield  # closing the file gives the lock back

    def _mended(self) -> Opened:
        if self._complete.exists():
            return self._placed()
        if not self._odd():  # another program has done it meanwhile
            return Opened(self._connected())
        if in_use(self._file):
            return self._shared()
        log_only = self._set_log_aside()
        if self._sound():
            db = self._connected()
            self._mark.unlink(missing_ok=True)
            return Opened(db, None if log_only is None else self._told(db, log_only, log_only=True))
        self._save()
        return self._placed()

    def _shared(self) -> Opened:
        """Another program works with it: it must not be moved away. What can be opened is used as it is."""
        try:
            return Opened(self._connected())
        except (sqlite3.Error, DesktopOcrError) as error:
            if not _tells_of_damage(error):
                raise
            raise DesktopOcrError(
                ErrorCode.LEDGER,
                f"The stored pages in {self._file.parent} are damaged, and another running program has them open.",
                "Close it, then start again: what can be read is saved then.",
            ) from error

    def _sound(self) -> bool:
        """Look at the whole file.

        Raises:
            DesktopOcrError: it was made by a newer version.
        """
        if _wal_alone(self._file):
            return False
        try:
            db = self._connected()
        except (sqlite3.Error, DesktopOcrError) as error:
            if not _tells_of_damage(error):
                raise
            return False
        with contextlib.closing(db):
            try:
                if [row[0] for row in db.execute("PRAGMA integrity_check(1)")] != ["ok"]:
                    return False
                # Of what can be searched it sees the tables only, and not what is in them; this raises.
                db.execute("INSERT INTO page_search (page_search) VALUES ('integrity-check')")
                return True
            except sqlite3.Error as error:
                if is_full(error, self._file):
                    raise
                log.warning("the ledger cannot be read to its end: %s", error)
                return False

    def _save(self) -> None:
        """Fill a new ledger with what can be read of the damaged one."""
        self._new.unlink(missing_ok=True)
        try:
            saved = salvage(self._file, self._new)
        except (sqlite3.Error, OSError) as error:
            self._new.unlink(missing_ok=True)
            if is_full(error, self._file):
                raise DesktopOcrError(
                    ErrorCode.DISK_FULL,
                    "The stored pages are damaged, and the disk is too full to save what can be read of them.",
                    f"Make room on the disk of {self._file.parent}, then start again.",
                ) from error
            log.exception("nothing could be saved")
            connect(self._new).close()
        else:
            log.warning("saved from the damaged ledger: %s", saved)
        _to_disk(self._new)
        self._new.replace(self._complete)
        _to_disk(self._file.parent)

    def _placed(self) -> Opened:
        """Move the damaged files away and the new one to their place; begun again where a program was killed at it."""
        name = self._free_name()
        for suffix in _SUFFIXES:
            old = _beside(self._file, suffix)
            if suffix and _nothing_in_log(self._file):
                old.unlink(missing_ok=True)
            elif old.exists():
                old.rename(self._file.with_name(f"{name}{suffix}"))
        _to_disk(self._file.parent)
        self._complete.replace(self._file)
        _to_disk(self._file.parent)
        self._mark.unlink(missing_ok=True)
        db = self._connected()
        return Opened(db, self._told(db, name))

    def _set_log_aside(self) -> str | None:
        """A -wal that SQLite did not write would be overwritten without a word; returns its new name."""
        wal = _beside(self._file, "-wal")
        if not _is_garbage(wal) or _wal_alone(self._file):
            return None
        name = self._free_log_name()
        wal.rename(self._file.with_name(name))
        _beside(self._file, "-shm").unlink(missing_ok=True)
        return name

    def _free_name(self) -> str:
        """A name for what is set aside: of today, and never one that is there; one that was begun is finished."""
        begun = not _beside(self._file, "-wal").exists()  # it goes first
        return self._name("", lambda name: self._there(name) or (self._there(f"{name}-wal") and not begun))

    def _free_log_name(self) -> str:
        return self._name("-log", lambda name: self._there(f"{name}-wal")) + "-wal"

    def _name(self, what: str, taken: Callable[[str], bool]) -> str:
        today = datetime.datetime.now().astimezone().date().isoformat()
        begin = f"{self._file.stem}-damaged-{today}{what}"
        names = itertools.chain([begin], (f"{begin}-{number}" for number in itertools.count(2)))
        return next(f"{name}{self._file.suffix}" for name in names if not taken(f"{name}{self._file.suffix}"))

    def _there(self, name: str) -> bool:
        return self._file.with_name(name).exists()

    def _told(self, db: LedgerConnection, name: str, *, log_only: bool = False) -> Rescue:
        return Rescue(name, self._file.parent, count_saved(db), log_only)


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(f"{file.name}{suffix}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _tells_of_damage(error: BaseException) -> bool:
    if isinstance(error, DesktopOcrError):
        return False
    # Of a table that the program itself has made, SQLite says so where the file's first page is damaged.
    shape = ("no such table", "no such column", "already exists", "duplicate column", "Could not decode", "unsupported")
    return is_damaged(error) or any(words in str(error) for words in shape)


def _wal_alone(file: Path) -> bool:
    """Whether there is a log of changes to a file that is empty, missing or odd: SQLite would delete it."""
    try:
        wal = _beside(file, "-wal").stat().st_size
    except OSError:
        return False
    if not wal:
        return False
    try:
        return file.stat().st_size == 0
    except FileNotFoundError:
        return True


def _is_emptied(file: Path) -> bool:
    """Whether a ledger is there and empty, although the program has run before.

    At the first start another program may just be making it: so that only older traces tell.
    """
    try:
        if file.stat().st_size or not _nothing_in_log(file):
            return False
    except OSError:
        return False
    before = time.time() - FIRST_START_SECONDS
    for name in _TRACES:
        with contextlib.suppress(OSError):
            if file.with_name(name).stat().st_mtime < before:
                return True
    return False


def _nothing_in_log(file: Path) -> bool:
    try:
        return _beside(file, "-wal").stat().st_size == 0
    except FileNotFoundError:
        return True


def _is_garbage(wal: Path) -> bool:
    """Whether a log has a head that SQLite did not write. One of zeros is left where the power failed early."""
    try:
        with wal.open("rb") as stream:
            head = stream.read(32)
    except OSError:
        return False
    return any(head) and (len(head) < 32 or struct.unpack(">I", head[:4])[0] not in _WAL_MAGIC)


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if sys.platform == "win32" and path.is_dir():  # Windows has no such thing for folders
        return
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
