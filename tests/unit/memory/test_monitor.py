"""The monitor: its pace, its history, its log lines, and what fails on the way."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from desktop_ocr.memory import monitor as module
from desktop_ocr.memory.gpu import GpuProbe
from desktop_ocr.memory.monitor import MemoryMonitor, describe
from desktop_ocr.schema.memory import GpuMemory, HostRole, MemorySample, ProcessMemory
from tests.fakes.fake_nvml import MIB, FakeGpu, FakeNvml

INTERVAL = 0.02
HOSTS = [(os.getpid(), HostRole.ENGINE)]


@asynccontextmanager
async def running(
    take: Callable[[MemorySample], Awaitable[None] | None], *, log_interval: float = 0.0
) -> AsyncIterator[MemoryMonitor]:
    monitor = MemoryMonitor(
        lambda: HOSTS, take, log_interval=log_interval, interval=INTERVAL, gpu=GpuProbe(FakeNvml(FakeGpu()))
    )
    monitor.start()
    try:
        yield monitor
    finally:
        await monitor.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(INTERVAL / 4)


async def test_samples_come_and_are_kept() -> None:
    taken: list[MemorySample] = []
    async with running(taken.append) as monitor:
        assert monitor.latest is None
        monitor.start()  # once more changes nothing
        await until(lambda: len(taken) >= 5)
        assert monitor.latest is taken[-1]
        assert monitor.history == tuple(taken)
    times = [sample.time for sample in taken]
    assert times == sorted(times)
    assert all(sample.hosts[0].pid == os.getpid() and len(sample.gpus) == 1 for sample in taken)
    ended = len(taken)
    await asyncio.sleep(INTERVAL * 4)
    assert len(taken) == ended


async def test_a_coroutine_may_take_them() -> None:
    taken: list[MemorySample] = []

    async def take(sample: MemorySample) -> None:
        await asyncio.sleep(0)
        taken.append(sample)

    async with running(take):
        await until(lambda: len(taken) >= 2)


async def test_a_failing_probe_is_logged_and_passes(monkeypatch, caplog) -> None:
    taken: list[MemorySample] = []
    calls = 0

    def fail_at_first(*args: object, **options: object) -> MemorySample:
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise OSError("/proc is away")
        return real(*args, **options)

    real = module.take_sample
    monkeypatch.setattr(module, "take_sample", fail_at_first)
    async with running(taken.append):
        await until(lambda: len(taken) >= 2)
    assert [record.message for record in caplog.records] == ["memory could not be measured"], "said once"


async def test_an_error_of_the_taker_does_not_end_it(caplog) -> None:
    taken: list[MemorySample] = []

    def take(sample: MemorySample) -> None:
        taken.append(sample)
        raise ValueError("not today")

    async with running(take) as monitor:
        await until(lambda: len(taken) >= 3)
        assert len(monitor.history) >= 3
    assert "could not be taken in" in caplog.text


async def test_a_slow_taker_makes_no_pile() -> None:
    """What was missed is left out: after a long turn there is no burst of short ones."""
    taken: list[float] = []

    async def take(_sample: MemorySample) -> None:
        taken.append(time.monotonic())
        if len(taken) == 2:
            await asyncio.sleep(INTERVAL * 20)

    async with running(take):
        await until(lambda: len(taken) >= 6)
    after = taken[2:]
    assert taken[2] - taken[1] >= INTERVAL * 20
    # Each comes in a turn of its own, however late in it the first one was.
    assert after[-1] - after[0] >= INTERVAL * (len(after) - 2) - 0.001, "a burst"


async def test_one_measurement_at_a_time(monkeypatch) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()
    real = module.take_sample

    def slow(*args: object, **options: object) -> MemorySample:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.01)
        with lock:
            at_once -= 1
        return real(*args, **options)

    monkeypatch.setattr(module, "take_sample", slow)
    async with running(lambda _sample: None) as monitor:
        samples = await asyncio.gather(*(monitor.sample() for _ in range(5)))
    assert most == 1
    assert len({id(sample) for sample in samples}) == 5


async def test_a_sample_on_demand_is_exact_and_not_part_of_the_history() -> None:
    taken: list[MemorySample] = []
    monitor = MemoryMonitor(lambda: HOSTS, taken.append, log_interval=0, gpu=GpuProbe(FakeNvml()))
    sample = await monitor.sample(exact=True)
    assert monitor.latest is sample
    assert monitor.history == ()
    assert taken == []
    assert sample.ram_window > 5
    await monitor.stop()


async def test_the_event_loop_is_free_while_it_measures(monkeypatch) -> None:
    release = threading.Event()
    real = module.take_sample

    def stuck(*args: object, **options: object) -> MemorySample:
        assert release.wait(100)
        return real(*args, **options)

    monkeypatch.setattr(module, "take_sample", stuck)
    monitor = MemoryMonitor(lambda: HOSTS, lambda _sample: None, log_interval=0, interval=INTERVAL)
    monitor.start()
    await asyncio.sleep(INTERVAL)
    async with asyncio.timeout(60):
        await monitor.stop()  # does not wait for the probe
    release.set()


async def test_the_history_ends_after_ten_minutes() -> None:
    monitor = MemoryMonitor(lambda: (), lambda _sample: None, log_interval=0, interval=200.0)
    for number in range(9):
        monitor._history.append(MemorySample(1.0, 0.0, 0.0, time=float(number)))
    assert [sample.time for sample in monitor.history] == [6, 7, 8]
    await monitor.stop()


async def test_hosts_known_to_be_on_the_gpu_are_told_to_the_probe() -> None:
    gpu = FakeGpu(used=100 * MIB)
    probe = GpuProbe(FakeNvml(gpu))
    on_gpu: list[int] = []
    monitor = MemoryMonitor(lambda: HOSTS, lambda _sample: None, log_interval=0, gpu=probe, on_gpu=lambda: on_gpu)
    assert (await monitor.sample()).vram_ours == 0.0
    on_gpu.append(os.getpid())
    gpu.used, gpu.compute = 900 * MIB, {os.getppid(): 800 * MIB}
    assert (await monitor.sample()).vram_ours == pytest.approx(800 * MIB / 1e6)
    await monitor.stop()


async def test_a_line_in_the_log_now_and_then(caplog) -> None:
    caplog.set_level(logging.INFO, logger=module.__name__)
    taken: list[MemorySample] = []
    async with running(taken.append, log_interval=INTERVAL * 3) as monitor:
        await until(lambda: len(caplog.records) >= 2)
        assert len(taken) > len(caplog.records)
        monitor.log_interval = 0.0
        lines = len(caplog.records)
        seen = len(taken)
        await until(lambda: len(taken) >= seen + 8)
        assert len(caplog.records) == lines
    assert all(record.message.startswith("memory MB: ram ") for record in caplog.records)


def test_a_line_holds_the_figures() -> None:
    sample = MemorySample(
        ram_total=8000.4,
        ram_used=3000,
        ram_window=118,
        hosts=(ProcessMemory(7, HostRole.ENGINE, 650.2, 1800.0), ProcessMemory(8, HostRole.DOCUMENT, 150, None)),
        gpus=(
            GpuMemory(0, "A", 12000, 2300, 1800.0),
            GpuMemory(1, "B", 12000, 300, 100.0, estimated=True),
            GpuMemory(2, "C", 12000, 300, None),
        ),
        contained=True,
    )
    assert describe(sample) == (
        "memory MB: ram 3000/8000 (container) ours 918 window 118 engine:7=650+1800v document:8=150"
        " gpu:0 2300/12000 ours 1800 gpu:1 300/12000 ours ~100 gpu:2 300/12000 ours unknown"
    )
