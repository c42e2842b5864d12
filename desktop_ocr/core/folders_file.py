"""The watched folders as a TOML file that people can read and edit; what else they write into it stays."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import textwrap
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desktop_ocr.core.names import shown
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.watching import WatchedFolder

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table

LARGEST_FILE = 1_000_000  # bytes; more is no list of folders
LONGEST_LINE = 10_000  # characters; tomllib takes minutes for a key of a hundred thousand dots
MOST_PROBLEMS = 20  # told at once

_KEY = "folder"
_HEADER = """\
# Folders that Desktop OCR watches. You may edit this file while the program is closed: what is wrong is named when it
# starts, and your comments stay when it saves.
"""
_FIELDS = tuple(field.name for field in msgspec.structs.fields(WatchedFolder))


class _NotReadableError(Exception):
    """The file is not TOML, or cannot be read; the text says why and follows the file's name."""


class FoldersFile:
    """Reads and writes the file. Folders with mistakes are not watched, and stay in the file as they are."""

    def __init__(self, file: Path) -> None:
        """Touch nothing yet."""
        self._file = file

    def load(self) -> tuple[list[WatchedFolder], list[str]]:
        """The folders, and a sentence for everything that was not taken; never fails."""
        try:
            tables = _parsed(_read(self._file))
        except _NotReadableError as error:
            return [], [f"{self._file.name} {error}: no folder is watched. It is kept when folders are stored anew."]
        return _interpreted(tables, self._file.name)

    def store(self, folder: WatchedFolder) -> None:
        """Put a folder in, or in the place of the one with its id.

        Raises:
            DesktopOcrError: the file cannot be written.
        """
        self._change(lambda document: _put(document, folder))

    def remove(self, folder: str) -> None:
        """Take a folder out; comments beside it go with it.

        Raises:
            DesktopOcrError: the file cannot be written.
        """
        self._change(lambda document: _take_out(document, folder))

    def _change(self, change: Any) -> None:
        import tomlkit  # 60 ms
        from tomlkit.exceptions import TOMLKitError

        target = Path(os.path.realpath(self._file))  # the file that a link leads to is replaced, not the link
        made: str | None = None
        try:
            old = _read(target)
            before = _interpreted(_parsed(old), "")[0]
            document = tomlkit.parse(old or _HEADER)
            change(document)
            made = tomlkit.dumps(document)
            # tomlkit does not foresee everything that may stand in a file: nothing else may have changed by it.
            after = {one.id: one for one in _interpreted(_parsed(made), "")[0]}
            changed = [one for one in before if after.get(one.id) != one]
            if len(changed) > 1:
                made = None
        except (TOMLKitError, _NotReadableError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
            made = None
        aside = made is None
        if made is None:
            document = tomlkit.parse(_HEADER)
            change(document)
            made = tomlkit.dumps(document)
        try:
            _replace(target, made.encode(), aside=aside)
        except OSError as error:
            raise _writing_error(error, self._file) from error


# --- reading --------------------------------------------------------------------------------------------------------


def _read(file: Path) -> str:
    """The file's text; "" where it is not there."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise _NotReadableError("is not a file")  # a pipe would be waited for
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _NotReadableError(f"cannot be read ({error.strerror})") from error
    if len(data) > LARGEST_FILE:
        raise _NotReadableError("is too large for a list of folders")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _NotReadableError(f"is not a text in UTF-8 (line {line})") from error


def _parsed(text: str) -> dict[str, Any]:
    if not text:
        return {}
    import tomllib  # 20 ms, which a program without such a file need not spend

    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise _NotReadableError("is not a list of folders: a line is too long")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = textwrap.shorten(str(error), 160, placeholder=" ...")
        raise _NotReadableError(f"is not valid TOML ({words[:1].lower()}{words[1:]})") from error
    except (ValueError, RecursionError) as error:  # thousands of digits or brackets
        raise _NotReadableError("is not valid TOML") from error


def _interpreted(tables: Mapping[str, Any], name: str) -> tuple[list[WatchedFolder], list[str]]:
    entries = tables.get(_KEY, [])
    if not isinstance(entries, list):
        return [], [f"{name}: folders begin with [[{_KEY}]] in a line of their own; no folder is watched."]
    folders: list[WatchedFolder] = []
    problems: list[str] = []
    for number, entry in enumerate(entries, 1):
        where = f"{name}, folder {number}"
        try:
            folder = msgspec.convert(entry, WatchedFolder)
        except (msgspec.ValidationError, TypeError) as error:
            problems.append(f"{where}: {_words(error)}; it is not watched.")
            continue
        folder = folder if folder.id else msgspec.structs.replace(folder, id=_id_of(folder.path))
        if any(folder.id == other.id for other in folders):
            problems.append(f"{where}: another one has the same id; it is not watched.")
            continue
        problems.extend(f"{where}: {shown(Path(key))} means nothing." for key in entry if key not in _FIELDS)
        folders.append(folder)
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        problems[MOST_PROBLEMS:] = [f"{name}: {more} more like these."]
    return folders, problems


def _id_of(path: str) -> str:
    """An id for a folder that somebody has written into the file without one: the same each time."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"folder:{path}").hex


def _words(error: Exception) -> str:
    return textwrap.shorten(str(error), 160, placeholder=" ...").replace("`", "'")


# --- writing --------------------------------------------------------------------------------------------------------


def _put(document: TOMLDocument, folder: WatchedFolder) -> None:
    import tomlkit

    entries = _entries(document)
    table = _entry(entries, folder.id)
    if table is None:
        table = tomlkit.table()
        entries.append(table)
        table = entries[-1]
    _fill(table, _stored(folder), _FIELDS)


def _take_out(document: TOMLDocument, folder: str) -> None:
    entries = _entries(document)
    for number in range(len(entries) - 1, -1, -1):
        if _entry_id(entries[number]) == folder:
            del entries[number]
    if not entries:
        del document[_KEY]


def _entries(document: TOMLDocument) -> AoT:
    import tomlkit
    from tomlkit.items import AoT

    if _KEY not in document:
        document[_KEY] = tomlkit.aot()
    entries = document[_KEY]
    if not isinstance(entries, AoT):
        raise TypeError(_KEY)
    return entries


def _entry(entries: AoT, folder: str) -> Table | None:
    return next((table for table in entries if _entry_id(table) == folder), None)


def _entry_id(table: Table) -> str:
    return str(table.get("id") or _id_of(str(table.get("path", ""))))


def _stored(folder: WatchedFolder) -> dict[str, Any]:
    """What is written of a folder: all but what is as usual."""
    values: dict[str, Any] = msgspec.to_builtins(folder)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _fill(table: Any, values: Mapping[str, Any], ours: Sequence[str]) -> None:
    """Put values in; keys that are ours and not among them go, those of others stay."""
    for key in ours:
        if key in table and key not in values:
            del table[key]
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(table.get(key), Mapping):
            _fill(table[key], value, list(value))
        elif table.get(key) != value:
            table[key] = value


def _replace(target: Path, data: bytes, *, aside: bool) -> None:
    """Write a file under another name and put it in place of the one that is there, which `aside` keeps."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if target.is_file() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # somebody wants it to stay as it is
    number, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)  # for this user alone
    try:
        with open(number, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if aside and target.exists():
            target.rename(_free_name(target))
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # Windows and some network shares cannot
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _free_name(target: Path) -> Path:
    number = 1
    while os.path.lexists(other := target.with_name(f"{target.name}.broken-{number}")):
        number += 1
    return other


def _writing_error(error: OSError, file: Path) -> DesktopOcrError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        code, reason, advice = ErrorCode.DISK_FULL, "the disk is full", "Make room and try again."
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        code, reason = ErrorCode.NO_PERMISSION, "it is write-protected"
        advice = f"Make {shown(file.parent)} writable and try again."
    else:
        code, reason = ErrorCode.NOT_FOUND, error.strerror or "unknown reason"
        advice = f"Is {shown(file.parent)} a folder that you can write to?"
    return DesktopOcrError(code, f"The watched folders were not saved in {file.name}: {reason}.", advice)
