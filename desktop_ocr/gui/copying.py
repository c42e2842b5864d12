"""Puts parts of a page into the clipboard."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from PySide6.QtCore import QMimeData, QStringListModel
from PySide6.QtGui import QGuiApplication

from desktop_ocr.schema.results import Box, PageResult, Table
from desktop_ocr.text.plain import plain_text
from desktop_ocr.text.tables import table_html


def part_of(result: PageResult, lines: Collection[int], box: Box | None = None) -> PageResult:
    """A page with some of its lines alone, and the blocks that have any of them (or lie in `box` as a whole).

    Tables are there where all of their lines are.
    """
    wanted = set(lines)
    order = sorted(wanted)
    new = {line: at for at, line in enumerate(order)}
    blocks = []
    for block in result.blocks:
        kept = tuple(new[line] for line in block.lines if line in wanted)
        whole = len(kept) == len(block.lines)
        inside = box is not None and box[0] <= block.box[0] and box[1] <= block.box[1]
        inside = inside and box is not None and block.box[2] <= box[2] and block.box[3] <= box[3]
        if not kept and not (inside and whole):
            continue
        table = block.table if whole else None
        if table is not None:
            cells = tuple(
                msgspec.structs.replace(cell, lines=tuple(new[line] for line in cell.lines)) for cell in table.cells
            )
            table = msgspec.structs.replace(table, cells=cells)
        blocks.append(msgspec.structs.replace(block, lines=kept, table=table, caption_of=None))
    return msgspec.structs.replace(result, lines=tuple(result.lines[line] for line in order), blocks=tuple(blocks))


def text_of(result: PageResult, lines: Collection[int], box: Box | None = None) -> str:
    """The text of some lines, in reading order, a blank line between blocks."""
    return plain_text(part_of(result, lines, box))


def text_of_block(result: PageResult, block: int) -> str:
    """A block's text; of a formula its LaTeX, where it was read."""
    found = result.blocks[block]
    if found.latex:
        return found.latex
    return plain_text(part_of(msgspec.structs.replace(result, blocks=(found,)), found.lines, found.box))


def table_as_tabs(table: Table) -> str:
    """A table as spreadsheets take it: a row a line, tabs between cells; a cell that spans several is in the first."""
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.column] = " ".join(cell.text.split())
    return "\n".join("\t".join(row) for row in rows)


def table_as_html(table: Table) -> str:
    """A table as HTML for other programs, with its spans and headings."""
    return table_html(table, border=True, broken=True)


def copy_both(text: str, html: str) -> None:
    """Put something into the clipboard as text and as HTML: each program takes what it can."""
    # Made by Qt and not here: mime data with a Python object behind it would outlive the interpreter in the clipboard,
    # and crash the exit.
    source = QStringListModel([""])
    mime: QMimeData = source.mimeData([source.index(0)])
    for name in mime.formats():
        mime.removeFormat(name)
    mime.setText(text)
    mime.setHtml(html)
    QGuiApplication.clipboard().setMimeData(mime)
