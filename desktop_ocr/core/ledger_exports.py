"""The part of the ledger that is about files that were made of documents."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from desktop_ocr.core.ledger_db import Store
from desktop_ocr.schema.exports import ExportMade


class ExportTable(Store):
    """Exports that were made. What is noted here is never needed for making one."""

    def add(self, job: int, made: ExportMade) -> None:
        """Note a file that was made of a job.

        Raises:
            DesktopOcrError: it could not be noted; the job may have been removed meanwhile.
        """
        with self._writing():
            self._db.execute(
                "INSERT INTO exports (job, format, path, pages, size, notes, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(job, made.format, os.fsencode(made.path), made.pages, made.size),
                    *(msgspec.json.encode(made.notes).decode(), made.made),
                ),
            )

    def of_others(self, job: int, target: Path) -> list[str]:
        """Files in the target's folder, named as it or with something added, whose last export was another document's.

        A document is its content, whatever it is called, and its file, whatever that holds by now: what was made of
        either for another job is not another's.
        """
        ending = "".join(target.suffixes[-2:])
        begin = os.fsencode(target.with_name(target.name.removesuffix(ending)))
        rows = self._rows(
            "SELECT exports.path, jobs.document IS NOT own.document AND jobs.path IS NOT own.path FROM exports"
            " JOIN jobs ON jobs.id = exports.job LEFT JOIN jobs AS own ON own.id = ?"
            " WHERE exports.path >= ? AND exports.path < ? ORDER BY exports.id",
            (job, begin, begin + b"\xff"),
        )
        latest = {os.fsdecode(path): other for path, other in rows}
        return [Path(path).name for path, other in latest.items() if other and Path(path).parent == target.parent]

    def inherit(self, job: int, before: int) -> None:
        """A job takes the place of another one on the same file, with what was made of that, or was begun.

        Raises:
            DesktopOcrError: it could not be noted.
        """
        with self._writing():
            self._db.execute("UPDATE exports SET job = ? WHERE job = ?", (job, before))
            self._db.execute("UPDATE begun_exports SET job = ? WHERE job = ?", (job, before))

    def of(self, job: int) -> list[ExportMade]:
        """What was made of a job, the latest first; of a file that was written again, the last time only."""
        rows = self._rows(
            "SELECT format, path, pages, size, notes, made FROM exports WHERE id IN"
            " (SELECT max(id) FROM exports WHERE job = ? GROUP BY path) ORDER BY id DESC",
            (job,),
        )
        return [_made(*row) for row in rows]


def _made(format_name: str, path: bytes, pages: str, size: int, notes: str, made: float) -> ExportMade:
    try:
        told = msgspec.json.decode(notes, type=tuple[str, ...])
    except (msgspec.DecodeError, TypeError):
        told = ()
    return ExportMade(format_name, os.fsdecode(path), pages, size, told, made)
