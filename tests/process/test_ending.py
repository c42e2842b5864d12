"""Sessions that end at an awkward moment, or never quite begin: no process, no task, no folder stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from desktop_ocr.core.session import Session
from desktop_ocr.schema.memory import MemorySample
from tests.fakes.engines import children, other_tasks
from tests.process.conftest import FakeHosts
from tests.process.test_freeing import until

pytestmark = pytest.mark.process


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"pages")
    return file


async def nothing_is_left(tmp_path: Path, but: int = 0) -> None:
    await until(lambda: len(other_tasks()) <= but, 5)
    assert children() == []
    assert list((tmp_path / "run").iterdir()) == []


MOMENTS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "free": lambda session: session.free(),
    "emergency": lambda session: session._release_all("memory is nearly used up"),
    "settings": lambda session: session.change_settings(session._live.now),
    "resume": lambda session: session.resume_work(),
    "eager": lambda session: session._machinery.load_eagerly(),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("after", [0.0, 0.05, 0.4])
async def test_a_session_closes_in_the_middle_of_anything(
    make_session: Callable[..., Session],
    fake_hosts: FakeHosts,
    document: Path,
    tmp_path: Path,
    moment: str,
    after: float,
) -> None:
    fake_hosts.write(pages={1: "hang"}, load_delay=0.05)
    session = make_session(free_grace_seconds=1.0, page_seconds=600.0)
    await session.open()
    await session.add([document])
    await until(lambda: fake_hosts.tries(1) == 1)
    going_on = asyncio.ensure_future(MOMENTS[moment](session))
    await asyncio.sleep(after)
    async with asyncio.timeout(60):
        await session.close()
        await asyncio.gather(going_on, return_exceptions=True)
    await nothing_is_left(tmp_path)


async def test_a_session_that_cannot_open_leaves_nothing(
    make_session: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_ocr.core.control import ControlServer

    async def broken(_: ControlServer) -> None:
        raise RuntimeError("no control channel")

    monkeypatch.setattr(ControlServer, "start", broken)
    session = make_session()
    with pytest.raises(RuntimeError):
        await session.open()
    await nothing_is_left(tmp_path)
    await session.close()


async def test_a_session_that_is_cancelled_while_it_opens_leaves_nothing(
    make_session: Callable[..., Session], tmp_path: Path
) -> None:
    for turns in range(8):
        session = make_session(eager_loading=True)
        opening = asyncio.create_task(session.open())
        for _ in range(turns):
            await asyncio.sleep(0.01)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await session.close()
    await nothing_is_left(tmp_path)


async def test_hosts_that_cannot_be_closed_keep_nothing_else_from_being_closed(
    make_session: Callable[..., Session], document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session()
    await session.open()
    await session.add([document])
    stop = session._machinery.monitor.stop

    async def broken() -> None:
        await stop()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(session._machinery.monitor, "stop", broken)
    await session.close()
    await nothing_is_left(tmp_path)


async def test_adding_while_the_session_closes_begins_nothing(
    make_session: Callable[..., Session], tmp_path: Path
) -> None:
    files = []
    for number in range(200):
        files.append(tmp_path / f"{number}.pdf")
        files[-1].write_bytes(f"{number}".encode())
    session = make_session()
    await session.open()
    adding = asyncio.create_task(session.add(files))
    await until(lambda: len(session.views()) >= 5)
    await session.close()
    added = await adding
    assert 5 <= len(added.jobs) < 200
    await nothing_is_left(tmp_path)


async def test_a_sample_that_comes_while_the_session_closes_releases_nothing(
    make_session: Callable[..., Session], document: Path, tmp_path: Path, fake_hosts: FakeHosts
) -> None:
    fake_hosts.write(pages={1: "hang"})
    session = make_session(pressure_cooldown_seconds=0.0)
    await session.open()
    session._machinery.monitor._take = lambda _: None
    await session.add([document])
    await until(lambda: fake_hosts.tries(1) == 1)
    for _ in range(4):
        await session._pressure.take(MemorySample(10_000.0, 9700.0, 100.0))
    closing = asyncio.create_task(session.close())
    await asyncio.sleep(0)
    for _ in range(3):
        await session._pressure.take(MemorySample(10_000.0, 9700.0, 100.0))
    await closing
    await nothing_is_left(tmp_path)
    assert not (tmp_path / "data" / "diagnostics").exists()
