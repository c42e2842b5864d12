"""A disk that becomes full at a given moment of a job, and has room again later: a real file system of a few MB.

Run as `unshare -rm python -m tests.fakes.fake_full_disk FOLDER MOMENT...`: mounts a small file system on FOLDER, does a
job there undisturbed, and again for each moment, at which the disk is filled: before that part (0 to 1) of the
statements that the ledger runs, 0 being before it is opened. A line of JSON for each tells what happened.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from desktop_ocr.core import disk_room
from desktop_ocr.core.paths import AppPaths
from desktop_ocr.core.session import Session
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, WorkHeld
from desktop_ocr.schema.jobs import JobState, PageState
from desktop_ocr.schema.settings import Settings
from tests.fakes.fake_program_runs import Content, contents, make_pdf, start

PAGES = 12
SIZE = "6m"
disk_room.SHORTEST_WAIT = 0.2


class Disk:
    """The file system, and what fills it."""

    def __init__(self, folder: Path) -> None:
        """Mount it."""
        self.folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)], check=True)

    def fill(self, room: int = 0) -> None:
        """Leave not a byte, or so many."""
        with self._ballast.open("wb", buffering=0) as file:
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\1" * size) == size:
                        pass
            if room:
                file.truncate(max(0, file.tell() - room))

    def empty(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)


async def job(disk: Disk, outside: Path, fatal: int | None) -> dict[str, object]:
    """Do a document; the disk is filled before the ledger's statement of that number."""
    home = disk.folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    paths = AppPaths(home / "data", outside / "cache", outside / "config", home / "run")
    events: list[Event] = []
    count, told, filled = 0, [], fatal == 0

    def counted(_: str) -> None:
        nonlocal count, filled
        count += 1
        if count == fatal:
            disk.fill()
            filled = True

    def session() -> Session:
        log = outside / "begun"
        return Session(paths, Settings(), events.append, start=functools.partial(start, 0.01, log))

    working = session()
    if fatal == 0:
        disk.fill()
        try:
            await working.open()
        except DesktopOcrError as error:
            told.append(str(error))
            disk.empty()
            working = session()
            await working.open()
    else:
        await working.open()
    working._ledger._db.set_trace_callback(counted)
    numbers: tuple[int, ...] = ()
    by_itself = True
    async with asyncio.timeout(60):
        while not numbers:
            added = await working.add([outside / "pages.pdf"])
            numbers = added.jobs
            if not numbers:
                told += [str(refused.error) for refused in added.refused]
                by_itself = False
                disk.empty()
        while (state := working.views()[0].state) is not JobState.DONE:
            held = [event.text for event in events if isinstance(event, WorkHeld)]
            if held and filled:
                told += [*held, str(working.views()[0].error)]
                # Whatever was finished before can be read, though the disk is full.
                for view in await working.pages(numbers[0]):
                    if view.state is PageState.DONE and await working.result(numbers[0], view.page) is None:
                        raise AssertionError("a finished page cannot be read")
                await asyncio.sleep(0.5)  # two looks for room that is not there
                if working.views()[0].state is JobState.DONE:
                    break
                disk.empty()
                filled = False
            if state in (JobState.FAILED, JobState.CANCELLED):
                raise AssertionError(f"{state}: {working.views()[0].error}")
            await asyncio.sleep(0.02)
    disk.empty()
    working._ledger._db.set_trace_callback(None)
    await working.close()
    return {"statements": count, "told": told, "by_itself": by_itself}


async def main(folder: Path, moments: list[float]) -> None:
    """See the module."""
    outside = folder.with_name("outside")
    outside.mkdir()
    make_pdf(outside / "pages.pdf", PAGES)
    disk = Disk(folder)
    calm = await job(disk, outside, None)
    file = folder / "home" / "data" / "ledger.sqlite3"
    right: Content = contents(file)
    if len(right) != PAGES:
        raise AssertionError("the undisturbed run is not complete")
    for moment in moments:
        fatal = round(moment * int(str(calm["statements"])))
        what = await job(disk, outside, fatal)
        what |= {"moment": moment, "same": contents(file) == right, "left": sorted(os.listdir(folder / "home" / "run"))}  # noqa: PTH208
        print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), [float(one) for one in sys.argv[2:]]))
