"""What other programs use of the GPUs."""

from __future__ import annotations

import pytest

from desktop_ocr.memory.foreign_use import foreign_memory_share
from desktop_ocr.memory.gpu import GpuProbe
from desktop_ocr.schema.memory import GpuMemory
from tests.fakes.fake_nvml import FakeGpu, FakeNvml, NVMLError_DriverNotLoaded


def gpu(used: float, ours: float | None, total: float = 4000.0) -> GpuMemory:
    return GpuMemory(0, "Fake RTX", total, used, ours)


def test_what_others_hold_of_the_fullest_gpu():
    assert foreign_memory_share([gpu(2000, 500), gpu(3000, 3000)]) == pytest.approx(0.375)
    assert foreign_memory_share([]) == 0
    assert foreign_memory_share([gpu(1000, 1200)]) == 0  # figures of two moments


def test_where_our_own_share_is_unknown_nobody_else_is_blamed():
    assert foreign_memory_share([gpu(4000, None)]) == 0


def test_the_latest_load_of_each_other_process_counts():
    nvml = FakeNvml(FakeGpu(utilization=[(7, 1, 90), (7, 5, 20), (8, 5, 15), (9, 5, 70)]))
    probe = GpuProbe(nvml, pid_exists=lambda _pid: True)
    assert probe.foreign_load([9]) == pytest.approx(0.35)
    assert probe.foreign_load([7, 8, 9]) == 0


def test_processes_that_cannot_be_seen_from_here_may_be_ours():
    nvml = FakeNvml(FakeGpu(utilization=[(70001, 5, 95)]))
    assert GpuProbe(nvml, pid_exists=lambda _pid: False).foreign_load([9]) == 0


def test_a_driver_that_does_not_say_blames_nobody():
    assert GpuProbe(FakeNvml(FakeGpu())).foreign_load([]) == 0
    absent = FakeNvml()
    absent.init_error = NVMLError_DriverNotLoaded()
    assert GpuProbe(absent).foreign_load([]) == 0
