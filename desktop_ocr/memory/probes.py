"""Figures of memory: RAM from psutil and the container's limits, video memory from NVML. In MB, 10^6 bytes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import psutil

from desktop_ocr.memory.containers import ROOT, limits
from desktop_ocr.memory.gpu import GpuProbe
from desktop_ocr.schema.memory import HostRole, MemorySample, ProcessMemory

__all__ = ["MB", "GpuProbe", "process_mb", "ram_totals", "take_sample"]

MB = 1e6


def process_mb(pid: int | None = None, *, exact: bool = False) -> float:
    """What a process holds, about what ending it gives back, or 0.0 where it is gone.

    Args:
        pid: None for this process.
        exact: its unique set size, which takes Linux 10 ms for a process of 700 MB. Otherwise, on Linux, what is
            resident and not backed by files, in 0.05 ms: a little less (without libraries that nobody else has
            loaded). Elsewhere, and where the unique set size is refused, the resident set size stands in.
    """
    try:
        process = psutil.Process(pid)
        if exact:
            try:
                return float(process.memory_full_info().uss) / MB
            except psutil.AccessDenied:
                pass  # the cheap figure is better than none
        memory = process.memory_info()
        shared = memory.shared if sys.platform == "linux" else 0
        return float(max(0, memory.rss - shared)) / MB
    except psutil.Error:
        return 0.0


def ram_totals(*, root: Path = ROOT) -> tuple[float, float, bool]:
    """The machine's RAM, or the container's whose limit is lower.

    Args:
        root: where /proc/self and the mounts of control groups are looked for.

    Returns:
        Total MB, used MB, and whether the total is a container's limit. What is used is the total less what can
        still be had: where a group further up, or the machine itself, is fuller than the container, that counts.
    """
    machine = psutil.virtual_memory()
    total, available = machine.total, machine.available
    contained = False
    for limit in limits(root):
        if 0 < limit.allowed < machine.total:
            contained = True
            total = min(total, limit.allowed)
            available = min(available, limit.allowed - limit.used)
    available = max(0, min(available, total))
    return total / MB, (total - available) / MB, contained


def take_sample(
    hosts: Sequence[tuple[int, HostRole]],
    gpu: GpuProbe,
    *,
    exact: bool = False,
    on_gpu: Collection[int] | None = None,
    measure: Callable[..., float] | None = None,
) -> MemorySample:
    """One sample of the machine, this process and its hosts.

    Args:
        hosts: process id and role of each.
        gpu: to ask for video memory. While no host can be on a GPU, its baseline is marked on the way.
        exact: see `process_mb`.
        on_gpu: the hosts that run models on a GPU. None where that is not known: any engine may.
        measure: measures a process in place of `process_mb`: `ProcessMeter.measure`.
    """
    held = measure or process_mb
    total, used, contained = ram_totals()
    engines = [pid for pid, role in hosts if role is HostRole.ENGINE]
    gpus, vram = gpu.sample(
        [pid for pid, _ in hosts], users=engines if on_gpu is None else on_gpu, certain=on_gpu is not None
    )
    return MemorySample(
        ram_total=total,
        ram_used=used,
        ram_window=held(exact=exact),
        hosts=tuple(ProcessMemory(pid, role, held(pid, exact=exact), vram[pid]) for pid, role in hosts),
        gpus=gpus,
        contained=contained,
        time=time.time(),
    )
