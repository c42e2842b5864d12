"""Edits in a whole session on fake hosts: killed between them, recognised again under them, with other options."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.session import Session
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.edits import AsRecognised, LineText, PageVersion, SetTexts
from desktop_ocr.schema.events import Event, JobChanged, PageEdited, PageFinished
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from tests.fakes.fake_host import fake_result
from tests.process.conftest import REPOSITORY, FakeHosts

pytestmark = pytest.mark.process

EDITING = """
import sys
from pathlib import Path
import msgspec
from desktop_ocr.core.ledger import Ledger, PageKey
from desktop_ocr.schema.edits import LineText, SetTexts
from desktop_ocr.text.editing import apply

ledger, key = Ledger(Path(sys.argv[1])), PageKey(1, sys.argv[2])
for number in range(10_000):
    version = ledger.versions.current(key, 0)
    result = apply(version.result, SetTexts((LineText(0, f"edit {number}"),)))
    ledger.versions.add(key, 0, result, "Change of text", on=version.number)
    print(number, flush=True)
"""


def test_no_edit_that_was_made_is_lost_when_the_program_is_killed(tmp_path: Path) -> None:
    file, options = tmp_path / "ledger.sqlite3", options_key(JobOptions())
    ledger = Ledger(file)
    job = ledger.add_job("/a.pdf", JobOptions(), "", "nobody")
    key = PageKey(ledger.set_document(job, DocumentInfo("PDF", 1, "ab" * 32, 1)), options)
    ledger.commit_page(key, fake_result(0), PageCost(1.0))
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", EDITING, file, options], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        told = -1
        for line in child.stdout:
            told = int(line)
            if told == 7:
                os.kill(child.pid, signal.SIGKILL)  # the next one is on its way
        assert child.wait() == -signal.SIGKILL
        version = ledger.versions.current(key, 0)
        assert version is not None
        assert version.result.lines[0].text in (f"edit {told}", f"edit {told + 1}")
        assert version.edited
        undone = ledger.versions.undo(key, 0)
        assert undone.result.lines[0].text.startswith("edit ")
    ledger.close()


async def reached(session: Session, job: int, state: JobState) -> None:
    async with asyncio.timeout(30):
        while [view.state for view in session.views() if view.job == job] != [state]:
            await asyncio.sleep(0.01)


async def now(session: Session, job: int, page: int) -> PageVersion:
    version = await session.version(job, page)
    assert version is not None
    return version


async def write(session: Session, job: int, page: int, text: str) -> PageVersion:
    base = (await now(session, job, page)).number
    return await session.edit(job, page, SetTexts((LineText(0, text),)), base=base)


def said(version: PageVersion) -> str:
    return version.result.lines[0].text


async def test_edits_stay_what_is_shown_whatever_is_recognised(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, events: list[Event], tmp_path: Path
) -> None:
    file = tmp_path / "five pages.pdf"
    file.write_bytes(b"five pages")
    session = make_session()
    await session.open()
    (job,) = (await session.add([file])).jobs
    await reached(session, job, JobState.DONE)
    await write(session, job, 1, "mine")
    assert [event.view.pages_edited for event in events if isinstance(event, JobChanged)][-1] == 1
    assert [(event.page, event.edited) for event in events if isinstance(event, PageEdited)] == [(1, True)]

    # Recognised again: page 1 by somebody who fails, then by somebody who does not.
    await session.free()  # the next hosts read what is written now
    fake_hosts.write(pages={1: "fail"})
    await session.recognise_again(job, [0, 1])
    await reached(session, job, JobState.DONE)
    assert (said(await now(session, job, 1)), (await now(session, job, 1)).newer) == ("mine", False)
    await session.free()
    fake_hosts.write()
    await session.recognise_again(job, [1])
    assert said(await now(session, job, 1)) == "mine"
    result = await session.result(job, 1)
    assert result is not None
    assert result.lines[0].text == "mine"
    await reached(session, job, JobState.DONE)
    version = await now(session, job, 1)
    assert (said(version), version.newer) == ("mine", True)
    assert not (await now(session, job, 0)).edited
    assert [view.edited for view in await session.pages(job)] == [False, True, False, False, False]
    await session.close()

    # After a restart, the new result is taken, and given back.
    session = make_session()
    await session.open()
    assert session.views()[0].pages_edited == 1
    version = await now(session, job, 1)
    assert (said(version), version.newer) == ("mine", True)
    taken = await session.edit(job, 1, AsRecognised(), base=version.number)
    assert (said(taken), session.views()[0].pages_edited) == ("page 2", 0)
    assert said(await session.undo(job, 1)) == "mine"
    await session.close()


async def test_edited_pages_go_along_to_other_options_and_are_not_done_again(
    make_session: Callable[..., Session], fake_hosts: FakeHosts, events: list[Event], tmp_path: Path
) -> None:
    file = tmp_path / "five pages.pdf"
    file.write_bytes(b"five pages")
    session = make_session()
    await session.open()
    (job,) = (await session.add([file])).jobs
    await reached(session, job, JobState.DONE)
    first = await session.options(job)
    await write(session, job, 2, "mine")
    events.clear()
    await session.set_options(job, msgspec.structs.replace(first, dpi=300))
    await reached(session, job, JobState.DONE)
    assert [fake_hosts.tries(page) for page in range(5)] == [2, 2, 1, 2, 2]
    assert sorted(event.page for event in events if isinstance(event, PageFinished)) == [0, 1, 3, 4]
    version = await now(session, job, 2)
    assert (said(version), version.newer, session.views()[0].pages_edited) == ("mine", False, 1)
    assert [view.state for view in await session.pages(job)] == [PageState.DONE] * 5
    await write(session, job, 3, "later")
    # Back: all is as it was, and what was edited meanwhile comes along.
    await session.set_options(job, first)
    await reached(session, job, JobState.DONE)
    assert [fake_hosts.tries(page) for page in range(5)] == [2, 2, 1, 2, 2]
    assert [said(await now(session, job, page)) for page in (2, 3)] == ["mine", "later"]
    assert said(await session.undo(job, 3)) == "page 4"
    # Without: they are done anew.
    await session.set_options(job, msgspec.structs.replace(first, dpi=150), keep_edited=False)
    await reached(session, job, JobState.DONE)
    assert [fake_hosts.tries(page) for page in range(5)] == [3, 3, 2, 3, 3]
    assert (said(await now(session, job, 2)), session.views()[0].pages_edited) == ("page 3", 0)
    await session.set_options(job, first)
    await reached(session, job, JobState.DONE)
    assert said(await now(session, job, 2)) == "mine"
    await session.close()
