"""What is done for an export while it runs: `ExportContext`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from desktop_ocr.document_host.export.cutting import PictureCutter
from desktop_ocr.document_host.export.output_files import OutputFiles
from desktop_ocr.document_host.export.registry import CutPicture
from desktop_ocr.schema.document_messages import Source, StartExport
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.exports import ExportOptions, PictureMode
from desktop_ocr.schema.results import Box, PageResult


class Workbench:
    """An `ExportContext`; the notes that were made are in `notes`."""

    def __init__(self, request: StartExport, files: OutputFiles, cutter: PictureCutter) -> None:
        """Write `files`; cut pictures with `cutter`."""
        self.source: Source = request.source
        self.pages: int = request.pages
        self.chosen: int = request.chosen or request.pages
        self.options: ExportOptions = request.options
        self._files = files
        self._cutter = cutter
        self._notes: dict[str, None] = {}
        self._lost: dict[str, list[int]] = {}  # why pictures could not be cut, and on which pages

    @property
    def output(self) -> Path:
        """See `ExportContext.output`."""
        return self._files.path

    @property
    def title(self) -> str:
        """See `ExportContext.title`."""
        # A file name need not be Unicode; its other bytes become question marks.
        return self.options.title or Path(self.source.path).stem.encode("utf-8", "replace").decode()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user, in the order in which they came up."""
        return (*self._notes, *(_lost_words(pages, why) for why, pages in self._lost.items()))

    def cut(self, result: PageResult, box: Box) -> CutPicture:
        """See `ExportContext.cut`."""
        return self._cutter.cut(self.source, result, box, self.options.picture_dpi)

    def picture(self, result: PageResult, box: Box) -> CutPicture | None:
        """See `ExportContext.picture`."""
        if self.options.pictures is PictureMode.NONE:
            return None
        try:
            return self.cut(result, box)
        except DesktopOcrError as error:
            pages = self._lost.setdefault(error.info.message, [])
            if result.page not in pages[-1:]:
                pages.append(result.page)
            return None

    def beside(self, tail: str) -> Path:
        """See `ExportContext.beside`."""
        return self._files.beside(tail)

    def call_output(self, tail: str) -> None:
        """See `ExportContext.call_output`."""
        self._files.call_output(tail)

    def picture_beside(self, picture: CutPicture, page: int) -> str:
        """See `ExportContext.picture_beside`."""
        digest = hashlib.sha256(picture.data).hexdigest()[:12]
        return self._files.picture(picture.data, f"page-{page + 1}-{digest}{picture.suffix}")

    def note(self, text: str) -> None:
        """See `ExportContext.note`."""
        self._notes[text] = None


def _lost_words(pages: list[int], why: str) -> str:
    if len(pages) == 1:
        return f"Pictures of page {pages[0] + 1} are missing: {why}"
    return f"Pictures of {len(pages)} pages are missing, the first of them page {pages[0] + 1}: {why}"
