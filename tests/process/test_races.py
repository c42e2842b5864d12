"""What the user does while pages are in work, and files that change meanwhile: no page is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core.job import Job
from desktop_ocr.core.session import Session
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, JobRemoved, Notice, PageFinished, WorkHeld
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from desktop_ocr.schema.memory import HostRole
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached, states

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"pages")
    return file


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def finished(events: list[Event], page: int) -> bool:
    return any(isinstance(event, PageFinished) and event.page == page for event in events)


# --- the same file again ----------------------------------------------------------------------------------------


async def test_a_file_that_is_at_work_already_is_said_to_be_so(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.1)
    (first,) = (await session.add([document])).jobs
    await reached(session, first, JobState.RUNNING)
    (second,) = (await session.add([document])).jobs
    await until(lambda: JobRemoved(second) in events)
    assert [event.text for event in events if isinstance(event, Notice)] == ["'scan.pdf' is in the list already."]
    assert [view.job for view in session.views()] == [first]
    await reached(session, first, JobState.DONE)


async def test_other_pages_of_a_file_that_is_at_work_are_done_too(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(document_pages=4, delay=0.1)
    (first,) = (await session.add([document], pages="1-2")).jobs
    await reached(session, first, JobState.RUNNING)
    (second,) = (await session.add([document], pages="4")).jobs
    await reached(session, second, JobState.DONE)
    await reached(session, first, JobState.DONE)
    assert await session.result(second, 3) is not None
    assert await states(session, first) == [PageState.DONE] * 2


async def test_fewer_pages_of_a_file_do_not_hide_the_others(session: Session, document: Path) -> None:
    (first,) = (await session.add([document])).jobs
    await reached(session, first, JobState.DONE)
    (second,) = (await session.add([document], pages="1")).jobs
    await reached(session, second, JobState.DONE)
    assert [view.job for view in session.views()] == [first, second]
    # Each of them is known again, whatever came after it.
    (third,) = (await session.add([document])).jobs
    await reached(session, third, JobState.DONE)
    assert [view.job for view in session.views()] == [third]


async def test_anew_while_at_work_takes_no_page_away(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=6, delay=0.05)
    (first,) = (await session.add([document])).jobs
    await until(lambda: finished(events, 1))
    (second,) = (await session.add([document], fresh=True)).jobs
    await reached(session, second, JobState.DONE)
    assert [view.job for view in session.views()] == [second]
    assert [await session.result(second, page) is not None for page in range(6)] == [True] * 6
    assert first != second


# --- pages in work ----------------------------------------------------------------------------------------------


async def test_a_failed_page_that_is_tried_again_while_the_last_one_is_in_work_is_done(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_hosts.write(document_pages=2, pages={0: "fail-once"}, delay=0.1)
    (job,) = (await session.add([document])).jobs
    await until(lambda: finished(events, 0))
    opened = asyncio.Event()
    inspect = session._opener.inspect

    async def slow(job: Job) -> DocumentInfo:
        info = await inspect(job)
        await opened.wait()
        return info

    monkeypatch.setattr(session._opener, "inspect", slow)
    await session.retry(job)
    await until(lambda: finished(events, 1))
    opened.set()
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 2


async def test_an_error_that_nobody_foresaw_loses_no_page(
    session: Session, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(session._ledger, "commit_page", broken)
        (job,) = (await session.add([document])).jobs
        await reached(session, job, JobState.PAUSED)
        await until(lambda: not session._documents.jobs[job].working)
    (view,) = session.views()
    assert view.error is not None
    await session.resume(job)
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 5


async def test_a_picture_that_somebody_deleted_on_the_way_is_made_again(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(pages={1: "picture-gone-once"})
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 5
    assert fake_hosts.tries(1) == 2
    assert not any(isinstance(event, Notice) for event in events)


async def test_a_full_disk_is_told_once_and_the_job_goes_on_when_there_is_room(
    session: Session, document: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(session._ledger, "commit_page", full)
        (job,) = (await session.add([document])).jobs
        await reached(session, job, JobState.PAUSED)
        await until(lambda: not session._documents.jobs[job].working)
    held = [event.text for event in events if isinstance(event, WorkHeld) and event.jobs]
    assert len(held) == 1
    assert "the disk is full. Make room there" in held[0]
    await session.resume(job)
    await reached(session, job, JobState.DONE)


async def test_documents_that_wait_for_different_things_are_told_apart(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event], tmp_path: Path
) -> None:
    fake_hosts.write(pages=dict.fromkeys(range(5), "hang"))
    other = tmp_path / "other.pdf"
    other.write_bytes(b"another one")
    first, second = (await session.add([document, other])).jobs
    await reached(session, first, JobState.RUNNING)
    await reached(session, second, JobState.RUNNING)
    full = ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.")
    session._room.met(session._documents.jobs[first], full)
    await session.free()
    held = [event for event in events if isinstance(event, WorkHeld)][-1]
    assert held.jobs == (first, second)
    assert held.text == (
        "1 document is paused because the disk is full. Make room there: then it goes on by itself. "
        "1 document is paused because memory was given back."
    )
    assert (await session.stats()).held.endswith("; memory was given back")
    fake_hosts.write()
    assert await session.resume_work() == 2
    await reached(session, first, JobState.DONE)
    await reached(session, second, JobState.DONE)
    assert not (await session.stats()).held


# --- files that change ------------------------------------------------------------------------------------------


async def test_a_file_that_changes_in_mid_work_gives_no_mixed_pages(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    (job,) = (await session.add([document])).jobs
    await until(lambda: finished(events, 1))
    document.write_bytes(b"other content")
    await reached(session, job, JobState.FAILED)
    (view,) = session.views()
    assert view.error is not None
    assert view.error.code is ErrorCode.FILE_CHANGED
    assert 2 <= view.pages_done < 8
    assert view.pages_failed == 0


async def test_a_file_that_was_only_touched_goes_on(
    session: Session, fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(document_pages=8, delay=0.05)
    (job,) = (await session.add([document])).jobs
    await until(lambda: finished(events, 1))
    os.utime(document, (1, 1))
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 8


async def test_old_text_is_not_put_over_a_changed_original(session: Session, document: Path, tmp_path: Path) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    document.write_bytes(b"other content")
    (outcome,) = await session.export(job, ExportWish(("pdf",), str(tmp_path / "out")))
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.FILE_CHANGED


# --- a ledger that does not work --------------------------------------------------------------------------------


async def test_a_document_that_cannot_be_forgotten_stays_in_the_list(
    session: Session, document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)

    def broken(*_: object) -> None:
        raise DesktopOcrError(ErrorCode.LEDGER, "No.")

    with monkeypatch.context() as patch:
        patch.setattr(session._ledger, "remove_job", broken)
        patch.setattr(session._ledger.library, "take_off", broken)
        with pytest.raises(DesktopOcrError):
            await session.remove(job)
        # The same of a job that a new one is to replace: the new one says so.
        (second,) = (await session.add([document])).jobs
        await reached(session, second, JobState.FAILED)
    assert [view.job for view in session.views()] == [job, second]
    await session.remove(job)


async def test_what_is_removed_while_it_is_opened_leaves_no_trace(
    session: Session, fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(delay=0.3)
    (job,) = (await session.add([document])).jobs
    await session.remove(job)
    await until(lambda: not session._documents._opening)
    with sqlite3.connect(tmp_path / "data" / "ledger.sqlite3") as db:
        assert db.execute("SELECT COUNT(*) FROM documents").fetchone() == (0,)


async def test_closing_on_a_ledger_that_cannot_be_written_is_no_error(
    make_session: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session()
    await session.open()

    def broken(*_: object) -> None:
        raise DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.")

    monkeypatch.setattr(session._ledger, "give_up_jobs", broken)
    await session.close()
    assert list((tmp_path / "run").iterdir()) == []


async def test_a_damaged_row_does_not_keep_the_program_from_starting(
    make_session: Callable[..., Session], document: Path, tmp_path: Path
) -> None:
    first = make_session()
    await first.open()
    (job,) = (await first.add([document])).jobs
    await reached(first, job, JobState.DONE)
    await first.close()
    with sqlite3.connect(tmp_path / "data" / "ledger.sqlite3") as db:
        db.execute("UPDATE jobs SET options = '{'")
    second = make_session()
    await second.open()
    (view,) = second.views()
    assert view.state is JobState.FAILED
    await second.remove(job)
    assert second.views() == []
    await second.close()


# --- hosts and closing ------------------------------------------------------------------------------------------


async def test_closing_does_not_wait_for_a_host_that_never_shakes_hands(
    document: Path, make_session: Callable[..., Session], fake_hosts: FakeHosts
) -> None:
    started: list[HostRole] = []

    async def start(role: HostRole) -> HostProcess:
        started.append(role)
        if role is HostRole.DOCUMENT:
            return await fake_hosts.start(role)
        return await HostProcess.start(role, [sys.executable, "-c", "import time; time.sleep(60)"])

    session = make_session()
    session._start = start
    await session.open()
    await session.add([document])
    await until(lambda: HostRole.ENGINE in started)
    await asyncio.sleep(0.2)
    async with asyncio.timeout(20):  # a handshake may take 30 s
        await session.close()


async def test_many_files_leave_room_for_others(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / f"{number}.pdf" for number in range(50)]
    for file in files:
        file.write_bytes(file.name.encode())
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    before: list[int] = []
    add_job = session._ledger.add_job

    def counting(path: str, options: JobOptions, selection: str, owner: str, title: str, *, attended: bool) -> int:
        before.append(turns)
        return add_job(path, options, selection, owner, title, attended=attended)

    monkeypatch.setattr(session._ledger, "add_job", counting)
    added = await session.add(files)
    task.cancel()
    assert len(added.jobs) == 50
    assert before[-1] > before[0]


async def test_who_added_a_document_is_known_after_a_restart(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(pages=dict.fromkeys(range(5), "hang"))
    other = tmp_path / "other.pdf"
    other.write_bytes(b"another one")
    session = make_session()
    await session.open()
    added = await session._documents.add([document, other], JobOptions(), "", None, fresh=False, unattended=True)
    for job in added.jobs:
        await reached(session, job, JobState.RUNNING)
    assert [session._documents.job(job).unattended for job in added.jobs] == [True, True]
    (again,) = (await session.add([document])).jobs  # a person wants it, too
    await until(lambda: again not in {view.job for view in session.views()})
    await session.close()

    session = make_session()
    await session.open()
    assert {view.path: session._documents.job(view.job).unattended for view in session.views()} == {
        str(document): False,
        str(other): True,
    }
    await session.close()
