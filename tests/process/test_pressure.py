"""Short memory, as samples tell it: what a session does about it, step by step, and back again."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, PressureChanged, WorkHeld
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.memory import MemorySample, PressureLevel
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import until
from tests.process.test_session import reached, states

pytestmark = pytest.mark.process

ENOUGH, SHORT, CRITICAL = (MemorySample(10_000.0, used, 100.0) for used in (3000.0, 8500.0, 9700.0))


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


@pytest.fixture
def told(events: list[Event]) -> Callable[[], list[str]]:
    """What was said of pressure so far, without repetitions."""

    def words() -> list[str]:
        said = [event.pressure.words for event in events if isinstance(event, PressureChanged)]
        return [word for number, word in enumerate(said) if word and (number == 0 or said[number - 1] != word)]

    return words


def deaf(session: Session) -> None:
    """Let no real sample come between those of the test."""
    session._machinery.monitor._take = lambda _: None


async def test_the_ladder_is_climbed_rung_by_rung_and_left_again(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    told: Callable[[], list[str]],
    events: list[Event],
    tmp_path: Path,
) -> None:
    fake_hosts.write(document_pages=4)
    session = make_session(pressure_cooldown_seconds=0.0)
    await session.open()
    deaf(session)
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    take = session._pressure.take
    await take(ENOUGH)
    assert told() == []
    await take(SHORT)
    assert session._machinery.reader.pid is None
    await take(SHORT)
    assert told() == ["Caches were cleared.", "Models that nothing used were unloaded."]
    assert session._machinery.services.hosts() == []
    await take(SHORT)
    assert len(told()) == 2  # at a warning nothing more is done
    for _ in range(3):
        await take(CRITICAL)
    policy = session._machinery.policy
    assert policy.apart
    assert not policy.left_out  # no document that goes on wants anything
    assert policy.fewer_features
    assert policy.smaller_side
    assert (await session.stats()).pressure.level is PressureLevel.CRITICAL
    await take(CRITICAL)
    assert not any(isinstance(event, WorkHeld) for event in events)  # no host runs: nothing of it is ours
    session._machinery.monitor._latest = ENOUGH
    await session.recognise_again(job, [0])
    await reached(session, job, JobState.DONE)
    (page, *_) = await session.pages(job)
    assert "640 instead of 1280 pixels" in page.degraded
    assert "memory was short" in page.degraded

    await take(CRITICAL)
    await until(lambda: any(isinstance(event, WorkHeld) for event in events) or not session._machinery.hosts())
    await until(lambda: list((tmp_path / "data" / "diagnostics").glob("dump-*.json")))
    assert psutil.Process(os.getpid()).children() == []
    assert (await session.stats()).pressure.emergency
    for _ in range(10):
        await take(ENOUGH)
    assert not policy.fewer_features
    assert not policy.smaller_side
    assert (await session.stats()).pressure.rung == 0
    await session.close()


async def test_an_emergency_puts_pages_in_work_back_and_leaves_a_dump_without_names(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, events: list[Event], tmp_path: Path
) -> None:
    fake_hosts.write(pages={1: "hang-once"})
    session = make_session(pressure_cooldown_seconds=0.0)
    await session.open()
    deaf(session)
    (job,) = (await session.add([document])).jobs
    await until(lambda: fake_hosts.tries(1) == 1)
    await until(lambda: session.views()[0].pages_done >= 1)
    for _ in range(8):
        await session._pressure.take(CRITICAL)
    await until(lambda: any(isinstance(event, WorkHeld) for event in events))
    assert psutil.Process(os.getpid()).children() == []
    assert session.views()[0].state is JobState.PAUSED
    await until(lambda: list((tmp_path / "data" / "diagnostics").glob("dump-*.json")))
    (dump,) = (tmp_path / "data" / "diagnostics").glob("dump-*.json")
    text = dump.read_text(encoding="utf-8")
    assert json.loads(text)
    assert "pages.pdf" not in text
    assert "page 2" not in text.replace("page 2 of job", "")  # the log's lines name pages by number, never their text
    for _ in range(10):
        await session._pressure.take(ENOUGH)
    await session.resume_work()
    await reached(session, job, JobState.DONE)
    assert await states(session, job) == [PageState.DONE] * 5
    await session.close()


async def test_the_background_is_deferred_at_a_warning_and_says_so(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, document: Path, tmp_path: Path
) -> None:
    fake_hosts.write(document_pages=30, delay=0.03)
    session = make_session(pressure_cooldown_seconds=0.0)
    await session.open()
    deaf(session)
    other = tmp_path / "other.pdf"
    other.write_bytes(b"other pages")
    shown, background = (await session.add([document, other])).jobs
    await session.look_at(shown, 7)
    await session._pressure.take(SHORT)
    await reached(session, background, JobState.RUNNING)
    view = {view.job: view for view in session.views()}
    assert not view[shown].deferred
    assert view[background].deferred
    await reached(session, shown, JobState.DONE)
    await until(lambda: not session._documents.jobs[background].working)
    done = {view.job: view.pages_done for view in session.views()}[background]
    await asyncio.sleep(0.3)
    assert {view.job: view.pages_done for view in session.views()}[background] == done
    await session.go_on_anyway()
    assert not any(view.deferred for view in session.views())
    await until(lambda: {view.job: view.pages_done for view in session.views()}[background] > done)
    await session._pressure.take(ENOUGH)
    await session._pressure.take(SHORT)  # insisting holds until it was enough again
    assert {view.job: view for view in session.views()}[background].deferred
    await session.look_at(background, None)
    await reached(session, background, JobState.DONE)
    await session.close()
