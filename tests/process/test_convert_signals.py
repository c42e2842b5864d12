"""`desktop-ocr convert` is told to stop at any moment: the real command line and session, on fake hosts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.process.conftest import REPOSITORY, FakeHosts

pytestmark = pytest.mark.process

PROGRAM = """
import functools, sys
sys.path.insert(0, {repository!r})
from pathlib import Path
from desktop_ocr.cli import convert
from tests.process.conftest import FakeHosts
fakes = FakeHosts.__new__(FakeHosts)
fakes.script = Path({script!r})
convert.Session = functools.partial(convert.Session, start=fakes.start)
from desktop_ocr.cli.main import run_command
sys.exit(run_command(sys.argv[1:]))
"""


def processes_of(mark: str) -> list[int]:
    """Hosts that were started with this script."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if mark in (process.info["cmdline"] or []):
            found.append(process.pid)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", ["start", "opening", "loading", "page", "freeing", "twice"])
def test_it_ends_at_once_and_leaves_nothing(
    fake_hosts: FakeHosts, tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    loads = {"text-detection": "hang"} if moment == "loading" else {}
    fake_hosts.write(pages={1: "hang"}, loads=loads, delay=0.1)
    document = tmp_path / "pages.pdf"
    document.write_bytes(b"pages")
    folders = {
        "HOME": "home",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "TMPDIR": "temporary",
    }
    for folder in folders.values():
        (tmp_path / folder).mkdir()
    environment = {**os.environ, **{name: str(tmp_path / folder) for name, folder in folders.items()}}
    program = PROGRAM.format(repository=str(REPOSITORY), script=str(fake_hosts.script))
    command = [sys.executable, "-c", program, "convert", str(document), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60

        def wait_for(name: str) -> None:
            while not (fake_hosts.counts / name).exists():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.005)

        if moment == "start":
            while not list((tmp_path / "temporary").glob("desktop-ocr-*/*")):
                assert time.monotonic() < deadline
                time.sleep(0.001)
        elif moment == "opening":
            wait_for("asked.log")
        elif moment == "loading":
            wait_for("engine-load-text-detection")
        else:
            wait_for("engine-1")
        if moment == "freeing":
            words = [sys.executable, "-m", "desktop_ocr", "free"]
            freeing = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0.3, 2.0))
        process.send_signal(number)
        if moment == "twice":
            time.sleep(0.2)
            process.send_signal(number)
        began = time.monotonic()
        _, stderr = process.communicate(timeout=60)
        if moment == "freeing":
            freeing.wait(60)
    assert process.returncode == 128 + number
    assert "Traceback" not in stderr
    assert "never retrieved" not in stderr
    assert time.monotonic() - began < 40
    assert processes_of(str(fake_hosts.script)) == []
    assert list((tmp_path / "temporary").glob("desktop-ocr-*/*")) == []
