"""Memory of a whole program: killed in mid-page, and asked by `desktop-ocr memory`, `free` and `resume`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop_ocr.core.runtime import RuntimeFolder
from tests.benchmarks.memory_common import children

pytestmark = [pytest.mark.models, pytest.mark.process]

GUARD = 120.0

PROGRAM = """
import asyncio, sys
from pathlib import Path
from desktop_ocr.schema.events import ModelChanged
from desktop_ocr.schema.memory import ModelState
from tests.benchmarks.memory_common import open_session

async def work():
    async with open_session(Path(sys.argv[1])) as bench:
        job = await bench.add(Path(sys.argv[2]))
        loaded = lambda: {e.view.model for _, e in bench.told if isinstance(e, ModelChanged)
                          and e.view.state is ModelState.LOADED}
        await bench.until(lambda: len(loaded()) == 4)
        print("a page is in work", flush=True)
        await bench.done(job)

asyncio.run(work())
"""


def until(condition: Callable[[], object], seconds: float = GUARD) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(process: psutil.Process) -> bool:
    """Whether a process has not ended; its adoptive parent may take a while to take note of it."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def segments(pids: list[int]) -> set[str]:
    """Shared memory that these processes have mapped."""
    rows = [row for pid in pids for row in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    return {row.split(maxsplit=5)[5] for row in rows if "/dev/shm/" in row}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc; tried on Linux alone")
def test_a_program_killed_in_mid_page_takes_its_hosts_with_it_and_the_next_start_sweeps(
    documents: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home), str(documents / "letter.jpg")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "a page is in work\n"
        hosts = children(process.pid)
        assert len(hosts) == 2
        mapped = segments([process.pid, *(host.pid for host in hosts)])
        began = time.monotonic()
        process.kill()
        until(lambda: not any(map(alive, hosts)), 10)
        print(f"the hosts were gone after {time.monotonic() - began:.2f} s")
    assert [name for name in mapped if Path(name).exists()] == []
    (left,) = (home / "run").iterdir()
    assert list(left.glob("*.rgb"))  # a page was in work
    folder = RuntimeFolder(home / "run")  # as the next start does
    assert folder.sweep() == 1
    assert not left.exists()
    folder.remove()
    assert list((home / "run").iterdir()) == []


def desktop_ocr(*words: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    command = [sys.executable, "-m", "desktop_ocr", *words, "--json"]
    out = subprocess.run(command, capture_output=True, text=True, timeout=GUARD)
    assert out.returncode == 0, out.stderr
    answer: dict[str, Any] = json.loads(out.stdout)
    return answer


def test_free_pauses_a_running_conversion_and_resume_ends_it_well(documents: Path, tmp_path: Path) -> None:
    words = ["convert", str(documents / "minutes_g4.tif"), "--out", str(tmp_path / "out"), "--json"]
    log = tmp_path / "stderr.txt"
    with (
        log.open("w") as stderr,
        subprocess.Popen([sys.executable, "-m", "desktop_ocr", *words], stdout=subprocess.PIPE, stderr=stderr) as run,
    ):
        stats: dict[str, Any] = {}

        def in_work() -> bool:
            assert run.poll() is None, log.read_text()
            (stats,) = desktop_ocr("memory")["programs"] or [{}]
            # The last of those that every page needs.
            return any(one["role"] == "layout" and one["state"] == "loaded" for one in stats.get("models", ()))

        until(in_work)
        (stats,) = desktop_ocr("memory")["programs"]
        assert (stats["pid"], stats["title"]) == (run.pid, "convert")
        assert stats["working"] >= 1
        assert {host["role"] for host in stats["sample"]["hosts"]} == {"document", "engine"}
        assert {host["pid"] for host in stats["sample"]["hosts"]} <= {child.pid for child in children(run.pid)}

        (freed,) = desktop_ocr("free")["programs"]
        assert children(run.pid) == []
        assert freed["pid"] == run.pid
        assert len(freed["report"]["paused"]) == 1
        assert freed["report"]["ram_before"] > freed["report"]["ram_after"] + 200
        assert freed["words"].startswith("Freed ")
        until(lambda: "paused" in log.read_text(), 20)
        told = log.read_text()
        assert "1 document is paused because memory was given back." in told
        assert "'desktop-ocr resume' goes on" in told
        (stats,) = desktop_ocr("memory")["programs"]
        assert stats["held"] == "memory was given back"
        assert stats["working"] == 0
        assert children(run.pid) == []  # nothing starts by itself
        assert run.poll() is None

        assert desktop_ocr("resume")["programs"] == [{"pid": run.pid, "documents": 1}]
        out, _ = run.communicate(timeout=GUARD)
    assert run.returncode == 0, log.read_text()
    (report,) = json.loads(out)["files"]
    assert (report["pages"], report["fine"]) == (3, 3)
    assert report["predicted_mb"] > 0
    assert report["peak_mb"] > 200
    text = (tmp_path / "out" / "minutes_g4.txt").read_text(encoding="utf-8")
    assert "MINUTES OF THE MEETING" in text
    assert "The next one is on 2 June" in text  # the last page's end
