"""The first page's models are loaded while the document host opens and prepares it: one of the two is waited for."""

from __future__ import annotations

import asyncio

from desktop_ocr.core.admission import A4_PIXELS
from desktop_ocr.core.attention import Attention
from desktop_ocr.core.job import Job
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.machinery import Machinery
from desktop_ocr.core.plans import PagePlan, wanted_plan
from desktop_ocr.schema.jobs import TextLayerMode


class LoadingAhead:
    """Begins to load what a page will need for certain, where no engine host runs. What may not be needed waits."""

    def __init__(self, live: LiveSettings, machinery: Machinery, attention: Attention) -> None:
        """Load into the hosts of `machinery`."""
        self._live = live
        self._machinery = machinery
        self._attention = attention
        self._task: asyncio.Task[None] | None = None

    def begin(self, job: Job) -> None:
        """Begin, for a job with pages that wait; where there is something to do, and nobody is at it."""
        settings = self._live.now
        at_once = settings.unload_idle_models and not settings.model_idle_seconds  # it would be gone before the page
        texts = job.waiting or sorted(job.working - job.partial.keys())
        if at_once or self._under_way or not texts or self._machinery.services.hosts():
            return
        plan = self._plan(job)
        if plan.certain and not self._attention.waits(job):
            priority = self._attention.priority(job, texts[0])
            self._task = asyncio.create_task(self._machinery.load(plan, priority), name="loading ahead")

    async def over(self) -> None:
        """Wait until nothing is loaded ahead; who asked for an engine host before would get another one."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Break off what is being loaded."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    def _plan(self, job: Job) -> PagePlan:
        options = job.options
        recognises = options.text_layer is TextLayerMode.ALWAYS_OCR or job.recognises
        if recognises is None:
            recognises = job.info is not None and job.info.format != "PDF"
        settings = self._live.now
        pixels = A4_PIXELS if recognises else 0
        machinery = self._machinery
        wanted = wanted_plan(options, machinery.device, settings.detection_side, pixels, machinery.ids)
        return machinery.policy.apply(wanted, settings.smallest_side)
