"""A table's cells from its rulings: every cell is what walls enclose."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from desktop_ocr.engine_host.features.table_units import Grid, Slot, Unit, usual_height
from desktop_ocr.schema.results import Box

SOURCE = "rulings"

_THICK = 0.5
"""Of the writing's height: thicker bars are no rulings."""
_NEAR = 0.35
"""Of the writing's height: rulings so close are one."""
_WALL = 0.6
"""Share of a cell's side that must be ruled to be a wall."""
_INSIDE = 0.7
"""Share of the units that must lie in the grid for it to be the table's."""
_Spans = list[tuple[float, float]]


class Rulings:
    """Straight lines of a table, those of one height or one place across put together.

    Attributes:
        across: of each height (y), the stretches (x0, x1) that are ruled.
        down: of each place (x), the stretches (y0, y1).
    """

    def __init__(self, boxes: Iterable[Box], height: float) -> None:
        """Sort the boxes of rulings.

        Args:
            boxes: of rulings, in pixels.
            height: of the table's writing in pixels.
        """
        across: list[tuple[float, float, float]] = []
        down: list[tuple[float, float, float]] = []
        for x0, y0, x1, y1 in boxes:
            wide, high = x1 - x0, y1 - y0
            if wide >= high and high <= _THICK * height:
                across.append(((y0 + y1) / 2, x0, x1))
            elif high > wide and wide <= _THICK * height:
                down.append(((x0 + x1) / 2, y0, y1))
        self.across = _gathered(across, _NEAR * height)
        self.down = _gathered(down, _NEAR * height)


def _gathered(lines: Sequence[tuple[float, float, float]], near: float) -> dict[float, _Spans]:
    groups: list[list[tuple[float, float, float]]] = []
    for line in sorted(lines):
        if groups and line[0] - groups[-1][-1][0] <= near:
            groups[-1].append(line)
        else:
            groups.append([line])
    gathered = {}
    for group in groups:
        length = sum(end - start for _, start, end in group) or 1.0
        place = sum(at * (end - start) for at, start, end in group) / length
        gathered[place] = joined(((start, end) for _, start, end in group), near / 2)
    return gathered


def joined(spans: Iterable[tuple[float, float]], near: float = 0.0) -> _Spans:
    """Stretches in order, those that overlap or nearly touch put together."""
    out: _Spans = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1] + near:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def covered(spans: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """Share of a stretch that is ruled."""
    if end <= start:
        return 0.0
    return sum(max(0.0, min(end, last) - max(start, first)) for first, last in spans) / (end - start)


def grid_by_rulings(units: Sequence[Unit], rulings: Rulings) -> Grid | None:
    """The cells that rulings enclose.

    Sides of the table that are not ruled, beyond which there is text, are taken for ruled.

    Returns:
        None where the rulings enclose no table, or not this text.
    """
    height = usual_height(units)
    ys, xs = _sides(units, rulings, height)
    if len(ys) < 2 or len(xs) < 2 or len(ys) + len(xs) < 5:
        return None
    ys = _without_margins(ys, [unit.middle[1] for unit in units])
    rooms = _rooms(ys, xs, rulings)
    if rooms is None or len(ys) < 2:
        return None
    places = {place: number for number, room in enumerate(rooms) for place in _places(room)}
    held: list[list[int]] = [[] for _ in rooms]
    inside = 0
    for index, unit in enumerate(units):
        x, y = unit.middle
        row, column = _band(ys, y), _band(xs, x)
        if row is not None and column is not None:
            held[places[row, column]].append(index)
            inside += 1
    if inside < _INSIDE * len(units):
        return None
    slots = tuple(
        Slot(
            row,
            column,
            row_span,
            column_span,
            tuple(own),
            box=(xs[column], ys[row], xs[column + column_span], ys[row + row_span]),
        )
        for (row, column, row_span, column_span), own in zip(rooms, held, strict=True)
    )
    return Grid(len(ys) - 1, len(xs) - 1, slots, SOURCE)


def _sides(units: Sequence[Unit], rulings: Rulings, height: float) -> tuple[list[float], list[float]]:
    """Heights and places of the rulings, and of the table's sides that are not ruled.

    A side is where the rulings that run towards it end, if there is text between it and the last ruling beside it.
    """
    ys, xs = sorted(rulings.across), sorted(rulings.down)
    if not ys or not xs:
        return ys, xs
    middles = [unit.middle for unit in units]
    wide = [span for y in ys for span in rulings.across[y]]
    high = [span for x in xs for span in rulings.down[x]]
    left, right = min(start for start, _ in wide), max(end for _, end in wide)
    top, bottom = min(start for start, _ in high), max(end for _, end in high)
    columns = _with_sides(xs, left, right, height, [x for x, y in middles if ys[0] <= y <= ys[-1]])
    rows = _with_sides(ys, top, bottom, height, [y for x, y in middles if xs[0] <= x <= xs[-1]])
    return rows, columns


def _without_margins(ys: list[float], middles: Sequence[float]) -> list[float]:
    """Without what is ruled above and below the table: the first and the last row hold text."""
    rows = list(itertools.pairwise(ys))
    filled = [number for number, (low, high) in enumerate(rows) if any(low <= y < high for y in middles)]
    return ys[filled[0] : filled[-1] + 2] if filled else []


def _with_sides(edges: list[float], low: float, high: float, height: float, values: Sequence[float]) -> list[float]:
    sides = list(edges)
    if low < edges[0] - height / 2 and any(low <= value < edges[0] for value in values):
        sides.insert(0, low)
    if high > edges[-1] + height / 2 and any(edges[-1] < value <= high for value in values):
        sides.append(high)
    return sides


def _rooms(ys: Sequence[float], xs: Sequence[float], rulings: Rulings) -> list[tuple[int, int, int, int]] | None:
    """Row, column and spans of what walls enclose; None where that is no rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    home = {place: place for place in itertools.product(range(rows), range(columns))}

    def find(place: tuple[int, int]) -> tuple[int, int]:
        while home[place] != place:
            place = home[place]
        return place

    for row, column in list(home):
        if column + 1 < columns:
            wall = covered(rulings.down.get(xs[column + 1], ()), ys[row], ys[row + 1])
            if wall < _WALL:
                home[find((row, column + 1))] = find((row, column))
        if row + 1 < rows:
            wall = covered(rulings.across.get(ys[row + 1], ()), xs[column], xs[column + 1])
            if wall < _WALL:
                home[find((row + 1, column))] = find((row, column))
    rooms: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for place in home:
        rooms.setdefault(find(place), []).append(place)
    found = []
    for members in rooms.values():
        top, left = min(row for row, _ in members), min(column for _, column in members)
        high, wide = max(row for row, _ in members) - top + 1, max(column for _, column in members) - left + 1
        if high * wide != len(members):
            return None
        found.append((top, left, high, wide))
    return sorted(found)


def _places(room: tuple[int, int, int, int]) -> Iterable[tuple[int, int]]:
    row, column, row_span, column_span = room
    return itertools.product(range(row, row + row_span), range(column, column + column_span))


def _band(edges: Sequence[float], value: float) -> int | None:
    return next((number for number, (low, high) in enumerate(itertools.pairwise(edges)) if low <= value < high), None)
