"""What becomes of files that came to watched folders: a few at a time are documents in the list, the rest waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

import msgspec

from desktop_ocr.core.arrival_errors import next_try, of_system
from desktop_ocr.core.arrival_finish import Desk, Finisher
from desktop_ocr.core.followed import Followed, state_of
from desktop_ocr.core.ledger_arrivals import ArrivalRow, ArrivalTable, SeenFile
from desktop_ocr.core.names import is_text
from desktop_ocr.core.threads import Threads
from desktop_ocr.core.watched_files import read_content
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo, unexpected
from desktop_ocr.schema.events import Event
from desktop_ocr.schema.jobs import JobState, JobView
from desktop_ocr.schema.watching import ArrivalState, WatchedFolder

log = logging.getLogger(__name__)

AT_ONCE = 20  # documents of watched folders that are in the list unfinished
LEDGER_PAUSE = 10.0  # seconds until a step is tried again that could not be stored
LONGEST_WAIT = 60.0


class Arrivals:
    """Takes settled files one after the other, follows their documents, and has them finished."""

    def __init__(
        self,
        table: ArrivalTable,
        desk: Desk,
        threads: Threads,
        folder_of: Callable[[str], WatchedFolder | None],
        told: Callable[[str], None],
        unsettled: Callable[[str, Sequence[SeenFile]], None],
    ) -> None:
        """Do nothing before `start`.

        Args:
            table: where they are stored.
            desk: the session.
            threads: where files are read and written.
            folder_of: a watched folder by its id; None for one that is not watched (any more).
            told: called with the id of a folder when something became of one of its files.
            unsettled: gets files, by folder, that have to settle (again).
        """
        self._table = table
        self._desk = desk
        self._threads = threads
        self._finisher = Finisher(table, desk, threads)
        self._folder_of = folder_of
        self._told = told
        self._unsettled = unsettled
        self._ready: dict[int, None] = {}  # in their order
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._parked: dict[int, list[int]] = {}
        self._followed = Followed()
        self._forced: set[int] = set()
        self._wake = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self.largest = 0

    # --- what others tell -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Go on where the last run stopped."""
        self.pick_up()
        self._runner = asyncio.create_task(self._run(), name="watched files")

    def pick_up(self, folder: str = "") -> None:
        """Go on with what was in work in a folder that is watched (again); in all of them without."""
        for row in self._table.in_list():
            if folder not in ("", row.folder):
                continue
            if row.job in self._followed.rows:
                self._followed.look_again(row.id)  # it may have come to its end while nobody watched
            elif row.id not in self._busy:
                self._pick_up(row)
        self._wake.set()

    async def close(self) -> None:
        """Stop between two steps; what is under way is gone on with at the next start."""
        tasks = [task for task in (self._runner, *self._busy.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def saw(self, event: Event) -> None:
        """An event of the session: it may be about one of our documents. What follows from it is done later."""
        if self._followed.saw(event):
            self._wake.set()

    def settled(self, folder: str, paths: Sequence[Path]) -> None:
        """Files of a folder are complete."""
        for path in paths:
            row = self._table.at(folder, path)
            if row is not None and row.state is ArrivalState.SETTLING:
                self._ready[row.id] = None
        self._wake.set()

    def gone(self, rows: Sequence[int]) -> None:
        """Files do not lie where they came to any more."""
        self._table.gone(rows)
        for row in rows:
            self._release(row)

    def leave(self, folder: str) -> None:
        """A folder is not watched any more: its documents stay in the list, and nothing more is made of them."""
        for job, number in list(self._followed.rows.items()):
            row = self._table.row(number)
            if row is None or row.folder == folder:
                self._followed.drop(job)
        self._table.drop_unfinished(folder)

    def again(self, rows: Sequence[ArrivalRow]) -> int:
        """Try arrivals now; how many can be."""
        count = 0
        for row in rows:
            if row.id not in self._busy and self._retry(row, asked=True):
                count += 1
        self._wake.set()
        return count

    # --- the loop -------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            wait = LONGEST_WAIT
            try:
                while self._followed.changed:
                    self._look(self._followed.changed.pop())
                for number, folder in self._table.due(time.time()):
                    row = self._table.row(number)
                    if row is not None and number not in self._busy and self._watched(folder) and self._room() > 0:
                        self._retry(row)
                self._take_some()
                due = self._table.next_due(time.time())
                if due is not None:
                    wait = min(wait, max(1.0, due - time.time()))
            except DesktopOcrError as error:
                log.warning("watched files: what became of one could not be stored (%s)", error.code)
                self._followed.changed |= set(self._followed.rows)
                await asyncio.sleep(LEDGER_PAUSE)
                continue
            except Exception:  # a bug must not end the loop, and with it all watching
                log.exception("watched files")
                await asyncio.sleep(LEDGER_PAUSE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):  # `wait_for` may lose a cancellation in Python 3.11
                    await self._wake.wait()

    def _room(self) -> int:
        """How many more documents may be in the list, or on the way there."""
        in_work = self._followed.in_work(self._desk, self._busy)
        self.largest = max(self.largest, in_work + len(self._busy))
        return AT_ONCE - in_work - len(self._busy)

    def _take_some(self) -> None:
        room = self._room() if self._ready else 0
        while self._ready and room > 0:
            number = next(iter(self._ready))
            del self._ready[number]
            row = self._table.row(number)
            folder = self._watched(row.folder) if row is not None else None
            if row is None or folder is None or number in self._busy:
                continue
            if row.state in (ArrivalState.DONE, ArrivalState.SAME, ArrivalState.FAILED) and number not in self._forced:
                continue
            self._spawn(row, self._take(row, folder))
            room -= 1

    def _watched(self, folder: str) -> WatchedFolder | None:
        found = self._folder_of(folder)
        return found if found is not None and found.enabled else None

    # --- one file -------------------------------------------------------------------------------------------

    async def _take(self, row: ArrivalRow, folder: WatchedFolder) -> None:
        """From a file to a document in the list, unless its content was done before."""
        if not is_text(row.path):
            raise DesktopOcrError(ErrorCode.USAGE, "Its name is not text in UTF-8.", "Rename it.")
        content = await self._threads.run(read_content, row.path)
        if content is None or (content.size, content.stamp) != (row.size, row.stamp):
            raise DesktopOcrError(ErrorCode.FILE_CHANGED, "The file has changed.")
        now = self._watched(row.folder)
        if now is None or now.path != folder.path:
            return  # meanwhile; where it is watched again, it is found again
        folder = now
        twin = None if row.id in self._forced else self._table.twin(row, content.sha256)
        if twin is not None and twin.state in (ArrivalState.WORKING, ArrivalState.WAITING):
            self._parked.setdefault(twin.id, []).append(row.id)  # until it is known what became of that one
            return
        if twin is not None:
            self._table.set_content(row.id, content.sha256)
            await self._finisher.same(msgspec.structs.replace(row, sha256=content.sha256), folder, twin)
            return
        # Nothing else runs since the look for twins: of two files with the same content one is begun.
        self._table.begin(row.id, content.sha256)
        if row.made:
            self._finisher.stale(row)
        former = self._desk.view(row.job) if row.job else None
        if former is not None and not former.elsewhere:
            self._followed.drop(former.job)
            if self._desk.unattended(former.job):
                await self._desk.remove(former.job)
        added = await self._desk.add([row.path], options=folder.options)
        if not added.jobs:
            raise DesktopOcrError.from_info(added.refused[0].error)
        self._table.set_job(row.id, added.jobs[0])
        self._forced.discard(row.id)
        self._followed.add(added.jobs[0], row.id)

    async def _finish(self, row: ArrivalRow, folder: WatchedFolder) -> None:
        if await self._finisher.finish(row, folder, lambda: self._watched(row.folder)):
            await self._off_list(row)

    async def _off_list(self, row: ArrivalRow) -> None:
        """Take a finished document off the list, unless a person has added it, too; it stays in the library."""
        if row.job:
            self._followed.drop(row.job)
            view = self._desk.view(row.job)
            ours = view is not None and not view.elsewhere and self._desk.unattended(row.job)
            if ours and view is not None and view.state is JobState.DONE:
                await self._desk.remove(row.job)
            self._table.off_list(row.id)

    def _pick_up(self, row: ArrivalRow) -> None:
        """What the last run was at."""
        view = self._desk.view(row.job) if row.job else None
        folder = self._watched(row.folder)
        if row.state in (ArrivalState.DONE, ArrivalState.SAME):
            if folder is not None and row.job:
                self._spawn(row, self._off_list(row))
            return
        if folder is None:
            return
        if any(file.part for file in row.made) and row.state is ArrivalState.WORKING:
            if row.job and view is not None:
                self._followed.add(row.job, row.id)
            self._spawn(row, self._finish(row, folder))
        elif view is None:
            if row.state is ArrivalState.WORKING:
                self._ready[row.id] = None
        else:
            self._followed.add(view.job, row.id)
            if row.state is not ArrivalState.WORKING:
                self._followed.told[row.id] = ArrivalState.FAILED, row.error
            goes_on = row.state is ArrivalState.WORKING and view.state is JobState.PAUSED and view.interrupted
            if goes_on and not view.elsewhere:
                self._spawn(row, self._desk.resume(view.job))

    def _retry(self, row: ArrivalRow, *, asked: bool = False) -> bool:
        """Try an arrival again from where it stands; whether that can be done."""
        folder = self._watched(row.folder)
        if folder is None or (row.away and row.state is not ArrivalState.WAITING):
            return False
        view = self._desk.view(row.job) if row.job else None
        if row.state in (ArrivalState.DONE, ArrivalState.SAME) or view is None:
            if any(file.part for file in row.made) and row.state is ArrivalState.WAITING:
                self._working(row)
                self._spawn(row, self._finish(row, folder))
            else:
                if row.state in (ArrivalState.DONE, ArrivalState.SAME):
                    self._forced.add(row.id)
                self._working(row)
                self._ready[row.id] = None
            return True
        if view.elsewhere or view.state is JobState.NEEDS_PASSWORD:
            return False
        self._followed.add(view.job, row.id)
        self._working(row)
        if view.state is JobState.DONE and not view.pages_failed:
            self._spawn(row, self._finish(row, folder))
        elif view.state is JobState.DONE:
            self._finisher.stale(row)
            self._spawn(row, self._desk.retry(view.job))
        elif view.state is JobState.FAILED:
            self._spawn(row, self._desk.retry(view.job))
        elif view.state is JobState.CANCELLED or (
            view.state is JobState.PAUSED and (view.error or view.interrupted or asked)
        ):
            self._spawn(row, self._desk.resume(view.job))
        return True

    def _working(self, row: ArrivalRow) -> None:
        self._table.set_state(row.id, ArrivalState.WORKING)
        self._followed.told[row.id] = ArrivalState.WORKING, None
        self._told(row.folder)

    # --- its document ---------------------------------------------------------------------------------------

    def _look(self, job: int) -> None:
        """What has become of a document that is followed."""
        number = self._followed.rows.get(job)
        if number is None:
            return
        if number in self._busy:
            return  # it is looked at when that is over
        view = self._desk.view(job)
        row = self._table.row(number) if view is None or view.state is JobState.DONE else None
        if view is None:
            self._followed.drop(job)
            if row is not None:
                self._lost(row)
            return
        if view.state is JobState.DONE:
            folder = self._watched(row.folder) if row is not None else None
            if row is not None and folder is not None and row.state is ArrivalState.WORKING:
                self._spawn(row, self._finish(row, folder))
            return
        self._note_state(number, view)

    def _note_state(self, number: int, view: JobView) -> None:
        """The arrival's state by its document's."""
        if view.state is JobState.PAUSED and not view.error:
            return
        state, error = state_of(view)
        if self._followed.told.get(number) == (state, error):
            return
        row = self._table.row(number)
        if row is None:
            return
        self._followed.told[number] = state, error
        if state is ArrivalState.FAILED and error is not None:
            self._fail(row, error)
        elif row.state is not ArrivalState.WORKING:  # somebody has resumed it, or given its password
            self._finisher.stale(row)
            self._table.set_state(row.id, ArrivalState.WORKING)
            self._told(row.folder)

    def _lost(self, row: ArrivalRow) -> None:
        """A document is not in the list any more: another one on the same file took its place, or the user did it."""
        if row.state in (ArrivalState.DONE, ArrivalState.SAME):
            return
        taken = [view for view in self._desk.views() if view.path == str(row.path) and not view.elsewhere]
        if taken:
            self._table.set_job(row.id, taken[-1].job)
            self._followed.add(taken[-1].job, row.id)
            return
        words = "The document was removed from the list before it was done."
        self._table.set_state(row.id, ArrivalState.FAILED, ErrorInfo(ErrorCode.CANCELLED, words, "Try it again."))
        self._release(row.id)
        self._told(row.folder)

    def _release(self, row: int) -> None:
        """It is known what became of a file: those with the same content waited for it."""
        self._ready.update(dict.fromkeys(self._parked.pop(row, ())))
        self._wake.set()

    # --- errors ---------------------------------------------------------------------------------------------

    def _spawn(self, row: ArrivalRow, work: Coroutine[None, None, None]) -> None:
        self._busy[row.id] = asyncio.create_task(self._guarded(row, work), name=f"watched file {row.id}")

    async def _guarded(self, row: ArrivalRow, work: Coroutine[None, None, None]) -> None:
        """The body of a task that nobody awaits: whatever goes wrong is stored."""
        try:
            try:
                await work
            except DesktopOcrError as error:
                self._fail(row, error.info)
            except OSError as error:
                self._fail(row, of_system(error))
            except Exception as error:
                log.exception("watched file %d", row.id)
                self._fail(row, unexpected(error).info)
        except DesktopOcrError as error:  # not even that could be stored
            log.warning("watched file %d: what became of it could not be stored (%s)", row.id, error.code)
            await asyncio.sleep(LEDGER_PAUSE)
            self._ready[row.id] = None
        finally:
            self._busy.pop(row.id, None)
            self._after(row)

    def _after(self, row: ArrivalRow) -> None:
        self._followed.look_again(row.id)
        with contextlib.suppress(DesktopOcrError):
            now = self._table.row(row.id)
            if now is None or now.state not in (ArrivalState.WORKING, ArrivalState.WAITING):
                self._release(row.id)
        self._told(row.folder)
        self._wake.set()

    def _fail(self, row: ArrivalRow, error: ErrorInfo) -> None:
        """It did not work: now, or for good."""
        now = self._table.row(row.id) or row
        if error.code is ErrorCode.FILE_CHANGED:
            self._settle_again(now)
            return
        attempts = now.attempts + 1
        when = next_try(error, attempts)
        state = ArrivalState.WAITING if when else ArrivalState.FAILED
        log.info("watched file %d: %s (%s)", row.id, state, error.code)
        self._followed.told[row.id] = ArrivalState.FAILED, error
        self._table.set_state(row.id, state, error, attempts=attempts, next_try=when)
        if state is ArrivalState.FAILED:
            self._release(row.id)
        self._told(row.folder)

    def _settle_again(self, row: ArrivalRow) -> None:
        """Another content is in its place: that is an arrival of its own."""
        try:
            status = row.path.stat()
        except OSError:
            file = SeenFile(str(row.path), row.size, -1)
        else:
            file = SeenFile(str(row.path), status.st_size, status.st_mtime_ns)
        if row.job:
            self._followed.drop(row.job)
        self._table.settle_again(row.id, file)
        self._unsettled(row.folder, [file])
        self._told(row.folder)
