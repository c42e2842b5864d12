"""A stand-in for watched folders, in memory: nothing is watched, files "come" when a test says so.

It refuses what the core refuses: a folder that is watched already, one that is not there ("missing" in its name), and
exports that would come to be watched.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.events import Event, WatchedChanged
from desktop_ocr.schema.watching import Arrival, ArrivalState, WatchedFolder, WatchedView

UNPLUGGED = ErrorInfo(ErrorCode.NOT_FOUND, "The folder is not there any more.", "Is its disk plugged in?")
LOCKED = ErrorInfo(ErrorCode.NO_PERMISSION, "The file is locked by another program.", "It is tried again by itself.")
DAMAGED = ErrorInfo(ErrorCode.DAMAGED, "The file is damaged.", "Scan it again.")


class FakeWatched:
    """The part of `BackgroundApi` about watched folders."""

    def __init__(self, emit: Callable[[Event], None], asked: list[tuple[str, object]]) -> None:
        """Tell `emit`; note in `asked` what was wanted."""
        self._emit = emit
        self._asked = asked
        self._numbers = itertools.count(1)
        self.views: dict[str, WatchedView] = {}
        self.came: dict[tuple[str, str], Arrival] = {}

    async def watched(self) -> list[WatchedView]:
        """All of them."""
        return list(self.views.values())

    async def watch(self, folder: WatchedFolder) -> WatchedFolder:
        """Store one."""
        self._asked.append(("watch", folder))
        path = Path(folder.path)
        if "missing" in folder.path:
            raise DesktopOcrError(ErrorCode.USAGE, f"'{path}' is not there.", "Choose a folder.")
        for other in self.views.values():
            if other.folder.path == folder.path and other.folder.id != folder.id:
                raise DesktopOcrError(ErrorCode.USAGE, f"'{path}' is watched already.", "Change that one.")
            if folder.output == other.folder.path:
                raise DesktopOcrError(
                    ErrorCode.USAGE, "The exports would come to be watched themselves.", "Choose another folder."
                )
        stored = folder if folder.id else msgspec.structs.replace(folder, id=f"folder-{next(self._numbers)}")
        self._put(msgspec.structs.replace(self.views.get(stored.id, WatchedView(stored)), folder=stored))
        return stored

    async def unwatch(self, folder: str) -> None:
        """Forget one."""
        self._asked.append(("unwatch", folder))
        self.views.pop(folder, None)
        self.came = {key: arrival for key, arrival in self.came.items() if key[0] != folder}

    async def arrivals(self, folder: str = "") -> list[Arrival]:
        """Those that are not done, the latest first."""
        over = (ArrivalState.DONE, ArrivalState.SAME)
        found = [one for one in self.came.values() if one.state not in over and folder in ("", one.folder)]
        return sorted(found, key=lambda one: -one.changed)

    async def retry_arrivals(self, folder: str = "", paths: Sequence[Path] = ()) -> int:
        """They work again at once."""
        self._asked.append(("retry_arrivals", (folder, tuple(paths))))
        wanted = {str(path) for path in paths}
        again = [
            one
            for one in await self.arrivals(folder)
            if one.state in (ArrivalState.FAILED, ArrivalState.WAITING) and (not wanted or one.path in wanted)
        ]
        for one in again:
            self.come(one.folder, one.path, ArrivalState.WORKING, job=one.job, attempts=one.attempts + 1)
        return len(again)

    # --- what a test does, on the session's loop --------------------------------------------------------------

    def come(
        self,
        folder: str,
        path: str,
        state: ArrivalState,
        *,
        error: ErrorInfo | None = None,
        job: int = 0,
        attempts: int = 1,
        next_try: float = 0.0,
    ) -> None:
        """A file has come to a state."""
        arrival = Arrival(folder, path, state, job, error, attempts, next_try, changed=time.time())
        self.came[folder, path] = arrival
        self.count(folder)

    def count(self, folder: str) -> None:
        """Tell a folder's counts."""
        states = [one.state for (owner, _path), one in self.came.items() if owner == folder]
        self._put(
            msgspec.structs.replace(
                self.views[folder],
                working=states.count(ArrivalState.WORKING) + states.count(ArrivalState.SETTLING),
                done=states.count(ArrivalState.DONE) + states.count(ArrivalState.SAME),
                failed=states.count(ArrivalState.FAILED),
                waiting=states.count(ArrivalState.WAITING),
            )
        )

    def stand(self, folder: str, *, error: ErrorInfo | None = None, polled: bool = False) -> None:
        """A folder stands otherwise."""
        self._put(msgspec.structs.replace(self.views[folder], error=error, polled=polled))

    def _put(self, view: WatchedView) -> None:
        self.views[view.folder.id] = view
        self._emit(WatchedChanged(view))
