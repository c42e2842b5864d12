"""Whether a page fits into memory as it is planned, and with what it would."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

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
    """Asked before a page is given to an engine host: what does not fit is not begun.

    Pages in work are promised what they are expected to take: samples show it only when they have taken it.
    """

    def __init__(
        self, live: LiveSettings, guard: MemoryGuard, monitor: MemoryMonitor, manager: ModelManager, ids: dict[str, str]
    ) -> None:
        """Ask `guard`; `ids` are the models by role."""
        self._live = live
        self._guard = guard
        self._monitor = monitor
        self._manager = manager
        self._ids = ids
        self._promised: dict[OCRService, MemoryPrediction] = {}
        self._page_over = asyncio.Event()

    def models(self, plan: PagePlan) -> tuple[str, ...]:
        """Ids of the models that a plan needs and the program has."""
        return tuple(self._ids[role] for role in plan.roles if role in self._ids)

    def params(self, plan: PagePlan) -> PageParams:
        """The plan, as the guard knows it."""
        return PageParams(self.models(plan), plan.device, plan.pixels, plan.side)

    def fits(self, plan: PagePlan, service: OCRService) -> tuple[MemoryCheck, MemoryPrediction]:
        """Whether a page fits, given what the service's host holds already, and what others are about to take."""
        predicted = self._guard.predict_memory("page", self.params(plan))
        held_ram, held_vram = self._held(service)
        needed = max(0.0, predicted.ram_mb - held_ram), max(0.0, predicted.vram_mb - held_vram)
        return self._check(needed, plan.device, service), predicted

    @contextlib.asynccontextmanager
    async def admitted(
        self, plan: PagePlan, wanted: PagePlan, service: OCRService
    ) -> AsyncIterator[tuple[PagePlan, MemoryPrediction]]:
        """The plan, or a lighter one that fits, and what it is expected to take, which nobody else gets meanwhile.

        Where others are at work, their end is waited for before a page is done with less.

        Raises:
            DesktopOcrError: OUT_OF_MEMORY where another device may do it; MEMORY_SHORT where nothing fits.
        """
        plan, predicted = await self._fitting(plan, wanted, service)
        self._promised[service] = predicted
        try:
            yield plan, predicted
        finally:
            del self._promised[service]
            over, self._page_over = self._page_over, asyncio.Event()
            over.set()

    async def _fitting(
        self, plan: PagePlan, wanted: PagePlan, service: OCRService
    ) -> tuple[PagePlan, MemoryPrediction]:
        looked = False
        while True:
            check, predicted = self.fits(plan, service)
            if check.fits:
                return plan, predicted
            if not looked:
                # The last sample may be a second old, and count hosts that are gone.
                looked = True
                await self._manager.unload_idle(sparing=service)
                await self._monitor.sample()
                continue
            if any(other is not service for other in self._promised):
                await self._page_over.wait()
                looked = False
                continue
            self._guard.doubt_page(self.params(plan))
            settings = self._live.now
            less = lighter(plan, wanted, settings.fallback, settings.smallest_side)
            if less is None:
                # The check says what would help.
                raise DesktopOcrError(ErrorCode.MEMORY_SHORT, check.words or "There is not enough memory.")
            if less.device != plan.device:
                raise DesktopOcrError(ErrorCode.OUT_OF_MEMORY, check.words)
            log.info("a page does not fit: %.0f of %.0f MB", check.available_mb, check.required_mb)
            plan = less

    async def may_start(self, service: OCRService) -> bool:
        """Whether one more engine host fits beside those that run."""
        predicted = self._guard.predict_memory(
            "page", self.params(full_plan(service.device, self._live.now.detection_side))
        )
        return self._check((predicted.ram_mb, predicted.vram_mb), service.device, service).fits

    def _check(self, needed: tuple[float, float], device: str, service: OCRService) -> MemoryCheck:
        """Whether so much RAM, and of the GPU's memory where `device` is one, is there for a service."""
        ram, vram = self._owed(service, device)
        check = self._guard.check_memory(needed[0], promised_mb=ram)
        if check.fits and device != CPU:
            check = self._guard.check_memory(needed[1], device, promised_mb=vram)
        return check

    def _owed(self, service: OCRService, device: str) -> tuple[float, float]:
        """MB of RAM, and of the device's memory, that pages in other services are still to take."""
        ram = vram = 0.0
        for other, predicted in self._promised.items():
            if other is not service:
                held_ram, held_vram = self._held(other)
                ram += max(0.0, predicted.ram_mb - held_ram)
                vram += max(0.0, predicted.vram_mb - held_vram) if other.device == device else 0.0
        return ram, vram

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
