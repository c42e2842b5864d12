"""Figures of memory: RAM from psutil, video memory from NVML. In MB, 10^6 bytes."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Sequence

import psutil

from desktop_ocr.schema.memory import MemorySample

log = logging.getLogger(__name__)

MB = 1e6


def process_mb(pid: int | None = None) -> float:
    """What a process holds: its unique set size (what ending it gives back), or 0.0 where it is gone.

    USS is asked of Linux, macOS and Windows by psutil; where it is refused the resident set size stands in.
    """
    try:
        process = psutil.Process(pid)
        try:
            return float(process.memory_full_info().uss) / MB
        except psutil.AccessDenied:
            return float(process.memory_info().rss) / MB
    except psutil.Error:
        return 0.0


class GpuProbe:
    """The first GPU's memory through NVML. Without a driver every figure is None."""

    def __init__(self) -> None:
        """Load NVML if there is one."""
        self._nvml = None
        try:
            import pynvml
        except ImportError:
            return
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError as error:
            log.info("no GPU figures: %s", type(error).__name__)
            return
        self._nvml = pynvml

    def sample(self, pids: Sequence[int]) -> tuple[float, float, float | None] | None:
        """Total MB, used MB, and what the processes `pids` hold (None where the driver does not say)."""
        nvml = self._nvml
        if nvml is None:
            return None
        try:
            if nvml.nvmlDeviceGetCount() == 0:
                return None
            device = nvml.nvmlDeviceGetHandleByIndex(0)
            info = nvml.nvmlDeviceGetMemoryInfo(device)
        except nvml.NVMLError:
            return None
        ours: float | None = None
        with contextlib.suppress(nvml.NVMLError):
            running = nvml.nvmlDeviceGetComputeRunningProcesses(device)
            held = [process.usedGpuMemory for process in running if process.pid in pids]
            ours = None if None in held else sum(held) / MB
        return info.total / MB, info.used / MB, ours

    def close(self) -> None:
        """Let NVML go."""
        if self._nvml is not None:
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()
            self._nvml = None


def take_sample(host_pids: Sequence[int], gpu: GpuProbe) -> MemorySample:
    """One sample of the machine, this process and its hosts."""
    machine = psutil.virtual_memory()
    video = gpu.sample(host_pids)
    return MemorySample(
        ram_total=machine.total / MB,
        ram_used=(machine.total - machine.available) / MB,
        ram_window=process_mb(),
        ram_hosts=sum(process_mb(pid) for pid in host_pids),
        vram_total=video[0] if video else None,
        vram_used=video[1] if video else None,
        vram_ours=video[2] if video else None,
    )
