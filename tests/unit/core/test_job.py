"""A job's own bookkeeping."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from desktop_ocr.core.job import Job
from desktop_ocr.schema.jobs import JobOptions


def test_pages_that_are_put_back_wait_in_their_order_and_once() -> None:
    job = Job(1, Path("a.pdf"), JobOptions(), waiting=deque([5, 6]), working={2, 3, 4})
    for page in (2, 3, 4):
        job.put_back(page)
    assert list(job.waiting) == [2, 3, 4, 5, 6]
    assert not job.working
    job.put_back(3)  # the pages were planned anew meanwhile
    assert list(job.waiting) == [2, 3, 4, 5, 6]
