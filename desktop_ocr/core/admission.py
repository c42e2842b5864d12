"""Whether a page fits into memory as it is planned, and with what it would."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable

from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.plans import CPU, PagePlan, PressurePolicy, in_use, lighter, wanted_plan
from desktop_ocr.memory.guard import MemoryGuard, PageParams
from desktop_ocr.memory.monitor import MemoryMonitor
from desktop_ocr.memory.predictions import CATALOG_SIDE
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
        self,
        live: LiveSettings,
        guard: MemoryGuard,
        monitor: MemoryMonitor,
        manager: ModelManager,
        ids: dict[str, str],
        policy: PressurePolicy | None = None,
    ) -> None:
        """Ask `guard`; `ids` are the models by role, `policy` is what pressure has taken away."""
        self._live = live
        self._guard = guard
        self._monitor = monitor
        self._manager = manager
        self._ids = ids
        self._policy = policy or PressurePolicy()
        self._promised: dict[OCRService, MemoryPrediction] = {}
        self._page_over = asyncio.Event()

    def models(self, plan: PagePlan) -> tuple[str, ...]:
        """Ids of the models that a plan may need and the program has."""
        return self._of_roles(plan.roles)

    def certain(self, plan: PagePlan) -> tuple[str, ...]:
        """Of those, the ones that it needs whatever is on the page."""
        return self._of_roles(plan.certain)

    def params(self, plan: PagePlan, service: OCRService | None = None) -> PageParams:
        """The plan, as the guard knows it, with what a service's host holds already: that stays beside it."""
        held = service.held if service is not None else ()
        side = CATALOG_SIDE if plan.stage is not None else plan.side  # its picture is not made smaller for it
        models = tuple(dict.fromkeys((*self.models(plan), *held)))
        return PageParams(models, plan.device, plan.pixels, side)

    def fits(self, plan: PagePlan, service: OCRService) -> tuple[MemoryCheck, MemoryPrediction]:
        """Whether a page fits, given what the service's host holds already, and what others are about to take."""
        predicted = self._guard.predict_memory("page", self.params(plan, service))
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
        looked = cleared = False
        while True:
            if self._policy.apart and not cleared:
                cleared = True
                await self._clear(plan, service, thoroughly=False)
            check, predicted = self.fits(plan, service)
            if check.fits:
                return plan, predicted
            if not looked:
                # The last sample may be a second old, and count hosts that are gone.
                looked = True
                await self._manager.unload_idle(sparing=service)
                await self._monitor.sample()
                continue
            if not cleared or self._policy.apart:
                cleared = True
                if await self._clear(plan, service, thoroughly=True):
                    continue
            if any(other is not service for other in self._promised):
                await self._page_over.wait()
                looked = False
                continue
            self._guard.doubt_page(self.params(plan, service))
            settings = self._live.now
            less = lighter(plan, wanted, settings.fallback, settings.smallest_side)
            if less is None:
                # The check says what would help.
                raise DesktopOcrError(ErrorCode.MEMORY_SHORT, check.words or "There is not enough memory.")
            if less.device != plan.device:
                raise DesktopOcrError(ErrorCode.OUT_OF_MEMORY, check.words)
            log.info("a page does not fit: %.0f of %.0f MB", check.available_mb, check.required_mb)
            plan = less
            cleared = False

    async def _clear(self, plan: PagePlan, service: OCRService, *, thoroughly: bool) -> bool:
        """Unload from a service what a plan does not need: the models of the last stage, before the next one's.

        Args:
            plan: what is to be done.
            service: lent to whom does it.
            thoroughly: end the host where the plan does not fit beside what it keeps.

        Returns:
            Whether anything went.
        """
        needed, before = self.models(plan), service.held
        if all(model in needed for model in before):
            return False
        log.info("%s makes room for %s", service.name, plan.stage or "text")
        await self._manager.unload_beside(service, needed)
        if thoroughly:
            await self._monitor.sample()
            if not self.fits(plan, service)[0].fits and await service.end():
                await self._monitor.sample()
        return service.held != before

    async def may_start(self, service: OCRService) -> bool:
        """Whether one more engine host fits beside those that run."""
        predicted = self._guard.predict_memory("page", self.params(self.usual_plan(service.device)))
        return self._check((predicted.ram_mb, predicted.vram_mb), service.device, service).fits

    def usual_plan(self, device: str) -> PagePlan:
        """An A4 page at 200 dpi, by the options of the settings."""
        settings = self._live.now
        return wanted_plan(settings.options, device, settings.detection_side, A4_PIXELS, self._ids)

    def _of_roles(self, roles: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._ids[role] for role in in_use(roles, self._ids) if role in self._ids)

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
