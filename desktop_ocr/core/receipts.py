"""What became of a document's pages, as its receipt says it."""

from __future__ import annotations

from collections.abc import Iterable

from desktop_ocr.core.job import Job
from desktop_ocr.schema.jobs import PageState, PageView
from desktop_ocr.schema.receipts import PageNote, Receipt


def receipt_of(job: Job, views: Iterable[PageView]) -> Receipt:
    """The receipt of a job with these pages. Each page counts once: as failed, degraded, noted or fine, or not done."""
    fine = pages = 0
    degraded, noted, failed = [], [], []
    for view in views:
        pages += 1
        if view.state is PageState.FAILED:
            failed.append(PageNote(view.page, str(view.error) if view.error is not None else "It is not known why."))
        elif view.state is not PageState.DONE:
            continue
        elif view.degraded:
            degraded.append(PageNote(view.page, f"{view.degraded} {view.left_out}".strip()))
        elif view.left_out:
            noted.append(PageNote(view.page, view.left_out))
        else:
            fine += 1
    return Receipt(
        *(job.number, job.path.name, pages, fine, tuple(degraded), tuple(noted), tuple(failed)),
        seconds=job.seconds,
    )
