"""Video memory through NVML: all GPUs, and what our processes hold of each. In MB, 10^6 bytes."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

import psutil

from desktop_ocr.memory.foreign_use import foreign_load
from desktop_ocr.schema.memory import GpuMemory

log = logging.getLogger(__name__)

MB = 1e6
RETRY_SECONDS = 30.0
CLOSE_SECONDS = 1.0
# A GPU whose use grew by more, while the driver names nobody of ours, may hold processes that we cannot see.
UNSEEN_GROWTH_MB = 100.0


@dataclasses.dataclass(frozen=True)
class _Look:
    """One GPU, as NVML tells it; `held` by process id, None where there are no lists to be had."""

    index: int
    name: str
    total_mb: float
    used_mb: float
    held: dict[int, float | None] | None


class GpuProbe:
    """What NVML tells. Without a driver there are no GPUs; a driver that goes is asked again after 30 s.

    Calls may come from any thread. None of them raises on account of the driver.
    """

    def __init__(
        self,
        nvml: Any = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        pid_exists: Callable[[int], bool] = psutil.pid_exists,
    ) -> None:
        """Ask nothing yet.

        Args:
            nvml: the module to ask; None for pynvml, imported when first needed.
            clock: in seconds.
            pid_exists: whether a process of that id can be seen from here.
        """
        self._nvml = nvml
        self._clock = clock
        self._pid_exists = pid_exists
        self._lock = threading.Lock()
        self._ready = False
        self._closed = False
        self._retry_at: float | None = None
        self._complaints: set[str] = set()
        self._baseline: dict[int, float] = {}

    def sample(
        self, pids: Collection[int], *, users: Collection[int] | None = None, certain: bool = False
    ) -> tuple[tuple[GpuMemory, ...], dict[int, float | None]]:
        """The GPUs now, and what each of our processes holds on all of them, in MB.

        While no process of ours can be on a GPU, the figures become the baseline that later estimates count from.

        Args:
            pids: our processes.
            users: those of them that may be on a GPU; nothing is estimated for the others. None for all.
            certain: the users do run models on a GPU; otherwise they might as well be working on the CPU.

        Returns:
            The GPUs (none without a driver), and a figure for each of `pids`: None where the driver does not say.
        """
        suspects = set(pids) if users is None else set(pids) & set(users)
        with self._lock:
            looks = self._look()
            if not suspects:
                self._baseline |= {look.index: look.used_mb for look in looks}
            seen = any(pid in (look.held or ()) for look in looks for pid in pids)
            hidden = {
                look.index
                for look in looks
                if _refuses(look, pids) or (suspects and not seen and self._hides(look, certain=certain))
            }
            gpus = tuple(self._view(look, pids, hidden=look.index in hidden) for look in looks)
        unseen = suspects if hidden and not seen else frozenset()
        return gpus, {pid: None if pid in unseen else _held(looks, pid) for pid in pids}

    def mark_baseline(self) -> None:
        """Take what is used now as what others use. For moments without any host of ours."""
        self.sample(())

    def foreign_load(self, pids: Collection[int]) -> float:
        """The share of a GPU's time, 0 to 1, that processes beside `pids` took lately; 0 where nobody says."""
        with self._lock:
            return foreign_load(self._nvml, pids, self._pid_exists) if self._start() else 0.0

    def close(self) -> None:
        """Let NVML go; later samples have no GPUs. A driver that hangs is left alone."""
        self._closed = True
        if self._lock.acquire(timeout=CLOSE_SECONDS):
            try:
                self._shut_down()
            finally:
                self._lock.release()

    # --- making sense of it ---------------------------------------------------------------------------------

    def _hides(self, look: _Look, *, certain: bool) -> bool:
        """Whether processes of ours may be on the GPU although the driver names none of them anywhere.

        In a container the lists are empty or hold the ids of another system. Where all of them are known here, what
        grew belongs to somebody else, unless it is `certain` that we use a GPU.
        """
        if look.held is None:
            return True
        if any(not self._pid_exists(pid) for pid in look.held):
            return True
        before = self._baseline.get(look.index)
        grown = before is None or look.used_mb - before > UNSEEN_GROWTH_MB
        return grown and (certain or not look.held)

    def _view(self, look: _Look, pids: Collection[int], *, hidden: bool) -> GpuMemory:
        ours: float | None
        if hidden:
            before = self._baseline.get(look.index)
            ours = None if before is None else max(0.0, look.used_mb - before)
        else:
            ours = _total((look.held or {}).get(pid, 0.0) for pid in pids)
        return GpuMemory(
            look.index, look.name, look.total_mb, look.used_mb, ours, estimated=hidden and ours is not None
        )

    # --- asking ---------------------------------------------------------------------------------------------

    def _look(self) -> list[_Look]:
        if not self._start():
            return []
        nvml = self._nvml
        try:
            count = nvml.nvmlDeviceGetCount()
        except nvml.NVMLError as error:
            self._failed(error)
            self._shut_down()
            return []
        looks = []
        for index in range(count):
            try:
                looks.append(self._look_at(index))
            except nvml.NVMLError as error:  # one of several: the others are still worth asking
                self._failed(error)
        if self._complaints and len(looks) == count:
            log.info("GPU figures are back: %d GPUs", count)
            self._complaints.clear()
            self._retry_at = None
        return looks

    def _look_at(self, index: int) -> _Look:
        nvml = self._nvml
        device = nvml.nvmlDeviceGetHandleByIndex(index)
        memory = nvml.nvmlDeviceGetMemoryInfo(device)
        name: str | bytes = ""
        with contextlib.suppress(nvml.NVMLError):
            name = nvml.nvmlDeviceGetName(device)
        held: dict[int, float | None] | None = None
        for ask in (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses):
            # Old cards and some virtual ones have no lists, which is not the same as empty ones.
            with contextlib.suppress(nvml.NVMLError):
                held = _merged(held or {}, ask(device), memory.total)
        words = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
        return _Look(index, words or f"GPU {index}", memory.total / MB, memory.used / MB, held)

    def _start(self) -> bool:
        """Whether NVML can be asked. It is started where it is not, or was found wanting a while ago."""
        if self._closed:
            return False
        if self._retry_at is not None:
            if self._clock() < self._retry_at:
                return self._ready
            self._shut_down()
            self._retry_at = None
        if self._ready:
            return True
        if self._nvml is None:
            try:
                import pynvml
            except ImportError:
                self._closed = True
                log.info("no GPU figures: nvidia-ml-py is not installed")
                return False
            self._nvml = pynvml
        try:
            self._nvml.nvmlInit()
        except self._nvml.NVMLError as error:
            self._failed(error)
            return False
        self._ready = True
        return True

    def _failed(self, error: Any) -> None:
        """Say it once, not every second, and start afresh after a while, except where that cannot help."""
        kind = type(error).__name__
        if kind not in self._complaints:
            self._complaints.add(kind)
            log.info("no GPU figures: %s", kind)
        lasting = (self._nvml.NVML_ERROR_NOT_SUPPORTED, self._nvml.NVML_ERROR_NO_PERMISSION)
        if self._retry_at is None and error.value not in lasting:
            self._retry_at = self._clock() + RETRY_SECONDS

    def _shut_down(self) -> None:
        if self._ready:
            self._ready = False
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()


def _merged(held: dict[int, float | None], processes: Iterable[Any], total: int) -> dict[int, float | None]:
    """A list of processes taken into what is known.

    A process in both lists (computing and drawing) holds the same memory in both. Older drivers give a number larger
    than the card for "not available", newer bindings None.
    """
    merged = dict(held)
    for process in processes:
        used = process.usedGpuMemory
        mb = None if used is None or used > total else used / MB
        known = merged.get(process.pid)
        merged[process.pid] = mb if known is None else known if mb is None else max(known, mb)
    return merged


def _refuses(look: _Look, pids: Collection[int]) -> bool:
    """Whether the driver names a process of ours without a figure (Windows)."""
    held = look.held or {}
    return any(pid in held and held[pid] is None for pid in pids)


def _held(looks: Collection[_Look], pid: int) -> float | None:
    return _total((look.held or {}).get(pid, 0.0) for look in looks) if looks else None


def _total(figures: Iterable[float | None]) -> float | None:
    total = 0.0
    for figure in figures:
        if figure is None:
            return None
        total += figure
    return total
