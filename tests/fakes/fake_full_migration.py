"""A disk that is full while a ledger of a former version is brought to this one: a real file system of a few MB.

Run as `unshare -rm python -m tests.fakes.fake_full_migration FOLDER VERSION [STEP]`: mounts a small file system on
FOLDER, puts a ledger of that version there, opens it undisturbed, and again for each statement that opening it runs (or
each STEP-th): the disk is filled before it. Then as often with a little room left, more each time. A line of JSON for
each tells what happened; the first one has the number of statements.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

from desktop_ocr.core import ledger_db
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.migrations import MIGRATIONS, migrate
from desktop_ocr.schema.errors import DesktopOcrError
from tests.fakes.fake_full_disk import Disk

PAGES = 60
ROOMS = (4096, 12_288, 24_576, 40_960, 65_536, 98_304, 131_072)


def former(file: Path, version: int) -> None:
    """A ledger as that version of the program has left it when it was killed: what it wrote last is in the log."""
    made = file.with_name("made.sqlite3")
    db = sqlite3.connect(made, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    migrate(db, version)
    db.execute("BEGIN")
    db.execute("INSERT INTO documents (sha256, size, format, pages) VALUES (?, 1, 'PDF', ?)", ("ab" * 32, PAGES))
    options = '{"orientation":true}' if version < 3 else "{}"
    db.execute(
        "INSERT INTO jobs (document, path, state, options, created) VALUES (1, '/a.pdf', 'done', ?, 1)", (options,)
    )
    for page in range(PAGES):
        db.execute(
            "INSERT INTO pages (document, options, page, state, result, finished) VALUES (1, ?, ?, 'done', ?, 1.0)",
            (options, page, random.Random(page).randbytes(3000)),
        )
        if page == PAGES // 2:
            db.execute("COMMIT")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.execute("BEGIN")
    db.execute("COMMIT")
    copied(made, file)
    db.close()


def copied(file: Path, target: Path) -> None:
    """Copy a ledger with its log; what lay at the target goes."""
    for suffix in ("", "-wal", "-shm"):
        there, copy = file.with_name(f"{file.name}{suffix}"), target.with_name(f"{target.name}{suffix}")
        copy.unlink(missing_ok=True)
        if suffix != "-shm" and there.exists():
            shutil.copy(there, copy)


def read(file: Path) -> list[Any]:
    """What every version has in its ledger."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        jobs = db.execute("SELECT id, document, path, state FROM jobs").fetchall()
        return [jobs, *db.execute("SELECT page, state, result, finished FROM pages ORDER BY page").fetchall()]


class Case:
    """One opening after the other, each of the same former ledger."""

    def __init__(self, disk: Disk, version: int, outside: Path) -> None:
        self._disk = disk
        self._version = version
        self._kept = outside / "former.sqlite3"
        self._copy = outside / "copy.sqlite3"
        self._data = disk.folder / "data"
        self._file = self._data / "ledger.sqlite3"
        self.statements = 0
        self._fatal, self._room = -1, 0
        former(self._kept, version)
        copied(self._kept, self._copy)
        self._content = read(self._copy)

    def run(self, fatal: int, room: int = 0) -> dict[str, object]:
        """Open it; the disk is filled but for `room` bytes before the statement of that number, -1 for none."""
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir()
        copied(self._kept, self._file)
        self.statements, self._fatal, self._room = 0, fatal, room
        if fatal == 0:
            self._disk.fill(room)
        told = self._opened()
        counted = self.statements
        survived = self._survived() if told else True
        self._fatal = -1
        self._disk.empty()
        later = self._opened()
        self.statements = counted
        names = sorted(path.name for path in self._data.iterdir())
        return {
            "told": told,
            "survived": survived,
            "later": later,
            "same": read(self._file) == self._content,
            "version": self._version_of(self._file),
            "names": names,
        }

    def counted(self, _statement: str) -> None:
        """A statement is about to be run."""
        self.statements += 1
        if self.statements == self._fatal:
            self._disk.fill(self._room)

    def _opened(self) -> str:
        try:
            ledger = Ledger(self._file)
        except DesktopOcrError as error:
            return str(error)
        rescued = ledger.rescue
        ledger.close()
        return "" if rescued is None else f"rescued: {rescued}"

    def _survived(self) -> bool:
        """Whether what lies there now is a whole ledger of some version; looked at elsewhere: here is no room."""
        copied(self._file, self._copy)
        with contextlib.closing(sqlite3.connect(self._copy)) as db:
            sound = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return sound and read(self._copy) == self._content and self._version_of(self._copy) >= self._version

    @staticmethod
    def _version_of(file: Path) -> int:
        with contextlib.closing(sqlite3.connect(file)) as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])


def main(folder: Path, version: int, step: int) -> None:
    """See the module."""
    outside = folder.with_name("outside")
    outside.mkdir()
    disk = Disk(folder)
    case = Case(disk, version, outside)

    class Counted(ledger_db.LedgerConnection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.set_trace_callback(case.counted)

    ledger_db.LedgerConnection = Counted  # type: ignore[misc]
    calm = case.run(-1)
    count = case.statements
    print(json.dumps({"statements": count, "newest": len(MIGRATIONS), **calm}), flush=True)
    for fatal in range(0, count + 1, step):
        print(json.dumps({"before": fatal, "room": 0, **case.run(fatal)}), flush=True)
    for room in ROOMS:
        print(json.dumps({"before": 0, "room": room, **case.run(0, room)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
