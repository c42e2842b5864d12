"""What a search needs of a stored page: a few times faster to decode than all of it, and a tenth as large."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class WordScore(msgspec.Struct, frozen=True):
    """See `Word`."""

    confidence: float


class SearchedLine(msgspec.Struct, frozen=True):
    """See `Line`."""

    text: str


class ScoredLine(SearchedLine, frozen=True):
    """See `Line`."""

    confidence: float
    words: tuple[WordScore, ...] = ()
    human: bool = False


class SearchedCell(msgspec.Struct, frozen=True):
    """See `Cell`."""

    row: int
    column: int
    text: str = ""
    lines: tuple[int, ...] = ()


class SearchedTable(msgspec.Struct, frozen=True):
    """See `Table`."""

    cells: tuple[SearchedCell, ...]


class SearchedBlock(msgspec.Struct, frozen=True):
    """See `Block`."""

    lines: tuple[int, ...] = ()
    table: SearchedTable | None = None
    latex: str = ""


class Searched(msgspec.Struct, frozen=True):
    """See `PageResult`; its fields have the same names."""

    page: int
    blocks: tuple[SearchedBlock, ...] = ()
    pending: tuple[str, ...] = ()


class SearchedPage(Searched, frozen=True):
    """A page's texts."""

    lines: tuple[SearchedLine, ...] = ()

    def texts(self) -> Iterator[tuple[int, tuple[int, int, int] | None, str]]:
        """In reading order: of lines by their index, and of cells without lines by block, row and column.

        What was read of a formula as if it were text is left out where its LaTeX takes its place.
        """
        for number, block in enumerate(self.blocks):
            for index in block.lines:
                text = self.lines[index].text
                if not block.latex or block.latex == text.strip("$ "):
                    yield index, None, text
            for cell in block.table.cells if block.table is not None else ():
                if cell.text and not cell.lines:
                    yield -1, (number, cell.row, cell.column), cell.text


class ScoredPage(Searched, frozen=True):
    """A page's lines and words with their confidence."""

    lines: tuple[ScoredLine, ...] = ()

    def ordered(self) -> list[tuple[int, ScoredLine | None]]:
        """The lines in reading order, by their index; None for those in whose place a formula's LaTeX is shown."""
        return [(index, None if block.latex else self.lines[index]) for block in self.blocks for index in block.lines]


decode_texts = msgspec.msgpack.Decoder(SearchedPage).decode
"""Takes a page's texts out of its result, as it is before it is packed."""
