"""Output files appear whole or not at all, and never over a file that was not to be replaced."""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import sys
import tempfile
import time
from pathlib import Path

from desktop_ocr.schema.document_messages import PART_PREFIX, PART_SUFFIX
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

MAX_NUMBER = 10_000
STALE_SECONDS = 3600.0

# File systems without hard links (FAT, some network shares) answer with one of these.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}


class TemporaryFile:
    """A file beside the target, which becomes it or vanishes."""

    def __init__(self, target: Path) -> None:
        """Create it, empty.

        Raises:
            OSError: the folder cannot be written to.
        """
        self._target = target
        sweep(target.parent)
        number, name = tempfile.mkstemp(prefix=f"{PART_PREFIX}{os.getpid()}-", suffix=PART_SUFFIX, dir=target.parent)
        os.close(number)
        self.path = Path(name)

    def place(self, *, overwrite: bool) -> tuple[Path, bool]:
        """Put the file in its place, safely on the disk.

        Returns:
            Where it is, and whether a file with the same bytes was there already and was left as it is.

        Raises:
            OSError: it cannot be put there.
            DesktopOcrError: EXPORT_FAILED, the name is taken by a folder or ten thousand numbers are taken.
        """
        _make_ordinary(self.path)
        _sync(self.path)
        place = self._replace if overwrite else self._put_beside
        path, unchanged = place()
        self.discard()
        if not unchanged:
            _sync_folder(path.parent)
        return path, unchanged

    def discard(self) -> None:
        """Delete what is left of it."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def _replace(self) -> tuple[Path, bool]:
        if self._target.is_dir():
            raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "There is a folder of that name.", "Choose another name.")
        if _same(self.path, self._target):
            return self._target, True
        self.path.replace(self._target)
        return self._target, False

    def _put_beside(self) -> tuple[Path, bool]:
        for number in range(1, MAX_NUMBER):
            candidate = self._target if number == 1 else numbered(self._target, number)
            try:
                _move_without_replacing(self.path, candidate)
            except FileExistsError:
                if _same(self.path, candidate):
                    return candidate, True
                continue
            return candidate, False
        raise DesktopOcrError(
            ErrorCode.EXPORT_FAILED, "Too many files of that name are there.", "Choose another folder."
        )


def sweep(folder: Path) -> None:
    """Delete the temporary files of processes that were killed: their number is no process' any more.

    Only files older than an hour: on a network folder they may be another machine's.
    """
    for path in folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}*"):
        number = path.name[len(PART_PREFIX) :].partition("-")[0]
        with contextlib.suppress(OSError):
            if number.isdecimal() and not _alive(int(number)) and time.time() - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()


def _alive(process: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill would end it there; nothing is swept (not run there yet)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's process; or no number of ours
        return True
    return True


def numbered(path: Path, number: int) -> Path:
    """`name (2).txt` for `name.txt`."""
    return path.with_name(f"{path.stem} ({number}){path.suffix}")


def writing_error(error: OSError) -> DesktopOcrError:
    """What an operating system's error means for somebody who wants a file written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DesktopOcrError(ErrorCode.DISK_FULL, "The disk is full.", "Make room, or choose another folder.")
    if error.errno == errno.EFBIG:
        return DesktopOcrError(
            ErrorCode.DISK_FULL, "The file grew larger than the disk or your limits allow.", "Choose another folder."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DesktopOcrError(
            ErrorCode.NO_PERMISSION, "You have no permission to write in this folder.", "Choose another folder."
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return DesktopOcrError(ErrorCode.NOT_FOUND, "The folder is not there any more.", "Choose another folder.")
    if error.errno == errno.ENAMETOOLONG:
        return DesktopOcrError(ErrorCode.EXPORT_FAILED, "The file's name is too long.", "Choose a shorter name.")
    reason = os.strerror(error.errno) if error.errno else "unknown reason"
    return DesktopOcrError(ErrorCode.EXPORT_FAILED, f"The file cannot be written ({reason}).", "Choose another folder.")


def _move_without_replacing(path: Path, target: Path) -> None:
    """Rename, or raise FileExistsError. A link is atomic; a rename would replace what somebody just put there."""
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Take the name first, exclusively: what is replaced then is our own empty file.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        path.replace(target)
    else:
        path.unlink()


def _same(first: Path, second: Path) -> bool:
    return second.is_file() and filecmp.cmp(first, second, shallow=False)


def _make_ordinary(path: Path) -> None:
    """Give the file the permissions that a new file has; temporary files are the owner's only."""
    mask = os.umask(0)
    os.umask(mask)
    with contextlib.suppress(OSError):  # some network shares have none to set
        path.chmod(0o666 & ~mask)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the name safe too; Windows and some network shares cannot."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
