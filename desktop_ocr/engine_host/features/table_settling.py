"""Puts a table's cells into a page's result: lines that cross cells are split, and every line keeps one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from desktop_ocr.engine_host.features.table_units import Grid, Slot, Unit, split_line, with_lines
from desktop_ocr.schema.results import (
    MOST_COLUMNS,
    MOST_ROWS,
    Block,
    BlockKind,
    Box,
    Cell,
    Line,
    PageResult,
    Table,
    polygon_box,
)

_SAME_ROW = 0.5
"""Share of the lower line by which two must overlap to stand in one row."""
_NOBODYS = -1


def settle(
    result: PageResult, number: int, grid: Grid, units: Sequence[Unit], back: Callable[[Box], Box] = lambda box: box
) -> PageResult:
    """The result with a table's cells.

    Lines of which nothing is in a cell become text blocks above and below the table.

    Args:
        result: of the page.
        number: of the table's block.
        grid: its cells.
        units: all units of the block's lines, which the grid names by index.
        back: from the grid's boxes to the result's.
    """
    if not (0 < grid.rows <= MOST_ROWS and 0 < grid.columns <= MOST_COLUMNS):
        return result
    old = result.blocks[number]
    owners = _owners(grid, units, old.lines)
    if all(set(own) == {_NOBODYS} for own in owners.values()):
        return result
    pieces = {index: split_line(result.lines[index], own) for index, own in owners.items()}
    made, became = with_lines(result, {index: [line for _, line in parts] for index, parts in pieces.items()})
    held: dict[int, list[int]] = {}
    for index, parts in pieces.items():
        for (owner, _), new in zip(parts, became[index], strict=True):
            held.setdefault(owner, []).append(new)
    cells = [_cell(slot, held.get(place, ()), made.lines, back) for place, slot in enumerate(grid.slots)]
    cells.sort(key=lambda cell: (cell.row, cell.column))
    own_lines = tuple(index for cell in cells for index in cell.lines)
    table = Table(grid.rows, grid.columns, tuple(cells), grid.source)
    box = _around(own_lines, made.lines)
    block = msgspec.structs.replace(old, lines=own_lines, table=table, box=box)
    middle = (box[1] + box[3]) / 2
    above: list[int] = []
    below: list[int] = []
    for index in held.get(_NOBODYS, ()):
        edges = polygon_box(made.lines[index].polygon)
        (above if (edges[1] + edges[3]) / 2 < middle else below).append(index)
    blocks = (_text(above, made.lines), block, _text(below, made.lines))
    return _with_blocks(made, number, [one for one in blocks if one is not None], bool(above))


def _owners(grid: Grid, units: Sequence[Unit], lines: Sequence[int]) -> dict[int, list[int]]:
    """For each line the slot of each of its units; units of a line that is partly in the table go with the others."""
    slot_of = {unit: place for place, slot in enumerate(grid.slots) for unit in slot.units}
    owners: dict[int, list[int]] = {index: [] for index in lines}
    for number, unit in enumerate(units):
        owners[unit.line].append(slot_of.get(number, _NOBODYS))
    for own in owners.values():
        known = [owner for owner in own if owner != _NOBODYS]
        last = known[0] if known else _NOBODYS
        for place, owner in enumerate(own):
            last = owner if owner != _NOBODYS else last
            own[place] = last
    return owners


def _cell(slot: Slot, held: Sequence[int], lines: Sequence[Line], back: Callable[[Box], Box]) -> Cell:
    rows = _in_rows(held, lines)
    return Cell(
        slot.row,
        slot.column,
        "\n".join(" ".join(lines[index].text for index in row) for row in rows),
        tuple(index for row in rows for index in row),
        slot.row_span,
        slot.column_span,
        slot.heading,
        back(slot.box) if slot.box is not None else None,
    )


def _in_rows(held: Sequence[int], lines: Sequence[Line]) -> list[list[int]]:
    """Lines from top to bottom, those side by side together."""
    boxes = {index: polygon_box(lines[index].polygon) for index in held}
    rows: list[list[int]] = []
    for index in sorted(held, key=lambda index: boxes[index][1] + boxes[index][3]):
        if rows and _beside(boxes[rows[-1][-1]], boxes[index]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [sorted(row, key=lambda index: boxes[index][0]) for row in rows]


def _beside(one: Box, other: Box) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _SAME_ROW * max(1e-6, min(one[3] - one[1], other[3] - other[1]))


def _around(indices: Sequence[int], lines: Sequence[Line]) -> Box:
    boxes = [polygon_box(lines[index].polygon) for index in indices]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _text(indices: Sequence[int], lines: Sequence[Line]) -> Block | None:
    if not indices:
        return None
    ordered = tuple(index for row in _in_rows(indices, lines) for index in row)
    return Block(BlockKind.TEXT, _around(ordered, lines), ordered)


def _with_blocks(result: PageResult, number: int, parts: Sequence[Block], before: bool) -> PageResult:
    """The result with one block replaced by several, captions pointing to where their blocks are now."""
    more = len(parts) - 1

    def moved(place: int | None) -> int | None:
        if place is None or place < number:
            return place
        return place + before if place == number else place + more

    blocks = [*result.blocks[:number], *parts, *result.blocks[number + 1 :]]
    return msgspec.structs.replace(
        result,
        blocks=tuple(msgspec.structs.replace(block, caption_of=moved(block.caption_of)) for block in blocks),
    )
