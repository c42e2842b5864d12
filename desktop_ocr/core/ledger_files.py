"""The part of the ledger that is about where a job's file is."""

from __future__ import annotations

from desktop_ocr.core.ledger_db import Store


class FileTable(Store):
    """Paths of jobs."""

    def move(self, job: int, path: str) -> None:
        """A job's file is somewhere else now."""
        with self._writing():
            self._db.execute("UPDATE jobs SET path = ? WHERE id = ?", (path, job))

    def named(self, path: str) -> bool:
        """Whether any job, in the list or not, is on this file."""
        return bool(self._rows("SELECT 1 FROM jobs WHERE path = ? LIMIT 1", (path,)))

    def listed(self, path: str) -> bool:
        """Whether a job in the list is on this file."""
        return bool(self._rows("SELECT 1 FROM jobs WHERE path = ? AND listed LIMIT 1", (path,)))

    def added(self, job: int) -> float:
        """When a job was added, in seconds as `time.time` gives them; 0.0 for one that is not there."""
        rows = self._rows("SELECT created FROM jobs WHERE id = ?", (job,))
        return float(rows[0][0]) if rows else 0.0
