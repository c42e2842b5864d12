"""The engine hosts of all devices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from desktop_ocr.models.leaks import LeakGuard
from desktop_ocr.models.pool import OCRServicePool, Priority
from desktop_ocr.models.prediction_limit import PredictionLimit as PredictionLimit
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.engine_messages import HostMemory
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.memory import HostRole, PoolView

log = logging.getLogger(__name__)

CPU = "cpu"


class Services:
    """The pools of all devices, by the device's name; "cpu" is always among them."""

    def __init__(self, pools: Sequence[OCRServicePool], leaks: LeakGuard) -> None:
        """Lend services of these pools.

        Args:
            pools: one a device, one of them for "cpu".
            leaks: judges hosts after each page.
        """
        self._pools = {pool.device: pool for pool in pools}
        self._leaks = leaks
        if CPU not in self._pools:
            raise ValueError("there is no pool for the CPU")

    def pool(self, device: str) -> OCRServicePool:
        """The pool of a device; KeyError where it has none."""
        return self._pools[device]

    def acquire(
        self, device: str, priority: Priority, timeout: float | None = None
    ) -> AbstractAsyncContextManager[OCRService]:
        """Lend a service of a device for one page; see `OCRServicePool.acquire`."""
        return self.pool(device).acquire(priority, timeout)

    def page_done(self, service: OCRService, memory: HostMemory) -> None:
        """Note what a host held after a page, while the page still has it.

        A host that leaks, is over its limit or has done its pages is replaced when the page gives it back.
        """
        why = self._leaks.note(service.name, service.generation, memory.rss_mb)
        if why is not None:
            service.replace(why)

    def views(self) -> list[PoolView]:
        """All pools, as lists show them."""
        return [pool.view() for pool in self._pools.values()]

    def hosts(self) -> list[tuple[int, HostRole]]:
        """Process ids of all engine hosts that run, with their role."""
        return [(pid, HostRole.ENGINE) for pool in self._pools.values() for pid in pool.pids]

    def refuse(self, error: DesktopOcrError | None) -> None:
        """While an error is given, pages that ask for a service, or wait for one, get it raised instead."""
        for pool in self._pools.values():
            pool.refuse(error)

    async def end_all(self) -> None:
        """End each host once the page that has it is through; the next page starts another."""
        await asyncio.gather(*(pool.end_all() for pool in self._pools.values()))

    async def interrupt_all(self, error: DesktopOcrError | None = None) -> None:
        """End all hosts now; pages that have one, and pages that wait for one, get `error` (by default FREED)."""
        await asyncio.gather(*(pool.interrupt_all(error) for pool in self._pools.values()))

    async def close(self) -> None:
        """End all hosts now and lend none any more."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
