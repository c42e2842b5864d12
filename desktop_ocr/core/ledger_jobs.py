"""The part of the ledger that is about jobs: what was asked for, on which content."""

from __future__ import annotations

import logging
import time

import msgspec

from desktop_ocr.core.ledger_db import Store, pack_error, unpack_error
from desktop_ocr.core.ledger_rows import LOST, JobRow, options_key
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState

log = logging.getLogger(__name__)

_JOBS = (
    "SELECT jobs.id, path, state, options, selection, error, owner, documents.id, sha256, size, format, pages,"
    " title, beat, attended"
    " FROM jobs LEFT JOIN documents ON documents.id = jobs.document"
)


class JobTable(Store):
    """Jobs and the contents they are on."""

    def add_job(
        self, path: str, options: JobOptions, selection: str, owner: str, title: str = "", *, attended: bool = True
    ) -> int:
        """A new job on a file that was not opened yet, at which a program of that title works; returns its number.

        `attended`: a person has added it.
        """
        now = time.time()
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO jobs (path, state, options, selection, owner, title, beat, created, attended)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (path, JobState.OPENING, options_key(options), selection, owner, title, now, now, attended),
            )
        return int(cursor.lastrowid or 0)

    def set_attended(self, job: int) -> None:
        """A person wants a job's document in the list, too."""
        with self._writing():
            self._db.execute("UPDATE jobs SET attended = 1 WHERE id = ?", (job,))

    def set_document(self, job: int, info: DocumentInfo) -> int:
        """Tie a job to the content its file has; returns the content's number.

        Where it was not known any more which content a job's pages are of, it is this one from now on.
        """
        with self._writing():
            self._db.execute(
                "UPDATE OR IGNORE documents SET sha256 = ?, size = ?"
                " WHERE id = (SELECT document FROM jobs WHERE id = ?) AND substr(sha256, 1, length(?)) = ?",
                (info.sha256, info.size, job, LOST, LOST),
            )
            self._db.execute(
                "INSERT INTO documents (sha256, size, format, pages) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO"
                " UPDATE SET format = excluded.format, pages = excluded.pages",
                (info.sha256, info.size, info.format, info.pages),
            )
            document = int(self._db.execute("SELECT id FROM documents WHERE sha256 = ?", (info.sha256,)).fetchone()[0])
            self._db.execute("UPDATE jobs SET document = ? WHERE id = ?", (document, job))
        return document

    def is_known(self, sha256: str, besides: int) -> bool:
        """Whether a content is stored under another number."""
        return bool(self._rows("SELECT 1 FROM documents WHERE sha256 = ? AND id <> ?", (sha256, besides)))

    def set_state(
        self,
        job: int,
        state: JobState,
        error: ErrorInfo | None = None,
        owner: str | None = None,
        *,
        title: str = "",
        by: str | None = None,
    ) -> bool:
        """A job's new state.

        Args:
            job, state, error: which, and what has become of it.
            owner: the process that works on it from now on, or None.
            title: of that program.
            by: who says so: nothing is changed where a process of another name works at the job. None for anybody.

        Returns:
            False where nothing was changed, or there is no such job.
        """
        with self._writing():
            cursor = self._db.execute(
                "UPDATE jobs SET state = ?1, error = ?2, owner = ?3, title = ?4, beat = ?5"
                " WHERE id = ?6 AND (?7 IS NULL OR owner IS NULL OR owner = ?7)",
                (state, pack_error(error), owner, title if owner else "", time.time(), job, by),
            )
        return cursor.rowcount > 0

    def set_options(self, job: int, options: JobOptions) -> None:
        """A job is to be done with other options; what was done with the former ones stays until it is removed."""
        with self._writing():
            self._db.execute("UPDATE jobs SET options = ? WHERE id = ?", (options_key(options), job))

    def give_up_jobs(self, owner: str) -> None:
        """A process stops: what it was at is anybody's. Its state stays: the user has not paused it."""
        with self._writing():
            self._db.execute("UPDATE jobs SET owner = NULL, title = '' WHERE owner = ?", (owner,))

    def remove_job(self, job: int, *, unlisted: bool = False) -> bool:
        """Forget a job, and the results of its content that no other job has; False where it is not there.

        `unlisted`: only if it is not in the list, and nobody works at it.
        """
        condition = " AND NOT listed AND owner IS NULL" if unlisted else ""
        with self._writing():
            row = self._db.execute("SELECT document FROM jobs WHERE id = ?", (job,)).fetchone()
            gone = self._db.execute(f"DELETE FROM jobs WHERE id = ?{condition}", (job,)).rowcount > 0  # noqa: S608
            if not gone or row is None or row[0] is None:
                return gone
            self._db.execute(  # those that it was done with before, too
                "DELETE FROM pages WHERE document = ? AND options NOT IN"
                " (SELECT options FROM jobs WHERE jobs.document = pages.document)",
                row,
            )
            self._db.execute(
                "DELETE FROM documents WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM jobs WHERE document = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM pages WHERE document = ?1)",
                (row[0],),
            )
        return True

    def jobs(self) -> list[JobRow]:
        """All jobs in the list, oldest first."""
        return [self._readable_row(row) for row in self._rows(f"{_JOBS} WHERE listed ORDER BY jobs.id")]

    def job(self, number: int) -> JobRow | None:
        """One job; None where it is not there."""
        rows = self._rows(f"{_JOBS} WHERE jobs.id = ?", (number,))
        return self._readable_row(rows[0]) if rows else None

    def twins(self, job: int, path: str, document: int, options: JobOptions) -> list[JobRow]:
        """Older jobs on the same path, content and options, the latest first; they may be of other pages.

        Those whose file was never opened, because the program was killed before that, are among them.
        """
        rows = self._rows(
            f"{_JOBS} WHERE jobs.path = ? AND (jobs.document = ? OR jobs.document IS NULL) AND jobs.options = ?"
            " AND jobs.id < ? ORDER BY jobs.id DESC",
            (path, document, options_key(options), job),
        )
        return [self._readable_row(row) for row in rows]

    def _readable_row(self, row: tuple[object, ...]) -> JobRow:
        """A job; one that is stored in a way that we cannot read is named, and keeps no other from being shown."""
        try:
            return self._job_row(row)
        except (msgspec.DecodeError, ValueError) as error:
            log.warning("job %s cannot be read: %s", row[0], error)
            told = ErrorInfo(
                ErrorCode.LEDGER,
                "What is stored of this document cannot be read.",
                "Remove it from the list and add it again.",
            )
            job, path, owner, title, beat = int(str(row[0])), str(row[1]), row[6], str(row[12]), _beat(row[13])
            return JobRow(
                *(job, path, JobState.FAILED, JobOptions(), ""),
                error=told,
                owner=None if owner is None else str(owner),
                title=title,
                beat=beat,
                attended=bool(row[14]),
            )

    def _job_row(self, row: tuple[object, ...]) -> JobRow:
        job, path, state, options, selection, error, owner, document, sha256, size, kind, pages, title, *_ = row
        info = None
        if document is not None:
            info = DocumentInfo(str(kind), int(str(pages)), str(sha256), int(str(size)))
        return JobRow(
            job=int(str(job)),
            path=str(path),
            state=JobState(str(state)),
            options=msgspec.json.decode(str(options), type=JobOptions),
            selection=str(selection),
            document=None if document is None else int(str(document)),
            info=info,
            error=unpack_error(error),
            owner=None if owner is None else str(owner),
            title=str(title),
            beat=_beat(row[13]),
            attended=bool(row[14]),
        )


def _beat(stored: object) -> float:
    return stored if isinstance(stored, float) else 0.0
