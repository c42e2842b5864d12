"""The part of the ledger that is about who works at a job: one process, which says again and again that it does.

A process that was stopped for long, or whose machine was, may have been taken for dead meanwhile. Each of these
changes is one statement that says whose the job has to be, so that of two who want it one gets it.
"""

from __future__ import annotations

import time

import msgspec

from desktop_ocr.core.ledger_db import Store


class Lease(msgspec.Struct, frozen=True):
    """Who works at a job, and its state; `owner`, `title` and `beat` as of `JobRow`."""

    job: int
    owner: str | None
    title: str
    beat: float
    state: str


_LEASES = "SELECT id, owner, title, beat, state FROM jobs"


class LeaseTable(Store):
    """Owners of jobs."""

    def claim(self, job: int, owner: str, title: str) -> bool:
        """Work at a job that nobody works at; False where somebody else does, or there is no such job."""
        with self._writing():
            cursor = self._db.execute(
                "UPDATE jobs SET owner = ?1, title = ?2, beat = ?3 WHERE id = ?4 AND (owner IS NULL OR owner = ?1)",
                (owner, title, time.time(), job),
            )
        return cursor.rowcount > 0

    def release(self, seen: Lease) -> bool:
        """Make a job free whose owner is gone; False where it is not as it was seen: its owner lives, or another's."""
        with self._writing():
            cursor = self._db.execute(
                "UPDATE jobs SET owner = NULL, title = '' WHERE id = ? AND owner = ? AND beat = ?",
                (seen.job, seen.owner, seen.beat),
            )
        return cursor.rowcount > 0

    def beat(self, owner: str) -> set[int]:
        """Say that a process still works at its jobs; returns which they are: others may have been taken from it.

        It need not survive a power cut, so the disk is not waited for.
        """
        with self._unhurried(), self._writing():
            self._db.execute("UPDATE jobs SET beat = ? WHERE owner = ?", (time.time(), owner))
        return {row[0] for row in self._rows("SELECT id FROM jobs WHERE owner = ?", (owner,))}

    def of(self, job: int) -> Lease | None:
        """Who works at a job; None where there is no such job."""
        rows = self._rows(f"{_LEASES} WHERE id = ?", (job,))
        return Lease(*rows[0]) if rows else None

    def all(self) -> list[Lease]:
        """Of all jobs in the list that have an owner, oldest first."""
        return [Lease(*row) for row in self._rows(f"{_LEASES} WHERE listed AND owner IS NOT NULL ORDER BY id")]

    def states(self) -> dict[int, str]:
        """The state of all jobs in the list, oldest first."""
        return dict(self._rows("SELECT id, state FROM jobs WHERE listed ORDER BY id"))

    def progress(self, job: int) -> list[tuple[object, ...]]:
        """Something that is another when pages of a job were done, or are to be done again.

        It reads what stands before the results in the file, which is much faster than what stands behind them.
        """
        return self._rows(
            "SELECT pages.state, count(*), sum(attempts), total(seconds) FROM jobs JOIN pages ON"
            " pages.document = jobs.document AND pages.options = jobs.options WHERE jobs.id = ? GROUP BY pages.state",
            (job,),
        )

    def version(self) -> int:
        """A number that is another one when somebody else has changed the ledger. It costs next to nothing."""
        return int(self._rows("PRAGMA data_version")[0][0])
