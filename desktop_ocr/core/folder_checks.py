"""Whether a folder can be watched as it is wanted, before it is stored; and where its exports and originals go."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from desktop_ocr.core.names import can_be, is_text, shown
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import FORMAT_NAME
from desktop_ocr.schema.watching import Original, WatchedFolder


class _Place:
    """A path as the disk knows it, asked for once: every folder is held against every other one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def real(self) -> Path:
        return _real(self.path)

    @cached_property
    def above(self) -> frozenset[Path]:
        return frozenset(self.real.parents)

    @cached_property
    def identity(self) -> tuple[int, int] | None:
        """Device and inode; None where nothing is there, or it does not say."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino


class _Places:
    """What one check has asked the disk. Have a new one when something was made: it may lie elsewhere then."""

    def __init__(self) -> None:
        self._known: dict[str, _Place] = {}

    def at(self, path: Path) -> _Place:
        """The place of a path as it is written; nothing is asked yet."""
        return self._known.setdefault(str(path), _Place(path))


class _Layout:
    """Where a folder and its targets are.

    Attributes:
        folder: it.
        root: the folder itself.
        output: where its exports go.
        done: where its originals go when they are moved.
        passed: see `passed_over`.
    """

    def __init__(self, folder: WatchedFolder, places: _Places) -> None:
        self.folder = folder
        self.root = places.at(Path(folder.path))
        self.output = places.at(output_root(folder))
        self.done = places.at(done_root(folder))
        self.passed = tuple(places.at(place) for place in passed_over(folder))


def output_root(folder: WatchedFolder) -> Path:
    """Where a folder's exports go."""
    return Path(folder.output) if folder.output else Path(folder.path)


def done_root(folder: WatchedFolder) -> Path:
    """Where its originals go when they are moved."""
    return Path(folder.path) / folder.done_folder


def passed_over(folder: WatchedFolder) -> tuple[Path, ...]:
    """Folders below a watched one in which nothing is taken: they hold what we put there."""
    root = Path(folder.path)
    places = [output_root(folder)]
    if folder.original is Original.MOVE:
        places.append(done_root(folder))
    return tuple(place for place in places if place != root and place.is_relative_to(root))


def by_its_names(folder: WatchedFolder) -> WatchedFolder:
    """A folder whose targets are named as what lies in it is: a link, or another way to write a name, may lead there.

    What is put there is told from new documents by its path alone. Call it in a thread.
    """
    named = (folder.path, folder.output, folder.done_folder)
    if not all(can_be(Path(name)) for name in named) or not Path(folder.path).is_absolute():
        return folder
    root = Path(folder.path)
    output = str(_from(root, Path(folder.output))) if folder.output else ""
    done = folder.done_folder
    if folder.original is Original.MOVE and done.strip():
        place = _from(root, done_root(folder))
        if place != root and place.is_relative_to(root):
            done = str(place.relative_to(root))
    return msgspec.structs.replace(folder, output="" if output == folder.path else output, done_folder=done)


def _from(root: Path, place: Path) -> Path:
    """A place in a folder, by its path from there; another one as it is."""
    whole, real = _real(root), _real(place)
    if not place.is_absolute() or not real.is_relative_to(whole):
        return place
    named = root
    for part in real.relative_to(whole).parts:
        named /= _as_listed(named, part)
    return named


def _as_listed(folder: Path, name: str) -> str:
    """An entry's name as its folder lists it: some file systems (of Windows, macOS) take "Done" and "done" for one."""
    try:
        names = [entry.name for entry in folder.iterdir()]
        if name in names or not (folder / name).exists():
            return name
        return next((one for one in names if (folder / one).samefile(folder / name)), name)
    except OSError:
        return name


def check_folder(folder: WatchedFolder, others: Iterable[WatchedFolder], known_formats: Iterable[str]) -> None:
    """Refuse what cannot be watched so. It makes the output folder where that is missing; call it in a thread.

    Args:
        folder: with absolute paths.
        others: that are stored already.
        known_formats: names of all formats.

    Raises:
        DesktopOcrError: USAGE or NO_PERMISSION, with a sentence.
    """
    others = [other for other in others if other.id != folder.id]
    root = Path(folder.path)
    _check_root(root)
    _check_formats(folder, known_formats)
    for name in (folder.output, folder.done_folder):
        if not is_text(name):
            raise _usage(f"The name of '{shown(Path(name))}' is not text in UTF-8.")
    layout, *their_layouts = _layouts([folder, *others])
    for other in their_layouts:
        _check_apart(layout, other)
    needs_writing = [root] if folder.original is not Original.LEAVE else []
    if folder.formats:
        _make(output_root(folder), "The folder for the exports")
        layout, *their_layouts = _layouts([folder, *others])
        _check_target(layout.output, their_layouts, "The exports")
        needs_writing.append(output_root(folder))
    if folder.original is Original.MOVE:
        _check_done_folder(folder, others)
        needs_writing.append(done_root(folder))
    for place in dict.fromkeys(needs_writing):
        if not os.access(place, os.W_OK | os.X_OK):
            raise DesktopOcrError(
                ErrorCode.NO_PERMISSION,
                f"You have no permission to write in '{shown(place)}'.",
                "Choose another folder, or leave the originals where they are.",
            )


def conflicts(folders: Iterable[WatchedFolder]) -> dict[str, ErrorInfo]:
    """Which folders cannot be watched beside those before them, by id; those that are switched off do not count.

    Nothing is made, and a folder that is not there (a share that is not mounted) is no mistake. Call it in a thread.
    """
    fine: list[_Layout] = []
    wrong: dict[str, ErrorInfo] = {}
    for layout in _layouts(folder for folder in folders if folder.enabled):
        try:
            _check_places(layout, fine)
        except DesktopOcrError as error:
            wrong[layout.folder.id] = error.info
        else:
            fine.append(layout)
    return wrong


def _layouts(folders: Iterable[WatchedFolder]) -> list[_Layout]:
    """Folders that are held against each other, as the disk is now."""
    places = _Places()
    return [_Layout(folder, places) for folder in folders]


def _check_places(layout: _Layout, others: Sequence[_Layout]) -> None:
    """How a folder and its targets lie to others."""
    folder = layout.folder
    if "\0" in folder.path + folder.output + folder.done_folder:
        raise _usage("A watched folder needs a path.", "Choose a folder.")
    _check_path(layout.root.path)
    for other in others:
        _check_apart(layout, other)
    if folder.formats:
        _check_whole(layout.output.path, "The folder for the exports")
        _check_target(layout.output, others, "The exports")
    if folder.original is Original.MOVE:
        _check_done_name(layout)
        _check_whole(layout.done.path, "The folder for originals that are done")
        _check_target(layout.done, others, "The originals")


def _check_path(root: Path) -> None:
    if not is_text(root):
        raise _usage(f"The name of '{shown(root)}' is not text in UTF-8.", "Rename it.")
    if not root.is_absolute():
        raise _usage("A watched folder needs its whole path.", "Choose a folder.")


def _check_root(root: Path) -> None:
    _check_path(root)
    try:
        if not root.is_dir():
            there = root.exists()
            raise _usage(f"'{root}' is {'no folder' if there else 'not there'}.", "Choose a folder.")
        os.scandir(root).close()
    except PermissionError as error:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION, f"You have no permission to read '{root}'.", "Choose another folder."
        ) from error
    except OSError as error:
        raise _usage(f"'{root}' cannot be read ({error.strerror}).", "Choose another folder.") from error


def _check_formats(folder: WatchedFolder, known: Iterable[str]) -> None:
    names = set(known)
    for name in folder.formats:
        if not FORMAT_NAME.fullmatch(name) or name not in names:
            raise _usage(f"There is no format '{name[:40]}'.", "Choose other formats.")
    if folder.original is Original.DELETE and not folder.formats:
        raise _usage(
            "Originals can be deleted only when something is made of them.", "Choose a format, or keep the originals."
        )


def _check_apart(layout: _Layout, other: _Layout) -> None:
    root, theirs = layout.root, other.root
    if _same(root, theirs):
        raise _usage(f"'{root.path}' is watched already.", "Change how it is watched instead.")
    if other.folder.recursive and _inside(root, theirs):
        raise _usage(f"'{root.path}' is watched already, as a part of '{theirs.path}'.", "Choose another folder.")
    if layout.folder.recursive and _inside(theirs, root):
        raise _usage(
            f"'{theirs.path}', which is a part of '{root.path}', is watched already.", "Leave sub-folders out."
        )
    places = [("exports", other.output)] if other.folder.formats else []
    if other.folder.original is Original.MOVE:
        places.append(("originals", other.done))
    for what, place in places:
        if not _same(place, theirs) and _taken_in(place, layout):
            raise _usage(
                f"The {what} of '{theirs.path}' are put into '{root.path}': they would be taken for new documents."
            )


def _check_target(place: _Place, others: Iterable[_Layout], what: str) -> None:
    for other in others:
        if _taken_in(place, other):
            raise _usage(
                f"{what} would come to the watched folder '{other.folder.path}', and be taken for new documents.",
                "Choose another folder.",
            )


def _check_done_folder(folder: WatchedFolder, others: Sequence[WatchedFolder]) -> None:
    _check_done_name(*_layouts([folder]))
    _make(done_root(folder), "The folder for originals that are done")
    layout, *their_layouts = _layouts([folder, *others])
    _check_target(layout.done, their_layouts, "The originals")


def _check_done_name(layout: _Layout) -> None:
    name = layout.folder.done_folder
    if not name.strip() or _same(layout.done, layout.root) or ".." in Path(name).parts:
        raise _usage("Originals cannot be moved to where they are.", "Choose another folder for them.")


def _check_whole(place: Path, what: str) -> None:
    if not is_text(place) or not place.is_absolute():
        raise _usage(f"{what} needs a whole path that is text in UTF-8.", "Choose another folder.")


def _make(place: Path, what: str) -> None:
    _check_whole(place, what)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise DesktopOcrError(
            ErrorCode.NO_PERMISSION, f"{what}, '{place}', cannot be made.", "Choose another folder."
        ) from error
    except FileExistsError as error:
        raise _usage(f"{what}, '{place}', is a file.", "Choose another folder.") from error
    except OSError as error:
        raise _usage(f"{what}, '{place}', cannot be made ({error.strerror}).", "Choose another folder.") from error


def _taken_in(place: _Place, other: _Layout) -> bool:
    """Whether documents that are put into a place are taken by a watched folder."""
    if any(_same(place, passed) or _inside(place, passed) for passed in other.passed):
        return False
    return _same(place, other.root) or (other.folder.recursive and _inside(place, other.root))


def _same(one: _Place, other: _Place) -> bool:
    return one.path == other.path or (one.identity is not None and one.identity == other.identity)


def _inside(place: _Place, root: _Place) -> bool:
    return root.real in place.above


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _usage(text: str, advice: str = "Choose another folder.") -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.USAGE, re.sub(r"\s+", " ", text), advice)
