"""Whether a folder can be watched as it is wanted, before it is stored; and where its exports and originals go."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from desktop_ocr.core.names import is_text, shown
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode, ErrorInfo
from desktop_ocr.schema.exports import FORMAT_NAME
from desktop_ocr.schema.watching import Original, WatchedFolder


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
    if "\0" in folder.path + folder.output + folder.done_folder or not Path(folder.path).is_absolute():
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
    for other in others:
        _check_apart(root, folder, other)
    needs_writing = [root] if folder.original is not Original.LEAVE else []
    if folder.formats:
        _make(output_root(folder), "The folder for the exports")
        _check_target(output_root(folder), others, "The exports")
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
    fine: list[WatchedFolder] = []
    wrong: dict[str, ErrorInfo] = {}
    for folder in folders:
        if not folder.enabled:
            continue
        try:
            _check_places(folder, fine)
        except DesktopOcrError as error:
            wrong[folder.id] = error.info
        else:
            fine.append(folder)
    return wrong


def _check_places(folder: WatchedFolder, others: Iterable[WatchedFolder]) -> None:
    """How a folder and its targets lie to others."""
    others = list(others)
    if "\0" in folder.path + folder.output + folder.done_folder:
        raise _usage("A watched folder needs a path.", "Choose a folder.")
    root = Path(folder.path)
    _check_path(root)
    for other in others:
        _check_apart(root, folder, other)
    if folder.formats:
        _check_whole(output_root(folder), "The folder for the exports")
        _check_target(output_root(folder), others, "The exports")
    if folder.original is Original.MOVE:
        _check_done_name(folder)
        _check_whole(done_root(folder), "The folder for originals that are done")
        _check_target(done_root(folder), others, "The originals")


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


def _check_apart(root: Path, folder: WatchedFolder, other: WatchedFolder) -> None:
    theirs = Path(other.path)
    if _same(root, theirs):
        raise _usage(f"'{root}' is watched already.", "Change how it is watched instead.")
    if other.recursive and _inside(root, theirs):
        raise _usage(f"'{root}' is watched already, as a part of '{theirs}'.", "Choose another folder.")
    if folder.recursive and _inside(theirs, root):
        raise _usage(f"'{theirs}', which is a part of '{root}', is watched already.", "Leave sub-folders out.")
    places = [("exports", output_root(other))] if other.formats else []
    if other.original is Original.MOVE:
        places.append(("originals", done_root(other)))
    for what, place in places:
        if not _same(place, theirs) and _taken_in(place, folder):
            raise _usage(f"The {what} of '{theirs}' are put into '{root}': they would be taken for new documents.")


def _check_target(place: Path, others: Iterable[WatchedFolder], what: str) -> None:
    for other in others:
        if _taken_in(place, other):
            raise _usage(
                f"{what} would come to the watched folder '{other.path}', and be taken for new documents.",
                "Choose another folder.",
            )


def _check_done_folder(folder: WatchedFolder, others: Iterable[WatchedFolder]) -> None:
    place = done_root(folder)
    _check_done_name(folder)
    _make(place, "The folder for originals that are done")
    _check_target(place, others, "The originals")


def _check_done_name(folder: WatchedFolder) -> None:
    place = done_root(folder)
    if not folder.done_folder.strip() or _same(place, Path(folder.path)) or ".." in Path(folder.done_folder).parts:
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


def _taken_in(place: Path, folder: WatchedFolder) -> bool:
    """Whether documents that are put into a place are taken by a watched folder."""
    root = Path(folder.path)
    if any(_same(place, passed) or _inside(place, passed) for passed in passed_over(folder)):
        return False
    return _same(place, root) or (folder.recursive and _inside(place, root))


def _same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except OSError:
        return False


def _inside(place: Path, root: Path) -> bool:
    return _real(place) != _real(root) and _real(place).is_relative_to(_real(root))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _usage(text: str, advice: str = "Choose another folder.") -> DesktopOcrError:
    return DesktopOcrError(ErrorCode.USAGE, re.sub(r"\s+", " ", text), advice)
