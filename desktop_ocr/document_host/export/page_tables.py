"""The tables of a document, for formats that are made of nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.exports import NO_TABLES
from desktop_ocr.schema.results import Cell, PageResult, Table
from desktop_ocr.text.elements import Figure, TableElement, elements
from desktop_ocr.text.tables import text_of


class PageTable(msgspec.Struct, frozen=True):
    """A table of a page.

    Attributes:
        page: from 0.
        number: of the table on its page, from 1.
        table: its cells.
    """

    page: int
    number: int
    table: Table

    def rows(self) -> Iterator[list[Cell | None]]:
        """Its rows, each with one place a column; None where no cell begins."""
        rows: dict[int, list[Cell]] = {}
        for cell in self.table.cells:
            rows.setdefault(cell.row, []).append(cell)
        for row in range(self.table.rows):
            places: list[Cell | None] = [None] * self.table.columns
            for cell in rows.get(row, ()):
                places[cell.column] = cell
            yield places


def page_tables(result: PageResult) -> list[PageTable]:
    """A page's tables in reading order, and what was read off its charts.

    Where the cells of a table are not known, the pieces of text in each of its rows are its cells.
    """
    found: list[Table] = []
    for one in elements(result, headers=False):
        if isinstance(one, TableElement):
            found.append(one.table or _of_pieces(one.rows))
        elif isinstance(one, Figure) and one.table is not None:
            found.append(one.table)
    filled = [table for table in found if any(text_of(cell) for cell in table.cells)]
    return [PageTable(result.page, number, table) for number, table in enumerate(filled, start=1)]


def no_tables() -> DesktopOcrError:
    """What is told where there are none: a file without a table would be of no use."""
    return DesktopOcrError.from_info(NO_TABLES)


def _of_pieces(rows: tuple[tuple[str, ...], ...]) -> Table:
    cells = tuple(Cell(row, column, text) for row, texts in enumerate(rows) for column, text in enumerate(texts))
    return Table(len(rows), max((len(texts) for texts in rows), default=1), cells)
