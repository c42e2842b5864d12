"""A watched folder that is changed, switched off or watched no more while its files are in work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.watching import ArrivalState, Original
from tests.fakes.fake_desk import FakeDesk, no_room
from tests.unit.core.test_arrivals import Case


class SlowDesk(FakeDesk):
    """Exports take until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.exporting = asyncio.Event()
        self.go = asyncio.Event()

    async def export(self, job: int, wish: ExportWish) -> list[ExportOutcome]:
        """Waits before it begins."""
        self.exporting.set()
        await self.go.wait()
        return await super().export(job, wish)


@pytest.fixture
async def case(tmp_path: Path) -> AsyncIterator[Case]:
    case = Case(tmp_path, original=Original.DELETE)
    desk = SlowDesk()
    desk.emit = case.desk.emit
    case.desk = desk
    case.arrivals._desk = case.arrivals._finisher._desk = desk
    yield case
    await case.stop()


async def _begun(case: Case) -> Path:
    assert isinstance(case.desk, SlowDesk)
    file = case.put("a.pdf")
    case.settle()
    async with asyncio.timeout(60):
        await case.desk.exporting.wait()
    return file


async def test_an_original_goes_only_where_that_is_still_wanted(case: Case) -> None:
    file = await _begun(case)
    case.folder = msgspec.structs.replace(case.folder, original=Original.LEAVE)
    case.desk.go.set()  # type: ignore[attr-defined]
    await case.until(done=1)
    assert file.exists()
    assert sorted(case.made()) == ["a.md", "a.txt"]


async def test_of_a_folder_that_is_watched_no_more_no_original_goes(case: Case) -> None:
    file = await _begun(case)
    case.arrivals.leave(case.folder.id)
    case.folder = msgspec.structs.replace(case.folder, id="another")
    case.desk.go.set()  # type: ignore[attr-defined]
    async with asyncio.timeout(60):
        while case.arrivals._busy:
            await asyncio.sleep(0.005)
    assert file.exists()


async def test_what_was_done_while_a_folder_was_off_is_finished_when_it_is_on(case: Case) -> None:
    file, on = case.put("a.pdf"), case.folder
    case.desk.held = True
    case.desk.go.set()  # type: ignore[attr-defined]
    case.settle()
    await case.until(working=1)
    case.folder = msgspec.structs.replace(on, enabled=False)
    case.desk.go_on()
    await asyncio.sleep(0.1)
    assert case.state("a.pdf") is ArrivalState.WORKING
    case.folder = on
    case.arrivals.pick_up(on.id)
    await case.until(done=1)
    assert not file.exists()


async def test_a_clock_that_was_wrong_for_a_while_keeps_nothing_waiting(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.desk.go.set()  # type: ignore[attr-defined]
    case.desk.work["a.pdf"] = JobState.FAILED, no_room(), {}
    case.put("a.pdf")
    with monkeypatch.context() as patch:
        ahead = time.time() + 10 * 365 * 86_400
        patch.setattr(time, "time", lambda: ahead)
        case.settle()
        await case.until(waiting=1)
    case.desk.work.clear()
    case.arrivals.pick_up()
    await case.until(done=1)
