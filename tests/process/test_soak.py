"""Hosts are killed at random, again and again: every page is done, once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, PageFinished
from desktop_ocr.schema.jobs import JobState, PageState
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process

PAGES, KILLS = 50, 25


async def test_many_kills_over_many_pages_cost_no_page_and_double_none(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, events: list[Event], tmp_path: Path
) -> None:
    """No page is hit twice: two deaths on one page fail it, which is another test's."""
    document = tmp_path / "many.pdf"
    document.write_bytes(b"many pages")
    fake_hosts.write(document_pages=PAGES, delay=0.1)
    session = make_session(pages_in_flight=2)
    await session.open()
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    (number,) = (await session.add([document])).jobs
    job = session._documents.job(number)
    killed = 0
    async with asyncio.timeout(240):
        while job.state is not JobState.DONE:
            await asyncio.sleep(chance.uniform(0.0, 0.05))
            victims = set(job.working)
            hosts = session._machinery.hosts()
            if killed < KILLS and job.state is JobState.RUNNING and victims and hosts:
                os.kill(chance.choice(hosts)[0], signal.SIGKILL)
                killed += 1
                while victims & (job.working | set(job.waiting)):
                    await asyncio.sleep(0.005)
    assert killed == KILLS
    assert Counter(event.page for event in events if isinstance(event, PageFinished)) == Counter(range(PAGES))
    assert [page.state for page in await session.pages(number)] == [PageState.DONE] * PAGES
    for page in range(PAGES):
        result = await session.result(number, page)
        assert result is not None
        assert result.lines[0].text == f"page {page + 1}"
    assert not list(session._folder.path.glob("*.rgb"))
    await session.close()
    assert psutil.Process().children() == []
