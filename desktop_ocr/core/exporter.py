"""Exports: stored pages streamed to the document host, which writes the file."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.job import Job
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.names import is_text, shown
from desktop_ocr.core.pages import format_pages
from desktop_ocr.core.part_files import delete_parts
from desktop_ocr.hosts.answers import LieError, check_exported
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.document_messages import (
    DropExport,
    Exported,
    ExportPage,
    FinishExport,
    StartExport,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import ExportMade, ExportOptions, FormatInfo
from desktop_ocr.schema.messages import Done, Ping
from desktop_ocr.text.elements import FIGURES

log = logging.getLogger(__name__)

STEP_SECONDS = 60.0


@dataclass(frozen=True)
class OutputFile:
    """A file to write.

    Attributes:
        format: of it.
        target: wanted path; its folder need not be there.
        pages: from 0, ascending.
        options: how it is written.
        overwrite: replace a file of that name.
        lacking: why the document's own pages cannot be used, so that there are no pictures; None where they can.
    """

    format: FormatInfo
    target: Path
    pages: list[int]
    options: ExportOptions
    overwrite: bool
    lacking: ErrorInfo | None = None


class Exporter:
    """Writes stored pages as files. Several exports may run; each is its own file."""

    def __init__(self, live: LiveSettings, ledger: Ledger, reader: HostSlot) -> None:
        """Read from `ledger`, write through the document host."""
        self._live = live
        self._ledger = ledger
        self._reader = reader
        self._numbers = itertools.count(1)
        self._given: dict[str, int] = {}

    async def export(
        self,
        job: Job,
        file: OutputFile,
        told: Callable[[int], None] | None = None,
        writes: Callable[[int | None], None] = lambda _pid: None,
    ) -> ExportOutcome:
        """One file. Errors are part of the outcome: other files go on.

        A document host that dies on the way costs a second attempt; nothing half-written stays.

        Args:
            job: whose pages.
            file: to write.
            told: how many pages of it are written.
            writes: gets the number of the document host that is about to write it, of each one that does.
        """
        kind, target = file.format.name, file.target
        try:
            if job.key is None or job.info is None:
                raise job_error(job)
            target = await asyncio.to_thread(_prepared, target, job.path)
            # Of two documents that shall have one name, the second must not take the first one's place.
            overwrite = file.overwrite and self._given.get(str(target).casefold(), job.number) == job.number
            # Nor may it take the place of another document's original.
            overwrite = overwrite and not self._ledger.files.listed(os.path.abspath(target))  # noqa: PTH100
            for attempt in range(1, self._live.now.attempts + 1):
                try:
                    done, figures = await self._write(job, file, target, overwrite, told, writes)
                except DesktopOcrError as error:
                    if not error.retryable or attempt == self._live.now.attempts:
                        raise
                else:
                    self._given.setdefault(str(target).casefold(), job.number)
                    self._note(job, file, done)
                    return _outcome(file, done, figures=figures)
        except DesktopOcrError as error:
            return failed(kind, target, error)
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

    async def _write(
        self,
        job: Job,
        file: OutputFile,
        target: Path,
        overwrite: bool,
        told: Callable[[int], None] | None,
        writes: Callable[[int | None], None],
    ) -> tuple[Exported, bool]:
        """Also returns whether there are pictures in the pages."""
        assert job.key is not None  # noqa: S101 - checked by `export`
        assert job.info is not None  # noqa: S101
        number = next(self._numbers)
        await self._step(Ping())  # from here on there is a host, whose number its unfinished files carry
        generation, pid = self._reader.generation, self._reader.pid
        writes(pid)
        start = StartExport(
            number,
            file.format.name,
            job.source,
            str(target),
            overwrite,
            job.info.pages,
            file.options,
            len(file.pages),
            self._of_others(job, target),
        )
        figures = False
        try:
            await self._reader.ask(start, Done, self._live.now.export_seconds)  # a PDF is copied here
            for count, (page, result, error) in enumerate(self._ledger.results(job.key, file.pages), start=1):
                await self._step(ExportPage(number, page, result, error))
                figures = figures or (result is not None and any(block.kind in FIGURES for block in result.blocks))
                if told is not None:
                    told(count)
            done = await self._reader.ask(FinishExport(number), Exported, self._live.now.export_seconds)
            try:
                check_exported(done, target)
            except LieError as lie:
                text = "The document process gave an answer that cannot be."
                raise DesktopOcrError(ErrorCode.PROTOCOL, text) from lie
            return done, figures
        except BaseException as error:
            if pid is not None and self._reader.pid != pid:
                # The host is gone, and could not delete what it had begun; another one knows nothing of this export.
                delete_parts(target.parent, pid)
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
                    delete_parts(target.parent, pid)
            raise

    def _of_others(self, job: Job, target: Path) -> tuple[str, ...]:
        """Names like the target's in its folder that are exports of other documents; none where that is not known."""
        try:
            found = self._ledger.exports.of_others(job.number, target)
        except DesktopOcrError as error:
            log.warning("it cannot be seen whose exports are in the folder: %s", error.code)
            return ()
        return tuple(name for name in found if is_text(name))

    def _note(self, job: Job, file: OutputFile, done: Exported) -> None:
        """Note the export in the ledger. The file is there, whether that can be done or not."""
        pages = format_pages(file.pages)
        made = ExportMade(file.format.name, done.path, pages, done.size, done.notes, time.time())
        try:
            self._ledger.exports.add(job.number, made)
        except DesktopOcrError as error:
            log.warning("an export of job %d could not be noted: %s", job.number, error.code)

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


def failed(kind: str, target: Path, error: DesktopOcrError) -> ExportOutcome:
    """What is told of a file that could not be written."""
    info = error.info
    if error.code is ErrorCode.FREED:
        info = ErrorInfo(error.code, "The export was stopped to give memory back.", "Export again.")
    return ExportOutcome(kind, shown(target), info)


def _outcome(file: OutputFile, done: Exported, *, figures: bool) -> ExportOutcome:
    lacking = file.lacking if figures else None
    notes = done.notes if lacking is None else (f"Pictures were left out: {lacking}", *done.notes)
    return ExportOutcome(
        file.format.name,
        done.path,
        unchanged=done.unchanged,
        others=done.others,
        notes=notes,
        lacking=lacking,
    )


def job_error(job: Job) -> DesktopOcrError:
    """Why a job has no pages to export."""
    if job.error is not None:
        return DesktopOcrError.from_info(job.error)
    return DesktopOcrError(ErrorCode.CANCELLED, f"'{job.path.name}' has no finished pages yet.")
