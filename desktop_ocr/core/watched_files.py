"""Files in a watched folder: which are documents, when one is complete, and what its content is. All for threads."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from desktop_ocr.core.folder_checks import passed_over
from desktop_ocr.core.inputs import SUFFIXES
from desktop_ocr.core.ledger_arrivals import SeenFile
from desktop_ocr.schema.watching import Original, WatchedFolder

SLICE = 400  # entries of folders looked at before somebody else gets a turn
_BLOCK = 1 << 20
_Seen = TypeVar("_Seen")
_NOT_YET = ("~$", "~", ".")  # what programs call a file that they are at: locks of office programs, downloads, copies

SHARES = frozenset(
    [
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "glusterfs", "lustre", "fuse"),
        *("drvfs", "prl_fs", "vboxsf", "virtiofs", "vmhgfs"),  # folders of the machine that this one is run on
    ]
)
"""File systems on which others write without this machine being told; every fuse.* is one, too."""
MOUNTS = Path("/proc/self/mountinfo")


def is_document_name(name: str) -> bool:
    """Whether a file of that name is taken: it has a document's ending, and is not in the making."""
    return not name.startswith(_NOT_YET) and os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - quick


class Scan:
    """Looks through a folder, a slice at a time, so that a large one can be left in the middle."""

    def __init__(self, folder: WatchedFolder, start: Path | None = None) -> None:
        """Begin at the folder itself, or at one below it."""
        self._folder = folder
        self._passed = {str(place) for place in passed_over(folder)}
        self._entries = _walk(start or Path(folder.path), self._seen)

    def next(self) -> list[SeenFile] | None:
        """Documents among the next entries; None at the end.

        Raises:
            OSError: the folder itself cannot be read.
        """
        some = list(islice(self._entries, SLICE))
        if not some:
            return None
        return [file for file in some if file is not None]

    def _seen(self, entry: os.DirEntry[str], waiting: list[str]) -> SeenFile | None:
        """A document, or None for something else: both count."""
        with contextlib.suppress(OSError):  # it went away meanwhile
            if entry.is_dir(follow_symlinks=False):
                if self._folder.recursive and not entry.name.startswith(".") and entry.path not in self._passed:
                    waiting.append(entry.path)
            elif is_document_name(entry.name):
                return look_at(entry.path, links=self._folder.original is Original.LEAVE)
        return None


def sub_folders(root: Path) -> Iterator[bool]:
    """For each entry below a folder whether it is a folder, too: a large tree can be left in the middle.

    Links are not followed. Hidden folders and those that a scan passes over count: a system that tells of changes is
    told of them as well.

    Raises:
        OSError: while it goes on, the folder itself cannot be read.
    """
    return _walk(root, _sub_folder)


def _sub_folder(entry: os.DirEntry[str], waiting: list[str]) -> bool:
    with contextlib.suppress(OSError):  # it went away meanwhile
        if entry.is_dir(follow_symlinks=False):
            waiting.append(entry.path)
            return True
    return False


def _walk(start: Path, seen: Callable[[os.DirEntry[str], list[str]], _Seen]) -> Iterator[_Seen]:
    """What is `seen` in each entry of a folder; it adds the sub-folders to look through to the list that it gets.

    Raises:
        OSError: while it goes on, the folder itself cannot be read.
    """
    waiting = [str(start)]
    while waiting:
        place = waiting.pop()
        try:
            entries = os.scandir(place)
        except OSError:
            if place == str(start):
                raise
            continue  # a sub-folder that went away, or that is not ours to read
        with entries:
            for entry in entries:
                yield seen(entry, waiting)


def belongs(folder: WatchedFolder, path: Path) -> bool:
    """Whether a file that the system tells of is one that a scan would find."""
    root = Path(folder.path)
    if not is_document_name(path.name) or not path.is_relative_to(root):
        return False
    if path.parent == root:
        return True
    below = path.parent.relative_to(root).parts
    hidden = any(part.startswith(".") for part in below)
    return folder.recursive and not hidden and not any(path.is_relative_to(place) for place in passed_over(folder))


def look_at(path: str, *, links: bool) -> SeenFile | None:
    """A file as it is now; None where there is none. A link is a file only where nothing is moved or deleted."""
    try:
        status = os.stat(path) if links else os.lstat(path)  # noqa: PTH116 - thousands of them
    except (OSError, ValueError):
        return None
    return SeenFile(path, status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def look_at_all(folder: WatchedFolder, paths: Sequence[str]) -> list[SeenFile | None]:
    """Several files as they are now."""
    links = folder.original is Original.LEAVE
    return [look_at(path, links=links) for path in paths]


def still_written(path: str) -> bool:
    """Whether it cannot be opened yet, or some program is known to have it open for writing."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except PermissionError:
        # Windows: a program keeps it for itself. Elsewhere it is for whoever takes it to say that it cannot be read.
        return sys.platform == "win32"
    except OSError:
        return True
    try:
        return _has_writers(number)
    finally:
        os.close(number)


def _has_writers(number: int) -> bool:
    """Linux: a lease for reading is not given while somebody may write. False where nobody can tell."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        # Whoever opens it in this moment would have us sent SIGIO, which ends a program; SIGURG is passed over.
        fcntl.fcntl(number, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(number, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    with contextlib.suppress(OSError):
        fcntl.fcntl(number, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


class Content(NamedTuple):
    """What a file was while it was read whole: bytes, time of the last change in ns, and SHA-256 in hex."""

    size: int
    stamp: int
    sha256: str


def read_content(path: Path) -> Content | None:
    """A file's content; None where it changed while it was read.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        before = os.fstat(file.fileno())
        while block := file.read(_BLOCK):
            digest.update(block)
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return None
    return Content(after.st_size, after.st_mtime_ns, digest.hexdigest())


# --- where the system tells nothing ---------------------------------------------------------------------------------


def on_share(path: Path, mounts: Path = MOUNTS) -> bool:
    """Whether others write there without this machine being told (Linux; elsewhere False: events are relied on)."""
    try:
        kind = _file_system(os.path.realpath(path), mounts.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return False
    return kind in SHARES or kind.startswith("fuse.")


def _file_system(path: str, mounts: str) -> str:
    """The type of the file system that a path is on; "" where the table does not say.

    A line of it (proc(5)): ids, root, mount point, options, optional fields, "-", type, source, more options.
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = _unescaped(fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):  # of two on the same place the later one is what is seen
            best, kind = point, after.split(" ")[0]
    return kind


def _unescaped(point: str) -> str:
    for code, sign in ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")):
        point = point.replace(code, sign)
    return point
