"""The part of the ledger that is about documents that are kept without being in the list."""

from __future__ import annotations

import sqlite3

import msgspec

from desktop_ocr.core.ledger_db import Store
from desktop_ocr.core.ledger_rows import PageKey
from desktop_ocr.schema.jobs import JobState, PageState


class Stored(msgspec.Struct, frozen=True):
    """How many pages of a content a job has, done, and when the last of them was, in seconds as `time.time` gives."""

    job: int
    pages: int
    finished: float


class LibraryTable(Store):
    """Jobs in the list and out of it."""

    @property
    def connection(self) -> sqlite3.Connection:
        """The ledger's own: the only one that sees a ledger in memory."""
        return self._db

    def take_off(self, job: int) -> None:
        """A job is in the list no more; what was not finished of it will not be, unless somebody brings it back."""
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET listed = 0, owner = NULL, state = CASE WHEN state IN (?, ?, ?) THEN state ELSE ? END"
                " WHERE id = ?",
                (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.CANCELLED, job),
            )

    def put_back(self, job: int) -> None:
        """A job is in the list again."""
        with self._writing():
            self._db.execute("UPDATE jobs SET listed = 1, attended = 1 WHERE id = ?", (job,))

    def stored(self, key: PageKey) -> bool:
        """Whether anything can be read of a content's pages."""
        return bool(
            self._rows(
                "SELECT 1 FROM pages WHERE document = ? AND options = ? AND (result IS NOT NULL OR version > 0)"
                " LIMIT 1",
                (key.document, key.options),
            )
        )

    def finished(self, key: PageKey, pages: set[int]) -> float:
        """When the last of some pages was done; 0.0 where none is."""
        rows = self._rows(
            "SELECT page, finished FROM pages WHERE document = ? AND options = ? AND state = ?",
            (key.document, key.options, PageState.DONE),
        )
        return max((when or 0.0 for page, when in rows if page in pages), default=0.0)

    def others(self, key: PageKey, pages: set[int]) -> list[Stored]:
        """Jobs on the same content with other options, and what they have of some pages; the one with most first."""
        jobs = self._rows(
            "SELECT max(id), options FROM jobs WHERE document = ? AND options != ? GROUP BY options",
            (key.document, key.options),
        )
        found = []
        for job, options in jobs:
            rows = self._rows(
                "SELECT page, finished FROM pages WHERE document = ? AND options = ? AND state = ?",
                (key.document, options, PageState.DONE),
            )
            own = [when or 0.0 for page, when in rows if page in pages]
            if own:
                found.append(Stored(job, len(own), max(own)))
        return sorted(found, key=lambda one: (-one.pages, -one.job))

    def used_mb(self) -> float:
        """What the ledger takes, without what is free in its file, in MB (10^6 bytes)."""
        pages, free, size = (
            self._rows(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size")
        )
        return float((pages - free) * size) / 1e6

    def words_mb(self, job: int) -> float:
        """Texts of a job's content that can be searched, in MB (10^6 bytes)."""
        rows = self._rows(
            "SELECT sum(length(CAST(words AS BLOB))) FROM jobs JOIN searched ON searched.document = jobs.document"
            " AND searched.options = jobs.options JOIN page_search ON page_search.rowid = searched.id"
            " WHERE jobs.id = ?",
            (job,),
        )
        return (rows[0][0] or 0) / 1e6

    def unlisted(self) -> list[tuple[int, float]]:
        """Jobs out of the list at which nobody works, and when a page was last done or corrected; the oldest first."""
        return [
            (int(job), float(when))
            for job, when in self._rows(
                "SELECT id, max(coalesce((SELECT max(finished) FROM searched WHERE searched.document = jobs.document"
                " AND searched.options = jobs.options), created), coalesce((SELECT max(made) FROM versions WHERE"
                " versions.document = jobs.document AND versions.options = jobs.options), 0)) AS latest"
                " FROM jobs WHERE NOT listed AND owner IS NULL ORDER BY latest, id"
            )
        ]
