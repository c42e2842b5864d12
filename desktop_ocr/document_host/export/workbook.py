"""An Excel workbook: the tables, a sheet each."""

from __future__ import annotations

import contextlib
import datetime
import errno
import math
import os
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from lxml.etree import SerialisationError  # type: ignore[import-untyped]
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from desktop_ocr.document_host.export.numbers import decimal_sign, number, sign_of_language, votes
from desktop_ocr.document_host.export.page_tables import PageTable, no_tables, page_tables
from desktop_ocr.document_host.export.registry import Export, ExportContext
from desktop_ocr.document_host.export.still_zip import StillZip
from desktop_ocr.document_host.export.writing import failed_page_sentence
from desktop_ocr.document_host.export.xml_text import allowed
from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.results import Cell, PageResult, Table
from desktop_ocr.text.tables import head_rows, is_backwards, mirrored, text_of

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767  # Excel's own limits
NARROWEST, WIDEST = 8, 60  # of a column, in characters
_LONG_AGO = datetime.datetime(2000, 1, 1)  # the same each time


class WorkbookFormat:
    """A sheet for each table ("p3 table 1"), with its merged cells, headings in bold and numbers as numbers.

    A sheet whose text runs from right to left mostly is shown so, its first column the rightmost. Pages that failed
    have a sheet with a sentence for each. Without any table there is no workbook.
    """

    name = "xlsx"
    suffix = ".xlsx"

    def begin(self, context: ExportContext) -> Export:
        """Start a workbook."""
        return _WorkbookExport(context)


class _WorkbookExport:
    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._book: Any = Workbook(write_only=True)
        self._bold = Font(bold=True)
        self._wrapped = Alignment(wrap_text=True, vertical="top")
        self._failed: list[tuple[int, str]] = []
        self._sheets = 0

    def add_page(self, page: int, result: PageResult | None, error: ErrorInfo | None) -> None:
        if result is None:
            self._failed.append((page, failed_page_sentence(page, error)))
            return
        found = page_tables(result)
        with _system_errors():
            if found:
                self._write_failed()
            for one in found:
                self._write(one)

    def finish(self) -> None:
        with _system_errors():
            self._write_failed()
        if not self._sheets:
            raise no_tables()
        properties = self._book.properties
        properties.title, properties.creator = allowed(self._context.title), "Desktop OCR"
        properties.language = self._context.options.language or None
        properties.created = properties.modified = _LONG_AGO
        with _system_errors(), StillZip(self._context.output, "w") as archive:
            ExcelWriter(self._book, archive).save()

    def close(self) -> None:
        """Delete the sheets that openpyxl keeps as temporary files until they are in the workbook."""
        for sheet in self._book.worksheets:
            if sheet._writer is None:
                continue
            for step in (sheet._rows and sheet._rows.close, sheet._writer.close, sheet._writer.cleanup):
                # What could not be written does not matter any more, and `finish` may have deleted it already.
                with contextlib.suppress(OSError, ValueError, RuntimeError, StopIteration, SerialisationError):
                    step and step()

    # --- sheets ---------------------------------------------------------------------------------------------

    def _write(self, one: PageTable) -> None:
        one = self._fitting(one)
        backwards = is_backwards(one.table)
        if backwards:
            one = PageTable(one.page, one.number, mirrored(one.table))
        table = one.table
        sheet = self._sheet(f"p{one.page + 1} table {one.number}", backwards=backwards)
        texts = [[None if cell is None else self._text(cell, one.page) for cell in row] for row in one.rows()]
        for column in range(table.columns):
            self._set_width(sheet, column, [row[column] for row in texts if row[column]])
        for merged in table.cells:
            if merged.row_span > 1 or merged.column_span > 1:
                first = f"{get_column_letter(merged.column + 1)}{merged.row + 1}"
                last = f"{get_column_letter(merged.column + merged.column_span)}{merged.row + merged.row_span}"
                sheet.merged_cells.add(f"{first}:{last}")
        columns: list[list[str]] = [[] for _ in range(table.columns)]
        for row, said in zip(one.rows(), texts, strict=True):
            for column, (cell, text) in enumerate(zip(row, said, strict=True)):
                if text and cell is not None and not cell.heading:
                    columns[column].append(text)
        decimals = self._decimals(columns)
        styled: dict[str, Any] = {}
        head = head_rows(table)
        if head:
            sheet.freeze_panes = f"A{head + 1}"
        for row, said in zip(one.rows(), texts, strict=True):
            sheet.append(  # cell by cell: a styled one is used again for the next
                None if cell is None or not text else self._cell(sheet, styled, cell, text, decimals[column])
                for column, (cell, text) in enumerate(zip(row, said, strict=True))
            )
        sheet.close()

    def _write_failed(self) -> None:
        """A sheet for pages that follow each other and failed."""
        if not self._failed:
            return
        first, last = self._failed[0][0] + 1, self._failed[-1][0] + 1
        sheet = self._sheet(f"p{first} failed" if first == last else f"p{first}-{last} failed", backwards=False)
        sheet.column_dimensions["A"].width = WIDEST
        for _, sentence in self._failed:
            sheet.append([self._string(sheet, allowed(sentence)[:MOST_CHARACTERS])])
        sheet.close()
        self._failed = []

    def _sheet(self, title: str, *, backwards: bool) -> Any:
        sheet = self._book.create_sheet(title)
        sheet.sheet_view.rightToLeft = backwards or None
        self._sheets += 1
        return sheet

    def _set_width(self, sheet: Any, column: int, texts: Sequence[str | None]) -> None:
        """As wide as most of the texts need."""
        widths = sorted(_width(text) for text in texts if text)
        if widths:
            wanted = widths[math.ceil(len(widths) * 0.95) - 1] + 2
            sheet.column_dimensions[get_column_letter(column + 1)].width = min(max(wanted, NARROWEST), WIDEST)

    def _fitting(self, one: PageTable) -> PageTable:
        """What of a table fits into a sheet."""
        table = one.table
        if table.rows <= MOST_ROWS and table.columns <= MOST_COLUMNS:
            return one
        self._context.note(f"Page {one.page + 1}: a table was cut, because it is larger than a sheet can be.")
        rows, columns = min(table.rows, MOST_ROWS), min(table.columns, MOST_COLUMNS)
        cells = tuple(
            msgspec.structs.replace(
                cell,
                row_span=min(cell.row_span, rows - cell.row),
                column_span=min(cell.column_span, columns - cell.column),
            )
            for cell in table.cells
            if cell.row < rows and cell.column < columns
        )
        return PageTable(one.page, one.number, Table(rows, columns, cells))

    # --- cells ----------------------------------------------------------------------------------------------

    def _text(self, cell: Cell, page: int) -> str:
        text = allowed(text_of(cell))
        if len(text) > MOST_CHARACTERS:
            self._context.note(f"Page {page + 1}: a cell was cut, because Excel allows {MOST_CHARACTERS} characters.")
            return text[:MOST_CHARACTERS]
        return text

    def _cell(self, sheet: Any, styled: dict[str, Any], cell: Cell, text: str, decimal: str) -> Any:
        """What openpyxl is to write; `styled` are the sheet's cells for numbers, by format: making one is slow."""
        found = None if cell.heading else number(text, decimal)
        if found is None:
            return self._string(sheet, text, bold=cell.heading)
        if found.format == "General":
            return found.value
        made = styled.get(found.format)
        if made is None:
            made = styled[found.format] = WriteOnlyCell(sheet)
            made.number_format = found.format
        made.value = found.value
        return made

    def _string(self, sheet: Any, text: str, *, bold: bool = False) -> Any:
        long = _width(text) > WIDEST
        if not bold and not long and text[0] not in "=#":
            return text
        made = WriteOnlyCell(sheet, text)
        made.data_type = "s"  # neither a formula nor an error, whatever it looks like
        if text[0] in "=+-@":
            made.quotePrefix = True  # nor when somebody edits it
        if bold:
            made.font = self._bold
        if long:
            made.alignment = self._wrapped
        return made

    def _decimals(self, columns: Sequence[Sequence[str]]) -> list[str]:
        """The sign before decimals in each column: wanted, or told by its numbers, the table's, or the language."""
        options = self._context.options
        if options.decimal:
            return [options.decimal] * len(columns)
        told = [votes(texts) for texts in columns]
        both = sum(points for points, _ in told), sum(commas for _, commas in told)
        usual = decimal_sign(both, by_all=True) or sign_of_language(options.language)
        return [decimal_sign(found) or usual for found in told]


@contextlib.contextmanager
def _system_errors() -> Iterator[None]:
    """What lxml, which openpyxl writes with, makes of a full disk ("IO_ENOSPC") as what it is."""
    try:
        yield
    except SerialisationError as error:
        number = getattr(errno, str(error).removeprefix("IO_"), errno.EIO)
        raise OSError(number, os.strerror(number)) from error


def _width(text: str) -> int:
    """How wide a text is, in digits; signs of East Asia are two wide."""
    return (
        len(text) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
        if not text.isascii()
        else len(text)
    )
