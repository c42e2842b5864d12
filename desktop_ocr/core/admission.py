"""Whether a page fits into memory as it is planned, and with what it would."""

from __future__ import annotations

import logging

from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.plans import CPU, PagePlan, lighter
from desktop_ocr.memory.guard import MemoryGuard, PageParams
from desktop_ocr.memory.monitor import MemoryMonitor
from desktop_ocr.models.manager import ModelManager
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import MemoryCheck, MemoryPrediction

log = logging.getLogger(__name__)


class Admission:
    """Asked before a page is given to an engine host: what does not fit is not begun."""

    def __init__(
        self, live: LiveSettings, guard: MemoryGuard, monitor: MemoryMonitor, manager: ModelManager, ids: dict[str, str]
    ) -> None:
        """Ask `guard`; `ids` are the models by role."""
        self._live = live
        self._guard = guard
        self._monitor = monitor
        self._manager = manager
        self._ids = ids

    def models(self, plan: PagePlan) -> tuple[str, ...]:
        """Ids of the models that a plan needs and the program has."""
        return tuple(self._ids[role] for role in plan.roles if role in self._ids)

    def params(self, plan: PagePlan) -> PageParams:
        """The plan, as the guard knows it."""
        return PageParams(self.models(plan), plan.device, plan.pixels, plan.side)

    def fits(self, plan: PagePlan, service: OCRService) -> tuple[MemoryCheck, MemoryPrediction]:
        """Whether a page fits, given what the service's host holds already."""
        predicted = self._guard.predict_memory("page", self.params(plan))
        held_ram, held_vram = self._held(service)
        check = self._guard.check_memory(max(0.0, predicted.ram_mb - held_ram))
        if check.fits and plan.device != CPU:
            check = self._guard.check_memory(max(0.0, predicted.vram_mb - held_vram), plan.device)
        return check, predicted

    async def admit(self, plan: PagePlan, wanted: PagePlan, service: OCRService) -> tuple[PagePlan, MemoryPrediction]:
        """The plan, or a lighter one that fits, and what it is expected to take.

        Raises:
            DesktopOcrError: OUT_OF_MEMORY where another device may do it; MEMORY_SHORT where nothing fits.
        """
        tidied = False
        while True:
            check, predicted = self.fits(plan, service)
            if check.fits:
                return plan, predicted
            if not tidied:
                tidied = True
                if await self._manager.unload_idle(sparing=service):
                    await self._monitor.sample()
                    continue
            settings = self._live.now
            less = lighter(plan, wanted, settings.fallback, settings.smallest_side)
            if less is None:
                advice = "Close other programs, and resume the document."
                raise DesktopOcrError(ErrorCode.MEMORY_SHORT, check.words or "There is not enough memory.", advice)
            if less.device != plan.device:
                raise DesktopOcrError(ErrorCode.OUT_OF_MEMORY, check.words)
            log.info("a page does not fit: %.0f of %.0f MB", check.available_mb, check.required_mb)
            plan = less

    async def may_start(self, service: OCRService) -> bool:
        """Whether one more engine host fits beside those that run."""
        predicted = self._guard.predict_memory(
            "page", self.params(full_plan(service.device, self._live.now.detection_side))
        )
        ram = self._guard.check_memory(predicted.ram_mb)
        if not ram.fits or service.device == CPU:
            return ram.fits
        return self._guard.check_memory(predicted.vram_mb, service.device).fits

    def _held(self, service: OCRService) -> tuple[float, float]:
        sample = self._monitor.latest
        for host in sample.hosts if sample is not None else ():
            if host.pid == service.pid:
                return host.ram_mb, host.vram_mb or 0.0
        return 0.0, 0.0


A4_PIXELS = 4_000_000
"""An A4 page at 200 dpi: what `Settings.page_seconds` and the catalog's figures are meant for."""


def full_plan(device: str, side: int) -> PagePlan:
    """An A4 page at 200 dpi with all features."""
    return PagePlan(device, side, orientation=True, layout=True, pixels=A4_PIXELS)
