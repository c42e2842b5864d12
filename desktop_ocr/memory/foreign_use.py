"""How much of the GPUs other programs use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

from desktop_ocr.schema.memory import GpuMemory


def foreign_memory_share(gpus: Sequence[GpuMemory]) -> float:
    """The largest share of a GPU's memory that is not ours; a GPU whose share of ours is unknown counts as ours."""
    shares = [
        max(0.0, gpu.used_mb - gpu.ours_mb) / gpu.total_mb for gpu in gpus if gpu.ours_mb is not None and gpu.total_mb
    ]
    return max(shares, default=0.0)


def foreign_load(nvml: Any, ours: Collection[int], known_here: Callable[[int], bool]) -> float:
    """The largest share of a GPU's time that processes of others took lately, as far as the driver says; 0 to 1.

    Args:
        nvml: the module pynvml, initialised.
        ours: ids of our processes.
        known_here: whether a process of that id can be seen from here. In a container the driver may use the ids of
            another system: those that we cannot see may be ours.
    """
    most = 0.0
    with contextlib.suppress(nvml.NVMLError):
        for index in range(nvml.nvmlDeviceGetCount()):
            with contextlib.suppress(nvml.NVMLError):  # old cards, virtual ones, or nothing ran lately
                device = nvml.nvmlDeviceGetHandleByIndex(index)
                latest: dict[int, Any] = {}
                for sample in nvml.nvmlDeviceGetProcessUtilization(device, 0):
                    known = latest.get(sample.pid)
                    if known is None or known.timeStamp < sample.timeStamp:
                        latest[sample.pid] = sample
                others = [one for pid, one in latest.items() if pid not in ours and known_here(pid)]
                most = max(most, sum(one.smUtil for one in others) / 100)
    return min(1.0, most)
