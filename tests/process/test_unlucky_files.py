"""Files that go while they are read, and exports that are stopped: no page is called bad for it, nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.document_messages import PART_PREFIX
from desktop_ocr.schema.errors import ErrorCode
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobState, PageState
from tests.process.conftest import FakeHosts
from tests.process.test_session import reached

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "five pages.pdf"
    file.write_bytes(b"five pages")
    return file


async def finished_one(session: Session, job: int) -> None:
    async with asyncio.timeout(30):
        while not any(view.job == job and view.pages_done for view in session.views()):
            await asyncio.sleep(0.01)


async def test_pages_of_a_file_that_goes_wait_until_it_is_back(
    session: Session, fake_hosts: FakeHosts, document: Path
) -> None:
    fake_hosts.write(delay=0.3)
    (job,) = (await session.add([document])).jobs
    await finished_one(session, job)
    document.unlink()
    await reached(session, job, JobState.PAUSED)
    (view,) = session.views()
    assert view.error is not None
    assert view.error.code is ErrorCode.NOT_FOUND
    assert PageState.FAILED not in [view.state for view in await session.pages(job)]
    document.write_bytes(b"five pages")
    await session.resume(job)
    await reached(session, job, JobState.DONE)
    assert [view.state for view in await session.pages(job)] == [PageState.DONE] * 5


@pytest.mark.parametrize("way", ["closed", "cancelled", "killed"])
async def test_an_export_that_is_stopped_leaves_nothing_half_written(
    session: Session, fake_hosts: FakeHosts, document: Path, tmp_path: Path, way: str
) -> None:
    (job,) = (await session.add([document])).jobs
    await reached(session, job, JobState.DONE)
    await session.free()
    fake_hosts.write(pages={1: "export-hang"})
    out = tmp_path / "out"
    task = asyncio.create_task(session.export(job, ExportWish(("txt",), str(out))))
    async with asyncio.timeout(30):
        while not list(out.glob(f"{PART_PREFIX}*")):
            await asyncio.sleep(0.01)
    if way == "closed":
        await session.close()
    elif way == "cancelled":
        task.cancel()
    else:
        fake_hosts.write()
        assert session._machinery.reader.pid is not None
        os.kill(session._machinery.reader.pid, 9)
    with contextlib.suppress(asyncio.CancelledError):
        (outcome,) = await task
        assert (outcome.error is None) == (way == "killed")
    assert not list(out.glob(f"{PART_PREFIX}*"))
