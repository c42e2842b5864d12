"""The window's own figures: start, idle memory, and how long its thread is ever kept from answering.

    python -m tests.benchmarks.window [--pages 30] [--runs 5] [DOCUMENT]

- start: from the start of the process to the first painting of the window, against an empty PySide6 window, in turn;
- memory: PSS of the idle window's process (Linux), 5 s after it was shown;
- heartbeat: a 5 ms timer on the GUI thread while DOCUMENT (default: a scan of the project's own, its pages repeated)
  is recognised page after page, beside the same timer in an empty window while `desktop-ocr convert` does the same
  work: what is the machine's doing shows in both.

Runs offscreen unless QT_QPA_PLATFORM says otherwise. Figures are ratios and largest gaps, never asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EMPTY = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
from tests.benchmarks.window_probe import watch_painting, watch_heartbeat
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.resize(1180, 760)
if sys.argv[1] == "start":
    watch_painting(window, app.quit)
else:
    watch_heartbeat(window, app.quit, until_input_ends=True)
window.show()
app.exec()
"""

OURS = """
import sys
from pathlib import Path
from tests.benchmarks.window_probe import run_probed_window
sys.exit(run_probed_window(sys.argv[1], [Path(name) for name in sys.argv[2:]]))
"""


def run_probe(program: str, *words: str, home: Path) -> dict[str, float]:
    """Run a window in its own process; its last line of output is its figures."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "PROBE_STARTED": repr(time.time()),
    }
    out = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=1800,
    )
    figures: dict[str, float] = json.loads(out.stdout.strip().splitlines()[-1])
    return figures


def repeated_scan(source: Path, pages: int, target: Path) -> Path:
    """A PDF of so many pages, made of a scan's own, in another process: this one imports no PDF library."""
    program = (
        "import sys, pymupdf\n"
        "out, source = pymupdf.open(), pymupdf.open(sys.argv[1])\n"
        "while len(out) < int(sys.argv[3]):\n"
        "    out.insert_pdf(source, to_page=min(len(source), int(sys.argv[3]) - len(out)) - 1)\n"
        "out.save(sys.argv[2])\n"
    )
    subprocess.run([sys.executable, "-c", program, source, target, str(pages)], check=True)
    return target


def control_heartbeat(document: Path, home: Path) -> dict[str, float]:
    """The heartbeat of an empty window while the command line does the work."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PROBE_STARTED": repr(time.time())}
    with subprocess.Popen(
        [sys.executable, "-c", EMPTY, "beat"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as window:
        subprocess.run(
            [sys.executable, "-m", "desktop_ocr", "convert", document, "--private", "--out", home / "control"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        out, _ = window.communicate()
    figures: dict[str, float] = json.loads(out.strip().splitlines()[-1])
    return figures


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="window-benchmark-") as folder:
        home = Path(folder)
        starts: dict[str, list[float]] = {"empty": [], "ours": []}
        for run in range(arguments.runs + 1):
            empty = run_probe(EMPTY, "start", home=home)["seconds"]
            ours = run_probe(OURS, "start", home=home)["seconds"]
            if run:  # the first warms the disk's cache
                starts["empty"].append(empty)
                starts["ours"].append(ours)
        medians = {name: statistics.median(values) for name, values in starts.items()}
        ratio = statistics.median(a / b for a, b in zip(starts["ours"], starts["empty"], strict=True))
        print(f"start      empty window {medians['empty']:.2f} s   ours {medians['ours']:.2f} s   ratio {ratio:.2f}")
        idle = run_probe(OURS, "idle", home=home)
        print(f"idle       PSS {idle['pss_mb']:.0f} MB   resident {idle['rss_mb']:.0f} MB")
        source = arguments.document or default_scan()
        document = repeated_scan(source, arguments.pages, home / "pages.pdf")
        beat = run_probe(OURS, "beat", str(document), home=home)
        control = control_heartbeat(document, home)
        for name, figures in (("ours", beat), ("control", control)):
            print(
                f"heartbeat  {name:8} {figures['beats']:.0f} beats in {figures['seconds']:.0f} s:"
                f" largest gap {figures['largest_ms']:.0f} ms, 99.9 % under {figures['p999_ms']:.0f} ms"
            )


def default_scan() -> Path:
    """The project's own scan of three pages."""
    folder = Path(__file__).parents[1] / "real" / "documents"
    return sorted(folder.glob("*three*.pdf"))[0]


if __name__ == "__main__":
    main()
