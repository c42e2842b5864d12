"""A task that is there only while something waits for its time."""

from __future__ import annotations

import asyncio
import time

import pytest

from desktop_ocr.models.sweeper import Sweeper


class Times:
    """What is due, and when it was swept."""

    def __init__(self) -> None:
        self.due: list[float] = []
        self.swept: list[float] = []
        self.looked = 0
        self.sweeper = Sweeper(self.next, self.sweep)

    def next(self) -> float | None:
        self.looked += 1
        return min(self.due, default=None)

    async def sweep(self) -> None:
        now = time.monotonic()
        self.swept += [due for due in self.due if due <= now]
        self.due = [due for due in self.due if due > now]


def tasks() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_it_sweeps_each_at_its_time_and_is_gone_then() -> None:
    times = Times()
    times.sweeper.wake()
    assert tasks() == []
    begun = time.monotonic()
    times.due = expected = [begun + 0.05, begun + 0.15]
    times.sweeper.wake()
    while tasks():
        await asyncio.sleep(0.01)
    assert times.swept == expected
    assert times.looked < 20  # it sleeps, and does not poll


async def test_who_changes_times_wakes_it() -> None:
    times = Times()
    times.due = [time.monotonic() + 3600]
    times.sweeper.wake()
    await asyncio.sleep(0)
    times.due = [time.monotonic()]
    times.sweeper.wake()
    while tasks():
        await asyncio.sleep(0.01)
    assert len(times.swept) == 1
    times.due = [time.monotonic() + 3600]
    times.sweeper.wake()
    await asyncio.sleep(0)
    times.due = []
    times.sweeper.wake()
    while tasks():
        await asyncio.sleep(0.01)


async def test_an_error_is_logged_and_the_next_change_starts_it_again(caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    async def sweep() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("a disk")
        due.clear()

    due = [0.0]
    sweeper = Sweeper(lambda: min(due, default=None), sweep)
    sweeper.wake()
    while tasks():
        await asyncio.sleep(0.01)
    assert "a disk" in caplog.text
    sweeper.wake()
    while tasks():
        await asyncio.sleep(0.01)
    assert calls == 2


async def test_closed_it_does_nothing_any_more() -> None:
    times = Times()
    times.due = [time.monotonic() + 3600]
    times.sweeper.wake()
    await asyncio.sleep(0)
    await times.sweeper.close()
    assert tasks() == []
    times.sweeper.wake()
    assert tasks() == []


async def test_others_have_their_turn_while_something_cannot_be_done() -> None:
    sweeps = 0

    async def sweep() -> None:
        nonlocal sweeps
        sweeps += 1

    sweeper = Sweeper(lambda: 0.0, sweep)
    sweeper.wake()
    async with asyncio.timeout(60):
        while sweeps < 3:
            await asyncio.sleep(0.01)
    await sweeper.close()
