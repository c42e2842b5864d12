"""The ledger's tables, a numbered migration each. Never change one that was released: add another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

# Options as version 2 knew them, with their defaults.
_DEFAULTS_2: dict[str, Any] = {
    "dpi": 200,
    "layout": True,
    "max_pixels": 24_000_000,
    "orientation": "on",
    "text_layer": "auto",
}


def _features(connection: sqlite3.Connection) -> None:
    """3: what is still to be looked for on a page, and what could not be; options name only what is no default.

    A page is 'partial' while its text is stored and `pending` is not empty. Orientation was true or false, and is a
    mode now.
    """
    connection.execute("ALTER TABLE pages ADD COLUMN pending TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE pages ADD COLUMN left_out TEXT NOT NULL DEFAULT ''")
    for table in ("jobs", "pages"):
        for (text,) in connection.execute(f"SELECT DISTINCT options FROM {table}").fetchall():  # noqa: S608 - ours
            anew = _options_3(text)
            if anew != text:
                connection.execute(f"UPDATE {table} SET options = ? WHERE options = ?", (anew, text))  # noqa: S608


def _options_3(text: str) -> str:
    """Options of version 2 as those of version 3; what cannot be read stays as it is."""
    try:
        values = json.loads(text)
    except ValueError:
        return text
    if not isinstance(values, dict):
        return text
    if isinstance(values.get("orientation"), bool):
        values["orientation"] = "on" if values["orientation"] else "off"
    kept = {name: value for name, value in values.items() if _DEFAULTS_2.get(name) != value}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _background(connection: sqlite3.Connection) -> None:
    """5: who works at a job and when it was last heard of; what is in the library and not in the list; what can be
    searched; exports that were made; files that came to watched folders, named by bytes, which need not be text.

    A page that can be searched has a row in `searched`, whose id is that of its words in `page_search`. (The rowid of
    a table without an integer primary key would change when the file is vacuumed.) When the page was finished, and
    whether a person has changed it, stands there again: in `pages` it comes after results of many KB. Marks (Mn, Mc)
    are parts of words, or those of Hindi would fall to pieces.
    """
    for statement in _BACKGROUND_5:
        connection.execute(statement)


_BACKGROUND_5 = (
    "ALTER TABLE jobs ADD COLUMN title TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE jobs ADD COLUMN beat REAL NOT NULL DEFAULT 0",
    "ALTER TABLE jobs ADD COLUMN listed INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE jobs ADD COLUMN attended INTEGER NOT NULL DEFAULT 1",
    """CREATE TABLE searched (
        id INTEGER PRIMARY KEY,
        document INTEGER NOT NULL,
        options TEXT NOT NULL,
        page INTEGER NOT NULL,
        finished REAL NOT NULL DEFAULT 0,
        edited INTEGER NOT NULL DEFAULT 0,
        UNIQUE (document, options, page),
        FOREIGN KEY (document, options, page) REFERENCES pages (document, options, page)
            ON DELETE CASCADE ON UPDATE CASCADE
    )""",
    """CREATE VIRTUAL TABLE page_search USING fts5 (
        words, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
    )""",
    """CREATE TRIGGER searched_no_more AFTER DELETE ON searched BEGIN
        DELETE FROM page_search WHERE rowid = old.id;
    END""",
    """CREATE TABLE exports (
        id INTEGER PRIMARY KEY,
        job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        format TEXT NOT NULL,
        path BLOB NOT NULL,
        pages TEXT NOT NULL,
        size INTEGER NOT NULL,
        notes TEXT NOT NULL DEFAULT '[]',
        made REAL NOT NULL
    )""",
    "CREATE INDEX exports_by_job ON exports (job)",
    """CREATE TABLE arrivals (
        id INTEGER PRIMARY KEY,
        folder TEXT NOT NULL,
        path BLOB NOT NULL,
        size INTEGER NOT NULL,
        stamp INTEGER NOT NULL,
        sha256 TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL,
        job INTEGER,
        error TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try REAL NOT NULL DEFAULT 0,
        outputs TEXT NOT NULL DEFAULT '[]',
        changed REAL NOT NULL,
        UNIQUE (folder, path)
    )""",
    "CREATE INDEX arrivals_by_content ON arrivals (folder, sha256)",
)


def _begun(connection: sqlite3.Connection) -> None:
    """6: exports that were begun, so that what a killed program leaves of them is known; whose export a file is; the
    days on which the program ran.

    `host` names the document host that writes (`owners.job_owner`): its number is part of its temporary files' names.
    A row without `owner` is of a program that is gone: its files are cleared away, and nobody was told yet.
    """
    for statement in _BEGUN_6:
        connection.execute(statement)


_BEGUN_6 = (
    """CREATE TABLE begun_exports (
        id INTEGER PRIMARY KEY,
        job INTEGER NOT NULL,
        wish TEXT NOT NULL,
        full_name INTEGER NOT NULL,
        folder BLOB NOT NULL,
        host TEXT NOT NULL DEFAULT '',
        owner TEXT,
        begun REAL NOT NULL
    )""",
    "CREATE INDEX exports_by_path ON exports (path)",
    "CREATE TABLE days (day INTEGER PRIMARY KEY, doubtful INTEGER NOT NULL)",
)


MIGRATIONS: tuple[str | Callable[[sqlite3.Connection], None], ...] = (
    # 1: contents by hash; results by content, options and page, shared by all jobs on the same content.
    """
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        format TEXT NOT NULL,
        pages INTEGER NOT NULL
    );
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER REFERENCES documents (id),
        path TEXT NOT NULL,
        state TEXT NOT NULL,
        options TEXT NOT NULL,
        selection TEXT NOT NULL DEFAULT '',
        error TEXT,
        owner TEXT,
        created REAL NOT NULL
    );
    CREATE INDEX jobs_by_document ON jobs (document);
    CREATE TABLE pages (
        document INTEGER NOT NULL REFERENCES documents (id),
        options TEXT NOT NULL,
        page INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        error TEXT,
        result BLOB,
        finished REAL,
        PRIMARY KEY (document, options, page)
    );
    """,
    # 2: what a page was made with less of, and the memory its engine host was expected to take and took, in MB.
    """
    ALTER TABLE pages ADD COLUMN degraded TEXT NOT NULL DEFAULT '';
    ALTER TABLE pages ADD COLUMN predicted_mb REAL NOT NULL DEFAULT 0;
    ALTER TABLE pages ADD COLUMN peak_mb REAL NOT NULL DEFAULT 0;
    """,
    _features,
    # 4: what people have changed. Of a page, `stamp` is the number of its recognised result, `version` that of the
    # version shown (0 for the recognised result), `numbers` the last one given: none is given twice to a page of a
    # content, whatever the options. Of a version, `before` is the one that undoing it leads to, `base` the stamp of
    # the recognised result it was made on; without `edited` (and `result`) it stands for the recognised result.
    """
    ALTER TABLE pages ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE pages ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE pages ADD COLUMN numbers INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX pages_by_place ON pages (document, page);
    CREATE TABLE versions (
        document INTEGER NOT NULL,
        options TEXT NOT NULL,
        page INTEGER NOT NULL,
        number INTEGER NOT NULL,
        before INTEGER NOT NULL,
        base INTEGER NOT NULL,
        edited INTEGER NOT NULL,
        words TEXT NOT NULL,
        made REAL NOT NULL,
        result BLOB,
        PRIMARY KEY (document, options, page, number),
        FOREIGN KEY (document, options, page) REFERENCES pages (document, options, page)
            ON DELETE CASCADE ON UPDATE CASCADE
    );
    """,
    _background,
    _begun,
)


IMPOSSIBLE_VERSION = 1000


def migrate(connection: sqlite3.Connection, goal: int = len(MIGRATIONS)) -> None:
    """Bring a database to the newest version, or to `goal`, each step in a transaction with its number.

    Raises:
        DesktopOcrError: the database was made by a newer version of the program.
        sqlite3.DatabaseError: its version is none that a program can have: it is damaged.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if not 0 <= version < IMPOSSIBLE_VERSION:
        raise sqlite3.DatabaseError("malformed: its version is none")
    if version > len(MIGRATIONS):
        raise DesktopOcrError(
            ErrorCode.LEDGER,
            "The stored pages were written by a newer version of Desktop OCR.",
            "Install the newer version again.",
        )
    for number, step in enumerate(MIGRATIONS[version:goal], start=version + 1):
        # Two processes may come here at once: look again under the write lock.
        connection.execute("BEGIN IMMEDIATE")
        try:
            if int(connection.execute("PRAGMA user_version").fetchone()[0]) < number:
                if isinstance(step, str):
                    for statement in filter(str.strip, step.split(";")):
                        connection.execute(statement)
                else:
                    step(connection)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                connection.execute("ROLLBACK")
            raise
