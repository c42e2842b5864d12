"""Does memory pile up: over load and free cycles, and over the pages of one queue."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

from desktop_ocr.memory.probes import process_mb
from desktop_ocr.models.leaks import slope
from desktop_ocr.schema.events import Freed, HostStarted
from tests.benchmarks.memory_common import (
    DOCUMENTS,
    Bench,
    Figures,
    children,
    figures,
    make_book,
    open_session,
    progress,
    show,
    thread_names,
)

SETTLED = 20  # pages until memory is to be flat


async def cycles(folder: Path, count: int) -> None:
    """Load the models, do a page, free; again and again."""
    after: list[Figures] = []
    before: list[Figures] = []
    async with open_session(folder) as bench:
        job = await bench.add(DOCUMENTS / "letter.jpg")
        for number in range(count):
            progress(f"cycle {number + 1} of {count}")
            if number:
                await bench.session.recognise_again(job, [0])
            await bench.done(job)
            before.append(figures())
            await bench.session.free()
            after.append(figures())
        assert len(bench.finished()) == count
        reports = [event.report for _, event in bench.times(Freed) if isinstance(event, Freed)]
        names = thread_names()
    progress("")
    own = [one.own_mb for one in after]
    show(
        [
            ("cycles, one page each", str(count), ""),
            ("the tree before Free, median", f"{statistics.median(one.tree_mb for one in before):.0f} MB", ""),
            ("the tree after Free, first and last", f"{after[0].tree_mb:.1f}, {after[-1].tree_mb:.1f} MB", ""),
            ("growth of the own process", f"{_fit(own)} MB a cycle", "< 0.5"),
            ("the same without files (libraries)", f"{_fit([one.own_heap_mb for one in after])} MB a cycle", "< 0.5"),
            ("growth of the tree", f"{_fit([one.tree_mb for one in after])} MB a cycle", "< 0.5"),
            ("children after Free, most", str(max(one.children for one in after)), "0"),
            ("threads after Free, first and last", f"{after[0].threads}, {after[-1].threads}", "up to asyncio's pool"),
            ("open files after Free, first and last", f"{after[0].files}, {after[-1].files}", "equal"),
            ("Free, longest", f"{max(report.seconds for report in reports):.2f} s", "< 5"),
        ]
    )
    print("own process after each Free, MB: " + " ".join(f"{mb:.1f}" for mb in own))
    print("threads: " + ", ".join(names))


async def pages(folder: Path, count: int) -> None:
    """Many different pages through one queue; no host is replaced by the leak guard."""
    book = make_book(folder / "book.pdf", count)
    rows: list[tuple[float, float, float, float]] = []
    async with open_session(folder, leak_mb_per_page=0.0, recycle_after_pages=0) as bench:
        job = await bench.add(book)
        await bench.until(lambda: bench.finished())
        began = time.perf_counter()
        while (seen := len(bench.finished())) < count:
            await asyncio.sleep(0.005)
            if len(bench.finished()) == seen:
                continue
            rows.append(_tree(bench))
            if len(rows) % 10 == 0:
                progress(f"page {len(rows) + 1} of {count}: {rows[-1][0]:.0f} MB")
        seconds = time.perf_counter() - began
        await bench.done(job)
        hosts = len(bench.times(HostStarted))
        view = bench.session.views()[0]
    progress("")
    late = rows[SETTLED - 1 :]
    tree = [row[0] for row in late]
    quarter = max(1, len(tree) // 4)
    show(
        [
            ("pages done, failed", f"{view.pages_done}, {view.pages_failed}", f"{count}, 0"),
            ("pages a minute", f"{(count - 1) / seconds * 60:.1f}", ""),
            ("hosts started", str(hosts), "2: none replaced"),
            ("the tree, largest", f"{max(row[0] for row in rows):.0f} MB", ""),
            (f"the tree after page {SETTLED}, growth", f"{_fit(tree)} MB a page", "< 0.1"),
            ("  of it the engine host", f"{_fit([row[1] for row in late])} MB a page", ""),
            ("  the document host", f"{_fit([row[2] for row in late])} MB a page", ""),
            ("  the own process", f"{_fit([row[3] for row in late])} MB a page", ""),
            (
                "mean of the first and the last quarter of them",
                f"{statistics.fmean(tree[:quarter]):.0f}, {statistics.fmean(tree[-quarter:]):.0f} MB",
                "",
            ),
        ]
    )
    print("the tree after every tenth page, MB: " + " ".join(f"{row[0]:.0f}" for row in rows[8::10]))


def _tree(bench: Bench) -> tuple[float, float, float, float]:
    """MB of the tree, the engine hosts, the document host, this process."""
    roles = {"engine_host": 0.0, "document_host": 0.0}
    started = {event.pid: event.role.value for _, event in bench.times(HostStarted) if isinstance(event, HostStarted)}
    for child in children():
        roles[f"{started.get(child.pid, 'engine')}_host"] += process_mb(child.pid, exact=True)
    own = process_mb(exact=True)
    return sum(roles.values()) + own, roles["engine_host"], roles["document_host"], own


def _fit(values: list[float]) -> str:
    """The least-squares slope and its standard error (as if pages were independent)."""
    if len(values) < 3:
        return "too few"
    rise = slope(values)
    middle, mean = (len(values) - 1) / 2, statistics.fmean(values)
    rest = sum((value - mean - rise * (index - middle)) ** 2 for index, value in enumerate(values))
    spread = sum((index - middle) ** 2 for index in range(len(values)))
    return f"{rise:+.3f} (± {(rest / (len(values) - 2) / spread) ** 0.5:.3f})"
