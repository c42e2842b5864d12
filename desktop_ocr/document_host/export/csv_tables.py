"""CSV: the tables, a file each (RFC 4180)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from desktop_ocr.document_host.export.page_tables import no_tables, page_tables
from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.writing import failed_page_sentence
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import PageResult
from desktop_ocr.text.tables import text_of

# A spreadsheet would take these for formulas, and might run what a stranger's document says.
_FORMULA = re.compile(r"[=+\-@].")
_NUMBER = re.compile(r"[+-]?[\d.,'\u2019\s]*\d[\d.,'\u2019\s]*%?")


class CsvFormat:
    """Commas, double quotes, CRLF, and UTF-8 with a byte order mark, which spreadsheets know it by.

    One table is NAME.csv, several are NAME-1.csv, NAME-2.csv and so on. Cells stand as on the page, from left to right,
    and numbers as they were recognised; a cell that spans others stands in the first of its places. Text that a
    spreadsheet would take for a formula (it begins with =, +, - or @ and is no number) gets an apostrophe before it.
    Pages that failed are a table of their own with a sentence for each. Without any table there is no file.
    """

    name = "csv"
    suffix = ".csv"

    def begin(self, context: ExportContext) -> Export:
        """Start the files."""
        return _CsvExport(context)


class _CsvExport:
    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._count = 0
        self._failed: list[str] = []
        self._open: TextIO | None = None

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        if result is None:
            self._failed.append(failed_page_sentence(page, error))
            return
        found = page_tables(result)
        if not found:
            return
        self._write_failed()
        for one in found:
            self._write([["" if cell is None else text_of(cell) for cell in row] for row in one.rows()])

    def finish(self) -> None:
        self._write_failed()
        if not self._count:
            raise no_tables()
        if self._count > 1:
            self._context.call_output("-1.csv")

    def close(self) -> None:
        if self._open is not None:
            with suppress(OSError):  # it is about to be deleted
                self._open.close()

    def _write_failed(self) -> None:
        if self._failed:
            self._write([[sentence] for sentence in self._failed])
            self._failed = []

    def _write(self, rows: Iterable[list[str]]) -> None:
        self._count += 1
        path = self._context.output if self._count == 1 else self._context.beside(f"-{self._count}.csv")
        self._open = path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        writer = csv.writer(self._open, lineterminator="\r\n")
        writer.writerows([harmless(text) for text in row] for row in rows)
        self._open.close()
        self._open = None


def harmless(text: str) -> str:
    """A cell's text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
