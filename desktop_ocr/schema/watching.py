"""Watched folders: what is to be done with files that come there, and what became of them."""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.jobs import JobOptions


class Original(enum.StrEnum):
    """What becomes of a file that is done: all exports are there and could be read back."""

    LEAVE = "leave"
    MOVE = "move"
    DELETE = "delete"


class WatchedFolder(msgspec.Struct, frozen=True, omit_defaults=True):
    """A folder, and what is done with documents that come there.

    Attributes:
        id: never given twice; "" for one that is not stored yet.
        path: of the folder.
        enabled: whether it is watched.
        formats: to export, by name; () to recognise only.
        output: folder for the exports; "" for the watched one itself. What stands in sub-folders goes to sub-folders.
        original: what becomes of a file that is done.
        done_folder: where MOVE puts it: a name below the watched folder, or an absolute path.
        recursive: sub-folders, too.
        polling: look again and again, because the file system tells nothing (network shares). Where the system cannot
            tell, that is done in any case.
        settle_seconds: a file that has not changed for so long is complete.
        options: how its documents are recognised; None for the settings' own.
    """

    path: str
    id: str = ""
    enabled: bool = True
    formats: tuple[str, ...] = ("pdf",)
    output: str = ""
    original: Original = Original.LEAVE
    done_folder: str = "done"
    recursive: bool = False
    polling: bool = False
    settle_seconds: Annotated[float, msgspec.Meta(ge=0.2, le=3600)] = 2.0
    options: JobOptions | None = None


class ArrivalState(enum.StrEnum):
    """What became of a file that came to a watched folder.

    SETTLING: it may still grow. WORKING: its document is being recognised or exported. WAITING: it failed for a
    reason that may pass, and is tried again. FAILED: it is tried again only when somebody asks, or the file changes.
    SAME: its content was done before.
    """

    SETTLING = "settling"
    WORKING = "working"
    WAITING = "waiting"
    DONE = "done"
    SAME = "same"
    FAILED = "failed"


class Arrival(msgspec.Struct, frozen=True):
    """A file that came to a watched folder.

    Attributes:
        folder: its `WatchedFolder.id`.
        path: where it came to.
        state: see `ArrivalState`.
        job: in the ledger; 0 for none.
        error: why it failed, or waits.
        attempts: how often it was tried.
        next_try: when it is tried again, in seconds as `time.time` gives them; 0 where it is not.
        outputs: files that were made of it.
        changed: when the state came.
    """

    folder: str
    path: str
    state: ArrivalState
    job: int = 0
    error: ErrorInfo | None = None
    attempts: int = 0
    next_try: float = 0.0
    outputs: tuple[str, ...] = ()
    changed: float = 0.0


class WatchedView(msgspec.Struct, frozen=True):
    """A watched folder as a list shows it: counts of its files by state, and why it cannot be watched now."""

    folder: WatchedFolder
    working: int = 0
    done: int = 0
    failed: int = 0
    waiting: int = 0
    polled: bool = False
    error: ErrorInfo | None = None
