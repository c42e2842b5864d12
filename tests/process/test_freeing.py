"""Giving memory back, with work going on: real processes end, no page is lost, nothing starts by itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, Freed, HostStarted, PageFinished, WorkHeld, WorkResumed
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobState, PageState
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached, states

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process(os.getpid()).children() if child.status() != psutil.STATUS_ZOMBIE]


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def of(kind: type[Event], events: list[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


async def test_freeing_while_a_page_is_in_work_puts_it_back_and_resuming_does_it(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(free_grace_seconds=0.3)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    report = await session.free()
    assert children() == []
    assert report.requeued >= 1
    assert report.paused == (job,)
    assert report.ram_after < report.ram_before
    (held,) = of(WorkHeld, events)
    assert held == WorkHeld("1 document is paused because memory was given back.", (job,))
    assert of(Freed, events) == [Freed(report)]
    assert session.views()[0].state is JobState.PAUSED
    begun = len(of(HostStarted, events))
    await asyncio.sleep(0.3)
    assert len(of(HostStarted, events)) == begun  # nothing starts by itself
    assert (await session.stats()).held == "memory was given back"
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    assert of(WorkResumed, events) == [WorkResumed()]
    assert await states(session, job) == [PageState.DONE] * 5
    assert fake_hosts.tries(1) == 2
    assert [event.page for event in events if isinstance(event, PageFinished)].count(1) == 1
    await session.close()


async def test_a_page_that_ends_within_the_grace_is_kept(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=30, delay=0.1)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].pages_done >= 2)
    report = await session.free()
    assert report.requeued == 0
    done = session.views()[0].pages_done
    assert (await states(session, job)).count(PageState.DONE) == done
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    assert all(fake_hosts.tries(page) == 1 for page in range(30))  # what was finished was kept, the rest not begun
    await session.close()


@pytest.mark.parametrize("what", ["loads", "load_delay"])
async def test_freeing_while_models_are_loading(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, what: str
) -> None:
    slow = {"loads": {"text-detection": "hang"}} if what == "loads" else {"load_delay": 0.5}
    fake_hosts.write(**slow)  # type: ignore[arg-type]
    session = make_session(free_grace_seconds=0.1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: any(model.state == "loading" for model in session._machinery.manager.views()))
    await session.free()
    assert children() == []
    assert all(model.state == "unloaded" and not model.references for model in session._machinery.manager.views())
    fake_hosts.write()
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_freeing_while_hosts_start_and_documents_open(
    make_session: Callable[..., Session], document: Path
) -> None:
    session = make_session(free_grace_seconds=0.1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    report = await session.free()  # the document host is on its way
    assert children() == []
    assert report.paused == (job,)
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_freeing_twice_at_once_is_one_and_freeing_nothing_is_fine(
    make_session: Callable[..., Session], document: Path, events: list[Event]
) -> None:
    session = make_session()
    await session.open()
    first, second = await asyncio.gather(session.free(), session.free())
    assert first == second
    assert len(of(Freed, events)) == 1
    assert of(WorkHeld, events) == []
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_resuming_by_other_means_ends_the_hold(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.RUNNING)
    await session.free()
    await session.resume(job)
    assert of(WorkResumed, events) == [WorkResumed()]
    await session.resume_work()  # nothing is left to resume
    assert of(WorkResumed, events) == [WorkResumed()]
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_an_export_in_work_is_broken_off_with_a_sentence(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(pages={2: "export-hang"})
    session = make_session(free_grace_seconds=0.1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    out = tmp_path / "out"
    export = asyncio.create_task(session.export(job, ExportWish(("txt",), str(out))))
    await until(lambda: out.is_dir() and list(out.iterdir()))
    await session.free()
    (outcome,) = await export
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.FREED
    assert "Export again" in str(outcome.error)
    assert list(out.iterdir()) == []
    assert children() == []
    await session.close()


async def test_a_model_in_use_cannot_be_unloaded_and_an_idle_one_can(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(free_grace_seconds=0.1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    with pytest.raises(DesktopOcrError) as caught:
        await session.unload_model("pymupdf-layout", "cpu/0")
    assert caught.value.code is ErrorCode.USAGE
    await session.free()
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    loaded = [model.model for model in (await session.stats()).models if model.state == "loaded"]
    assert "pymupdf-layout" in loaded
    await session.unload_model("pymupdf-layout", "cpu/0")
    left = [model.model for model in (await session.stats()).models if model.state == "loaded"]
    assert left == [model for model in loaded if model != "pymupdf-layout"]
    for model in left:
        await session.unload_model(model, "cpu/0")
    assert session._machinery.services.hosts() == []  # the last model took the host with it
    await session.close()


async def test_settings_can_change_between_pages(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=20, delay=0.02)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].pages_done >= 2)
    settings = session._live.now
    await session.change_settings(type(settings)(detection_side=960, page_seconds=20.0, model_idle_seconds=0.0))
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 20
    await until(lambda: not session._machinery.services.hosts())  # idle time 0: gone at once
    await session.close()
