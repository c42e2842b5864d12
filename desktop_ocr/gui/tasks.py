"""Tasks on the window's loop: kept alive, ended together, and never failing in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo

_log = logging.getLogger(__name__)


class Tasks:
    """Starts coroutines for slots.

    An error that a person can act on goes to `tell`; any other is a fault of the program: the loop's exception
    handler gets it (which logs it, and fails a test), and the user is told too.
    """

    def __init__(self, tell: Callable[[ErrorInfo], None]) -> None:
        self._tell = tell
        self._running: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine. After `close` it is dropped."""
        if self._closed:
            coroutine.close()
            return
        task = asyncio.get_running_loop().create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        if self._closed:
            _log.warning("a task of the window failed while it closed", exc_info=error)
            return
        if isinstance(error, DesktopOcrError):
            if error.code is not ErrorCode.CANCELLED:
                self._tell(error.info)
            return
        self._tell(ErrorInfo(ErrorCode.INTERNAL, f"Something went wrong inside the program: {error!r}."))
        task.get_loop().call_exception_handler(
            {"message": "a task of the window failed", "exception": error, "task": task}
        )

    async def close(self) -> None:
        """Take no more, and end what runs."""
        self._closed = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
