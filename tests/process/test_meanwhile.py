"""What the user does while memory is being given back, and pages that are between two hosts just then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core import processor
from desktop_ocr.core.job import FileStamp, file_stamp
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, HostStarted, WorkHeld
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.memory import MemorySample
from tests.fakes.fake_host import asked
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import children, of, until
from tests.process.test_session import reached, states

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


@pytest.fixture
def other(tmp_path: Path) -> Path:
    file = tmp_path / "other.pdf"
    file.write_bytes(b"other pages")
    return file


async def freeing(session: Session) -> asyncio.Task[object]:
    """A Free that has begun and waits for a page that hangs."""
    task: asyncio.Task[object] = asyncio.create_task(session.free())
    await until(lambda: session._machinery.reader._refusal is not None)
    return task


async def test_what_is_added_while_memory_is_given_back_begins_afterwards(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, other: Path
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(free_grace_seconds=0.5)
    await session.open()
    (first,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    task = await freeing(session)
    (second,) = (await session.add([other])).jobs
    await task
    await reached(session, second, JobState.DONE)
    assert session.views()[0].state is JobState.PAUSED
    assert await session.resume_work() == 1
    await reached(session, first, JobState.DONE)
    await session.close()


async def test_resuming_while_memory_is_given_back_goes_on_afterwards(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, other: Path, events: list[Event]
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(free_grace_seconds=0.5)
    await session.open()
    (first,) = (await session.add([document], pages="2")).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    task = await freeing(session)
    await session.resume(first)
    await task
    assert of(WorkHeld, events) == []  # the user wants it to go on
    await reached(session, first, JobState.DONE)

    fake_hosts.write(pages={3: "hang-once"})
    await session.free()  # new hosts, of the new script
    (second,) = (await session.add([other], pages="4")).jobs
    await until(lambda: fake_hosts.tries(3) == 1)
    task = await freeing(session)
    assert await session.resume_work() == 1  # waits for what it takes back
    await task
    await reached(session, second, JobState.DONE)
    await session.close()


async def test_only_what_still_waits_is_said_to_be_held(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, other: Path, events: list[Event]
) -> None:
    fake_hosts.write(pages={1: "hang"})
    session = make_session(free_grace_seconds=0.5)
    await session.open()
    removed, cancelled = (await session.add([document, other])).jobs
    await until(lambda: fake_hosts.tries(1) >= 1)
    task = await freeing(session)
    await session.remove(removed)
    await session.cancel(cancelled)
    await task
    assert of(WorkHeld, events) == []
    assert (await session.stats()).held == ""
    await session.close()


async def test_a_document_that_is_done_within_the_grace_is_not_held(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(delay=0.3)
    session = make_session(free_grace_seconds=20.0)
    await session.open()
    (job,) = (await session.add([document], pages="1")).jobs
    await until(lambda: any(entry.what == "Recognise" for entry in asked(fake_hosts.counts)))
    report = await session.free()
    assert session.views()[0].state is JobState.DONE
    assert report.paused == ()
    assert of(WorkHeld, events) == []
    assert await states(session, job) == [PageState.DONE]
    await session.close()


async def test_memory_is_given_back_even_where_it_cannot_be_measured(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(free_grace_seconds=0.1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)

    async def broken(**_: object) -> MemorySample:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(session._machinery.monitor, "sample", broken)
        with pytest.raises(OSError, match="Too many"):
            await session.free()
    assert children() == []
    assert of(WorkHeld, events) == [WorkHeld("1 document is paused because memory was given back.", (job,))]
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_a_page_that_comes_out_of_a_slow_disk_afterwards_starts_no_host(
    make_session: Callable[..., Session],
    document: Path,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = make_session(free_grace_seconds=0.1, pages_in_flight=1)
    await session.open()
    slow, asked = threading.Event(), threading.Event()

    def stamp(path: Path) -> FileStamp | None:
        asked.set()
        slow.wait(30)
        return file_stamp(path)

    monkeypatch.setattr(processor, "file_stamp", stamp)
    (job,) = (await session.add([document])).jobs
    await until(asked.is_set)
    await session.free()
    begun = [event for event in events if isinstance(event, HostStarted)]  # models may have been loaded ahead
    slow.set()
    await until(lambda: session._queue.working == 0)
    assert [event for event in events if isinstance(event, HostStarted)] == begun
    assert session._machinery.hosts() == []
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    await session.close()


async def test_fifty_documents_that_are_being_opened_all_come_back(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, tmp_path: Path, events: list[Event]
) -> None:
    files = [tmp_path / f"{number}.pdf" for number in range(50)]
    for file in files:
        file.write_bytes(file.name.encode())
    fake_hosts.write(document_pages=1, delay=0.02)
    session = make_session(free_grace_seconds=0.2)
    await session.open()
    jobs = (await session.add(files)).jobs
    await until(lambda: sum(view.state is not JobState.OPENING for view in session.views()) >= 5)
    picture = asyncio.create_task(session.picture(jobs[-1], 0, 100, 100))
    report, _ = await asyncio.gather(session.free(), session._release_all("memory is nearly used up"))
    with pytest.raises(DesktopOcrError):
        await picture
    assert children() == []
    unfinished = {view.job for view in session.views() if view.state is not JobState.DONE}
    assert set(report.paused) == unfinished
    assert len(of(WorkHeld, events)) == 1
    assert await session.resume_work() == len(unfinished)
    for job in jobs:
        await reached(session, job, JobState.DONE, seconds=60)
    await session.close()


async def test_a_password_given_while_memory_is_given_back_is_tried_afterwards(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, other: Path
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(free_grace_seconds=0.5)
    await session.open()
    await session.add([document], pages="2")
    await until(lambda: fake_hosts.tries(1) == 1)
    (locked,) = (await session.add([other], pages="1")).jobs
    await reached(session, locked, JobState.RUNNING, JobState.DONE)
    # As the document host would have left it; fake ones know no passwords.
    session._documents.set(session._documents.job(locked), JobState.NEEDS_PASSWORD)
    task = await freeing(session)
    await session.give_password(locked, "secret")
    await task
    await reached(session, locked, JobState.DONE)
    await session.close()
