"""What the window may ask of the core about a page's text: correcting it, finding in it, reading it another way."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from desktop_ocr.schema.edits import Doubt, Edit, FindQuery, Found, PageVersion, Replaced
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.results import Box, PageResult


class ReviewApi(Protocol):
    """The part of `SessionApi` that is about looking and correcting. Pages are counted from 0."""

    # --- versions -------------------------------------------------------------------------------------------

    async def version(self, job: int, page: int) -> PageVersion | None:
        """A page as it is shown and exported; None where it is not finished."""

    async def recognised(self, job: int, page: int) -> PageResult | None:
        """A page's newest result as it was recognised, whatever was edited."""

    async def edit(self, job: int, page: int, edit: Edit, *, base: int) -> PageVersion:
        """Change a page. When it returns, the change is on the disk. Emits `PageEdited`.

        Args:
            job, page: which.
            edit: its indices are those of version `base`.
            base: number of the version that the user saw.

        Raises:
            DesktopOcrError: EDIT_STALE, the page has another version by now; USAGE, it cannot be done, and why; the
                page has something still to be looked for (PageState.PARTIAL): USAGE, too.
        """

    async def undo(self, job: int, page: int) -> PageVersion:
        """Go back by one edit; does nothing where there is none."""

    async def redo(self, job: int, page: int) -> PageVersion:
        """Make again what was undone last."""

    async def keep_edited(self, job: int, page: int) -> PageVersion:
        """The newer result is not wanted: nobody is asked again until there is another."""

    # --- finding --------------------------------------------------------------------------------------------

    async def find(self, job: int, query: FindQuery) -> Found:
        """Where something stands in the finished pages.

        Raises:
            DesktopOcrError: USAGE, the pattern is none, with the reason.
        """

    async def replace(self, job: int, query: FindQuery, by: str, *, page: int | None = None) -> Replaced:
        """Put something else wherever it stands, in one edit a page; `page` alone where that is given.

        With a pattern, `by` may name its groups (`\\1`).

        Raises:
            DesktopOcrError: as `find`.
        """

    async def next_doubt(
        self, job: int, page: int, line: int, *, word: int = -1, below: float = 0.85, backwards: bool = False
    ) -> Doubt | None:
        """The next line or word with a confidence under `below`, in reading order, after (page, line, word).

        `line` -1 stands for before the first one, or after the last one when going backwards. What a person has
        written is never in doubt. Pages that are not finished are skipped; after the last page it is over: None.
        """

    # --- another reading ------------------------------------------------------------------------------------

    async def try_page(self, job: int, page: int, options: JobOptions, region: Box | None = None) -> PageResult:
        """Recognise a page, or a rectangle of it, another way, without storing it; `edit` puts it in its place.

        Args:
            job, page: which.
            options: to read by; a text layer is not read.
            region: in the pixels of the page's result as it is; what comes back is in the same pixels, and has the
                blocks and lines of the rectangle alone.

        Raises:
            DesktopOcrError: it cannot be done, and why.
        """

    async def relocate(self, job: int, path: Path) -> None:
        """The document's file is somewhere else now.

        Raises:
            DesktopOcrError: FILE_CHANGED, it is another document; or it cannot be read.
        """
