"""A slot whose host is ended at once, whatever it is doing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from desktop_ocr.hosts.outcome import HostOutcome
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.hosts.slot import HostSlot
from desktop_ocr.schema.engine_messages import Recognised
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, HostEnded, HostStarted
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import Done, Ping
from tests.fakes.engines import Engines, children, other_tasks, recognise, until

pytestmark = pytest.mark.process


class Rig:
    """A slot on fake hosts, and what it told."""

    def __init__(self, folder: Path, *, idle: float | None = None) -> None:
        self.hosts = Engines(folder)
        self.events: list[Event] = []
        self.ends: list[tuple[int, HostOutcome]] = []
        self.prepared = 0
        self.prepare_gate = asyncio.Event()
        self.prepare_gate.set()
        self.slot = HostSlot(
            HostRole.ENGINE,
            idle_seconds=idle,
            emit=self.events.append,
            prepare=self._prepare,
            start=self.hosts.start,
            on_end=lambda generation, outcome: self.ends.append((generation, outcome)),
        )

    async def _prepare(self, host: HostProcess) -> None:
        self.prepared += 1
        await self.prepare_gate.wait()
        await host.request(Ping(), 20)

    def ask(self, page: int = 0) -> asyncio.Task[Recognised]:
        return asyncio.create_task(self.slot.ask(recognise(page), Recognised, 60))


@contextlib.asynccontextmanager
async def rig(folder: Path, *, idle: float | None = None) -> AsyncIterator[Rig]:
    made = Rig(folder, idle=idle)
    try:
        yield made
    finally:
        await made.slot.close()
    assert children() == []
    await until(lambda: other_tasks() == [])
    assert len(made.ends) == sum(isinstance(event, HostStarted) for event in made.events)
    assert len(made.ends) == sum(isinstance(event, HostEnded) for event in made.events)


async def code_of(task: asyncio.Task[Recognised]) -> ErrorCode:
    with pytest.raises(DesktopOcrError) as caught:
        await asyncio.wait_for(task, 60)
    return caught.value.code


async def test_a_host_in_the_middle_of_a_page_is_ended_and_the_next_request_starts_another(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.write(pages={0: "hang"})
        asked = made.ask(0)
        await until(lambda: made.hosts.times("0"))
        pid = made.slot.pid
        assert pid is not None
        await made.slot.interrupt()
        assert not psutil.pid_exists(pid)
        assert await code_of(asked) is ErrorCode.FREED
        assert made.ends[0][0] == 1
        assert made.ends[0][1].expected
        assert isinstance(await made.ask(1), Recognised)
        assert made.slot.generation == 2


async def test_those_who_wait_are_told_too_and_start_no_host(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.write(pages={0: "hang"})
        asked = [made.ask(0), made.ask(1), made.ask(2)]
        await until(lambda: made.hosts.times("0"))
        await made.slot.interrupt(DesktopOcrError(ErrorCode.CANCELLED, "It was too much."))
        assert [await code_of(task) for task in asked] == [ErrorCode.CANCELLED] * 3
        assert made.slot.generation == 1
        assert made.slot.pid is None
        assert not made.slot.busy


async def test_a_request_that_comes_while_the_host_is_being_ended_is_refused(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.write(pages={0: "hang"})
        first = made.ask(0)
        await until(lambda: made.hosts.times("0"))
        interrupting = asyncio.create_task(made.slot.interrupt())
        await asyncio.sleep(0)
        late = made.ask(1)
        assert await code_of(late) is ErrorCode.FREED
        await interrupting
        assert await code_of(first) is ErrorCode.FREED
        assert children() == []


async def test_a_host_that_does_not_shake_hands_is_ended(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.mute = True
        asked = made.ask()
        await until(children)
        async with asyncio.timeout(20):  # a handshake may take 30 s
            await made.slot.interrupt()
        assert await code_of(asked) is ErrorCode.FREED
        assert children() == []
        made.hosts.mute = False
        assert isinstance(await made.ask(), Recognised)


async def test_a_host_that_is_not_even_started_is_not_started(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.start_delay = 60.0
        asked = made.ask()
        await until(lambda: made.slot.busy)
        async with asyncio.timeout(40):
            await made.slot.interrupt()
        assert await code_of(asked) is ErrorCode.FREED
        assert made.slot.generation == 0


async def test_a_host_that_is_being_prepared_is_ended(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.prepare_gate.clear()
        asked = made.ask()
        await until(lambda: made.prepared)
        async with asyncio.timeout(40):
            await made.slot.interrupt()
        assert await code_of(asked) is ErrorCode.FREED
        assert children() == []
        made.prepare_gate.set()
        assert isinstance(await made.ask(), Recognised)
        assert made.prepared == 2


async def test_several_interruptions_at_a_time(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.mute = True
        asked = made.ask()
        await until(children)
        await asyncio.gather(*(made.slot.interrupt() for _ in range(3)))
        assert await code_of(asked) is ErrorCode.FREED
        made.hosts.mute = False
        assert isinstance(await made.ask(), Recognised)
        await made.slot.interrupt()
        await made.slot.interrupt()
        assert made.slot.pid is None


async def test_an_interruption_at_any_moment_leaves_a_slot_that_works(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.ask()
        for steps in range(0, 60, 3):
            asked = [made.ask(steps), made.ask(steps + 1)]
            for _ in range(steps):
                await asyncio.sleep(0)
            await asyncio.sleep(0.004 * steps)
            await made.slot.interrupt()
            assert made.slot.pid is None
            results = await asyncio.gather(*asked, return_exceptions=True)
            for result in results:
                assert isinstance(result, Recognised) or (
                    isinstance(result, DesktopOcrError) and result.code is ErrorCode.FREED
                ), result
            assert children() == []
        assert isinstance(await made.ask(), Recognised)


async def test_a_cancelled_interruption_still_ends_the_host(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.ask()
        interrupting = asyncio.create_task(made.slot.interrupt())
        await asyncio.sleep(0)
        interrupting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await interrupting
        assert isinstance(await made.ask(), Recognised)  # in a new host, when the old one is gone
        assert [generation for generation, _ in made.ends] == [1]


async def test_a_slot_that_refuses_lets_go_on_what_was_asked_before(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.write(delay=0.3)
        before = [made.ask(0), made.ask(1)]
        await until(lambda: made.slot.busy)
        made.slot.refuse(DesktopOcrError(ErrorCode.FREED, "Not now."))
        assert await code_of(made.ask(2)) is ErrorCode.FREED
        assert all(isinstance(reply, Recognised) for reply in await asyncio.gather(*before))
        await made.slot.interrupt()
        assert await code_of(made.ask(2)) is ErrorCode.FREED
        made.slot.refuse(None)
        assert isinstance(await made.ask(2), Recognised)


async def test_an_idle_slot_ends_its_host_and_leaves_no_task(tmp_path: Path) -> None:
    async with rig(tmp_path, idle=0.1) as made:
        await made.ask()
        await until(lambda: made.slot.pid is None)
        assert made.ends[0][1].words == "ended as asked"
        await until(lambda: other_tasks() == [])
        await made.ask()
        await made.slot.interrupt()
        await until(lambda: other_tasks() == [])


async def test_a_slot_without_idle_time_keeps_its_host(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.ask()
        assert [name for name in other_tasks() if name.startswith("idle")] == []
        assert made.slot.pid is not None


async def test_only_a_host_that_runs_is_asked_where_no_other_will_do(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        with pytest.raises(DesktopOcrError) as caught:
            await made.slot.ask(Ping(), Done, 5, only=lambda _: True)
        assert caught.value.code is ErrorCode.HOST_DIED
        assert made.slot.generation == 0
        await made.ask()
        assert await made.slot.ask(Ping(), Done, 5, only=lambda generation: generation == 1) == Done()
        with pytest.raises(DesktopOcrError):
            await made.slot.ask(Ping(), Done, 5, only=lambda generation: generation == 2)
        assert made.slot.pid is not None


async def test_the_end_of_a_host_is_told_before_those_who_asked_it_go_on(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.write(pages={0: "die"})
        with pytest.raises(DesktopOcrError):
            await made.ask(0)
        assert [generation for generation, _ in made.ends] == [1]
        assert not made.ends[0][1].expected


@pytest.mark.parametrize("keep", [True, False])
async def test_a_release_asks_first(tmp_path: Path, keep: bool) -> None:
    async with rig(tmp_path) as made:
        await made.ask()
        assert await made.slot.release(lambda: not keep) is not keep
        assert (made.slot.pid is not None) is keep


async def test_a_host_that_dies_of_want_of_memory_is_told_as_such(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.hosts.write(pages={0: "bad-alloc", 1: "memory", 2: "abort"})
        assert await code_of(made.ask(0)) is ErrorCode.OUT_OF_MEMORY
        # It survived a shortage, and died later of something else.
        assert await code_of(made.ask(1)) is ErrorCode.OUT_OF_MEMORY
        assert await code_of(made.ask(2)) is ErrorCode.HOST_DIED
