"""Receipts, and what is told of documents whose content is stored already, by a session on fake hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.receipt_words import receipt_words
from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import DocumentDone, Event, StoredBefore
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.library import LibraryQuery
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "five.pdf"
    file.write_bytes(b"five pages")
    return file


async def reached(session: Session, job: int, state: JobState) -> None:
    async with asyncio.timeout(30):
        while all(view.job != job or view.state is not state for view in session.views()):
            await asyncio.sleep(0.01)


def told(events: list[Event]) -> list[DocumentDone | StoredBefore]:
    found = [event for event in events if isinstance(event, DocumentDone | StoredBefore)]
    events.clear()
    return found


async def test_a_document_that_was_in_work_has_a_receipt_and_is_known_when_it_comes_again(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path, events: list[Event]
) -> None:
    session = make_session()
    await session.open()
    fake_hosts.write(pages={2: "fail"})
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    (done,) = told(events)
    assert isinstance(done, DocumentDone)
    words = "5 pages: 4 fine, 1 failed (page 3: "
    assert receipt_words(done.receipt).startswith(words)
    assert done.receipt.seconds > 0
    assert await session.receipt(job) == done.receipt
    # Its failed page is tried again: that makes another receipt.
    fake_hosts.write()
    await session.free()  # the next hosts read the new script
    await session.retry(job)
    await reached(session, job, JobState.DONE)
    (done,) = told(events)
    assert isinstance(done, DocumentDone)
    assert receipt_words(done.receipt) == "5 pages, all fine"
    await session.remove(job)
    # All of it is stored: nothing is in work, and the document that is not in the list is replaced.
    (again,) = (await session.add([document])).jobs
    await reached(session, again, JobState.DONE)
    (before,) = told(events)
    assert isinstance(before, StoredBefore)
    assert (before.job, before.pages, before.other) == (again, 5, 0)
    assert before.when > 0
    assert [hit.job for hit in (await session.search(LibraryQuery())).hits] == [again]
    # With other options the former ones are told of; a fresh one asks for none of it.
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(document.read_bytes())
    other = msgspec.structs.replace(JobOptions(), dpi=300)
    (third,) = (await session.add([copy], options=other)).jobs
    await reached(session, third, JobState.DONE)
    before, done = told(events)
    assert isinstance(before, StoredBefore)
    assert (before.job, before.pages, before.other) == (third, 0, again)
    assert isinstance(done, DocumentDone)
    (fourth,) = (await session.add([document], fresh=True)).jobs
    await reached(session, fourth, JobState.DONE)
    assert [type(event) for event in told(events)] == [DocumentDone]
    await session.close()
    # Documents of former runs are not told of again.
    second = make_session()
    await second.open()
    assert told(events) == []
    assert (await second.library_size()).pages == 10
    await second.close()
