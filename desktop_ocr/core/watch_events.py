"""What the system tells of a folder: paths that have changed, through the library `watchfiles`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from desktop_ocr.schema.watching import WatchedFolder

log = logging.getLogger(__name__)

DEBOUNCE_MS = 1000
STEP_MS = 250  # it wakes up so often


class FolderEvents:
    """Listens to one folder in a task of its own.

    Attributes:
        error: why the system tells nothing (any more); None while it does.
    """

    def __init__(self, folder: WatchedFolder, changed: Callable[[set[Path]], None]) -> None:
        """Listen to nothing yet; `changed` gets paths of files and folders that came, changed or went."""
        self._folder = folder
        self._changed = changed
        self._task: asyncio.Task[None] | None = None
        self._stop: asyncio.Event = asyncio.Event()
        self._real = Path(folder.path)
        self.error: Exception | None = None

    def start(self) -> None:
        """Begin to listen; called again where the folder was away, say."""
        self._stop = asyncio.Event()
        self.error = None
        self._task = asyncio.create_task(self._listen(self._stop), name=f"events of {self._folder.id}")

    async def close(self) -> None:
        """Listen no more."""
        self._stop.set()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen(self, stop: asyncio.Event) -> None:
        from watchfiles import awatch  # 40 ms, which a program that watches nothing need not spend

        try:
            self._real = await asyncio.to_thread(Path(self._folder.path).resolve)
            async for changes in awatch(
                self._folder.path,
                watch_filter=None,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                stop_event=stop,
                recursive=self._folder.recursive,
                ignore_permission_denied=True,
                force_polling=False,
            ):
                self._changed({self._as_named(path) for _, path in changes})
        except asyncio.CancelledError:
            raise
        # The library passes on whatever its platform's part says: no watches left, no such folder, no such call.
        except Exception as error:  # noqa: BLE001
            log.warning(
                "the system tells nothing of a watched folder (%s): it is looked through instead", type(error).__name__
            )
            self.error = error
            self._changed(set())

    def _as_named(self, path: str) -> Path:
        """A path below the folder as it is named here: a system may tell where a link leads (not run on macOS yet)."""
        told, root = Path(path), Path(self._folder.path)
        if told.is_relative_to(root) or not told.is_relative_to(self._real):
            return told
        return root / told.relative_to(self._real)
