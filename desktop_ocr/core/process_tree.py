"""This process and its children, as a diagnostic dump lists them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import psutil

MB = 1e6
_OPTION = re.compile(r"(--?[A-Za-z][\w-]*)(=.*)?", re.DOTALL)

Figure = TypeVar("Figure")


class ProcessEntry(msgspec.Struct, frozen=True):
    """A process; None stands for a figure that could not be had.

    `open_files` counts descriptors, of whatever kind. `command` has no arguments, only the names of options.
    """

    pid: int
    parent: int | None
    name: str | None
    status: str | None
    rss_mb: float | None
    threads: int | None
    cpu_seconds: float | None
    open_files: int | None
    command: str | None


def process_tree(pid: int | None = None) -> list[ProcessEntry]:
    """A process (this one by default) and all below it; empty where it is gone. Takes some milliseconds a process."""
    try:
        root = psutil.Process(pid)
        children = root.children(recursive=True)
    except psutil.Error:
        return []
    return [_entry(process) for process in (root, *children)]


def plain_command(words: Sequence[str]) -> str:
    """A command line without what its user named: files, folders, passwords.

    The program, the names of options, and the module after "-m" stay; the rest becomes "...".
    """
    kept = list(words[:1])
    for before, word in itertools.pairwise(words):
        option = _OPTION.fullmatch(word)
        if option:
            kept.append(option[1] + ("=..." if option[2] else ""))
        elif before == "-m":
            kept.append(word)
        elif kept[-1] != "...":
            kept.append("...")
    return " ".join(kept)


def _entry(process: psutil.Process) -> ProcessEntry:
    def figure(ask: Callable[[], Figure]) -> Figure | None:
        try:
            return ask()
        except (psutil.Error, OSError, AttributeError):  # gone, not ours, or not known to this system
            return None

    def cpu() -> float:
        times: Any = process.cpu_times()
        return round(float(times.user + times.system), 2)

    with process.oneshot():
        return ProcessEntry(
            pid=process.pid,
            parent=figure(process.ppid),
            name=figure(process.name),
            status=figure(lambda: str(process.status())),
            rss_mb=figure(lambda: round(float(process.memory_info().rss) / MB, 1)),
            threads=figure(process.num_threads),
            cpu_seconds=figure(cpu),
            open_files=figure(process.num_fds),
            command=figure(lambda: plain_command(process.cmdline())),
        )
