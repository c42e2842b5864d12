"""Services and pools with real processes: hosts that are interrupted, replaced, killed at any moment."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from desktop_ocr.models.leaks import LeakGuard
from desktop_ocr.models.manager import ModelConfig
from desktop_ocr.models.pool import Priority
from desktop_ocr.models.service import OCRService
from desktop_ocr.schema.engine_messages import Recognised
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import HostRole
from tests.fakes.engines import ALL, LAYOUT, Engines, children, engines, until

pytestmark = pytest.mark.process

BACKGROUND = Priority.BACKGROUND


async def do_page(hosts: Engines, number: int = 0, priority: Priority = BACKGROUND) -> OCRService:
    """A page as a session does it."""
    assert hosts.all is not None
    async with hosts.all.acquire("cpu", priority) as service:
        async with hosts.manager.use(ALL, ModelConfig(service)):
            reply = await hosts.page(number, service)
        hosts.all.page_done(service, reply.memory)
    return service


async def code_of(task: asyncio.Task[OCRService]) -> ErrorCode:
    with pytest.raises(DesktopOcrError) as caught:
        await asyncio.wait_for(task, 60)
    return caught.value.code


async def test_pages_one_after_the_other_share_one_host(tmp_path: Path) -> None:
    async with engines(tmp_path, count=2, idle=300.0) as hosts:
        for number in range(4):
            await do_page(hosts, number)
        assert len(hosts.started) == 1
        assert hosts.asked("LoadModel") == ["text-detection", "text-recognition", "layout"]
        assert hosts.all is not None
        assert hosts.all.hosts() == [(hosts.service.pid, HostRole.ENGINE)]
        view = hosts.pool.view()
        assert (view.acquired, view.in_use, view.restarts) == (4, 0, 0)
        assert [(place.service, place.pages, place.models) for place in view.services] == [
            ("cpu/0", 4, ALL),
            ("cpu/1", 0, ()),
        ]


async def test_the_second_host_goes_idle_when_there_is_work_for_one(tmp_path: Path) -> None:
    async with engines(tmp_path, count=2, idle=0.3) as hosts:
        hosts.write(delay=0.1)
        first, second = await asyncio.gather(do_page(hosts, 0), do_page(hosts, 1))
        assert first is not second
        while second.pid is not None and first.pid is not None:
            await do_page(hosts, 2)
        assert len(children()) == 1


async def test_the_host_is_told_its_device_and_limit(tmp_path: Path) -> None:
    async with engines(tmp_path, device="gpu:0") as hosts:
        await hosts.manager.load_model(LAYOUT, hosts.config)
        hosts.manager.unload_model(LAYOUT, hosts.config)
        assert hosts.asked("Configure") == ["gpu:0"]


# --- interruption ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["starting", "not answering", "loading", "page", "between"])
async def test_interrupted_at_a_moment_everybody_is_told_and_nothing_runs(tmp_path: Path, moment: str) -> None:
    async with engines(tmp_path, count=2, idle=300.0) as hosts:
        gate = asyncio.Event()
        if moment == "starting":
            hosts.start_delay = 60.0
        elif moment == "not answering":
            hosts.mute = True
        elif moment == "loading":
            hosts.write(loads={"layout": "hang"})
        elif moment == "page":
            hosts.write(pages={0: "hang", 1: "hang"})

        async def page(number: int) -> OCRService:
            if moment != "between":
                return await do_page(hosts, number)
            async with hosts.pool.acquire(BACKGROUND) as service, hosts.manager.use(ALL, ModelConfig(service)):
                await gate.wait()
                await hosts.page(number, service)
            return service

        working = [asyncio.create_task(page(number)) for number in range(4)]
        ready = {
            "starting": lambda: all(service.busy for service in hosts.services),
            "not answering": lambda: len(children()) == 2,
            "loading": lambda: hosts.times("load-layout") == 2,
            "page": lambda: hosts.times("0") and hosts.times("1"),
            "between": lambda: hosts.times("load-layout") == 2 and not any(service.busy for service in hosts.services),
        }
        await until(ready[moment])
        started = len(hosts.started)
        assert hosts.all is not None
        async with asyncio.timeout(20):
            await hosts.all.interrupt_all(DesktopOcrError(ErrorCode.FREED, "Away with it."))
        assert children() == []
        gate.set()
        assert [await code_of(task) for task in working] == [ErrorCode.FREED] * 4
        assert len(hosts.started) == started
        assert children() == []
        assert hosts.counts_are_zero()
        assert hosts.pool.view().in_use == 0
        hosts.start_delay, hosts.mute = 0.0, False
        hosts.write()
        await do_page(hosts)


async def test_a_pool_that_refuses_lets_pages_in_work_finish(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(delay=0.2)
        working = asyncio.create_task(do_page(hosts, 0))
        waiting = asyncio.create_task(do_page(hosts, 1))
        await until(lambda: hosts.service.leased)
        assert hosts.all is not None
        hosts.all.refuse(DesktopOcrError(ErrorCode.FREED, "Not now."))
        assert await code_of(waiting) is ErrorCode.FREED
        assert await code_of(asyncio.create_task(do_page(hosts, 2))) is ErrorCode.FREED
        await working
        await hosts.all.interrupt_all()
        assert children() == []
        hosts.all.refuse(None)
        await do_page(hosts, 3)


async def test_all_hosts_end_when_their_pages_are_done(tmp_path: Path) -> None:
    async with engines(tmp_path, count=2, idle=300.0) as hosts:
        hosts.write(delay=0.2)
        await asyncio.gather(do_page(hosts, 0), do_page(hosts, 1))
        working = asyncio.create_task(do_page(hosts, 2))
        await until(lambda: hosts.pool.view().in_use)
        assert hosts.all is not None
        await asyncio.wait_for(hosts.all.end_all(), 60)
        await working
        assert children() == []
        await do_page(hosts, 3)


# --- replacement ----------------------------------------------------------------------------------------------


async def test_a_host_that_leaks_is_replaced_between_two_pages(tmp_path: Path) -> None:
    async with engines(tmp_path, leaks=LeakGuard(5.0, 0, 0), idle=300.0) as hosts:
        hosts.write(rss=100, grow=20)
        pages = [asyncio.create_task(do_page(hosts, number)) for number in range(45)]
        await asyncio.gather(*pages)
        assert len(hosts.started) == 2
        assert [end.outcome for end in hosts.ended] == ["ended as asked"]
        assert hosts.pool.view().restarts == 1
        assert hosts.service.pages == 15
        assert all(hosts.times(str(number)) == 1 for number in range(45))


async def test_a_host_is_replaced_after_its_pages_and_over_its_limit(tmp_path: Path) -> None:
    async with engines(tmp_path, leaks=LeakGuard(0, 3, 150), idle=300.0) as hosts:
        hosts.write(rss=100)
        for number in range(3):
            await do_page(hosts, number)
        await until(lambda: hosts.service.pid is None)
        hosts.write(rss=200)
        await do_page(hosts, 3)
        await until(lambda: hosts.service.pid is None)
        assert hosts.pool.view().restarts == 2
        assert len(hosts.started) == 2


async def test_dead_and_hung_hosts_are_counted(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(pages={0: "die", 1: "hang", 2: "garbage", 3: "oom"})
        for number, code in enumerate(
            [ErrorCode.HOST_DIED, ErrorCode.TIMED_OUT, ErrorCode.PROTOCOL, ErrorCode.OUT_OF_MEMORY]
        ):
            with pytest.raises(DesktopOcrError) as caught:
                await hosts.page(number, deadline=1.0 if code is ErrorCode.TIMED_OUT else 60.0)
            assert caught.value.code is code
            assert hosts.pool.view().restarts == number + 1
            assert hosts.service.pid is None


# --- everything at once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_cancelled_and_freed_at_random_every_count_is_zero_in_the_end(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with engines(tmp_path, count=3, idle=0.02, predictions=2, leaks=LeakGuard(5.0, 4, 0)) as hosts:
        hosts.write(load_delay=0.005, delay=0.005, loads={"layout": "fail-once"})
        hosts.pool._may_start = lambda service: asyncio.sleep(0.001, chance.random() < 0.7 and bool(service))
        done: list[int] = []
        failures: list[ErrorCode] = []

        async def page(number: int) -> None:
            while True:
                try:
                    await do_page(hosts, number, chance.choice(list(Priority)))
                    done.append(number)
                    return
                except DesktopOcrError as error:
                    failures.append(error.code)

        async def disturb() -> None:
            assert hosts.all is not None
            while True:
                await asyncio.sleep(chance.uniform(0.0, 0.15))
                what = chance.randrange(5)
                if what <= 1 and (pids := hosts.pool.pids):
                    os.kill(chance.choice(pids), signal.SIGKILL)
                elif what == 2:
                    await hosts.all.interrupt_all()
                elif what == 3:
                    await hosts.manager.unload_idle(chance.choice([1, None]))
                else:
                    await hosts.manager.teardown()

        pages = [asyncio.create_task(page(number)) for number in range(40)]
        disturbing = asyncio.create_task(disturb())
        cancelled = set()
        for number in range(0, 40, 8):
            await asyncio.sleep(0.1)
            if pages[number].cancel():
                cancelled.add(number)
        await asyncio.sleep(1.0)
        disturbing.cancel()
        await asyncio.gather(disturbing, return_exceptions=True)
        async with asyncio.timeout(60):
            results = await asyncio.gather(*pages, return_exceptions=True)
        assert sorted(done) == [number for number in range(40) if number not in cancelled]
        assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
        assert set(failures) <= {ErrorCode.HOST_DIED, ErrorCode.FREED, ErrorCode.DAMAGED}
        assert hosts.counts_are_zero()
        assert hosts.limit.in_use == 0
        view = hosts.pool.view()
        assert (view.in_use, view.queue_depth) == (0, 0)
        await until(lambda: children() == [])  # all idle: models went, and hosts with them
        assert isinstance(await hosts.page(), Recognised)
