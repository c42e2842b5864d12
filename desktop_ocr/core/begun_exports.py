"""Exports that a killed program has left unfinished: noted while they run, cleared away and told by whoever comes next.

A document host writes under temporary names beside the target (`part_files`). What it cannot delete any more, because
it was killed with its program, is deleted here: exactly those files, by the number of that host.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_begun import BegunExport
from desktop_ocr.core.names import is_text
from desktop_ocr.core.owners import Standing, job_owner, standing
from desktop_ocr.core.part_files import delete_parts
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.events import Event, ExportsInterrupted
from desktop_ocr.schema.exports import ExportWish, InterruptedExport

log = logging.getLogger(__name__)

LOOK_SECONDS = 20.0
HOST_SECONDS = 1.0
"""A host whose program was killed ends by itself in so long, mostly."""
FOREIGN_SECONDS = 86_400.0
"""Of programs of other machines nothing is known: an export is not theirs any more after so long, and"""
FOREIGN_FILE_SECONDS = 3_600.0
"""a file is not when nobody has written to it for so long."""


class BegunNote:
    """The note of one export that runs. That it cannot be written keeps nothing back."""

    def __init__(self, ledger: Ledger, job: int, wish: ExportWish, *, full_name: bool) -> None:
        """Write it."""
        self._ledger = ledger
        self._job = job
        self._wish = wish
        self._pid: int | None = None
        self._number: int | None = None
        if is_text(wish.folder):  # an export to another one is refused
            folder = Path(os.path.abspath(wish.folder))  # noqa: PTH100 - where it leads is not asked
            with _not_needed():
                self._number = ledger.begun.add(job, wish, folder, job_owner(), full_name=full_name)

    def writes(self, pid: int | None) -> None:
        """The document host of that number writes now; the one before it has left nothing."""
        if self._number is None or pid is None or pid == self._pid:
            return
        self._pid = pid
        try:
            host = job_owner(pid)
        except (psutil.Error, OSError):
            host = f"{pid}:"  # it has ended already
        with _not_needed():
            self._ledger.begun.set_host(self._number, host)

    def end(self, *, made: bool) -> None:
        """It is over, and nothing unfinished is left; `made`: all of it was made."""
        if self._number is not None:
            with _not_needed():
                self._ledger.begun.end(self._number, self._job, self._wish if made else None)


class InterruptedExports:
    """Looks at the notes of programs that are gone."""

    def __init__(self, ledger: Ledger, emit: Callable[[Event], None], *, tells: bool) -> None:
        """Look at nothing yet; `tells`: a person is told, once, of what was interrupted."""
        self._ledger = ledger
        self._emit = emit
        self._tells = tells
        self._owner = job_owner()

    async def watch(self) -> None:
        """Look now, and again and again: other programs may be killed while this one runs."""
        while True:
            try:
                waits = await self.look()
            except DesktopOcrError as error:
                log.warning("it cannot be seen which exports were interrupted: %s", error.code)
                waits = False
            await asyncio.sleep(HOST_SECONDS if waits else LOOK_SECONDS)

    async def look(self) -> bool:
        """Clear away, and tell; whether a host of a program that is gone still has to end.

        Raises:
            DesktopOcrError: the ledger cannot be read or written.
        """
        waits = False
        notes = self._ledger.begun.all()
        for note in notes:
            if note.owner is None or note.owner == self._owner:
                continue
            known = standing(note.owner)
            foreign = known is Standing.UNKNOWN
            if known is Standing.RUNS or (foreign and time.time() - note.begun < FOREIGN_SECONDS):
                continue
            if standing(note.host) is Standing.RUNS:
                waits = True
                continue
            await asyncio.to_thread(_clear, note, FOREIGN_FILE_SECONDS if foreign else 0.0)
            self._ledger.begun.orphan(note)
        if self._tells and notes:
            self._tell()
        return waits

    def _tell(self) -> None:
        orphans = [note for note in self._ledger.begun.all() if note.owner is None]
        if not orphans:
            return
        told = []
        for note in self._ledger.begun.told(orphans):
            row = self._ledger.job(note.job)
            if row is not None:  # of a document that was removed nobody misses it
                told.append(
                    InterruptedExport(note.job, Path(row.path).name, str(note.folder), note.wish, note.full_name)
                )
        if told:
            self._emit(ExportsInterrupted(tuple(told)))


def _clear(note: BegunExport, older_than: float) -> None:
    pid = note.host.partition(":")[0]
    if pid.isdecimal():
        deleted = delete_parts(note.folder, int(pid), older_than=older_than)
        log.info("an export of job %d was interrupted: %d temporary files are deleted", note.job, deleted)


@contextlib.contextmanager
def _not_needed() -> Iterator[None]:
    try:
        yield
    except DesktopOcrError as error:  # the disk is full, say: the export itself may be on another one
        log.warning("what becomes of an export could not be noted: %s", error.code)
