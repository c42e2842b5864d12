"""Threads of their own: what hangs in one holds up nobody but those who ask the same ones."""

from __future__ import annotations

import asyncio
import threading

import pytest

from desktop_ocr.core.threads import Threads


async def test_results_and_errors_come_back() -> None:
    threads = Threads("test", 2)
    assert await threads.run(divmod, 7, 2) == (3, 1)
    assert await threads.run(int, "11", base=2) == 3
    with pytest.raises(ZeroDivisionError):
        await threads.run(divmod, 7, 0)
    names = await asyncio.gather(*(threads.run(lambda: threading.current_thread().name) for _ in range(20)))
    assert set(names) <= {"test 1", "test 2"}
    threads.close()


async def test_what_was_cancelled_before_its_turn_is_not_done() -> None:
    threads, go, done = Threads("test", 1), threading.Event(), []
    first = asyncio.create_task(threads.run(go.wait, 20))
    second = asyncio.create_task(threads.run(done.append, "second"))
    await asyncio.sleep(0.05)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    go.set()
    assert await first
    await threads.run(done.append, "third")
    assert done == ["third"]
    threads.close()
