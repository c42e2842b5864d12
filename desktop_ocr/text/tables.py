"""Tables as Markdown, as HTML where Markdown cannot say it, and as plain rows."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import msgspec

from desktop_ocr.schema.results import Cell, Table
from desktop_ocr.text.joining import is_right_to_left, join_lines


def table_markdown(table: Table, escape: Callable[[str], str]) -> str:
    """A table as GitHub's Markdown, or as HTML where cells span others or its head has several rows.

    Args:
        table: the cells.
        escape: makes a cell's text harmless in Markdown.
    """
    if not any(cell.text.strip() for cell in table.cells):
        return ""
    if is_simple(table):
        rows = [[escape(text).replace("|", "\\|") for text in row] for row in cell_texts(table)]
        head, *body = rows
        return "\n".join(_row(row) for row in (head, ["---"] * table.columns, *body))
    return table_html(table)


def table_rows(table: Table, gap: str) -> str:
    """A table as plain text: a row a line, its filled cells with `gap` between them."""
    rows = (gap.join(text for text in row if text) for row in cell_texts(table))
    return "\n".join(row for row in rows if row)


def holds_lines(table: Table) -> bool:
    """Whether the cells' text is that of the block's lines, so that nothing else need be said of them."""
    return any(cell.lines for cell in table.cells)


def is_simple(table: Table) -> bool:
    """Whether no cell spans others, and no more than the first row is its head."""
    spans = any(cell.row_span > 1 or cell.column_span > 1 for cell in table.cells)
    return not spans and not any(cell.heading and cell.row for cell in table.cells)


def table_html(table: Table, *, border: bool = False, broken: bool = False) -> str:
    """A table as HTML, a row a line, without empty lines: a Markdown document may hold it as it is.

    Args:
        table: which.
        border: with lines around its cells, for programs that would draw none.
        broken: lines of a cell stay lines; otherwise they are joined as in a paragraph.
    """
    at = {(cell.row, cell.column): cell for cell in table.cells}
    hidden = covered(table)
    parts = ['<table border="1">' if border else "<table>"]
    for row in range(table.rows):
        shown = [at.get((row, column)) for column in range(table.columns) if (row, column) not in hidden]
        cells = [_html_cell(cell, broken=broken) for cell in shown]
        parts.append(f"<tr>{''.join(cells)}</tr>")
    parts.append("</table>")
    return "\n".join(parts)


def cell_texts(table: Table) -> list[list[str]]:
    """The text of each place of the grid, "" where no cell begins; lines of a cell joined as in a paragraph."""
    texts = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        texts[cell.row][cell.column] = text_of(cell)
    return texts


def text_of(cell: Cell) -> str:
    """A cell's text in one line."""
    return join_lines(" ".join(line.split()) for line in cell.text.split("\n"))


def head_rows(table: Table) -> int:
    """How many of the first rows are its head: all their cells are headings, and none reaches below."""
    rows: list[list[Cell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    count = 0
    while count < table.rows and rows[count] and all(cell.heading for cell in rows[count]):
        count += 1
    while count and any(cell.row + cell.row_span > count for row in rows[:count] for cell in row):
        count -= 1
    return count


def is_backwards(table: Table) -> bool:
    """Whether most of its cells run from right to left, so that its first column is the rightmost."""
    texts = [cell.text for cell in table.cells if any(sign.isalpha() for sign in cell.text)]
    return sum(map(is_right_to_left, texts)) * 2 > len(texts)


def mirrored(table: Table) -> Table:
    """The same table with its columns counted from the right, as it is read where text runs from right to left."""
    cells = sorted(
        (msgspec.structs.replace(cell, column=table.columns - cell.column - cell.column_span) for cell in table.cells),
        key=lambda cell: (cell.row, cell.column),
    )
    return msgspec.structs.replace(table, cells=tuple(cells))


def covered(table: Table) -> set[tuple[int, int]]:
    """Places that a cell from above or from the left covers."""
    return {
        (row, column)
        for cell in table.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
        if (row, column) != (cell.row, cell.column)
    }


def _html_cell(cell: Cell | None, *, broken: bool) -> str:
    if cell is None:
        return "<td></td>"
    name = "th" if cell.heading else "td"
    rows = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    columns = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    lines = cell.text.split("\n") if broken else [text_of(cell)]
    text = "<br>".join(html.escape(line, quote=False) for line in lines)
    return f"<{name}{rows}{columns}>{text}</{name}>"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
