"""What is left in memory when the work is over: this program after Free, and RapidOCR with its defaults after `del`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from desktop_ocr.memory.probes import process_mb
from desktop_ocr.schema.memory import HostRole
from tests.benchmarks.memory_common import SCANS, children, figures, make_book, open_session, progress, show

# Pages are rendered beforehand, in another process: what is compared is recognition alone.
_RENDER = """
import sys, pymupdf
with pymupdf.open(sys.argv[1]) as book:
    for number in range(int(sys.argv[2])):
        book[number].get_pixmap(dpi=200, alpha=False).save(f"{sys.argv[3]}/{number}.png")
"""

_RAPIDOCR = """
import gc, json, sys
import psutil
def mb():
    memory = psutil.Process().memory_full_info()
    return [memory.uss / 1e6, memory.rss / 1e6]
start = mb()
from rapidocr import RapidOCR
engine = RapidOCR()
loaded = mb()
lines = 0
for file in sys.argv[1:]:
    result = engine(file)
    lines += len(result.txts or ())
    del result
worked = mb()
del engine
gc.collect()
left = mb()
rows = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({"start": start, "loaded": loaded, "worked": worked, "left": left, "lines": lines,
                  "peak": int(rows["VmHWM"].split()[0]) * 1024 / 1e6}))
"""


async def compare(folder: Path, pages: int) -> None:
    """The same pages by both, one after the other; then both are told that the work is over."""
    book = make_book(folder / "book.pdf", pages, SCANS)
    progress("RapidOCR")
    subprocess.run([sys.executable, "-c", _RENDER, str(book), str(pages), str(folder)], check=True, timeout=300)
    files = [str(folder / f"{number}.png") for number in range(pages)]
    out = subprocess.run(
        [sys.executable, "-c", _RAPIDOCR, *files],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=900,
    )
    theirs = json.loads(out.stdout.strip().splitlines()[-1])
    progress("Desktop OCR")
    start = process_mb(exact=True)
    async with open_session(folder) as bench:
        job = await bench.add(book)
        await bench.done(job)
        worked = figures()
        peak = bench.session.views()[0].peak_mb
        sample = await bench.session._machinery.monitor.sample(exact=True)
        hosts = ", ".join(f"{host.role.value} {host.ram_mb:.0f}" for host in sample.hosts if host.role in HostRole)
        await bench.session.free()
        ours = figures()
        left = len(children())
    progress("")
    show(
        [
            ("pages", str(pages), ""),
            ("RapidOCR: at the start", f"{theirs['start'][0]:.0f} MB", ""),
            ("  after the pages; at its peak (VmHWM)", f"{theirs['worked'][0]:.0f} MB; {theirs['peak']:.0f} MB", ""),
            ("  left after del and gc.collect()", f"{theirs['left'][0]:.0f} MB", ""),
            ("Desktop OCR: this process at the start", f"{start:.0f} MB", ""),
            (f"  after the pages ({hosts})", f"{worked.tree_mb:.0f} MB", ""),
            ("  the engine host at its peak (VmHWM)", f"{peak:.0f} MB", ""),
            (f"  left after Free, {left} children", f"{ours.tree_mb:.0f} MB", ""),
            ("left, RapidOCR / Desktop OCR", f"{theirs['left'][0] / ours.tree_mb:.1f}", ""),
            (
                "grown since the start, left: RapidOCR, Desktop OCR",
                f"{theirs['left'][0] - theirs['start'][0]:.0f} MB, {ours.tree_mb - start:.0f} MB",
                "",
            ),
        ]
    )
