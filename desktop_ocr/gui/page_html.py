"""A page as rich text for the window: as its Markdown, but with tables that have spans, which are cut where laying them
out would make the window wait; formulas and listings stand out, and so does what is more picture than text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

import msgspec
from PySide6.QtGui import QTextDocument

from desktop_ocr.gui.words import tr
from desktop_ocr.schema.results import Block, BlockKind, Cell, Line, PageResult, Table, box_polygon
from desktop_ocr.text.code import code_lines
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.markdown import markdown

# Laying out a table takes up to 0.15 ms a cell: on a page no more are shown than the window can lay out at once.
MOST_CELLS = 180
LONGEST_CELL = 2_000
TABLE_LINK = "table:"
BLOCK_NAME = "block-"
"""Each block has an invisible anchor of this name and its index: before, or right behind, its first word."""

_STAND_IN = re.compile("\uf8f0(\\d{1,6})\uf8f1")  # no document has these signs: they are of private use
_NAME = re.compile("\uf8f2(\\d{1,6})\uf8f3")
_OURS = re.compile("[\uf8f2\uf8f3]")
_FIRST_WORD = re.compile(r"\s*\S+\s+(?=\S)")
_CONTENT = re.compile(r"<(?:t[dh]|pre|p)\b[^>]*>")  # where the text of a special piece begins
_LINK = re.compile(r"</?a\b[^>]*>")
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)


@dataclass
class PageHtml:
    """Rich text of a page. A link "table:2" in it stands for the whole of `tables[2]`, which was cut."""

    html: str
    tables: list[Table] = field(default_factory=list)


def page_html(result: PageResult) -> PageHtml:
    """A page as rich text, without headers and footers; "" where there is nothing to show. Takes its time.

    What Markdown cannot say is taken out before the page becomes Markdown, with something standing in for it, and put
    in its place afterwards.
    """
    made = _Maker(result)
    lines, blocks = list(result.lines), []
    special: list[str] = []
    for number, block in enumerate(result.blocks):
        html = made.special(block)
        if html is None:
            blocks.append(block)
            _put_name(lines, block, number)
            continue
        html = _named(html, number)
        lines.append(Line(f"\uf8f0{len(special)}\uf8f1", box_polygon(block.box), 1.0))
        # A seal is one that paragraphs may flow around, and whose words stand by themselves.
        blocks.append(Block(BlockKind.SEAL, block.box, (len(lines) - 1,)))
        special.append(html)
    text = markdown(msgspec.structs.replace(result, lines=tuple(lines), blocks=tuple(blocks)))

    def made_of(number: str) -> str:
        return special[int(number)] if int(number) < len(special) else ""

    pieces = _STAND_IN.split(text)
    html_pieces = [made_of(piece) if at % 2 else _from_markdown(piece) for at, piece in enumerate(pieces)]
    html = "\n".join(piece for piece in html_pieces if piece)
    return PageHtml(_NAME.sub(lambda found: f'<a name="{BLOCK_NAME}{found.group(1)}"></a>', html), made.tables)


def _put_name(lines: list[Line], block: Block, number: int) -> None:
    """Let a sign for the block's name go through Markdown with its text.

    It stands behind the first word: what makes a list's item, or joins a paragraph with the one before, looks at both
    ends of a line.
    """
    for index in block.lines:
        text = _OURS.sub("", lines[index].text)
        if text.strip():
            found = _FIRST_WORD.match(text)
            at = found.end() if found else len(text) - len(text.lstrip()) + 1
            lines[index] = msgspec.structs.replace(lines[index], text=f"{text[:at]}\uf8f2{number}\uf8f3{text[at:]}")
            return


def _named(html: str, number: int) -> str:
    """Special pieces have the name before their first word."""
    at = _CONTENT.search(html)
    return html if at is None else f"{html[: at.end()]}\uf8f2{number}\uf8f3{html[at.end() :]}"


def _from_markdown(text: str) -> str:
    """What Qt makes of Markdown."""
    if not text.strip():
        return ""
    document = QTextDocument()
    document.setMarkdown(text.strip())
    found = _BODY.search(document.toHtml())
    return _LINK.sub("", found.group(1)).strip() if found else ""  # nothing would follow them


class _Maker:
    """Makes the special pieces of one page, and keeps count of what the window has to lay out."""

    def __init__(self, result: PageResult) -> None:
        self._result = result
        self._cells_left = MOST_CELLS
        self.tables: list[Table] = []

    def special(self, block: Block) -> str | None:
        """A block that Markdown does not do justice to; None for all others."""
        if block.table is not None:
            return self._table(block.table)
        lines = [self._result.lines[index] for index in block.lines]
        make: dict[BlockKind, Callable[[], str]] = {
            BlockKind.CODE: lambda: f"<pre>{escape(chr(10).join(code_lines(lines)))}</pre>",
            BlockKind.FORMULA: lambda: _formula(block.latex, lines),
            BlockKind.PICTURE: lambda: _mark(tr("Picture"), lines),
            BlockKind.CHART: lambda: _mark(tr("Chart"), lines),
            BlockKind.SEAL: lambda: _mark(tr("Seal"), lines),
        }
        return make[block.kind]() if block.kind in make else None

    def _table(self, table: Table) -> str:
        """A table, as many rows of it as there is room for."""
        columns = min(table.columns, MOST_CELLS // 2)
        rows = min(table.rows, max(2, self._cells_left // columns))
        self._cells_left = max(0, self._cells_left - rows * columns)
        pieces = ['<table border="1" cellspacing="0" cellpadding="4" class="grid">']
        for row in table_rows(table, rows, columns):
            pieces.append(f"<tr>{''.join(_cell(cell, rows, columns) for cell in row)}</tr>")
        pieces.append("</table>")
        if rows < table.rows or columns < table.columns:
            self.tables.append(table)
            words = tr("Show the whole table…")
            link = f'<a href="{TABLE_LINK}{len(self.tables) - 1}">{escape(words)}</a>'
            shown = tr("{rows} of {all} rows are shown.").format(rows=rows, all=table.rows)
            pieces.append(f'<p class="muted">{escape(shown)} {link}</p>')
        return "".join(pieces)


def table_rows(table: Table, rows: int, columns: int) -> list[list[Cell]]:
    """The cells that begin in each of the first rows and columns; places that no cell covers get empty ones."""
    begin = {(cell.row, cell.column): cell for cell in table.cells if cell.row < rows and cell.column < columns}
    covered: set[tuple[int, int]] = set()
    for cell in begin.values():
        covered.update(
            (row, column)
            for row in range(cell.row, min(rows, cell.row + cell.row_span))
            for column in range(cell.column, min(columns, cell.column + cell.column_span))
        )
    made = []
    for row in range(rows):
        places = [(row, column) for column in range(columns)]
        made.append([begin.get(place, Cell(*place)) for place in places if place in begin or place not in covered])
    return made


def _formula(latex: str, lines: Sequence[Line]) -> str:
    shown = latex or join_lines(" ".join(line.text.split()) for line in lines)
    return f'<p class="formula"><code>{escape(shown)}</code></p>' if shown else ""


def _mark(kind: str, lines: Sequence[Line]) -> str:
    """Something that is more picture than text: its name, and the words in it."""
    words = "<br/>".join(escape(" ".join(line.text.split())) for line in lines if line.text.strip())
    return f'<p class="muted">[{escape(kind)}]{"<br/>" + words if words else ""}</p>'


def _cell(cell: Cell, rows: int, columns: int) -> str:
    name = "th" if cell.heading else "td"
    spans = ""
    if (down := min(cell.row_span, rows - cell.row)) > 1:
        spans += f' rowspan="{down}"'
    if (across := min(cell.column_span, columns - cell.column)) > 1:
        spans += f' colspan="{across}"'
    text = cell.text if len(cell.text) <= LONGEST_CELL else f"{cell.text[:LONGEST_CELL]}…"
    return f"<{name}{spans}>{escape(text).replace(chr(10), '<br/>')}</{name}>"
