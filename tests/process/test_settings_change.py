"""Settings that change while something is going on: nothing is lost, nothing waits for ever, all of them apply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core import session as session_module
from desktop_ocr.core.session import Session
from desktop_ocr.schema.jobs import JobState, PageState
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import children, until
from tests.process.test_session import reached, states

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


async def change(session: Session, **changes: object) -> None:
    await session.change_settings(msgspec.structs.replace(session._live.now, **changes))


async def test_a_page_that_hangs_does_not_keep_settings_from_applying(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "SETTLE_SECONDS", 0.2)
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(page_seconds=600.0)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    async with asyncio.timeout(60):
        await change(session, detection_side=960)
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 5
    assert fake_hosts.tries(1) == 2
    result = await session.result(job, 1)
    assert result is not None
    assert result.notes == ()  # it was put back, which is no fault of the page
    await session.close()


async def test_who_asked_may_go_away_in_the_middle(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_hosts.write(document_pages=12, delay=0.05)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].pages_done >= 2)
    closing = asyncio.Event()
    close = session._machinery.services.close

    async def slow() -> None:
        closing.set()
        await asyncio.sleep(0.1)
        await close()

    monkeypatch.setattr(session._machinery.services, "close", slow)
    asking = asyncio.create_task(change(session, detection_side=960))
    await closing.wait()
    asking.cancel()
    await reached(session, job, JobState.DONE)
    assert session._live.now.detection_side == 960
    assert session._queue._held == 0
    await session.close()


async def test_engines_that_cannot_be_closed_do_not_leave_the_session_without_any(
    make_session: Callable[..., Session], document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session()
    await session.open()
    close = session._machinery.services.close

    async def broken() -> None:
        await close()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(session._machinery.services, "close", broken)
    await change(session, detection_side=960)
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_pages_in_flight_and_the_document_hosts_idle_time_apply_at_once(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=30, delay=0.03)
    session = make_session(pages_in_flight=1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].pages_done >= 1)
    assert len(session._documents.jobs[job].working) <= 1
    await change(session, pages_in_flight=4, document_idle_seconds=0.1)
    await until(lambda: len(session._documents.jobs[job].working) == 4)
    await change(session, pages_in_flight=2)
    await until(lambda: session._queue.working == 2)
    most = 0
    while session._documents.jobs[job].state is not JobState.DONE:
        most = max(most, session._queue.working)
        await asyncio.sleep(0.005)
    assert most == 2
    assert await states(session, job) == [PageState.DONE] * 30
    await until(lambda: session._machinery.reader.pid is None)
    await session.close()


async def test_many_changes_at_once_come_to_the_last_one_and_leave_nothing_behind(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=12, delay=0.02)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].pages_done >= 1)
    sides = [640, 704, 768, 832, 960]
    await asyncio.gather(*(change(session, detection_side=side) for side in sides), session.free())
    assert session._live.now.detection_side == 960
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 12
    await session.close()
    assert children() == []


async def test_closing_does_not_wait_for_a_change_of_settings(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "hang"})
    session = make_session(page_seconds=600.0)
    await session.open()
    await session.add([document])
    await until(lambda: fake_hosts.tries(1) == 1)
    asking = asyncio.create_task(change(session, detection_side=960))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        await session.close()
    await asyncio.gather(asking, return_exceptions=True)
    assert children() == []
