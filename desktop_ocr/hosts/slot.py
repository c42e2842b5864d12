"""A place for one host: started when something is asked of it, ended when it has been idle."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, HostEnded, HostStarted
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import ReplyBody, RequestBody

log = logging.getLogger(__name__)

R = TypeVar("R", bound=ReplyBody)
Starter = Callable[[HostRole], Awaitable[HostProcess]]
Preparation = Callable[[HostProcess], Awaitable[None]]


class HostSlot:
    """At most one host of a role.

    Attributes:
        generation: counts the hosts started here; state that lives in a host is lost when it changes.
    """

    def __init__(
        self,
        role: HostRole,
        *,
        idle_seconds: float,
        emit: Callable[[Event], None],
        prepare: Preparation | None = None,
        start: Starter = HostProcess.start,
    ) -> None:
        """Start nothing yet.

        Args:
            role: of the hosts.
            idle_seconds: a host that was asked nothing for so long is ended.
            emit: gets `HostStarted` and `HostEnded`.
            prepare: what to tell a new host before anything else.
            start: starts a host.
        """
        self.role = role
        self.generation = 0
        self._idle_seconds = idle_seconds
        self._emit = emit
        self._prepare = prepare
        self._start = start
        self._host: HostProcess | None = None
        self._patience: asyncio.Timeout | None = None
        self._lock = asyncio.Lock()
        self._idle_task: asyncio.Task[None] | None = None
        self._watchers: set[asyncio.Task[None]] = set()
        self._last_use = time.monotonic()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The running host's process id."""
        return self._host.pid if self._host is not None and self._host.alive else None

    @property
    def busy(self) -> bool:
        """Whether the host is at work, or starting."""
        return self._lock.locked()

    async def ask(self, body: RequestBody, expect: type[R], deadline: float) -> R:
        """Send a request to the slot's host, starting one where there is none.

        Args:
            body: the request.
            expect: the type of reply that fits it.
            deadline: seconds for the request itself; a start has its own.

        Raises:
            DesktopOcrError: the host's error, or what became of the host.
        """
        async with self._lock:
            self._last_use = time.monotonic()
            try:
                host = await self._running_host()
                self._check_open()  # `close` may have come while the host was starting
                reply = await host.request(body, deadline)
            except DesktopOcrError:
                # A host that `close` ended under a request did not fail: nothing is to be tried again.
                self._check_open()
                raise
            finally:
                self._last_use = time.monotonic()
                self._watch_idleness()
        if not isinstance(reply, expect):
            raise DesktopOcrError(ErrorCode.PROTOCOL, f"The {self.role} process gave an answer that does not fit.")
        return reply

    async def release(self) -> None:
        """End the host once it has done what it is at; the next `ask` starts another."""
        async with self._lock:
            await self._end_host()

    async def close(self) -> None:
        """End the host now, whatever it is doing, and start none any more."""
        self._closed = True
        if self._patience is not None:
            # A host that does not shake hands would keep us for as long as it may take to start.
            self._patience.reschedule(asyncio.get_running_loop().time())
        if self._host is not None:
            await self._host.end()
        if self._idle_task is not None:
            self._idle_task.cancel()
            await asyncio.gather(self._idle_task, return_exceptions=True)
        async with self._lock:
            # A start that was just over when we were called ends here.
            await self._end_host()
        if self._watchers:
            await asyncio.gather(*self._watchers, return_exceptions=True)

    async def _running_host(self) -> HostProcess:
        self._check_open()
        if self._host is not None and self._host.alive:
            return self._host
        self._host = None
        host = await self._started()
        self.generation += 1
        self._host = host
        watcher = asyncio.create_task(self._tell_end(host), name=f"end of {self.role} host {host.pid}")
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)
        self._emit(HostStarted(self.role, host.pid))
        if self._prepare is not None:
            try:
                self._check_open()
                await self._prepare(host)
            except BaseException:
                # A host that was told only half of what it needs must not be asked anything.
                await self._end_host()
                raise
        return host

    async def _started(self) -> HostProcess:
        try:
            # No limit, unless `close` sets one; a cancellation from outside stays a cancellation.
            async with asyncio.timeout(None) as self._patience:
                return await self._start(self.role)
        except TimeoutError:
            raise DesktopOcrError(ErrorCode.CANCELLED, "The program is closing.") from None
        finally:
            self._patience = None

    def _check_open(self) -> None:
        if self._closed:
            raise DesktopOcrError(ErrorCode.CANCELLED, "The program is closing.")

    async def _tell_end(self, host: HostProcess) -> None:
        outcome = await host.wait()
        log.info("the %s host %d %s", self.role, host.pid, outcome.words)
        self._emit(HostEnded(self.role, host.pid, outcome.words, outcome.expected))

    async def _end_host(self) -> None:
        if self._host is not None:
            await self._host.end()
            self._host = None

    def _watch_idleness(self) -> None:
        if not self._closed and (self._idle_task is None or self._idle_task.done()):
            self._idle_task = asyncio.create_task(self._end_when_idle(), name=f"idle {self.role} host")

    async def _end_when_idle(self) -> None:
        while not self._closed:
            left = self._last_use + self._idle_seconds - time.monotonic()
            if left > 0:
                await asyncio.sleep(left)
            elif self.busy:
                await asyncio.sleep(min(1.0, self._idle_seconds or 1.0))
            else:
                await self.release()
                return
