"""The session on fake hosts that die, hang and fail: nothing is lost, nothing is left."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.events import Event, HostEnded, HostStarted, JobChanged, PageFinished
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.library import LibraryQuery
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "fünf Seiten.pdf"
    file.write_bytes(b"five pages")
    return file


async def reached(session: Session, job: int, *states: JobState, seconds: float = 60) -> JobState:
    async with asyncio.timeout(seconds):
        while True:
            for view in session.views():
                if view.job == job and view.state in states:
                    return view.state
            await asyncio.sleep(0.01)


async def states(session: Session, job: int) -> list[PageState]:
    return [view.state for view in await session.pages(job)]


async def test_pages_are_committed_before_anybody_is_told(
    make_session: Callable[..., Session], events: list[Event], document: Path
) -> None:
    session = make_session()
    told: list[bool] = []
    append = events.append

    def watch(event: Event) -> None:
        append(event)
        if isinstance(event, PageFinished):
            job = session._documents.jobs[event.job]
            assert job.key is not None
            told.append(session._ledger.result(job.key, event.page) is not None)

    session._emit = watch
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert told == [True] * 5
    await session.close()


@pytest.mark.parametrize("what", ["die-once", "hang-once", "garbage-once", "memory-once"])
async def test_a_host_that_dies_costs_a_retry_of_its_page_and_nothing_else(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, what: str
) -> None:
    fake_hosts.write(pages={2: what})
    session = make_session(page_seconds=3.0 if what == "hang-once" else 60.0)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 5
    assert [fake_hosts.tries(page) for page in range(5)] == [1, 1, 2, 1, 1]
    result = await session.result(job, 2)
    assert result is not None
    # A page that did not fit is tried again with models one after the other; one whose host is gone, as it was.
    assert [note.code for note in result.notes] == ([] if what == "memory-once" else ["attempts"])
    await session.close()


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("die", ErrorCode.HOST_DIED),
        ("hang", ErrorCode.TIMED_OUT),
        ("fail", ErrorCode.DAMAGED),
        ("nan", ErrorCode.PROTOCOL),
    ],
)
async def test_a_broken_page_fails_alone_with_its_reason_and_can_be_retried(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, what: str, code: ErrorCode
) -> None:
    fake_hosts.write(pages={1: what})
    session = make_session(page_seconds=2.0 if what == "hang" else 60.0)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    pages = await session.pages(job)
    assert [view.state for view in pages] == [PageState.DONE, PageState.FAILED, *[PageState.DONE] * 3]
    assert pages[1].error is not None
    assert pages[1].error.code is code
    fake_hosts.write()
    await session.free()  # a host reads the script once
    await session.retry(job)
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 5
    assert fake_hosts.tries(0) == 1
    await session.close()


async def test_a_file_that_is_added_again_gets_its_failed_pages_tried_again(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "die"})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert (await states(session, job)).count(PageState.FAILED) == 1
    await session.close()
    fake_hosts.write()
    session = make_session()
    await session.open()
    assert (await states(session, job)).count(PageState.FAILED) == 1  # shown as it was
    (again,) = (await session.add([document])).jobs
    await reached(session, again, JobState.DONE)
    assert await states(session, again) == [PageState.DONE] * 5
    assert fake_hosts.tries(0) == 1
    await session.close()


async def test_pause_and_cancel_act_between_pages_and_resume_goes_on(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.RUNNING)
    while not any(isinstance(event, PageFinished) for event in events):
        await asyncio.sleep(0.01)
    await session.pause(job)
    while PageState.WORKING in await states(session, job):
        await asyncio.sleep(0.01)
    done = (await states(session, job)).count(PageState.DONE)
    assert 0 < done < 8
    await asyncio.sleep(0.3)
    assert (await states(session, job)).count(PageState.DONE) == done
    await session.resume(job)
    await reached(session, job, JobState.DONE)
    assert all(fake_hosts.tries(page) == 1 for page in range(8))


async def test_what_was_finished_is_there_at_the_next_start_and_the_rest_goes_on(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    first = make_session()
    await first.open()
    (job,) = (await first.add([document])).jobs
    while sum(isinstance(event, PageFinished) for event in events) < 3:
        await asyncio.sleep(0.01)
    await first.close()

    second = make_session()
    await second.open()
    (view,) = second.views()
    assert view.state is JobState.PAUSED
    assert view.pages_done >= 3
    finished = [p.page for p in await second.pages(job) if p.state is PageState.DONE]
    await second.resume(job)
    await reached(second, job, JobState.DONE)
    assert await states(second, job) == [PageState.DONE] * 8
    assert all(fake_hosts.tries(page) == 1 for page in finished)
    await second.close()


async def test_the_same_file_again_finds_its_pages_and_takes_the_old_ones_place(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    (first,) = (await session.add([document])).jobs
    await reached(session, first, JobState.DONE)
    (second,) = (await session.add([document])).jobs
    await reached(session, second, JobState.DONE)
    assert [view.job for view in session.views()] == [second]
    assert all(fake_hosts.tries(page) == 1 for page in range(5))
    (third,) = (await session.add([document], fresh=True)).jobs
    await reached(session, third, JobState.DONE)
    assert all(fake_hosts.tries(page) == 2 for page in range(5))


async def test_a_file_that_changed_is_not_mixed_with_its_old_pages(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "fail"})
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    document.write_bytes(b"other content")
    await session.retry(job)
    await reached(session, job, JobState.FAILED)
    (view,) = session.views()
    assert view.error is not None
    assert view.error.code is ErrorCode.FILE_CHANGED


async def test_closing_in_mid_page_leaves_no_process_and_no_file(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path, events: list[Event]
) -> None:
    fake_hosts.write(pages={0: "hang"})
    session = make_session(page_seconds=600)
    await session.open()
    await session.add([document])
    while fake_hosts.tries(0) == 0:
        await asyncio.sleep(0.01)
    async with asyncio.timeout(60):
        await session.close()
    assert list((tmp_path / "run").iterdir()) == []
    started = {event.pid for event in events if isinstance(event, HostStarted)}
    assert started
    assert not any(psutil.pid_exists(pid) for pid in started)
    assert started == {event.pid for event in events if isinstance(event, HostEnded)}


async def test_idle_hosts_go_and_come_back(
    make_session: Callable[..., Session], document: Path, events: list[Event]
) -> None:
    session = make_session(model_idle_seconds=0.2, document_idle_seconds=0.2)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    async with asyncio.timeout(60):
        while any(psutil.pid_exists(event.pid) for event in events if isinstance(event, HostStarted)):
            await asyncio.sleep(0.02)
    await session.add([document], fresh=True)
    await reached(session, job + 1, JobState.DONE)
    await session.close()


async def test_folders_of_dead_processes_are_swept(make_session: Callable[..., Session], tmp_path: Path) -> None:
    left = tmp_path / "run" / "1-1.00"
    left.mkdir(parents=True)
    (left / "000001.rgb").write_bytes(b"x")
    session = make_session()
    await session.open()
    assert [folder.name for folder in (tmp_path / "run").iterdir()] == [session._folder.path.name]
    assert str(os.getpid()) in session._folder.path.name
    await session.close()


async def test_removing_a_running_job_takes_it_off_the_list(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    (job,) = (await session.add([document])).jobs
    while not any(isinstance(event, PageFinished) for event in events):
        await asyncio.sleep(0.01)
    await session.remove(job)
    await asyncio.sleep(0.5)
    assert session.views() == []
    assert session._ledger.jobs() == []
    assert not any(isinstance(event, JobChanged) for event in events[-1:])
    (hit,) = (await session.search(LibraryQuery())).hits
    assert (hit.job, hit.listed) == (job, False)
    assert 1 <= hit.pages < 8  # what was finished stays, and nothing came after it
    await session.forget([job])
    assert (await session.library_size()).pages == 0
