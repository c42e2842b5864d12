"""The promise about memory, in figures: real hosts, real models.

    python -m tests.benchmarks.memory cycles [--count 20]   load, do a page, free: does anything pile up
    python -m tests.benchmarks.memory pages [--pages 300]   many pages through one queue, the leak guard off
    python -m tests.benchmarks.memory free [--repeat 5]     Free in the worst moments
    python -m tests.benchmarks.memory reload [--repeat 5]   from resuming after Free to the first result
    python -m tests.benchmarks.memory gauges [--seconds 60] what looking at memory once a second costs
    python -m tests.benchmarks.memory kills [--kills 50]    SIGKILL hosts at random
    python -m tests.benchmarks.memory compare [--pages 5]   what is left at the end, beside RapidOCR
    python -m tests.benchmarks.memory window [--pages 24]   the window's own memory after Free, and its gauges' cost

Each prints a table with the goal beside the figure. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tests.benchmarks import memory_compare, memory_growth, memory_kills, memory_times, memory_window
from tests.benchmarks.memory_common import scratch_folder

Run = Callable[[Path, argparse.Namespace], Coroutine[Any, Any, None]]


def main() -> None:
    """Read the command line and run one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: Run, **numbers: int) -> None:
        sub = commands.add_parser(name)
        sub.set_defaults(run=run)
        for option, default in numbers.items():
            sub.add_argument(f"--{option}", type=int, default=default, help=f"default: {default}")

    command("cycles", lambda folder, options: memory_growth.cycles(folder, options.count), count=20)
    command("pages", lambda folder, options: memory_growth.pages(folder, options.pages), pages=300)
    command("free", lambda folder, options: memory_times.free(folder, options.repeat), repeat=5)
    command("reload", lambda folder, options: memory_times.reload(folder, options.repeat), repeat=5)
    command("gauges", lambda folder, options: memory_times.gauges(folder, options.seconds), seconds=60)
    command(
        "kills",
        lambda folder, options: memory_kills.kills(folder, options.pages, options.kills, options.seed),
        pages=100,
        kills=50,
        seed=random.randrange(1 << 30),
    )
    command("compare", lambda folder, options: memory_compare.compare(folder, options.pages), pages=5)
    command(
        "window",
        lambda folder, options: memory_window.window(folder, options.pages, options.seconds),
        pages=24,
        seconds=30,
    )
    options = parser.parse_args()
    with scratch_folder() as folder:
        asyncio.run(options.run(folder, options))


if __name__ == "__main__":
    main()
