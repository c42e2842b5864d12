"""What a session does for the library beside its documents: it is searched, caught up with, and cleaned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.core.index_catch_up import IndexCatchUp
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.library import Library
from desktop_ocr.core.library_cleaning import LibraryCleaner
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.own_pictures import OwnPictures
from desktop_ocr.schema.errors import DesktopOcrError

log = logging.getLogger(__name__)

REST_SECONDS = 2.0
"""After the start before anything is done: the window is painted first."""


class LibraryWork:
    """The parts of the library.

    Attributes:
        library: is searched.
        catch_up: makes pages of former versions ready for that.
        cleaner: forgets what is not to be kept.
        pictures: leave with the documents that are made of them.
    """

    def __init__(
        self,
        file: Path | None,
        ledger: Ledger,
        leases: Leases,
        live: LiveSettings,
        busy: Callable[[], bool],
        pictures: Path | None = None,
    ) -> None:
        """Begin nothing yet. See `LibraryCleaner`; `pictures`: the folder of those that the program saves itself."""
        self.pictures = OwnPictures(pictures, ledger)
        self.catch_up = IndexCatchUp(file)
        self.library = Library(file, ledger, self.catch_up)
        self.cleaner = LibraryCleaner(file, ledger, leases, live, busy, self.pictures)

    async def tend(self) -> None:
        """Do what is done once, after the start."""
        await asyncio.sleep(REST_SECONDS)
        await self.catch_up.run()
        try:
            await self.cleaner.clean_by_itself()
        except DesktopOcrError as error:
            log.warning("the library could not be cleaned up: %s", error)

    async def close(self) -> None:
        """Stop all of it."""
        await self.library.close()
        await self.catch_up.close()
        await self.cleaner.close()
