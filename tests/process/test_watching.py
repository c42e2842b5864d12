"""Watched folders for real: files, the system's events, a session, the document host."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_ocr.core import watched_folder
from desktop_ocr.core.arrivals import AT_ONCE
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.events import Event, WatchedChanged
from desktop_ocr.schema.watching import ArrivalState, Original, WatchedFolder, WatchedView
from tests.benchmarks.watching import measure
from tests.fakes.small_pdfs import small_pdf
from tests.fakes.watching_program import REPOSITORY, program_paths, watching_session, write_script

pytestmark = pytest.mark.process

SETTLE = 0.4


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


def wanted(root: Path, **how: object) -> WatchedFolder:
    return WatchedFolder(
        str(root / "in"),
        **{"formats": ("pdf", "txt"), "output": str(root / "out"), "settle_seconds": SETTLE, **how},  # type: ignore[arg-type]
    )


async def reached(session: Session, condition: Callable[[WatchedView], bool], seconds: float = 40) -> WatchedView:
    async with asyncio.timeout(seconds):
        while True:
            for view in await session.watched():
                if condition(view):
                    return view
            await asyncio.sleep(0.05)


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


async def test_what_comes_is_done_once_however_it_comes(root: Path) -> None:
    inbox = root / "in"
    (inbox / "there before.pdf").write_bytes(small_pdf("there before"))
    events: list[Event] = []
    async with watching_session(root, events.append) as session:
        folder = await session.watch(wanted(root, recursive=True))
        assert folder.id
        await reached(session, lambda view: view.done == 1)
        (inbox / ".hidden.pdf").write_bytes(small_pdf("hidden"))
        (inbox / "coming.pdf.part").write_bytes(small_pdf("a download"))
        (inbox / "~$open.pdf").write_bytes(small_pdf("a lock"))
        (inbox / "notes.odt").write_bytes(b"no document of ours")
        (inbox / "empty.pdf").touch()
        outside = root / "outside.pdf"
        outside.write_bytes(small_pdf("renamed into place"))
        os.utime(outside, (1e9, 1e9))
        outside.rename(inbox / "renamed.pdf")
        (inbox / "sub").mkdir()
        (inbox / "sub" / "below.pdf").write_bytes(small_pdf("below"))
        (inbox / "twin.pdf").write_bytes(small_pdf("there before"))
        content = small_pdf("growing", pages=3)
        with (inbox / "growing.pdf").open("wb") as file:
            for start in range(0, len(content), len(content) // 6):
                file.write(content[start : start + len(content) // 6])
                file.flush()
                await asyncio.sleep(SETTLE * 0.8)
            await asyncio.sleep(SETTLE * 3)  # it does not grow, but is still open
            assert "growing.txt" not in names(root / "out")
        view = await reached(session, lambda view: view.done == 4 and view.working == 1)  # the empty one
        assert (view.failed, view.waiting, view.error, view.polled) == (0, 0, None, False)
        assert [arrival.path for arrival in await session.arrivals()] == [str(inbox / "empty.pdf")]
        (inbox / "empty.pdf").unlink()
        (inbox / "renamed.pdf").write_bytes(small_pdf("another content"))
        await reached(session, lambda view: view.done == 5 and view.working == 0)
        assert session.views() == []
        async with asyncio.timeout(20):  # the last is told, too
            while [event.view.done for event in events if isinstance(event, WatchedChanged)][-1] < 5:
                await asyncio.sleep(0.05)
    assert names(root / "out") == sorted(
        f"{name}{suffix}"
        for name in ("there before", "renamed", "renamed (2)", "sub/below", "growing")
        for suffix in (".pdf", ".txt")
    )
    assert (root / "out" / "growing.txt").read_text() == "page 1\n\npage 2\n\npage 3\n"
    assert str(root / "in") in program_paths(root).watched_folders.read_text()


async def test_failures_wait_for_what_is_mended_and_originals_for_verified_exports(root: Path, documents: Path) -> None:
    inbox, out = root / "in", root / "out"
    write_script(root, pages={"6": "fail"})
    async with watching_session(root) as session:
        folder = await session.watch(wanted(root, original=Original.DELETE))
        out.rmdir()
        out.write_text("in the folder's place")
        (inbox / "a.pdf").write_bytes(small_pdf("a"))
        (inbox / "seven.pdf").write_bytes(small_pdf("seven", pages=7))
        shutil.copy(documents / "encrypted.pdf", inbox / "locked.pdf")
        (inbox / "broken.pdf").write_bytes(b"%PDF-1.4 and nothing more")
        await reached(session, lambda view: view.waiting == 2 and view.failed == 2)
        assert names(inbox) == ["a.pdf", "broken.pdf", "locked.pdf", "seven.pdf"]
        out.unlink()
        out.mkdir()
        assert await session.retry_arrivals(folder.id, [inbox / "a.pdf", inbox / "seven.pdf"]) == 2
        await reached(session, lambda view: view.done == 1 and view.failed == 3)
        assert names(inbox) == ["broken.pdf", "locked.pdf", "seven.pdf"]  # a page of it is damaged
        why = {Path(one.path).name: one for one in await session.arrivals()}
        assert {name: one.error.code for name, one in why.items() if one.error} == {
            "broken.pdf": ErrorCode.DAMAGED,
            "locked.pdf": ErrorCode.PASSWORD_NEEDED,
            "seven.pdf": ErrorCode.DAMAGED,
        }
        assert {view.name for view in session.views()} == set(why)
        await session.give_password(why["locked.pdf"].job, "open sesame")
        await reached(session, lambda view: view.done == 2)
        assert names(inbox) == ["broken.pdf", "seven.pdf"]
        write_script(root)
        await session.free()  # the fake engine reads its script when it starts
        await session.resume_work()
        assert await session.retry_arrivals() == 2
        await reached(session, lambda view: view.done == 3 and view.failed == 1)
        (inbox / "broken.pdf").unlink()
        await reached(session, lambda view: view.failed == 0)
    assert names(inbox) == []
    assert names(out) == sorted(f"{name}{end}" for name in ("a", "locked", "seven") for end in (".pdf", ".txt"))


async def test_a_folder_that_is_away_is_told_and_watched_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_SECONDS", 1.0)
    inbox = root / "in"
    async with watching_session(root) as session:
        for polling in (False, True):
            folder = await session.watch(wanted(root, polling=polling, id="same"))
            inbox.rename(root / "away")
            view = await reached(session, lambda view: view.error is not None)
            assert view.error is not None
            assert view.error.code is ErrorCode.NOT_FOUND
            (root / "away").rename(inbox)
            await reached(session, lambda view: view.error is None)
            (inbox / f"{polling}.pdf").write_bytes(small_pdf(f"polling {polling}"))
            view = await reached(session, lambda view, polling=polling: view.done == 1 + polling)  # type: ignore[misc]
            assert view.polled == polling
        with pytest.raises(DesktopOcrError) as refused:
            await session.watch(wanted(root))
        assert refused.value.code is ErrorCode.USAGE
        await session.unwatch(folder.id)
        assert await session.watched() == []
        (inbox / "later.pdf").write_bytes(small_pdf("later"))
        await session.watch(wanted(root))  # what was done there is known
        view = await reached(session, lambda view: view.done == 3)
    assert "later.txt" in names(root / "out")
    assert len(names(root / "out")) == 6


def test_killed_again_and_again_every_file_is_done_once_and_what_came_meanwhile_is_found(root: Path) -> None:
    chance = random.Random(6)
    inbox = root / "in"
    program_paths(root).config.mkdir()
    (root / "out").mkdir()
    program_paths(root).watched_folders.write_text(
        f'[[folder]]\nid = "one"\npath = "{inbox}"\noutput = "{root / "out"}"\nformats = ["pdf", "txt"]\n'
        'original = "move"\nsettle_seconds = 0.2\n'
    )
    write_script(root)
    expected = set()
    for run in range(4):
        for number in range(8):
            (inbox / f"{run}-{number}.pdf").write_bytes(small_pdf(f"{run}-{number}"))
            expected.add(f"{run}-{number}")
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.watching_program", str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
        )
        assert program.stdout is not None
        assert program.stdin is not None
        assert program.stdout.readline() == b"watching\n"
        if run < 3:
            # Killed somewhere in the work: when so many originals of this run are away.
            left = chance.randint(1, 7)
            _wait(lambda left=left: len(names(inbox)) - len(names(inbox / "done")) <= left)  # type: ignore[misc]
            program.kill()
            program.wait(20)
        else:
            _wait(lambda: len(names(inbox / "done")) == len(expected) and not _unfinished(root))
            program.stdin.close()
            assert program.wait(20) == 0
        program.stdout.close()
    assert names(inbox) == sorted(f"done/{name}.pdf" for name in expected)
    assert names(root / "out") == sorted(f"{name}{end}" for name in expected for end in (".pdf", ".txt"))
    with sqlite3.connect(program_paths(root).ledger) as ledger:
        assert ledger.execute("SELECT state, count(*) FROM arrivals GROUP BY state").fetchall() == [("done", 32)]
    ledger.close()


async def test_many_files_come_while_other_work_runs(tmp_path: Path) -> None:
    figures = await measure(tmp_path, 20)
    assert figures.wrong == []
    assert figures.largest <= AT_ONCE
    assert figures.other_pages


def test_the_end_of_the_program_does_not_wait_for_what_hangs() -> None:
    program = (
        "import asyncio, threading\nfrom desktop_ocr.core.threads import Threads\n"
        "async def main():\n    threads = Threads('x', 1)\n"
        "    task = asyncio.create_task(threads.run(threading.Event().wait))\n    await asyncio.sleep(0.1)\n"
        "    task.cancel()\n    threads.close()\nasyncio.run(main())\nprint('over')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "over\n"


def _unfinished(root: Path) -> bool:
    with sqlite3.connect(program_paths(root).ledger) as ledger:
        count = ledger.execute("SELECT count(*) FROM arrivals WHERE state <> ?", (ArrivalState.DONE,)).fetchone()[0]
    ledger.close()
    return bool(count)


def _wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    import time

    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
