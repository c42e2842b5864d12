"""Which page, and which stage of it, comes next.

The text of a batch of pages is read first; then each feature that some of them need is done for all of these, so that
its model is loaded once a batch, and can be unloaded before the next one's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.job import Job
from desktop_ocr.schema.features import STAGES, Feature
from desktop_ocr.schema.jobs import JobOptions, JobState


class Task(NamedTuple):
    """A page's text (`stage` is None), or one stage of a page whose text is stored."""

    job: Job
    page: int
    stage: Feature | None


class Batches:
    """Chooses what to do next, and remembers where in a batch we are."""

    def __init__(
        self, attention: Attention, size: Callable[[], int], stages_apart: Callable[[JobOptions], bool]
    ) -> None:
        """Begin with a new batch.

        Args:
            attention: what the user looks at comes first.
            size: pages of a batch.
            stages_apart: whether pages with these options may come to have stages of their own. Where they cannot, the
                end of a batch need not be waited for.
        """
        self._attention = attention
        self._size = size
        self._stages_apart = stages_apart
        self._begun = 0
        self._at_stages = False
        self._group: int | None = None

    def next_task(self, jobs: Sequence[Job]) -> Task | None:
        """What to take next, of running jobs in their order; it is not taken yet. None where nothing can be begun now.

        The document that is looked at is done before the others, and of it the page on screen.
        """
        running = [job for job in jobs if job.state is JobState.RUNNING and not self._attention.waits(job)]
        shown = next((job for job in running if job.number == self._attention.job), None)
        if shown is not None and (shown.waiting or shown.ready):
            return self._of_group(shown.number, [shown])
        return self._of_group(None, [job for job in running if job is not shown])

    def _of_group(self, group: int | None, jobs: list[Job]) -> Task | None:
        if group != self._group:
            self._group, self._begun, self._at_stages = group, 0, False
        if (on_screen := self._on_screen(jobs)) is not None:
            return on_screen
        if not self._at_stages:
            waiting = next((job for job in jobs if job.waiting), None)
            if waiting is not None and self._begun >= self._size() and not self._may_come(jobs):
                self._begun = 0  # there is nothing to wait for
            if waiting is not None and self._begun < self._size():
                self._begun += 1
                return Task(waiting, waiting.waiting[-1 if waiting.backwards else 0], None)
            self._at_stages = any(job.partial for job in jobs)
        return self._stage(jobs)

    def _stage(self, jobs: list[Job]) -> Task | None:
        """The next stage of the batch's pages; None while something else of the batch is in work."""
        at_work = {job.stages.get(page) for job in jobs for page in job.working}
        if None in at_work:
            return None  # it may turn out to need the stage that would be the first
        ready = [(job, page) for job in jobs for page in self._first_on_screen(job)]
        feature = next((one for one in STAGES if any(one in job.partial[page] for job, page in ready)), None)
        if feature is None and not at_work:
            self._begun, self._at_stages = 0, False  # the batch is through
            waiting = any(job.waiting for job in jobs)
            return self._of_group(self._group, jobs) if waiting else None
        if feature is None or at_work - {feature}:
            return None
        job, page = next((job, page) for job, page in ready if feature in job.partial[page])
        return Task(job, page, feature)

    def _may_come(self, jobs: list[Job]) -> bool:
        """Whether pages of this batch have stages before them, or may turn out to have."""
        if any(job.partial for job in jobs):
            return True
        return any(self._stages_apart(options) for options in {job.options for job in jobs if job.working})

    def _on_screen(self, jobs: list[Job]) -> Task | None:
        page = self._attention.page
        for job in jobs:
            if job.number == self._attention.job and page is not None and page in job.waiting:
                return Task(job, page, None)
        return None

    def _first_on_screen(self, job: Job) -> list[int]:
        on_screen = self._attention.page if job.number == self._attention.job else None
        return sorted(job.ready, key=lambda page: page != on_screen)
