"""Two real programs on the same folders: `desktop-ocr convert` beside a session, which sees how it gets on."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_ocr.core import paths as core_paths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, PageFinished
from desktop_ocr.schema.jobs import JobState, JobView, PageState
from desktop_ocr.schema.settings import Settings
from tests.process.conftest import REPOSITORY, FakeHosts
from tests.process.test_convert_signals import PROGRAM

pytestmark = pytest.mark.process

PAGES = 30


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


@pytest.fixture
def begin(fake_hosts: FakeHosts, tmp_path: Path) -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Starts `convert` in the test's home; what still runs in the end is ended."""
    begun: list[subprocess.Popen[str]] = []
    program = PROGRAM.format(repository=str(REPOSITORY), script=str(fake_hosts.script))

    def start(document: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", program, "convert", str(document), "--out", str(tmp_path / "out")]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return begun[-1]

    yield start
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


@pytest.fixture
def session(fake_hosts: FakeHosts, events: list[Event]) -> Session:
    return Session(core_paths.user_paths(), Settings(), events.append, start=fake_hosts.start, title="window")


async def seen(session: Session, wanted: Callable[[JobView], bool]) -> JobView:
    async with asyncio.timeout(60):
        while True:
            for view in session.views():
                if wanted(view):
                    return view
            await asyncio.sleep(0.05)


async def test_its_progress_is_seen_and_a_kill_leaves_the_job_to_the_other(
    begin: Callable[[Path], subprocess.Popen[str]],
    session: Session,
    document: Path,
    fake_hosts: FakeHosts,
    events: list[Event],
) -> None:
    fake_hosts.write(document_pages=PAGES, delay=0.1)
    await session.open()
    try:
        convert = begin(document)
        view = await seen(session, lambda view: view.pages_done > 0)
        assert (view.elsewhere, view.state, view.pages_total) == ("convert", JobState.RUNNING, PAGES)
        done = view.pages_done
        await seen(session, lambda view: view.pages_done > done)
        finished = [event.page for event in events if isinstance(event, PageFinished)]
        assert finished == sorted(set(finished))
        result = await session.result(view.job, finished[0])
        assert result is not None
        with pytest.raises(DesktopOcrError) as caught:
            await session.resume(view.job)
        assert caught.value.code is ErrorCode.USAGE

        convert.send_signal(signal.SIGSTOP)  # it is only stopped: the job stays its own
        await asyncio.sleep(1.8)
        assert session.views()[0].elsewhere == "convert"
        convert.kill()
        convert.wait(60)
        view = await seen(session, lambda view: not view.elsewhere)
        assert (view.state, view.interrupted) == (JobState.PAUSED, True)
        kept = view.pages_done
        assert done < kept < PAGES
        await session.resume(view.job)
        view = await seen(session, lambda view: view.state is JobState.DONE)
        assert view.pages_done == PAGES
        # At most the page in work was begun twice, of as many as are in flight.
        twice = [page for page in range(PAGES) if fake_hosts.tries(page) > 1]
        assert len(twice) <= Settings().pages_in_flight
        assert [page.state for page in await session.pages(view.job)] == [PageState.DONE] * PAGES
    finally:
        await session.close()


async def test_what_it_finishes_is_there_with_what_was_made_of_it(
    begin: Callable[[Path], subprocess.Popen[str]], session: Session, document: Path, tmp_path: Path
) -> None:
    await session.open()
    try:
        convert = begin(document)
        output, _ = await asyncio.to_thread(convert.communicate, None, 40)
        assert convert.returncode == 0, output
        view = await seen(session, lambda view: view.state is JobState.DONE)
        assert not view.elsewhere
        made = await session.exports_made(view.job)
        assert [Path(one.path).parent for one in made] == [tmp_path / "out"]
        assert [(one.pages, one.format) for one in made] == [("1-5", "txt")]
    finally:
        await session.close()


async def test_two_programs_at_one_document_meet_in_the_middle(
    begin: Callable[[Path], subprocess.Popen[str]],
    session: Session,
    document: Path,
    fake_hosts: FakeHosts,
) -> None:
    fake_hosts.write(document_pages=PAGES, delay=0.3)
    await session.open()
    try:
        await session.add([document])
        await seen(session, lambda view: view.pages_done > 0)
        convert = begin(document)
        output, _ = await asyncio.to_thread(convert.communicate, None, 60)
        assert convert.returncode == 0, output
        assert f"{PAGES} pages, all fine" in output
        await seen(session, lambda view: view.state is JobState.DONE)
        twice = [page for page in range(PAGES) if fake_hosts.tries(page) > 1]
        assert len(twice) <= 2 * Settings().pages_in_flight  # those that both have begun where they meet
        assert all(fake_hosts.tries(page) for page in range(PAGES))
    finally:
        await session.close()
