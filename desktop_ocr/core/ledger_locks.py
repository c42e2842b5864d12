"""Locks on the ledger's files: who alone rescues it, and whether another program has it open."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover - has not run on Windows yet
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this process alone, until it is closed; False where another one has."""
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def in_use(file: Path) -> bool:
        """SQLite opens files so that they cannot be renamed meanwhile: a rename to its own name tells."""
        try:
            file.rename(file)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

else:
    import fcntl

    # SQLite's documented locking bytes: who has a file with a write-ahead log open holds some of the shared ones.
    _SHARED_FIRST, _SHARED_SIZE = 0x40000000 + 2, 510

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this process alone, until it is closed; False where another one has."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def in_use(file: Path) -> bool:
        """Whether another process has the ledger open."""
        try:
            with file.open("rb+") as stream:
                fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except FileNotFoundError:
            return False
        except (BlockingIOError, PermissionError) as error:
            if isinstance(error, PermissionError) and error.errno != 13:
                raise
            return isinstance(error, BlockingIOError)
        return False
