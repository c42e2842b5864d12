"""The part of the ledger that is about files that came to watched folders: how far each is, and what was made of it.

Each step is committed before it is taken, so that a program that was killed knows what to look for. A row whose file
is gone from where it came to, or is another one by now, stays under a path that no file can have: what was done once is
known by its content for good.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.arrival_errors import LONGEST_PAUSE
from desktop_ocr.core.ledger_db import Store, pack_error, unpack_error
from desktop_ocr.core.names import can_be
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.watching import ArrivalState

AT_ONCE = 500  # paths in one query
_AWAY = b"\0"  # what follows it is no part of a file's name


class SeenFile(msgspec.Struct, frozen=True):
    """A file as it lay there: bytes, and time of the last change in ns."""

    path: str
    size: int
    stamp: int


class MadeFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that was made of an arrival, or is about to get its name.

    Attributes:
        path: its name.
        size, sha256: of its bytes.
        part: where it lies until it gets its name; "" when it has it.
        over: the bytes (sha256) of an earlier export of ours that it may take the place of; "" for none.
        original: it is the arrival itself, moved.
        stamp: time of its last change in ns.
    """

    path: str
    size: int
    sha256: str
    part: str = ""
    over: str = ""
    original: bool = False
    stamp: int = 0


class ArrivalRow(msgspec.Struct, frozen=True):
    """A file that came, as stored; see `Arrival`. `away`: it is not where it came to any more."""

    id: int
    folder: str
    path: Path
    size: int
    stamp: int
    sha256: str
    state: ArrivalState
    job: int | None
    error: ErrorInfo | None
    attempts: int
    next_try: float
    made: tuple[MadeFile, ...]
    changed: float
    away: bool = False

    @property
    def ours(self) -> bool:
        """Whether it did not come, but is an export of ours that was put there."""
        return self.state is ArrivalState.SAME and self.job == 0


_ROW = (
    "SELECT id, folder, path, size, stamp, sha256, state, job, error, attempts, next_try, outputs, changed"
    " FROM arrivals"
)
_LEAVING = (
    "UPDATE arrivals SET path = CAST(path || x'00' || CAST(id AS BLOB) AS BLOB) WHERE id = ? AND instr(path, x'00') = 0"
)
_OPEN = (ArrivalState.SETTLING, ArrivalState.WORKING, ArrivalState.WAITING, ArrivalState.FAILED)


class ArrivalTable(Store):
    """Files that came to watched folders."""

    # --- what lies there ------------------------------------------------------------------------------------

    def note(self, folder: str, files: Sequence[SeenFile]) -> list[SeenFile]:
        """Note files that lie in a folder; returns those that are new or have changed, and have to settle.

        What is in work is left alone: whoever works at it looks at the file again. Our own exports are not documents,
        whatever somebody does to them.
        """
        known = self._known(folder, [file.path for file in files])
        fresh: list[SeenFile] = []
        steps: list[tuple[str, tuple[object, ...]]] = []
        now = time.time()
        for file in files:
            row = known.get(file.path)
            if row is None:
                steps.append(_insertion(folder, file, now))
            else:
                number, size, stamp, state, job = row
                same = (size, stamp) == (file.size, file.stamp)
                ours = state == ArrivalState.SAME and job == 0
                if ours or state == ArrivalState.WORKING or (same and state != ArrivalState.SETTLING):
                    continue
                if state == ArrivalState.DONE:
                    steps += [_leaving(number), _insertion(folder, file, now)]
                elif not same:
                    steps.append(_resettling(number, file, now))
            fresh.append(file)
        if steps:
            with self._writing():
                for statement, values in steps:
                    self._db.execute(statement, values)
        return fresh

    def settle_again(self, row: int, file: SeenFile) -> None:
        """A file has changed while it was worked at."""
        with self._writing():
            self._db.execute(*_resettling(row, file, time.time()))

    def at(self, folder: str, path: Path) -> ArrivalRow | None:
        """What is known of the file that lies at a path."""
        if not can_be(path):
            return None
        rows = self._rows(f"{_ROW} WHERE folder = ? AND path = ?", (folder, os.fsencode(path)))
        return _row(rows[0]) if rows else None

    def lying(self, folder: str, *, exports: bool = True) -> list[tuple[int, str]]:
        """Numbers and paths of files of which it matters that they still lie there: unfinished, and our `exports`."""
        rows = self._rows(
            "SELECT id, path FROM arrivals WHERE folder = ? AND instr(path, x'00') = 0"
            " AND (state IN (?, ?, ?) OR (? AND state = ? AND job = 0))",
            (folder, ArrivalState.SETTLING, ArrivalState.WAITING, ArrivalState.FAILED, exports, ArrivalState.SAME),
        )
        return [(int(number), os.fsdecode(path)) for number, path in rows]

    def gone(self, rows: Sequence[int]) -> None:
        """Files do not lie there any more: those that were not begun, or failed, are forgotten. Those in work stay."""
        with self._writing():
            for number in rows:
                self._db.execute(
                    "DELETE FROM arrivals WHERE id = ? AND state IN (?, ?, ?)",
                    (number, ArrivalState.SETTLING, ArrivalState.WAITING, ArrivalState.FAILED),
                )
                self._db.execute(f"{_LEAVING} AND state <> ?", (number, ArrivalState.WORKING))

    # --- one arrival ----------------------------------------------------------------------------------------

    def row(self, number: int) -> ArrivalRow | None:
        """One arrival."""
        rows = self._rows(f"{_ROW} WHERE id = ?", (number,))
        return _row(rows[0]) if rows else None

    def twin(self, row: ArrivalRow, sha256: str) -> ArrivalRow | None:
        """Another arrival in the folder with the same content that is done, in work or tries again; or our export."""
        rows = self._rows(
            f"{_ROW} WHERE folder = ? AND sha256 = ? AND id <> ? AND (state IN (?, ?, ?) OR (state = ? AND job = 0))"
            " ORDER BY state <> 'done', id LIMIT 1",
            (
                *(row.folder, sha256, row.id, ArrivalState.DONE, ArrivalState.WORKING, ArrivalState.WAITING),
                ArrivalState.SAME,
            ),
        )
        return _row(rows[0]) if rows else None

    def begin(self, row: int, sha256: str) -> None:
        """Work at a file begins; its document is not in the list yet."""
        self._set(row, "sha256 = ?, state = ?, job = NULL, error = NULL", sha256, ArrivalState.WORKING)

    def set_job(self, row: int, job: int) -> None:
        """Its document."""
        self._set(row, "job = ?", job)

    def set_state(
        self,
        row: int,
        state: ArrivalState,
        error: ErrorInfo | None = None,
        *,
        attempts: int | None = None,
        next_try: float = 0.0,
    ) -> None:
        """What became of it; `attempts` None leaves them as they are."""
        self._set(
            row,
            "state = ?, error = ?, next_try = ?, attempts = coalesce(?, attempts)",
            *(state, pack_error(error), next_try, attempts),
        )

    def set_content(self, row: int, sha256: str) -> None:
        """What it is."""
        self._set(row, "sha256 = ?", sha256)

    def made_of_others(self, row: ArrivalRow, folder: Path) -> list[MadeFile]:
        """Files in a folder that were or are made of other arrivals, and may be called as those of this one.

        What lay where this one lies, and was another document, is not another arrival: its exports are followed by
        this one's.
        """
        begin = msgspec.json.encode(str(folder / row.path.stem)).decode().removesuffix('"')
        rows = self._rows(f"{_ROW} WHERE id <> ? AND instr(outputs, ?)", (row.id, begin))
        others = [other for other in map(_row, rows) if other.path != row.path]
        return [file for other in others for file in other.made]

    def set_made(self, row: ArrivalRow, made: Sequence[MadeFile], *, into: str = "") -> None:
        """What is made of it. Files that lie in the watched folder (`into`) are known as ours from then on.

        The list of a document's exports names them by where they are to be.
        """
        now = time.time()
        with self._writing():
            self._db.execute(
                "UPDATE arrivals SET outputs = ?, changed = ? WHERE id = ?",
                (msgspec.json.encode(list(made)).decode(), now, row.id),
            )
            for file in made if row.job else ():
                if file.part and not file.original:
                    self._db.execute(
                        "UPDATE exports SET path = ? WHERE job = ? AND path = ?",
                        (os.fsencode(file.path), row.job, os.fsencode(file.part)),
                    )
            for file in made if into else ():
                if not file.original and Path(file.path).is_relative_to(into):
                    self._db.execute(
                        "INSERT INTO arrivals (folder, path, size, stamp, sha256, state, job, changed)"
                        " VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (folder, path) DO UPDATE SET"
                        " size = excluded.size, stamp = excluded.stamp, sha256 = excluded.sha256"
                        " WHERE arrivals.job = 0",
                        (
                            *(row.folder, os.fsencode(file.path), file.size, file.stamp),
                            # A searchable PDF may be the original, byte by byte: that content is no export's.
                            "" if file.sha256 == row.sha256 else file.sha256,
                            *(ArrivalState.SAME, now),
                        ),
                    )

    def finish(self, row: int, state: ArrivalState, *, away: bool) -> None:
        """It is done, or its content was done before; `away`: it does not lie there any more."""
        with self._writing():
            self._db.execute(
                "UPDATE arrivals SET state = ?, error = NULL, next_try = 0, changed = ? WHERE id = ?",
                (state, time.time(), row),
            )
            if away:
                self._db.execute(*_leaving(row))

    def put_back(self, row: int) -> None:
        """It did not come: it is an export of ours that lies there again."""
        self._set(row, "state = ?, job = 0, error = NULL, next_try = 0", ArrivalState.SAME)

    def off_list(self, row: int) -> None:
        """Its document is not in the list any more."""
        self._set(row, "job = NULL")

    # --- all of them ----------------------------------------------------------------------------------------

    def counts(self, folder: str) -> dict[ArrivalState, int]:
        """How many of a folder's are in which state; our own exports do not count."""
        rows = self._rows(
            "SELECT state, count(*) FROM arrivals WHERE folder = ? AND (job IS NULL OR job <> 0) GROUP BY state",
            (folder,),
        )
        return {ArrivalState(state): count for state, count in rows}

    def unfinished(self, folder: str = "") -> list[ArrivalRow]:
        """Those that are neither done nor the same as another, the latest first."""
        where, values = ("", ()) if not folder else (" AND folder = ?", (folder,))
        rows = self._rows(
            f"{_ROW} WHERE state IN (?, ?, ?, ?){where} ORDER BY changed DESC, id DESC", (*_OPEN, *values)
        )
        return [_row(row) for row in rows]

    def in_list(self) -> list[ArrivalRow]:
        """Those that had a document in the list, or were being put there, when this was last written."""
        rows = self._rows(f"{_ROW} WHERE job > 0 OR state = ?", (ArrivalState.WORKING,))
        return [_row(row) for row in rows]

    def due(self, now: float) -> list[tuple[int, str]]:
        """Numbers and folders of those that are to be tried again by now, the longest waiting first.

        None is to wait for longer than `LONGEST_PAUSE`: where it says so, the clock was wrong, and was set right since.
        """
        return self._rows(
            "SELECT id, folder FROM arrivals WHERE state = ? AND next_try > 0 AND (next_try <= ? OR next_try > ?)"
            " ORDER BY next_try",
            (ArrivalState.WAITING, now, now + LONGEST_PAUSE),
        )

    def next_due(self, now: float) -> float | None:
        """When the next one after now is to be tried again."""
        rows = self._rows(
            "SELECT min(next_try) FROM arrivals WHERE state = ? AND next_try > ?", (ArrivalState.WAITING, now)
        )
        return None if rows[0][0] is None else float(rows[0][0])

    def hand_over(self, folder: str, root: Path, known: Sequence[str]) -> None:
        """A folder that was watched before is watched again: what was done there is known.

        Args:
            folder: its id now.
            root: where it is.
            known: ids of the folders that are watched, whose arrivals stay theirs.
        """
        inside = os.fsencode(root).rstrip(b"/\\") + os.fsencode(os.sep)
        marks = ", ".join("?" * len(known))
        with self._writing():
            self._db.execute(
                "UPDATE OR IGNORE arrivals SET folder = ? WHERE substr(path, 1, ?) = ?"  # noqa: S608 - question marks
                f" AND folder NOT IN ({marks})",
                (folder, len(inside), inside, *known),
            )

    def drop_unfinished(self, folder: str) -> None:
        """A folder is not watched any more: what was not done there is forgotten."""
        with self._writing():
            self._db.execute("DELETE FROM arrivals WHERE folder = ? AND state IN (?, ?, ?, ?)", (folder, *_OPEN))

    # --- inside ---------------------------------------------------------------------------------------------

    def _known(self, folder: str, paths: Sequence[str]) -> dict[str, tuple[int, int, int, str, int | None]]:
        known: dict[str, tuple[int, int, int, str, int | None]] = {}
        for start in range(0, len(paths), AT_ONCE):
            some = [os.fsencode(path) for path in paths[start : start + AT_ONCE]]
            rows = self._rows(
                "SELECT path, id, size, stamp, state, job FROM arrivals WHERE folder = ?"  # noqa: S608 - question marks
                f" AND path IN ({', '.join('?' * len(some))})",
                (folder, *some),
            )
            known.update((os.fsdecode(path), tuple(rest)) for path, *rest in rows)
        return known

    def _set(self, row: int, what: str, *values: object) -> None:
        with self._writing():
            self._db.execute(
                f"UPDATE arrivals SET {what}, changed = ? WHERE id = ?",  # noqa: S608 - our own words
                (*values, time.time(), row),
            )


def _insertion(folder: str, file: SeenFile, now: float) -> tuple[str, tuple[object, ...]]:
    return (
        "INSERT INTO arrivals (folder, path, size, stamp, state, changed) VALUES (?, ?, ?, ?, ?, ?)",
        (folder, os.fsencode(file.path), file.size, file.stamp, ArrivalState.SETTLING, now),
    )


def _resettling(row: int, file: SeenFile, now: float) -> tuple[str, tuple[object, ...]]:
    return (
        "UPDATE arrivals SET size = ?, stamp = ?, sha256 = '', state = ?, error = NULL, attempts = 0, next_try = 0,"
        " outputs = '[]', changed = ? WHERE id = ?",
        (file.size, file.stamp, ArrivalState.SETTLING, now, row),
    )


def _leaving(row: int) -> tuple[str, tuple[object, ...]]:
    """Keep a row under a path that no file can have."""
    return _LEAVING, (row,)


def _row(row: Sequence[Any]) -> ArrivalRow:
    number, folder, path, size, stamp, sha256, state, job, error, attempts, next_try, made, changed = row
    name, away, _ = bytes(path).partition(_AWAY)
    try:
        files = tuple(msgspec.json.decode(made, type=list[MadeFile]))
    except msgspec.DecodeError:  # of a newer version of the program: it is made again, beside what is there
        files = ()
    return ArrivalRow(
        *(number, folder, Path(os.fsdecode(name)), size, stamp, sha256, ArrivalState(state), job, unpack_error(error)),
        *(attempts, next_try, files, changed, bool(away)),
    )
