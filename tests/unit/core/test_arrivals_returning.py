"""Exports of watched documents that were away, or are seen under another name: they are nobody's documents."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.folders_file import FoldersFile
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_arrivals import SeenFile
from desktop_ocr.core.watching import Watching
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobState
from desktop_ocr.schema.watching import ArrivalState, Original, WatchedFolder
from tests.fakes.fake_desk import FakeDesk
from tests.unit.core.test_arrivals import Case

CONTENT = "a PDF with a text of its own"


class CopyingDesk(FakeDesk):
    """Exports what it got: a searchable PDF of a PDF with a text layer is the same bytes."""

    async def export(self, job: int, wish: ExportWish) -> list[ExportOutcome]:
        """A copy of the document."""
        path = self.jobs[job].path
        file = Path(wish.folder) / path.name
        shutil.copyfile(path, file)
        self.exported.append(path.name)
        return [ExportOutcome("pdf", str(file))]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Callable[..., Case]]:
    cases: list[Case] = []

    def make_case(**how: object) -> Case:
        case = Case(tmp_path, **how)
        desk = CopyingDesk()
        desk.emit, case.desk.emit = case.desk.emit, desk.emit
        case.desk = desk
        case.arrivals._desk = case.arrivals._finisher._desk = desk
        cases.append(case)
        return case

    yield make_case
    for case in cases:
        await case.stop()


@pytest.mark.parametrize("original", [Original.MOVE, Original.DELETE])
async def test_an_export_that_was_away_for_a_while_stays_where_it_is(
    make: Callable[..., Case], original: Original, tmp_path: Path
) -> None:
    """As when a share was not there, and its mount point was empty."""
    case = make(output="", formats=("pdf",), original=original)
    case.put("a.pdf", CONTENT)
    case.settle()
    await case.until(done=1)
    export = case.inbox / "a.ocr.pdf"
    assert export.read_text() == CONTENT
    export.rename(tmp_path / "elsewhere")
    case.settle()
    (tmp_path / "elsewhere").rename(export)
    case.settle()
    await case.until(done=1)
    assert export.read_text() == CONTENT, "the only copy that is left"
    export.write_text("somebody wrote a note into it")
    case.settle()
    await case.until(done=1)
    assert case.desk.added == ["a.pdf"]


async def test_exports_put_in_by_another_name_of_the_folder_are_no_documents(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    (tmp_path / "link").symlink_to(inbox)
    stored = WatchedFolder(
        str(tmp_path / "link"),
        id="1" * 32,
        output=str(inbox),
        formats=("pdf",),
        original=Original.DELETE,
        polling=True,
        settle_seconds=0.2,
    )
    file, ledger, desk = FoldersFile(tmp_path / "folders.toml"), Ledger(tmp_path / "ledger.sqlite3"), FakeDesk()
    file.store(stored)
    watching = Watching(file, ledger.arrivals, desk, lambda _: None, _formats, active=True)
    desk.emit = watching.saw
    (inbox / "a.pdf").write_text(CONTENT)
    await watching.start()
    try:
        async with asyncio.timeout(60):
            while ledger.arrivals.counts(stored.id) != {ArrivalState.DONE: 1}:
                await asyncio.sleep(0.02)
        export = inbox / "a.ocr.pdf"
        seen = SeenFile(str(tmp_path / "link" / export.name), export.stat().st_size, export.stat().st_mtime_ns)
        assert not ledger.arrivals.note(stored.id, [seen])
        assert [one.name for one in inbox.iterdir()] == ["a.ocr.pdf"]
    finally:
        await watching.close()
        ledger.close()


async def test_a_folder_that_is_now_elsewhere_leaves_behind_what_was_not_done(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    ledger, desk = Ledger(tmp_path / "ledger.sqlite3"), FakeDesk()
    watching = Watching(
        FoldersFile(tmp_path / "folders.toml"), ledger.arrivals, desk, lambda _: None, _formats, active=True
    )
    desk.emit, desk.held = watching.saw, True
    (tmp_path / "one" / "a.pdf").write_text(CONTENT)
    await watching.start()
    try:
        folder = await watching.watch(WatchedFolder(str(tmp_path / "one"), original=Original.DELETE))
        async with asyncio.timeout(60):
            while ledger.arrivals.counts(folder.id) != {ArrivalState.WORKING: 1} or not desk.jobs:
                await asyncio.sleep(0.02)
        await watching.watch(msgspec.structs.replace(folder, path=str(tmp_path / "two")))
        desk.go_on()
        async with asyncio.timeout(60):
            while any(job.state is not JobState.DONE for job in desk.jobs.values()):
                await asyncio.sleep(0.02)
            while ledger.arrivals.unfinished():  # it cannot be exported to a place below the new folder
                await asyncio.sleep(0.02)
        assert (tmp_path / "one" / "a.pdf").exists()
        assert len(desk.jobs) == 1  # it stays in the list
    finally:
        await watching.close()
        ledger.close()


async def _formats() -> list[str]:
    return ["pdf"]
