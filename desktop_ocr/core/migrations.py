"""The ledger's tables, a numbered migration each. Never change one that was released: add another."""

from __future__ import annotations

import sqlite3

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

MIGRATIONS: tuple[str, ...] = (
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
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest version, each step in a transaction with its number.

    Raises:
        DesktopOcrError: the database was made by a newer version of the program.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise DesktopOcrError(
            ErrorCode.LEDGER,
            "The stored pages were written by a newer version of Desktop OCR.",
            "Install the newer version again.",
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        # Two processes may come here at once: look again under the write lock.
        connection.execute("BEGIN IMMEDIATE")
        try:
            if int(connection.execute("PRAGMA user_version").fetchone()[0]) < number:
                for statement in filter(str.strip, script.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                connection.execute("ROLLBACK")
            raise
