"""Real processes that lie in most of what they answer: pages fail in words, and the program goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest

from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.events import Event, HostEnded
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.results import check_on_page, check_page_result
from desktop_ocr.schema.settings import Settings
from tests.process.conftest import REPOSITORY, FakeHosts

pytestmark = pytest.mark.process
PAGES = 6


@pytest.mark.parametrize("liar", list(HostRole))
async def test_a_host_that_lies_brings_nothing_down(liar: HostRole, tmp_path: Path, fake_hosts: FakeHosts) -> None:
    seeds = iter(range(1000))

    async def start(role: HostRole) -> HostProcess:
        if role is not liar:
            return await fake_hosts.start(role)
        program = (
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import runpy;"
            "runpy.run_module('tests.fakes.lies', run_name='__main__')"
        )
        words = [sys.executable, "-c", program, role.value, str(fake_hosts.script), str(next(seeds))]
        return await HostProcess.start(role, words)

    fake_hosts.write(document_pages=PAGES)
    document = tmp_path / "a document.pdf"
    document.write_bytes(b"six pages")
    paths = AppPaths(tmp_path / "data", tmp_path / "cache", tmp_path / "config", tmp_path / "run")
    events: list[Event] = []
    session = Session(paths, Settings(page_seconds=20.0, attempts=1, inspect_seconds=20.0), events.append, start=start)
    await session.open()
    try:
        settled = {JobState.DONE, JobState.FAILED, JobState.PAUSED}
        while True:
            assert (await session.add([document])).jobs
            async with asyncio.timeout(60):
                while any(view.state not in settled for view in session.views()):
                    await asyncio.sleep(0.02)
            (view,) = session.views()
            if view.state is not JobState.FAILED:
                break
            assert view.error is not None
            assert view.error.message.endswith(".")
            await session.remove(view.job)  # the document itself was lied about: again, with the next seed
        for page in await session.pages(view.job):
            if page.state is PageState.FAILED:
                assert page.error is not None
                assert page.error.message.endswith(".")
            elif page.state in (PageState.DONE, PageState.PARTIAL):
                result = await session.result(view.job, page.page)
                assert result is not None
                check_page_result(result)
                check_on_page(result)
                assert result.page == page.page
    finally:
        await session.close()
    ends = {event.outcome for event in events if isinstance(event, HostEnded)}
    assert ends & {"gave an answer that cannot be", "sent something that cannot be read"}
    with sqlite3.connect(paths.ledger) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ledger.close()
