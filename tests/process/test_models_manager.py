"""The model manager with real processes: who loads, who counts, and when models go."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import time
from pathlib import Path

import pytest

from desktop_ocr.models.manager import ModelConfig
from desktop_ocr.models.pool import Priority
from desktop_ocr.schema.engine_messages import Recognised
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import ModelChanged
from desktop_ocr.schema.memory import ModelState
from tests.fakes.engines import ALL, DETECTION, LAYOUT, RECOGNITION, Engines, children, engines, other_tasks, until

pytestmark = pytest.mark.process

LOADED, LOADING, UNLOADED, UNLOADING = ModelState.LOADED, ModelState.LOADING, ModelState.UNLOADED, ModelState.UNLOADING
LEGAL = {
    (UNLOADED, LOADING),
    (UNLOADED, LOADED),  # its host loaded it in the middle of a page
    (LOADING, LOADED),
    (LOADING, UNLOADED),
    (LOADED, UNLOADING),
    (LOADED, UNLOADED),
    (UNLOADING, UNLOADED),
    (UNLOADING, LOADED),
}


def loaded_in(hosts: Engines, service: str) -> list[str]:
    return [view.model for view in hosts.manager.views() if view.service == service and view.state is LOADED]


async def use_once(hosts: Engines, *models: str, config: ModelConfig | None = None) -> None:
    async with hosts.manager.use(models, config or hosts.config):
        pass


# --- loading --------------------------------------------------------------------------------------------------


async def test_two_pages_at_once_load_a_model_once(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(load_delay=0.2)
        first, second = await asyncio.gather(*(hosts.manager.load_model(LAYOUT, hosts.config) for _ in range(2)))
        assert first is second
        assert first.references == 2
        assert hosts.asked("LoadModel") == ["layout"]
        assert hosts.manager.get_model(LAYOUT, hosts.config) is first
        assert hosts.manager.get_model(DETECTION, hosts.config) is None
        hosts.manager.unload_model(LAYOUT, hosts.config)
        hosts.manager.unload_model(LAYOUT, hosts.config)
        assert first.references == 0
        assert first.state is LOADED
        assert hosts.states(LAYOUT) == [LOADING, LOADED]
        with pytest.raises(ValueError, match="not in use"):
            hosts.manager.unload_model(LAYOUT, hosts.config)


async def test_each_service_loads_its_own(tmp_path: Path) -> None:
    async with engines(tmp_path, count=2) as hosts:
        other = ModelConfig(hosts.services[1])
        async with hosts.manager.use([LAYOUT], hosts.config), hosts.manager.use([LAYOUT], other):
            assert loaded_in(hosts, "cpu/0") == loaded_in(hosts, "cpu/1") == [LAYOUT]
        assert [view.service for view in hosts.manager.views()] == ["", "", "cpu/0", "cpu/1"]


async def test_what_a_load_took_is_told(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(rss=100, ballast=30)
        await use_once(hosts, DETECTION)
        assert hosts.loaded == [(DETECTION, "cpu", 30.0)]
        view = hosts.manager.views()[0]
        assert (view.model, view.service, view.memory_mb, view.loads) == (DETECTION, "cpu/0", 30.0, 1)
        assert view.references == 0
        assert view.idle_seconds_left is None  # unloading is off
        missing = hosts.manager.views()[1]
        assert (missing.service, missing.state, missing.memory_mb, missing.loads) == ("", UNLOADED, 100.0, 0)


@pytest.mark.parametrize(
    ("what", "code"),
    [("fail", ErrorCode.DAMAGED), ("die", ErrorCode.HOST_DIED), ("bad-alloc", ErrorCode.OUT_OF_MEMORY)],
)
async def test_a_load_that_fails_counts_nothing_and_the_next_one_tries_again(
    tmp_path: Path, what: str, code: ErrorCode
) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(loads={"layout": f"{what}-once"}, load_delay=0.1)
        held = await hosts.manager.load_model(DETECTION, hosts.config)
        # The second waits for the first to load it, and then does so itself.
        outcomes = await asyncio.gather(
            *(hosts.manager.load_model(LAYOUT, hosts.config) for _ in range(2)), return_exceptions=True
        )
        failed, loaded = outcomes
        assert isinstance(failed, DesktopOcrError)
        assert failed.code is code
        assert not isinstance(loaded, BaseException)
        assert loaded.references == 1
        assert hosts.states(LAYOUT) == [LOADING, UNLOADED, LOADING, LOADED]
        assert held.state is (LOADED if what == "fail" else UNLOADED)
        hosts.manager.unload_model(LAYOUT, hosts.config)
        hosts.manager.unload_model(DETECTION, hosts.config)


async def test_using_gives_back_what_was_loaded_when_a_later_one_fails(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(loads={"layout": "fail"})
        with pytest.raises(DesktopOcrError):
            await use_once(hosts, DETECTION, RECOGNITION, LAYOUT)
        assert hosts.asked("LoadModel") == ["text-detection", "text-recognition", "layout"]
        assert hosts.counts_are_zero()


async def test_a_cancelled_load_counts_nothing(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(loads={"layout": "hang-once"})
        loading = asyncio.create_task(hosts.manager.load_model(LAYOUT, hosts.config))
        waiting = asyncio.create_task(hosts.manager.load_model(LAYOUT, hosts.config))
        await until(lambda: hosts.times("load-layout"))
        loading.cancel()
        loaded = await asyncio.wait_for(waiting, 60)
        assert loading.cancelled()
        assert loaded.references == 1
        hosts.manager.unload_model(LAYOUT, hosts.config)


async def test_what_a_page_made_its_host_load_is_looked_after(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=0.3) as hosts:
        async with hosts.manager.use([DETECTION], hosts.config):
            reply = await hosts.page()  # the rest is loaded by the host, on the way
            assert {one.role for one in reply.loaded} == {"text-recognition", "layout"}
            assert set(loaded_in(hosts, "cpu/0")) == {DETECTION, RECOGNITION, LAYOUT}
            assert set(hosts.service.view().models) == {DETECTION, RECOGNITION, LAYOUT}
            again = await hosts.page()
            assert again.loaded == ()
        assert hosts.counts_are_zero()
        assert hosts.states(LAYOUT)[0] is LOADED
        await until(lambda: hosts.service.pid is None)
        assert loaded_in(hosts, "cpu/0") == []


async def test_a_model_that_nobody_knows_is_a_mistake(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        with pytest.raises(ValueError, match="none of the models"):
            await hosts.manager.load_model("unheard-of", hosts.config)


# --- going ----------------------------------------------------------------------------------------------------


async def test_at_once_means_at_once_and_the_host_goes_with_its_last_model(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=0.0) as hosts:
        async with hosts.manager.use(ALL, hosts.config):
            await hosts.page()
            assert hosts.service.pid is not None
        await until(lambda: hosts.service.pid is None)
        assert children() == []
        assert hosts.asked("UnloadModels") == []  # ending is the normal way
        assert hosts.states(LAYOUT) == [LOADING, LOADED, UNLOADING, UNLOADED]
        assert hosts.ended[0].expected
        await until(lambda: other_tasks() == [])


async def test_models_go_when_nothing_has_used_them_for_a_while(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=0.4) as hosts:
        await use_once(hosts, *ALL)
        given_back = time.monotonic()
        left = hosts.manager.views()[0].idle_seconds_left
        assert left is not None
        assert left <= 0.4
        await until(lambda: hosts.service.pid is None)
        assert time.monotonic() - given_back >= 0.3
        await until(lambda: other_tasks() == [])


async def test_a_use_puts_the_end_off(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=0.5) as hosts:
        async with hosts.manager.use([DETECTION], hosts.config):
            await asyncio.sleep(0.8)
            assert loaded_in(hosts, "cpu/0") == [DETECTION]
        await until(lambda: hosts.service.pid is None)


async def test_off_means_that_models_stay_and_changing_it_that_they_go(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=None) as hosts:
        await use_once(hosts, *ALL)
        await asyncio.sleep(0.3)
        assert loaded_in(hosts, "cpu/0") == list(ALL)
        assert [name for name in other_tasks() if "idle" in name] == []
        hosts.manager.change_settings(0.1)
        await until(lambda: hosts.service.pid is None)


async def test_a_model_that_others_do_not_need_is_dropped_in_the_host(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=0.1) as hosts:
        hosts.write(rss=100, ballast=30)
        async with hosts.manager.use([DETECTION], hosts.config):
            pid = hosts.service.pid
            await use_once(hosts, LAYOUT)
            await until(lambda: hosts.states(LAYOUT)[-1] is UNLOADED)
            assert hosts.asked("UnloadModels") == ["layout"]
            assert hosts.service.view().models == (DETECTION,)
            assert hosts.service.pid == pid
        await until(lambda: hosts.service.pid is None)


async def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(rss=100, ballast=30)
        await use_once(hosts, *ALL)
        await use_once(hosts, DETECTION)
        assert await hosts.manager.unload_idle(1) == [RECOGNITION]
        assert await hosts.manager.unload_idle(1) == [LAYOUT]
        assert hosts.service.pid is not None
        assert await hosts.manager.unload_idle() == [DETECTION]
        assert hosts.service.pid is None
        assert await hosts.manager.unload_idle() == []


async def test_a_host_that_keeps_the_memory_is_ended_with_all_that_is_idle(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(rss=100, ballast=60, keeps=True)
        await use_once(hosts, *ALL)
        assert sorted(await hosts.manager.unload_idle(1)) == sorted(ALL)
        assert hosts.service.pid is None


async def test_a_host_that_keeps_the_memory_stays_while_it_is_used(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(rss=100, ballast=60, keeps=True)
        async with hosts.manager.use([DETECTION], hosts.config):
            await use_once(hosts, LAYOUT)
            assert await hosts.manager.unload_idle() == [LAYOUT]
            assert hosts.service.pid is not None
            await hosts.page()


async def test_idle_models_of_all_services_go_in_order_and_one_is_spared(tmp_path: Path) -> None:
    async with engines(tmp_path, count=3) as hosts:
        configs = [ModelConfig(service) for service in hosts.services]
        await use_once(hosts, LAYOUT, config=configs[1])
        await use_once(hosts, DETECTION, config=configs[0])
        await use_once(hosts, RECOGNITION, config=configs[2])
        assert await hosts.manager.unload_idle(sparing=hosts.services[0]) == [LAYOUT, RECOGNITION]
        assert [service.pid is None for service in hosts.services] == [False, True, True]


async def test_the_user_unloads_one_model_but_not_one_in_use(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(rss=100, ballast=30)
        async with hosts.manager.use([DETECTION], hosts.config):
            await use_once(hosts, LAYOUT)
            with pytest.raises(DesktopOcrError) as caught:
                await hosts.manager.unload_now(DETECTION, "cpu/0")
            assert caught.value.code is ErrorCode.USAGE
            await hosts.manager.unload_now(LAYOUT, "cpu/0")
            assert loaded_in(hosts, "cpu/0") == [DETECTION]
        await hosts.manager.unload_now(DETECTION, "cpu/0")
        assert children() == []
        await hosts.manager.unload_now(DETECTION, "cpu/0")  # gone already
        await hosts.manager.unload_now("unheard-of", "cpu/7")


async def test_a_model_wanted_while_it_goes_is_there_again(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        await use_once(hosts, *ALL)
        unloading = asyncio.create_task(hosts.manager.unload_idle())
        await until(lambda: hosts.states(LAYOUT)[-1] is UNLOADING)
        async with hosts.manager.use(ALL, hosts.config) as models:
            await unloading
            assert all(model.state is LOADED for model in models)
            assert isinstance(await hosts.page(), Recognised)


async def test_a_host_without_models_ends_too(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=0.1) as hosts:
        hosts.write(loads={"layout": "fail"})
        with pytest.raises(DesktopOcrError):
            await use_once(hosts, LAYOUT)
        await until(lambda: hosts.started and hosts.service.pid is None)
        async with hosts.pool.acquire(Priority.SCREEN) as service:
            await service.warm_up(20)
            await asyncio.sleep(0.3)
            assert service.pid is not None  # a page has it
        await until(lambda: hosts.service.pid is None)


# --- ends that nobody asked for -------------------------------------------------------------------------------


async def test_a_death_in_the_middle_of_a_page_unloads_all_and_counts_right(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(pages={0: "die-once"})
        async with hosts.manager.use(ALL, hosts.config) as models:
            with pytest.raises(DesktopOcrError) as caught:
                await hosts.page(0)
            assert caught.value.code is ErrorCode.HOST_DIED
            assert {model.state for model in models} == {UNLOADED}
            assert all(view.service == "" and view.references == 0 for view in hosts.manager.views())
            # Another page loads them into a new host, while the first has not let go yet.
            again = await hosts.manager.load_model(LAYOUT, hosts.config)
            assert again.references == 1
        assert again.references == 1
        assert again.state is LOADED
        hosts.manager.unload_model(LAYOUT, hosts.config)
        assert hosts.counts_are_zero()
        assert hosts.service.restarts == 1


async def test_counting_off_by_name_after_a_death_never_takes_another_ones_model(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        await hosts.manager.load_model(LAYOUT, hosts.config)
        assert hosts.service.pid is not None
        os.kill(hosts.service.pid, signal.SIGKILL)
        await until(lambda: hosts.ended)
        again = await hosts.manager.load_model(LAYOUT, hosts.config)
        hosts.manager.unload_model(LAYOUT, hosts.config)
        assert again.references == 1
        hosts.manager.unload_model(LAYOUT, hosts.config)
        assert again.references == 0
        with pytest.raises(ValueError, match="not in use"):
            hosts.manager.unload_model(LAYOUT, hosts.config)


async def test_a_page_is_not_given_to_a_host_that_does_not_hold_its_models(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        async with hosts.manager.use(ALL, hosts.config):
            assert hosts.service.pid is not None
            os.kill(hosts.service.pid, signal.SIGKILL)
            await until(lambda: hosts.ended)
            with pytest.raises(DesktopOcrError) as caught:
                await hosts.page()
            assert caught.value.code is ErrorCode.HOST_DIED
            assert len(hosts.started) == 1
        async with hosts.manager.use(ALL, hosts.config):
            await hosts.page()


async def test_a_host_that_dies_between_two_loads_does_not_leave_half_of_the_models(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(loads={"layout": "die-once"})
        with pytest.raises(DesktopOcrError) as caught:
            await use_once(hosts, *ALL)
        assert caught.value.code is ErrorCode.HOST_DIED
        async with hosts.manager.use(ALL, hosts.config) as models:
            assert {model.generation for model in models} == {2}


async def test_a_host_short_of_memory_is_ended_and_its_models_with_it(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(pages={0: "oom-once"})
        async with hosts.manager.use(ALL, hosts.config) as models:
            with pytest.raises(DesktopOcrError) as caught:
                await hosts.page(0)
            assert caught.value.code is ErrorCode.OUT_OF_MEMORY
            assert {model.state for model in models} == {UNLOADED}
            assert hosts.service.pid is None
        async with hosts.manager.use(ALL, hosts.config):
            await hosts.page(0)


async def test_figures_that_cannot_be_are_refused(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(rss="nan")
        with pytest.raises(DesktopOcrError) as caught:
            await hosts.manager.load_model(LAYOUT, hosts.config)
        assert caught.value.code is ErrorCode.PROTOCOL
        assert hosts.service.pid is None
        assert hosts.loaded == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_unloads_a_model_in_use_stays(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with engines(tmp_path, count=2, idle=0.0) as hosts:
        hosts.write(rss=100, ballast=1, keeps=seed == 2)
        configs = [ModelConfig(service) for service in hosts.services]

        async def use() -> None:
            for number in range(8):
                config = chance.choice(configs)
                chosen = chance.sample(ALL, chance.randint(1, 3))
                async with hosts.manager.use(chosen, config) as models:
                    await asyncio.sleep(chance.choice([0.0, 0.01]))
                    if chance.random() < 0.3:
                        await hosts.page(number, config.service)
                    assert [model.state for model in models] == [LOADED] * len(chosen)
                    assert {model.generation for model in models} == {config.service.generation}
                    assert set(chosen) <= set(config.service.view().models)
                await asyncio.sleep(chance.choice([0.0, 0.02]))

        async def unload() -> None:
            while True:
                await asyncio.sleep(chance.uniform(0.0, 0.02))
                await hosts.manager.unload_idle(chance.choice([1, 2, None]))
                with contextlib.suppress(DesktopOcrError):  # in use
                    await hosts.manager.unload_now(chance.choice(ALL), "cpu/0")

        unloading = asyncio.create_task(unload())
        async with asyncio.timeout(60):
            await asyncio.gather(*(use() for _ in range(6)))
        unloading.cancel()
        await asyncio.gather(unloading, return_exceptions=True)
        await until(lambda: children() == [])
        assert all(end.expected for end in hosts.ended)
        assert hosts.service.restarts == 0
        for model in ALL:
            steps = [event.view for event in hosts.events if isinstance(event, ModelChanged)]
            for service in hosts.services:
                states = [view.state for view in steps if (view.model, view.service) == (model, service.name)]
                changes = [pair for pair in itertools.pairwise(states) if pair[0] is not pair[1]]
                assert set(changes) <= LEGAL


# --- teardown -------------------------------------------------------------------------------------------------


async def test_teardown_while_loading_stops_those_who_load_and_those_who_wait(tmp_path: Path) -> None:
    async with engines(tmp_path, count=2) as hosts:
        hosts.write(loads={"layout": "hang"})
        other = ModelConfig(hosts.services[1])
        tasks = [
            asyncio.create_task(use_once(hosts, *models, config=config))
            for config in (hosts.config, other)
            for models in (ALL, ALL, (LAYOUT,))
        ]
        await until(lambda: hosts.times("load-layout") == 2)
        await hosts.manager.teardown(DesktopOcrError(ErrorCode.FREED, "Away with it."))
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        assert [str(error) for error in errors] == ["Away with it."] * 6
        assert children() == []
        assert len(hosts.started) == 2
        hosts.write()
        await use_once(hosts, *ALL)


async def test_teardown_in_the_middle_of_a_page(tmp_path: Path) -> None:
    async with engines(tmp_path) as hosts:
        hosts.write(pages={0: "hang"})

        async def page() -> None:
            async with hosts.manager.use(ALL, hosts.config):
                await hosts.page(0)

        working = asyncio.create_task(page())
        await until(lambda: hosts.times("0"))
        await hosts.manager.teardown()
        with pytest.raises(DesktopOcrError) as caught:
            await working
        assert caught.value.code is ErrorCode.FREED
        assert children() == []
        assert {view.state for view in hosts.manager.views()} == {UNLOADED}
        assert hosts.states(LAYOUT) == [LOADING, LOADED, UNLOADED]


async def test_twenty_rounds_of_loading_and_freeing_leave_nothing(tmp_path: Path) -> None:
    async with engines(tmp_path, idle=300.0) as hosts:
        tasks = set(other_tasks())
        for number in range(20):
            async with hosts.manager.use(ALL, hosts.config):
                if number % 2:
                    await hosts.page(number)
            await hosts.manager.teardown()
            assert children() == []
            await until(lambda: set(other_tasks()) <= tasks)
        assert len(hosts.started) == len(hosts.ended) == 20
