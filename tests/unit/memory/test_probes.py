"""RAM of this process, and samples."""

from __future__ import annotations

import os

import psutil
import pytest

from desktop_ocr.memory.gpu import GpuProbe
from desktop_ocr.memory.probes import process_mb, take_sample
from desktop_ocr.schema.memory import HostRole
from tests.fakes.fake_nvml import MIB, FakeGpu, FakeNvml


def test_this_process_is_the_default() -> None:
    assert process_mb() == pytest.approx(process_mb(os.getpid()), rel=0.2)
    assert process_mb() > 5


def test_where_the_unique_set_is_refused_the_cheap_figure_stands_in(monkeypatch) -> None:
    def refuse(_self: psutil.Process) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "memory_full_info", refuse)
    assert process_mb(exact=True) > 5


def test_a_machine_without_a_gpu() -> None:
    sample = take_sample([(os.getpid(), HostRole.ENGINE)], GpuProbe(FakeNvml()), exact=True)
    assert sample.gpus == ()
    assert sample.vram_ours is None
    assert sample.hosts[0].vram_mb is None


def test_documents_alone_are_not_suspected_to_be_on_the_gpu() -> None:
    gpu = FakeGpu(compute={9999: 1})
    probe = GpuProbe(FakeNvml(gpu), pid_exists=lambda _pid: False)
    take_sample([], probe)
    gpu.used += 2000 * MIB
    assert take_sample([(os.getpid(), HostRole.DOCUMENT)], probe).vram_ours == 0.0
    gpu.used += 300 * MIB
    sample = take_sample([(os.getpid(), HostRole.ENGINE)], probe)
    assert sample.gpus[0].estimated
    assert sample.vram_ours == pytest.approx(300 * MIB / 1e6)
    assert take_sample([(os.getpid(), HostRole.ENGINE)], probe, on_gpu=[]).vram_ours == 0.0
