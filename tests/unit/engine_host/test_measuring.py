from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from desktop_ocr.engine_host.environment import DataLimit
from desktop_ocr.engine_host.measuring import MemoryMeter, framework_memory
from desktop_ocr.schema.memory import FrameworkMemory

MB = 1_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the peak on Linux only")


def written(megabytes: int) -> bytearray:
    """Memory that is resident."""
    return bytearray(b"\x01") * (megabytes * MB)


@linux
def test_the_peak_is_that_of_the_request() -> None:
    earlier = written(200)
    del earlier
    meter = MemoryMeter()
    during = written(80)
    del during
    memory = meter.read()
    assert memory.rss_mb <= memory.peak_mb
    assert 60 < memory.peak_mb - meter.before_mb < 150


def test_what_is_held_is_resident() -> None:
    meter = MemoryMeter()
    held = written(60)
    memory = meter.read()
    assert len(held) == 60 * MB
    assert memory.rss_mb - meter.before_mb > 40
    assert memory.peak_mb >= memory.rss_mb


def test_without_the_kernels_peak_it_is_the_larger_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_ocr.engine_host.measuring._reset_peak", lambda: False)
    held = written(100)
    meter = MemoryMeter()
    del held
    memory = meter.read()
    assert memory.rss_mb < meter.before_mb
    assert memory.peak_mb == meter.before_mb


def fake_library(name: str, monkeypatch: pytest.MonkeyPatch, allocated: object, reserved: object) -> None:
    """A fake of paddle or torch, of which only the figures are there."""
    cuda = SimpleNamespace(memory_allocated=lambda _: allocated, memory_reserved=lambda _: reserved)
    library = ModuleType(name)
    if name == "paddle":
        library.device = SimpleNamespace(cuda=cuda)  # type: ignore[attr-defined]
    else:
        library.cuda = cuda  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, library)


def test_frameworks_are_asked_where_they_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "torch" not in sys.modules
    fake_library("paddle", monkeypatch, 300 * MB, 400 * MB)
    assert framework_memory("gpu:0") == (FrameworkMemory("paddle", 300.0, 400.0),)
    fake_library("torch", monkeypatch, 10 * MB, 20 * MB)
    assert framework_memory("gpu:0")[1] == FrameworkMemory("torch", 10.0, 20.0)
    assert framework_memory("cpu") == ()
    assert MemoryMeter("gpu:0").read().frameworks[0].reserved_mb == 400.0


def test_a_framework_is_asked_about_the_hosts_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_library("torch", monkeypatch, 0, 0)
    seen: list[int] = []
    monkeypatch.setattr(sys.modules["torch"].cuda, "memory_allocated", lambda index: seen.append(index) or 5 * MB)
    assert framework_memory("gpu:3") == (FrameworkMemory("torch", 5.0, 0.0),)
    assert seen == [3]


@pytest.mark.parametrize("figure", [None, "much", float("nan"), -1])
def test_a_framework_without_an_answer_is_left_out(monkeypatch: pytest.MonkeyPatch, figure: object) -> None:
    fake_library("paddle", monkeypatch, figure, 0)
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))  # half imported
    assert framework_memory("gpu:0") == ()


def test_no_limit_changes_nothing_here() -> None:
    DataLimit().set(0)
    assert len(written(10)) == 10 * MB
