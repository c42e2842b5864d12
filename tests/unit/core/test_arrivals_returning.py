"""Exports of watched documents that were away, or are seen under another name: they are nobody's documents."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.watching import Original
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
