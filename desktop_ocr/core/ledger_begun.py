"""The part of the ledger that is about exports that were begun and have not ended: their program may be killed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from desktop_ocr.core.ledger_db import Store
from desktop_ocr.schema.exports import ExportWish


class BegunExport(msgspec.Struct, frozen=True):
    """An export that is not noted as ended.

    Attributes:
        id: of the note.
        job: whose pages.
        wish: what was wanted of it; None where that cannot be read.
        full_name: as `SessionApi.export` was told.
        folder: where it writes.
        host: the document host that writes, as `owners.job_owner` names it; "" before there is one.
        owner: the program, named alike; None where that is known to be gone, and nothing is left of its files.
        begun: when, in seconds as `time.time` gives them.
    """

    id: int
    job: int
    wish: ExportWish | None
    full_name: bool
    folder: Path
    host: str
    owner: str | None
    begun: float


class BegunTable(Store):
    """Exports that were begun. Of all this a power cut may take the last moments: it costs a hidden file at most."""

    def add(self, job: int, wish: ExportWish, folder: Path, owner: str, *, full_name: bool) -> int:
        """Note that an export begins, before anything of it is written; returns the note's number.

        Raises:
            DesktopOcrError: it could not be noted.
        """
        with self._unhurried(), self._writing():
            cursor = self._db.execute(
                "INSERT INTO begun_exports (job, wish, full_name, folder, owner, begun) VALUES (?, ?, ?, ?, ?, ?)",
                (job, _packed(wish), full_name, os.fsencode(folder), owner, time.time()),
            )
        return int(cursor.lastrowid or 0)

    def set_host(self, number: int, host: str) -> None:
        """Another document host writes from now on.

        Raises:
            DesktopOcrError: it could not be noted.
        """
        with self._unhurried(), self._writing():
            self._db.execute("UPDATE begun_exports SET host = ? WHERE id = ?", (host, number))

    def end(self, number: int, job: int, wish: ExportWish | None = None) -> None:
        """An export has ended, well or not: nothing is left but its files.

        Args:
            number: of its note.
            job: whose pages.
            wish: of which all was made: then nobody need be told of earlier tries that were interrupted.

        Raises:
            DesktopOcrError: it could not be noted.
        """
        with self._unhurried(), self._writing():
            self._db.execute("DELETE FROM begun_exports WHERE id = ?", (number,))
            if wish is not None:
                self._db.execute(
                    "DELETE FROM begun_exports WHERE job = ? AND wish = ? AND owner IS NULL", (job, _packed(wish))
                )

    def all(self) -> list[BegunExport]:
        """All of them, oldest first."""
        rows = self._rows("SELECT id, job, wish, full_name, folder, host, owner, begun FROM begun_exports ORDER BY id")
        return [_begun(*row) for row in rows]

    def orphan(self, seen: BegunExport) -> bool:
        """Note that a program is gone whose files were cleared away; False where somebody else has noted it."""
        with self._unhurried(), self._writing():
            cursor = self._db.execute(
                "UPDATE begun_exports SET owner = NULL WHERE id = ? AND owner = ?", (seen.id, seen.owner)
            )
        return cursor.rowcount > 0

    def told(self, notes: Iterable[BegunExport]) -> list[BegunExport]:
        """Forget notes, because a person is told of them; returns those that nobody else has told of."""
        with self._writing():
            return [
                note
                for note in notes
                if self._db.execute("DELETE FROM begun_exports WHERE id = ? AND owner IS NULL", (note.id,)).rowcount
            ]


def _packed(wish: ExportWish) -> str:
    return msgspec.json.encode(wish).decode()


def _begun(
    number: int, job: int, wish: str, full_name: int, folder: bytes, host: str, owner: str | None, begun: float
) -> BegunExport:
    try:
        wanted = msgspec.json.decode(wish, type=ExportWish)
    except (msgspec.DecodeError, TypeError):
        wanted = None  # of another version of the program
    return BegunExport(number, job, wanted, bool(full_name), Path(os.fsdecode(folder)), host, owner, begun)
