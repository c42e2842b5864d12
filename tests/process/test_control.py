"""`desktop-ocr free` and `memory` as commands, against programs in processes of their own with canned answers."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_ocr.core.control_client import ask_stats, program_pid, running
from desktop_ocr.core.owners import process_owner
from desktop_ocr.core.paths import user_paths
from desktop_ocr.schema.control import SOCKET_NAME
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.unit.cli.exposition import parse

pytestmark = pytest.mark.process

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "desktop_ocr"]


class FakeProgram:
    """A process of `tests.fakes.fake_program`."""

    def __init__(self, how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.fake_program", how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )
        assert self.process.stdout is not None
        self.socket = Path(self.process.stdout.readline().strip())

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


@pytest.fixture
def program() -> Iterator[Callable[[str], FakeProgram]]:
    started: list[FakeProgram] = []

    def start(how: str = "canned") -> FakeProgram:
        started.append(FakeProgram(how))
        return started[-1]

    yield start
    for each in started:
        each.end()


def call(*words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *words], capture_output=True, timeout=60, env={**os.environ, **(environment or {})}
    )
    out = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in out.stderr
    return out


# --- free -----------------------------------------------------------------------------------------------------


def test_free_says_what_was_freed(program: Callable[..., FakeProgram]) -> None:
    program()
    out = call("free")
    assert out.returncode == 0
    assert out.stdout == (
        "Freed 1.8 GB of GPU memory and 620 MB of RAM; Desktop OCR now holds 0 MB and 118 MB."
        " 2 documents are paused: resume them in the window, or with 'desktop-ocr resume'.\n"
    )
    assert out.stderr == ""


def test_free_without_a_gpu(program: Callable[..., FakeProgram]) -> None:
    program("no-gpu")
    assert call("free").stdout == "Freed 620 MB of RAM; Desktop OCR now holds 118 MB.\n"


def test_free_where_nothing_runs() -> None:
    out = call("free")
    assert (out.returncode, out.stdout) == (0, "Desktop OCR is not running: there is nothing to free.\n")
    assert json.loads(call("free", "--json").stdout) == {"programs": [], "errors": []}


def test_resume(program: Callable[..., FakeProgram]) -> None:
    assert call("resume").stdout == "Desktop OCR is not running: there is nothing to resume.\n"
    only = program()
    assert call("resume").stdout == "2 documents go on.\n"
    assert json.loads(call("resume", "--json").stdout) == {
        "programs": [{"pid": only.pid, "documents": 2}],
        "errors": [],
    }


def test_free_asks_all_programs_at_once(program: Callable[..., FakeProgram]) -> None:
    both = [program(), program("no-gpu")]
    lines = call("free").stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"Process {pid}" for pid in sorted(p.pid for p in both)]
    report = json.loads(call("free", "--json").stdout)
    assert {item["pid"] for item in report["programs"]} == {each.pid for each in both}
    assert sorted(str(item["report"]["vram_before"]) for item in report["programs"]) == ["1800.0", "None"]


def test_a_program_that_hangs_does_not_keep_the_others(program: Callable[..., FakeProgram]) -> None:
    program()
    hung = program("hang")
    out = call("free", "--timeout", "1")
    assert out.returncode == 1
    assert "Freed 1.8 GB" in out.stdout
    assert f"({hung.pid}) has not answered within 1 s" in out.stderr


def test_a_program_that_is_stopped_is_not_waited_for(program: Callable[..., FakeProgram]) -> None:
    stopped = program()
    stopped.process.send_signal(signal.SIGSTOP)
    out = call("free", "--timeout", "1")
    assert out.returncode == 1
    assert f"({stopped.pid}) has not answered" in out.stderr


def test_a_program_of_another_version(program: Callable[..., FakeProgram]) -> None:
    program("other-version")
    out = call("free")
    assert out.returncode == 1
    assert "another version" in out.stderr


def test_a_program_that_fails_says_so(program: Callable[..., FakeProgram]) -> None:
    program("fail")
    out = call("free", "--json")
    assert out.returncode == 1
    assert "unexpected" in json.loads(out.stdout)["errors"][0]


def test_a_program_that_dies_of_it_counts_as_gone(program: Callable[..., FakeProgram]) -> None:
    died = program("dies")
    assert call("free").stdout == "Desktop OCR is not running: there is nothing to free.\n"
    assert died.process.wait(60) == -signal.SIGKILL


def test_what_a_killed_program_left_is_not_asked(program: Callable[..., FakeProgram]) -> None:
    killed = program()
    killed.process.kill()
    killed.process.wait()
    assert killed.socket.is_socket()
    out = call("free")
    assert (out.returncode, out.stdout) == (0, "Desktop OCR is not running: there is nothing to free.\n")


def test_what_lies_about_in_the_folder_is_not_asked(program: Callable[..., FakeProgram]) -> None:
    root = user_paths().runtime
    only = program()
    for name in ("a", "1", "-", "x-y", "99999999999999999999-1", b"\xff-1".decode(errors="surrogateescape")):
        (root / name).mkdir()
        (root / name / SOCKET_NAME).write_text("no socket")
    (root / "a file").write_text("")
    out = call("free", "--json")
    assert out.returncode == 0
    assert [item["pid"] for item in json.loads(out.stdout)["programs"]] == [only.pid]


def test_a_folder_of_somebody_else_is_not_looked_into() -> None:
    root = user_paths().runtime
    if os.getuid() == 0:
        root.mkdir()
        os.chown(root, 12345, 12345)
    else:
        root.symlink_to("/")  # the link is ours, what it leads to is not
    out = call("free")
    assert (out.returncode, out.stdout) == (1, "")
    assert "belongs to another user" in out.stderr


# --- the client, in this process ---------------------------------------------------------------------------------


async def test_a_socket_that_nobody_listens_to(user_home: Path) -> None:
    root = user_paths().runtime
    folder = root / process_owner().replace(":", "-", 1)
    folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / SOCKET_NAME))
    assert [program_pid(path) for path in await running(root)] == [os.getpid()]
    with pytest.raises(DesktopOcrError) as gone:
        await ask_stats(folder / SOCKET_NAME, 20)
    assert gone.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(DesktopOcrError):
        await ask_stats(user_home / "never was", 20)


@pytest.mark.parametrize("answer", [b"", b"\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x05abcde", b"\x00\x00\x00\x09ab"])
async def test_a_program_that_answers_garbage(user_home: Path, answer: bytes) -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_unix_server(garbage, user_home / "socket")
    with pytest.raises(DesktopOcrError) as refused:
        await ask_stats(user_home / "socket", 20)
    assert refused.value.code in (ErrorCode.NOT_FOUND, ErrorCode.PROTOCOL)
    server.close()


# --- memory -----------------------------------------------------------------------------------------------------


def test_memory_as_a_table(program: Callable[..., FakeProgram]) -> None:
    running_one = program()
    out = call("memory")
    assert out.returncode == 0
    for words in (
        f"Desktop OCR, window (process {running_one.pid})",
        "Memory is short: 81% of what may be used. Step 2",
        "RAM: 12.9 GB of 16.0 GB (the container's limit) used by all programs",
        "Ours: 879 MB, 118 MB of it the program itself",
        "1.8 GB ours (estimated)",
        "GPU 1, B: 10 MB of 8.0 GB used by all programs; the driver does not say what is ours",
        "Budget: RAM 4.0 GB, GPU memory all there is",
        "none, goes in 4 min",
        "about 40 MB",
        "Queue: 12 pages waiting, 1 in work",
    ):
        assert words in out.stdout


def test_memory_of_two_programs(program: Callable[..., FakeProgram]) -> None:
    both = {program().pid, program().pid}
    report = json.loads(call("memory", "--json").stdout)
    assert {item["pid"] for item in report["programs"]} == both
    assert report["machine"] is None
    assert report["programs"][0]["models"][0]["state"] == "loaded"


def test_memory_where_nothing_runs() -> None:
    out = call("memory")
    assert out.returncode == 0
    assert out.stdout.startswith("Desktop OCR is not running.\nRAM: ")
    report = json.loads(call("memory", "--json").stdout)
    assert report["programs"] == []
    assert report["machine"]["ram_total"] > report["machine"]["ram_used"] > 0
    assert report["machine"]["ram_window"] == 0  # the command itself is nothing that Desktop OCR holds


def test_memory_for_prometheus(program: Callable[..., FakeProgram]) -> None:
    assert parse(call("memory", "--prometheus").stdout)["desktop_ocr_programs"][1] == {(): 0.0}
    pids = sorted((program().pid, program().pid))
    out = call("memory", "--prometheus", environment={"PYTHONIOENCODING": "ascii:strict"})
    families = parse(out.stdout)
    kind, series = families["desktop_ocr_program_ram_bytes"]
    assert kind == "gauge"
    assert series == {(("pid", str(pid)), ("program", "window")): 118e6 for pid in pids}


def test_a_dump_is_asked_for(program: Callable[..., FakeProgram]) -> None:
    out = call("memory", "--dump")
    assert (out.returncode, out.stdout) == (1, "")
    assert "not running" in out.stderr
    program()
    assert call("memory", "--dump").stdout == "/nowhere/dump-20240131-235959.json\n"
    assert json.loads(call("memory", "--dump", "--json").stdout)["dumps"] == ["/nowhere/dump-20240131-235959.json"]


def test_watching_follows_programs_that_come_and_go(program: Callable[..., FakeProgram]) -> None:
    first = program()
    words = [*COMMAND, "memory", "--json", "--watch", "0.1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None

        def until(pids: list[int]) -> None:
            for line in watching.stdout or ():
                if [item["pid"] for item in json.loads(line)["programs"]] == pids:
                    return

        until([first.pid])
        first.end()
        until([])
        second = program()
        until([second.pid])
        watching.send_signal(signal.SIGINT)
        watching.stdout.read()
        assert watching.wait(60) == 0


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_watching_ends_with_its_reader(form: list[str], program: Callable[..., FakeProgram]) -> None:
    program()
    words = [*COMMAND, "memory", *form, "--watch", "0.1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        assert watching.stdout.readline()
        watching.stdout.close()
        assert watching.wait(60) == 0
        assert watching.stderr.read() == b""


def test_watching_on_a_terminal_draws_over_and_gives_the_screen_back(program: Callable[..., FakeProgram]) -> None:
    program()
    ours, theirs = pty.openpty()
    words = [*COMMAND, "memory", "--watch", "0.1"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "60"}
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as watching:
        os.close(theirs)
        seen = b""
        ends = time.monotonic() + 60
        while seen.count(b"Ctrl-C ends this.") < 3 and time.monotonic() < ends:
            seen += os.read(ours, 65536)
        watching.send_signal(signal.SIGINT)
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:  # EIO: the other end is closed
            pass
        assert watching.wait(60) == 0
    os.close(ours)
    assert seen.count(b"Ctrl-C ends this.") >= 3
    assert seen.count(b"\x1b[?1049h") == seen.count(b"\x1b[?1049l") == 1
    assert b"Traceback" not in seen


def test_output_that_cannot_be_written_is_told(program: Callable[..., FakeProgram]) -> None:
    program()
    for words in (["memory"], ["memory", "--json"], ["free"], ["memory", "--watch", "0.1"]):
        full = subprocess.run(
            ["sh", "-c", 'exec "$@" >/dev/full', "sh", *COMMAND, *words], capture_output=True, text=True, timeout=60
        )
        assert full.returncode == 1
        assert "cannot be written" in full.stderr
        assert "Traceback" not in full.stderr
