"""The part of the ledger that is about jobs: what was asked for, on which content."""

from __future__ import annotations

import logging
import time

import msgspec

from desktop_ocr.core.ledger_db import Store, pack_error, unpack_error
from desktop_ocr.core.ledger_rows import JobRow, options_key
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState

log = logging.getLogger(__name__)

_JOBS = (
    "SELECT jobs.id, path, state, options, selection, error, owner, documents.id, sha256, size, format, pages"
    " FROM jobs LEFT JOIN documents ON documents.id = jobs.document"
)


class JobTable(Store):
    """Jobs and the contents they are on."""

    def add_job(self, path: str, options: JobOptions, selection: str, owner: str) -> int:
        """A new job on a file that was not opened yet; returns its number."""
        with self._writing():
            cursor = self._db.execute(
                "INSERT INTO jobs (path, state, options, selection, owner, created) VALUES (?, ?, ?, ?, ?, ?)",
                (path, JobState.OPENING, options_key(options), selection, owner, time.time()),
            )
        return int(cursor.lastrowid or 0)

    def set_document(self, job: int, info: DocumentInfo) -> int:
        """Tie a job to the content its file has; returns the content's number."""
        with self._writing():
            self._db.execute(
                "INSERT INTO documents (sha256, size, format, pages) VALUES (?, ?, ?, ?) ON CONFLICT (sha256) DO"
                " UPDATE SET format = excluded.format, pages = excluded.pages",
                (info.sha256, info.size, info.format, info.pages),
            )
            document = int(self._db.execute("SELECT id FROM documents WHERE sha256 = ?", (info.sha256,)).fetchone()[0])
            self._db.execute("UPDATE jobs SET document = ? WHERE id = ?", (document, job))
        return document

    def set_state(self, job: int, state: JobState, error: ErrorInfo | None = None, owner: str | None = None) -> None:
        """A job's new state; `owner` is the process that works on it, or None."""
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET state = ?, error = ?, owner = ? WHERE id = ?",
                (state, pack_error(error), owner, job),
            )

    def set_options(self, job: int, options: JobOptions) -> None:
        """A job is to be done with other options; what was done with the former ones stays until it is removed."""
        with self._writing():
            self._db.execute("UPDATE jobs SET options = ? WHERE id = ?", (options_key(options), job))

    def give_up_jobs(self, owner: str) -> None:
        """A process stops: what it was at waits, paused, for whoever goes on."""
        states = (JobState.WAITING, JobState.OPENING, JobState.RUNNING)
        with self._writing():
            self._db.execute(
                "UPDATE jobs SET state = ?, owner = NULL WHERE owner = ? AND state IN (?, ?, ?)",
                (JobState.PAUSED, owner, *states),
            )

    def remove_job(self, job: int) -> None:
        """Forget a job, and the results of its content that no other job has."""
        with self._writing():
            row = self._db.execute("SELECT document FROM jobs WHERE id = ?", (job,)).fetchone()
            self._db.execute("DELETE FROM jobs WHERE id = ?", (job,))
            if row is None or row[0] is None:
                return
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

    def jobs(self) -> list[JobRow]:
        """All jobs, oldest first."""
        return [self._readable_row(row) for row in self._rows(f"{_JOBS} ORDER BY jobs.id")]

    def twins(self, job: int, path: str, document: int, options: JobOptions) -> list[JobRow]:
        """Older jobs on the same path, content and options, the latest first; they may be of other pages."""
        rows = self._rows(
            f"{_JOBS} WHERE jobs.path = ? AND jobs.document = ? AND jobs.options = ? AND jobs.id < ?"
            " ORDER BY jobs.id DESC",
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
            owner = None if row[6] is None else str(row[6])
            return JobRow(int(str(row[0])), str(row[1]), JobState.FAILED, JobOptions(), "", error=told, owner=owner)

    def _job_row(self, row: tuple[object, ...]) -> JobRow:
        job, path, state, options, selection, error, owner, document, sha256, size, kind, pages = row
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
        )
