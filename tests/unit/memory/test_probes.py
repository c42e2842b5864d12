"""RAM of real processes, and samples."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from desktop_ocr.memory.gpu import GpuProbe
from desktop_ocr.memory.probes import process_mb, ram_totals, take_sample
from desktop_ocr.schema.memory import HostRole
from tests.fakes.fake_nvml import MIB, FakeGpu, FakeNvml

HELD_MB = 150


@pytest.fixture
def child() -> Iterator[int]:
    """A process that holds 150 MB of its own."""
    code = f"import sys; held = bytearray(b'x') * {HELD_MB * 1_000_000}; print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.stdin.close()


@pytest.mark.parametrize("exact", [False, True])
def test_a_process_is_measured(child, exact) -> None:
    assert HELD_MB < process_mb(child, exact=exact) < HELD_MB + 60


def test_the_cheap_figure_is_near_the_exact_one(child) -> None:
    """It leaves out what is backed by files, and is never far above."""
    assert process_mb(child, exact=True) - 30 < process_mb(child) < process_mb(child, exact=True) + 5


def test_this_process_is_the_default() -> None:
    assert process_mb() == pytest.approx(process_mb(os.getpid()), rel=0.2)
    assert process_mb() > 5


def test_a_process_that_is_gone_holds_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert process_mb(process.pid) == 0.0
    assert process_mb(process.pid, exact=True) == 0.0


def test_where_the_unique_set_is_refused_the_cheap_figure_stands_in(monkeypatch) -> None:
    def refuse(_self: psutil.Process) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "memory_full_info", refuse)
    assert process_mb(exact=True) > 5


def test_a_sample_holds_everything(child) -> None:
    gpu = FakeGpu(used=900 * MIB, compute={child: 400 * MIB})
    before = time.time()
    hosts = [(child, HostRole.ENGINE), (os.getpid(), HostRole.DOCUMENT)]
    sample = take_sample(hosts, GpuProbe(FakeNvml(gpu)))
    assert [(host.pid, host.role) for host in sample.hosts] == hosts
    assert HELD_MB < sample.hosts[0].ram_mb < HELD_MB + 60
    assert sample.ram_ours == pytest.approx(sample.ram_window + sum(host.ram_mb for host in sample.hosts))
    assert sample.hosts[0].vram_mb == pytest.approx(400 * MIB / 1e6)
    assert sample.hosts[1].vram_mb == 0.0
    assert sample.vram_ours == pytest.approx(400 * MIB / 1e6)
    assert sample.ram_total == ram_totals()[0]
    assert 0 < sample.ram_used < sample.ram_total
    assert before <= sample.time <= time.time()


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
