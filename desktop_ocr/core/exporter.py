"""Exports: stored pages streamed to the document host, which writes the file."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.messages import Done, DropExport, Exported, ExportPage, FinishExport, StartExport
from desktop_ocr.schema.settings import Settings

FORMATS = ("txt", "md", "json", "pdf")
STEP_SECONDS = 60.0


def target_name(path: Path, kind: str, folder: Path, *, full_name: bool = False) -> Path:
    """The output file for a document.

    Args:
        path: of the document.
        kind: the format, which is also the ending.
        folder: of the output.
        full_name: keep the document's own ending too ("a.png.txt"), where two documents differ only in it.
    """
    stem = path.name if full_name else path.stem
    target = folder / f"{stem}.{kind}"
    if target == path:  # a searchable PDF beside its original
        target = folder / f"{stem}.ocr.{kind}"
    return target


class Exporter:
    """Writes stored pages as files. Several exports may run; each is its own file."""

    def __init__(self, settings: Settings, ledger: Ledger, reader: HostSlot) -> None:
        """Read from `ledger`, write through the document host."""
        self._settings = settings
        self._ledger = ledger
        self._reader = reader
        self._numbers = itertools.count(1)

    async def export(self, job: Job, kind: str, target: Path, *, overwrite: bool) -> ExportOutcome:
        """One file. Errors are part of the outcome: other files go on.

        A document host that dies on the way costs a second attempt; nothing half-written stays.
        """
        try:
            if kind not in FORMATS:
                raise DesktopOcrError(
                    ErrorCode.USAGE, f"There is no format '{kind}'.", f"Choose of {', '.join(FORMATS)}."
                )
            if job.key is None or job.info is None:
                raise job_error(job)
            await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
            for attempt in range(1, self._settings.attempts + 1):
                try:
                    done = await self._write(job, kind, target, overwrite=overwrite)
                    return ExportOutcome(kind, done.path, unchanged=done.unchanged)
                except DesktopOcrError as error:
                    if not error.retryable or attempt == self._settings.attempts:
                        raise
        except DesktopOcrError as error:
            return ExportOutcome(kind, str(target), error.info)
        except OSError as error:
            info = ErrorInfo(
                ErrorCode.EXPORT_FAILED,
                f"The folder '{target.parent}' cannot be used ({error.strerror}).",
                "Choose another folder.",
            )
            return ExportOutcome(kind, str(target), info)
        raise AssertionError("at least one attempt is made")

    async def _write(self, job: Job, kind: str, target: Path, *, overwrite: bool) -> Exported:
        assert job.key is not None  # noqa: S101 - checked by `export`
        assert job.info is not None  # noqa: S101
        number = next(self._numbers)
        await self._step(StartExport(number, kind, job.source, str(target), overwrite, job.info.pages))
        generation = self._reader.generation
        try:
            for page, result, error in self._ledger.results(job.key, job.chosen):
                await self._step(ExportPage(number, page, result, error))
            return await self._reader.ask(FinishExport(number), Exported, self._settings.export_seconds)
        except BaseException as error:
            if self._reader.generation != generation:
                # What the old host had gathered is gone with it; the new one knows nothing of this export.
                raise DesktopOcrError(ErrorCode.HOST_DIED, "The document process ended during the export.") from error
            with contextlib.suppress(DesktopOcrError):
                await asyncio.shield(self._step(DropExport(number)))
            raise

    async def _step(self, body: StartExport | ExportPage | DropExport) -> None:
        await self._reader.ask(body, Done, STEP_SECONDS)


def job_error(job: Job) -> DesktopOcrError:
    """Why a job has no pages to export."""
    if job.error is not None:
        return DesktopOcrError.from_info(job.error)
    return DesktopOcrError(ErrorCode.CANCELLED, f"'{job.path.name}' has no finished pages yet.")
