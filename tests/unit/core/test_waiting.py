"""Work waits for others' sake, and goes on by itself."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import msgspec
import pytest

from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.waiting import Surroundings, Waiting, in_quiet_hours, reasons_to_wait
from desktop_ocr.schema.events import Event, WorkWaits
from desktop_ocr.schema.settings import Settings


class FakeSurroundings(Surroundings):
    """A machine as a test wants it."""

    def __init__(self) -> None:
        super().__init__((), lambda: self.share)
        self.battery, self.share, self.time = False, 0.0, datetime.time(12, 0)
        self.room: tuple[float, Path] | None = (100.0, Path("/data"))

    def on_battery(self) -> bool:
        return self.battery

    def free_gb(self) -> tuple[float, Path] | None:
        return self.room

    def clock(self) -> datetime.time:
        return self.time


class Queue:
    """Counts."""

    def __init__(self) -> None:
        self.held = 0

    def hold(self) -> None:
        self.held += 1

    async def go_on(self) -> None:
        self.held -= 1


def waiting(around: Surroundings, **settings: object) -> tuple[Waiting, Queue, list[Event]]:
    queue, told = Queue(), list[Event]()
    live = LiveSettings(msgspec.convert(settings, Settings))
    return Waiting(live, around, queue.hold, queue.go_on, told.append, look_seconds=0.01), queue, told


@pytest.mark.parametrize(
    ("start", "end", "now", "quiet"),
    [
        ("22:00", "06:30", "23:10", True),
        ("22:00", "06:30", "06:29", True),
        ("22:00", "06:30", "06:30", False),
        ("22:00", "06:30", "21:59", False),
        ("09:00", "17:00", "09:00", True),
        ("09:00", "17:00", "17:00", False),
        ("", "17:00", "12:00", False),
        ("09:00", "", "12:00", False),
        ("09:00", "09:00", "09:00", False),
    ],
)
def test_quiet_hours_may_go_over_midnight(start, end, now, quiet):
    assert in_quiet_hours(start, end, datetime.time.fromisoformat(now)) is quiet


def test_nothing_keeps_us_where_the_settings_want_nothing():
    around = FakeSurroundings()
    around.battery, around.share, around.room = True, 1.0, (0.0, Path("/data"))
    assert reasons_to_wait(Settings(least_free_gb=0), around) == ()


def test_each_reason_is_told():
    around = FakeSurroundings()
    around.battery, around.share, around.room = True, 0.4, (0.25, Path("/data"))
    settings = Settings(pause_on_battery=True, pause_for_gpu=True, quiet_from="11:00", quiet_until="13:00")
    assert reasons_to_wait(settings, around) == (
        "The computer runs on its battery.",
        "Another program needs the GPU.",
        "Work waits from 11:00 to 13:00.",
        "Only 0.2 GB are free on the disk of /data; 0.5 GB are to stay free.",
    )
    around.share = 0.2
    around.room = None
    assert len(reasons_to_wait(settings, around)) == 2


def test_the_real_machine_answers(tmp_path):
    around = Surroundings((tmp_path / "not" / "there", Path("/")), lambda: 0.0)
    assert around.on_battery() in (True, False)
    found = around.free_gb()
    assert found is not None
    assert found[0] > 0
    assert found[1] in (tmp_path / "not" / "there", Path("/"))
    assert isinstance(around.clock(), datetime.time)


async def test_work_is_held_once_and_goes_on_when_all_reasons_have_passed():
    around = FakeSurroundings()
    made, queue, told = waiting(around, pause_on_battery=True, pause_for_gpu=True)
    await made.look()
    assert (queue.held, told) == (0, [])
    around.battery = True
    await made.look()
    around.share = 0.9
    await made.look()
    assert queue.held == 1
    assert [len(event.reasons) for event in told if isinstance(event, WorkWaits)] == [1, 2]
    around.battery = False
    await made.look()
    assert queue.held == 1
    around.share = 0.0
    await made.look()
    assert queue.held == 0
    assert told[-1] == WorkWaits(())


async def test_a_figure_that_changes_is_not_told_again():
    around = FakeSurroundings()
    made, _, told = waiting(around)
    for room in (0.4, 0.3, 0.2):
        around.room = (room, Path("/data"))
        await made.look()
    assert len(told) == 1


async def test_who_insists_works_until_the_reason_has_passed_once():
    around = FakeSurroundings()
    made, queue, told = waiting(around, pause_on_battery=True)
    await made.insist()  # there is nothing to insist on
    around.battery = True
    await made.look()
    assert queue.held == 1
    await made.insist()
    await made.look()
    assert queue.held == 0
    assert told[-1] == WorkWaits(())
    around.battery = False
    await made.look()
    around.battery = True
    await made.look()
    assert queue.held == 1


async def test_it_looks_by_itself_and_survives_what_cannot_be_asked():
    around = FakeSurroundings()
    made, queue, _ = waiting(around, pause_on_battery=True)
    asked = 0

    def broken() -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise RuntimeError("an odd driver")
        return True

    around.on_battery = broken  # type: ignore[method-assign]
    made.start()
    async with asyncio.timeout(60):
        while not queue.held:
            await asyncio.sleep(0.01)
    await made.close()
    assert asked >= 2
