"""What a page is made of: headings, paragraphs, lists, tables, figures. Every rich format is written from this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, Table
from desktop_ocr.text.breaks import paragraphs
from desktop_ocr.text.code import code_lines
from desktop_ocr.text.flow import Piece, join_paragraphs
from desktop_ocr.text.joining import join_lines
from desktop_ocr.text.lists import Item, ListItem, items, nested
from desktop_ocr.text.notes import footnotes
from desktop_ocr.text.rows import in_rows
from desktop_ocr.text.tables import holds_lines

MARGINS = (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER)
FIGURES = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})


class Heading(msgspec.Struct, frozen=True):
    """A heading; `level` is 1 (largest) to 6."""

    level: int
    text: str
    block: Block


class Paragraph(msgspec.Struct, frozen=True):
    """Running text. Each of `lines` ends on purpose, and stands on a line of its own; usually there is one."""

    lines: tuple[str, ...]


class ListItems(msgspec.Struct, frozen=True):
    """A list, with lists below its items; blocks that follow each other make one."""

    items: tuple[ListItem, ...]


class TableElement(msgspec.Struct, frozen=True):
    """A table.

    Attributes:
        block: it.
        table: its cells; None where they are not known.
        lines: text that is not in the cells: of a table read by a model, what stands in it.
        rows: where the cells are not known, the pieces of text in each row; which column they are in is known only
            where all rows have equally many (`is_grid`).
    """

    block: Block
    table: Table | None
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def is_grid(self) -> bool:
        """Whether `rows` can be shown as a table: a guess would put figures under wrong heads."""
        width = len(self.rows[0]) if self.rows else 0
        return len(self.rows) >= 2 and width >= 2 and all(len(row) == width for row in self.rows)


class Code(msgspec.Struct, frozen=True):
    """A listing: its lines, with spaces where they stand in."""

    lines: tuple[str, ...]


class Formula(msgspec.Struct, frozen=True):
    """A formula: LaTeX without delimiters, "" where it was not read; and the text that was recognised in its place."""

    latex: str
    text: str
    block: Block


class Figure(msgspec.Struct, frozen=True):
    """A picture, chart or seal.

    Attributes:
        block: it; `kind` is PICTURE, CHART or SEAL.
        labels: the text in it, a line each. They are no sentence.
        table: figures that a model has read off a chart.
    """

    block: Block
    labels: tuple[str, ...] = ()
    table: Table | None = None

    @property
    def kind(self) -> BlockKind:
        """PICTURE, CHART or SEAL."""
        return self.block.kind


class Caption(msgspec.Struct, frozen=True):
    """A caption; `of` is the table's or figure's block, None where that is not known."""

    text: str
    of: Block | None


class Footnotes(msgspec.Struct, frozen=True):
    """Footnotes: the mark ("1", "*"; "" where there is none) and the text of each."""

    notes: tuple[tuple[str, str], ...]


class Margin(msgspec.Struct, frozen=True):
    """A page header or footer (`kind`): its rows."""

    kind: BlockKind
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """In one line."""
        return " ".join(self.lines)


Element = Heading | Paragraph | ListItems | TableElement | Code | Formula | Figure | Caption | Footnotes | Margin


def elements(result: PageResult, *, headers: bool) -> list[Element]:
    """What a page is made of, in reading order.

    Paragraphs are joined, over columns and figures too; footnotes stand at the end. What has no text is left out, but
    for figures.

    Args:
        result: the page.
        headers: with page headers, before everything, and page footers, after everything.
    """
    pieces: list[Piece] = []
    notes: list[Piece] = []
    margins: dict[BlockKind, list[Element]] = {kind: [] for kind in MARGINS}
    for block in result.blocks:
        lines = [result.lines[index] for index in block.lines]
        if block.kind in margins:
            margins[block.kind] += _margin(block.kind, lines) if headers else []
            continue
        piece = Piece(block, lines, paragraphs(lines) if block.kind is BlockKind.TEXT else [])
        (notes if block.kind is BlockKind.FOOTNOTE else pieces).append(piece)
    join_paragraphs(pieces)
    body = (*_made(pieces, result), *_made(notes, result))
    return [*margins[BlockKind.PAGE_HEADER], *body, *margins[BlockKind.PAGE_FOOTER]]


def _margin(kind: BlockKind, lines: Sequence[Line]) -> list[Margin]:
    rows = (" ".join(" ".join(line.text.split()) for line in row) for row in in_rows(lines, sort=False))
    texts = tuple(text for text in rows if text.strip())
    return [Margin(kind, texts)] if texts else []


def _made(pieces: Sequence[Piece], result: PageResult) -> Iterator[Element]:
    """The elements of blocks; items that follow each other make one list."""
    found: list[Item] = []
    for piece in pieces:
        if piece.block.kind is BlockKind.LIST_ITEM:
            found += items(piece.lines)
            continue
        if found:
            yield ListItems(nested(found))
            found = []
        if (element := _element(piece, result)) is not None:
            yield element
    if found:
        yield ListItems(nested(found))


def _element(piece: Piece, result: PageResult) -> Element | None:
    block = piece.block
    texts = tuple(filter(None, (" ".join(line.text.split()) for line in piece.lines)))
    if block.kind in FIGURES:
        inside = block.table is not None and holds_lines(block.table)
        return Figure(block, () if inside else texts, block.table)
    if block.kind is BlockKind.TABLE or block.table is not None:
        return _table(block, piece.lines, texts)
    joined = join_lines(texts)
    if block.kind is BlockKind.FORMULA and (block.latex or joined):
        return Formula(block.latex, joined, block)
    if not joined:
        return None
    match block.kind:
        case BlockKind.TITLE:
            return Heading(block.level or 1, joined, block)
        case BlockKind.SECTION_HEADER:
            return Heading(block.level or 2, joined, block)
        case BlockKind.CAPTION:
            return Caption(joined, None if block.caption_of is None else result.blocks[block.caption_of])
        case BlockKind.CODE:
            return Code(tuple(code_lines(piece.lines)))
        case BlockKind.FOOTNOTE:
            return Footnotes(tuple(footnotes(piece.lines)))
        case _:  # running text, whose first part may have moved to where it belongs
            return Paragraph(tuple(piece.paragraphs)) if piece.paragraphs else None


def _table(block: Block, lines: Sequence[Line], texts: tuple[str, ...]) -> TableElement | None:
    if block.table is not None:
        return TableElement(block, block.table, () if holds_lines(block.table) else texts)
    rows = (tuple(line.text.strip() for line in row if line.text.strip()) for row in in_rows(lines, sort=True))
    filled = tuple(row for row in rows if row)
    return TableElement(block, None, rows=filled) if filled else None
