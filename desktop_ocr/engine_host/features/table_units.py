"""A table's text in the pieces that are given to its cells, and the way back to whole lines.

A recognised line may cross several cells of a row: what is given to cells are its words.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from desktop_ocr.engine_host.geometry import deskewed, thickness
from desktop_ocr.schema.results import Box, Cell, Line, PageResult, Polygon, Table, Word, polygon_box


class Unit(NamedTuple):
    """A word, or a line that has none.

    Attributes:
        line: its index on the page.
        word: its index in the line; 0 where the line has no words.
        text: what it says.
        box: around it, in pixels of the deskewed page.
        height: of its writing in pixels.
    """

    line: int
    word: int
    text: str
    box: Box
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Of its box."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) / 2, (y0 + y1) / 2


class Slot(NamedTuple):
    """A cell's place on the grid, and the units in it by index."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    units: tuple[int, ...] = ()
    heading: bool = False
    box: Box | None = None


@dataclass(frozen=True)
class Grid:
    """A table as it was found; units that are in no slot do not belong to it.

    Attributes:
        rows, columns: of the grid.
        slots: row by row; they do not overlap.
        source: what found it.
    """

    rows: int
    columns: int
    slots: tuple[Slot, ...]
    source: str


def units_of(
    lines: Sequence[Line], indices: Sequence[int], skew: float = 0.0, centre: tuple[float, float] = (0.0, 0.0)
) -> list[Unit]:
    """The units of some lines, in their order.

    Args:
        lines: of the page.
        indices: of the lines wanted.
        skew: in radians, to be taken out.
        centre: around which.
    """
    units = []
    for index in indices:
        line = lines[index]
        height = max(thickness(line.polygon), 1.0)
        for number, word in enumerate(line.words or (Word(line.text, line.polygon, line.confidence),)):
            units.append(Unit(index, number, word.text, polygon_box(deskewed(word.polygon, skew, centre)), height))
    return units


def usual_height(units: Sequence[Unit]) -> float:
    """Of the writing, in pixels; 1 where there is none."""
    return statistics.median(unit.height for unit in units) if units else 1.0


def table_of(grid: Grid, units: Sequence[Unit]) -> Table:
    """A grid as a table whose cells name units as their lines."""
    cells = (
        Cell(
            slot.row,
            slot.column,
            text_of([units[number] for number in slot.units]),
            slot.units,
            slot.row_span,
            slot.column_span,
            slot.heading,
            slot.box,
        )
        for slot in sorted(grid.slots)
    )
    return Table(grid.rows, grid.columns, tuple(cells), grid.source)


def grid_of(table: Table) -> Grid:
    """The way back."""
    slots = tuple(
        Slot(cell.row, cell.column, cell.row_span, cell.column_span, cell.lines, cell.heading, cell.box)
        for cell in table.cells
    )
    return Grid(table.rows, table.columns, slots, table.source)


def text_of(units: Sequence[Unit]) -> str:
    """What units say, a line of the page a line."""
    return "\n".join(" ".join(unit.text for unit in group) for _, group in itertools.groupby(units, lambda u: u.line))


def split_line(line: Line, owners: Sequence[int]) -> list[tuple[int, Line]]:
    """A line as pieces, each of neighbouring words with one owner.

    Args:
        line: with or without words.
        owners: one for each unit of the line.

    Returns:
        Each piece's owner and the piece; the whole line where there is only one owner.
    """
    if len(set(owners)) < 2 or len(owners) != len(line.words):
        return [(owners[0], line)]
    pieces = []
    first = place = 0
    for number in range(1, len(owners) + 1):
        if number < len(owners) and owners[number] == owners[first]:
            continue
        words = line.words[first:number]
        text, place = _text_of(line.text, words, place)
        pieces.append((owners[first], Line(text, _around(words), line.confidence, words)))
        first = number
    return pieces


def _text_of(text: str, words: Sequence[Word], start: int) -> tuple[str, int]:
    """What a line's text says of neighbouring words, spaces between them as they are, and where it ends."""
    begin = end = -1
    place = start
    for word in words:
        found = text.find(word.text, place)
        if found < 0:
            return " ".join(word.text for word in words), start
        begin = found if begin < 0 else begin
        place = end = found + len(word.text)
    return text[begin:end], end


def _around(words: Sequence[Word]) -> Polygon:
    """A polygon around words of one line: the first one's left side, the last one's right side."""
    first, last = words[0].polygon, words[-1].polygon
    return (*first[:2], *last[2:6], *first[6:])


def with_lines(result: PageResult, pieces: Mapping[int, Sequence[Line]]) -> tuple[PageResult, list[tuple[int, ...]]]:
    """A result in which lines are replaced by their pieces; blocks and cells name the pieces in the line's place.

    Args:
        result: to be changed.
        pieces: by index of the line that they replace.

    Returns:
        The result, and for each of the old lines the indices of what it became.
    """
    lines: list[Line] = []
    became: list[tuple[int, ...]] = []
    for index, line in enumerate(result.lines):
        own = pieces.get(index, (line,))
        became.append(tuple(range(len(lines), len(lines) + len(own))))
        lines += own

    def renamed(indices: Sequence[int]) -> tuple[int, ...]:
        return tuple(new for old in indices for new in became[old])

    blocks = []
    for block in result.blocks:
        table = block.table
        if table is not None:
            cells = tuple(msgspec.structs.replace(cell, lines=renamed(cell.lines)) for cell in table.cells)
            table = msgspec.structs.replace(table, cells=cells)
        blocks.append(msgspec.structs.replace(block, lines=renamed(block.lines), table=table))
    return msgspec.structs.replace(result, lines=tuple(lines), blocks=tuple(blocks)), became
