"""What the system tells of a folder: paths that have changed, through the library `watchfiles`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.schema.watching import WatchedFolder

log = logging.getLogger(__name__)

DEBOUNCE_MS = 1000
STEP_MS = 250  # it wakes up so often
CLOSING_SECONDS = 5.0


class FolderEvents:
    """Listens to one folder in a thread of its own.

    The library's own coroutine names all sub-folders to the system in the loop's thread, and shares forty threads with
    all other watched folders. The naming takes long for many, and holds all other threads up, in whichever it is done
    (Linux: 61 ms for 1,000, 730 ms for 20,000): what has many is not to be listened to, see `watched_folder`.

    Attributes:
        error: why the system tells nothing (any more); None while it does.
    """

    def __init__(self, folder: WatchedFolder, changed: Callable[[set[Path]], None]) -> None:
        """Listen to nothing yet; `changed` gets paths of files and folders that came, changed or went."""
        self._folder = folder
        self._changed = changed
        self._listener: _Listener | None = None
        self._begun = asyncio.Event()
        self.error: Exception | None = None

    def start(self) -> None:
        """Begin to listen; called again where the folder was away, say."""
        self._begun = asyncio.Event()
        self.error = None
        self._listener = _Listener(self._folder, asyncio.get_running_loop(), self)

    async def listens(self, seconds: float) -> bool:
        """Wait until whatever happens from now on is told, or `error` is set; False if that takes longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._begun.wait()
        return self._begun.is_set()

    async def close(self) -> None:
        """Listen no more."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.end()
            await asyncio.to_thread(listener.thread.join, CLOSING_SECONDS)

    # --- told by the listener, in the loop ------------------------------------------------------------------

    def began(self, listener: _Listener) -> None:
        """It listens."""
        if listener is self._listener:
            self._begun.set()
            self._changed(set())

    def heard(self, listener: _Listener, paths: set[Path]) -> None:
        """Paths have changed."""
        if listener is self._listener:
            self._changed(paths)

    def failed(self, listener: _Listener, error: Exception) -> None:
        """It cannot listen."""
        if listener is self._listener:
            self.error = error
            self._begun.set()
            self._changed(set())


class _Listener:
    """The thread. It is the library's event for stopping, too: asked for the first time when the system has been told
    of the folder.
    """

    def __init__(self, folder: WatchedFolder, loop: asyncio.AbstractEventLoop, events: FolderEvents) -> None:
        self._folder = folder
        self._loop = loop
        self._events = events
        self._begun = self._ended = False
        self._root = self._real = Path(folder.path)
        # A file system that does not answer must not keep the program from ending.
        self.thread = threading.Thread(target=self._listen, name=f"events of {folder.id}", daemon=True)
        self.thread.start()

    def end(self) -> None:
        """Stop soon."""
        self._ended = True

    def is_set(self) -> bool:
        """Whether to stop, see the class."""
        if not self._begun:
            self._begun = True
            self._tell(lambda: self._events.began(self))
        return self._ended

    def _listen(self) -> None:
        from watchfiles import watch  # 40 ms, which a program that watches nothing need not spend

        try:
            self._real = self._root.resolve()
            for changes in watch(
                self._root,
                watch_filter=None,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                rust_timeout=0,  # none
                stop_event=self,
                recursive=self._folder.recursive,
                ignore_permission_denied=True,
                force_polling=False,
                raise_interrupt=False,
            ):
                paths = {self._as_named(path) for _, path in changes}
                self._tell(lambda paths=paths: self._events.heard(self, paths))  # type: ignore[misc]
        # The library passes on whatever its platform's part says: no watches left, no such folder, no such call.
        except Exception as error:  # noqa: BLE001
            log.warning(
                "the system tells nothing of a watched folder (%s): it is looked through instead", type(error).__name__
            )
            wrong = error
            self._tell(lambda: self._events.failed(self, wrong))

    def _tell(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the program ends, and its loop is closed
            self._loop.call_soon_threadsafe(what)

    def _as_named(self, path: str) -> Path:
        """A path below the folder as it is named here: a system may tell where a link leads (not run on macOS yet)."""
        told = Path(path)
        if told.is_relative_to(self._root) or not told.is_relative_to(self._real):
            return told
        return self._root / told.relative_to(self._real)
