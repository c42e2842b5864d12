"""The window's own memory after Free against a baseline, and what its gauges cost. A real window, drawn offscreen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.memory_common import DOCUMENTS, make_book, progress, show

PROGRAM = """
import sys
from tests.benchmarks.memory_window_probe import run_story
sys.exit(run_story(sys.argv[1:]))
"""


async def window(folder: Path, pages: int, seconds: int) -> None:
    """Show a document and close it; then load, do many pages, look at them, free; measure in between."""
    book = make_book(folder / "book.pdf", pages)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
    }
    progress(f"a window with {pages} pages")
    out = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(DOCUMENTS / "letter.jpg"), str(book), str(seconds)],
        env=environment,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=3600,
    )
    progress("")
    seen = json.loads(out.stdout.strip().splitlines()[-1])
    base, freed = seen["baseline_mb"], seen["baseline_freed_mb"]

    def against(name: str, other: list[float]) -> str:
        now = seen[name]
        return f"{now[0]:.1f}, {now[1]:.1f} MB: {now[0] - other[0]:+.1f}, {now[1] - other[1]:+.1f}"

    print("two figures each: unique set size, and the same without files (libraries)")
    show(
        [
            ("after one document was shown and closed", f"{base[0]:.1f}, {base[1]:.1f} MB", ""),
            ("  the same, and Free: the baseline", f"{freed[0]:.1f}, {freed[1]:.1f} MB", ""),
            (f"after {pages} pages, all looked at", against("worked_mb", freed), ""),
            ("after Free, the document still shown", against("freed_mb", freed), "within 10"),
            ("after the document was closed", against("closed_mb", freed), "within 10"),
            ("after the memory panel was open for a while, and Free", against("panel_mb", freed), "within 10"),
            ("children after Free", f"{seen['children']}", "0"),
            ("window idle with hosts alive, of a core", f"{seen['cpu']:.2%}", "< 1 %"),
            ("  with the memory panel open", f"{seen['cpu_panel']:.2%}", "< 1 %"),
            ("  panel closed, the monitor stopped", f"{seen['cpu_without']:.2%}", ""),
        ]
    )
