"""The part of `SessionApi` that is about watched folders."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_ocr.core.api import Added, ExportOutcome
from desktop_ocr.core.documents import Documents
from desktop_ocr.core.exports import Exports
from desktop_ocr.core.folders_file import FoldersFile
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.watching import Watching
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.exports import ExportWish
from desktop_ocr.schema.jobs import JobOptions, JobView, PageView
from desktop_ocr.schema.watching import Arrival, WatchedFolder, WatchedView

if TYPE_CHECKING:
    from desktop_ocr.core.session import Session

log = logging.getLogger(__name__)


class WatchCommands:
    """Hands them on."""

    _watching: Watching

    def _overheard(self, emit: Callable[[Event], None]) -> Callable[[Event], None]:
        """Emits events after watched folders have seen them: they follow their documents."""

        def tell(event: Event) -> None:
            self._watching.saw(event)
            emit(event)

        return tell

    async def watched(self) -> list[WatchedView]:
        """See `BackgroundApi.watched`."""
        return await self._watching.views()

    async def watch(self, folder: WatchedFolder) -> WatchedFolder:
        """See `BackgroundApi.watch`."""
        return await self._watching.watch(folder)

    async def unwatch(self, folder: str) -> None:
        """See `BackgroundApi.unwatch`."""
        await self._watching.unwatch(folder)

    async def arrivals(self, folder: str = "") -> list[Arrival]:
        """See `BackgroundApi.arrivals`."""
        return self._watching.listed(folder)

    async def retry_arrivals(self, folder: str = "", paths: Sequence[Path] = ()) -> int:
        """See `BackgroundApi.retry_arrivals`."""
        return self._watching.retry(folder, paths)


class SessionDesk:
    """What watched folders do with a session."""

    def __init__(
        self, session: Session, live: LiveSettings, documents: Documents, ledger: Ledger, exports: Exports
    ) -> None:
        """For `session`."""
        self._session = session
        self._live = live
        self._documents = documents
        self._ledger = ledger
        self._exports = exports

    async def add(self, paths: Sequence[Path], *, options: JobOptions | None = None) -> Added:
        """See `SessionApi.add`. Nobody is asked about what is stored of it already."""
        options = options or self._live.now.options
        return await self._documents.add(paths, options, "", None, fresh=False, unattended=True)

    async def resume(self, job: int) -> None:
        """See `SessionApi.resume`."""
        await self._session.resume(job)

    async def retry(self, job: int) -> None:
        """See `SessionApi.retry`."""
        await self._session.retry(job)

    async def remove(self, job: int) -> None:
        """See `SessionApi.remove`."""
        await self._session.remove(job)

    async def pages(self, job: int) -> list[PageView]:
        """See `SessionApi.pages`."""
        return await self._session.pages(job)

    async def export(self, job: int, wish: ExportWish) -> list[ExportOutcome]:
        """See `SessionApi.export`. It goes to a folder of its own, which is made anew after a kill."""
        return await self._exports.export(self._documents.job(job), wish, noted=False)

    def views(self) -> list[JobView]:
        """See `SessionApi.views`."""
        return self._documents.views()

    def view(self, job: int) -> JobView | None:
        """A job; None where it is not in the list."""
        try:
            found = self._documents.job(job)
        except DesktopOcrError:
            return None
        return found.view()

    def unattended(self, job: int) -> bool:
        """Whether no person has added a job."""
        found = self._documents.jobs.get(job)
        return found is not None and found.unattended

    def moved(self, job: int, path: Path) -> None:
        """A job's file is somewhere else now: it is found there when somebody looks at it in the library."""
        try:
            self._ledger.files.move(job, str(path))
        except DesktopOcrError as error:
            log.warning("where the file of job %d is could not be stored: %s", job, error.code)
        found = self._documents.jobs.get(job)
        if found is not None:
            found.path = path
            self._documents.show(found)


def watching_of(
    session: Session,
    live: LiveSettings,
    paths: AppPaths,
    ledger: Ledger,
    documents: Documents,
    exports: Exports,
    emit: Callable[[Event], None],
    active: bool,
) -> Watching:
    """The watched folders of a session."""

    async def formats() -> list[str]:
        return [known.name for known in await exports.formats.all()]

    desk = SessionDesk(session, live, documents, ledger, exports)
    return Watching(FoldersFile(paths.watched_folders), ledger.arrivals, desk, emit, formats, active=active)
