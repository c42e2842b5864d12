"""Whether a page is begun: the guard and its predictions are real, what they are told of the machine is made up."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

import msgspec
import pytest

from desktop_ocr.core.admission import A4_PIXELS, Admission
from desktop_ocr.core.live import LiveSettings
from desktop_ocr.core.plans import PressurePolicy, stage_plan, wanted_plan
from desktop_ocr.memory.footprints import Footprints
from desktop_ocr.memory.guard import MemoryGuard
from desktop_ocr.memory.monitor import MemoryMonitor
from desktop_ocr.models.manager import ModelManager
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.jobs import JobOptions
from desktop_ocr.schema.memory import HostRole, MemorySample, ProcessMemory
from desktop_ocr.schema.settings import Settings

PLAN = wanted_plan(JobOptions(), "cpu", 1280, A4_PIXELS, ())
NEEDED = 1000.0
EACH = 400.0
"""MB of a model of a stage."""


@dataclass(eq=False)
class FakeService:
    """What admission sees of a service."""

    name: str
    pid: int | None = None
    device: str = "cpu"
    held: tuple[str, ...] = ()

    async def end(self) -> bool:
        """It holds nothing any more."""
        self.pid, self.held = None, ()
        return True


class FakeMachine:
    """In place of monitor and manager: `used` MB of 10,000 are in use, and `sample` finds that out."""

    def __init__(self, used: float) -> None:
        self.used = used
        self.hosts: tuple[ProcessMemory, ...] = ()
        self.keeps = False
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

    async def unload_beside(self, service: FakeService, needed: Collection[str]) -> None:
        """What is unloaded is gone, and the memory with it, unless the host keeps it."""
        left = tuple(model for model in service.held if model in needed)
        gone = len(service.held) - len(left)
        service.held = left
        if not self.keeps:
            self.used -= gone * EACH
            self.hosts = tuple(
                msgspec.structs.replace(host, ram_mb=host.ram_mb - gone * EACH) if host.pid == service.pid else host
                for host in self.hosts
            )


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

    await asyncio.wait_for(asyncio.gather(page("cpu/0"), page("cpu/1")), 60)
    assert order == ["cpu/0 begins", "cpu/0 ends", "cpu/1 begins", "cpu/1 ends"]


async def test_what_a_page_has_taken_already_is_not_counted_twice() -> None:
    machine = FakeMachine(9500.0 - NEEDED)
    machine.hosts = (ProcessMemory(7, HostRole.ENGINE, 900.0),)
    await machine.sample()
    admitting = admission(machine)
    async with (
        admitting.admitted(PLAN, PLAN, service("cpu/0", 7)),
        asyncio.timeout(60),
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


# --- stages -----------------------------------------------------------------------------------------------------

IDS = {"text-detection": "det", "text-recognition": "rec", "formula": "formulas", "chart": "charts"}
TEXT = ("det", "rec")
FORMULAS = stage_plan(Feature.FORMULAS, "cpu", A4_PIXELS, unwarped=False)


def staged(machine: FakeMachine, policy: PressurePolicy | None = None) -> Admission:
    """By the catalog: 400 MB for each model, 240 for an empty host."""
    live = LiveSettings(Settings())
    guard = MemoryGuard(live.now, Footprints(None), lambda _: EACH, lambda: machine.latest)
    return Admission(live, guard, cast(MemoryMonitor, machine), cast(ModelManager, machine), IDS, policy)


def host(machine: FakeMachine, *held: str) -> FakeService:
    """A service whose host holds these."""
    made = FakeService("cpu/0", 7, held=held)
    machine.hosts = (ProcessMemory(7, HostRole.ENGINE, 240.0 + EACH * len(held)),)
    machine.latest = machine.now()
    return made


async def test_models_stay_side_by_side_where_there_is_room() -> None:
    machine = FakeMachine(8000.0)
    one = host(machine, *TEXT)
    async with staged(machine).admitted(FORMULAS, FORMULAS, cast(OCRService, one)) as (plan, predicted):
        assert plan == FORMULAS
        assert predicted.ram_mb == pytest.approx(240 + 3 * EACH, abs=5)  # what the host holds already stays beside it
    assert one.held == TEXT


async def test_the_last_stages_models_go_before_the_next_ones_come_where_there_is_not() -> None:
    machine = FakeMachine(9300.0)  # 200 MB are left
    one = host(machine, *TEXT)
    async with staged(machine).admitted(FORMULAS, FORMULAS, cast(OCRService, one)) as (_, predicted):
        assert predicted.ram_mb == pytest.approx(240 + EACH, abs=5)
    assert one.held == ()
    assert one.pid == 7  # what it gave back was enough


async def test_what_the_next_stage_needs_stays() -> None:
    machine = FakeMachine(9300.0)
    one = host(machine, "rec", "charts")
    seals = stage_plan(Feature.SEALS, "cpu", A4_PIXELS, unwarped=False)
    async with staged(machine).admitted(seals, seals, cast(OCRService, one)):
        pass
    assert one.held in (("rec",), ("rec", "charts"))
    assert "rec" in one.held


async def test_under_pressure_they_go_before_memory_is_asked_for() -> None:
    machine = FakeMachine(1000.0)
    one = host(machine, *TEXT)
    async with staged(machine, PressurePolicy(apart=True)).admitted(FORMULAS, FORMULAS, cast(OCRService, one)):
        pass
    assert one.held == ()


async def test_a_stage_that_does_not_fit_by_itself_is_refused() -> None:
    machine = FakeMachine(9480.0)
    one = host(machine)
    with pytest.raises(DesktopOcrError) as caught:
        async with staged(machine).admitted(FORMULAS, FORMULAS, cast(OCRService, one)):
            pass
    assert caught.value.code is ErrorCode.MEMORY_SHORT
