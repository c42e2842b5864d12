"""Which of the ways to find a table's cells is believed, and which of its rows are its head."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from desktop_ocr.engine_host.features.table_rulings import Rulings, grid_by_rulings
from desktop_ocr.engine_host.features.table_units import Grid, Slot, Unit, usual_height
from desktop_ocr.engine_host.features.table_words import grid_by_words

_CLEAN = 0.8
"""Share of a table's rows that look like rows, from which on its words alone show its cells."""
_FULL = 0.5
"""Share of its columns that a row fills: a recogniser does not see every dash."""
_APART = 1.5
"""Of the writing's height: words of one line of one cell are no further apart."""
_TORN = 0.1
"""Share of the cells that may hold words as far apart."""
_SLIPPED = 0.05
"""Share of the cells that a model may fill with words of several columns."""
_DEEPEST_HEAD = 4
_FIGURES = re.compile(r"[\d.,:;%()<>=±+*/$€£¥\s\u2010-\u2015-]*\d[\d.,:;%()<>=±+*/$€£¥\s\u2010-\u2015-]*")


def choose(units: Sequence[Unit], rulings: Rulings, by_model: Callable[[], Grid | None] | None = None) -> Grid | None:
    """A table's cells.

    Rulings that enclose them are believed first. Where there are none, words that stand in clear rows and columns
    show them as well as a model does, and exactly; the model is asked for the rest.

    Args:
        units: the table's words.
        rulings: of the table.
        by_model: asks a model for the table's cells; None where there is none.

    Returns:
        The cells, heads marked; None where there are none to be seen.
    """
    if not units:
        return None
    ruled = grid_by_rulings(units, rulings)
    if ruled is not None and min(ruled.rows, ruled.columns) > 1 and torn(ruled, units) <= _TORN:
        return with_head(ruled, units)
    worded = grid_by_words(units, rulings)
    if by_model is not None and (worded is None or clean(worded) < _CLEAN):
        modelled = by_model()
        if modelled is not None and min(modelled.rows, modelled.columns) > 1 and not _is_worse(modelled, worded, units):
            return modelled if any(slot.heading for slot in modelled.slots) else with_head(modelled, units)
    found = worded or ruled
    return with_head(found, units) if found is not None else None


def _is_worse(modelled: Grid, worded: Grid | None, units: Sequence[Unit]) -> bool:
    """Whether a model has put words of several columns into one cell where the words' alignment has not."""
    if worded is None:
        return False
    return torn(modelled, units, rows=False) > max(_SLIPPED, torn(worded, units, rows=False))


def clean(grid: Grid) -> float:
    """Share of a table's rows that begin in its first column and fill most others, or hold the title of those below."""
    held = [0] * grid.rows
    alone = [0] * grid.rows
    for slot in grid.slots:
        if slot.units:
            held[slot.row] += slot.column_span
            alone[slot.row] += 1
    good = sum(
        first and (filled >= _FULL * grid.columns or cells == 1)
        for filled, cells, first in zip(held, alone, _firsts(grid), strict=True)
    )
    return good / grid.rows


def _firsts(grid: Grid) -> list[bool]:
    firsts = [False] * grid.rows
    for slot in grid.slots:
        if slot.units and slot.column == 0:
            firsts[slot.row] = True
    return firsts


def torn(grid: Grid, units: Sequence[Unit], *, rows: bool = True) -> float:
    """Share of the filled cells whose words stand so far apart that they are several cells'.

    Args:
        grid: the cells.
        units: the words.
        rows: whether an empty line between words counts, too.
    """
    height = usual_height(units)
    filled = [[units[number] for number in slot.units] for slot in grid.slots if slot.units]
    count = sum(_is_torn_across(own, height) or (rows and _is_torn_down(own, height)) for own in filled)
    return count / max(1, len(filled))


def _is_torn_across(units: Sequence[Unit], height: float) -> bool:
    across = sorted(units, key=lambda unit: unit.box[0])
    for left, right in itertools.pairwise(across):
        reach = max(unit.box[2] for unit in across[: across.index(right)])
        same_row = abs(left.middle[1] - right.middle[1]) < height / 2
        if same_row and right.box[0] - reach > _APART * height:
            return True
    return False


def _is_torn_down(units: Sequence[Unit], height: float) -> bool:
    down = sorted(units, key=lambda unit: unit.box[1])
    return any(below.box[1] - above.box[3] > height for above, below in itertools.pairwise(down))


def with_head(grid: Grid, units: Sequence[Unit]) -> Grid:
    """The grid with its head marked: the first row, unless it holds figures, and those that it reaches into."""
    first = [slot for slot in grid.slots if slot.row == 0 and slot.units]
    figures = [slot for slot in first if slot.column and _is_figure(slot, units)]
    if grid.rows < 2 or len(figures) * 2 > max(1, len(first) - 1):
        return grid
    head = 1
    while head < min(grid.rows - 1, _DEEPEST_HEAD):
        reach = max((slot.row + slot.row_span for slot in grid.slots if slot.row == 0), default=head)
        over_several = any(slot.column_span > 1 and slot.row + slot.row_span == head for slot in grid.slots)
        deeper = max(reach, head + over_several)
        if deeper == head:
            break
        head = min(deeper, grid.rows - 1)
    return replace(grid, slots=tuple(slot._replace(heading=slot.row < head) for slot in grid.slots))


def _is_figure(slot: Slot, units: Sequence[Unit]) -> bool:
    return _FIGURES.fullmatch(" ".join(units[number].text for number in slot.units)) is not None
