"""How the fake session exports: it writes nothing, and says what a document's name says.

"full" documents find no room on the disk, "slow" ones take an hour, "moved" ones have lost their file until it is
located, and PDFs of "odd" ones come with a note.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.schema.errors import ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import FORMATS, ExportWish, FormatInfo
from desktop_ocr.schema.jobs import JobView

NO_ROOM = ErrorInfo(ErrorCode.DISK_FULL, "The disk is full.", "Make room and export again.")
NO_FILE = ErrorInfo(ErrorCode.NOT_FOUND, "The document's file is not there any more.", "Locate it.")
NO_PDFA = "PDF/A could not be made: Ghostscript is not installed."
EPUB = FormatInfo("epub", ".epub", "E-book", "For readers of e-books", ours=False)


class FakeExports:
    """The part of the fake session that exports."""

    def __init__(self, asked: list[tuple[str, object]], view: Callable[[int], JobView]) -> None:
        self._asked = asked
        self._view = view
        self.foreign: tuple[FormatInfo, ...] = ()
        self.located: set[int] = set()

    async def formats(self) -> list[FormatInfo]:
        """The program's own, and those that were put there."""
        return [*FORMATS, *self.foreign]

    async def export(
        self, job: int, wish: ExportWish, *, full_name: bool, progress: Callable[[int, int], None] | None
    ) -> list[ExportOutcome]:
        """Say that it was done."""
        view, folder = self._view(job), Path(wish.folder)
        self._asked.append(("export", (job, wish.formats, folder, wish.overwrite, full_name)))
        self._asked.append(("wish", wish))
        if progress is not None and view.pages_total > 1:
            progress(view.pages_done // 2, view.pages_total)
        if "slow" in view.name:
            await asyncio.sleep(3600)
        return [self._outcome(view, kind, folder) for kind in wish.formats]

    def _outcome(self, view: JobView, kind: str, folder: Path) -> ExportOutcome:
        path = str(folder / f"{Path(view.path).stem}.{kind}")
        if "full" in view.name:
            return ExportOutcome(kind, path, NO_ROOM)
        if "moved" in view.name and kind == "pdf" and view.job not in self.located:
            return ExportOutcome(kind, path, NO_FILE)
        notes = (NO_PDFA,) if "odd" in view.name and kind == "pdf" else ()
        others = (f"{path}-2",) if kind == "csv" else ()
        return ExportOutcome(kind, path, others=others, notes=notes)
