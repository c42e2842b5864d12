"""Tables of WordprocessingML, as text: python-docx finds each cell by counting, which takes minutes in long tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop_ocr.document_host.export.word_text import paragraph
from desktop_ocr.schema.results import Cell, Table
from desktop_ocr.text.tables import is_backwards, mirrored, text_of

MOST_COLUMNS = 63  # Word's own limit
FEWEST, MOST = 4, 40  # characters that a column's width counts for
_CELL = '<w:spacing w:before="20" w:after="20"/>'


def word_table(table: Table, width: int) -> str:
    """A table as broad as `width`, in twentieths of a point. One that is read from the right begins there."""
    backwards = is_backwards(table)
    table = mirrored(table) if backwards else table
    widths = _widths(table, width)
    rows = "".join(_rows(table, widths))
    return _framed(widths, rows, backwards=backwards)


def plain_table(rows: Sequence[Sequence[str]], width: int) -> str:
    """A table of rows with equally many texts."""
    cells = tuple(Cell(at, column, text) for at, row in enumerate(rows) for column, text in enumerate(row))
    return word_table(Table(len(rows), len(rows[0]), cells), width)


def _framed(widths: Sequence[int], rows: str, *, backwards: bool) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>{"<w:bidiVisual/>" if backwards else ""}'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _widths(table: Table, width: int) -> list[int]:
    """Widths of the columns, by the longest text in each."""
    longest = [FEWEST] * table.columns
    for cell in table.cells:
        share = min(MOST, -(-max(map(len, cell.text.split("\n")), default=0) // cell.column_span))
        for column in range(cell.column, cell.column + cell.column_span):
            longest[column] = max(longest[column], share)
    whole = sum(longest)
    return [max(1, width * one // whole) for one in longest]


def _rows(table: Table, widths: Sequence[int]) -> Iterator[str]:
    starting: list[list[Cell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        starting[cell.row].append(cell)
    reaching: dict[int, tuple[Cell, int]] = {}  # by column: cells from above, and how many rows they reach down yet
    in_head = True
    for cells in starting:
        here = {cell.column: cell for cell in cells}
        in_head = in_head and bool(cells) and all(cell.heading for cell in cells) and not reaching
        head = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if in_head else "<w:trPr><w:cantSplit/></w:trPr>"
        parts, column = [], 0
        while column < table.columns:
            if column in reaching:
                above, left = reaching.pop(column)
                if left > 1:
                    reaching[column] = above, left - 1
                parts.append(_cell(above, widths, column, continued=True))
                column += above.column_span
            elif column in here:
                cell = here[column]
                if cell.row_span > 1:
                    reaching[column] = cell, cell.row_span - 1
                parts.append(_cell(cell, widths, column, continued=False))
                column += cell.column_span
            else:
                parts.append(f'<w:tc><w:tcPr><w:tcW w:w="{widths[column]}" w:type="dxa"/></w:tcPr>{_EMPTY}</w:tc>')
                column += 1
        yield f"<w:tr>{head}{''.join(parts)}</w:tr>"


_EMPTY = f"<w:p><w:pPr>{_CELL}</w:pPr></w:p>"


def _cell(cell: Cell, widths: Sequence[int], column: int, *, continued: bool) -> str:
    width = sum(widths[column : column + cell.column_span])
    spans = f'<w:gridSpan w:val="{cell.column_span}"/>' if cell.column_span > 1 else ""
    if cell.row_span > 1:
        spans += "<w:vMerge/>" if continued else '<w:vMerge w:val="restart"/>'
    text = "" if continued else text_of(cell)
    inside = paragraph(text, more=_CELL, properties="<w:b/><w:bCs/>" if cell.heading else "") if text else _EMPTY
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}</w:tcPr>{inside}</w:tc>'
