"""A place for one host: started when something is asked of it, ended when it has been idle, or at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from desktop_ocr.hosts.outcome import HostOutcome
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, HostEnded, HostStarted
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import ReplyBody, RequestBody

log = logging.getLogger(__name__)

R = TypeVar("R", bound=ReplyBody)
Starter = Callable[[HostRole], Awaitable[HostProcess]]
Preparation = Callable[[HostProcess], Awaitable[None]]
EndListener = Callable[[int, HostOutcome], None]
"""Gets the generation of the host that is gone, and how it ended."""


class HostSlot:
    """At most one host of a role: a new one is started only when the former is gone.

    Attributes:
        generation: counts the hosts started here; state that lives in a host is lost when it changes.
    """

    def __init__(
        self,
        role: HostRole,
        *,
        idle_seconds: float | None,
        emit: Callable[[Event], None],
        prepare: Preparation | None = None,
        start: Starter = HostProcess.start,
        on_end: EndListener | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            role: of the hosts.
            idle_seconds: a host that was asked nothing for so long is ended; None where its owner sees to that.
            emit: gets `HostStarted` and `HostEnded`.
            prepare: what to tell a new host before anything else.
            start: starts a host.
            on_end: called the moment the end of a host is known, whatever the reason: before those who waited for
                it go on, and before another is started.
        """
        self.role = role
        self.generation = 0
        self._idle_seconds = idle_seconds
        self._emit = emit
        self._prepare = prepare
        self._start = start
        self._on_end = on_end
        self._host: HostProcess | None = None
        self._ending: asyncio.Task[HostOutcome] | None = None
        self._patience: asyncio.Timeout | None = None
        self._lock = asyncio.Lock()
        self._idle_task: asyncio.Task[None] | None = None
        self._last_use = time.monotonic()
        self._closed = False
        self._refusal: DesktopOcrError | None = None
        self._interruptions = 0
        self._interrupting = 0
        self._interrupted_by: DesktopOcrError | None = None

    @property
    def pid(self) -> int | None:
        """The running host's process id, until it is gone."""
        return self._host.pid if self._host is not None and self._host.alive else None

    @property
    def busy(self) -> bool:
        """Whether the host is at work, or starting."""
        return self._lock.locked()

    @property
    def ending(self) -> bool:
        """Whether somebody has begun to end the host, and it is still there."""
        host = self._host
        return host is not None and host.alive and (self._ending is not None or not host.usable)

    async def ask(
        self, body: RequestBody, expect: type[R], deadline: float, *, only: Callable[[int], bool] | None = None
    ) -> R:
        """Send a request to the slot's host, starting one where there is none.

        Args:
            body: the request.
            expect: the type of reply that fits it.
            deadline: seconds for the request itself; a start has its own.
            only: asked with the generation of the running host, once it is this request's turn. Where no host
                runs, or the answer is no, none is started and the request is not sent.

        Raises:
            DesktopOcrError: the host's error, or what became of the host; what `refuse` or `interrupt` were given;
                HOST_DIED where `only` says no.
        """
        turn = self._interruptions
        self._check_welcome()
        async with self._lock:
            self._last_use = time.monotonic()
            try:
                self._check_going_on(turn)
                if only is not None:
                    self._check_same_host(only)
                host = await self._running_host(turn)
                # `close` or `interrupt` may have come while the host was starting.
                self._check_going_on(turn)
                reply = await host.request(body, deadline)
            except DesktopOcrError:
                # A host that was ended under a request did not fail: nothing is to be tried again.
                self._check_going_on(turn)
                raise
            finally:
                self._last_use = time.monotonic()
                self._watch_idleness()
        if not isinstance(reply, expect):
            raise DesktopOcrError(ErrorCode.PROTOCOL, f"The {self.role} process gave an answer that does not fit.")
        return reply

    def change_idle_seconds(self, seconds: float | None) -> None:
        """End an idle host by another time from now on."""
        self._idle_seconds = seconds
        if self._idle_task is not None:
            self._idle_task.cancel()  # a host that it has begun to end is ended all the same
            self._idle_task = None
        self._watch_idleness()

    def refuse(self, error: DesktopOcrError | None) -> None:
        """While an error is given, new requests raise it; those that were made before are still done."""
        self._refusal = error

    async def release(self, only_if: Callable[[], bool] | None = None) -> bool:
        """End the host once it has done what it is at; the next `ask` starts another.

        Args:
            only_if: asked when the host has nothing to do any more; where it says no, the host lives on.

        Returns:
            Whether there is no host now.
        """
        async with self._lock:
            if only_if is None or only_if():
                await self._end_host()
            return self.pid is None

    async def settled(self) -> None:
        """Return when the host has nothing to do, or is gone where somebody has begun to end it."""
        async with self._lock:
            if self._ending is not None or (self._host is not None and not self._host.usable):
                await self._end_host()

    async def interrupt(self, error: DesktopOcrError | None = None) -> None:
        """End the host now, whatever it is doing, also while it starts.

        The request in work and those that wait raise `error` (by default FREED) and start no new host; so do those
        that come while this is going on. When it has returned, the slot works as before.
        """
        self._interruptions += 1
        self._interrupted_by = error
        self._interrupting += 1
        try:
            await self._stop_host()
        finally:
            self._interrupting -= 1

    async def close(self) -> None:
        """End the host now, whatever it is doing, and start none any more."""
        self._closed = True
        await self._stop_host()

    async def _stop_host(self) -> None:
        if self._patience is not None and not self._patience.expired():
            # A host that does not shake hands would keep us for as long as it may take to start.
            self._patience.reschedule(asyncio.get_running_loop().time())
        await self._end_host()
        async with self._lock:
            # A start that was just over when we were called ends here.
            await self._end_host()
            if self._idle_task is not None:
                self._idle_task.cancel()
                await asyncio.gather(self._idle_task, return_exceptions=True)

    async def _running_host(self, turn: int) -> HostProcess:
        if self._host is not None and self._host.usable and self._ending is None:
            return self._host
        await self._end_host()
        self._check_going_on(turn)
        try:
            # No limit, unless `close` or `interrupt` set one; a cancellation from outside stays a cancellation.
            async with asyncio.timeout(None) as self._patience:
                return await self._started()
        except TimeoutError:
            self._check_going_on(turn)
            raise
        finally:
            self._patience = None

    async def _started(self) -> HostProcess:
        host = await self._start(self.role)
        self.generation += 1
        self._host = host
        generation = self.generation
        log.info("the %s host %d is started", self.role, host.pid)
        self._emit(HostStarted(self.role, host.pid))
        host.on_exit(lambda outcome: self._tell_end(host, generation, outcome))
        if self._prepare is not None:
            try:
                await self._prepare(host)
            except BaseException:
                # A host that was told only half of what it needs must not be asked anything.
                await self._end_host()
                raise
        return host

    def _check_welcome(self) -> None:
        self._check_open()
        if self._interrupting:
            raise stopped(self._interrupted_by)
        if self._refusal is not None:
            raise stopped(self._refusal)

    def _check_going_on(self, turn: int) -> None:
        """Raise what ended the host under a request that began after so many interruptions."""
        self._check_open()
        if turn != self._interruptions:
            raise stopped(self._interrupted_by)

    def _check_open(self) -> None:
        if self._closed:
            raise DesktopOcrError(ErrorCode.CANCELLED, "The program is closing.")

    def _check_same_host(self, only: Callable[[int], bool]) -> None:
        if self._host is None or not self._host.usable or self._ending is not None or not only(self.generation):
            raise DesktopOcrError(ErrorCode.HOST_DIED, f"The {self.role} process ended before it was asked.")

    def _tell_end(self, host: HostProcess, generation: int, outcome: HostOutcome) -> None:
        log.info("the %s host %d %s", self.role, host.pid, outcome.words)
        if self._on_end is not None:
            self._on_end(generation, outcome)
        self._emit(HostEnded(self.role, host.pid, outcome.words, outcome.expected))

    async def _end_host(self) -> None:
        """End the host for certain: where the caller is cancelled meanwhile, the ending goes on without it."""
        host = self._host
        if host is None:
            return
        if self._ending is None:
            self._ending = asyncio.create_task(host.end(), name=f"ending the {self.role} host {host.pid}")
        ending = self._ending
        await asyncio.shield(ending)
        if self._ending is ending:
            self._ending = self._host = None

    def _watch_idleness(self) -> None:
        if self._idle_seconds is None or self._closed or self._host is None:
            return
        if self._idle_task is None or self._idle_task.done():
            self._idle_task = asyncio.create_task(
                self._end_when_idle(self._idle_seconds), name=f"idle {self.role} host"
            )

    async def _end_when_idle(self, idle_seconds: float) -> None:
        while not self._closed:
            left = self._last_use + idle_seconds - time.monotonic()
            if left > 0:
                await asyncio.sleep(left)
            elif self.busy:
                await asyncio.sleep(min(1.0, idle_seconds or 1.0))
            elif await self.release(lambda: self._last_use + idle_seconds <= time.monotonic()):
                return


def stopped(error: DesktopOcrError | None) -> DesktopOcrError:
    """What a stopped request raises: a copy, because an exception that is raised twice mixes up its traces."""
    if error is None:
        return DesktopOcrError(ErrorCode.FREED, "This was stopped to give memory back.")
    return DesktopOcrError.from_info(error.info)
