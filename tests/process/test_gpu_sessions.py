"""A session with a graphics card, as far as that goes without one: fake NVML, fake hosts, real processes.

What is real: the pools by device, the fallback to the CPU, the figures' way from the NVML boundary to the report.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core import machinery
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.memory.probes import GpuProbe
from desktop_ocr.schema.events import Event, HostEnded, HostStarted, Notice
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.settings import FallbackStep, Settings
from tests.fakes.fake_nvml import MIB, FakeGpu, FakeNvml
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached

pytestmark = pytest.mark.process

HELD = 640 * MIB


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


@pytest.fixture
def cards() -> list[FakeGpu]:
    return [FakeGpu("Fake RTX A"), FakeGpu("Fake RTX B", total=24_000 * MIB)]


@pytest.fixture
def gpu_session(
    tmp_path: Path,
    fake_hosts: FakeHosts,
    events: list[Event],
    cards: list[FakeGpu],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Session]:
    """Sessions that see the cards. The fake driver counts an engine host that lives as one that holds `HELD`."""
    monkeypatch.setattr(machinery, "gpu_engine_installed", lambda: True)
    paths = AppPaths(tmp_path / "data", tmp_path / "cache", tmp_path / "config", tmp_path / "run")

    def emit(event: Event) -> None:
        events.append(event)
        compute = cards[0].compute
        assert compute is not None
        if isinstance(event, HostStarted) and event.role is HostRole.ENGINE:
            compute[event.pid] = HELD
            cards[0].used += HELD
        elif isinstance(event, HostEnded) and compute.pop(event.pid, None) is not None:
            cards[0].used -= HELD

    def make(**changes: object) -> Session:
        settings = Settings(**{"page_seconds": 20.0, **changes})  # type: ignore[arg-type]
        return Session(paths, settings, emit, start=fake_hosts.start, gpu=GpuProbe(FakeNvml(*cards)))

    return make


async def test_free_brings_the_drivers_own_figure_for_us_to_nothing(
    gpu_session: Callable[..., Session], document: Path
) -> None:
    session = gpu_session()
    await session.open()
    assert session._machinery.device == "gpu:0"
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    sample = await session._machinery.monitor.sample()
    assert [gpu.name for gpu in sample.gpus] == ["Fake RTX A", "Fake RTX B"]
    held = len(session._machinery.services.hosts()) * HELD / 1e6
    assert held > 0
    assert sample.vram_ours == pytest.approx(held)
    report = await session.free()
    assert report.vram_before == pytest.approx(held)
    assert report.vram_after == 0.0
    assert all(pool.in_use == 0 for pool in (await session.stats()).pools)
    await session.close()


@pytest.mark.parametrize(("what", "said"), [("oom-on-gpu", 0), ("gpu-lost", 1)])
async def test_pages_fall_back_to_the_cpu_and_say_so(
    gpu_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    events: list[Event],
    what: str,
    said: int,
) -> None:
    fake_hosts.write(pages={1: what})
    session = gpu_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    pages = await session.pages(job)
    assert [page.state for page in pages] == [PageState.DONE] * 5
    assert "without the graphics card" in pages[1].degraded
    assert not pages[0].degraded
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert len([text for text in notices if "graphics card cannot be used any more" in text]) == said
    assert session._machinery.device == ("cpu" if said else "gpu:0")
    await session.close()


async def test_without_leave_to_fall_back_the_page_fails_alone(
    gpu_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "oom-on-gpu"})
    session = gpu_session(fallback=(FallbackStep.SMALLER_SIDE,))
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert [page.state for page in await session.pages(job)].count(PageState.FAILED) == 1
    await session.close()


async def test_a_device_that_is_not_there_is_named(
    gpu_session: Callable[..., Session], document: Path, events: list[Event]
) -> None:
    session = gpu_session(device="gpu:7")
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert session._machinery.device == "cpu"
    assert any(isinstance(event, Notice) and "gpu:7" in event.text for event in events)
    await session.close()


async def test_a_small_card_is_not_begun_on_and_the_cpu_does_it(
    gpu_session: Callable[..., Session], cards: list[FakeGpu], document: Path
) -> None:
    cards[0].total, cards[0].used = 700 * MIB, 600 * MIB
    session = gpu_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert all("without the graphics card" in page.degraded for page in await session.pages(job))
    await session.close()
