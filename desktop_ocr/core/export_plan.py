"""Which files an export is: formats, pages and names."""

from __future__ import annotations

import datetime
from pathlib import Path

from desktop_ocr.core.export_names import FileNames, check_pattern
from desktop_ocr.core.exporter import job_error
from desktop_ocr.core.job import Job
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import ExportWish, FormatInfo


class ExportPlan:
    """The files of one wish for one document."""

    def __init__(self, job: Job, wish: ExportWish, *, full_name: bool, today: datetime.date) -> None:
        """Look at the wish.

        Args:
            job: the document.
            wish: what is wanted.
            full_name: keep the document's own ending, where two documents differ only in it.
            today: for the names.

        Raises:
            DesktopOcrError: it has no pages yet; there are no such pages; the pattern gives no names.
        """
        if job.key is None or job.info is None:
            raise job_error(job)
        check_pattern(wish.pattern)
        wanted = set(parse_pages(wish.pages, job.info.pages))
        self.pages = [page for page in job.chosen if page in wanted]
        if not self.pages:
            raise DesktopOcrError(
                ErrorCode.NO_SUCH_PAGE, f"None of the pages '{wish.pages}' was to be recognised.", "Choose other pages."
            )
        self._path = job.path
        self._folder = Path(wish.folder)
        self._per_page = wish.per_page
        name = job.path.name if full_name else job.path.stem
        self._names = FileNames(wish.pattern, name, job.info.pages, today)

    def files(self, info: FormatInfo) -> list[tuple[Path, list[int]]]:
        """The files of one format: where, and of which pages."""
        if self._per_page:
            return [(self._target(self._names.of_page(page), info), [page]) for page in self.pages]
        return [(self._target(self._names.of_pages(self.pages), info), self.pages)]

    def _target(self, name: str, info: FormatInfo) -> Path:
        target = self._folder / f"{name}{info.suffix}"
        if target == self._path:  # a searchable PDF beside its original
            target = self._folder / f"{name}.ocr{info.suffix}"
        return target
