"""A host's life from the parent's end, with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema import frames
from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.engine_messages import Recognise, Recognised
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import NONE
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import Done, Ping
from tests.process.conftest import FakeHosts

pytestmark = pytest.mark.process


def recognise(page: int) -> Recognise:
    return Recognise(page, Bitmap("/nowhere", 10, 10, 100.0), NONE)


async def test_a_host_answers_and_ends_as_asked(fake_hosts: FakeHosts) -> None:
    host = await fake_hosts.start(HostRole.ENGINE)
    assert isinstance(await host.request(Ping(), 5), Done)
    assert isinstance(await host.request(recognise(0), 60), Recognised)
    outcome = await host.end()
    assert outcome.expected
    assert outcome.words == "ended as asked"
    assert not psutil.pid_exists(host.pid)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("die", ErrorCode.HOST_DIED),
        ("abort", ErrorCode.HOST_DIED),
        ("hang", ErrorCode.TIMED_OUT),
        ("garbage", ErrorCode.PROTOCOL),
    ],
)
async def test_a_host_that_fails_in_transit_is_gone_afterwards(
    fake_hosts: FakeHosts, what: str, code: ErrorCode
) -> None:
    fake_hosts.write(pages={0: what})
    host = await fake_hosts.start(HostRole.ENGINE)
    with pytest.raises(DesktopOcrError) as caught:
        await host.request(recognise(0), 2 if what == "hang" else 60)
    assert caught.value.code is code
    assert caught.value.retryable
    await asyncio.wait_for(host.wait(), 60)
    assert not psutil.pid_exists(host.pid)


async def test_a_host_that_is_given_up_while_it_starts_is_gone_however_often_that_is_said() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    starting = asyncio.create_task(HostProcess.start(HostRole.ENGINE, command=[sys.executable, "-c", deaf]))
    parent = psutil.Process()
    while not (children := parent.children()) or children[0].status() != psutil.STATUS_SLEEPING:
        await asyncio.sleep(0.01)
    for _ in range(3):
        starting.cancel()
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert parent.children() == []


async def test_what_a_dead_host_started_holds_nobody_up(fake_hosts: FakeHosts) -> None:
    fake_hosts.write(pages={0: "orphan"})
    host = await fake_hosts.start(HostRole.ENGINE)
    async with asyncio.timeout(60):
        with pytest.raises(DesktopOcrError) as caught:
            await host.request(recognise(0), 120)
    assert caught.value.code is ErrorCode.HOST_DIED
    assert not host.alive


async def test_a_request_over_the_limit_is_told_and_the_host_lives_on(
    fake_hosts: FakeHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await fake_hosts.start(HostRole.ENGINE)
    with monkeypatch.context() as patch:
        patch.setattr(frames, "MAX_FRAME", 10)
        with pytest.raises(DesktopOcrError) as caught:
            await host.request(recognise(0), 60)
    assert caught.value.code is ErrorCode.TOO_LARGE
    assert isinstance(await host.request(recognise(0), 60), Recognised)
    await host.end()


@pytest.mark.parametrize(("what", "code"), [("fail", ErrorCode.DAMAGED), ("memory", ErrorCode.OUT_OF_MEMORY)])
async def test_a_host_survives_its_own_errors(fake_hosts: FakeHosts, what: str, code: ErrorCode) -> None:
    fake_hosts.write(pages={0: what})
    host = await fake_hosts.start(HostRole.ENGINE)
    with pytest.raises(DesktopOcrError) as caught:
        await host.request(recognise(0), 60)
    assert caught.value.code is code
    assert isinstance(await host.request(recognise(1), 60), Recognised)
    await host.end()


async def test_what_libraries_print_does_not_reach_the_pipe(fake_hosts: FakeHosts) -> None:
    fake_hosts.write(pages={0: "chatter"})
    host = await fake_hosts.start(HostRole.ENGINE)
    assert isinstance(await host.request(recognise(0), 60), Recognised)
    await host.end()


async def test_a_cancelled_request_ends_the_host(fake_hosts: FakeHosts) -> None:
    fake_hosts.write(pages={0: "hang"})
    host = await fake_hosts.start(HostRole.ENGINE)
    task = asyncio.create_task(host.request(recognise(0), 60))
    while fake_hosts.tries(0) == 0:
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(host.pid)


async def test_a_program_that_is_no_host_is_told(tmp_path: Path) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        await HostProcess.start(HostRole.ENGINE, [sys.executable, "-c", "raise SystemExit(3)"])
    assert caught.value.code is ErrorCode.HOST_DIED
    with pytest.raises(DesktopOcrError) as caught:
        await HostProcess.start(HostRole.ENGINE, [str(tmp_path / "missing")])
    assert caught.value.code is ErrorCode.HOST_DIED


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux'")
@pytest.mark.parametrize("role", list(HostRole))
def test_hosts_die_with_a_parent_that_was_killed(role: HostRole) -> None:
    program = (
        "import asyncio\n"
        "from desktop_ocr.hosts.process import HostProcess\n"
        "from desktop_ocr.schema.memory import HostRole\n"
        "async def main():\n"
        f"    host = await HostProcess.start(HostRole({role.value!r}))\n"
        "    print(host.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the host outlived its parent"
        time.sleep(0.02)
