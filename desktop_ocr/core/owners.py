"""Names for running programs: who works at a job, whose a temporary folder is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil

BOOT = Path("/proc/sys/kernel/random/boot_id")
STARTED = 19  # proc(5): field 22, clock ticks from boot to the process' start; two stand before the bracket


def process_owner() -> str:
    """A name for this process that no later process can have: pid and start."""
    pid = os.getpid()
    return f"{pid}:{_start(pid)}"


def owner_alive(owner: str | None) -> bool:
    """Whether the process of that name still runs."""
    if not owner:
        return False
    pid, _, start = owner.partition(":")
    try:
        return _start(int(pid)) == start
    except (psutil.Error, OSError, ValueError):
        return False


def _start(pid: int) -> str:
    """When a process started, in a form that setting the clock does not change.

    psutil's `create_time` does change under Linux: it is counted from the time of boot, which the kernel works out
    from the clock anew each time. A program would take another running one for dead.
    """
    if sys.platform != "linux":
        return f"{psutil.Process(pid).create_time():.2f}"
    # The process' name stands in brackets, and may hold spaces and brackets itself.
    ticks = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[STARTED].decode()
    try:
        boot = BOOT.read_text(encoding="ascii")[:8]
    except OSError:
        boot = ""
    return f"{ticks}-{boot}"
