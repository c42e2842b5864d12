"""A document that was added, of which pages are stored already."""

from __future__ import annotations

from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger_library import LibraryTable
from desktop_ocr.schema.events import StoredBefore


def stored_before(library: LibraryTable, job: Job) -> StoredBefore | None:
    """What is stored of a job that was planned just now, and not begun; None for nothing."""
    if job.key is None:
        return None
    wanted = set(job.chosen)
    other = next(iter(library.others(job.key, wanted)), None)
    if other is not None and other.pages <= job.done:
        other = None
    if job.done:
        when = library.finished(job.key, wanted)
    elif other is not None:
        when = other.finished
    else:
        return None
    return StoredBefore(job.number, job.done, when, 0 if other is None else other.job)
