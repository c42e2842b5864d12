"""One wish, several files: which they are, what each is made with, and how far it is."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from desktop_ocr.core.api import ExportOutcome
from desktop_ocr.core.export_formats import FormatList
from desktop_ocr.core.export_plan import ExportPlan
from desktop_ocr.core.exporter import Exporter, OutputFile, failed
from desktop_ocr.core.job import Job
from desktop_ocr.core.names import as_text
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import NO_TABLES, ExportOptions, ExportWish, FormatInfo, PictureMode

Progress = Callable[[int, int], None]
CheckUnchanged = Callable[[Job], Awaitable[None]]


class Note(Protocol):
    """What is known of an export while it runs; see `begun_exports.BegunNote`."""

    def writes(self, pid: int | None) -> None: ...

    def end(self, *, made: bool) -> None: ...


class Exports:
    """Plans exports, and has their files written one after the other."""

    def __init__(
        self,
        exporter: Exporter,
        formats: FormatList,
        check_unchanged: CheckUnchanged,
        begin: Callable[[int, ExportWish, bool], Note] | None = None,
    ) -> None:
        """Make nothing yet.

        Args:
            exporter: writes a file.
            formats: those that are there.
            check_unchanged: raises where a job's file is not the one whose pages are stored.
            begin: notes that an export of a job begins, as it was wished, with the document's full name or not.
        """
        self.formats = formats
        self._exporter = exporter
        self._check_unchanged = check_unchanged
        self._begin = begin

    async def export(
        self,
        job: Job,
        wish: ExportWish,
        *,
        full_name: bool = False,
        progress: Progress | None = None,
        noted: bool = True,
    ) -> list[ExportOutcome]:
        """See `SessionApi.export`; `noted`: whoever comes after a kill is told of it, for want of a better memory."""
        wish = _told(wish)
        note = self._begin(job.number, wish, full_name) if noted and self._begin is not None else None
        made = False
        try:
            outcomes = await self._export(job, wish, full_name, progress, note)
            made = all(one.error in (None, NO_TABLES) for one in outcomes)
        finally:
            if note is not None:
                note.end(made=made)
        return outcomes

    async def _export(
        self, job: Job, wish: ExportWish, full_name: bool, progress: Progress | None, note: Note | None
    ) -> list[ExportOutcome]:
        names = list(dict.fromkeys(wish.formats))
        try:
            plan = ExportPlan(job, wish, full_name=full_name, today=datetime.date.today())
        except DesktopOcrError as error:
            return [failed(name, job.path, error) for name in names]
        document = _OriginalFile(job, self._check_unchanged)
        total, before = len(names) * len(plan.pages), 0
        outcomes: list[ExportOutcome] = []
        for name in names:
            target = job.path
            try:
                info = await self.formats.named(name)
                files = plan.files(info)
                target = files[0][0]
                options, lacking = await _options(info, wish.options, document)
            except DesktopOcrError as error:
                outcomes.append(failed(name, target, error))
                before += len(plan.pages)
                continue
            made: list[ExportOutcome] = []
            for target, pages in files:

                def told(count: int, before: int = before) -> None:
                    if progress is not None:
                        progress(before + count, total)

                file = OutputFile(info, target, pages, options, wish.overwrite, lacking)
                made.append(await self._exporter.export(job, file, told, *([note.writes] if note is not None else [])))
                before += len(pages)
            outcomes += _without_empty(made)
        return outcomes


class _OriginalFile:
    """The document's own file: whether it still is the one whose pages are stored. It is looked at once."""

    def __init__(self, job: Job, check: CheckUnchanged) -> None:
        self._job = job
        self._check = check
        self._looked = False
        self._missing: ErrorInfo | None = None

    async def missing(self) -> ErrorInfo | None:
        """Why it is not.

        Raises:
            DesktopOcrError: FREED, it could not be looked at.
        """
        if not self._looked:
            try:
                await self._check(self._job)
            except DesktopOcrError as error:
                if error.code is ErrorCode.FREED:
                    raise
                self._missing = error.info
            self._looked = True
        return self._missing


async def _options(
    info: FormatInfo, options: ExportOptions, document: _OriginalFile
) -> tuple[ExportOptions, ErrorInfo | None]:
    """How a format is written; without pictures, and why, where there is no document to cut them from.

    Raises:
        DesktopOcrError: the format cannot be made without the document.
    """
    pictures = info.shows_pictures(options.pictures)
    if not info.needs_source and not pictures:
        return options, None
    missing = await document.missing()
    if missing is None:
        return options, None
    if info.needs_source:
        raise DesktopOcrError.from_info(missing)
    return msgspec.structs.replace(options, pictures=PictureMode.NONE), missing


def _told(wish: ExportWish) -> ExportWish:
    """A wish whose texts can be stored and sent; its folder is looked at later."""
    title, language = as_text(wish.options.title), as_text(wish.options.language)
    return msgspec.structs.replace(
        wish,
        formats=tuple(map(as_text, wish.formats)),
        options=msgspec.structs.replace(wish.options, title=title, language=language),
        pages=as_text(wish.pages),
        pattern=as_text(wish.pattern),
    )


def _without_empty(made: list[ExportOutcome]) -> list[ExportOutcome]:
    """Outcomes of a format's files, without pages that have no tables; where none has any, that is told once."""
    empty = [one for one in made if one.error == NO_TABLES]
    return [one for one in made if one.error != NO_TABLES] or empty[:1]
