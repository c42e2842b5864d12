"""Who gets a service when. The services are fakes without a process; those with one are in tests/process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.hosts.outcome import HostOutcome
from desktop_ocr.models.pool import OCRServicePool, PredictionLimit, Priority
from desktop_ocr.models.service import OCRService
from desktop_ocr.models.services import Services
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.memory import ServiceView

SCREEN, INTERACTIVE, BACKGROUND = Priority


class FakeService:
    """A service whose host is a number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pid: int | None = None
        self.leased = False
        self.restarts = 0
        self.to_replace = False
        self.ended: Callable[[FakeService, int, HostOutcome], None] = lambda *_: None

    def listen(self, *, ended: Callable[[FakeService, int, HostOutcome], None]) -> None:
        self.ended = ended

    def view(self) -> ServiceView:
        return ServiceView(self.name, "fake", self.pid, self.leased, 0)

    def lend(self) -> None:
        assert not self.leased, "lent twice"
        self.leased = True
        self.pid = 1

    def take_back(self) -> bool:
        assert self.leased
        self.leased = False
        return self.to_replace

    async def replaced(self) -> None:
        self.to_replace = False
        self.restarts += 1
        await self.end()

    async def end(self) -> bool:
        await asyncio.sleep(0.001)
        self.die()
        return True

    def die(self) -> None:
        if self.pid is not None:
            self.pid = None
            self.ended(self, 1, HostOutcome(True, "ended"))

    async def interrupt(self, error: DesktopOcrError | None) -> None:
        del error
        await self.end()

    close = end


def make_pool(
    count: int,
    *,
    limit: PredictionLimit | None = None,
    may_start: Callable[[OCRService], asyncio.Future[bool]] | None = None,
    timeout: float = 20.0,
    device: str = "cpu",
) -> tuple[OCRServicePool, list[FakeService]]:
    fakes = [FakeService(f"{device}/{number}") for number in range(count)]
    pool = OCRServicePool(
        device,
        cast(list[OCRService], fakes),
        queue_timeout=timeout,
        predictions=limit or PredictionLimit(16),
        may_start=may_start,
    )
    return pool, fakes


async def rounds(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_the_most_urgent_comes_first_and_equals_in_their_order() -> None:
    pool, _ = make_pool(1)
    order: list[str] = []

    async def page(name: str, priority: Priority) -> None:
        async with pool.acquire(priority):
            order.append(name)
            await asyncio.sleep(0)

    async with pool.acquire(BACKGROUND):
        waiting = [
            asyncio.create_task(page(name, priority))
            for name, priority in [
                ("b1", BACKGROUND),
                ("i1", INTERACTIVE),
                ("b2", BACKGROUND),
                ("s", SCREEN),
                ("i2", INTERACTIVE),
            ]
        ]
        await rounds()
        assert pool.view().queue_depth == 5
    await asyncio.gather(*waiting)
    assert order == ["s", "i1", "i2", "b1", "b2"]
    view = pool.view()
    assert (view.acquired, view.in_use, view.queue_depth, view.limit) == (6, 0, 0, 1)
    assert 0 < view.longest_wait <= view.wait_seconds


async def test_a_warm_service_and_the_one_used_last_comes_first() -> None:
    pool, fakes = make_pool(3)
    async with pool.acquire(SCREEN) as first, pool.acquire(SCREEN) as second:
        assert [first, second] == fakes[:2]
    # `second` was given back first, so `first` was used last.
    async with pool.acquire(SCREEN) as again:
        assert again is first
    fakes[0].die()
    async with pool.acquire(SCREEN) as again:
        assert again is second


async def test_who_waits_too_long_is_told_and_takes_nothing_with_it() -> None:
    pool, _ = make_pool(1, timeout=0.02)
    async with pool.acquire(SCREEN):
        with pytest.raises(DesktopOcrError) as caught:
            async with pool.acquire(SCREEN):
                pass
        assert caught.value.code is ErrorCode.NO_SERVICE
        with pytest.raises(DesktopOcrError):
            async with pool.acquire(SCREEN, timeout=0.0):
                pass
    view = pool.view()
    assert (view.timeouts, view.queue_depth, view.in_use, view.acquired) == (2, 0, 0, 1)
    async with pool.acquire(SCREEN, timeout=0.0):  # one that is free is had without waiting
        pass


async def test_a_second_host_is_started_only_where_it_may() -> None:
    answers: list[asyncio.Future[bool]] = []

    def may_start(service: OCRService) -> asyncio.Future[bool]:
        del service
        answers.append(asyncio.get_running_loop().create_future())
        return answers[-1]

    pool, fakes = make_pool(3, may_start=may_start)
    held: list[OCRService] = []
    leave = asyncio.Event()

    async def page() -> None:
        async with pool.acquire(SCREEN) as service:
            held.append(service)
            await leave.wait()

    pages = [asyncio.create_task(page())]
    await rounds()
    assert held == [fakes[0]]  # nothing runs yet: nobody is asked
    assert answers == []
    pages += [asyncio.create_task(page()), asyncio.create_task(page())]
    await rounds()
    assert len(answers) == 1  # one question at a time
    answers[0].set_result(True)
    await rounds()
    assert held == fakes[:2]
    assert len(answers) == 2  # for the third page
    answers[1].set_result(False)
    await rounds()
    assert held == fakes[:2]
    assert len(answers) == 2  # it is not asked again before something has changed
    pages.append(asyncio.create_task(page()))
    await rounds()
    assert len(answers) == 3
    answers[2].set_result(False)
    await rounds()
    assert pool.view().queue_depth == 2
    leave.set()
    await asyncio.gather(*pages)
    assert fakes[2].pid is None
    assert pool.view().in_use == 0


async def test_a_check_that_fails_counts_as_no() -> None:
    async def may_start(service: OCRService) -> bool:
        raise OSError(service.name)

    pool, fakes = make_pool(2, may_start=cast(Callable[[OCRService], asyncio.Future[bool]], may_start))
    async with pool.acquire(SCREEN):
        waiting = asyncio.create_task(pool._take(SCREEN, 60.0))
        await rounds()
        assert not waiting.done()
    assert await waiting is fakes[0]
    pool._take_back(cast(OCRService, fakes[0]))


async def test_a_host_that_is_to_be_replaced_is_gone_before_the_next_page() -> None:
    pool, fakes = make_pool(1)
    async with pool.acquire(SCREEN):
        fakes[0].to_replace = True
        waiting = asyncio.create_task(pool._take(SCREEN, 60.0))
        await rounds()
    assert fakes[0].pid is not None
    assert not waiting.done()
    await waiting
    assert fakes[0].restarts == 1
    pool._take_back(cast(OCRService, fakes[0]))
    assert pool.view().restarts == 1


async def test_the_limit_counts_over_all_pools_and_knows_the_most_urgent() -> None:
    limit = PredictionLimit(2)
    cpu, _ = make_pool(2, limit=limit)
    gpu, _ = make_pool(2, limit=limit, device="gpu:0")
    order: list[str] = []

    async def page(name: str, pool: OCRServicePool, priority: Priority) -> None:
        async with pool.acquire(priority):
            order.append(name)
            await asyncio.sleep(0.001)

    async with cpu.acquire(BACKGROUND):
        async with cpu.acquire(BACKGROUND):
            tasks = [
                asyncio.create_task(page("gpu later", gpu, BACKGROUND)),
                asyncio.create_task(page("cpu last", cpu, BACKGROUND)),
                asyncio.create_task(page("gpu first", gpu, SCREEN)),
            ]
            await rounds()
            assert order == []
            assert limit.in_use == 2
        await rounds()
        assert order == ["gpu first"]  # not the pool whose service was given back
        await asyncio.gather(*tasks)
    assert order == ["gpu first", "gpu later", "cpu last"]
    assert limit.in_use == 0


async def test_who_waits_is_told_of_an_interruption_and_who_comes_later_is_served() -> None:
    pool, fakes = make_pool(1)
    async with pool.acquire(SCREEN):
        waiting = asyncio.create_task(pool._take(SCREEN, 60.0))
        await rounds()
        interrupting = asyncio.create_task(pool.interrupt_all())
        await rounds(2)
        with pytest.raises(DesktopOcrError) as caught:
            await waiting
        assert caught.value.code is ErrorCode.FREED
        later = asyncio.create_task(pool._take(SCREEN, 60.0))
        await interrupting
    await later
    pool._take_back(cast(OCRService, fakes[0]))


async def test_a_pool_that_refuses_and_one_that_is_closed() -> None:
    pool, _ = make_pool(2)
    pool.refuse(DesktopOcrError(ErrorCode.FREED, "Not now."))
    with pytest.raises(DesktopOcrError, match="Not now"):
        await pool._take(SCREEN, 60.0)
    pool.refuse(None)
    async with pool.acquire(SCREEN):
        pass
    await pool.close()
    with pytest.raises(DesktopOcrError) as caught:
        await pool._take(SCREEN, 60.0)
    assert caught.value.code is ErrorCode.CANCELLED


async def test_all_hosts_end_when_their_pages_are_through() -> None:
    pool, fakes = make_pool(2)
    async with pool.acquire(SCREEN), pool.acquire(SCREEN):
        pass
    async with pool.acquire(SCREEN) as service:
        cast(FakeService, service).replace = lambda _: setattr(service, "to_replace", True)  # type: ignore[attr-defined]
        ending = asyncio.create_task(pool.end_all())
        async with asyncio.timeout(60):
            while sorted(fake.pid is not None for fake in fakes) != [False, True]:
                await asyncio.sleep(0)
        assert not ending.done()
    await asyncio.wait_for(ending, 60)
    assert pool.pids == []


async def test_there_is_always_a_cpu() -> None:
    from desktop_ocr.models.leaks import LeakGuard

    cpu, _ = make_pool(1)
    gpu, _ = make_pool(1, device="gpu:0")
    both = Services([gpu, cpu], LeakGuard(0, 0, 0))
    assert both.pool("cpu") is cpu
    assert [view.device for view in both.views()] == ["gpu:0", "cpu"]
    with pytest.raises(ValueError, match="CPU"):
        Services([gpu], LeakGuard(0, 0, 0))


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), count=st.integers(1, 3), most=st.integers(1, 4), pages=st.integers(1, 30))
def test_whatever_happens_no_service_and_nobody_who_waits_is_lost(seed: int, count: int, most: int, pages: int) -> None:
    chance = random.Random(seed)

    async def may_start(service: OCRService) -> bool:
        del service
        await asyncio.sleep(chance.choice([0, 0, 0.001]))
        return chance.random() < 0.5

    async def run() -> None:
        limit = PredictionLimit(most)
        allowed = cast(Callable[[OCRService], asyncio.Future[bool]], may_start)
        pools = [make_pool(count, limit=limit, may_start=allowed, device=device) for device in ("cpu", "gpu:0")]
        outcomes: list[str] = []

        async def page() -> None:
            pool, _ = chance.choice(pools)
            try:
                async with pool.acquire(chance.choice(list(Priority)), chance.choice([0.0, 0.002, 20.0])) as service:
                    assert limit.in_use <= most
                    cast(FakeService, service).to_replace = chance.random() < 0.2
                    await asyncio.sleep(chance.choice([0, 0.001]))
                    if chance.random() < 0.2:
                        cast(FakeService, service).die()
                    outcomes.append("done")
            except DesktopOcrError as error:
                outcomes.append(error.code)

        tasks = []
        for _ in range(pages):
            tasks.append(asyncio.create_task(page()))
            if chance.random() < 0.3:
                await rounds(chance.randrange(4))
            if chance.random() < 0.2:
                chance.choice(tasks).cancel()
            if chance.random() < 0.05:
                await chance.choice(pools)[0].interrupt_all()
        async with asyncio.timeout(60):
            await asyncio.gather(*tasks, return_exceptions=True)
            for pool, fakes in pools:
                while pool._resting or pool._asking:
                    await asyncio.sleep(0.001)
                view = pool.view()
                assert (view.in_use, view.queue_depth) == (0, 0)
                assert sorted(service.name for service in pool._free) == sorted(fake.name for fake in fakes)
                async with pool.acquire(SCREEN):
                    pass
        assert limit.in_use == 0
        assert set(outcomes) <= {"done", ErrorCode.NO_SERVICE, ErrorCode.FREED}
        assert all(task.cancelled() or task.exception() is None for task in tasks)

    asyncio.run(run())
