"""The pressure ladder, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.memory.ladder import ORDER, PressureLadder, Rung, Step
from desktop_ocr.schema.memory import PressureLevel

NORMAL, WARNING, CRITICAL = PressureLevel.NORMAL, PressureLevel.WARNING, PressureLevel.CRITICAL
COOLDOWN = 30.0


class Measures:
    """Rungs that note what was done to them. `useless`: names that find nothing to do."""

    def __init__(self) -> None:
        self.now = 0.0
        self.done: list[tuple[float, str]] = []
        self.useless: set[str] = set()
        self.broken: set[str] = set()
        self.held: list[str] = []

    def clock(self) -> float:
        return self.now

    def rung(self, name: str, level: PressureLevel, *, lasting: bool) -> Rung:
        async def climb() -> bool:
            if name in self.broken:
                raise RuntimeError(name)
            if name in self.useless:
                return False
            assert name not in self.held, "taken twice"
            self.done.append((self.now, f"+{name}"))
            if lasting:
                self.held.append(name)
            return True

        async def undo() -> None:
            self.held.remove(name)  # raises for what was not done
            self.done.append((self.now, f"-{name}"))
            if name in self.broken:
                raise RuntimeError(name)

        return Rung(name, f"{name} now", climb, undo if lasting else None, level, f"{name} back")

    def ladder(self) -> PressureLadder:
        """As in the program: two that are done once, and three that last."""
        rungs = [
            self.rung("caches", WARNING, lasting=False),
            self.rung("idle", WARNING, lasting=False),
            self.rung("features", CRITICAL, lasting=True),
            self.rung("side", CRITICAL, lasting=True),
            self.rung("refuse", CRITICAL, lasting=True),
        ]
        return PressureLadder(rungs, cooldown=COOLDOWN, clock=self.clock)

    async def run(self, ladder: PressureLadder, level: PressureLevel, seconds: float) -> list[Step]:
        """Observe a level once a second."""
        steps = []
        for _ in range(int(seconds)):
            steps.append(await ladder.observe(level))
            self.now += 1
        return [step for step in steps if step is not None]

    def names(self) -> list[str]:
        return [name for _, name in self.done]


async def test_up_one_by_one_and_down_again() -> None:
    measures = Measures()
    ladder = measures.ladder()
    up = await measures.run(ladder, CRITICAL, 300)
    assert [(step.rung, step.words, step.up) for step in up] == [
        (1, "caches now", True),
        (2, "idle now", True),
        (3, "features now", True),
        (4, "side now", True),
        (5, "refuse now", True),
    ]
    assert [time for time, _ in measures.done] == [0, 30, 60, 90, 120]
    assert (ladder.rung, ladder.words) == (5, "refuse now")
    down = await measures.run(ladder, NORMAL, 300)
    assert [(step.rung, step.words, step.up) for step in down] == [
        (4, "refuse back", False),
        (3, "side back", False),
        (0, "features back", False),
    ]
    assert [time for time, _ in measures.done][5:] == [330, 360, 390]
    assert (ladder.rung, ladder.words) == (0, "")


async def test_a_warning_takes_the_gentle_measures_alone() -> None:
    measures = Measures()
    ladder = measures.ladder()
    await measures.run(ladder, WARNING, 200)
    assert measures.names() == ["+caches", "+idle"]
    down = await measures.run(ladder, NORMAL, 100)
    assert down == [Step(0, "", up=False)]
    await measures.run(ladder, WARNING, 100)
    assert measures.names() == ["+caches", "+idle"] * 2, "once more when memory is short once more"


async def test_what_did_nothing_costs_no_cooldown() -> None:
    measures = Measures()
    measures.useless = {"caches", "idle"}
    ladder = measures.ladder()
    assert await ladder.observe(CRITICAL) == Step(3, "features now", up=True)


async def test_what_did_nothing_is_tried_again_later() -> None:
    measures = Measures()
    measures.useless = {"idle"}
    ladder = measures.ladder()
    await measures.run(ladder, CRITICAL, 60)
    assert measures.names() == ["+caches", "+features"]
    measures.useless.clear()
    await measures.run(ladder, CRITICAL, 30)
    assert measures.names() == ["+caches", "+features", "+idle"]
    assert ladder.rung == 3


async def test_a_fruitless_warning_does_not_hold_up_what_is_critical() -> None:
    measures = Measures()
    measures.useless = {"caches", "idle"}
    ladder = measures.ladder()
    assert await measures.run(ladder, WARNING, 5) == []
    assert await ladder.observe(CRITICAL) == Step(3, "features now", up=True)


async def test_fruitless_measures_are_not_asked_every_second() -> None:
    asked = 0

    async def nothing() -> bool:
        nonlocal asked
        asked += 1
        return False

    measures = Measures()
    rungs = [Rung("nothing", "", nothing, None, WARNING)]
    ladder = PressureLadder(rungs, cooldown=COOLDOWN, clock=measures.clock)
    assert await measures.run(ladder, CRITICAL, 90) == []
    assert asked == 3
    assert ladder.rung == 0


async def test_a_short_relief_takes_nothing_back() -> None:
    measures = Measures()
    measures.useless = {"caches", "idle", "side", "refuse"}
    ladder = measures.ladder()
    await ladder.observe(CRITICAL)
    for _ in range(5):
        measures.now += 1
        await measures.run(ladder, WARNING, 29)
        await measures.run(ladder, CRITICAL, 1)
    assert measures.names() == ["+features"]
    assert ladder.rung == 3


async def test_a_warning_is_relief_for_what_was_critical() -> None:
    measures = Measures()
    ladder = measures.ladder()
    await measures.run(ladder, CRITICAL, 100)
    assert ladder.rung == 4
    measures.done.clear()
    await measures.run(ladder, WARNING, 300)
    assert measures.names() == ["-side", "-features", "+caches", "+idle"]
    assert ladder.rung == 2


async def test_pressure_on_the_way_down_leads_up_again() -> None:
    measures = Measures()
    ladder = measures.ladder()
    await measures.run(ladder, CRITICAL, 150)
    await measures.run(ladder, NORMAL, 31)
    assert measures.names()[-1] == "-refuse"
    measures.done.clear()
    await measures.run(ladder, CRITICAL, 100)
    assert measures.names() == ["+caches", "+idle", "+refuse"]


async def test_a_measure_that_fails_is_logged_and_passed(caplog) -> None:
    measures = Measures()
    measures.broken = {"caches"}
    ladder = measures.ladder()
    assert await ladder.observe(WARNING) == Step(2, "idle now", up=True)
    assert "caches failed" in caplog.text


async def test_taking_back_that_fails_does_not_block_the_rest(caplog) -> None:
    measures = Measures()
    ladder = measures.ladder()
    await measures.run(ladder, CRITICAL, 150)
    measures.broken = {"side"}
    await measures.run(ladder, NORMAL, 150)
    assert ladder.rung == 0
    assert measures.held == []
    assert "taking back side failed" in caplog.text


async def test_one_step_at_a_time() -> None:
    """A measure that takes long (models are being unloaded) is not overtaken, and the cooldown begins after it."""
    measures = Measures()
    unloaded = asyncio.Event()

    async def slow() -> bool:
        await unloaded.wait()
        measures.now += 100
        return True

    rungs = [Rung("slow", "slow now", slow, None, WARNING), measures.rung("features", CRITICAL, lasting=True)]
    ladder = PressureLadder(rungs, cooldown=COOLDOWN, clock=measures.clock)
    first = asyncio.create_task(ladder.observe(CRITICAL))
    await asyncio.sleep(0)
    assert await ladder.observe(CRITICAL) is None
    unloaded.set()
    assert await first == Step(1, "slow now", up=True)
    assert await ladder.observe(CRITICAL) is None
    assert await measures.run(ladder, CRITICAL, 31) == [Step(2, "features now", up=True)]


async def test_a_cancelled_measure_was_not_taken() -> None:
    measures = Measures()
    stuck = asyncio.Event()

    async def slow() -> bool:
        return await stuck.wait()

    ladder = PressureLadder([Rung("slow", "slow now", slow, None, WARNING)], cooldown=COOLDOWN, clock=measures.clock)
    task = asyncio.create_task(ladder.observe(WARNING))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stuck.set()
    assert await ladder.observe(WARNING) == Step(1, "slow now", up=True)


def test_a_rung_for_normal_times_is_refused() -> None:
    with pytest.raises(ValueError, match="WARNING"):
        PressureLadder([Measures().rung("x", NORMAL, lasting=True)], cooldown=COOLDOWN)


def test_a_ladder_without_rungs_does_nothing() -> None:
    ladder = PressureLadder([], cooldown=0)
    assert asyncio.run(ladder.observe(CRITICAL)) is None
    assert ladder.rung == 0


STRETCH = st.tuples(
    st.sampled_from([NORMAL, WARNING, CRITICAL]),
    st.integers(1, 45),
    st.sets(st.sampled_from(["caches", "idle", "features", "side", "refuse"])),
)


@settings(deadline=None)
@given(st.lists(STRETCH, max_size=12))
def test_any_course_of_levels(course) -> None:
    """Never two steps within a cooldown, nothing undone that was not done, the ground in the end."""

    async def walk() -> None:
        measures = Measures()
        ladder = measures.ladder()
        levels = {"caches": WARNING, "idle": WARNING, "features": CRITICAL, "side": CRITICAL, "refuse": CRITICAL}
        for level, seconds, useless in course:
            measures.useless = useless
            before = len(measures.done)
            for step in await measures.run(ladder, level, seconds):
                assert not step.up or level is not NORMAL
            for _, name in measures.done[before:]:
                assert name[0] == "-" or ORDER[levels[name[1:]]] <= ORDER[level]
        measures.useless = set()
        await measures.run(ladder, NORMAL, 4 * COOLDOWN + 2)
        assert ladder.rung == 0
        assert ladder.words == ""
        assert measures.held == []
        times = [time for time, _ in measures.done]
        assert all(later - earlier >= COOLDOWN for earlier, later in itertools.pairwise(times))

    asyncio.run(walk())
