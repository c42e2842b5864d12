"""The part of `SessionApi` that is about documents in the list."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.core.documents import Documents
from desktop_ocr.core.freeing import Freer
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.names import as_text
from desktop_ocr.schema.jobs import JobOptions, JobState, PageView
from desktop_ocr.schema.results import PageResult


class DocumentCommands:
    """Hands them on to the session's documents; what was held back by "Free memory" is the user's again."""

    _documents: Documents
    _freer: Freer
    _ledger: Ledger

    async def pause(self, job: int) -> None:
        """See `SessionApi.pause`."""
        self._documents.halt(self._documents.own(job), JobState.PAUSED)

    async def cancel(self, job: int) -> None:
        """See `SessionApi.cancel`."""
        self._documents.halt(self._documents.own(job), JobState.CANCELLED)
        self._freer.forget(job)

    async def resume(self, job: int) -> None:
        """See `SessionApi.resume`."""
        self._documents.reopen(self._documents.own(job))
        self._freer.forget(job)

    async def retry(self, job: int) -> None:
        """See `SessionApi.retry`."""
        found = self._documents.own(job)
        self._documents.reset(found, found.chosen, failed_only=True)
        await self.resume(job)

    async def recognise_again(self, job: int, pages: Sequence[int]) -> None:
        """See `SessionApi.recognise_again`."""
        found = self._documents.own(job)
        self._documents.reset(found, [page for page in pages if page in found.chosen and page not in found.working])
        await self.resume(job)

    async def set_options(self, job: int, options: JobOptions, *, keep_edited: bool = True) -> None:
        """See `SessionApi.set_options`."""
        self._documents.set_options(self._documents.own(job), options, keep_edited=keep_edited)
        self._freer.forget(job)

    async def give_password(self, job: int, password: str) -> None:
        """See `SessionApi.give_password`."""
        found = self._documents.own(job)
        found.password = as_text(password)
        self._documents.reopen(found)

    async def pages(self, job: int) -> list[PageView]:
        """See `SessionApi.pages`."""
        return self._documents.pages(self._documents.job(job))

    async def result(self, job: int, page: int) -> PageResult | None:
        """See `SessionApi.result`."""
        key = self._documents.job(job).key
        return None if key is None else self._ledger.result(key, page)
