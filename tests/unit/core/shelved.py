"""The commands of the library on a real ledger, without hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.attention import Attention
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.leases import Leases
from desktop_ocr.core.ledger import Ledger, PageCost, PageKey, options_key
from desktop_ocr.core.library_commands import LibraryCommands
from desktop_ocr.core.library_work import LibraryWork
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.opening import Opener
from desktop_ocr.core.review_commands import ReviewCommands
from desktop_ocr.schema.document_messages import DocumentInfo
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.jobs import JobOptions, JobState
from desktop_ocr.schema.library import LibraryFound, LibraryQuery
from desktop_ocr.schema.results import PageResult
from desktop_ocr.schema.settings import Settings


class FakeFreer:
    """Holds no document back."""

    def forget(self, job: int) -> None: ...


class Shelf(LibraryCommands, ReviewCommands):
    """The commands, with what of a session they need."""

    def __init__(self, file: Path | None, settings: Settings | None = None, pictures: Path | None = None) -> None:
        self.events: list[Event] = []
        self.busy = False
        self.tasks: set[asyncio.Task[None]] = set()
        self._private = file is None
        self._ledger = Ledger(file)
        self._ledger._rows("PRAGMA synchronous = OFF")  # no power cut in these tests
        self._live = LiveSettings(settings or Settings())
        self._leases = Leases(self._ledger)
        self._opener = Opener(self._live, self._ledger, None)  # type: ignore[arg-type]  # it opens no file
        self._freer = FakeFreer()  # type: ignore[assignment]
        self._library = LibraryWork(file, self._ledger, self._leases, self._live, lambda: self.busy, pictures)
        self._documents = Documents(
            self._ledger,
            self._opener,
            Attention(),
            self._leases,
            self.events.append,
            _nothing,
            _nothing,
            lambda _: None,
        )
        self._documents.restore(self._ledger.jobs())

    def add(
        self,
        path: str,
        *pages: PageResult,
        content: str = "",
        selection: str = "",
        options: JobOptions | None = None,
        kind: str = "PDF",
        count: int = 6,
    ) -> int:
        """A document in the list, with what is stored of it."""
        options = options or JobOptions()
        job = self._ledger.add_job(path, options, selection, "")
        content = (content or path).encode().hex()
        document = self._ledger.set_document(job, DocumentInfo(kind, count, content.ljust(64, "0"), 1))
        for one in pages:
            self._ledger.commit_page(PageKey(document, options_key(options)), one, PageCost(1.0))
        self._ledger.set_state(job, JobState.DONE)
        row = self._ledger.job(job)
        assert row is not None
        self._documents.put_restored(row)
        return job

    def key(self, job: int) -> PageKey:
        row = self._ledger.job(job)
        assert row is not None
        assert row.document is not None
        return PageKey(row.document, options_key(row.options))

    def set(self, **changes: object) -> None:
        self._live.now = msgspec.structs.replace(self._live.now, **changes)

    async def look(self, text: str, **more: Any) -> LibraryFound:
        return await self.search(LibraryQuery(text, **more))

    async def places(self, text: str, **more: Any) -> list[tuple[int, int]]:
        return [(hit.job, hit.page) for hit in (await self.look(text, **more)).hits]

    @property
    def listed(self) -> list[int]:
        return [view.job for view in self._documents.views()]

    async def close(self) -> None:
        await self._library.close()
        await asyncio.gather(*self.tasks)
        self._ledger.close()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.tasks.add(task)
        return task


async def _nothing() -> None: ...
