"""Memory and names of real processes, and a limit of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from desktop_ocr.core.process_tree import process_tree
from desktop_ocr.memory.gpu import GpuProbe
from desktop_ocr.memory.probes import process_mb, ram_totals, take_sample
from desktop_ocr.schema.memory import HostRole
from tests.fakes.fake_nvml import MIB, FakeGpu, FakeNvml

pytestmark = pytest.mark.process

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


def test_a_process_that_is_gone_holds_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert process_mb(process.pid) == 0.0
    assert process_mb(process.pid, exact=True) == 0.0


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


def test_this_process_and_its_children() -> None:
    program = "import sys; print('ready', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", program, "/home/anna/letter.pdf", "--password=geheim"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        entries = {entry.pid: entry for entry in process_tree()}
        assert child.stdin is not None
        child.stdin.close()
    assert entries[child.pid].parent == os.getpid()
    for entry in (entries[os.getpid()], entries[child.pid]):
        assert entry.name
        assert entry.status in ("running", "sleeping", "disk-sleep")
        assert entry.rss_mb is not None
        assert 1 < entry.rss_mb < 10_000
        assert entry.threads
        assert entry.cpu_seconds is not None
        assert entry.open_files
    assert entries[child.pid].command == f"{sys.executable} -c ... --password=..."


def test_a_dead_child_that_nobody_awaited_is_listed_without_what_it_has_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    try:
        entry = next(entry for entry in process_tree() if entry.pid == child.pid)
    finally:
        child.wait()
    assert entry.status == "zombie"
    assert not entry.command


def test_a_process_that_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert process_tree(child.pid) == []


LIMITED = """
from desktop_ocr.engine_host.environment import DataLimit
limit = DataLimit()
def fits():
    try:
        return len(bytearray(300_000_000)) > 0
    except MemoryError:
        return False
seen = [fits()]
for megabytes in (200, 100, 0, 200, 1000):
    limit.set(megabytes)
    seen.append(fits())
print(seen)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel keeps such limits on Linux only")
def test_a_data_limit_can_be_raised_again() -> None:
    told = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[True, False, False, True, False, True]"
