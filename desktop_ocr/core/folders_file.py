"""The watched folders as a TOML file that people can read and edit; what else they write into it stays."""

from __future__ import annotations

import os
import textwrap
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desktop_ocr.core.names import shown
from desktop_ocr.core.toml_files import NotReadableError, TomlKind, replace_file
from desktop_ocr.schema.watching import WatchedFolder

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table

FOLDERS_TOML = TomlKind("a list of folders", "The watched folders", largest=1_000_000, longest_line=10_000)
MOST_PROBLEMS = 20  # told at once

_KEY = "folder"
_HEADER = """\
# Folders that Desktop OCR watches. You may edit this file while the program is closed: what is wrong is named when it
# starts, and your comments stay when it saves.
"""
_FIELDS = tuple(field.name for field in msgspec.structs.fields(WatchedFolder))


class FoldersFile:
    """Reads and writes the file. Folders with mistakes are not watched, and stay in the file as they are."""

    def __init__(self, file: Path) -> None:
        """Touch nothing yet."""
        self._file = file

    def load(self) -> tuple[list[WatchedFolder], list[str]]:
        """The folders, and a sentence for everything that was not taken; never fails."""
        try:
            tables = FOLDERS_TOML.parse(FOLDERS_TOML.read(self._file))
        except NotReadableError as error:
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
            old = FOLDERS_TOML.read(target)
            before = _interpreted(FOLDERS_TOML.parse(old), "")[0]
            document = tomlkit.parse(old or _HEADER)
            change(document)
            made = tomlkit.dumps(document)
            # tomlkit does not foresee everything that may stand in a file: nothing else may have changed by it.
            after = {one.id: one for one in _interpreted(FOLDERS_TOML.parse(made), "")[0]}
            changed = [one for one in before if after.get(one.id) != one]
            if len(changed) > 1:
                made = None
        except (TOMLKitError, NotReadableError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
            made = None
        aside = made is None
        if made is None:
            document = tomlkit.parse(_HEADER)
            change(document)
            made = tomlkit.dumps(document)
        try:
            replace_file(target, made.encode(), aside=aside)
        except OSError as error:
            raise FOLDERS_TOML.unwritable(error, self._file) from error


# --- reading --------------------------------------------------------------------------------------------------------


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
