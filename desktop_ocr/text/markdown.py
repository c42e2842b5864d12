"""A page as Markdown (CommonMark, with GitHub's tables)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop_ocr.schema.results import BlockKind, Line, PageResult
from desktop_ocr.text.breaks import paragraphs
from desktop_ocr.text.code import fenced
from desktop_ocr.text.escaping import escape
from desktop_ocr.text.flow import Piece, join_paragraphs
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.lists import Item, items, nested
from desktop_ocr.text.notes import footnotes
from desktop_ocr.text.rows import in_rows
from desktop_ocr.text.tables import holds_lines, table_markdown

LEFT_OUT = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER})
HARD_BREAK = "  \n"  # not a backslash, which a search for the words would stumble over


def markdown(result: PageResult) -> str:
    """The page as Markdown, without a newline at its end; "" where there is nothing to say.

    Page headers and footers are left out. Paragraphs are joined, over columns and figures too; lines that end on
    purpose (addresses, verses) are kept apart; lists, headings (by level), captions, code and formulas keep their
    form; footnotes stand at the end. A table becomes a Markdown table, one with cells that span others HTML; where its
    cells are not known, its rows become a Markdown table if all of them have equally many pieces, and lines of their
    own if not.
    """
    pieces: list[Piece] = []
    notes: list[Piece] = []
    for block in result.blocks:
        lines = [result.lines[index] for index in block.lines]
        if block.kind in LEFT_OUT:
            continue
        piece = Piece(block, lines, paragraphs(lines) if block.kind is BlockKind.TEXT else [])
        (notes if block.kind is BlockKind.FOOTNOTE else pieces).append(piece)
    join_paragraphs(pieces)
    return "\n\n".join(text for text in (*_texts(pieces), *_texts(notes)) if text)


def _texts(pieces: Sequence[Piece]) -> Iterator[str]:
    """The text of each block; items that follow each other make one list."""
    found: list[Item] = []
    for piece in pieces:
        if piece.block.kind is BlockKind.LIST_ITEM:
            found += items(piece.lines)
            continue
        if found:
            yield nested(found)
            found = []
        yield _block(piece)
    if found:
        yield nested(found)


def _block(piece: Piece) -> str:
    block, lines = piece.block, piece.lines
    texts = [" ".join(line.text.split()) for line in lines]
    joined = join_lines(texts)
    match block.kind:
        case _ if block.table is not None and holds_lines(block.table):
            return table_markdown(block.table, escape)
        case _ if block.table is not None:
            # Figures that a model has read off a chart: what stands in the chart is text of its own.
            labels = HARD_BREAK.join(escape(text) for text in texts if text)
            return "\n\n".join(part for part in (labels, table_markdown(block.table, escape)) if part)
        case BlockKind.TABLE:
            return _table(lines)
        case BlockKind.FORMULA if block.latex:
            return f"$$\n{block.latex}\n$$"
        case _ if not joined:
            return ""
        case BlockKind.TITLE:
            return f"{'#' * (block.level or 1)} {escape(joined)}"
        case BlockKind.SECTION_HEADER:
            return f"{'#' * (block.level or 2)} {escape(joined)}"
        case BlockKind.CAPTION:
            return f"*{escape(joined)}*"
        case BlockKind.CODE:
            return fenced(lines)
        case BlockKind.FOOTNOTE:
            return "\n\n".join(footnotes(lines))
        case BlockKind.PICTURE:
            # Labels of a drawing are no sentence.
            return HARD_BREAK.join(escape(text) for text in texts if text)
        case BlockKind.TEXT:
            return HARD_BREAK.join(map(escape, piece.paragraphs))
        case _:
            return escape(joined)


def _table(lines: Sequence[Line]) -> str:
    rows = [
        [escape(line.text.strip()).replace("|", "\\|") for line in row if line.text.strip()]
        for row in in_rows(lines, sort=True)
    ]
    rows = [row for row in rows if row]
    width = len(rows[0]) if rows else 0
    if len(rows) < 2 or width < 2 or any(len(row) != width for row in rows):
        # Which cell belongs to which column is not known: a guess would put figures under wrong heads.
        return HARD_BREAK.join(" | ".join(row) for row in rows)
    head, *body = rows
    return "\n".join(_table_row(row) for row in (head, ["---"] * width, *body))


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
