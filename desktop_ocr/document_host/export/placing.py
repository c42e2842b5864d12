"""Files get their names whole or not at all, and never over a file that was not to be replaced."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from pathlib import Path

from desktop_ocr.schema.document_messages import PART_PREFIX, PART_SUFFIX
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

STALE_SECONDS = 3600.0
COMPARED = 1 << 20  # bytes at a time

# File systems without hard links (FAT, some network shares) answer with one of these.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}


class Moves:
    """Files that are put into their places: a context that takes them back where the rest cannot be."""

    def __init__(self) -> None:
        """None yet."""
        self._undo: list[tuple[Path, Path, Path | None]] = []  # temporary, in its place, what was there before
        self._kept: list[Path] = []  # what was there before cannot be kept: these stay
        self._folders: list[Path] = []
        self._done = False

    def __enter__(self) -> Moves:
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """Take all back where it has not come to `done`."""
        del error
        if not self._done:
            self.undo(0)
            for folder in self._folders:
                with contextlib.suppress(OSError):  # somebody else has put something into it
                    folder.rmdir()
        for _, _, before in self._undo:
            if before is not None:
                with contextlib.suppress(OSError):
                    before.unlink()

    @property
    def count(self) -> int:
        """How many can be taken back."""
        return len(self._undo)

    def make_folder(self, folder: Path) -> None:
        """Make a folder where there is none.

        Raises:
            DesktopOcrError: EXPORT_FAILED, there is a file of that name.
            OSError: it cannot be made.
        """
        if folder.is_dir():
            return
        try:
            folder.mkdir()
        except FileExistsError as error:
            raise DesktopOcrError(
                ErrorCode.EXPORT_FAILED,
                f"The folder '{folder.name}' cannot be made: there is a file of that name.",
                "Choose another folder, or leave the pictures out.",
            ) from error
        self._folders.append(folder)

    def move(self, path: Path, target: Path) -> None:
        """Give a file its name.

        Raises:
            FileExistsError: it is taken.
            OSError: it cannot be done.
        """
        _move_without_replacing(path, target)
        self._undo.append((path, target, None))

    def replace(self, path: Path, target: Path, *, keep: bool) -> None:
        """Give a file its name, which another may have.

        Args:
            path: of the file.
            target: its name.
            keep: the other file for the case that this has to be taken back.

        Raises:
            OSError: it cannot be done.
        """
        before = None
        if keep and target.exists():
            before = path.with_name(f"{path.name}.old")
            try:
                os.link(target, before)
            except OSError:  # no links here
                path.replace(target)
                self._kept.append(target)
                return
        path.replace(target)
        self._undo.append((path, target, before))

    def undo(self, until: int) -> None:
        """Take back all but the first `until`."""
        while len(self._undo) > until:
            path, target, before = self._undo.pop()
            target.replace(path)
            if before is not None:
                before.replace(target)

    def done(self) -> list[Path]:
        """All are in their places for good; which."""
        self._done = True
        return [*self._kept, *(target for _, target, _ in self._undo)]


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


def same(first: Path, second: Path) -> bool:
    """Whether both are files with the same bytes."""
    if not second.is_file() or first.stat().st_size != second.stat().st_size:
        return False
    with first.open("rb") as one, second.open("rb") as other:
        while data := one.read(COMPARED):
            if data != other.read(COMPARED):
                return False
    return True


def make_ordinary(path: Path) -> None:
    """Give the file the permissions that a new file has; temporary files are the owner's only."""
    mask = os.umask(0)
    os.umask(mask)
    with contextlib.suppress(OSError):  # some network shares have none to set
        path.chmod(0o666 & ~mask)


def sync(path: Path) -> None:
    """Write to the disk what the system keeps of a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the name safe too; Windows and some network shares cannot."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
