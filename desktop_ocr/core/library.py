"""The library: all that was recognised and is stored, searched in a thread of its own over a connection of its own.

So it waits for no page in work, and no page waits for it. A search that a newer one has overtaken stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from desktop_ocr.core.index_catch_up import IndexCatchUp
from desktop_ocr.core.ledger import Ledger
from desktop_ocr.core.ledger_db import note_damage
from desktop_ocr.core.library_queries import count, look_through, prepare
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.library import LibraryFound, LibraryQuery, LibrarySize

STEPS = 5_000
"""Of SQLite's machine, some hundreds a millisecond, between two looks at whether anybody still wants the answer."""
_Answer = TypeVar("_Answer")


class Library:
    """Answers questions about what is stored. Use it from one event loop."""

    def __init__(self, file: Path | None, ledger: Ledger, catch_up: IndexCatchUp) -> None:
        """Open nothing yet.

        Args:
            file: the ledger's; None for one in memory, which only its own connection sees.
            ledger: has that connection.
            catch_up: knows how many pages cannot be searched yet, once it has begun; before, each search counts them.
        """
        self._file = file
        self._ledger = ledger
        self._catch_up = catch_up
        self._db: sqlite3.Connection | None = None
        self._latest = 0
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="library")

    async def search(self, query: LibraryQuery) -> LibraryFound:
        """See `BackgroundApi.search`.

        Raises:
            DesktopOcrError: CANCELLED, somebody has asked something else meanwhile; LEDGER, it cannot be read.
        """
        self._latest += 1
        question = functools.partial(look_through, query=query, unindexed=self._catch_up.left)
        return await self._ask(question, self._latest)

    async def size(self) -> LibrarySize:
        """See `BackgroundApi.library_size`."""
        documents, pages = await self._ask(count, None)
        return LibrarySize(documents, pages, await asyncio.to_thread(disk_mb, self._file))

    async def close(self) -> None:
        """Break off what is being asked."""
        self._latest += 1
        if self._db is not None:
            self._db.interrupt()
        await asyncio.to_thread(self._threads.shutdown)
        if self._db is not None:
            self._db.close()
            self._db = None

    async def _ask(self, question: Callable[[sqlite3.Connection], _Answer], number: int | None) -> _Answer:
        """The answer; None for `number` is a question that no search overtakes."""
        if self._file is None:
            db = self._ledger.library.connection
            prepare(db)
            return self._answer(db, question, None)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask_file, question, number)

    def _ask_file(self, question: Callable[[sqlite3.Connection], _Answer], number: int | None) -> _Answer:
        if self._overtaken(number):
            raise overtaken()
        if self._db is None:
            self._db = _opened(self._file)
        self._db.set_progress_handler(lambda: self._overtaken(number), STEPS)
        return self._answer(self._db, question, number)

    def _answer(
        self, db: sqlite3.Connection, question: Callable[[sqlite3.Connection], _Answer], number: int | None
    ) -> _Answer:
        try:
            return question(db)
        except sqlite3.Error as error:
            note_damage(self._file, error)
            if self._overtaken(number) or "interrupted" in str(error):
                raise overtaken() from error
            raise DesktopOcrError(ErrorCode.LEDGER, f"The library cannot be searched ({error}).") from error

    def _overtaken(self, number: int | None) -> bool:
        return number is not None and number != self._latest


def overtaken() -> DesktopOcrError:
    """Nobody waits for this answer any more."""
    return DesktopOcrError(ErrorCode.CANCELLED, "Something else is being looked for by now.")


def disk_mb(file: Path | None) -> float:
    """What a ledger takes on the disk, with what was written last, in MB (10^6 bytes)."""
    size = 0
    for name in () if file is None else (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        with contextlib.suppress(OSError):
            size += name.stat().st_size
    return size / 1e6


def _opened(file: Path | None) -> sqlite3.Connection:
    assert file is not None  # noqa: S101 - one in memory is asked over its own connection
    db = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=5.0,
        isolation_level=None,
        check_same_thread=False,  # another one interrupts and closes it
    )
    db.execute("PRAGMA query_only = ON")
    prepare(db)
    return db
