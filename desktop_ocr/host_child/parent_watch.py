"""A host ends when its parent does, however the parent ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(expected_parent: int) -> None:
    """Ask the kernel for SIGKILL when the thread that started this process ends (Linux).

    Elsewhere end of input on the pipe does it; on Windows the parent's Job Object does (not run there yet).

    Args:
        expected_parent: the parent's pid, as it told us: where it is no longer our parent it died before we asked.

    Raises:
        SystemExit: the parent is gone already.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
        if os.getppid() != expected_parent:
            raise SystemExit(0)
