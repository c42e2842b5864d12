"""What the window may ask of the core about what goes on beside the list: the library, watched folders, waiting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from desktop_ocr.schema.exports import ExportMade
from desktop_ocr.schema.library import LibraryFound, LibraryQuery, LibrarySize
from desktop_ocr.schema.receipts import Receipt
from desktop_ocr.schema.watching import Arrival, WatchedFolder, WatchedView


class BackgroundApi(Protocol):
    """A part of `SessionApi`."""

    # --- library --------------------------------------------------------------------------------------------

    async def search(self, query: LibraryQuery) -> LibraryFound:
        """Look through everything that is stored, best hits first. It never waits for pages in work.

        Raises:
            DesktopOcrError: CANCELLED, something else was looked for meanwhile; LEDGER, it cannot be read.
        """

    async def library_size(self) -> LibrarySize:
        """How much is stored."""

    async def list_again(self, job: int) -> None:
        """Put a document of the library into the list; one that is there already stays as it is.

        Raises:
            DesktopOcrError: NOT_FOUND, it is not in the library any more; USAGE, another running program works at it.
        """

    async def forget(self, jobs: Sequence[int]) -> None:
        """Cancel jobs, and delete their stored pages from list and library. The user's files are not touched.

        Those that another running program works at stay.
        """

    async def clean_library(self) -> int:
        """Forget what the settings no longer want to keep, and give the space back; how many documents went."""

    # --- documents ------------------------------------------------------------------------------------------

    async def exports_made(self, job: int) -> list[ExportMade]:
        """Files that were made of a document, the latest first; of one that was written again, the last time only."""

    async def receipt(self, job: int) -> Receipt:
        """What became of a document's pages so far."""

    # --- watched folders ------------------------------------------------------------------------------------

    async def watched(self) -> list[WatchedView]:
        """All watched folders."""

    async def watch(self, folder: WatchedFolder) -> WatchedFolder:
        """Store a watched folder, and begin to watch it; one with an `id` takes the place of the former one.

        Returns:
            The folder as it was stored.

        Raises:
            DesktopOcrError: USAGE or NO_PERMISSION, it cannot be as it is wanted: it is no folder, it is watched
                already, its exports would come to be watched themselves.
        """

    async def unwatch(self, folder: str) -> None:
        """Watch a folder (its id) no more. Its documents stay in the list."""

    async def arrivals(self, folder: str = "") -> list[Arrival]:
        """Files that came to a watched folder, or to all of them, and are not DONE or SAME; the latest first."""

    async def retry_arrivals(self, folder: str = "", paths: Sequence[Path] = ()) -> int:
        """Try files that failed or wait again, now; all of a folder, or of all, without `paths`. How many."""

    # --- waiting --------------------------------------------------------------------------------------------

    async def work_anyway(self) -> None:
        """Take pages although the settings say to wait (`WorkWaits`), until the reason has passed once."""
