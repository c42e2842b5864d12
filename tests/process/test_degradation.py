"""Pages that do not fit into memory: they are done with less, and say so; none fails that could be done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core import shortage
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.events import Event, JobChanged, Notice, PageFinished, WorkHeld
from desktop_ocr.schema.features import NONE
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from desktop_ocr.schema.results import DEGRADED
from tests.fakes.fake_host import asked
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import until
from tests.process.test_session import reached

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("oom-above-side:640", "640 instead of 1280 pixels"),
        (
            "oom-with-features",
            "headings, columns, tables and pictures were not looked for; the page was not turned upright",
        ),
    ],
)
async def test_a_page_that_does_not_fit_is_done_with_less_and_can_be_done_again(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    events: list[Event],
    what: str,
    words: str,
) -> None:
    fake_hosts.write(pages={1: what})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    pages = await session.pages(job)
    assert [page.state for page in pages] == [PageState.DONE] * 5
    assert [bool(page.degraded) for page in pages] == [False, True, False, False, False]
    assert words in pages[1].degraded
    assert session.views()[0].pages_degraded == 1
    told = {event.page: event.degraded for event in events if isinstance(event, PageFinished)}
    assert told[1] == pages[1].degraded
    result = await session.result(job, 1)
    assert result is not None
    assert [note.code for note in result.notes] == [DEGRADED]

    fake_hosts.write()  # there is room again
    await session.free()
    await session.recognise_again(job, [1])
    await reached(session, job, JobState.DONE)
    assert not any(page.degraded for page in await session.pages(job))
    assert session.views()[0].pages_degraded == 0
    assert fake_hosts.tries(0) == 1
    await session.close()


async def test_a_page_that_never_fits_fails_alone_with_the_reason(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "oom"})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    pages = await session.pages(job)
    assert [page.state for page in pages].count(PageState.FAILED) == 1
    assert pages[1].error is not None
    assert pages[1].error.code is ErrorCode.OUT_OF_MEMORY
    # As wanted, without the model for tables, smaller, without the one for regions, layout, orientation.
    assert fake_hosts.tries(1) == 6
    await session.close()


async def test_a_host_that_aborts_for_want_of_memory_is_understood(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(pages={1: "bad-alloc-once"})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document], options=JobOptions().with_features(NONE))).jobs
    await reached(session, job, JobState.DONE)
    pages = await session.pages(job)
    assert "there was not enough memory" in pages[1].degraded
    await session.close()


async def test_what_does_not_fit_is_not_begun_and_says_what_would_help(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shortage, "WAITS", (0.05, 0.05))
    other = document.with_name("other.pdf")
    other.write_bytes(b"other pages")
    session = make_session(ram_budget_mb=1)
    await session.open()
    jobs = (await session.add([document, other])).jobs
    for job in jobs:
        await reached(session, job, JobState.PAUSED)
    for view in session.views():
        assert view.error is not None
        assert view.error.code is ErrorCode.MEMORY_SHORT
        assert "MB" in view.error.message
    assert all(fake_hosts.tries(page) == 0 for page in range(5))
    # One banner for all of them, not a notice each; they said that they wait before they gave up.
    assert not any(isinstance(event, Notice) for event in events)
    held = [event for event in events if isinstance(event, WorkHeld)][-1]
    assert held.jobs == jobs
    assert "2 documents are paused because there is not enough memory" in held.text
    assert any(isinstance(event, JobChanged) and event.view.deferred for event in events)
    await session.change_settings(type(session._live.now)())
    assert await session.resume_work() == 2
    for job in jobs:
        await reached(session, job, JobState.DONE)
    await session.close()


async def test_a_short_spike_needs_no_user(
    make_session: Callable[..., Session], document: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortage, "WAITS", (0.2, 5.0))
    session = make_session(ram_budget_mb=1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].deferred)
    session._machinery.guard.change_settings(type(session._live.now)())  # the spike is over
    await reached(session, job, JobState.DONE)
    assert not any(isinstance(event, (Notice, WorkHeld)) for event in events)
    assert not session.views()[0].deferred
    await session.close()


async def test_closing_and_cancelling_do_not_wait_for_memory(
    make_session: Callable[..., Session], document: Path
) -> None:
    session = make_session(ram_budget_mb=1)
    await session.open()
    (job,) = (await session.add([document])).jobs
    await until(lambda: session.views()[0].deferred)
    await session.cancel(job)
    assert not session.views()[0].deferred
    async with asyncio.timeout(60):
        await session.close()


async def test_every_job_records_predicted_and_actual_memory(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(rss=321)
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    (view,) = session.views()
    assert view.predicted_mb > 100  # the catalog's figures
    assert view.peak_mb >= 321
    await session.close()
    assert (tmp_path / "cache" / "footprints.json").exists()
    again = make_session()
    await again.open()
    (restored,) = again.views()
    assert (restored.predicted_mb, restored.peak_mb) == (view.predicted_mb, view.peak_mb)
    await again.close()


async def test_a_page_that_cannot_be_done_again_keeps_what_was_read_before(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event]
) -> None:
    fake_hosts.write(pages={1: "oom-above-side:640"})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    before = await session.result(job, 1)
    assert before is not None

    fake_hosts.write(pages={1: "fail"})
    await session.free()
    await session.recognise_again(job, [1])
    await reached(session, job, JobState.DONE)
    assert await session.result(job, 1) == before
    (view,) = session.views()
    assert (view.pages_done, view.pages_failed, view.pages_degraded) == (5, 0, 1)
    page = (await session.pages(job))[1]
    assert page.state is PageState.DONE
    assert page.degraded
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert notices == ["Page 2 of 'pages.pdf' could not be read again, and stays as it was: This page is damaged."]
    await session.close()
    again = make_session()
    await again.open()
    assert (again.views()[0].pages_done, again.views()[0].state) == (5, JobState.DONE)
    await again.close()


@pytest.mark.parametrize(("what", "state"), [("oom-once", PageState.DONE), ("bad-alloc-once", PageState.DONE)])
async def test_a_document_host_that_ran_out_of_memory_is_replaced_and_the_page_tried_again(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, what: str, state: PageState
) -> None:
    fake_hosts.write(prepares={"1": what})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert (await session.pages(job))[1].state is state
    hosts = {entry.pid for entry in asked(fake_hosts.counts) if entry.what == "PreparePage"}
    assert len(hosts) == 2
    await session.close()


async def test_what_libraries_held_is_not_told_of_hosts_that_are_gone(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(frameworks={"paddle": [10, 20]})
    session = make_session()
    await session.open()
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    assert (await session.stats()).frameworks
    await session.free()
    assert (await session.stats()).frameworks == {}
    await session.close()
