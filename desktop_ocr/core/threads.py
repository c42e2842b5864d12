"""Threads for files that may lie on a share that does not answer: nobody else's work waits behind them.

Those of `concurrent.futures` are waited for when the program ends. A read from a share that is gone may never return.
"""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class _Call(NamedTuple):
    function: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class Threads:
    """Like `asyncio.to_thread`, but a few threads of their own, which the program's end does not wait for."""

    def __init__(self, name: str, count: int) -> None:
        """Start none yet."""
        self._name = name
        self._count = count
        self._begun = 0
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    async def run(self, function: Callable[_Given, _Made], *args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        """What `function` returns; errors are its own. Who is cancelled does not wait for it any more."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Made] = loop.create_future()
        self._calls.put(_Call(functools.partial(function, *args, **kwargs), future, loop))
        if self._begun < self._count:
            self._begun += 1
            threading.Thread(target=self._work, name=f"{self._name} {self._begun}", daemon=True).start()
        return await future

    def close(self) -> None:
        """Begin nothing more after what was asked for."""
        for _ in range(self._begun):
            self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            if call.future.cancelled():
                continue
            made: Any = None
            error: BaseException | None = None
            try:
                made = call.function()
            except BaseException as failure:  # noqa: BLE001 - it is whoever asked's
                error = failure
            try:
                call.loop.call_soon_threadsafe(_settle, call.future, made, error)
            except RuntimeError:  # the loop is closed: nobody waits for it
                return


def _settle(future: asyncio.Future[Any], made: object, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(made)
