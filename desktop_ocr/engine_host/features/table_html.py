"""Tables as PaddleX tells them, HTML and the boxes of cells, as cells on a grid with the page's lines in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from desktop_ocr.engine_host.features.paddle_results import as_box
from desktop_ocr.engine_host.geometry import overlap
from desktop_ocr.schema.results import MOST_COLUMNS, MOST_ROWS, Box, Cell, Line, Table, polygon_box

_TAG = re.compile(r"<(/?)(thead|tr|td|th)\b([^>]*)>", re.IGNORECASE)
_SPAN = re.compile(r"(row|col)span\s*=\s*\"?(\d{1,3})", re.IGNORECASE)
_SAME_EDGE = 8.0
"""Pixels between edges of cells that are one."""
_INFINITE = 1e7


class Place(NamedTuple):
    """A cell's place on the grid."""

    row: int
    column: int
    row_span: int
    column_span: int
    heading: bool = False


def table_from(html: str, boxes: Sequence[Sequence[float]], lines: Sequence[Line], source: str) -> Table | None:
    """A table with the lines in its cells, each in exactly one.

    Args:
        html: its structure; texts in it are not looked at.
        boxes: of its cells, in the pixels of the lines; four numbers each.
        lines: that lie in the table.
        source: the name of what found it.

    Returns:
        None where there is no grid, or lines and nowhere to put them.
    """
    sound = [as_box(list(box)[:4], _INFINITE, _INFINITE) for box in boxes]
    places = parse_places(html)
    if len(places) != len(sound):
        # Structure and cells disagree. The cells are what was seen.
        sound = [box for box in sound if box is not None]
        places = places_of([box for box in sound if box is not None])
    if not places:
        return None
    rows = max(place.row + place.row_span for place in places)
    columns = max(place.column + place.column_span for place in places)
    if rows > MOST_ROWS or columns > MOST_COLUMNS or not any(sound):
        return None
    owned: list[list[int]] = [[] for _ in places]
    for number, line in enumerate(lines):
        owned[_home(polygon_box(line.polygon), sound)].append(number)
    cells = (
        _cell(place, box, _in_order(numbers, lines), lines)
        for place, box, numbers in zip(places, sound, owned, strict=True)
    )
    return Table(rows, columns, tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), source)


def parse_places(html: str) -> list[Place]:
    """The cells of a table in HTML, in their order; spans are cut where cells would overlap."""
    taken: set[tuple[int, int]] = set()
    places: list[Place] = []
    row, column, heading = -1, 0, False
    for closing, name, attributes in _TAG.findall(html):
        tag = name.lower()
        if tag == "thead":
            heading = not closing
        elif closing:
            continue
        elif tag == "tr":
            row, column = row + 1, 0
        else:
            row = max(row, 0)
            while (row, column) in taken:
                column += 1
            spans = {kind.lower(): max(1, int(size)) for kind, size in _SPAN.findall(attributes)}
            wide = _free(taken, row, column, spans.get("col", 1))
            high = spans.get("row", 1)
            covered = {(r, c) for r in range(row, row + high) for c in range(column, column + wide)}
            if covered & taken:
                high, covered = 1, {(row, c) for c in range(column, column + wide)}
            taken |= covered
            places.append(Place(row, column, high, wide, heading or tag == "th"))
            column += wide
    return places


def places_of(boxes: Sequence[Box]) -> list[Place]:
    """Where boxes stand on the grid that their edges make."""
    lefts = _edges([edge for box in boxes for edge in (box[0], box[2])])
    tops = _edges([edge for box in boxes for edge in (box[1], box[3])])
    taken: set[tuple[int, int]] = set()
    places = []
    for x0, y0, x1, y1 in boxes:
        column, row = _nearest(lefts, x0), _nearest(tops, y0)
        wide = max(1, _nearest(lefts, x1) - column)
        high = max(1, _nearest(tops, y1) - row)
        covered = {(r, c) for r in range(row, row + high) for c in range(column, column + wide)}
        if covered & taken:
            return []
        taken |= covered
        places.append(Place(row, column, high, wide))
    return places


def _free(taken: set[tuple[int, int]], row: int, column: int, wanted: int) -> int:
    wide = 1
    while wide < wanted and (row, column + wide) not in taken:
        wide += 1
    return wide


def _edges(values: Sequence[float]) -> list[float]:
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= _SAME_EDGE:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda number: abs(edges[number] - value))


def _home(box: Box, cells: Sequence[Box | None]) -> int:
    """The cell that holds most of a box, or else the nearest."""

    def rank(number: int) -> tuple[float, float]:
        cell = cells[number]
        if cell is None:
            return 0.0, -_INFINITE
        apart_x = max(cell[0] - box[2], box[0] - cell[2], 0.0)
        apart_y = max(cell[1] - box[3], box[1] - cell[3], 0.0)
        return overlap(box, cell), -(apart_x + apart_y)

    return max(range(len(cells)), key=rank)


def _in_order(numbers: Sequence[int], lines: Sequence[Line]) -> tuple[int, ...]:
    boxes = {number: polygon_box(lines[number].polygon) for number in numbers}
    return tuple(sorted(numbers, key=lambda number: (boxes[number][1] + boxes[number][3], boxes[number][0])))


def _cell(place: Place, box: Box | None, numbers: tuple[int, ...], lines: Sequence[Line]) -> Cell:
    return Cell(
        place.row,
        place.column,
        "\n".join(lines[number].text for number in numbers),
        numbers,
        place.row_span,
        place.column_span,
        place.heading,
        box,
    )
