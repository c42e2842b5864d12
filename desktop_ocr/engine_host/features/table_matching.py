"""Words to the cells that a model has seen: boxes of cells are rough, their order is not."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.features.table_html import Place
from desktop_ocr.engine_host.features.table_units import Grid, Slot, Unit
from desktop_ocr.engine_host.geometry import area, overlap
from desktop_ocr.schema.results import Box

_LIES_IN = 0.5
"""Share of a word that lies in a cell's box, for the word to be its."""


def grid_by_cells(units: Sequence[Unit], cells: Sequence[Place], boxes: Sequence[Box], source: str) -> Grid | None:
    """The cells with the words that belong to them.

    A word belongs to the cell whose box holds most of it; a word that lies in none goes by the rows' and the columns'
    middles.

    Args:
        units: the table's words.
        cells: as the model wrote them.
        boxes: of the cells' content, in the units' pixels.
        source: the model.
    """
    if not cells or len(cells) != len(boxes):
        return None
    rows = max(cell.row + cell.row_span for cell in cells)
    columns = max(cell.column + cell.column_span for cell in cells)
    home = {
        (row, column): number
        for number, cell in enumerate(cells)
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    }
    middles = _middles(cells, boxes, rows, axis=1), _middles(cells, boxes, columns, axis=0)
    held: list[list[int]] = [[] for _ in cells]
    for index, unit in enumerate(units):
        held[_cell_of(unit, boxes, home, middles)].append(index)
    slots = tuple(
        Slot(cell.row, cell.column, cell.row_span, cell.column_span, tuple(own), cell.heading)
        for cell, own in zip(cells, held, strict=True)
    )
    return Grid(rows, columns, slots, source)


def _cell_of(
    unit: Unit, boxes: Sequence[Box], home: dict[tuple[int, int], int], middles: tuple[list[float], list[float]]
) -> int:
    whole = area(unit.box) or 1.0
    shares = [overlap(unit.box, box) / whole for box in boxes]
    best = max(range(len(shares)), key=lambda number: shares[number])
    if shares[best] >= _LIES_IN:
        return best
    x, y = unit.middle
    row, column = _nearest(middles[0], y), _nearest(middles[1], x)
    if (row, column) in home:
        return home[row, column]
    return min(range(len(boxes)), key=lambda number: _distance(boxes[number], x, y))


def _middles(cells: Sequence[Place], boxes: Sequence[Box], count: int, axis: int) -> list[float]:
    """Middle of each row (axis 1) or column (axis 0), by the cells that span no others; in order."""
    found: list[float | None] = []
    for number in range(count):
        own = [
            (box[axis] + box[axis + 2]) / 2
            for cell, box in zip(cells, boxes, strict=True)
            if ((cell.row, cell.row_span) == (number, 1) and axis == 1)
            or ((cell.column, cell.column_span) == (number, 1) and axis == 0)
        ]
        found.append(statistics.median(own) if own else None)
    known = [value for value in found if value is not None]
    filled = [value if value is not None else _between(found, number, known) for number, value in enumerate(found)]
    return list(itertools.accumulate(filled, max))


def _between(found: Sequence[float | None], number: int, known: Sequence[float]) -> float:
    before = next((value for value in reversed(found[:number]) if value is not None), None)
    after = next((value for value in found[number + 1 :] if value is not None), None)
    near = [value for value in (before, after) if value is not None]
    return statistics.fmean(near) if near else (known[0] if known else 0.0)


def _nearest(middles: Sequence[float], value: float) -> int:
    return min(range(len(middles)), key=lambda number: abs(middles[number] - value))


def _distance(box: Box, x: float, y: float) -> float:
    return max(box[0] - x, x - box[2], 0.0) + max(box[1] - y, y - box[3], 0.0)
