"""How long the window keeps one waiting while pages are looked at and a job runs beside it.

    python -m tests.benchmarks.review [--busy-pages 50] [--archive-pages 2000] [DOCUMENT]

The real window with the real core, in a process of its own. In it a document of 50 pages as dense as pages get (300
lines, 3,000 words, their own text) is zoomed, turned page by page, marked, clicked, while it is being read itself, and
a scan of 50 pages (DOCUMENT, by default one of the project's own, its pages repeated) waits behind it; then the strip
of a document of 2,000 pages is scrolled. For each kind of step: the largest gap of a 5 ms heartbeat on the window's
thread (goal: 50 ms), and the time until what was wanted was painted (goal for a picture: 150 ms).

Runs offscreen unless QT_QPA_PLATFORM says otherwise. Figures are told, never asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.window import default_scan, repeated_scan

GAP_GOAL, PICTURE_GOAL = 50, 150  # ms

PROBE = """
import sys
from pathlib import Path
from tests.benchmarks.review_probe import run_review
sys.exit(run_review(*(Path(name) for name in sys.argv[1:4]), int(sys.argv[4])))
"""

# Run in another process: this one imports no PDF library.
DENSE = """
import sys, pymupdf
words = "harbour quay tariff council berth vessel tonnage pilot ledger cargo winter repair crane outer wall".split()
out, count = pymupdf.open(), int(sys.argv[2])
some = pymupdf.open()
for number in range(10):
    page = some.new_page(width=595, height=842)
    writer = pymupdf.TextWriter(page.rect)
    for line in range(300):
        column, row = divmod(line, 100)
        text = " ".join(words[(line * 7 + at * 3 + number) % len(words)] for at in range(10))
        writer.append((30 + column * 182, 30 + row * 7.9), text, fontsize=4.6)
    writer.write_text(page)
while len(out) < count:
    out.insert_pdf(some, to_page=min(len(some), count - len(out)) - 1)
out.save(sys.argv[1], deflate=True)
"""
ARCHIVE = """
import sys, pymupdf
out, count = pymupdf.open(), int(sys.argv[2])
some = pymupdf.open()
for number in range(10):
    page = some.new_page(width=595, height=842)
    writer = pymupdf.TextWriter(page.rect)
    for row in range(40):
        writer.append((60, 90 + row * 17), f"Register {number + 1}, entry {row + 1}", fontsize=11)
    writer.write_text(page)
while len(out) < count:
    out.insert_pdf(some, to_page=min(len(some), count - len(out)) - 1)
out.save(sys.argv[1], deflate=True)
"""


def made(program: str, target: Path, pages: int) -> Path:
    """A document."""
    subprocess.run([sys.executable, "-c", program, target, str(pages)], check=True)
    return target


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", nargs="?", type=Path)
    parser.add_argument("--busy-pages", type=int, default=50)
    parser.add_argument("--archive-pages", type=int, default=2000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="review-benchmark-") as folder:
        home = Path(folder)
        busy = repeated_scan(arguments.document or default_scan(), arguments.busy_pages, home / "busy.pdf")
        dense = made(DENSE, home / "dense.pdf", 50)
        archive = made(ARCHIVE, home / "archive.pdf", arguments.archive_pages)
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        }
        out = subprocess.run(
            [sys.executable, "-c", PROBE, dense, archive, busy, str(arguments.archive_pages)],
            env=environment,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            check=True,
            timeout=1800,
        )
    tell(json.loads(out.stdout.strip().splitlines()[-1]))


def tell(told: dict[str, object]) -> None:
    """The table."""
    print(
        f"a page of {told['lines']} lines and {told['words']} words; goals: gap {GAP_GOAL} ms, seen {PICTURE_GOAL} ms"
    )
    print(f"{'step':<34}{'times':>6}{'largest gap':>13}{'seen, median':>14}{'longest':>9}")
    figures = told["figures"]
    assert isinstance(figures, dict)
    for kind, values in figures.items():
        gap = 1000 * max(values["gaps"])
        times = [1000 * value for value in values["times"]]
        seen = f"{statistics.median(times):>11.0f} ms{max(times):>6.0f} ms" if times else f"{'-':>14}{'-':>9}"
        over = "  gap over its goal" if gap > GAP_GOAL else ""
        over += "  seen late" if times and max(times) > PICTURE_GOAL else ""
        print(f"{kind:<34}{len(values['gaps']):>6}{gap:>10.0f} ms{seen}{over}")
    gaps = told["all_gaps"]
    assert isinstance(gaps, list)
    print(f"whole time: largest gap {1000 * gaps[0]:.0f} ms, 99.9 % under {1000 * gaps[1]:.0f} ms")
    print(
        f"strip of {told['strip_pages']} pages: {told['strip_kept']} pictures kept ({told['strip_mb']:.1f} MB); "
        f"pictures of pages {told['pictures_mb']:.0f} MB; process grown by {told['grown_mb']:.0f} MB"
    )
    print(f"the work beside it: {told['busy_done']} of {told['busy_pages']} pages done at the end")


if __name__ == "__main__":
    main()
