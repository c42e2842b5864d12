"""The temporary folder in which bitmaps cross between processes. It is bounded: its users delete what they made."""

from __future__ import annotations

import errno
import functools
import itertools
import operator
import os
import re
import shutil
import stat
from pathlib import Path

from desktop_ocr.core.owners import owner_alive, process_owner
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

_OURS = re.compile(r"(\d+)-([0-9a-f.-]+)")


def read_plain(path: Path, most: int) -> bytes:
    """A file that a host has written. What else it may have put there, it could make us wait for, or run out of memory.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        OSError: it is not there, is no plain file, or larger.
    """
    # Not through links, and not waiting for somebody at a pipe's other end; Windows has neither, but two ways to read.
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    number = os.open(path, functools.reduce(operator.or_, flags, os.O_RDONLY))
    with os.fdopen(number, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            raise OSError(errno.EINVAL, "it is not what it should be", str(path))
        return file.read(most)


class RuntimeFolder:
    """This process' folder, named after its pid and start time."""

    def __init__(self, root: Path) -> None:
        """Make the folder.

        Args:
            root: the user's folder for all processes; made for this user alone.

        Raises:
            DesktopOcrError: it cannot be made, or belongs to another user.
        """
        self._root = root
        self.path = root / process_owner().replace(":", "-", 1)
        self._numbers = itertools.count(1)
        self._make()

    def new_file(self, suffix: str) -> Path:
        """A name that nobody uses; the file is not made.

        Raises:
            DesktopOcrError: the folder is gone and cannot be made again.
        """
        # Systems delete what lies untouched among temporary files; a program may wait in the tray for weeks.
        self._make()
        return self.path / f"{next(self._numbers):06d}{suffix}"

    def sweep(self) -> int:
        """Delete the folders of processes that are gone; returns how many."""
        swept = 0
        for folder in self._root.iterdir():
            # What is not named like one of ours was put there by somebody else, and is not ours to delete.
            named = _OURS.fullmatch(folder.name)
            if named and folder != self.path and not owner_alive(f"{named[1]}:{named[2]}"):
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        return swept

    def remove(self) -> None:
        """Delete this process' folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _make(self) -> None:
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Among temporary files another user may have put a link of that name, to a folder of ours.
            if hasattr(os, "getuid") and {self._root.stat().st_uid, self._root.lstat().st_uid} != {os.getuid()}:
                raise PermissionError(errno.EACCES, "it belongs to another user", str(self._root))
            self.path.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            raise DesktopOcrError(
                ErrorCode.DISK_FULL if full else ErrorCode.NO_PERMISSION,
                f"The temporary folder {self._root} cannot be used ({error.strerror}).",
                "Make room there." if full else "Set TMPDIR to a folder of your own.",
            ) from error
