"""A fake of the NVML library at its Python boundary: an object that is handed over where pynvml would be.

It has the functions, error classes, constants and attributes of nvidia-ml-py that the program uses, with cards and
processes that a test sets. That the real module has each of them too is what tests/unit/memory/test_gpu.py checks.
"""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

MIB = 1 << 20


class NVMLError(Exception):
    """As in pynvml: carries the driver's number as `value`, and is comparable but not hashable."""

    number = 999

    def __init__(self, value: int | None = None) -> None:
        super().__init__()
        self.value = self.number if value is None else value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NVMLError) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]


class NVMLError_Uninitialized(NVMLError):  # noqa: N801, N818 - pynvml's names
    """NVML was not started."""

    number = 1


class NVMLError_NotSupported(NVMLError):  # noqa: N801, N818
    """The card has no such figure."""

    number = 3


class NVMLError_NoPermission(NVMLError):  # noqa: N801, N818
    """This user may not know."""

    number = 4


class NVMLError_DriverNotLoaded(NVMLError):  # noqa: N801, N818
    """There is a library and no driver."""

    number = 9


class NVMLError_LibraryNotFound(NVMLError):  # noqa: N801, N818
    """There is no library."""

    number = 12


class NVMLError_GpuIsLost(NVMLError):  # noqa: N801, N818
    """The card fell off the bus."""

    number = 15


@dataclasses.dataclass
class FakeGpu:
    """A card: bytes in all and in use, what processes hold by pid (None: no figure), and what it refuses.

    `compute` and `graphics` are None where the card has no such list. `error` is raised by whatever is asked of it.
    """

    name: str | bytes = "Fake RTX"
    total: int = 8192 * MIB
    used: int = 500 * MIB
    compute: dict[int, int | None] | None = dataclasses.field(default_factory=dict)
    graphics: dict[int, int | None] | None = dataclasses.field(default_factory=dict)
    error: NVMLError | None = None
    utilization: list[tuple[int, int, int]] | None = None  # pid, time stamp, percent of the time


class FakeNvml:
    """Stands in for the module. `init_error` fails the start; `count_error` what is asked first after it."""

    NVMLError = NVMLError
    NVML_ERROR_NOT_SUPPORTED = NVMLError_NotSupported.number
    NVML_ERROR_NO_PERMISSION = NVMLError_NoPermission.number

    def __init__(self, *gpus: FakeGpu) -> None:
        self.gpus = list(gpus)
        self.init_error: NVMLError | None = None
        self.count_error: NVMLError | None = None
        self.inits = 0
        self.running = False

    # The names and parameters are pynvml's.

    def nvmlInit(self) -> None:  # noqa: N802
        self.inits += 1
        if self.init_error is not None:
            raise self.init_error
        self.running = True

    def nvmlShutdown(self) -> None:  # noqa: N802
        self._need_running()
        self.running = False

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        self._need_running()
        if self.count_error is not None:
            raise self.count_error
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeGpu:  # noqa: N802
        self._need_running()
        return self._ask(self.gpus[index])

    def nvmlDeviceGetName(self, handle: FakeGpu) -> str | bytes:  # noqa: N802
        return self._ask(handle).name

    def nvmlDeviceGetMemoryInfo(self, handle: FakeGpu, version: int | None = None) -> SimpleNamespace:  # noqa: N802
        assert version is None, "the second version of the figures is not faked"
        gpu = self._ask(handle)
        return SimpleNamespace(total=gpu.total, used=gpu.used, free=gpu.total - gpu.used)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: FakeGpu) -> list[SimpleNamespace]:  # noqa: N802
        return _list(self._ask(handle).compute)

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: FakeGpu) -> list[SimpleNamespace]:  # noqa: N802
        return _list(self._ask(handle).graphics)

    def nvmlDeviceGetProcessUtilization(self, handle: FakeGpu, timeStamp: int) -> list[SimpleNamespace]:  # noqa: N802, N803
        samples = self._ask(handle).utilization
        if samples is None:
            raise NVMLError_NotSupported
        return [
            SimpleNamespace(pid=pid, timeStamp=at, smUtil=percent) for pid, at, percent in samples if at > timeStamp
        ]

    def _need_running(self) -> None:
        if not self.running:
            raise NVMLError_Uninitialized

    def _ask(self, gpu: FakeGpu) -> FakeGpu:
        self._need_running()
        if gpu.error is not None:
            raise gpu.error
        return gpu


def _list(held: dict[int, int | None] | None) -> list[SimpleNamespace]:
    if held is None:
        raise NVMLError_NotSupported
    return [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in held.items()]
