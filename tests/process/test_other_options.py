"""A document that is recognised again with other options, on fake hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.jobs import JobState, PageState
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process


async def reached(session: Session, job: int, state: JobState) -> None:
    async with asyncio.timeout(30):
        while [view.state for view in session.views() if view.job == job] != [state]:
            await asyncio.sleep(0.01)


async def test_pages_are_done_anew_and_those_of_former_options_are_kept(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, tmp_path: Path
) -> None:
    file = tmp_path / "five pages.pdf"
    file.write_bytes(b"five pages")
    session = make_session()
    await session.open()
    (job,) = (await session.add([file])).jobs
    await reached(session, job, JobState.DONE)
    first = await session.options(job)
    await session.set_options(job, first)
    assert session.views()[0].state is JobState.DONE
    other = msgspec.structs.replace(first, dpi=300)
    await session.set_options(job, other)
    await reached(session, job, JobState.DONE)
    assert await session.options(job) == other
    assert [view.state for view in await session.pages(job)] == [PageState.DONE] * 5
    assert [fake_hosts.tries(page) for page in range(5)] == [2] * 5
    await session.set_options(job, first)
    await reached(session, job, JobState.DONE)
    assert [fake_hosts.tries(page) for page in range(5)] == [2] * 5
    await session.close()


async def test_pages_in_work_with_the_former_options_are_nobodys(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, tmp_path: Path
) -> None:
    file = tmp_path / "five pages.pdf"
    file.write_bytes(b"five pages")
    fake_hosts.write(delay=0.2)
    session = make_session()
    await session.open()
    (job,) = (await session.add([file])).jobs
    async with asyncio.timeout(30):
        while not session._documents.jobs[job].working:
            await asyncio.sleep(0.01)
    await session.set_options(job, msgspec.structs.replace(await session.options(job), dpi=300))
    await reached(session, job, JobState.DONE)
    assert [view.state for view in await session.pages(job)] == [PageState.DONE] * 5
    (row,) = session._ledger.jobs()
    assert row.state is JobState.DONE
    await session.close()
