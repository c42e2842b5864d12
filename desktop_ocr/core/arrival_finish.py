"""A watched document that is read comes to its end: its exports are made, and its original goes where it shall go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from desktop_ocr.core.api import Added, ExportOutcome
from desktop_ocr.core.arrival_files import (
    PartsGoneError,
    clear_staging,
    delete_original,
    in_place,
    is_export,
    place,
    plan_names,
    plan_original,
    staging,
    verify,
)
from desktop_ocr.core.folder_checks import done_root, output_root
from desktop_ocr.core.ledger_arrivals import ArrivalRow, ArrivalTable, MadeFile
from desktop_ocr.core.threads import Threads
from desktop_ocr.core.watched_files import look_at_all
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import NO_TABLES, ExportWish
from desktop_ocr.schema.jobs import JobOptions, JobView, PageState, PageView
from desktop_ocr.schema.watching import ArrivalState, Original, WatchedFolder

EXPORTS_AT_ONCE = 2
TRIES_OF_NAMES = 3  # somebody else may take a name between the look and the step


class Desk(Protocol):
    """What watched documents need of a session; see `SessionApi`."""

    async def add(self, paths: Sequence[Path], *, options: JobOptions | None = None) -> Added: ...

    async def resume(self, job: int) -> None: ...

    async def retry(self, job: int) -> None: ...

    async def remove(self, job: int) -> None: ...

    async def pages(self, job: int) -> list[PageView]: ...

    async def export(self, job: int, wish: ExportWish) -> list[ExportOutcome]: ...

    def views(self) -> list[JobView]:
        """All jobs, oldest first."""

    def view(self, job: int) -> JobView | None:
        """A job; None where it is not in the list."""

    def unattended(self, job: int) -> bool:
        """Whether no person has added a job: it may be taken off the list."""

    def moved(self, job: int, path: Path) -> None:
        """A job's file is somewhere else now."""


class Finisher:
    """Finishes one arrival after the other. Whatever stops it, it can be called again and goes on where it was."""

    def __init__(self, table: ArrivalTable, desk: Desk, threads: Threads) -> None:
        """Note each step in `table`; read and write files in `threads`."""
        self._table = table
        self._desk = desk
        self._threads = threads
        self._exporting = asyncio.Semaphore(EXPORTS_AT_ONCE)
        self._naming = asyncio.Lock()  # of two documents that shall have one name, the second sees the first one's

    async def finish(self, row: ArrivalRow, folder: WatchedFolder, watched: Callable[[], WatchedFolder | None]) -> bool:
        """Export, verify, and let the original go.

        Args:
            row: the arrival.
            folder: its folder, as it was when this began.
            watched: gives the folder as it is by then, which takes minutes; None where nobody watches it any more. An
                original goes only where that was wanted all the time.

        Returns:
            Whether it is done; False where nobody watches its folder any more.

        Raises:
            DesktopOcrError: why it is not done.
            OSError: a folder or file cannot be used.
        """
        view = self._desk.view(row.job) if row.job else None
        if view is not None and view.pages_failed and not view.pages_done:
            await self._check_pages(row)  # of no page is there a text that anybody could want
        row = await self._exported(row, folder)
        exports = [file for file in row.made if not file.original]
        thoroughly = folder.original is not Original.LEAVE
        await self._threads.run(verify, exports, thoroughly=thoroughly)
        await self._check_pages(row)
        now = watched()
        if now is None or now.path != folder.path:
            return False
        away = now.original is folder.original and await self._original(row, folder)
        self._table.finish(row.id, ArrivalState.DONE, away=away)
        return True

    async def same(self, row: ArrivalRow, folder: WatchedFolder, twin: ArrivalRow) -> None:
        """An arrival whose content was done before: its original goes the same way, if that is safe.

        It may be an export of ours that was away for a while, as all files of a share are: then it stays where it is,
        and may be the only copy that is left.

        Raises:
            DesktopOcrError: why it is not.
            OSError: a folder or file cannot be used.
        """
        if (twin.ours and twin.path == row.path) or await self._threads.run(is_export, row.path, twin):
            self._table.put_back(row.id)
            return
        away = False
        if folder.original is Original.MOVE and not twin.ours:
            away = await self._move(row, folder)
        elif folder.original is Original.DELETE and not twin.ours:
            away = await self._delete_twin(row, twin)
        self._table.finish(row.id, ArrivalState.SAME, away=away)

    def stale(self, row: ArrivalRow) -> None:
        """What was exported is to be made again, in its place: pages are read again."""
        made = [msgspec.structs.replace(file, over=file.sha256) for file in row.made if not file.part]
        self._table.set_made(row, made)

    # --- exports --------------------------------------------------------------------------------------------

    async def _exported(self, row: ArrivalRow, folder: WatchedFolder) -> ArrivalRow:
        """With all exports in their places."""
        root = output_root(folder)
        for _ in range(TRIES_OF_NAMES):
            if _to_be_made(row, folder):
                row = await self._export(row, folder)
            try:
                async with self._naming:
                    placed = await self._threads.run(place, row.made, root)
            except PartsGoneError:
                row = self._note(row, folder, [])
                continue
            except FileExistsError:
                row = await self._other_names(row, folder)
                continue
            if placed != list(row.made):
                row = self._note(row, folder, placed)
            await self._threads.run(clear_staging, root, row)
            return row
        raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "The exports' names are taken again and again.", "Try again.")

    async def _export(self, row: ArrivalRow, folder: WatchedFolder) -> ArrivalRow:
        job = row.job
        if not job or self._desk.view(job) is None:
            raise _removed()
        await self._check_unchanged(row, folder)
        root = output_root(folder)
        staged = await self._threads.run(staging, root, row)
        try:
            async with self._exporting:
                outcomes = await self._desk.export(job, ExportWish(folder.formats, str(staged)))
            _check(outcomes)
            await self._threads.run(_check_there, outcomes)
        except BaseException:
            await self._threads.run(clear_staging, root, row)
            raise
        return await self._other_names(row, folder, staged)

    async def _other_names(self, row: ArrivalRow, folder: WatchedFolder, staged: Path | None = None) -> ArrivalRow:
        """Choose names for what lies in the staging folder, and note them."""
        below = row.path.parent.relative_to(folder.path)
        target = output_root(folder) / below
        parts = [Path(file.part) for file in row.made if file.part and not file.original]
        place_of_parts = staged or _common(parts)
        async with self._naming:
            others = self._table.made_of_others(row, target)
            planned = await self._threads.run(plan_names, place_of_parts, target, row.path, row.made, others)
            names = {file.path for file in planned}
            placed = [] if staged else await self._threads.run(in_place, row.made)
            kept = [msgspec.structs.replace(file, part="") for file in placed if file.path not in names]
            return self._note(row, folder, [*kept, *planned])

    def _note(self, row: ArrivalRow, folder: WatchedFolder, made: Sequence[MadeFile]) -> ArrivalRow:
        self._table.set_made(row, made, into=folder.path)
        return msgspec.structs.replace(row, made=tuple(made))

    async def _check_unchanged(self, row: ArrivalRow, folder: WatchedFolder) -> None:
        (now,) = await self._threads.run(look_at_all, folder, [str(row.path)])
        if now is None:
            raise DesktopOcrError(ErrorCode.NOT_FOUND, "The file is not there any more, or cannot be reached.")
        if (now.size, now.stamp) != (row.size, row.stamp):
            raise DesktopOcrError(ErrorCode.FILE_CHANGED, "The file has changed since its pages were read.")

    async def _check_pages(self, row: ArrivalRow) -> None:
        """Whether all pages are fine.

        Raises:
            DesktopOcrError: how many are not, with the first one's reason.
        """
        view = self._desk.view(row.job) if row.job else None
        if view is None or not row.job:
            raise _removed()
        if view.pages_failed or view.pages_done < view.pages_total:
            failed = [page for page in await self._desk.pages(row.job) if page.state is not PageState.DONE]
            first = next((page.error for page in failed if page.error is not None), None)
            noun = "page" if view.pages_total == 1 else "pages"
            code = first.code if first is not None else ErrorCode.DAMAGED
            why = f" {first.message}" if first is not None else ""
            raise DesktopOcrError(
                code, f"{len(failed)} of {view.pages_total} {noun} could not be read.{why}", "Try these pages again."
            )

    # --- originals ------------------------------------------------------------------------------------------

    async def _original(self, row: ArrivalRow, folder: WatchedFolder) -> bool:
        """Let the original go; whether it is away."""
        if folder.original is Original.MOVE:
            return await self._move(row, folder)
        if folder.original is Original.DELETE and any(not file.original for file in row.made):
            await self._threads.run(delete_original, row)
            return True
        return False

    async def _move(self, row: ArrivalRow, folder: WatchedFolder) -> bool:
        below = row.path.parent.relative_to(folder.path)
        for _ in range(TRIES_OF_NAMES):
            exports = [file for file in row.made if not file.original]
            planned = next((file for file in row.made if file.original), None)
            async with self._naming:
                if planned is None:
                    planned = await self._threads.run(plan_original, row, done_root(folder), below)
                    row = self._note(row, folder, [*exports, planned])
                try:
                    (placed,) = await self._threads.run(place, [planned], _done_place(folder))
                except FileExistsError:
                    row = msgspec.structs.replace(row, made=tuple(exports))
                    continue
                except PartsGoneError:
                    raise DesktopOcrError(
                        ErrorCode.NOT_FOUND, "The file is not there any more, or cannot be reached."
                    ) from None
            self._note(row, folder, [*exports, placed])
            if row.job:
                self._desk.moved(row.job, Path(placed.path))
            return True
        raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "The original's name is taken again and again.", "Try again.")

    async def _delete_twin(self, row: ArrivalRow, twin: ArrivalRow) -> bool:
        """Delete a file of which everything was made before, and is still there; whether that was so."""
        exports = [file for file in twin.made if not file.original and not file.part]
        try:
            await self._threads.run(verify, exports, thoroughly=True)
        except (DesktopOcrError, OSError):
            return False  # the user has taken them away: the document is not ours to delete
        if not exports:
            return False
        await self._threads.run(delete_original, row)
        return True


def _to_be_made(row: ArrivalRow, folder: WatchedFolder) -> bool:
    exports = [file for file in row.made if not file.original]
    if any(file.part for file in exports):
        return False  # they are made, and on the way to their places
    return bool(folder.formats) and (not exports or any(file.over for file in exports))


def _check(outcomes: Sequence[ExportOutcome]) -> None:
    """Whether everything that can be made was made.

    Raises:
        DesktopOcrError: the first reason why not.
    """
    for outcome in outcomes:
        error: ErrorInfo | None = outcome.error or outcome.lacking
        if error is not None and error != NO_TABLES:
            raise DesktopOcrError.from_info(error)
    if all(outcome.error is not None for outcome in outcomes):
        raise DesktopOcrError.from_info(NO_TABLES)


def _check_there(outcomes: Sequence[ExportOutcome]) -> None:
    """Whether what is said to be made is there: an original may be moved or deleted because of it.

    Raises:
        DesktopOcrError: EXPORT_FAILED, it is not.
    """
    for outcome in outcomes:
        if outcome.error is None and not Path(outcome.path).is_file():
            raise DesktopOcrError(ErrorCode.EXPORT_FAILED, f"The {outcome.format} export is not there.", "Try again.")


def _done_place(folder: WatchedFolder) -> Path:
    """What has to be there for originals to be moved: below the watched folder, the rest is made anew."""
    root = Path(folder.path)
    return root if done_root(folder).is_relative_to(root) else done_root(folder)


def _common(parts: Sequence[Path]) -> Path:
    """The staging folder of parts, some of which may lie in a folder below it."""
    return min((part.parent for part in parts), key=lambda folder: len(folder.parts))


def _removed() -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.CANCELLED, "The document was removed from the list before it was done.")
