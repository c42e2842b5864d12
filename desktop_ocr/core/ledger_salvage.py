"""What can be read of a damaged ledger, written into a fresh one: rows first, then what they say is checked.

A row is taken where SQLite can read it; a bad page of the file costs the rows on it (`walk`). Rows that SQLite does
not find any more, because the way to them is lost, are looked for in the file itself (`ledger_carving`). Flipped bits
may leave a row that can be read and is wrong, so nothing of a row is believed that its result, which carries a
checksum, or the other tables do not bear out (`ledger_checks`): a page is lost rather than invented.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.ledger_carving import carve
from desktop_ocr.core.ledger_checks import check_all
from desktop_ocr.core.migrations import MIGRATIONS, migrate

log = logging.getLogger(__name__)

Row = tuple[Any, ...]

TABLES = ("documents", "jobs", "pages", "versions", "exports", "arrivals")
"""Those whose rows are saved. What can be searched is made anew from the pages; exports that were begun leave hidden
files at most, which the next export to their folder deletes.
"""

PROBES = (
    "SELECT id, document, path, state, options, selection, error, owner, created, title, beat, listed, attended"
    " FROM jobs",
    "SELECT id, sha256, size, format, pages FROM documents",
    "SELECT document, options, page, state, attempts, seconds, error, result, finished, degraded, predicted_mb,"
    " peak_mb, pending, left_out, stamp, version, numbers FROM pages LIMIT 0",
    "SELECT document, options, page, number, before, base, edited, words, made, result FROM versions LIMIT 0",
    "SELECT id, job, format, path, pages, size, notes, made FROM exports LIMIT 0",
    "SELECT id, folder, path, size, stamp, sha256, state, job, error, attempts, next_try, outputs, changed"
    " FROM arrivals LIMIT 0",
    "SELECT id, document, options, page FROM searched LIMIT 0",
    "SELECT id, job, wish, full_name, folder, host, owner, begun FROM begun_exports",
    "SELECT day, doubtful FROM days",
)
"""Questions that a sound ledger answers: every table has its columns, and what each start reads can be read."""

UNREADABLE = (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError)
"""What reading a damaged file may end with."""

LONGEST_VALUE = 64_000_000  # bytes: of a damaged length SQLite would first ask for the memory
MOST_FAILURES = 50_000
HIGHEST_ROW = 1 << 40
LONGEST_HOLE = 4096  # rows that are tried one by one where nothing above a bad one can be found


class Saved(msgspec.Struct, frozen=True):
    """How much a ledger holds: documents of the list and the library, pages that can be read, edited ones of them."""

    documents: int = 0
    pages: int = 0
    edits: int = 0


def count_saved(db: sqlite3.Connection) -> Saved:
    """What is in a ledger."""
    (documents,) = db.execute("SELECT count(*) FROM jobs").fetchone()
    (pages,) = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM pages WHERE result IS NOT NULL OR version <> 0 GROUP BY document, page)"
    ).fetchone()
    (edits,) = db.execute(
        "SELECT count(*) FROM pages JOIN versions ON versions.document = pages.document AND versions.options ="
        " pages.options AND versions.page = pages.page AND versions.number = pages.version WHERE versions.edited"
    ).fetchone()
    return Saved(documents, pages, edits)


def salvage(damaged: Path, target: Path) -> Saved:
    """Fill a new ledger with what can be read of a damaged one, which is only read.

    Args:
        damaged: the database, with its -wal if there is one. Nobody writes to it meanwhile.
        target: the file to make; there must be none.

    Raises:
        sqlite3.Error, OSError: the new one cannot be written, because the disk is full say.
    """
    with contextlib.closing(_read_only(damaged)) as old, contextlib.closing(_fresh(target, _version(old))) as new:
        new.execute("BEGIN")
        for table in TABLES:
            _copy(old, new, table)
        # Where SQLite finds all rows of a table, others are those that were deleted.
        sound = {table for table in TABLES if _whole(old, table)}
        _carve(damaged, new, [table for table in TABLES if table not in sound])
        _name_contents(old, new)
        new.execute("COMMIT")
        migrate(new)
        new.execute("BEGIN")
        check_all(new, contents_lost="documents" not in sound)
        new.execute("COMMIT")
        return count_saved(new)


def _read_only(damaged: Path) -> sqlite3.Connection:
    where = f"{damaged.absolute().as_uri()}?mode=ro"
    if not damaged.exists() or damaged.stat().st_size == 0:
        where = "file::memory:"  # of an empty file SQLite would delete the -wal
    db = sqlite3.connect(where, uri=True, isolation_level=None)
    db.text_factory = _lenient
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    with contextlib.suppress(*UNREADABLE):
        db.execute("PRAGMA writable_schema = ON")  # what can be read of a damaged list of tables is used
    return db


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _version(old: sqlite3.Connection) -> int:
    """Which migrations a database has seen, by its number where that can be, else the newest."""
    try:
        version = int(old.execute("PRAGMA user_version").fetchone()[0])
    except UNREADABLE:
        return len(MIGRATIONS)
    return version if 1 <= version <= len(MIGRATIONS) else len(MIGRATIONS)


def _fresh(target: Path, version: int) -> sqlite3.Connection:
    new = sqlite3.connect(target, isolation_level=None)
    try:
        target.chmod(0o600)
        # A program that is killed here begins anew: nothing needs to be safe before the end.
        new.execute("PRAGMA auto_vacuum = INCREMENTAL")  # as `ledger_db.connect` makes them
        new.execute("PRAGMA journal_mode = MEMORY")
        new.execute("PRAGMA synchronous = OFF")
        new.execute("PRAGMA foreign_keys = OFF")
        migrate(new, version)
    except BaseException:
        new.close()
        raise
    return new


def _whole(old: sqlite3.Connection, table: str) -> bool:
    """Whether SQLite finds nothing wrong with a table and its indexes."""
    try:
        return [row[0] for row in old.execute(f"PRAGMA integrity_check({table})")] == ["ok"]
    except UNREADABLE:
        return False


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> None:
    wanted = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    if not wanted:  # the old version does not have it
        return
    with contextlib.suppress(*UNREADABLE):
        there = {row[1] for row in old.execute(f"PRAGMA table_info({table})")}
        wanted = [name for name in wanted if name in there] if there else wanted
    doubtful = _contradicted(old) if table == "pages" else {}
    try:
        old.execute(f"SELECT rowid, {', '.join(wanted)} FROM {table} LIMIT 0")  # noqa: S608 - our own names
    except UNREADABLE as error:
        log.warning("nothing of the table %s can be read: %s", table, error)
        return
    names, marks = ", ".join(wanted), ", ".join("?" * len(wanted))
    write = f"INSERT OR IGNORE INTO {table} (rowid, {names}) VALUES (?, {marks})"  # noqa: S608 - our own names
    for row in walk(old, table, wanted):
        place = doubtful.get(row[0])
        if place is not None and place != (row[1 + wanted.index("document")], row[1 + wanted.index("page")]):
            continue
        with contextlib.suppress(sqlite3.DataError, OverflowError):
            new.execute(write, row)


def _carve(damaged: Path, new: sqlite3.Connection, tables: list[str]) -> None:
    """Add rows that SQLite did not find; those that it found stay as they are."""
    columns = {table: [row[1] for row in new.execute(f"PRAGMA table_info({table})")] for table in tables}
    before = new.total_changes
    for row in carve(damaged, LONGEST_VALUE):
        names = columns.get(row.table, [])[: len(row.values)]
        values = row.values
        if len(names) < len(values):
            continue
        if names[0] == "id":  # stored as the row's number
            values = (row.rowid, *values[1:])
        marks = ", ".join("?" * len(names))
        with contextlib.suppress(sqlite3.DataError, OverflowError):
            new.execute(
                f"INSERT OR IGNORE INTO {row.table} (rowid, {', '.join(names)}) VALUES (?, {marks})",  # noqa: S608
                (row.rowid, *values),
            )
    if new.total_changes > before:
        log.warning("%d rows were found beside SQLite", new.total_changes - before)


def _name_contents(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """Contents whose rows are lost: an index has their hashes, and their pages say how many there are at least."""
    with contextlib.suppress(*UNREADABLE):
        for number, sha256 in old.execute("SELECT id, sha256 FROM documents INDEXED BY sqlite_autoindex_documents_1"):
            (last,) = new.execute("SELECT max(page) FROM pages WHERE document = ?", (number,)).fetchone()
            if isinstance(last, int):
                new.execute(
                    "INSERT OR IGNORE INTO documents (id, sha256, size, format, pages) VALUES (?, ?, 0, '', ?)",
                    (number, sha256, last + 1),
                )


def walk(db: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[Row]:
    """Rows of a damaged table, each once: its rowid, then the columns.

    From below up to the first row that cannot be read; then ahead, in ever longer steps, to one that can be, and on
    from there. What was stepped over is cut in halves until each half can be read or is a single row.
    """
    names = ", ".join(columns)
    query = f"SELECT rowid, {names} FROM {table} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608 - our own names
    seen: set[int] = set()
    holes: deque[tuple[int, int]] = deque()
    low = 0
    while (reached := (yield from _read(db, query, low, HIGHEST_ROW, seen))) is not None:
        bad = max(reached + 1, low)
        ahead = _step_ahead(db, table, bad)
        holes.append((bad, min(bad + LONGEST_HOLE, HIGHEST_ROW) if ahead is None else ahead - 1))
        if ahead is None:
            break
        low = ahead
    failures = 0
    while holes and failures < MOST_FAILURES:
        low, high = holes.popleft()
        reached = yield from _read(db, query, low, high, seen)
        if reached is not None:
            failures += 1
            low = max(low, reached + 1)
            if low < high:
                middle = (low + high) // 2
                holes += [(low, middle), (middle + 1, high)]


def _step_ahead(db: sqlite3.Connection, table: str, bad: int) -> int | None:
    """Where to go on after a row that cannot be read; None where nothing above it can be found."""
    query = f"SELECT rowid FROM {table} WHERE rowid BETWEEN ? AND ? ORDER BY rowid LIMIT 1"  # noqa: S608 - our own names
    for power in range(HIGHEST_ROW.bit_length() - 1):
        start = bad + (1 << power)
        with contextlib.suppress(*UNREADABLE):
            row = db.execute(query, (start, HIGHEST_ROW)).fetchone()
            return start if row is None else max(start, int(row[0]))
    return None


def _read(db: sqlite3.Connection, query: str, low: int, high: int, seen: set[int]) -> Generator[Row, None, int | None]:
    """Yields rows; returns None where all were read, otherwise the last one that could be, or -1."""
    last = -1
    try:
        for row in db.execute(query, (low, high)):
            if not isinstance(row[0], int) or not low <= row[0] <= high:
                return last
            last = row[0]
            if last not in seen:
                seen.add(last)
                yield row
    except UNREADABLE:
        return last
    return None


def _contradicted(old: sqlite3.Connection) -> dict[int, tuple[int, int]]:
    """By rowid of a page: its document and number as an index has them, which is stored elsewhere in the file."""
    found: dict[int, tuple[int, int]] = {}
    for order in ("", " DESC"):
        with contextlib.suppress(*UNREADABLE):
            rows = old.execute(
                "SELECT rowid, document, page FROM pages INDEXED BY pages_by_place"  # noqa: S608 - two words of ours
                f" ORDER BY document{order}, page{order}"
            )
            for rowid, document, page in rows:
                found.setdefault(rowid, (document, page))
            break
    return found
