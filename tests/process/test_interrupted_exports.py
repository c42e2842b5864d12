"""A program is killed, or told to end, while it writes an export: nothing unfinished stays, and somebody is told."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, ExportsInterrupted
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_program_runs import command, make_pdf, start
from tests.process.conftest import REPOSITORY
from tests.process.test_freeing import until

pytestmark = pytest.mark.process

PAGES = 30
FORMATS = "txt,html,docx,md,pdf"


class Conversion:
    """The command line, on a fake engine and with the real document host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document = make_pdf(folder / "report.pdf", PAGES)
        self.out = folder / "out"
        self.ledger = Path(os.environ["XDG_DATA_HOME"]) / "desktop-ocr" / "ledger.sqlite3"

    def begin(self) -> subprocess.Popen[str]:
        arguments = [str(self.document), "--out", str(self.out), "--format", FORMATS]
        program = command("convert", 0.0, self.folder / "log", *arguments)
        return subprocess.Popen(program, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def parts(self) -> list[Path]:
        return list(self.out.glob(".desktop-ocr-*")) if self.out.is_dir() else []

    def caught(self, process: subprocess.Popen[str]) -> int:
        """Hold the program while it writes a file; the number of the host that writes it."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self.parts():
                process.send_signal(signal.SIGSTOP)
                time.sleep(0.2)
                if parts := self.parts():
                    return int(parts[0].name.split("-")[2])
                process.send_signal(signal.SIGCONT)  # that one was done already
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        raise AssertionError("it writes nothing")

    def kill(self) -> int:
        """Kill it, and its host, while it writes a file; the host's number."""
        with self.begin() as process:
            host = self.caught(process)
            os.kill(host, signal.SIGSTOP)  # it must not delete its file when it sees its program gone
            process.kill()
            process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.kill(host, signal.SIGKILL)
            until = time.monotonic() + 60
            while psutil.pid_exists(host) and psutil.Process(host).status() != psutil.STATUS_ZOMBIE:
                assert time.monotonic() < until
                time.sleep(0.01)
        assert self.parts()
        return host

    def names(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())


@pytest.fixture
def conversion(tmp_path: Path) -> Conversion:
    return Conversion(tmp_path)


WHOLE = sorted(f"report.{name}" for name in FORMATS.split(","))


async def test_after_a_kill_the_window_tells_of_it_and_nothing_unfinished_is_left(conversion: Conversion) -> None:
    host = conversion.kill()
    others = [f".desktop-ocr-{host}9-abc.part", f".desktop-ocr-{host}-abc.txt", f"desktop-ocr-{host}-abc.part"]
    for name in others:
        (conversion.out / name).write_text("not that host's")
    (conversion.out / f".desktop-ocr-{host}-folder.part").mkdir()
    events: list[Event] = []
    data = conversion.ledger.parent
    paths = AppPaths(data, conversion.folder / "cache", conversion.folder / "config", conversion.folder / "run")

    def told() -> list[ExportsInterrupted]:
        return [event for event in events if isinstance(event, ExportsInterrupted)]

    for start_number in (1, 2):
        hosts = functools.partial(start, 0.0, conversion.folder / "log")
        session = Session(paths, Settings(), events.append, start=hosts)
        await session.open()
        if start_number == 1:
            await until(lambda: bool(told()))
            ((interrupted,),) = [event.exports for event in told()]
            assert (interrupted.name, interrupted.folder) == ("report.pdf", str(conversion.out))
            left = sorted(path.name for path in conversion.parts())
            assert left == sorted([*(name for name in others if name[0] == "."), f".desktop-ocr-{host}-folder.part"])
            assert interrupted.wish is not None
            outcomes = await session.export(interrupted.job, interrupted.wish, full_name=interrupted.full_name)
            assert [outcome.error for outcome in outcomes] == [None] * len(WHOLE)
        else:
            await asyncio.sleep(0.5)
        await session.close()
    assert len(told()) == 1  # at the second start nobody is told again
    assert [name for name in conversion.names() if name.startswith("report")] == WHOLE
    assert Ledger(conversion.ledger).begun.all() == []


def test_after_a_kill_the_same_command_does_it(conversion: Conversion) -> None:
    conversion.kill()
    with conversion.begin() as process:
        told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert conversion.names() == WHOLE
    assert Ledger(conversion.ledger).begun.all() == []  # so that no window tells of it


def test_a_program_that_is_told_to_end_leaves_nothing_unfinished(conversion: Conversion) -> None:
    with conversion.begin() as process:
        conversion.caught(process)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert "the same command goes on from here" in told
    assert conversion.parts() == []
    assert Ledger(conversion.ledger).begun.all() == []
    with conversion.begin() as process:
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert conversion.names() == WHOLE
