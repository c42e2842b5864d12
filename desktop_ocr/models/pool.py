"""The engine hosts of one device, lent to one page at a time."""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import enum
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from desktop_ocr.hosts.outcome import HostOutcome
from desktop_ocr.hosts.slot import stopped
from desktop_ocr.models.prediction_limit import PredictionLimit as PredictionLimit
from desktop_ocr.models.prediction_limit import QueueKey
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import PoolView

log = logging.getLogger(__name__)


class Priority(enum.IntEnum):
    """Who comes first: the page on screen, then other pages of the document that is shown, then the rest."""

    SCREEN = 0
    INTERACTIVE = 1
    BACKGROUND = 2


class _Waiter:
    """A page that waits for a service."""

    def __init__(self, key: QueueKey) -> None:
        self.key = key
        self.granted: asyncio.Future[OCRService] = asyncio.get_running_loop().create_future()


class OCRServicePool:
    """Lends the services of one device: to the most urgent page first, and among equals in the order they came.

    A service whose host runs is lent before one whose host would have to be started, and the one used last before
    the others, so that those go idle and end.
    """

    def __init__(
        self,
        device: str,
        services: Sequence[OCRService],
        *,
        queue_timeout: float,
        predictions: PredictionLimit,
        may_start: Callable[[OCRService], Awaitable[bool]] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            device: "cpu", "gpu:0", ...
            services: of this device.
            queue_timeout: seconds that a page waits for a service, where it names no other time.
            predictions: shared by the pools of all devices.
            may_start: asked before a host is started beside others that run; without, all may.
        """
        self.device = device
        self._services = tuple(services)
        self._queue_timeout = queue_timeout
        self._predictions = predictions
        self._may_start = may_start
        self._waiting: list[_Waiter] = []
        self._free = list(self._services)  # the one used last comes first
        self._lent: set[OCRService] = set()
        self._resting: dict[OCRService, asyncio.Task[None]] = {}
        self._awaited: dict[OCRService, list[asyncio.Future[None]]] = {}
        self._asking: asyncio.Task[None] | None = None
        self._ask_again = True
        self._allowed: OCRService | None = None
        self._held = 0
        self._refusal: DesktopOcrError | None = None
        self._acquired = self._timeouts = 0
        self._wait_seconds = self._longest_wait = 0.0
        predictions.attach(self)
        for service in self._services:
            service.listen(ended=self._host_ended)

    @property
    def pids(self) -> list[int]:
        """Process ids of the running hosts."""
        return [service.pid for service in self._services if service.pid is not None]

    @property
    def services(self) -> tuple[OCRService, ...]:
        """All of them."""
        return self._services

    @contextlib.asynccontextmanager
    async def acquire(self, priority: Priority, timeout: float | None = None) -> AsyncIterator[OCRService]:
        """Lend a service for one page, and take it back in the end.

        Args:
            priority: who comes first where several wait.
            timeout: seconds to wait at most; None for the pool's own.

        Raises:
            DesktopOcrError: NO_SERVICE where none became free in time; what `refuse` or `interrupt_all` were given;
                CANCELLED once the pool is closed.
        """
        service = await self._take(priority, self._queue_timeout if timeout is None else timeout)
        try:
            yield service
        finally:
            self._take_back(service)

    def view(self) -> PoolView:
        """As lists show it."""
        return PoolView(
            device=self.device,
            services=tuple(service.view() for service in self._services),
            limit=len(self._services),
            in_use=len(self._lent),
            queue_depth=len(self._waiting),
            acquired=self._acquired,
            wait_seconds=self._wait_seconds,
            longest_wait=self._longest_wait,
            timeouts=self._timeouts,
            restarts=sum(service.restarts for service in self._services),
        )

    def refuse(self, error: DesktopOcrError | None) -> None:
        """While an error is given, pages that ask for a service, or wait for one, get it raised instead."""
        self._refusal = error
        if error is not None:
            self._fail_waiting(error)

    async def end_all(self) -> None:
        """End each host once the page that has it is through; the next page starts another.

        Must not be awaited by somebody who has a service of this pool.
        """
        waits: list[asyncio.Future[None]] = []
        for service in self._lent:
            if service.pid is not None:
                service.replace("is to give its memory back")
                waits.append(asyncio.get_running_loop().create_future())
                self._awaited.setdefault(service, []).append(waits[-1])
        for service in [service for service in self._free if service.pid is not None]:
            self._free.remove(service)
            self._rest(service, service.end())
        await asyncio.gather(*waits, *self._resting.values())

    async def interrupt_all(self, error: DesktopOcrError | None = None) -> None:
        """End all hosts now; pages that have one, and pages that wait for one, get `error` (by default FREED)."""
        self._fail_waiting(stopped(error))
        self._held += 1
        try:
            await asyncio.gather(*(service.interrupt(error) for service in self._services))
        finally:
            self._held -= 1
            self._predictions.dispatch()

    async def close(self) -> None:
        """End the hosts now and lend none any more."""
        self._held += 1  # for good
        closing = DesktopOcrError(ErrorCode.CANCELLED, "The program is closing.")
        self.refuse(closing)
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await asyncio.gather(*(service.close() for service in self._services))
        await asyncio.gather(*self._resting.values(), return_exceptions=True)

    # --- for the limit --------------------------------------------------------------------------------------

    def next_key(self) -> QueueKey | None:
        """Of the first page that waits and could have a service now; None where there is none.

        Where a host would have to be started first, and whether it may is not known yet, that is found out.
        """
        if self._held or not self._waiting or self._choice() is None:
            return None
        return self._waiting[0].key

    def grant_next(self) -> None:
        """Give that page its service."""
        service = self._choice()
        assert service is not None  # noqa: S101 - `next_key` was asked in the same step
        waiter = self._waiting.pop(0)
        self._free.remove(service)
        self._lent.add(service)
        self._allowed = None
        service.lend()
        waiter.granted.set_result(service)

    # --- within ---------------------------------------------------------------------------------------------

    async def _take(self, priority: Priority, patience: float) -> OCRService:
        if self._refusal is not None:
            raise stopped(self._refusal)
        began = time.monotonic()
        waiter = _Waiter((int(priority), self._predictions.next_number()))
        bisect.insort(self._waiting, waiter, key=lambda other: other.key)
        self._ask_again = True
        self._predictions.dispatch()
        try:
            # Does not cancel the future, so that a service that is granted at the last moment is not lost.
            await asyncio.wait([waiter.granted], timeout=patience)
        except asyncio.CancelledError:
            if not waiter.granted.done():
                self._waiting.remove(waiter)
            elif waiter.granted.exception() is None:
                self._take_back(waiter.granted.result())
            raise
        if not waiter.granted.done():
            self._waiting.remove(waiter)
            self._timeouts += 1
            raise DesktopOcrError(
                ErrorCode.NO_SERVICE, f"No engine process became free within {patience:.0f} seconds; the page waits."
            )
        service = waiter.granted.result()
        waited = time.monotonic() - began
        self._acquired += 1
        self._wait_seconds += waited
        self._longest_wait = max(self._longest_wait, waited)
        return service

    def _take_back(self, service: OCRService) -> None:
        self._lent.remove(service)
        if service.take_back():
            self._rest(service, service.replaced())
        else:
            self._free.insert(0, service)
        self._ask_again = True
        self._predictions.give_back()

    def _rest(self, service: OCRService, ending: Awaitable[object]) -> None:
        """Lend a service again only when its host is gone."""

        async def rest() -> None:
            try:
                await ending
            finally:
                del self._resting[service]
                self._free.insert(0, service)
                self._predictions.dispatch()

        self._resting[service] = asyncio.create_task(rest(), name=f"ending the host of {service.name}")

    def _choice(self) -> OCRService | None:
        """The service that the next page gets; None where it has to wait for one."""
        for service in self._free:
            if service.pid is not None:
                return service
        if not self._free:
            return None
        cold = self._free[0]
        if self._may_start is None or not (self._lent or self._resting):
            return cold
        if self._allowed in self._free:
            return self._allowed
        self._find_out(cold)
        return None

    def _find_out(self, service: OCRService) -> None:
        """Ask whether one more host may be started, once for each time that something has changed."""
        if self._asking is None and self._ask_again:
            self._ask_again = False
            self._asking = asyncio.create_task(self._ask(service), name=f"whether {service.name} may start")

    async def _ask(self, service: OCRService) -> None:
        assert self._may_start is not None  # noqa: S101 - only then it is asked
        allowed = False
        try:
            allowed = await self._may_start(service)
        except Exception:
            log.exception("whether %s may start", service.name)
        finally:
            self._asking = None
        self._allowed = service if allowed else None
        self._predictions.dispatch()
        if self._allowed is not None:
            # Nobody could use the permission at once: it would be out of date when somebody can.
            self._allowed, self._ask_again = None, True

    def _fail_waiting(self, error: DesktopOcrError) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.granted.set_exception(stopped(error))

    def _host_ended(self, service: OCRService, generation: int, outcome: HostOutcome) -> None:
        del generation, outcome
        for future in self._awaited.pop(service, ()):
            if not future.done():
                future.set_result(None)
        self._ask_again = True
        self._predictions.dispatch()
