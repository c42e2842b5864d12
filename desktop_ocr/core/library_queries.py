"""What is asked of the ledger for the library, in SQL."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from desktop_ocr.core.ledger_search import count_unindexed
from desktop_ocr.core.names import is_text
from desktop_ocr.core.pages import parse_pages
from desktop_ocr.core.search_text import LIT, UNLIT, SearchWords, lit_words, search_words, snippet
from desktop_ocr.schema.document_messages import MAX_PAGES
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.library import LibraryFound, LibraryHit, LibraryQuery, SnippetPart

MOST_HITS = 500
"""At once."""


def prepare(db: sqlite3.Connection) -> None:
    """Teach a connection what the queries use."""
    db.create_function("holds", 2, _holds, deterministic=True)


def count(db: sqlite3.Connection) -> tuple[int, int]:
    """Documents and pages that are stored."""
    documents, pages = db.execute(
        "SELECT count(DISTINCT document), count(*) FROM pages WHERE result IS NOT NULL OR version > 0"
    ).fetchone()
    return int(documents), int(pages)


def look_through(db: sqlite3.Connection, *, query: LibraryQuery, unindexed: int | None) -> LibraryFound:
    """See `BackgroundApi.search`; `unindexed` pages cannot be searched yet, None: they are to be counted."""
    db.execute("BEGIN")  # what is committed meanwhile is not seen: counts and texts belong together
    try:
        if unindexed is None:
            unindexed = count_unindexed(db)
        if query.text.strip():
            return _pages(db, query, unindexed)
        return _documents(db, query, unindexed)
    finally:
        db.execute("ROLLBACK")


def _pages(db: sqlite3.Connection, query: LibraryQuery, unindexed: int) -> LibraryFound:
    words = search_words(query.text)
    if not words.match:
        return LibraryFound(unindexed=unindexed)
    rows, total = _ranked(db, words, query)
    marked = _marked(db, words.match, [row[4] for row in rows])
    hits, jobs = [], _Jobs(db)
    for preference, page, finished, edited, number, *_ in rows:
        text = marked.get(number, "")
        hits.append(jobs.hit(preference, page, finished, edited, snippet(text), lit_words(text)))
    return LibraryFound(tuple(hits), total, unindexed)


def _ranked(db: sqlite3.Connection, words: SearchWords, query: LibraryQuery) -> tuple[list[Any], int]:
    """Pages in the order wanted, and how many there are: the same in three ways, the fastest first."""
    where, values = _filters(query)
    rank = "0.0" if words.vague else "rank"
    if db.execute(_SEVERAL).fetchone() is not None:
        return _slice(db, _ONCE.format(rank=rank, where=where), (words.match, *values), query)
    limit, offset = _bounds(query)
    total = int(db.execute(_COUNT.format(where=where), (words.match, *values)).fetchone()[0])
    if not values and not where:
        best = _BEST.format(rank=rank, order="rowid DESC" if words.vague else "rank, rowid DESC")
        rows = db.execute(best, (words.match, limit + offset, limit, offset)).fetchall()
        if len(rows) == max(0, min(limit, total - offset)):
            return rows, total
        # Some of the best are of pages that nobody has any more.
    return db.execute(_FILTERED.format(rank=rank, where=where), (words.match, *values, limit, offset)).fetchall(), total


def _documents(db: sqlite3.Connection, query: LibraryQuery, unindexed: int) -> LibraryFound:
    where, values = _filters(query)
    statement = _DOCUMENTS.format(where=where, more=_NOT_INDEXED if unindexed else "")
    rows, total = _slice(db, statement, values, query)
    hits, jobs = [], _Jobs(db)
    for preference, page, finished, edited in rows:
        text = db.execute(_TEXT, (preference & _NUMBER, page)).fetchone()
        hits.append(jobs.hit(preference, page, finished, edited, snippet(text[0] if text else "")))
    return LibraryFound(tuple(hits), total, unindexed)


def _slice(
    db: sqlite3.Connection, statement: str, values: Sequence[object], query: LibraryQuery
) -> tuple[list[Any], int]:
    """The rows wanted of a statement whose last column is their number in all; and that number."""
    limit, offset = _bounds(query)
    rows = db.execute(statement, (*values, limit, offset)).fetchall()
    some = rows or db.execute(statement, (*values, 1, 0)).fetchall()  # beyond the last, or none wanted
    return [row[:-1] for row in rows], some[0][-1] if some else 0


def _bounds(query: LibraryQuery) -> tuple[int, int]:
    return max(0, min(query.limit, MOST_HITS)), max(0, query.offset)


class _Jobs:
    """The jobs of some hits, each asked for once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[int, LibraryHit] = {}

    def hit(
        self,
        preference: int,
        page: int,
        finished: float,
        edited: int,
        parts: tuple[SnippetPart, ...],
        words: tuple[str, ...] = (),
    ) -> LibraryHit:
        """A page of the job by `_PREFERENCE`."""
        job = preference & _NUMBER
        if job not in self._known:
            self._known[job] = self._of(job)
        return msgspec.structs.replace(
            self._known[job], page=page, finished=finished, edited=bool(edited), snippet=parts, words=words
        )

    def _of(self, job: int) -> LibraryHit:
        path, listed, kind, pages = self._db.execute(_JOB, (job,)).fetchone()
        return LibraryHit(job, 0, path, Path(path).name, kind, pages, listed=bool(listed))


def _filters(query: LibraryQuery) -> tuple[str, list[object]]:
    """Further conditions on `searched`, and their values."""
    conditions, values = [""], list[object]()
    if query.formats:
        formats = [name for name in query.formats if is_text(name)]  # no document has another one
        marks = ",".join("?" * len(formats))
        conditions.append(f"(SELECT format FROM documents WHERE documents.id = searched.document) IN ({marks})")  # noqa: S608
        values += formats
    for value, sign in ((query.since, ">="), (query.until, "<=")):
        if value:
            conditions.append(f"searched.finished {sign} ?")
            values.append(value)
    if query.edited:
        conditions.append("searched.edited")
    return " AND ".join(conditions), values


def _marked(db: sqlite3.Connection, match: str, numbers: list[int]) -> dict[int, str]:
    """The texts of some hits, with what was found marked.

    The plus sign makes SQLite go through the hits once; to ask for each by its number would be to search each time.
    """
    marks = ",".join("?" * len(numbers))
    rows = db.execute(
        "SELECT rowid, highlight(page_search, 0, ?, ?) FROM page_search"  # noqa: S608 - no text from outside
        f" WHERE page_search MATCH ? AND +rowid IN ({marks})",
        (LIT, UNLIT, match, *numbers),
    )
    return dict(rows.fetchall())


def _holds(selection: str, page: int) -> bool:
    return page in _selected(selection)


@functools.lru_cache(maxsize=256)
def _selected(selection: str) -> frozenset[int]:
    try:
        return frozenset(parse_pages(selection, MAX_PAGES))
    except DesktopOcrError:
        return frozenset()


_NUMBER = (1 << 48) - 1

# Of the jobs that show a page: one in the list before others, then the newest; and its number in the lower bits. Those
# that show all pages of a content are looked up once, and not for each page.
_WHOLE = f"""
    whole AS MATERIALIZED (
        SELECT document, options, max(CASE selection WHEN '' THEN listed * {_NUMBER + 1} + id END) AS best,
            max(selection != '') AS parts
        FROM jobs WHERE document IS NOT NULL GROUP BY document, options
    )
"""  # noqa: S608 - no text from outside
_PREFERENCE = f"""
    CASE WHEN NOT whole.parts THEN whole.best ELSE (
        SELECT max(jobs.listed * {_NUMBER + 1} + jobs.id) FROM jobs WHERE jobs.document = searched.document
        AND jobs.options = searched.options AND (jobs.selection = '' OR holds(jobs.selection, searched.page))
    ) END
"""  # noqa: S608

# CROSS JOIN keeps SQLite from going through the pages instead of through what was found.
_SHOWN = """
    CROSS JOIN searched ON searched.id = {found}
    CROSS JOIN whole ON whole.document = searched.document AND whole.options = searched.options
"""
_ORDER = "ORDER BY score, finished DESC, searched.document DESC, page LIMIT ? OFFSET ?"

# The best of all, of which it is known afterwards only whether somebody has them. Where nothing is to be ranked SQLite
# comes upon the latest first, and stops when it has enough.
_BEST = f"""
    WITH {_WHOLE}, best AS MATERIALIZED (
        SELECT rowid AS id, {{rank}} AS score FROM page_search WHERE page_search MATCH ? ORDER BY {{order}} LIMIT ?
    )
    SELECT {_PREFERENCE} AS preference, page, finished, edited, best.id FROM best {_SHOWN.format(found="best.id")}
    WHERE preference IS NOT NULL {_ORDER}
"""  # noqa: S608
_FILTERED = f"""
    WITH {_WHOLE} SELECT {_PREFERENCE} AS preference, page, finished, edited, searched.id, {{rank}} AS score
    FROM page_search {_SHOWN.format(found="page_search.rowid")}
    WHERE page_search MATCH ? AND preference IS NOT NULL {{where}} {_ORDER}
"""  # noqa: S608
_COUNT = f"""
    WITH {_WHOLE} SELECT count(*) FROM page_search {_SHOWN.format(found="page_search.rowid")}
    WHERE page_search MATCH ? AND {_PREFERENCE} IS NOT NULL {{where}}
"""  # noqa: S608

# Where contents were done with several options, a page of one is one hit. SQLite takes the other columns from the row
# that has the maximum.
_ONCE = f"""
    WITH {_WHOLE}, found AS MATERIALIZED (
        SELECT searched.id AS id, searched.document AS document, page, finished, edited, {{rank}} AS score,
            {_PREFERENCE} AS preference
        FROM page_search {_SHOWN.format(found="page_search.rowid")} WHERE page_search MATCH ? {{where}}
    ), shown AS (
        SELECT id, max(preference) AS preference, document, page, finished, edited, score FROM found
        WHERE preference IS NOT NULL GROUP BY document, page
    )
    SELECT preference, page, finished, edited, id, count(*) OVER () FROM shown AS searched {_ORDER}
"""  # noqa: S608
_SEVERAL = """
    SELECT 1 FROM jobs WHERE document IS NOT NULL GROUP BY document HAVING count(DISTINCT options) > 1 LIMIT 1
"""

# Its rows look like those of `searched`: pages that are not in the index yet are documents' as well.
_NOT_INDEXED = """
    UNION ALL SELECT 0 AS id, document, options, page, coalesce(finished, 0) AS finished, 0 AS edited FROM pages
    WHERE (result IS NOT NULL OR version > 0) AND NOT EXISTS (
        SELECT 1 FROM main.searched AS known WHERE known.document = pages.document
        AND known.options = pages.options AND known.page = pages.page
    )
"""

_DOCUMENTS = f"""
    WITH {_WHOLE}, found AS MATERIALIZED (
        SELECT searched.document AS document, page, finished, edited, {_PREFERENCE} AS preference FROM (
            SELECT id, document, options, page, finished, edited FROM main.searched {{more}}
        ) AS searched
        JOIN whole ON whole.document = searched.document AND whole.options = searched.options WHERE 1 {{where}}
    ), kept AS (
        SELECT document, max(preference) AS preference FROM found WHERE preference IS NOT NULL GROUP BY document
    )
    SELECT preference, min(page), max(finished) AS latest, max(edited), count(*) OVER ()
    FROM kept JOIN found USING (document, preference) GROUP BY document
    ORDER BY latest DESC, document DESC LIMIT ? OFFSET ?
"""  # noqa: S608

_JOB = """
    SELECT path, listed, format, (
        SELECT count(*) FROM searched WHERE searched.document = jobs.document AND searched.options = jobs.options
    ) FROM jobs JOIN documents ON documents.id = jobs.document WHERE jobs.id = ?
"""

_TEXT = """
    SELECT words FROM jobs JOIN searched ON searched.document = jobs.document AND searched.options = jobs.options
    JOIN page_search ON page_search.rowid = searched.id WHERE jobs.id = ? AND searched.page = ?
"""
