"""The engine hosts of one device, lent to one page at a time."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from desktop_ocr.models.prediction_limit import PredictionLimit as PredictionLimit
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.memory import PoolView

log = logging.getLogger(__name__)


class Priority(enum.IntEnum):
    """Who comes first: the page on screen, then other pages of the document that is shown, then the rest."""

    SCREEN = 0
    INTERACTIVE = 1
    BACKGROUND = 2


class OCRServicePool:
    """Lends the services of one device: to the most urgent page first, and among equals in the order they came."""

    def __init__(
        self,
        device: str,
        services: Sequence[OCRService],
        *,
        queue_timeout: float,
        predictions: PredictionLimit,
        may_start: Callable[[OCRService], Awaitable[bool]] | None = None,
    ) -> None:
        """Start nothing yet."""
        raise NotImplementedError

    @contextlib.asynccontextmanager
    async def acquire(self, priority: Priority, timeout: float | None = None) -> AsyncIterator[OCRService]:  # noqa: ASYNC109
        """Lend a service for one page."""
        raise NotImplementedError
        yield

    @property
    def pids(self) -> list[int]:
        """Process ids of the running hosts."""
        raise NotImplementedError

    def view(self) -> PoolView:
        """As lists show it."""
        raise NotImplementedError

    def refuse(self, error: DesktopOcrError | None) -> None:
        """While an error is given, pages that ask for a service, or wait for one, get it raised instead."""
        raise NotImplementedError

    async def end_all(self) -> None:
        """End each host once the page that has it is through; the next page starts another."""
        raise NotImplementedError

    async def interrupt_all(self, error: DesktopOcrError | None = None) -> None:
        """End all hosts now; pages that have one, and pages that wait for one, get `error` (by default FREED)."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the hosts now and lend none any more."""
        raise NotImplementedError
