"""The part of `SessionApi` that is about what is stored: searching it, and what leaves or comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.freeing import Freer
from desktop_ocr.core.job import Job
from desktop_ocr.core.leases import Leases, worked_at_elsewhere
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.library_work import LibraryWork
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.receipts import receipt_of
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.library import LibraryFound, LibraryQuery, LibrarySize
from desktop_ocr.schema.receipts import Receipt


class LibraryCommands:
    """Hands them on to the library and the list."""

    _documents: Documents
    _freer: Freer
    _leases: Leases
    _ledger: Ledger
    _library: LibraryWork
    _opener: Opener
    _live: LiveSettings
    _private: bool

    async def search(self, query: LibraryQuery) -> LibraryFound:
        """See `BackgroundApi.search`."""
        return await self._library.library.search(query)

    async def library_size(self) -> LibrarySize:
        """See `BackgroundApi.library_size`."""
        return await self._library.library.size()

    async def list_again(self, job: int) -> None:
        """See `BackgroundApi.list_again`."""
        if job in self._documents.jobs or job in self._documents.elsewhere:
            return
        row = self._ledger.job(job)
        if row is None:
            raise _not_there()
        if self._leases.elsewhere(row):
            raise worked_at_elsewhere(Path(row.path).name, row.title)
        self._ledger.library.put_back(job)
        self._documents.put_restored(row)

    async def remove(self, job: int) -> None:
        """See `SessionApi.remove`."""
        if job in self._documents.jobs or job in self._documents.elsewhere:
            self._documents.own(job)
        row = self._ledger.job(job)
        self._documents.remove(job, keep=self._live.now.keep_removed and not self._private)
        self._freer.forget(job)
        if row is not None and self._ledger.job(job) is None:
            self._library.pictures.drop(row.path)

    async def forget(self, jobs: Sequence[int]) -> None:
        """See `BackgroundApi.forget`."""
        for job in jobs:
            row = self._ledger.job(job)
            if row is None or self._leases.elsewhere(row):
                continue
            if job in self._documents.jobs:
                self._documents.remove(job)
                self._freer.forget(job)
            else:
                self._ledger.remove_job(job)
                self._documents.drop(job)
            self._library.pictures.drop(row.path)
            await asyncio.sleep(0)  # each waits for the disk: others get their turn
        self._spawn(self._library.cleaner.give_back(), "giving back space")

    async def clean_library(self) -> int:
        """See `BackgroundApi.clean_library`."""
        return await self._library.cleaner.clean()

    async def receipt(self, job: int) -> Receipt:
        """See `BackgroundApi.receipt`. Of documents of the library that are not in the list, too."""
        found = self._anywhere(job)
        return receipt_of(found, self._documents.pages(found))

    async def options(self, job: int) -> JobOptions:
        """See `SessionApi.options`. Of documents of the library that are not in the list, too."""
        return self._anywhere(job).options

    # --- inside -------------------------------------------------------------------------------------------

    def _anywhere(self, job: int) -> Job:
        """A job of the list, or as the library has it."""
        if job in self._documents.jobs or job in self._documents.elsewhere:
            return self._documents.job(job)
        row = self._ledger.job(job)
        if row is None:
            raise _not_there()
        return self._opener.restore(row)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """The session's own tasks, which end with it."""
        raise NotImplementedError


def _not_there() -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.NOT_FOUND, "This document is not in the library any more.")
