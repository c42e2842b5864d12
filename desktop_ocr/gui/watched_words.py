"""Watched folders and the files that come to them, in words."""

from __future__ import annotations

import enum
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.watching import Arrival, ArrivalState, Original, WatchedFolder, WatchedView


class Standing(enum.Enum):
    """How a watched folder stands; the value is its icon and the icon's colour."""

    WATCHED = ("eye", "good")
    POLLED = ("clock", "good")
    OFF = ("circle-pause", "muted")
    FAULTY = ("circle-alert", "danger")


def standing(view: WatchedView) -> Standing:
    """How a folder stands."""
    if not view.folder.enabled:
        return Standing.OFF
    if view.error is not None:
        return Standing.FAULTY
    return Standing.POLLED if view.polled else Standing.WATCHED


def standing_words(view: WatchedView) -> str:
    """How a folder stands, in a word or two."""
    return {
        Standing.WATCHED: tr("Watched"),
        Standing.POLLED: tr("Watched, by looking again"),
        Standing.OFF: tr("Off"),
        Standing.FAULTY: tr("Cannot be watched"),
    }[standing(view)]


def standing_hint(view: WatchedView) -> str:
    """What is meant by it, in a sentence."""
    if view.folder.enabled and view.error is not None:
        return str(view.error)
    return {
        Standing.WATCHED: tr("Files are taken as soon as they are complete."),
        Standing.POLLED: tr("The system does not tell of new files: the folder is looked through again and again."),
        Standing.OFF: tr("Files that come meanwhile are taken when it is switched on again."),
        Standing.FAULTY: "",
    }[standing(view)]


def short_path(path: str) -> str:
    """A path with ~ for the user's home."""
    try:
        return f"~/{Path(path).relative_to(Path.home())}".removesuffix("/.")
    except (ValueError, RuntimeError):  # elsewhere; or this user has no home
        return path


def done_words(folder: WatchedFolder) -> str:
    """What is done with files that come, in a sentence or two."""
    if not folder.formats:
        first = tr("Recognised, and kept in the list and the library. No files are made.")
    else:
        where = short_path(folder.output) if folder.output else tr("the same folder")
        formats = ", ".join(name.upper() for name in folder.formats)
        first = tr("Exported as {formats} to {folder}.").format(formats=formats, folder=where)
    then = {
        Original.LEAVE: "",
        Original.MOVE: tr("Originals are moved to {folder}.").format(folder=short_path(folder.done_folder)),
        Original.DELETE: tr("Originals are deleted when their files could be read back."),
    }[folder.original]
    below = tr("Sub-folders, too.") if folder.recursive else ""
    own = tr("With options of its own.") if folder.options is not None else ""
    return " ".join(part for part in (first, then, below, own) if part)


def arrival_words(arrival: Arrival) -> str:
    """What became of a file, in a word."""
    return {
        ArrivalState.SETTLING: tr("Arriving"),
        ArrivalState.WORKING: tr("In work"),
        ArrivalState.WAITING: tr("Waits"),
        ArrivalState.DONE: tr("Done"),
        ArrivalState.SAME: tr("Done before"),
        ArrivalState.FAILED: tr("Failed"),
    }[arrival.state]


def next_words(arrival: Arrival, now: float) -> str:
    """When a file is tried again."""
    if arrival.state is not ArrivalState.WAITING or not arrival.next_try:
        return tr("when you want it")
    if arrival.next_try <= now:
        return tr("now")
    when = QDateTime.fromSecsSinceEpoch(round(arrival.next_try))
    today = when.date() == QDateTime.fromSecsSinceEpoch(round(now)).date()
    short = QLocale.FormatType.ShortFormat
    return QLocale().toString(when.time(), short) if today else QLocale().toString(when, short)


def files_words(count: int) -> str:
    """So many files."""
    return tr("1 file") if count == 1 else tr("%n files", count)
