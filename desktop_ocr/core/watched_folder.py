"""One watched folder: what lies there, what is complete, and whether the folder is to be had at all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from desktop_ocr.core.arrival_errors import of_system
from desktop_ocr.core.ledger_arrivals import ArrivalTable, SeenFile
from desktop_ocr.core.threads import Threads
from desktop_ocr.core.watch_events import FolderEvents
from desktop_ocr.core.watched_files import SLICE, Scan, belongs, look_at_all, on_share, still_written, sub_folders
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.watching import WatchedFolder

log = logging.getLogger(__name__)

LISTEN_SECONDS = 5.0  # so long the first look waits for the system to tell of changes
LOOK_SECONDS = 5.0  # how often it is asked whether the folder is still there
POLL_SECONDS = 3.0  # how often it is looked through where the system tells nothing
POLL_SHARE = 10.0  # ... but the pause is so many times as long as the look
MANY_FOLDERS = 500  # so many below one are not listened to: naming 1,000 to the system holds all threads for 61 ms
MANY_SHARE = 30.0  # ... and the pause is so many times as long as the look: they are no share, but many
NAMED_EACH = sys.platform not in ("win32", "darwin")  # there one call is for all below (neither was tried yet)
FULL_SECONDS = 300.0  # how often it is looked through in any case: events may be missed
ANSWER_SECONDS = 30.0  # a share that takes longer is told as one that does not answer
OPEN_PATIENCE = 60.0  # a file that does not grow is taken then, although some program keeps it open
LONGEST_PAUSE = 60.0
AT_ONCE = 200
_ANY = "any.pdf"


@dataclass
class _Growing:
    """A file that may still grow.

    Attributes:
        file: as it was at the last look.
        due: when it is looked at again, by `time.monotonic`.
        since: when it was first as it is.
        pause: seconds between two looks; longer and longer for a file that stays empty.
    """

    file: SeenFile
    due: float
    since: float
    pause: float


class FolderWatch:
    """Watches a folder in a task of its own.

    Attributes:
        folder: as it is stored.
        polled: it is looked through again and again, for the system tells nothing, or has too much to be told.
        error: why it cannot be watched now.
    """

    def __init__(
        self,
        folder: WatchedFolder,
        table: ArrivalTable,
        *,
        settled: Callable[[str, Sequence[Path]], None],
        gone: Callable[[Sequence[int]], None],
        told: Callable[[str], None],
    ) -> None:
        """Watch nothing yet.

        Args:
            folder: to watch.
            table: where what lies there is noted.
            settled: gets files that are complete.
            gone: gets numbers of arrivals that do not lie there any more.
            told: called when something is to be shown.
        """
        self.folder = folder
        self.polled = False
        self.error: ErrorInfo | None = None
        self._table = table
        self._settled = settled
        self._gone = gone
        self._told = told
        self._threads = Threads("watched folder", 1)
        self._events = FolderEvents(folder, self._changed)
        self._growing: dict[str, _Growing] = {}
        self._complete: dict[str, SeenFile] = {}  # told, and not taken yet
        self._met: set[str] = set()
        self._paths: set[Path] = set()
        self._wake = asyncio.Event()
        self._many = False  # sub-folders, too many to name them to the system
        self._identity: tuple[int, int] | None = None
        self._next_scan = self._next_check = 0.0
        self._look_again = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=f"watched folder {self.folder.id}")

    async def close(self) -> None:
        """Watch no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._events.close()
        self._threads.close()

    def unsettled(self, files: Sequence[SeenFile]) -> None:
        """Files that have to settle, from now on."""
        now = time.monotonic()
        for file in files:
            pause = self.folder.settle_seconds
            self._growing[file.path] = _Growing(file, now + pause, now, pause)
            self._complete.pop(file.path, None)
        self._wake.set()

    # --- the loop -------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                async with asyncio.timeout(ANSWER_SECONDS) as answer:
                    await self._look(answer)
                self._tell_error(None)
            except TimeoutError:
                words = "The folder does not answer."
                self._lose(ErrorInfo(ErrorCode.NOT_FOUND, words, "Is its disk or share connected?"))
            except OSError as error:
                self._lose(of_system(error))
            except DesktopOcrError as error:
                self._next_scan = 0.0  # what it was told of may not be noted
                self._tell_error(error.info)
            except Exception:  # a bug must not end the watching
                log.exception("watched folder %s", self.folder.id)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):  # `wait_for` may lose a cancellation in Python 3.11
                    await self._wake.wait()

    def _pause(self) -> float:
        pauses = [LOOK_SECONDS]
        now = time.monotonic()
        if self.error is None:
            pauses.append(self._next_scan - now)
            pauses += [growing.due - now for growing in self._growing.values()]
        return max(0.05, min(pauses))

    async def _look(self, answer: asyncio.Timeout) -> None:
        status = await self._threads.run(os.stat, self.folder.path)
        if (status.st_dev, status.st_ino) != self._identity:
            await self._begin(answer)
            self._identity = (status.st_dev, status.st_ino)
        if self._events.error is not None and not self.polled:
            self.polled = True
            self._next_scan = 0.0
            self._told(self.folder.id)
        began = time.monotonic()
        if began >= self._next_scan:
            self._paths.clear()
            self._met.clear()
            await self._scan(Scan(self.folder), answer)
            self._complete = {name: file for name, file in self._complete.items() if name in self._met}
            now = time.monotonic()
            self._next_scan = now + self._until_next_scan(now - began)
            if now >= self._next_check:
                await self._check_lying(answer)
                self._next_check = time.monotonic() + FULL_SECONDS
        else:
            await self._look_at_changed(answer)
        await self._settle(answer)

    def _until_next_scan(self, took: float) -> float:
        """Seconds to the next look at all of it, by those that the last one took."""
        if not self.polled:
            return FULL_SECONDS
        if self._many:
            return max(POLL_SECONDS, min(FULL_SECONDS, MANY_SHARE * took))
        return max(POLL_SECONDS, POLL_SHARE * took)

    async def _begin(self, answer: asyncio.Timeout) -> None:
        """The folder is there, or there again, or another one is in its place."""
        await self._events.close()
        untold = self.folder.polling or await self._threads.run(on_share, Path(self.folder.path))
        self._many = not untold and self.folder.recursive and NAMED_EACH and await self._has_many(answer)
        before, self.polled = self.polled, untold or self._many
        if self.polled != before:
            self._told(self.folder.id)
        if not self.polled:
            self._events.start()
            # What comes after the look and before the system tells would be found in five minutes only.
            self._look_again = not await self._events.listens(LISTEN_SECONDS)
        self._next_scan = self._next_check = 0.0

    async def _has_many(self, answer: asyncio.Timeout) -> bool:
        """Whether it has more sub-folders than are named to the system; what comes later it is told of without harm."""
        entries, count = sub_folders(Path(self.folder.path)), 0
        while count <= MANY_FOLDERS and (some := await self._threads.run(lambda: list(islice(entries, SLICE)))):
            count += sum(some)
            _answered(answer)
        return count > MANY_FOLDERS

    def _lose(self, error: ErrorInfo) -> None:
        self._identity = None
        self._growing.clear()
        self._complete.clear()
        self._tell_error(error)

    def _tell_error(self, error: ErrorInfo | None) -> None:
        if error != self.error:
            self.error = error
            self._told(self.folder.id)

    def _changed(self, paths: set[Path]) -> None:
        self._paths |= paths
        if self._look_again and not paths:  # it took long until the system told anything
            self._look_again = False
            self._next_scan = 0.0
        self._wake.set()

    # --- what lies there ------------------------------------------------------------------------------------

    async def _scan(self, scan: Scan, answer: asyncio.Timeout) -> None:
        while (files := await self._threads.run(scan.next)) is not None:
            self._note(files)
            _answered(answer)

    def _note(self, files: Sequence[SeenFile]) -> None:
        if not files:
            return
        now, settle = time.monotonic(), self.folder.settle_seconds
        fresh = self._table.note(self.folder.id, files)
        self._met |= {file.path for file in fresh}
        new = [file for file in fresh if self._complete.get(file.path) != file]
        for file in new:
            growing = self._growing.get(file.path)
            if growing is not None and growing.file == file:
                continue
            # What nobody has written to for so long was put there whole. A share's clock may be another.
            old = not self.polled and growing is None and time.time() - file.stamp / 1e9 >= settle
            self._growing[file.path] = _Growing(file, now if old else now + settle, now, settle)
        if new:
            self._told(self.folder.id)

    async def _look_at_changed(self, answer: asyncio.Timeout) -> None:
        paths, self._paths = self._paths, set()
        names = [str(path) for path in paths if belongs(self.folder, path)]
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            looks = await self._threads.run(look_at_all, self.folder, some)
            self._note([file for file in looks if file is not None])
            gone = [name for name, file in zip(some, looks, strict=True) if file is None]
            rows = [row for name in gone if (row := self._table.at(self.folder.id, Path(name))) is not None]
            self._forget(gone, [row.id for row in rows])
            _answered(answer)
        if self.folder.recursive:
            for path in paths:
                taken = belongs(self.folder, path / _ANY)
                if taken and await self._threads.run(_is_folder, path):
                    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                        await self._scan(Scan(self.folder, path), answer)

    async def _check_lying(self, answer: asyncio.Timeout) -> None:
        """Forget what is not there any more; but for exports where a share is not mounted, it seems: they stay ours."""
        empty = await self._threads.run(_is_empty, self.folder.path)
        lying = self._table.lying(self.folder.id, exports=not empty)
        for start in range(0, len(lying), AT_ONCE):
            some = lying[start : start + AT_ONCE]
            there = await self._threads.run(_there, [path for _, path in some])
            gone = [row for row, found in zip(some, there, strict=True) if not found]
            self._forget([path for _, path in gone], [number for number, _ in gone])
            _answered(answer)

    def _forget(self, names: Sequence[str], rows: Sequence[int]) -> None:
        for name in names:
            self._growing.pop(name, None)
            self._complete.pop(name, None)
        if rows:
            self._gone(rows)
            self._told(self.folder.id)

    # --- what is complete -----------------------------------------------------------------------------------

    async def _settle(self, answer: asyncio.Timeout) -> None:
        now = time.monotonic()
        due = [name for name, growing in self._growing.items() if growing.due <= now]
        for start in range(0, len(due), AT_ONCE):
            await self._settle_some(due[start : start + AT_ONCE])
            _answered(answer)

    async def _settle_some(self, names: Sequence[str]) -> None:
        looks = await self._threads.run(look_at_all, self.folder, names)
        gone: list[str] = []
        changed: list[SeenFile] = []
        quiet: list[str] = []
        for name, file in zip(names, looks, strict=True):
            growing = self._growing.get(name)
            if growing is None:
                continue
            if file is None:
                gone.append(name)
            elif file != growing.file:
                changed.append(file)
            elif not file.size:
                growing.pause = min(growing.pause * 2, LONGEST_PAUSE)
                growing.due = time.monotonic() + growing.pause
            else:
                quiet.append(name)
        if changed:
            self.unsettled(changed)
            self._table.note(self.folder.id, changed)
        rows = [row.id for name in gone if (row := self._table.at(self.folder.id, Path(name))) is not None]
        self._forget(gone, rows)
        open_ones = await self._threads.run(lambda: [still_written(name) for name in quiet])
        done: list[Path] = []
        now = time.monotonic()
        for name, is_open in zip(quiet, open_ones, strict=True):
            growing = self._growing.get(name)
            if growing is None:
                continue
            if is_open and now - growing.since < OPEN_PATIENCE:
                growing.due = now + min(1.0, self.folder.settle_seconds)
                continue
            del self._growing[name]
            self._complete[name] = growing.file
            done.append(Path(name))
        if done:
            try:
                self._settled(self.folder.id, done)
            except DesktopOcrError:  # the ledger cannot be read: they are told again
                self.unsettled([self._complete[str(path)] for path in done])
                raise


def _answered(answer: asyncio.Timeout) -> None:
    """A slice is done: the next one has as long."""
    if not answer.expired():
        answer.reschedule(asyncio.get_running_loop().time() + ANSWER_SECONDS)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_empty(folder: str) -> bool:
    with os.scandir(folder) as entries:
        return next(entries, None) is None


def _there(paths: Sequence[str]) -> list[bool]:
    return [_lies(path) for path in paths]


def _lies(path: str) -> bool:
    """Whether a file is there, or that cannot be told: a share that gives errors has not lost its files."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True
