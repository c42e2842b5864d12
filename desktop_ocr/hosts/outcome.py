"""The end of a host, in words."""

from __future__ import annotations

import signal
from collections.abc import Iterable

import msgspec

NO_MEMORY_SIGNS = ("bad_alloc", "Cannot allocate memory", "MemoryError")


TOO_LONG = "took too much processor time"


class HostOutcome(msgspec.Struct, frozen=True):
    """How a host ended.

    Attributes:
        expected: we asked for it, or ended it on purpose.
        words: for a person, without a full stop.
    """

    expected: bool
    words: str


def describe_exit(returncode: int, *, asked: bool, killed: str | None) -> HostOutcome:
    """Turn an exit code into words.

    Args:
        returncode: of the process; negative numbers are signals, as `subprocess` has them.
        asked: the host was asked to quit.
        killed: why we ended it by force, or None.
    """
    if killed is not None:
        return HostOutcome(True, killed)
    if asked and returncode == 0:
        return HostOutcome(True, "ended as asked")
    if returncode == 0:
        return HostOutcome(False, "ended without being asked")
    if returncode < 0:
        number = -returncode
        if number == signal.SIGABRT:
            return HostOutcome(False, "gave up, most often because memory ran out (SIGABRT)")
        if hasattr(signal, "SIGKILL") and number == signal.SIGKILL:
            return HostOutcome(False, "was killed, perhaps because memory ran out (SIGKILL)")
        if hasattr(signal, "SIGXCPU") and number == signal.SIGXCPU:
            return HostOutcome(False, TOO_LONG)
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        return HostOutcome(False, f"crashed ({name})")
    return HostOutcome(False, f"stopped with code {returncode}")


def tells_of_no_memory(lines: Iterable[str]) -> bool:
    """Whether a process' last words say that memory ran out: C++'s bad_alloc, the system's ENOMEM, Python's error."""
    return any(sign in line for line in lines for sign in NO_MEMORY_SIGNS)
