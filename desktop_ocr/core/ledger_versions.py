"""The part of the ledger that is about what people change: versions of pages on top of what was recognised.

The versions of a page are a chain: each names the one before it, the first one the recognised result (0). The page
names the one that is shown. Machines write recognised results and nothing here; a page whose current version is not
edited shows whatever was recognised last.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import msgspec

from desktop_ocr.core.ledger_db import Store
from desktop_ocr.core.ledger_rows import PageKey, pack_result, readable_state, unpack_result
from desktop_ocr.core.ledger_search import SearchTable
from desktop_ocr.schema.edits import MOST_VERSIONS, PageVersion
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.jobs import PageState
from desktop_ocr.schema.results import PageResult


class _Chain(msgspec.Struct, frozen=True):
    """Where a page stands. `undo_to` and `redo_to` are None where there is nothing to undo or redo."""

    state: PageState
    stored: bool
    pending: str
    stamp: int
    current: int
    numbers: int
    edited: bool
    base: int
    undo: str
    undo_to: int | None
    redo: str
    redo_to: int | None

    @property
    def number(self) -> int:
        """Of what is shown: tells apart whatever may be shown of this page, ever."""
        return self.current if self.edited else self.stamp

    @property
    def shown(self) -> bool:
        """Whether the page can be read."""
        return self.edited or (self.stored and self.state in (PageState.DONE, PageState.PARTIAL))


class VersionTable(Store):
    """Versions of pages. Whatever is shown of one is what is found: `search` is told in the same transaction."""

    def __init__(self, db: sqlite3.Connection, search: SearchTable) -> None:
        super().__init__(db)
        self._search = search

    def current(self, key: PageKey, page: int) -> PageVersion | None:
        """A page as it is shown and exported; None where it is not finished.

        Raises:
            DesktopOcrError: what is stored cannot be read.
        """
        chain = self._chain(key, page)
        return None if chain is None or not chain.shown else self._version(key, page, chain)

    def packed(self, key: PageKey, page: int) -> tuple[int, bytes] | None:
        """As `current`, but its number and its result as stored: for many pages, which others take apart."""
        chain = self._chain(key, page)
        return None if chain is None or not chain.shown else (chain.number, self._blob(key, page, chain))

    def add(self, key: PageKey, page: int, result: PageResult | None, words: str, *, on: int) -> PageVersion:
        """A new version, which is the current one from now on; what was undone is forgotten. It is on the disk then.

        Args:
            key, page: which page.
            result: the page; None for the recognised one, whichever is the newest.
            words: what was done, as it can be undone.
            on: number of the version that it was made of.

        Raises:
            DesktopOcrError: EDIT_STALE, another version is current; DISK_FULL, LEDGER: it could not be stored.
        """
        blob = None if result is None else pack_result(result)
        with self._writing():
            chain = self._chain(key, page)
            if chain is None or not chain.shown or chain.number != on:
                raise stale()
            base = chain.base if chain.edited and result is not None else chain.stamp
            self._put(key, page, chain, blob, words, base)
            chain = self._there(key, page)
        return self._version(key, page, chain, result)

    def undo(self, key: PageKey, page: int) -> PageVersion:
        """Go back by one version; where there is none, all stays.

        Raises:
            DesktopOcrError: the page is not finished, or it could not be stored.
        """
        return self._step(key, page, back=True)

    def redo(self, key: PageKey, page: int) -> PageVersion:
        """Go forward again by one version, as `undo`."""
        return self._step(key, page, back=False)

    def settle(self, key: PageKey, page: int) -> PageVersion:
        """What was recognised meanwhile is not wanted: all versions count as made on it.

        Raises:
            DesktopOcrError: the page is not finished, or it could not be stored.
        """
        with self._writing():
            chain = self._there(key, page)
            self._db.execute(
                "UPDATE versions SET base = ? WHERE document = ? AND options = ? AND page = ?",
                (chain.stamp, key.document, key.options, page),
            )
            chain = self._there(key, page)
        return self._version(key, page, chain)

    def edited(self, key: PageKey) -> list[int]:
        """Pages that are shown as somebody has changed them, ascending."""
        rows = self._rows(
            "SELECT pages.page FROM pages JOIN versions ON versions.document = pages.document AND versions.options ="
            " pages.options AND versions.page = pages.page AND versions.number = pages.version"
            " WHERE pages.document = ? AND pages.options = ? AND versions.edited ORDER BY pages.page",
            (key.document, key.options),
        )
        return [row[0] for row in rows]

    def carry(self, old: PageKey, new: PageKey) -> None:
        """Take edited pages, with all their versions, over to other options of the same content, as finished ones.

        A page that was edited there, too, gets what was changed last as another version, which can be undone; of those
        that are finished there, the recognised result stays, and the versions come on top of it. Nothing changes at the
        old options.

        Raises:
            DesktopOcrError: it could not be stored; then nothing was taken over.
        """
        with self._writing():
            for page in self.edited(old):
                there = self._chain(new, page)
                if there is None or not there.edited:
                    self._carry_page(old, new, page, there)
                else:
                    self._carry_last(old, new, page, there)

    def next_number(self, document: int, page: int) -> int:
        """A number that no result and no version of a page has had, whatever the options; 0 for its first result.

        Within a transaction nobody else gets the same one.
        """
        rows = self._rows("SELECT max(numbers) FROM pages WHERE document = ? AND page = ?", (document, page))
        return 0 if rows[0][0] is None else int(rows[0][0]) + 1

    # --- inside -------------------------------------------------------------------------------------------

    def _put(self, key: PageKey, page: int, chain: _Chain, blob: bytes | None, words: str, base: int) -> None:
        """A new version on top of the current one; what was undone goes, and the oldest where there are too many."""
        number, place = self.next_number(key.document, page), (key.document, key.options, page)
        self._db.execute(
            "DELETE FROM versions WHERE document = ? AND options = ? AND page = ? AND number > ?",
            (*place, chain.current),
        )
        self._db.execute(
            "INSERT INTO versions (document, options, page, number, before, base, edited, words, made, result)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, number, chain.current, base, blob is not None, words, time.time(), blob),
        )
        self._db.execute(
            "DELETE FROM versions WHERE document = ?1 AND options = ?2 AND page = ?3 AND number NOT IN"
            " (SELECT number FROM versions WHERE document = ?1 AND options = ?2 AND page = ?3"
            " ORDER BY number DESC LIMIT ?4)",
            (*place, MOST_VERSIONS),
        )
        self._point(key, page, number, number)
        self._index(key, page)

    def _carry_last(self, old: PageKey, new: PageKey, page: int, there: _Chain) -> None:
        """What was changed last is what is shown: numbers tell, as none is given twice, whatever the options."""
        came = self._there(old, page)
        if came.current <= there.current:
            return
        blob = self._blob(old, page, came)
        if blob != self._blob(new, page, there):
            self._put(new, page, there, blob, "Change made with other settings", there.stamp)

    def _carry_page(self, old: PageKey, new: PageKey, page: int, there: _Chain | None) -> None:
        came = self._there(old, page)
        place, target = (old.document, old.options, page), (new.document, new.options, page)
        finished = there is not None and there.stored and there.state is PageState.DONE
        if finished:
            self._db.execute("DELETE FROM versions WHERE document = ? AND options = ? AND page = ?", target)
        else:
            self._db.execute("DELETE FROM pages WHERE document = ? AND options = ? AND page = ?", target)
            self._db.execute(
                "INSERT INTO pages (document, options, page, state, attempts, seconds, result, finished, degraded,"
                " pending, left_out, predicted_mb, peak_mb, stamp) SELECT document, ?4, page, CASE pending WHEN ''"
                " THEN ?5 ELSE ?6 END, attempts, seconds, result, finished, degraded, pending, left_out, predicted_mb,"
                " peak_mb, stamp FROM pages WHERE document = ?1 AND options = ?2 AND page = ?3",
                (*place, new.options, PageState.DONE, PageState.PARTIAL),
            )
        self._db.execute(
            "INSERT INTO versions (document, options, page, number, before, base, edited, words, made, result)"
            " SELECT document, ?4, page, number, before, CASE WHEN ?5 THEN ?6 ELSE base END, edited, words, made,"
            " result FROM versions WHERE document = ?1 AND options = ?2 AND page = ?3",
            (*place, new.options, finished, there.stamp if there is not None else 0),
        )
        self._point(new, page, came.current, max(came.numbers, there.numbers if there is not None else 0))
        self._index(new, page)

    def _step(self, key: PageKey, page: int, *, back: bool) -> PageVersion:
        with self._writing():
            chain = self._there(key, page)
            goal = chain.undo_to if back else chain.redo_to
            if goal is not None:
                self._point(key, page, goal, chain.numbers)
                self._index(key, page)
                chain = self._there(key, page)
        return self._version(key, page, chain)

    def _point(self, key: PageKey, page: int, current: int, numbers: int) -> None:
        self._db.execute(
            "UPDATE pages SET version = ?, numbers = ? WHERE document = ? AND options = ? AND page = ?",
            (current, numbers, key.document, key.options, page),
        )

    def _index(self, key: PageKey, page: int) -> None:
        """What is shown now can be searched."""
        chain = self._chain(key, page)
        if chain is None or not chain.shown:
            return  # it waits to be recognised again: until then what was found is found
        place = (key.document, key.options, page)
        finished = self._rows("SELECT finished FROM pages WHERE document = ? AND options = ? AND page = ?", place)
        blob = self._blob(key, page, chain)
        self._search.put_packed(key, page, blob, finished[0][0] or 0.0, edited=chain.edited)

    def _chain(self, key: PageKey, page: int) -> _Chain | None:
        rows = self._rows(_CHAIN, (key.document, key.options, page))
        return _chain_of(rows[0]) if rows else None

    def _there(self, key: PageKey, page: int) -> _Chain:
        chain = self._chain(key, page)
        if chain is None or not chain.stored:
            raise not_finished()
        return chain

    def _version(self, key: PageKey, page: int, chain: _Chain, result: PageResult | None = None) -> PageVersion:
        if result is None:
            result = unpack_result(self._blob(key, page, chain), page)
        newer = chain.edited and chain.base != chain.stamp and not chain.pending
        return PageVersion(result, chain.number, chain.edited, chain.undo, chain.redo, newer)

    def _blob(self, key: PageKey, page: int, chain: _Chain) -> bytes:
        place = (key.document, key.options, page)
        if chain.edited:
            rows = self._rows(
                "SELECT result FROM versions WHERE document = ? AND options = ? AND page = ? AND number = ?",
                (*place, chain.current),
            )
        else:
            rows = self._rows("SELECT result FROM pages WHERE document = ? AND options = ? AND page = ?", place)
        return bytes(rows[0][0]) if rows else b""


def stale() -> DesktopOcrError:
    """An edit was made of a page that is another one by now."""
    return DesktopOcrError(
        ErrorCode.EDIT_STALE, "The page has changed since you saw it.", "Look at it as it is now, and try again."
    )


def not_finished() -> DesktopOcrError:
    """A page that has no result cannot be edited."""
    return DesktopOcrError(ErrorCode.USAGE, "This page is not finished yet.", "Wait until it is, then edit it.")


_CHAIN = """
    SELECT pages.state, pages.result IS NOT NULL, pages.pending, pages.stamp, pages.version, pages.numbers,
        current.edited, current.base, current.words, current.before, earlier.number, later.words, later.number
    FROM pages
    LEFT JOIN versions AS current ON current.document = pages.document AND current.options = pages.options
        AND current.page = pages.page AND current.number = pages.version
    LEFT JOIN versions AS earlier ON earlier.document = pages.document AND earlier.options = pages.options
        AND earlier.page = pages.page AND earlier.number = current.before
    LEFT JOIN versions AS later ON later.document = pages.document AND later.options = pages.options
        AND later.page = pages.page AND later.number > pages.version AND later.before = pages.version
    WHERE pages.document = ? AND pages.options = ? AND pages.page = ?
"""


def _chain_of(row: tuple[Any, ...]) -> _Chain:
    state, stored, pending, stamp, current, numbers, edited, base, words, before, earlier, redo, later = row
    # The oldest versions are forgotten: then there is nothing to go back to.
    can_undo = before is not None and (before == 0 or earlier is not None)
    return _Chain(
        state=readable_state(state) or PageState.FAILED,
        stored=bool(stored),
        pending=pending,
        stamp=stamp,
        current=current,
        numbers=numbers,
        edited=bool(edited),
        base=base or 0,
        undo=words if can_undo else "",
        undo_to=before if can_undo else None,
        redo=redo or "",
        redo_to=later,
    )
