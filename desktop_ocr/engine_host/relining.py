"""Lines that are found later: they take the place of what was read there before, and every line stays in one block."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from desktop_ocr.engine_host.geometry import area, overlap
from desktop_ocr.schema.results import Block, Box, Cell, Line, PageResult, Table, polygon_box


def replace_lines(result: PageResult, block: int, gone: Collection[int], new: Sequence[Line]) -> PageResult:
    """The result with other lines in one of its blocks, after those that stay there.

    Args:
        result: of a page.
        block: whose lines.
        gone: numbers of the block's lines that are dropped.
        new: lines that are added.

    Raises:
        ValueError: where a line that is to go is not the block's.
    """
    if not set(gone) <= set(result.blocks[block].lines):
        raise ValueError("a line of another block was to go")
    kept = [number for number in range(len(result.lines)) if number not in gone]
    places = {number: place for place, number in enumerate(kept)}
    added = tuple(range(len(kept), len(kept) + len(new)))
    blocks = [_renumbered(one, places) for one in result.blocks]
    blocks[block] = msgspec.structs.replace(blocks[block], lines=(*blocks[block].lines, *added))
    return msgspec.structs.replace(
        result, lines=(*(result.lines[number] for number in kept), *new), blocks=tuple(blocks)
    )


def covered(lines: Sequence[Line], numbers: Sequence[int], boxes: Sequence[Box], share: float) -> list[int]:
    """Of some lines those whose box lies in one of the boxes to at least that share."""
    return [
        number for number in numbers if any(_inside(polygon_box(lines[number].polygon), box) >= share for box in boxes)
    ]


def _inside(box: Box, other: Box) -> float:
    whole = area(box)
    return overlap(box, other) / whole if whole else 0.0


def _renumbered(block: Block, places: dict[int, int]) -> Block:
    table = block.table
    if table is not None:
        table = Table(table.rows, table.columns, tuple(_cell(cell, places) for cell in table.cells), table.source)
    return msgspec.structs.replace(block, lines=_numbers(block.lines, places), table=table)


def _cell(cell: Cell, places: dict[int, int]) -> Cell:
    return msgspec.structs.replace(cell, lines=_numbers(cell.lines, places)) if cell.lines else cell


def _numbers(lines: Sequence[int], places: dict[int, int]) -> tuple[int, ...]:
    return tuple(places[number] for number in lines if number in places)
