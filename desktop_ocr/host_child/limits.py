"""A host confines itself before it opens anything: what it may take, and what it may not do at all.

Where the platform has no such wall (an old kernel, macOS, Windows), the host works without it, and says which stand.
"""

from __future__ import annotations

import ctypes
import logging
import math
import os
import sys
from collections.abc import Callable

import msgspec

from desktop_ocr.host_child import landlock, seccomp
from desktop_ocr.schema.confinement import LIMITS_VARIABLE, HostLimits, Wall

if sys.platform != "win32":
    import resource

log = logging.getLogger(__name__)

MB = 1_000_000
LARGEST_FILE = 64_000 * MB
"""Of what a host writes: more than any page or export takes."""
SPARE_CPU_SECONDS = 2.0
"""The parent's own deadline comes first: its words are better."""
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h


def told_limits() -> HostLimits:
    """What the parent wants."""
    told = os.environ.pop(LIMITS_VARIABLE, "")  # a host's own children have no use for it
    try:
        return msgspec.json.decode(told, type=HostLimits) if told else HostLimits()
    except msgspec.DecodeError:
        log.warning("the limits cannot be read")
        return HostLimits()


def confine(limits: HostLimits, *, local_sockets: bool = False) -> tuple[Wall, ...]:
    """Put up all the walls that this platform has. The process has one thread as yet; those to come are inside.

    It stays dumpable (`PR_SET_DUMPABLE`): otherwise its parent could not measure its memory. Dumps have no size.

    Args:
        limits: what it may have.
        local_sockets: sockets to other programs on this machine are allowed: drivers of graphics cards may need them.

    Returns:
        Those that stand now. A limit that is not wanted stands where it could be set.
    """
    tries: list[tuple[Wall, Callable[[], None]]] = []
    if sys.platform != "win32":
        tries += [
            (Wall.NO_CORE, lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0))),
            (Wall.FILE_SIZE, lambda: _lower(resource.RLIMIT_FSIZE, LARGEST_FILE)),
            (Wall.OPEN_FILES, lambda: _lower(resource.RLIMIT_NOFILE, limits.files)),
            (Wall.CPU_TIME, lambda: allow_cpu_time(0.0)),
        ]
    if sys.platform == "linux":  # macOS knows the limit, and does not keep to it
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        tries += [
            (Wall.ADDRESS_SPACE, lambda: _lower(resource.RLIMIT_AS, limits.address_mb * MB)),
            (Wall.NO_PRIVILEGES, lambda: _no_new_privileges(libc.prctl)),
            (Wall.SIGNALS, lambda: landlock.install(libc.syscall)),
        ]
        if seccomp.supported():
            tries.append((Wall.SYSTEM_CALLS, lambda: seccomp.install(libc.prctl, local_sockets=local_sockets)))
    return tuple(wall for wall, put_up in tries if _stands(wall, put_up))


def allow_cpu_time(seconds: float) -> None:
    """Allow this process so much more processor time (POSIX): beyond it, it is ended by SIGXCPU.

    Its parent watches the clock; this ends a host whose parent cannot, because it is stopped or busy.

    Args:
        seconds: that the request at hand may take; 0 for no limit.

    Raises:
        OSError: it cannot be set.
    """
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = resource.RLIM_INFINITY
    if seconds > 0:
        allowed = math.ceil(used.ru_utime + used.ru_stime + seconds + SPARE_CPU_SECONDS)
    if hard != resource.RLIM_INFINITY:
        allowed = hard if allowed == resource.RLIM_INFINITY else min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def _stands(wall: Wall, put_up: Callable[[], None]) -> bool:
    try:
        put_up()
    except (OSError, ValueError, AttributeError) as error:
        log.info("there is no wall: %s (%s)", wall, error)
        return False
    return True


def _lower(kind: int, limit: int) -> None:
    """Set a limit for good, never above what the process was started with; 0 leaves it as it is."""
    _, hard = resource.getrlimit(kind)
    if limit and (hard == resource.RLIM_INFINITY or limit < hard):
        resource.setrlimit(kind, (limit, limit))


def _no_new_privileges(prctl: Callable[..., int]) -> None:
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS) failed")
