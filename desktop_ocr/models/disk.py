"""The disk that models are kept on: room, locks between processes, errors in words."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from desktop_ocr.models.breaker import Breaker
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

MARGIN = 200_000_000
"""Bytes that a download leaves free."""
LEFTOVER_SECONDS = 3600.0
"""What nobody has touched for so long, nobody works at any more."""
_LOOK_AGAIN = 0.2


def free_bytes(folder: Path) -> int:
    """Bytes that are free where a folder is, or will be."""
    place = next((one for one in (folder, *folder.parents) if one.is_dir()), Path.cwd())
    return shutil.disk_usage(place).free


def check_room(folder: Path, needed: int) -> None:
    """Raise DesktopOcrError (DISK_FULL) where so many bytes would not leave a margin."""
    free = free_bytes(folder)
    if needed + MARGIN > free:
        raise DesktopOcrError(
            ErrorCode.DISK_FULL,
            f"There is not enough room for the models: {megabytes(needed)} are needed, {megabytes(free)} are free.",
            f"Make room for {folder}; {megabytes(MARGIN)} are to stay free.",
        )


def megabytes(size: float) -> str:
    """Like "248 MB" or "1.4 GB", of 10^6 and 10^9 bytes."""
    if size >= 1e9:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 1e7 else f"{size / 1e6:.1f} MB"


def sha256_of(file: Path) -> str:
    """A file's SHA-256, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sweep(folder: Path, prefix: str) -> None:
    """Remove the folders of that prefix which a killed process left half made, or had set aside."""
    oldest = time.time() - LEFTOVER_SECONDS
    for leftover in folder.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if leftover.stat().st_mtime < oldest:
                shutil.rmtree(leftover, ignore_errors=True)


@contextlib.contextmanager
def telling_disk_errors(folder: Path) -> Iterator[None]:
    """Errors of the file system, in our words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DesktopOcrError(
                ErrorCode.DISK_FULL, "The disk is full: the model could not be stored.", f"Make room for {folder}."
            ) from error
        if error.errno == errno.EFBIG:
            raise DesktopOcrError(
                ErrorCode.DISK_FULL, "The disk does not take a file so large.", f"Use another disk for {folder}."
            ) from error
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION,
            f"The model could not be stored in {folder}: {os.strerror(error.errno or 0)}.",
            "Make the folder writable, or set XDG_DATA_HOME and XDG_CACHE_HOME to ones that are.",
        ) from error


@contextlib.contextmanager
def locked(file: Path, breaker: Breaker) -> Iterator[None]:
    """Hold a lock that other processes see; wait for it where one of them holds it.

    Raises:
        DesktopOcrError: CANCELLED while it waited.
    """
    with file.open("ab") as stream:
        while not try_lock(stream.fileno()):
            breaker.wait(_LOOK_AGAIN)
        try:
            yield
        finally:
            _unlock(stream.fileno())


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

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock an open file for this process alone, until it is closed; False where another one has."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
