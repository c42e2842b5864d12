"""The commands of a review on real documents and a real ledger, without hosts; and pages to review."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.owners import process_owner
from desktop_ocr.core.review_commands import ReviewCommands
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.edits import (
    LineText,
    PageVersion,
    SetTexts,
)
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Line,
    PageResult,
    PageSource,
    box_polygon,
)
from desktop_ocr.schema.settings import Settings

PAGES = 6
BOX = (0.0, 0.0, 100.0, 10.0)


def page(number: int, *texts: str, confidence: float = 0.9) -> PageResult:
    lines = tuple(Line(text, box_polygon(BOX), confidence) for text in texts)
    block = Block(BlockKind.TEXT, BOX, tuple(range(len(lines))))
    return PageResult(number, 200, 100, 100, 0, PageSource.RECOGNISED, lines, (block,))


class Review(ReviewCommands):
    """The commands, with what of a session they need."""

    def __init__(self, file: Path | None) -> None:
        self.events: list[Event] = []
        self._ledger = Ledger(file)
        opener = Opener(LiveSettings(Settings()), self._ledger, None)  # type: ignore[arg-type]  # it opens no file
        self._documents = Documents(
            self._ledger,
            opener,
            Attention(),
            Leases(self._ledger),
            self.events.append,
            _nothing,
            _nothing,
            lambda _: None,
        )

    def add(self, path: str, *pages: PageResult) -> int:
        job = self._ledger.add_job(path, JobOptions(), "", process_owner())
        self._ledger.set_document(job, DocumentInfo("PDF", PAGES, "ab" * 32, 1))
        self._ledger.set_state(job, JobState.PAUSED)
        self.show()
        for one in pages:
            self._ledger.commit_page(self.key(job), one, PageCost(1.0))
        return job

    def show(self) -> None:
        self._documents.restore(self._ledger.jobs())
        self.events.clear()

    def key(self, job: int) -> PageKey:
        key = self._documents.job(job).key
        assert key is not None
        return key

    def edited(self) -> dict[int, int]:
        return {view.job: view.pages_edited for view in self._documents.views()}

    async def now(self, job: int, number: int = 0) -> PageVersion:
        version = await self.version(job, number)
        assert version is not None
        return version

    async def write(self, job: int, number: int, text: str) -> PageVersion:
        base = (await self.now(job, number)).number
        return await self.edit(job, number, SetTexts((LineText(0, text),)), base=base)


async def _nothing() -> None: ...


def texts(version: PageVersion) -> list[str]:
    return [line.text for line in version.result.lines]


async def refused(awaited: object) -> DesktopOcrError:
    with pytest.raises(DesktopOcrError) as caught:
        await awaited  # type: ignore[misc]
    return caught.value
