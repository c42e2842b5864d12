"""A page as plain text: the page's lines as they stand, a blank line between blocks."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.schema.results import BlockKind, Line, PageResult
from desktop_ocr.text.elements import MARGINS
from desktop_ocr.text.rows import in_rows
from desktop_ocr.text.tables import holds_lines, table_rows

CELL_GAP = "   "


def plain_text(result: PageResult, *, headers: bool = True) -> str:
    """The page's text, without a newline at its end; "" where there is none.

    Lines stay as on the page. Lines side by side in a block stand in one row. A table's rows are a line each, with
    three spaces between cells.

    Args:
        result: the page.
        headers: with page headers and footers, where they stand.
    """
    blocks = []
    for block in result.blocks:
        if block.kind in MARGINS and not headers:
            continue
        lines = [result.lines[index] for index in block.lines]
        text = block_text(lines, table=block.kind is BlockKind.TABLE)
        if block.table is not None:
            rows = table_rows(block.table, CELL_GAP)
            text = rows if holds_lines(block.table) else "\n\n".join(part for part in (text, rows) if part)
        if text:
            blocks.append(text)
    return "\n\n".join(blocks)


def block_text(lines: Sequence[Line], *, table: bool) -> str:
    """A block's lines, one row of the page a line."""
    gap = CELL_GAP if table else " "
    rows = (gap.join(line.text.strip() for line in row if line.text.strip()) for row in in_rows(lines, sort=table))
    return "\n".join(row for row in rows if row)
