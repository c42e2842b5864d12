"""What is believed of rows that were read from a damaged ledger; the rest is mended or dropped.

They are in a sound database by now, of the newest version: what may be wrong is what they say.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import Any

import msgspec

from desktop_ocr.core.ledger_arrivals import MadeFile
from desktop_ocr.core.ledger_rows import lost_content, unpack_result
from desktop_ocr.core.page_words import degraded_words, left_out_words, state_of
from desktop_ocr.schema.document_messages import MAX_PAGES
from desktop_ocr.schema.errors import DesktopOcrError, ErrorInfo
from desktop_ocr.schema.jobs import JobOptions, JobState, PageState
from desktop_ocr.schema.results import PageResult, check_page_result
from desktop_ocr.schema.watching import ArrivalState

_Place = tuple[int, str, int]
LOST_NAME = "saved document"
HIGHEST_CONTENT = 1 << 40
_NEVER = -1
"""A version before this one, that nobody can go back to."""


def check_all(db: sqlite3.Connection, *, contents_lost: bool = False) -> None:
    """Mend or drop what cannot be, within a transaction of the caller's.

    Args:
        db: the new ledger.
        contents_lost: not all of the damaged one's contents could be read: pages of others are believed as well.
    """
    _check_documents(db)
    if contents_lost:
        _replace_contents(db)
    _check_jobs(db)
    edited = _check_versions(db)
    _check_pages(db, edited)
    _name_jobs(db)
    _check_exports(db)
    _check_arrivals(db)


def _check_documents(db: sqlite3.Connection) -> None:
    db.execute(
        "DELETE FROM documents WHERE typeof(id) <> 'integer' OR typeof(sha256) <> 'text' OR sha256 = ''"
        " OR typeof(size) <> 'integer' OR size < 0 OR typeof(pages) <> 'integer' OR NOT pages BETWEEN 1 AND ?"
        " OR typeof(format) <> 'text'",
        (MAX_PAGES,),
    )


def _replace_contents(db: sqlite3.Connection) -> None:
    """Contents of which nothing is left but what was read of them: pages and corrections stay, under a stand-in.

    Its job is paused, since how many pages the file has is not known before it is opened again.
    """
    known = _pages_of_documents(db)
    least: defaultdict[int, int] = defaultdict(int)
    for table in ("versions", "pages"):
        rows = db.execute(f"SELECT rowid, document, options, page FROM {table}").fetchall()  # noqa: S608 - our own names
        for rowid, document, options, page in rows:
            if not isinstance(document, int) or document in known or not 0 < document < HIGHEST_CONTENT:
                continue
            if _place_good({document: MAX_PAGES}, document, options, page) and _result(db, table, rowid, page):
                least[document] = max(least[document], page + 1)
    for document, pages in sorted(least.items()):
        db.execute(
            "INSERT INTO documents (id, sha256, size, format, pages) VALUES (?, ?, 0, '', ?)",
            (document, lost_content(document), pages),
        )
        db.execute(
            "UPDATE jobs SET state = ? WHERE document = ? AND state = ?", (JobState.PAUSED, document, JobState.DONE)
        )


def _check_jobs(db: sqlite3.Connection) -> None:
    """A job whose content is not known any more is opened again when it is resumed."""
    db.execute("DELETE FROM jobs WHERE typeof(path) <> 'text' OR path = '' OR typeof(options) <> 'text'")
    db.execute(
        "UPDATE jobs SET document = NULL WHERE document IS NOT NULL AND document NOT IN (SELECT id FROM documents)"
    )
    states = [state.value for state in JobState]
    marks = ", ".join("?" * len(states))
    db.execute(
        f"UPDATE jobs SET state = ? WHERE state NOT IN ({marks}) OR (document IS NULL AND state = ?)",  # noqa: S608
        (JobState.PAUSED, *states, JobState.DONE),
    )
    db.execute("UPDATE jobs SET error = NULL WHERE error IS NOT NULL AND state <> ?", (JobState.FAILED,))
    db.execute("UPDATE jobs SET selection = '' WHERE typeof(selection) <> 'text'")
    db.execute("UPDATE jobs SET created = 0 WHERE typeof(created) NOT IN ('real', 'integer')")
    db.execute("UPDATE jobs SET beat = 0 WHERE typeof(beat) NOT IN ('real', 'integer')")
    db.execute("UPDATE jobs SET listed = 1 WHERE listed NOT IN (0, 1)")
    db.execute("UPDATE jobs SET attended = 1 WHERE attended NOT IN (0, 1)")
    db.execute("UPDATE jobs SET owner = NULL, title = '' WHERE typeof(title) <> 'text' OR typeof(owner) = 'blob'")


def _check_versions(db: sqlite3.Connection) -> dict[_Place, set[int]]:
    """Versions that can be shown, by place."""
    known = _pages_of_documents(db)
    kept: defaultdict[_Place, set[int]] = defaultdict(set)
    rows = db.execute("SELECT rowid, document, options, page, number, before, base, edited, words, made FROM versions")
    for row in rows.fetchall():
        rowid, document, options, page, number, before, base, edited, words, made = row
        numbers = all(isinstance(one, int) for one in (number, before, base))
        good = _place_good(known, document, options, page) and numbers and number > 0
        good = good and isinstance(words, str) and isinstance(made, (int, float)) and edited in (0, 1)
        if good and edited:
            good = _result(db, "versions", rowid, page) is not None
        if not good:
            db.execute("DELETE FROM versions WHERE rowid = ?", (rowid,))
            continue
        if before >= number or before < 0:
            db.execute("UPDATE versions SET before = ? WHERE rowid = ?", (_NEVER, rowid))
        kept[document, options, page].add(number)
    return kept


def _check_pages(db: sqlite3.Connection, versions: dict[_Place, set[int]]) -> None:
    known = _pages_of_documents(db)
    lost = dict(versions)
    rows = db.execute("SELECT rowid, document, options, page, state, error, stamp, version, numbers FROM pages")
    for rowid, document, options, page, state, error, stamp, version, numbers in rows.fetchall():
        place: _Place = (document, options, page)
        result = None
        if _place_good(known, document, options, page):
            result = _result(db, "pages", rowid, page)
            wanted = result is not None or place in versions or _told(state, error)
        else:
            wanted = False
        if not wanted:
            db.execute("DELETE FROM pages WHERE rowid = ?", (rowid,))
            continue
        lost.pop(place, None)
        there = versions.get(place, set())
        stamp = stamp if isinstance(stamp, int) and 0 <= stamp < 1 << 40 else 0
        numbers = numbers if isinstance(numbers, int) and 0 <= numbers < 1 << 40 else 0
        if version not in there and version != 0:
            version = max(there, default=0)
        _mend_page(db, rowid, state, error, result)
        db.execute(
            "UPDATE pages SET stamp = ?, version = ?, numbers = ? WHERE rowid = ?",
            (stamp, version, max(stamp, numbers, *there, 0), rowid),
        )
    for (document, options, page), there in lost.items():
        # What a person has changed is there, and not what it was made of: that is read again.
        db.execute(
            "INSERT INTO pages (document, options, page, state, version, numbers) VALUES (?, ?, ?, ?, ?, ?)",
            (document, options, page, PageState.WAITING, max(there), max(there)),
        )


def _mend_page(db: sqlite3.Connection, rowid: int, state: object, error: object, result: PageResult | None) -> None:
    """What stands beside a result is what the result says."""
    if result is None:
        failed = _told(state, error)
        db.execute(
            "UPDATE pages SET state = ?, error = ?, result = NULL, pending = '', degraded = '', left_out = ''"
            " WHERE rowid = ?",
            (PageState.FAILED if failed else PageState.WAITING, error if failed else None, rowid),
        )
        return
    becomes = PageState.WAITING if state == PageState.WAITING else state_of(result)
    db.execute(
        "UPDATE pages SET state = ?, error = NULL, pending = ?, degraded = ?, left_out = ?,"
        " attempts = CASE typeof(attempts) WHEN 'integer' THEN attempts ELSE 1 END,"
        " seconds = CASE typeof(seconds) WHEN 'real' THEN seconds ELSE 0 END,"
        " finished = CASE typeof(finished) WHEN 'real' THEN finished ELSE NULL END,"
        " predicted_mb = CASE typeof(predicted_mb) WHEN 'real' THEN predicted_mb ELSE 0 END,"
        " peak_mb = CASE typeof(peak_mb) WHEN 'real' THEN peak_mb ELSE 0 END WHERE rowid = ?",
        (becomes, ",".join(result.pending), degraded_words(result), left_out_words(result), rowid),
    )


def _name_jobs(db: sqlite3.Connection) -> None:
    """Pages whose documents are lost from the list come back to it: the user knows their names, and can locate them."""
    rows = db.execute(
        "SELECT document, options FROM pages WHERE document NOT IN (SELECT document FROM jobs WHERE document IS NOT"
        " NULL) AND (result IS NOT NULL OR version <> 0) GROUP BY document, options ORDER BY max(finished)"
    )
    for document, options in rows.fetchall():
        db.execute(
            "INSERT INTO jobs (document, path, state, options, created) VALUES (?, ?, ?, ?, 0)",
            (document, f"/{LOST_NAME} {document}", JobState.PAUSED, options),
        )


def _check_exports(db: sqlite3.Connection) -> None:
    db.execute(
        "DELETE FROM exports WHERE job NOT IN (SELECT id FROM jobs) OR typeof(path) <> 'blob' OR path = x''"
        " OR typeof(format) <> 'text' OR typeof(pages) <> 'text' OR typeof(size) <> 'integer'"
        " OR typeof(made) NOT IN ('real', 'integer')"
    )
    _empty_bad_lists(db, "exports", "notes", list[str])


def _check_arrivals(db: sqlite3.Connection) -> None:
    states = [state.value for state in ArrivalState]
    marks = ", ".join("?" * len(states))
    db.execute(
        f"DELETE FROM arrivals WHERE state NOT IN ({marks}) OR typeof(folder) <> 'text' OR typeof(path) <> 'blob'"  # noqa: S608
        " OR path = x'' OR typeof(size) <> 'integer' OR typeof(stamp) <> 'integer' OR typeof(sha256) <> 'text'"
        " OR typeof(attempts) <> 'integer' OR typeof(next_try) NOT IN ('real', 'integer')"
        " OR typeof(changed) NOT IN ('real', 'integer')"
        # A file whose document is lost is found again, and done again.
        " OR (job IS NOT NULL AND job <> 0 AND job NOT IN (SELECT id FROM jobs))",
        states,
    )
    db.execute("UPDATE arrivals SET error = NULL WHERE error IS NOT NULL AND state NOT IN ('waiting', 'failed')")
    _empty_bad_lists(db, "arrivals", "outputs", list[MadeFile])


def _empty_bad_lists(db: sqlite3.Connection, table: str, column: str, kind: type[list[Any]]) -> None:
    for rowid, text in db.execute(f"SELECT rowid, {column} FROM {table}").fetchall():  # noqa: S608 - our own names
        try:
            good = isinstance(msgspec.json.decode(text, type=kind), list)
        except (msgspec.DecodeError, TypeError, UnicodeDecodeError):
            good = False
        if not good:
            db.execute(f"UPDATE {table} SET {column} = '[]' WHERE rowid = ?", (rowid,))  # noqa: S608 - our own names


def _pages_of_documents(db: sqlite3.Connection) -> dict[int, int]:
    return dict(db.execute("SELECT id, pages FROM documents").fetchall())


def _place_good(known: dict[int, int], document: object, options: object, page: object) -> bool:
    """Whether a page can be: its document is there and has it, and its options are such."""
    if not isinstance(document, int) or not isinstance(page, int) or not isinstance(options, str):
        return False
    if not 0 <= page < known.get(document, 0):
        return False
    try:
        msgspec.json.decode(options, type=JobOptions)
    except (msgspec.DecodeError, ValueError):
        return False
    return True


def _result(db: sqlite3.Connection, table: str, rowid: int, page: int) -> PageResult | None:
    """A row's result where it can be read and is of that page. Results carry a checksum (zlib's)."""
    (blob,) = db.execute(f"SELECT result FROM {table} WHERE rowid = ?", (rowid,)).fetchone()  # noqa: S608 - our own names
    if not isinstance(blob, bytes):
        return None
    try:
        result = unpack_result(blob, page)
        check_page_result(result)
    except (DesktopOcrError, ValueError):
        return None
    return result if result.page == page else None


def _told(state: object, error: object) -> bool:
    """Whether a page failed, and its reason can be read."""
    if state != PageState.FAILED or not isinstance(error, (str, bytes)):
        return False
    try:
        msgspec.json.decode(error, type=ErrorInfo)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
