"""All watched folders: which there are, who watches them, and what is shown of them."""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from desktop_ocr.core.arrival_finish import Desk
from desktop_ocr.core.arrivals import Arrivals
from desktop_ocr.core.folder_checks import by_its_names, check_folder, conflicts
from desktop_ocr.core.folders_file import FoldersFile
from desktop_ocr.core.ledger_arrivals import ArrivalRow, ArrivalTable, SeenFile
from desktop_ocr.core.names import shown
from desktop_ocr.core.threads import Threads
from desktop_ocr.core.watched_folder import FolderWatch
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, Notice, WatchedChanged
from desktop_ocr.schema.watching import Arrival, ArrivalState, WatchedFolder, WatchedView

log = logging.getLogger(__name__)

TELL_SECONDS = 0.5  # between two events about a folder
FILE_THREADS = 4
CHECK_SECONDS = 5.0  # a share that does not answer must not keep the program from starting

_Seen = TypeVar("_Seen")


class Watching:
    """Knows the stored folders, and watches them where this program is the one that does.

    Attributes:
        arrivals: what becomes of files.
    """

    def __init__(
        self,
        file: FoldersFile,
        table: ArrivalTable,
        desk: Desk,
        emit: Callable[[Event], None],
        formats: Callable[[], Awaitable[Sequence[str]]],
        *,
        active: bool,
    ) -> None:
        """Watch nothing yet.

        Args:
            file: where the folders are stored.
            table: where their files are.
            desk: the session.
            emit: gets `WatchedChanged`, and notices about the file.
            formats: names of all formats for exports.
            active: watch; otherwise folders are only listed and stored.
        """
        self._file = file
        self._table = table
        self._emit = emit
        self._formats = formats
        self._active = active
        self._threads = Threads("watched files", FILE_THREADS)
        self._folders: dict[str, WatchedFolder] = {}
        self._wrong: dict[str, ErrorInfo] = {}  # not watched, because of others that stand before them in the file
        self._watches: dict[str, FolderWatch] = {}
        self._changing = asyncio.Lock()
        self._telling: dict[str, asyncio.TimerHandle] = {}
        self._untold: set[str] = set()
        self._loaded = False
        self.arrivals = Arrivals(table, desk, self._threads, self._right, self._tell, self._unsettled)

    async def start(self) -> None:
        """Read which folders there are, and watch them."""
        if not self._active:
            return
        await self._load()
        self.arrivals.start()
        for folder in self._folders.values():
            self._begin(folder)

    async def close(self) -> None:
        """Watch no more."""
        for timer in self._telling.values():
            timer.cancel()
        self._active = False
        await asyncio.gather(*(watch.close() for watch in self._watches.values()))
        self._watches.clear()
        await self.arrivals.close()
        self._threads.close()

    def saw(self, event: Event) -> None:
        """An event of the session."""
        self.arrivals.saw(event)

    # --- what the user does ---------------------------------------------------------------------------------

    async def views(self) -> list[WatchedView]:
        """See `BackgroundApi.watched`."""
        await self._load()
        return [self._view(folder) for folder in self._folders.values()]

    async def watch(self, wanted: WatchedFolder) -> WatchedFolder:
        """See `BackgroundApi.watch`."""
        await self._load()
        async with self._changing:
            folder = await self._threads.run(by_its_names, _tidy(wanted))
            known = self._folders.get(folder.id)
            # One that is wrong as it stands in the file, or is away, can always be switched off.
            if known is None or folder != msgspec.structs.replace(_tidy(known), enabled=False):
                others = [one for one in self._folders.values() if one.id != folder.id and one.id not in self._wrong]
                await self._threads.run(check_folder, folder, others, await self._formats())
            await self._threads.run(self._file.store, folder)
            self._folders[folder.id] = folder
            self._table.hand_over(folder.id, Path(folder.path), list(self._folders))
            await self._end(folder.id)
            if known is not None and known.path != folder.path:
                self.arrivals.leave(folder.id)  # what was not done there has no place here
            await self._sort_out(folder.id)
        self._tell(folder.id)
        return folder

    async def unwatch(self, folder: str) -> None:
        """See `BackgroundApi.unwatch`."""
        await self._load()
        async with self._changing:
            if folder not in self._folders:
                return
            await self._threads.run(self._file.remove, folder)
            await self._end(folder)
            del self._folders[folder]
            self.arrivals.leave(folder)
            await self._sort_out()

    def listed(self, folder: str) -> list[Arrival]:
        """See `BackgroundApi.arrivals`."""
        if folder and folder not in self._folders:
            return []
        rows = self._table.unfinished(folder)
        return [_shown(row) for row in rows if row.folder in self._folders]

    def retry(self, folder: str, paths: Sequence[Path]) -> int:
        """See `BackgroundApi.retry_arrivals`. Files that are done are done again when they are named."""
        if not self._active:
            return 0
        wanted = set(paths)
        if folder and folder not in self._folders:
            return 0
        rows: list[ArrivalRow] = []
        for one in [folder] if folder else list(self._folders):
            if wanted:
                found = [self._table.at(one, path) for path in wanted]
                rows += [
                    row for row in found if row is not None and not (row.state is ArrivalState.SAME and row.job == 0)
                ]
            else:
                rows += self._table.unfinished(one)
        states = {ArrivalState.FAILED, ArrivalState.WAITING}
        if wanted:
            states |= {ArrivalState.DONE, ArrivalState.SAME}
        return self.arrivals.again([row for row in rows if row.state in states])

    # --- inside ---------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        if self._loaded:
            return
        folders, problems = await self._threads.run(self._file.load)
        named = await self._in_time(lambda: [by_its_names(folder) for folder in folders])
        wrong = None if named is None else await self._conflicts(named)
        folders = named or folders
        if self._loaded:
            return
        self._loaded = True
        self._folders.update((folder.id, folder) for folder in folders)
        self._wrong = wrong or {}
        paths = [(shown(Path(folder.path)), self._wrong[folder.id]) for folder in folders if folder.id in self._wrong]
        problems += [f"The folder '{path}' is not watched. {error.message}" for path, error in paths]
        for problem in problems:
            self._emit(Notice(problem, error=True))

    async def _conflicts(self, folders: Sequence[WatchedFolder]) -> dict[str, ErrorInfo] | None:
        """See `conflicts`; None where a disk or share does not answer."""
        return await self._in_time(lambda: conflicts(list(folders)))

    async def _in_time(self, look: Callable[[], _Seen]) -> _Seen | None:
        """What is seen on the disk; None where a disk or share does not answer."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._threads.run(look)
        except TimeoutError:
            log.warning("how watched folders lie to each other was not told within %g s", CHECK_SECONDS)
            return None

    async def _sort_out(self, changed: str = "") -> None:
        """A folder has changed, or is gone: watch it anew, and others that were wrong because of it."""
        before = self._wrong
        found = await self._conflicts(list(self._folders.values()))
        self._wrong = {one: error for one, error in before.items() if one != changed} if found is None else found
        for folder in list(self._folders.values()):
            if folder.id in self._wrong:
                await self._end(folder.id)
            elif folder.id == changed or folder.id in before:
                self._begin(folder)
                if self._active:
                    self.arrivals.pick_up(folder.id)
            if folder.id != changed and self._wrong.get(folder.id) != before.get(folder.id):
                self._tell(folder.id)

    def _right(self, folder: str) -> WatchedFolder | None:
        """A folder that can be watched as it is."""
        return None if folder in self._wrong else self._folders.get(folder)

    def _begin(self, folder: WatchedFolder) -> None:
        if not self._active or not folder.enabled or folder.id in self._wrong:
            return
        watch = FolderWatch(
            folder, self._table, settled=self.arrivals.settled, gone=self.arrivals.gone, told=self._tell
        )
        self._watches[folder.id] = watch
        watch.start()

    async def _end(self, folder: str) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None:
            await watch.close()

    def _unsettled(self, folder: str, files: Sequence[SeenFile]) -> None:
        watch = self._watches.get(folder)
        if watch is not None:
            watch.unsettled(files)

    def _tell(self, folder: str) -> None:
        """Show a folder soon; what comes at once is told once."""
        if folder in self._telling:
            self._untold.add(folder)
            return
        self._show(folder)
        if self._active:
            self._telling[folder] = asyncio.get_running_loop().call_later(TELL_SECONDS, self._told, folder)

    def _told(self, folder: str) -> None:
        del self._telling[folder]
        if folder in self._untold:
            self._untold.discard(folder)
            self._tell(folder)

    def _show(self, folder: str) -> None:
        known = self._folders.get(folder)
        if known is None:
            return
        try:
            self._emit(WatchedChanged(self._view(known)))
        except DesktopOcrError as error:
            log.warning("a watched folder could not be shown: %s", error.code)

    def _view(self, folder: WatchedFolder) -> WatchedView:
        counts = self._table.counts(folder.id)
        watch = self._watches.get(folder.id)
        return WatchedView(
            folder,
            working=counts.get(ArrivalState.WORKING, 0) + counts.get(ArrivalState.SETTLING, 0),
            done=counts.get(ArrivalState.DONE, 0),
            failed=counts.get(ArrivalState.FAILED, 0),
            waiting=counts.get(ArrivalState.WAITING, 0),
            polled=watch is not None and watch.polled,
            error=watch.error if watch is not None else self._wrong.get(folder.id),
        )


def _tidy(wanted: WatchedFolder) -> WatchedFolder:
    """With an id, and with paths that do not depend on where the program was started.

    Raises:
        DesktopOcrError: USAGE, a path is none.
    """
    if not wanted.path or "\0" in wanted.path + wanted.output + wanted.done_folder:
        raise DesktopOcrError(ErrorCode.USAGE, "A watched folder needs a path.", "Choose a folder.")
    path = _plain(wanted.path)
    output = _plain(wanted.output) if wanted.output else None
    output = None if output == path else output
    return msgspec.structs.replace(
        wanted,
        id=wanted.id or uuid.uuid4().hex,
        path=str(path),
        output=str(output or ""),
        formats=tuple(dict.fromkeys(wanted.formats)),
        settle_seconds=min(max(wanted.settle_seconds, 0.2), 3600.0),
    )


def _plain(path: str) -> Path:
    """Without "~" and ".."; one that is not whole stays so, and is refused later."""
    whole = Path(path).expanduser()
    return Path(os.path.normpath(whole)) if whole.is_absolute() else whole


def _shown(row: ArrivalRow) -> Arrival:
    return Arrival(
        row.folder,
        shown(row.path),
        row.state,
        job=row.job or 0,
        error=row.error,
        attempts=row.attempts,
        next_try=row.next_try if row.state is ArrivalState.WAITING else 0.0,
        outputs=tuple(file.path for file in row.made if not file.original and not file.part),
        changed=row.changed,
    )
