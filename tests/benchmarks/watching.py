"""Files by the thousand come to a watched folder while other work runs: each is to be done once.

    python -m tests.benchmarks.watching [FILES]

A real session with a real document host (pages come from a fake engine: what is measured is not recognition). Of the
files some have the same content, some are renamed into place, some grow for a while, some are copied with their times;
the originals are moved when they are done. Meanwhile a document of 200 pages is in work. Printed are counts, the time,
the memory of this process, the most documents in the list at a time and how long the session's loop was kept busy.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from desktop_ocr.core.session import Session
from desktop_ocr.schema.events import Event, WatchedChanged
from desktop_ocr.schema.jobs import JobOptions, TextLayerMode
from desktop_ocr.schema.watching import Original, WatchedFolder
from tests.fakes.small_pdfs import small_pdf
from tests.fakes.watching_program import watching_session, write_script

BURST = 25  # files that come at once
SETTLE = 0.5
OTHER_PAGES = 200


@dataclass
class Figures:
    """What was seen.

    Attributes:
        came: files, by how they came.
        contents: different ones among them.
        done, same, failed, exports, moved: what became of them.
        seconds: from the first file to the last one done.
        rss_mb: of this process: before, and at most.
        largest: most documents in the list at a time, without the one that the user has added.
        gap_ms: the longest time for which the session's loop did nothing else.
        gaps: how often that was more than 100 ms.
        told: events about the folder.
        wrong: what is not as it has to be.
    """

    came: Counter[str] = field(default_factory=Counter)
    contents: int = 0
    done: int = 0
    same: int = 0
    failed: int = 0
    exports: int = 0
    moved: int = 0
    seconds: float = 0.0
    rss_mb: tuple[float, float] = (0.0, 0.0)
    largest: int = 0
    gap_ms: float = 0.0
    gaps: int = 0
    told: int = 0
    other_pages: int = 0
    wrong: list[str] = field(default_factory=list)


async def measure(root: Path, files: int) -> Figures:
    """Let files come, and wait until all are done."""
    figures = Figures()
    events: list[Event] = []
    inbox, out = root / "in", root / "out"
    inbox.mkdir()
    other = root / "book.pdf"
    other.write_bytes(small_pdf("a book", OTHER_PAGES))
    write_script(root, delay=0.02)
    async with watching_session(root, events.append) as session:
        wanted = WatchedFolder(
            str(inbox), formats=("pdf", "txt"), output=str(out), original=Original.MOVE, settle_seconds=SETTLE
        )
        folder = await session.watch(wanted)
        await session.add([other], options=JobOptions(text_layer=TextLayerMode.ALWAYS_OCR))
        watcher = asyncio.create_task(_watch(session, figures))
        began = time.monotonic()
        await asyncio.to_thread(_let_come, inbox, files, figures)
        while True:
            (view,) = await session.watched()
            came = sum(figures.came.values())
            moved = len(list((inbox / "done").iterdir()))
            if moved + view.failed >= came and not view.working and not view.waiting:
                break
            await asyncio.sleep(0.2)
        figures.seconds = time.monotonic() - began
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        counts = session._ledger.arrivals.counts(folder.id)
        figures.other_pages = sum(job.pages_done for job in session.views() if job.name == other.name)
        left = [job.name for job in session.views() if job.name != other.name]
        if left:
            figures.wrong.append(f"left in the list: {left[:5]}")
    figures.told = sum(isinstance(event, WatchedChanged) for event in events)
    figures.done, figures.same, figures.failed = (counts.get(state, 0) for state in ("done", "same", "failed"))  # type: ignore[call-overload]
    figures.moved = len(list((inbox / "done").iterdir()))
    _check(figures, out)
    return figures


def _let_come(inbox: Path, files: int, figures: Figures) -> None:
    """In a thread: what other programs do."""
    contents: set[bytes] = set()
    aside = inbox.parent / "aside"
    aside.mkdir()
    growing: list[tuple[Path, bytes]] = []
    for number in range(files):
        kind = ("new", "renamed", "new", "copied", "growing", "new", "renamed", "new", "twin", "new")[number % 10]
        content = small_pdf(f"document {number if kind != 'twin' else number - 8}")
        contents.add(content)
        figures.came[kind] += 1
        target = inbox / f"{number:05d}.pdf"
        if kind in ("renamed", "copied"):
            (aside / target.name).write_bytes(content)
            if kind == "copied":
                os.utime(aside / target.name, (1e9, 1e9))
            (aside / target.name).rename(target)
        elif kind == "growing":
            target.write_bytes(content[:200])
            growing.append((target, content))
        else:
            target.write_bytes(content)
        if number % BURST == BURST - 1:
            time.sleep(SETTLE / 2)
            _grow(growing)
            growing.clear()
            time.sleep(SETTLE / 2)
    _grow(growing)
    figures.contents = len(contents)


def _grow(files: list[tuple[Path, bytes]]) -> None:
    for target, content in files:
        with target.open("ab") as file:
            file.write(content[200:])


async def _watch(session: Session, figures: Figures) -> None:
    process = psutil.Process()
    first = most = process.memory_info().rss / 1e6
    looked = 0.0
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.005)
        now = time.monotonic()
        gap = (now - before) * 1000 - 5
        figures.gap_ms = max(figures.gap_ms, gap)
        figures.gaps += gap > 100
        figures.largest = max(figures.largest, len(session.views()) - 1)
        if now - looked > 0.5:
            looked = now
            most = max(most, process.memory_info().rss / 1e6)
            figures.rss_mb = first, most


def _check(figures: Figures, out: Path) -> None:
    came, twins = sum(figures.came.values()), figures.came["twin"]
    made = [file.name for file in out.iterdir()]
    figures.exports = len(made)
    expected = {"done": came - twins, "same": twins, "failed": 0, "exports": 2 * (came - twins), "moved": came}
    for name, count in expected.items():
        if getattr(figures, name) != count:
            figures.wrong.append(f"{name}: {getattr(figures, name)} instead of {count}")
    if numbered := [name for name in made if "(" in name or name.startswith(".")]:
        figures.wrong.append(f"done twice, or left half-made: {numbered[:5]}")
    if figures.other_pages < min(OTHER_PAGES, came):
        figures.wrong.append(f"the other document stood still at page {figures.other_pages}")


def main() -> int:
    """Print the table."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(prefix="watching-") as folder:
        figures = asyncio.run(measure(Path(folder), files))
    came = ", ".join(f"{count} {kind}" for kind, count in figures.came.items())
    first, most = figures.rss_mb
    for name, value in (
        ("files that came", f"{sum(figures.came.values())} ({came})"),
        ("different contents", figures.contents),
        ("done / same / failed", f"{figures.done} / {figures.same} / {figures.failed}"),
        ("exports / originals moved", f"{figures.exports} / {figures.moved}"),
        ("time", f"{figures.seconds:.1f} s"),
        ("memory of the program", f"{first:.0f} MB, at most {most:.0f} MB"),
        ("most documents in the list", figures.largest),
        ("loop busy at most", f"{figures.gap_ms:.0f} ms ({figures.gaps} times over 100 ms)"),
        ("events about the folder", figures.told),
        ("pages of the other document", figures.other_pages),
        ("wrong", "; ".join(figures.wrong) or "nothing"),
    ):
        print(f"{name:30} {value}")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
