"""Exports: stored pages streamed to the document host, which writes the file."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.names import is_text, shown
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.document_messages import (
    PART_PREFIX,
    PART_SUFFIX,
    DropExport,
    Exported,
    ExportPage,
    FinishExport,
    StartExport,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import FORMATS
from desktop_ocr.schema.messages import Done, Ping

SOURCE_FORMATS = frozenset({"pdf"})  # made of the pages stored and of the document itself
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

    def __init__(
        self, live: LiveSettings, ledger: Ledger, reader: HostSlot, check_unchanged: Callable[[Job], Awaitable[None]]
    ) -> None:
        """Read from `ledger`, write through the document host.

        `check_unchanged` raises where a job's file is not the one whose pages are stored.
        """
        self._live = live
        self._ledger = ledger
        self._reader = reader
        self._check_unchanged = check_unchanged
        self._numbers = itertools.count(1)

    async def export(self, job: Job, kind: str, target: Path, *, overwrite: bool) -> ExportOutcome:
        """One file. Errors are part of the outcome: other files go on.

        A document host that dies on the way costs a second attempt; nothing half-written stays.
        """
        try:
            names = [info.name for info in FORMATS]
            if kind not in names:
                raise DesktopOcrError(
                    ErrorCode.USAGE, f"There is no format '{kind}'.", f"Choose of {', '.join(names)}."
                )
            if job.key is None or job.info is None:
                raise job_error(job)
            target = await asyncio.to_thread(_prepared, target, job.path)
            if kind in SOURCE_FORMATS:
                await self._check_unchanged(job)
            for attempt in range(1, self._live.now.attempts + 1):
                try:
                    done = await self._write(job, kind, target, overwrite=overwrite)
                    return ExportOutcome(kind, done.path, unchanged=done.unchanged)
                except DesktopOcrError as error:
                    if not error.retryable or attempt == self._live.now.attempts:
                        raise
        except DesktopOcrError as error:
            info = error.info
            if error.code is ErrorCode.FREED:
                info = ErrorInfo(error.code, "The export was stopped to give memory back.", "Export again.")
            return ExportOutcome(kind, shown(target), info)
        except OSError as error:
            a_file = isinstance(error, (FileExistsError, NotADirectoryError))
            reason = "there is a file of that name" if a_file else error.strerror
            info = ErrorInfo(
                ErrorCode.EXPORT_FAILED,
                f"The folder '{shown(target.parent)}' cannot be used ({reason}).",
                "Choose another folder.",
            )
            return ExportOutcome(kind, shown(target), info)
        raise AssertionError("at least one attempt is made")

    async def _write(self, job: Job, kind: str, target: Path, *, overwrite: bool) -> Exported:
        assert job.key is not None  # noqa: S101 - checked by `export`
        assert job.info is not None  # noqa: S101
        number = next(self._numbers)
        await self._step(Ping())  # from here on there is a host, whose number its unfinished files carry
        generation, pid = self._reader.generation, self._reader.pid
        start = StartExport(number, kind, job.source, str(target), overwrite, job.info.pages)
        try:
            await self._reader.ask(start, Done, self._live.now.export_seconds)  # a PDF is copied here
            for page, result, error in self._ledger.results(job.key, job.chosen):
                await self._step(ExportPage(number, page, result, error))
            return await self._reader.ask(FinishExport(number), Exported, self._live.now.export_seconds)
        except BaseException as error:
            if pid is not None and self._reader.pid != pid:
                # The host is gone, and could not delete what it had begun; another one knows nothing of this export.
                _delete_parts(target.parent, pid)
                if isinstance(error, Exception) and self._reader.generation != generation:
                    text = "The document process ended during the export."
                    raise DesktopOcrError(ErrorCode.HOST_DIED, text) from error
                raise
            try:
                await asyncio.shield(self._step(DropExport(number)))
            except DesktopOcrError:
                # It is being ended, because the program closes say, and may not come to deleting it any more.
                await asyncio.shield(self._reader.release())
                if pid is not None:
                    _delete_parts(target.parent, pid)
            raise

    async def _step(self, body: Ping | ExportPage | DropExport) -> None:
        await self._reader.ask(body, Done, STEP_SECONDS)


def _prepared(target: Path, original: Path) -> Path:
    """Make the output's folder; returns the output, under another name where it would take its original's place.

    Raises:
        DesktopOcrError: the name cannot be told to the document host.
        OSError: the folder cannot be made.
    """
    if not is_text(target):
        raise DesktopOcrError(ErrorCode.USAGE, "The folder's name is not text in UTF-8.", "Choose another folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    # The same folder may have two names, and a file system may take "a.PDF" and "a.pdf" for one.
    if target.exists() and original.exists() and target.samefile(original):
        target = target.with_name(f"{target.stem}.ocr{target.suffix}")
    return target


def _delete_parts(folder: Path, pid: int) -> None:
    for part in folder.glob(f"{PART_PREFIX}{pid}-*{PART_SUFFIX}*"):
        with contextlib.suppress(OSError):
            part.unlink()


def job_error(job: Job) -> DesktopOcrError:
    """Why a job has no pages to export."""
    if job.error is not None:
        return DesktopOcrError.from_info(job.error)
    return DesktopOcrError(ErrorCode.CANCELLED, f"'{job.path.name}' has no finished pages yet.")
