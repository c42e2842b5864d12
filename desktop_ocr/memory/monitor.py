"""Samples of memory at a steady pace: for the gauges, the guard, and a line in the log now and then."""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence

from desktop_ocr.memory.probes import GpuProbe, take_sample
from desktop_ocr.memory.process_meter import ProcessMeter
from desktop_ocr.schema.memory import HostRole, MemorySample

log = logging.getLogger(__name__)

HISTORY_SECONDS = 600.0


class MemoryMonitor:
    """Takes a sample each `interval`, off the event loop, one at a time.

    Attributes:
        log_interval: seconds between two lines in the log; 0 for none. May be changed at any time.
        latest: the last sample, taken by the clock or on demand; None before the first.
    """

    def __init__(
        self,
        hosts: Callable[[], Sequence[tuple[int, HostRole]]],
        take: Callable[[MemorySample], Awaitable[None] | None],
        *,
        log_interval: float,
        interval: float = 1.0,
        gpu: GpuProbe | None = None,
        on_gpu: Callable[[], Collection[int]] | None = None,
    ) -> None:
        """Measure nothing yet.

        Args:
            hosts: the child processes at this moment. Called on the event loop, as `take` is.
            take: gets each sample that the clock brings (not those asked for by `sample`). An error in it is
                logged. While it is awaited no further sample is taken.
            log_interval: see the class.
            interval: seconds between two samples.
            gpu: what to ask for video memory; None for a probe of its own, which `stop` closes.
            on_gpu: the hosts that run models on a GPU, where that is known: nothing is estimated for others then.
        """
        self.log_interval = log_interval
        self.latest: MemorySample | None = None
        self._hosts = hosts
        self._take = take
        self._interval = interval
        self._gpu = gpu if gpu is not None else GpuProbe()
        self._owns_gpu = gpu is None
        self._on_gpu = on_gpu
        self._history: deque[MemorySample] = deque(maxlen=max(1, math.ceil(HISTORY_SECONDS / interval)))
        self._meter = ProcessMeter()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    @property
    def history(self) -> tuple[MemorySample, ...]:
        """What the clock brought in the last ten minutes, oldest first."""
        return tuple(self._history)

    def start(self) -> None:
        """Begin; on a running event loop, once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="memory monitor")

    async def stop(self) -> None:
        """End the clock. A sample that is being taken is not waited for."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._owns_gpu:
            await asyncio.to_thread(self._gpu.close)

    async def sample(self, *, exact: bool = False) -> MemorySample:
        """Measure now. `exact` takes 10 ms and more for a large host: see `probes.process_mb`.

        Raises:
            Exception: whatever a probe raised; a driver or a process that is gone raises nothing.
        """
        async with self._lock:
            hosts = tuple(self._hosts())
            on_gpu = None if self._on_gpu is None else frozenset(self._on_gpu())
            self._meter.forget_all_but({pid for pid, _ in hosts})
            measured = await asyncio.to_thread(
                take_sample, hosts, self._gpu, exact=exact, on_gpu=on_gpu, measure=self._meter.measure
            )
        self.latest = measured
        return measured

    async def _run(self) -> None:
        due = logged = time.monotonic()
        while True:
            await self._tick()
            now = time.monotonic()
            if self.latest is not None and self.log_interval > 0 and now - logged >= self.log_interval:
                logged = now
                log.info("%s", describe(self.latest))
            # Missed turns are left out, not made up for; the pace stays that of the clock.
            due += self._interval * max(1, math.ceil((now - due) / self._interval))
            await asyncio.sleep(due - now)

    async def _tick(self) -> None:
        try:
            measured = await self.sample()
        except Exception:
            if not self._failing:
                log.exception("memory could not be measured")
            self._failing = True
            return
        self._failing = False
        self._history.append(measured)
        try:
            outcome = self._take(measured)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception:
            log.exception("a memory sample could not be taken in")


def describe(sample: MemorySample) -> str:
    """A sample as a line of figures for the log."""
    hosts = "".join(
        f" {host.role.value}:{host.pid}={host.ram_mb:.0f}"
        + (f"+{host.vram_mb:.0f}v" if host.vram_mb is not None and host.vram_mb > 0 else "")
        for host in sample.hosts
    )
    line = f"memory MB: ram {sample.ram_used:.0f}/{sample.ram_total:.0f}{' (container)' if sample.contained else ''}"
    line += f" ours {sample.ram_ours:.0f} window {sample.ram_window:.0f}{hosts}"
    for gpu in sample.gpus:
        ours = "unknown" if gpu.ours_mb is None else f"{'~' if gpu.estimated else ''}{gpu.ours_mb:.0f}"
        line += f" gpu:{gpu.index} {gpu.used_mb:.0f}/{gpu.total_mb:.0f} ours {ours}"
    return line
