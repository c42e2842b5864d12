"""What the window and the command line may ask of the core: `SessionApi`, implemented by `session.Session`.

All coroutines run on the session's own event loop (the window's worker thread, or `asyncio.run`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from desktop_ocr.core.background_api import BackgroundApi
from desktop_ocr.core.review_api import ReviewApi
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.exports import ExportWish, FormatInfo
from desktop_ocr.schema.jobs import JobOptions, JobView, PageView
from desktop_ocr.schema.memory import FreeReport, MemoryStats
from desktop_ocr.schema.model_store import InstallPlan, StoredModel
from desktop_ocr.schema.results import Box, PageResult
from desktop_ocr.schema.settings import Settings


class Refused(msgspec.Struct, frozen=True):
    """A path that gave no job, and why."""

    path: str
    error: ErrorInfo


class Added(msgspec.Struct, frozen=True):
    """What `add` made of a list of paths: jobs by number, in the order of the files, and what was refused."""

    jobs: tuple[int, ...]
    refused: tuple[Refused, ...] = ()


class PagePicture(msgspec.Struct, frozen=True):
    """An encoded picture (PNG or JPEG) of a page; `width` and `height` in pixels, the page's size in points."""

    data: bytes
    width: int
    height: int
    page_width: float
    page_height: float


class ExportOutcome(msgspec.Struct, frozen=True):
    """One output file: where it is, or why it is not. `unchanged`: it was there already with the same bytes.

    `others` are files that belong to it (pictures, further tables); `notes` what could not be done as wanted. `lacking`
    is why the document's own file could not be used, where pictures were left out for it: it may be found.
    """

    format: str
    path: str
    error: ErrorInfo | None = None
    unchanged: bool = False
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lacking: ErrorInfo | None = None


class SessionApi(ReviewApi, BackgroundApi, Protocol):
    """The core as its users see it. Events arrive through the `emit` callable given at construction."""

    async def open(self) -> None:
        """Sweep old temporary folders, open the ledger, and emit `JobChanged` for each job it holds.

        Jobs that a former run left unfinished come back PAUSED: the user decides whether they go on.
        """

    async def add(
        self,
        paths: Sequence[Path],
        *,
        options: JobOptions | None = None,
        pages: str | None = None,
        password: str | None = None,
        fresh: bool = False,
    ) -> Added:
        """Make jobs of files; folders stand for the documents in them, sub-folders included.

        Args:
            paths: files and folders.
            options: None for the settings' own.
            pages: like "1-3,7", counted from 1; None for all.
            password: tried on every file that asks for one.
            fresh: recognise again what is stored already.
        """

    async def pause(self, job: int) -> None:
        """Stop after the pages in work."""

    async def resume(self, job: int) -> None:
        """Go on with a paused or cancelled job."""

    async def cancel(self, job: int) -> None:
        """Stop after the pages in work; what is finished stays."""

    async def remove(self, job: int) -> None:
        """Cancel a job and take it off the list. Its stored pages stay in the library, unless the settings say
        otherwise (`keep_removed`) or there are none. The user's file is not touched.
        """

    async def retry(self, job: int) -> None:
        """Try the failed pages, or the whole failed document, again."""

    async def give_password(self, job: int, password: str) -> None:
        """Try a password on a job that needs one; a wrong one leads to NEEDS_PASSWORD again, with the error."""

    async def pages(self, job: int) -> list[PageView]:
        """The job's pages in order."""

    async def result(self, job: int, page: int) -> PageResult | None:
        """A page's result, with what a person has changed of it; None where the page is not finished."""

    async def picture(
        self, job: int, page: int, max_width: int, max_height: int, region: Box | None = None
    ) -> PagePicture:
        """A picture of the page, upright where it was recognised already, fitting the box in pixels.

        A page that was flattened before it was read (`PageResult.unwarped`) is drawn as it lies in the file: the
        places of its result fit it only roughly.

        Args:
            job, page: which.
            max_width, max_height: in pixels.
            region: x0, y0, x1, y1 as parts (0 to 1) of the upright page; None for all of it. The picture's
                `page_width` and `page_height` are those of the whole page in any case.

        Raises:
            DesktopOcrError: NOT_FOUND, or FILE_CHANGED: the text would be another file's (see `relocate`); the file
                cannot be read for other reasons.
        """

    async def export(
        self,
        job: int,
        wish: ExportWish,
        *,
        full_name: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ExportOutcome]:
        """Write pages as files into a folder (made if missing); errors are part of the outcomes.

        Args:
            job: which.
            wish: what to write.
            full_name: keep the document's own ending ("a.png.txt"), where two documents differ only in it.
            progress: told now and then how many pages, over all files, are written, and of how many.
        """

    async def export_formats(self) -> list[FormatInfo]:
        """What can be exported: what comes with the program first, then other packages' formats."""

    async def recognise_again(self, job: int, pages: Sequence[int]) -> None:
        """Do pages again that are finished or failed: those made with less for want of memory, say.

        What is stored of a page stays until the new result takes its place; what a person has changed of it stays
        what is shown and exported, until the user takes the new one (`PageVersion.newer`).
        """

    async def options(self, job: int) -> JobOptions:
        """What a document is recognised with."""

    async def set_options(self, job: int, options: JobOptions, *, keep_edited: bool = True) -> None:
        """Recognise a document again with other options; the same ones change nothing.

        Pages that a person has changed are taken over as they are, unless `keep_edited` is off. Pages that were done
        with the new options before are there at once. Those of the former options stay stored as long as the document
        is in the list, and are there again when somebody goes back.
        """

    # --- memory ---------------------------------------------------------------------------------------------

    async def free(self) -> FreeReport:
        """Give all memory back: pause what runs, let pages in work finish for a moment, end all hosts, measure.

        A page that did not finish waits again; documents that were running are PAUSED until `resume_work`. Emits
        `WorkHeld` where there were such, and `Freed`. Exports in work are broken off with an error. While it runs,
        a second call waits for the first and returns its report.
        """

    async def resume_work(self) -> int:
        """Go on with the documents that `free`, or a shortage of memory, has paused. Emits `WorkResumed`.

        Returns:
            How many documents go on.
        """

    async def go_on_anyway(self) -> None:
        """Let background documents work although memory is short, until it has been enough again."""

    async def look_at(self, job: int | None, page: int | None) -> None:
        """What the user sees: this page comes first, then its document, then the others (the background)."""

    async def unload_model(self, model: str, service: str) -> None:
        """Unload one model now.

        Raises:
            DesktopOcrError: USAGE, a page uses it at this moment.
        """

    async def stats(self) -> MemoryStats:
        """Everything that is known of memory, models, services and the queue, now."""

    async def change_settings(self, settings: Settings) -> None:
        """Work by these settings from now on.

        Running pages are finished by the old ones; one that takes longer than a few seconds is put back instead, and
        done again by the new ones.
        """

    async def dump(self) -> Path:
        """Write a diagnostic dump (samples, models, services, processes, last log lines; no document text).

        Returns:
            The file.
        """

    # --- models ---------------------------------------------------------------------------------------------

    async def stored_models(self) -> list[StoredModel]:
        """All models that the program knows, installed or not, in the catalog's order."""

    async def plan_install(self, names: Sequence[str]) -> InstallPlan:
        """What `install_models` would download, so that the user can be asked; nothing is begun.

        Args:
            names: as for `install_models`.

        Raises:
            DesktopOcrError: USAGE for a name that is not known.
        """

    async def install_models(self, names: Sequence[str]) -> None:
        """Begin to download models; `StoredModelChanged` tells how it goes. The user has agreed to it.

        Args:
            names: of models, or of profiles ("full"), which stand for all that they need.

        Raises:
            DesktopOcrError: USAGE for a name that is not known, DISK_FULL where there is no room for them.
        """

    async def cancel_install(self, name: str) -> None:
        """Stop a download; what has come stays, and the next one goes on from there."""

    async def remove_model(self, name: str) -> None:
        """Delete a downloaded model's files.

        Raises:
            DesktopOcrError: USAGE for one that came with the program.
        """

    async def verify_model(self, name: str) -> None:
        """Read a model's files and compare them with what was noted when they were installed.

        Raises:
            DesktopOcrError: MODEL_DAMAGED, MODEL_MISSING.
        """

    async def import_models(self, folder: Path) -> list[str]:
        """Take over models that were downloaded on another machine; their ids.

        Args:
            folder: of one model, or of several such folders.

        Raises:
            DesktopOcrError: USAGE where there is none in it; why one of several was refused, when the others have
                been taken over: the message names both.
        """

    async def close(self) -> None:
        """Stop taking work, end and await the hosts, close the ledger, remove the temporary folder."""

    def views(self) -> list[JobView]:
        """All jobs, oldest first."""
