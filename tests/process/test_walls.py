"""Hosts behind their walls: real processes that try what they must not, and say what became of it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_ocr.hosts.priority import NICENESS
from desktop_ocr.hosts.process import HostProcess
from desktop_ocr.schema.confinement import ALL_WALLS, HostLimits, Wall
from desktop_ocr.schema.document_messages import DocumentInfo, Inspect, PreparePage, Source
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import TextLayerMode
from desktop_ocr.schema.memory import HostRole
from desktop_ocr.schema.messages import Done, Ping

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="walls of Linux"),
]

ATTEMPTS = """
import ctypes, json, os, socket, subprocess, sys, threading
from desktop_ocr.host_child.limits import confine
from desktop_ocr.schema.confinement import HostLimits

walls = confine(HostLimits(2000, 64), local_sockets=sys.argv[1] == "engine")
told = {}


def attempt(name, what):
    try:
        what()
        told[name] = "done"
    except OSError as error:
        told[name] = error.errno
    except MemoryError:
        told[name] = "MemoryError"


def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


attempt("internet", lambda: socket.socket(socket.AF_INET))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt("local", lambda: socket.socket(socket.AF_UNIX))
attempt("pair", socket.socketpair)
attempt("ptrace", lambda: call("ptrace", 16, os.getppid(), 0, 0))
attempt("namespace", lambda: call("unshare", 0x10000000))
attempt("mount", lambda: call("mount", b"x", b"/tmp", b"tmpfs", 0, 0))
attempt("signal", lambda: os.kill(os.getppid(), 0))
attempt("memory", lambda: bytearray(3_000_000_000))
attempt("files", lambda: [open(os.devnull) for _ in range(80)])
attempt("thread", lambda: threading.Thread(target=print).start())
attempt("child", lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
child = "import socket\\ntry: socket.socket()\\nexcept OSError as error: raise SystemExit(error.errno)"
told["child's socket"] = subprocess.run([sys.executable, "-c", child]).returncode
sys.__stdout__.write("\\n" + json.dumps({"walls": walls, "told": told}))
"""


def attempted(role: str) -> dict[str, dict[str, object]]:
    done = subprocess.run([sys.executable, "-c", ATTEMPTS, role], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("role", ["document", "engine"])
def test_what_is_behind_the_walls(role: str) -> None:
    answer = attempted(role)
    told, walls = answer["told"], set(answer["walls"])
    assert told["files"] == 24  # EMFILE
    assert told["memory"] == "MemoryError"
    assert told["thread"] == told["child"] == "done"
    if Wall.SYSTEM_CALLS in walls:
        refused = ("internet", "netlink", "ptrace", "namespace", "mount", "child's socket")
        assert {name: told[name] for name in refused} == dict.fromkeys(refused, 1)
        assert told["pair"] == "done"
        assert told["local"] == ("done" if role == "engine" else 1)
    if Wall.SIGNALS in walls:
        assert told["signal"] == 1


@pytest.mark.parametrize("role", list(HostRole))
async def test_hosts_say_which_walls_stand(role: HostRole, tmp_path: Path) -> None:
    host = await HostProcess.start(role, scratch=tmp_path, limits=HostLimits(8000, 256, low_priority=True))
    try:
        # Landlock's part needs a newer kernel than the rest.
        assert ALL_WALLS - set(host.walls) <= {Wall.SIGNALS}
        assert psutil.Process(host.pid).nice() >= NICENESS
        status = Path(f"/proc/{host.pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status
        if role is HostRole.DOCUMENT:
            assert psutil.Process(host.pid).rlimit(psutil.RLIMIT_AS) == (8_000_000_000, 8_000_000_000)
    finally:
        await host.end()


BUSY = """
from desktop_ocr.host_child import limits
from desktop_ocr.host_child.serve import serve

limits.SPARE_CPU_SECONDS = 0.0


def busy(body):
    limits.allow_cpu_time(0.01)  # the request's deadline is the parent's; here it is as if it did not look at the clock
    while True:
        pass


serve("document", lambda: busy)
"""


async def test_a_host_that_takes_too_much_processor_time_is_ended_in_words(tmp_path: Path) -> None:
    host = await HostProcess.start(HostRole.DOCUMENT, [sys.executable, "-c", BUSY], scratch=tmp_path)
    with pytest.raises(DesktopOcrError) as raised:
        await host.request(Inspect(Source("x")), 30)
    assert raised.value.code is ErrorCode.TIMED_OUT
    assert raised.value.info.message == "This took too much processor time and was stopped."
    assert host.outcome is not None
    assert host.outcome.words == "took too much processor time"
    assert not list(tmp_path.glob("core*"))


async def test_processor_time_is_renewed_with_each_request(tmp_path: Path) -> None:
    host = await HostProcess.start(HostRole.DOCUMENT, scratch=tmp_path)
    try:
        assert psutil.Process(host.pid).rlimit(psutil.RLIMIT_CPU)[0] == -1
        with pytest.raises(DesktopOcrError):
            await host.request(Inspect(Source(str(tmp_path / "missing"))), 20)
        first = psutil.Process(host.pid).rlimit(psutil.RLIMIT_CPU)[0]
        with pytest.raises(DesktopOcrError):
            await host.request(Inspect(Source(str(tmp_path / "missing"))), 50)
        assert 22 <= first < psutil.Process(host.pid).rlimit(psutil.RLIMIT_CPU)[0]
    finally:
        await host.end()


async def test_a_picture_that_does_not_fit_is_refused_in_words_and_the_next_one_is_read(tmp_path: Path) -> None:
    from PIL import Image

    large, small = tmp_path / "large.png", tmp_path / "small.png"
    Image.new("RGB", (9000, 9000), "white").save(large, compress_level=1)
    Image.new("RGB", (90, 90), "white").save(small)

    host = await HostProcess.start(HostRole.DOCUMENT, scratch=tmp_path, limits=HostLimits(address_mb=500))

    def page(file: Path) -> PreparePage:
        return PreparePage(Source(str(file)), 0, 200, 100_000_000, TextLayerMode.ALWAYS_OCR, str(tmp_path / "page.rgb"))

    try:
        with pytest.raises(DesktopOcrError) as raised:
            await host.request(page(large), 60)
        assert raised.value.code is ErrorCode.OUT_OF_MEMORY
        assert "document_limit_mb" in raised.value.info.advice
        info = await host.request(Inspect(Source(str(small))), 60)
        assert isinstance(info, DocumentInfo)
        await host.request(page(small), 60)
        assert isinstance(await host.request(Ping(), 10), Done)
    finally:
        await host.end()


SLOW = """
import time
from desktop_ocr.host_child.serve import serve
from desktop_ocr.schema.messages import Done


def slow(body):
    time.sleep(1.0)
    return Done()


serve("document", lambda: slow)
"""


@pytest.mark.parametrize(("waiting", "answered"), [(lambda calls: 3.0 * calls, True), (lambda _: 7.0, False)])
async def test_a_host_that_others_kept_waiting_gets_that_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: Callable[[int], float], answered: bool
) -> None:
    calls = itertools.count()
    monkeypatch.setattr("desktop_ocr.hosts.process.kept_waiting", lambda _: waiting(next(calls)))
    host = await HostProcess.start(HostRole.DOCUMENT, [sys.executable, "-c", SLOW], scratch=tmp_path)
    try:
        if answered:
            assert await host.request(Inspect(Source("x")), 0.5) == Done()
        else:
            with pytest.raises(DesktopOcrError) as raised:
                await host.request(Inspect(Source("x")), 0.5)
            assert raised.value.code is ErrorCode.TIMED_OUT
    finally:
        await host.end()
