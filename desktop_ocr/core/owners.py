"""Names for running programs: who works at a job, whose a temporary folder is."""

from __future__ import annotations

import enum
import errno
import functools
import hashlib
import os
import platform
import sys
import uuid
from pathlib import Path

import psutil

BOOT = Path("/proc/sys/kernel/random/boot_id")
MACHINE = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
PIDS = Path("/proc/self/ns/pid")
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


class Standing(enum.Enum):
    """What is known of the process that an owner's name names."""

    RUNS = enum.auto()
    GONE = enum.auto()
    UNKNOWN = enum.auto()


def job_owner(pid: int | None = None) -> str:
    """As `process_owner`, with the machine, and the container on it: a folder may be shared with others.

    Args:
        pid: of a process that runs; None for this one.

    Raises:
        psutil.Error, OSError: there is no such process.
    """
    pid = os.getpid() if pid is None else pid
    machine, pids = place()
    return f"{pid}:{_start(pid)}@{machine}.{pids}"


def standing(owner: str | None) -> Standing:
    """Whether a job's owner still runs. Pids say nothing of processes of other machines and containers.

    One without a machine is of a former version of the program, and taken for one of this machine.
    """
    if not owner:
        return Standing.GONE
    name, _, there = owner.partition("@")
    machine, _, pids = there.partition(".")
    if there and (machine, pids) != place():
        ours, theirs = _boot(process_owner()), _boot(name)
        # The machine was started anew since: whatever ran on it then does not.
        ended = machine == place()[0] and bool(ours) and bool(theirs) and ours != theirs
        return Standing.GONE if ended else Standing.UNKNOWN
    return Standing.RUNS if owner_alive(name) else Standing.GONE


@functools.cache
def place() -> tuple[str, str]:
    """Names of this machine, and of what on it numbers processes by itself, as a container does ("" where unknown)."""
    parts = [platform.node()]
    for file in MACHINE:
        try:
            parts.append(file.read_text(encoding="ascii").strip())
            break
        except (OSError, ValueError):
            continue
    else:
        node = uuid.getnode()
        if not node & 1 << 40:  # otherwise it is made up anew by each program
            parts.append(f"{node:x}")
    machine = hashlib.sha256("|".join(parts).encode(errors="replace")).hexdigest()[:12]
    try:
        pids = str(PIDS.readlink())
    except OSError:
        return machine, ""
    return machine, "".join(filter(str.isdigit, pids))


def _boot(name: str) -> str:
    """What tells apart the times that a machine was started; "" where that is not known."""
    return name.partition(":")[2].partition("-")[2]


def _start(pid: int) -> str:
    """When a process started, in a form that setting the clock does not change.

    psutil's `create_time` does change under Linux: it is counted from the time of boot, which the kernel works out
    from the clock anew each time. A program would take another running one for dead.
    """
    if sys.platform != "linux":
        return f"{psutil.Process(pid).create_time():.2f}"
    # The process' name stands in brackets, and may hold spaces and brackets itself.
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    if fields[0] in (b"Z", b"X"):  # it has ended, and nobody has asked how
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    ticks = fields[STARTED].decode()
    try:
        boot = BOOT.read_text(encoding="ascii")[:8]
    except OSError:
        boot = ""
    return f"{ticks}-{boot}"
