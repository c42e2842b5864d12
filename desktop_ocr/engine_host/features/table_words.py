"""A table's cells from how its words stand below and beside each other."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from desktop_ocr.engine_host.features.table_rulings import Rulings, covered
from desktop_ocr.engine_host.features.table_units import Grid, Slot, Unit, usual_height

SOURCE = "words"

_SAME_ROW = 0.5
"""Of the writing's height: middles of one row's words are no further apart."""
_WITHIN, _BETWEEN = 0.8, 0.25
"""Of the writing's height: wider gaps end a run, inside of a line and from one line to the next."""
_FULL = 0.6
"""Share of the usual number of runs from which on a row shows where the columns are."""
_STRAY = 12
"""One in so many rows may cross a gap between columns."""
_GUTTER = 0.25
"""Of the writing's height: the least gap between columns."""
_TIGHT = 0.8
"""Of the usual distance between rows: a line that follows so closely may go on in the same cell."""
_FULLY_RULED = 0.8
"""Share of the table's width."""
_PARTLY_RULED = 0.7
"""Share of a column's width: it is under a ruling that heads several."""


class _Run(NamedTuple):
    """Words of one row that belong together."""

    left: float
    right: float
    units: tuple[int, ...]


class _Row:
    """A row of the table in the making: for each of its runs the columns it covers."""

    def __init__(self, top: float, bottom: float, runs: list[_Run]) -> None:
        self.top = top
        self.bottom = bottom
        self.runs = runs
        self.cells: list[tuple[int, int, list[int]]] = []
        """First and last column, and units."""

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def filled(self) -> set[int]:
        return {column for first, last, _ in self.cells for column in range(first, last + 1)}


def grid_by_words(units: Sequence[Unit], rulings: Rulings) -> Grid | None:
    """The cells that words show by how they are aligned, and rulings by what they part and head.

    Returns:
        None where there are not two columns and two rows.
    """
    if not units:
        return None
    height = usual_height(units)
    rows = _rows(units, height)
    columns = _columns(rows, height)
    if len(columns) < 2:
        return None
    for row in rows:
        row.cells = _cells(row, columns, rulings, height)
    rows = _joined(rows, columns, rulings, height)
    if len(rows) < 2:
        return None
    return Grid(len(rows), len(columns), tuple(_slots(rows, len(columns))), SOURCE)


def _rows(units: Sequence[Unit], height: float) -> list[_Row]:
    groups: list[list[int]] = []
    middle = 0.0
    for index in sorted(range(len(units)), key=lambda index: units[index].middle[1]):
        y = units[index].middle[1]
        if groups and y - middle <= _SAME_ROW * height:
            groups[-1].append(index)
            middle = statistics.fmean(units[other].middle[1] for other in groups[-1])
        else:
            groups.append([index])
            middle = y
    rows = []
    for group in groups:
        boxes = [units[index].box for index in group]
        rows.append(_Row(min(box[1] for box in boxes), max(box[3] for box in boxes), _runs(group, units, height)))
    return rows


def _runs(group: Sequence[int], units: Sequence[Unit], height: float) -> list[_Run]:
    runs: list[_Run] = []
    for index in sorted(group, key=lambda index: units[index].box[0]):
        x0, _, x1, _ = units[index].box
        if runs:
            last = runs[-1]
            same_line = units[last.units[-1]].line == units[index].line
            if x0 - last.right <= (_WITHIN if same_line else _BETWEEN) * height:
                runs[-1] = _Run(last.left, max(last.right, x1), (*last.units, index))
                continue
        runs.append(_Run(x0, x1, (index,)))
    return runs


def _columns(rows: Sequence[_Row], height: float) -> list[tuple[float, float]]:
    """Left and right of what stands in each column."""
    several = sorted(len(row.runs) for row in rows if len(row.runs) > 1)
    if not several:
        return []
    usual = several[(3 * len(several)) // 4]
    full = [row for row in rows if len(row.runs) >= max(2.0, _FULL * usual)]
    allowed = len(full) // _STRAY
    events = sorted(
        [(run.left, 1) for row in full for run in row.runs] + [(run.right, -1) for row in full for run in row.runs],
        key=lambda event: (event[0], -event[1]),
    )
    columns: list[tuple[float, float]] = []
    depth = 0
    start: float | None = None
    for place, change in events:
        depth += change
        if start is None and depth > allowed:
            start = place
        elif start is not None and depth <= allowed:
            if columns and start - columns[-1][1] < _GUTTER * height:
                columns[-1] = (columns[-1][0], place)
            else:
                columns.append((start, place))
            start = None
    return columns


def _cells(
    row: _Row, columns: Sequence[tuple[float, float]], rulings: Rulings, height: float
) -> list[tuple[int, int, list[int]]]:
    """Which columns each run stands in; runs that share one are put together."""
    cells: list[tuple[int, int, list[int]]] = []
    for run in row.runs:
        under = [
            number
            for number, (left, right) in enumerate(columns)
            if min(right, run.right) - max(left, run.left) > min(0.5 * height, 0.5 * (right - left))
        ]
        if not under:
            middle = (run.left + run.right) / 2
            gaps = [max(left - middle, middle - right, 0.0) for left, right in columns]
            under = [gaps.index(min(gaps))]
        first, last = under[0], under[-1]
        heads = _headed(row, run, columns, rulings, height)
        if heads is not None:
            first, last = min(first, heads[0]), max(last, heads[1])
        if cells and cells[-1][1] >= first:
            before = cells[-1]
            cells[-1] = (min(before[0], first), max(before[1], last), [*before[2], *run.units])
        else:
            cells.append((first, last, list(run.units)))
    return cells


def _headed(
    row: _Row, run: _Run, columns: Sequence[tuple[float, float]], rulings: Rulings, height: float
) -> tuple[int, int] | None:
    """The columns that a ruling right below a run reaches over, where it is not the whole table's."""
    for y, spans in rulings.across.items():
        if not -0.3 * height <= y - row.bottom <= 0.8 * height:
            continue
        for start, end in spans:
            if start <= run.left + height and end >= run.right - height:
                over = [
                    number
                    for number, (left, right) in enumerate(columns)
                    if covered([(start, end)], left, right) >= _PARTLY_RULED
                ]
                if 1 < len(over) < len(columns):
                    return over[0], over[-1]
    return None


def _joined(
    rows: Sequence[_Row], columns: Sequence[tuple[float, float]], rulings: Rulings, height: float
) -> list[_Row]:
    """Rows of text that are one row of the table put together."""
    left, right = columns[0][0], columns[-1][1]
    lines = sorted(y for y, spans in rulings.across.items() if covered(spans, left, right) >= _FULLY_RULED)
    inner = [y for y in lines if rows[0].middle < y < rows[-1].middle]
    if len(inner) + 1 >= max(3, 0.4 * len(rows)):
        bands = [[row for row in rows if low <= row.middle < high] for low, high in _bands(inner)]
        return [_union(band) for band in bands if band]
    pitches = [below.middle - above.middle for above, below in itertools.pairwise(rows)]
    usual = statistics.median(pitches) if pitches else height
    body = _body(rows, len(columns))
    out: list[_Row] = []
    for number, row in enumerate(rows):
        above = out[-1] if out else None
        ruled = above is not None and any(above.middle < y < row.middle for y in lines)
        if above is None or ruled:
            out.append(row)
        elif number <= body:
            # A head's lines: those of one column each go with the next.
            title = above.filled == {0} and 0 in row.filled and row.middle - above.middle > _TIGHT * usual
            if title or any(last > first for first, last, _ in above.cells):
                out.append(row)
            else:
                out[-1] = _union([above, row])
        elif (
            row.middle - rows[number - 1].middle <= min(_TIGHT * usual, 1.6 * height)
            and 0 not in row.filled
            and row.filled <= above.filled
        ):
            out[-1] = _union([above, row])
        else:
            out.append(row)
    return out


def _body(rows: Sequence[_Row], columns: int) -> int:
    """The first row with a cell of its own in most columns: the last of the head, or the first below it."""
    return next((number for number, row in enumerate(rows) if len(row.cells) >= _FULL * columns), 0)


def _slots(rows: Sequence[_Row], columns: int) -> list[Slot]:
    """The cells; those of a head of several rows reach up to what stands above them."""
    head = _body(rows, columns)
    if not any(last > first for row in rows[:head] for first, last, _ in row.cells):
        head = -1  # one row, or a title of what is below
    slots = []
    for number, row in enumerate(rows):
        for first, last, own in row.cells:
            top = number
            while top > 0 and number <= head and not rows[top - 1].filled & set(range(first, last + 1)):
                top -= 1
            slots.append(Slot(top, first, number - top + 1, last - first + 1, tuple(own)))
    return sorted(slots)


def _bands(edges: Sequence[float]) -> list[tuple[float, float]]:
    return list(itertools.pairwise([float("-inf"), *edges, float("inf")]))


def _union(rows: Sequence[_Row]) -> _Row:
    """Rows of text as one row of the table."""
    made = _Row(rows[0].top, rows[-1].bottom, [run for row in rows for run in row.runs])
    spans: list[tuple[int, int]] = []
    for first, last in sorted((first, last) for row in rows for first, last, _ in row.cells):
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    for low, high in spans:
        own = [unit for row in rows for first, _, units in row.cells if low <= first <= high for unit in units]
        made.cells.append((low, high, own))
    return made
