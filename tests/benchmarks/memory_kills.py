"""Real hosts, killed at random again and again: every page is done, once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from desktop_ocr.schema.events import HostEnded
from desktop_ocr.schema.jobs import JobState, PageState
from tests.benchmarks.memory_common import DOCUMENTS, children, open_session, progress, show

_SLIPS = """
import sys, pymupdf
target, picture, pages = sys.argv[1:]
book = pymupdf.open()
for number in range(int(pages)):
    page = book.new_page(width=250, height=500)
    page.insert_image(pymupdf.Rect(0, 30, 250, 500), filename=picture)
    stamp = pymupdf.open()
    stamp.new_page(width=250, height=30).insert_text((20, 20), f"Sheet number {number + 1}", fontsize=14)
    page.insert_image(pymupdf.Rect(0, 0, 250, 30), pixmap=stamp[0].get_pixmap(dpi=200))
book.save(target)
"""


def make_slips(target: Path, pages: int) -> Path:
    """A scan of so many short pages, each with its number, made in another process."""
    words = [sys.executable, "-c", _SLIPS, str(target), str(DOCUMENTS / "receipt.jpg"), str(pages)]
    subprocess.run(words, check=True, timeout=300)
    return target


async def kills(folder: Path, pages: int, count: int, seed: int) -> None:
    """Kill hosts while pages are in work; no page twice, since two deaths of one page fail it, as they should."""
    document = make_slips(folder / "slips.pdf", pages)
    chance = random.Random(seed)
    roles: Counter[str] = Counter()
    began = time.perf_counter()
    async with open_session(folder, pages_in_flight=2) as bench:
        number = await bench.add(document)
        job = bench.session._documents.job(number)
        while job.state is not JobState.DONE:
            # Anything between a host's start and the end of a page; more rarely than pages come.
            await asyncio.sleep(chance.uniform(0.0, 1.5))
            victims = set(job.working)
            hosts = bench.session._machinery.hosts()
            if roles.total() >= count or job.state is not JobState.RUNNING or not victims or not hosts:
                continue
            pid, role = chance.choice(hosts)
            os.kill(pid, signal.SIGKILL)
            roles[role.value] += 1
            progress(f"{roles.total()} kills, {job.done} of {pages} pages")
            while victims & (job.working | set(job.waiting)):
                await asyncio.sleep(0.005)
        told = Counter(event.page for _, event in bench.finished())
        views = await bench.session.pages(number)
        right = 0
        for page in range(pages):
            result = await bench.session.result(number, page)
            right += result is not None and any(f"number {page + 1}" in line.text for line in result.lines)
        ended = [event for _, event in bench.times(HostEnded) if isinstance(event, HostEnded) and not event.expected]
        left = list(bench.session._folder.path.iterdir())
    progress("")
    show(
        [
            ("kills", f"{roles.total()} ({', '.join(f'{n} {role} hosts' for role, n in roles.items())})", str(count)),
            ("hosts that ended unexpectedly", str(len(ended)), str(roles.total())),
            ("pages done", str(sum(view.state is PageState.DONE for view in views)), str(pages)),
            ("pages told finished, more than once", f"{len(told)}, {sum(n > 1 for n in told.values())}", f"{pages}, 0"),
            ("pages whose text is their own", str(right), str(pages)),
            ("bitmaps left", str(sum(file.suffix == ".rgb" for file in left)), "0"),
            ("children left after closing", str(len(children())), "0"),
            ("time", f"{time.perf_counter() - began:.0f} s (seed {seed})", ""),
        ]
    )
