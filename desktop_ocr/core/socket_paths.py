"""Names of sockets that are short enough for the system. Apart, for a program that only leaves a message in one."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 103  # bytes of a socket's path that every system takes


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A socket's path in a form that is short enough for the system, for as long as it is needed.

    Raises:
        OSError: ENAMETOOLONG, there is none.
    """
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    if sys.platform != "linux":
        raise OSError(errno.ENAMETOOLONG, "the path of its socket is too long; set TMPDIR to a shorter one", str(path))
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
