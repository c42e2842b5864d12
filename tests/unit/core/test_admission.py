"""Whether a page is begun: the guard and its predictions are real, what they are told of the machine is made up."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import cast

import pytest

from desktop_ocr.core.admission import Admission, full_plan
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.memory.footprints import Footprints
from desktop_ocr.memory.guard import MemoryGuard
from desktop_ocr.memory.monitor import MemoryMonitor
from desktop_ocr.models.manager import ModelManager
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import HostRole, MemorySample, ProcessMemory
from desktop_ocr.schema.settings import Settings

PLAN = full_plan("cpu", 1280)
NEEDED = 1000.0


@dataclass(eq=False)
class FakeService:
    """What admission sees of a service."""

    name: str
    pid: int | None = None
    device: str = "cpu"


class FakeMachine:
    """In place of monitor and manager: `used` MB of 10,000 are in use, and `sample` finds that out."""

    def __init__(self, used: float) -> None:
        self.used = used
        self.hosts: tuple[ProcessMemory, ...] = ()
        self.latest: MemorySample | None = self.now()

    def now(self) -> MemorySample:
        """The truth."""
        return MemorySample(10_000.0, self.used, 100.0, self.hosts)

    async def sample(self) -> MemorySample:
        """Measure."""
        await asyncio.sleep(0)
        self.latest = self.now()
        return self.latest

    async def unload_idle(self, *, sparing: object = None) -> list[str]:
        """Nothing is idle."""
        del sparing
        return []


def admission(machine: FakeMachine) -> Admission:
    """Pages take `NEEDED` MB, as this machine measured; 9500 MB may be used."""
    live = LiveSettings(Settings())
    footprints = Footprints(None)
    guard = MemoryGuard(live.now, footprints, lambda _: None, lambda: machine.latest)
    made = Admission(live, guard, cast(MemoryMonitor, machine), cast(ModelManager, machine), {})
    guard.record_page(made.models(PLAN), "cpu", PLAN.pixels, PLAN.side, NEEDED)
    return made


def service(name: str, pid: int | None = None) -> OCRService:
    return cast(OCRService, FakeService(name, pid))


async def test_a_host_that_has_just_ended_does_not_make_a_page_smaller() -> None:
    machine = FakeMachine(9300.0)  # with a host of 1200 MB, which was there when it was measured last
    machine.used -= 1200.0
    async with admission(machine).admitted(PLAN, PLAN, service("cpu/0")) as (plan, predicted):
        assert plan == PLAN
        assert predicted.ram_mb == NEEDED


async def test_a_page_waits_for_what_another_was_promised_and_is_then_done_in_full() -> None:
    machine = FakeMachine(9500.0 - 1.5 * NEEDED)
    admitting = admission(machine)
    order: list[str] = []

    async def page(name: str) -> None:
        async with admitting.admitted(PLAN, PLAN, service(name)) as (plan, _):
            assert plan == PLAN
            order.append(f"{name} begins")
            await asyncio.sleep(0.05)  # the next sample does not show yet what it takes
            order.append(f"{name} ends")

    await asyncio.wait_for(asyncio.gather(page("cpu/0"), page("cpu/1")), 5)
    assert order == ["cpu/0 begins", "cpu/0 ends", "cpu/1 begins", "cpu/1 ends"]


async def test_what_a_page_has_taken_already_is_not_counted_twice() -> None:
    machine = FakeMachine(9500.0 - NEEDED)
    machine.hosts = (ProcessMemory(7, HostRole.ENGINE, 900.0),)
    await machine.sample()
    admitting = admission(machine)
    async with (
        admitting.admitted(PLAN, PLAN, service("cpu/0", 7)),
        asyncio.timeout(5),
    ):
        # 100 MB are promised and not taken yet.
        assert not await admitting.may_start(service("cpu/1"))
        machine.used -= 200.0
        await machine.sample()
        assert await admitting.may_start(service("cpu/1"))


async def test_a_page_that_is_stopped_while_it_waits_leaves_nothing_promised() -> None:
    machine = FakeMachine(9500.0 - 1.5 * NEEDED)
    admitting = admission(machine)

    async def page(name: str) -> None:
        async with admitting.admitted(PLAN, PLAN, service(name)):
            await asyncio.sleep(60)

    first, second = asyncio.create_task(page("cpu/0")), asyncio.create_task(page("cpu/1"))
    await asyncio.sleep(0.01)
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await admitting.may_start(service("cpu/0"))


async def test_where_nothing_fits_and_nobody_else_works_it_is_refused_with_figures() -> None:
    with pytest.raises(DesktopOcrError) as caught:
        async with admission(FakeMachine(9490.0)).admitted(PLAN, PLAN, service("cpu/0")):
            pass
    assert caught.value.code is ErrorCode.MEMORY_SHORT
    assert "10 MB" in caught.value.info.message


async def test_one_odd_page_does_not_keep_all_others_small_for_good() -> None:
    machine = FakeMachine(9500.0 - 1.5 * NEEDED)
    admitting = admission(machine)
    admitting._guard.record_page(admitting.models(PLAN), "cpu", PLAN.pixels, PLAN.side, 5 * NEEDED)
    sides = []
    for _ in range(8):
        async with admitting.admitted(PLAN, PLAN, service("cpu/0")) as (plan, _):
            sides.append(plan.side)
    assert sides[0] == 640
    assert sides[-1] == PLAN.side


async def test_the_first_page_ever_may_be_the_odd_one() -> None:
    machine = FakeMachine(9500.0 - 1.5 * NEEDED)
    admitting = admission(machine)
    for _ in range(4):
        admitting._guard.record_page(admitting.models(PLAN), "cpu", PLAN.pixels, PLAN.side, 5 * NEEDED)
    small = dataclasses.replace(PLAN, pixels=1_000_000)
    sides = []
    for _ in range(30):
        async with admitting.admitted(small, small, service("cpu/0")) as (plan, _):
            sides.append(plan.side)
    assert sides[0] == 640
    assert sides[-1] == small.side
