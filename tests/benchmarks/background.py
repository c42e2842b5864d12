"""What a program that was started without a window costs when it shows one: its longest slot, and its memory after.

    python -m tests.benchmarks.background [--times 10] [DOCUMENT...]

The real program with the real core, started as by `desktop-ocr --background`, with documents to read if any are named;
then its window is shown and put away so many times. Told are the largest gaps of a 5 ms heartbeat on the window's
thread, and what the thread computed in the longest of them (goal: 50 ms; of a busy machine only the latter says much),
and the program's own memory before, between and after.

Runs offscreen unless QT_QPA_PLATFORM says otherwise. Figures are told, never asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.memory_common import show

PROBE = """
import sys
from tests.benchmarks.background_probe import run_story
sys.exit(run_story(sys.argv[1:]))
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.background")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("documents", nargs="*")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home:
        places = {name: f"{home}/{name}" for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        platform = os.environ.get("QT_QPA_PLATFORM", "offscreen")
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(args.times), *(str(Path(name).resolve()) for name in args.documents)],
            env={**os.environ, **places, "HOME": home, "XDG_RUNTIME_DIR": home, "QT_QPA_PLATFORM": platform},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=1200,
        )
    seen = json.loads(done.stdout.strip().splitlines()[-1])
    shows, hides = seen["shows"], seen["hides"]

    def memory(of: dict[str, object]) -> str:
        return "{:.1f}, {:.1f} MB".format(*of["mb"])  # type: ignore[misc]

    def slot(of: Sequence[dict[str, float]]) -> str:
        return f"{max(one['cpu_ms'] for one in of):.0f} ms ({max(one['wall_ms'] for one in of):.0f} ms passed)"

    print("memory: unique set size, and the same without files (libraries)")
    rows = [
        ("shown for the first time: the frame is painted after", f"{seen['painted_ms']:.0f} ms", ""),
        ("  all of it is there after", f"{seen['furnished_ms']:.0f} ms", ""),
        ("  the longest slot", slot(shows[:1]), "50 ms"),
        ("put away for the first time: the longest slot", slot(hides[:1]), "50 ms"),
        ("before any window", memory(seen), ""),
        ("  shown once", memory(shows[0]), ""),
        ("  put away", memory(hides[0]), ""),
    ]
    if len(shows) > 1:
        rows += [
            ("shown again: the longest slot", slot(shows[1:]), "50 ms"),
            (f"put away {len(hides)} times", memory(hides[-1]), "as after once"),
        ]
    show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
