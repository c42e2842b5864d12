"""Hosts work when nobody else needs the processor or the disk."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import psutil

NICENESS = 10
_LAST_OF_THE_ORDINARY = 7  # of the levels for reading and writing; "idle" could wait for ever beside a busy program


def kept_waiting(pid: int) -> float:
    """Seconds in which a process was ready to work and others had the processors; 0 where the system does not say."""
    try:
        # Its main thread's: nanoseconds on a processor, waiting for one, and how often it got one.
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def lower_priority(pid: int) -> None:
    """Let other programs go before a process that has just been started; where it cannot be, it stays as it was.

    Threads and processes that it starts later do the same. Under Windows and macOS this has not run yet.
    """
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            return
        process.nice(max(NICENESS, process.nice()))
        if sys.platform == "linux":
            process.ionice(psutil.IOPRIO_CLASS_BE, _LAST_OF_THE_ORDINARY)
            # A host has a session of its own. Linux may share the processor out by sessions: within one, niceness
            # says nothing of those in others; a session has a niceness of its own.
            Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS), encoding="ascii")
