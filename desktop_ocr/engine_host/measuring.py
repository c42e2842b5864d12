"""What this process holds: resident memory, its peak, and what libraries say of their device memory."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from desktop_ocr.schema.engine_messages import HostMemory
from desktop_ocr.schema.memory import FrameworkMemory

log = logging.getLogger(__name__)

_MB = 1e6
_PEAK_TO_NOW = "5"
"""Written to clear_refs it sets the peak of the resident memory to what is resident now: proc(5)."""
_FRAMEWORKS = ("paddle", "torch")


class MemoryMeter:
    """Measures from its making on: make one as a request begins."""

    def __init__(self, device: str = "cpu") -> None:
        """Start the peak anew.

        Args:
            device: "cpu", "gpu:0", ...: whose memory frameworks are asked about.
        """
        self._device = device
        self._process = psutil.Process()
        self.before_mb = self._resident()
        self._tells_peak = _reset_peak()

    def read(self) -> HostMemory:
        """What is resident now, and was at most since the meter was made.

        The peak is the kernel's on Linux. Elsewhere it is the larger of before and now: what a request took and
        gave back in between is not seen.
        """
        now = self._resident()
        peak = _peak_mb() if self._tells_peak else self.before_mb
        return HostMemory(now, max(now, peak), framework_memory(self._device))

    def _resident(self) -> float:
        return float(self._process.memory_info().rss) / _MB


def framework_memory(device: str) -> tuple[FrameworkMemory, ...]:
    """What paddle and torch say of a GPU's memory: in use, and kept by their allocators.

    A library that is not imported yet is not imported for that, and one that cannot answer is left out. On the CPU
    none is asked: their figures are of GPUs, and asking might start CUDA.
    """
    kind, _, number = device.partition(":")
    if kind != "gpu":
        return ()
    index = int(number) if number.isdigit() else 0
    told = (_ask(name, index) for name in _FRAMEWORKS)
    return tuple(memory for memory in told if memory is not None)


def _ask(name: str, index: int) -> FrameworkMemory | None:
    library = sys.modules.get(name)
    if library is None:
        return None
    try:
        cuda = library.device.cuda if name == "paddle" else library.cuda
        allocated, reserved = _figure(cuda.memory_allocated, index), _figure(cuda.memory_reserved, index)
    except Exception as error:  # noqa: BLE001 - built without CUDA, half imported, a GPU that is gone: no figure
        log.debug("%s does not tell its memory: %s", name, type(error).__name__)
        return None
    return FrameworkMemory(name, allocated, reserved)


def _figure(ask: Callable[[int], object], index: int) -> float:
    figure = float(ask(index)) / _MB  # type: ignore[arg-type]
    if not math.isfinite(figure) or figure < 0:
        raise ValueError("not an amount of memory")
    return figure


def _reset_peak() -> bool:
    """Whether the kernel tells the peak from now on."""
    try:
        Path("/proc/self/clear_refs").write_text(_PEAK_TO_NOW)
    except OSError:  # not Linux, or a kernel or container that does not let us
        return False
    return _peak_mb() > 0


def _peak_mb() -> float:
    """The kernel's peak of the resident memory, or 0.0."""
    try:
        rows = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(row.split()[1]) * 1024 / _MB for row in rows if row.startswith("VmHWM:")), 0.0)
