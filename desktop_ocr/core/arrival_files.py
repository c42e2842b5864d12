"""What is made of a watched file comes into its place, and the file itself goes to its own. All for threads.

Exports are written into a hidden folder beside their place first. Then it is noted which file gets which name, and only
then do they get them: a program that is killed on the way finds in the ledger what is to be where, and no file is made
twice. The original is moved the same way.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop_ocr.core.disk_sync import sync_folder
from desktop_ocr.core.export_names import FileNames
from desktop_ocr.core.ledger_arrivals import ArrivalRow, MadeFile
from desktop_ocr.core.names import shown
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

MAX_NUMBER = 10_000
_PREFIX = ".desktop-ocr-arrival-"
# File systems without hard links (FAT, some network shares) answer with one of these.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.EACCES}
_BLOCK = 1 << 20


class PartsGoneError(Exception):
    """What was about to get its name is not there any more: it has to be made again."""


def staging(root: Path, row: ArrivalRow) -> Path:
    """A hidden folder in the output's for what is being made of an arrival, empty.

    Raises:
        DesktopOcrError: NOT_FOUND, the output's folder is away: a share that is not mounted, say.
        OSError: it cannot be made.
    """
    _check_there(root)
    folder = root / f"{_PREFIX}{row.folder[:8]}-{row.id}"
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return folder


def clear_staging(root: Path, row: ArrivalRow) -> None:
    """Delete what is left of it."""
    shutil.rmtree(root / f"{_PREFIX}{row.folder[:8]}-{row.id}", ignore_errors=True)


def plan_names(
    staged: Path, target: Path, original: Path, before: Sequence[MadeFile], others: Sequence[MadeFile] = ()
) -> list[MadeFile]:
    """Which name each file in a staging folder gets; nothing is moved yet.

    Names that are taken get a number, the same for all; but for files with the same bytes, unless they are another
    arrival's, and for earlier exports of the same arrival that nobody has touched since: these are replaced. Pictures
    lie in a folder of their own, named by their bytes.

    Args:
        staged: the staging folder.
        target: the folder where they go.
        original: the document, which nothing may take the place of.
        before: what was made of it earlier.
        others: exports of other arrivals; the names of those that are on their way are taken, too.

    Raises:
        DesktopOcrError: EXPORT_FAILED, ten thousand numbers are taken.
        OSError: something cannot be read.
    """
    parts = {path.relative_to(staged): _content(path) for path in sorted(staged.rglob("*")) if path.is_file()}
    earlier = {file.path: file.sha256 for file in before if not file.original and not file.part}
    foreign = {file.path for file in others if not file.original}
    on_their_way = {file.path for file in others if file.part}
    stem = FileNames("{name}", original.stem, 1, datetime.date(2000, 1, 1)).of_pages([0])
    for number in range(1, MAX_NUMBER):
        planned: list[MadeFile] = []
        for part, (size, stamp, sha256) in parts.items():
            path = target / part if part.parent.parts else target / _numbered(part.name, stem, number)
            if _is(path, original):
                path = target / _numbered(f"{stem}.ocr{part.name.removeprefix(stem)}", f"{stem}.ocr", number)
            over = earlier.get(str(path), "")
            shared = str(path) in on_their_way or (str(path) in foreign and os.path.lexists(path))
            if part.parent.parts == () and (shared or not _free(path, sha256, over)):
                break
            planned.append(MadeFile(str(path), size, sha256, str(staged / part), over, stamp=stamp))
        else:
            return planned
    raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "Too many files of that name are there.", "Choose another folder.")


def plan_original(row: ArrivalRow, root: Path, below: Path) -> MadeFile:
    """Which name the original gets in the folder of those that are done.

    Raises:
        DesktopOcrError: EXPORT_FAILED, ten thousand numbers are taken.
        OSError: the folder cannot be looked at.
    """
    name, ending = row.path.stem, row.path.suffix
    for number in range(1, MAX_NUMBER):
        path = root / below / _numbered(f"{name}{ending}", name, number)
        if not os.path.lexists(path):
            return MadeFile(str(path), row.size, row.sha256, str(row.path), original=True, stamp=row.stamp)
    raise DesktopOcrError(ErrorCode.EXPORT_FAILED, "Too many files of that name are there.", "Choose another folder.")


def in_place(made: Sequence[MadeFile]) -> list[MadeFile]:
    """Those that do not lie where they were made any more: they have their names."""
    return [file for file in made if not file.part or not os.path.lexists(file.part)]


def place(made: Sequence[MadeFile], root: Path) -> list[MadeFile]:
    """Give files their names, safely on the disk; what has its name already is left.

    Args:
        made: the files.
        root: the folder in which they are put, which has to be there. It is not made: it would be on another disk than
            what is there otherwise. Folders below it are.

    Raises:
        DesktopOcrError: NOT_FOUND, the folder is away.
        FileExistsError: a name is taken by now.
        PartsGoneError: a file is neither where it was made nor in its place.
        OSError: it cannot be done.
    """
    placed = []
    folders: set[Path] = set()
    for file in made:
        if file.part:
            _check_there(root)
            target = Path(file.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            _place_one(file, Path(file.part), target)
            folders.add(target.parent)
        placed.append(msgspec.structs.replace(file, part="", over=""))
    for folder in folders:
        sync_folder(folder)
    return placed


def verify(made: Sequence[MadeFile], *, thoroughly: bool) -> None:
    """Whether all files are there as they were made; `thoroughly` reads them.

    Raises:
        DesktopOcrError: EXPORT_FAILED, one is not.
        OSError: one cannot be read.
    """
    for file in made:
        path = Path(file.path)
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise _lost(path, "is not there any more") from None
        if size != file.size or (thoroughly and _content(path)[2] != file.sha256):
            raise _lost(path, "is not as it was written")
        if thoroughly and not size:
            raise _lost(path, "is empty")


def delete_original(row: ArrivalRow) -> None:
    """Delete a file of which everything is made; one that is gone already is fine.

    Raises:
        DesktopOcrError: FILE_CHANGED, it is another one by now.
        OSError: it cannot be deleted.
    """
    try:
        status = row.path.lstat()
    except FileNotFoundError:
        return
    if (status.st_size, status.st_mtime_ns) != (row.size, row.stamp):
        raise _changed()
    try:
        _check_bytes(row.path, row.sha256)
    except FileNotFoundError:
        return
    row.path.unlink(missing_ok=True)
    sync_folder(row.path.parent)


def is_export(path: Path, twin: ArrivalRow) -> bool:
    """Whether a file is one that was made of another arrival, perhaps by another name of its folder."""
    return any(_is(Path(file.path), path) for file in twin.made if not file.original)


def _check_there(root: Path) -> None:
    if not root.is_dir():
        raise DesktopOcrError(
            ErrorCode.NOT_FOUND, f"The folder '{shown(root)}' is not there.", "Is its disk or share connected?"
        )


# --- inside ---------------------------------------------------------------------------------------------------------


def _place_one(file: MadeFile, part: Path, target: Path) -> None:
    if not os.path.lexists(part):
        if not target.is_file() or _content(target)[2] != file.sha256:
            raise PartsGoneError
        return
    if file.original:
        status = part.lstat()
        if (status.st_size, status.st_mtime_ns) != (file.size, file.stamp):
            raise _changed()
    if not os.path.lexists(target):
        _move(part, target, file)
    elif part.samefile(target):
        part.unlink()  # killed after it had its name
    elif target.is_file() and _content(target)[2] == file.sha256:
        if file.original:
            _check_bytes(part, file.sha256)
        part.unlink()  # the same bytes are there
    elif file.over and target.is_file() and _content(target)[2] == file.over:
        part.replace(target)
    elif target.is_file() and not target.stat().st_size:
        part.replace(target)  # killed after the name was taken, on a disk without links
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def _move(part: Path, target: Path, file: MadeFile) -> None:
    """Rename, but never over another file, and to other disks, too."""
    try:
        os.link(part, target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            _move_far(part, target, file)
            return
        if error.errno not in _NO_LINKS:
            raise
        # Take the name first, exclusively: what is replaced then is our own empty file.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        try:
            part.replace(target)
        except BaseException:
            target.unlink()
            raise
    else:
        part.unlink()


def _move_far(part: Path, target: Path, file: MadeFile) -> None:
    """To another disk: copied, compared, and only then deleted here. An original may have changed meanwhile."""
    copy = target.with_name(f"{_PREFIX}{hashlib.sha256(str(part).encode()).hexdigest()[:16]}.part")
    try:
        with part.open("rb") as source, copy.open("wb") as stream:
            shutil.copyfileobj(source, stream, _BLOCK)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(OSError):  # some disks keep neither times nor permissions
            shutil.copystat(part, copy)
        if file.original:
            _check_bytes(part, file.sha256)
        if _content(copy)[2] != file.sha256:
            raise DesktopOcrError(
                ErrorCode.EXPORT_FAILED, "The copy of the original is not as the original.", "Check that disk."
            )
        _move(copy, target, file)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    part.unlink()


def _numbered(name: str, stem: str, number: int) -> str:
    if number == 1:
        return name
    if name.startswith(stem):
        return f"{stem} ({number}){name.removeprefix(stem)}"
    first, dot, rest = name.partition(".")
    return f"{first} ({number}){dot}{rest}"


def _free(path: Path, sha256: str, over: str) -> bool:
    """Whether a name can be had: nobody has it, or the same bytes, or an earlier export that nobody has touched."""
    if not os.path.lexists(path):
        return True
    return path.is_file() and _content(path)[2] in (sha256, over)


def _is(path: Path, original: Path) -> bool:
    try:
        return path == original or path.samefile(original)
    except OSError:
        return False


def _content(path: Path) -> tuple[int, int, str]:
    """Bytes, time of the last change in ns, and SHA-256 in hex."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns, sha256


def _check_bytes(path: Path, sha256: str) -> None:
    """Whether an original that goes for good is what was read: size and time may be the same for other bytes.

    Raises:
        DesktopOcrError: FILE_CHANGED, it is not.
        OSError: it cannot be read.
    """
    if _content(path)[2] != sha256:
        raise _changed()


def _changed() -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.FILE_CHANGED, "The file has changed since its pages were read.")


def _lost(path: Path, what: str) -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.EXPORT_FAILED, f"The export '{path.name}' {what}.", "Try again.")
