"""Puts what is seen in a page's picture together with the blocks that its words make."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import Placed, area, overlap, union
from desktop_ocr.schema.results import BlockKind, Box

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import Region

_TABLE_SURE = 0.6
"""Score from which on a table is believed."""
_FIGURE_SURE = 0.58
_FORMULA_SURE = 0.6
"""Score from which on a formula is believed."""
_LIES_IN = 0.6
"""Share of a line's box that must lie in a region."""
_SAME = 0.5
"""Share of the smaller one of two tables that both cover: they are one."""
_BESIDE = 0.1
"""Share of a figure that may lie in a table, for it to stand beside it."""
_ROWS = 2
"""A table has as many rows with several lines, at least."""
_ROWS_SHARE = 0.25
"""Share of a table's rows that hold several lines, at least: prose has none."""
_LEAST, _MOST = 0.003, 0.85
"""Shares of the page: smaller figures are ornaments, larger ones the page's background."""
_MOST_PROSE = 120
"""Characters of prose in a figure: with more, it is text that was taken for one."""
_MOST_TEXT = 0.4
"""Share of the page's characters in a figure, in the same way, unless they are few."""
_FEW = 150
_NEXT = 1.0
"""Of a line's height: a row so close to a table, and within its sides, is one of its own."""
_FIGURES = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})
_BESIDE_TABLES = frozenset({BlockKind.CAPTION, BlockKind.FOOTNOTE})
"""Blocks that keep their lines where a table is seen around them. Margins do not: by the words alone, the head of a
table that fills its page is a page header."""
_NOT_A_FIGURES = _BESIDE_TABLES | {BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.TABLE}
"""Blocks that keep their lines where a figure is seen around them."""


def merge(drafts: Sequence[Draft], sheet: Sheet, regions: Sequence[Region]) -> list[Draft]:
    """The blocks with the tables and figures that were seen in the page's picture.

    A table takes the lines that lie in it, a figure those that are its labels. Every line stays in exactly one block;
    a formula of which no line was read is a block without any.

    Args:
        drafts: blocks by the words.
        sheet: the page.
        regions: blocks by the picture, on the deskewed page.
    """
    merged = _without_figures_in_tables(drafts, regions)
    for region in sorted(regions, key=lambda region: -region.score):
        if region.kind is BlockKind.TABLE and region.score >= _TABLE_SURE:
            merged = _with_table(merged, region.box)
    for region in sorted(regions, key=lambda region: -region.score):
        if region.kind in _FIGURES and region.score >= _FIGURE_SURE:
            merged = _with_figure(merged, sheet, region)
    return merged + _unread_formulas(merged, regions)


def _unread_formulas(drafts: Sequence[Draft], regions: Sequence[Region]) -> list[Draft]:
    """Formulas in which no line was found, such as a fraction alone: they are there, and a model may read them."""
    found: list[Draft] = []
    for region in sorted(regions, key=lambda region: -region.score):
        if region.kind is not BlockKind.FORMULA or region.score < _FORMULA_SURE:
            continue
        lines = (line.box for draft in drafts for line in draft.lines)
        others = (draft.box for draft in (*drafts, *found) if draft.kind in _FIGURES or not draft.lines)
        if not any(overlap(box, region.box) > 0 for box in (*lines, *others)):
            found.append(Draft(BlockKind.FORMULA, region.box, []))
    return found


def _without_figures_in_tables(drafts: Sequence[Draft], regions: Sequence[Region]) -> list[Draft]:
    """The blocks, figures' labels taken out of tables by the words that reach over what is seen beside a table.

    Words alone do not show where a drawing ends and the table next to it begins.
    """
    tables = [one.box for one in regions if one.kind is BlockKind.TABLE and one.score >= _TABLE_SURE]
    figures = [one.box for one in regions if one.kind in _FIGURES and one.score >= _FIGURE_SURE]
    beside = [box for box in figures if not any(overlap(box, table) > _BESIDE * area(box) for table in tables)]
    left: list[Draft] = []
    for draft in drafts:
        if draft.kind is BlockKind.TABLE and any(_are_one(draft.box, table) for table in tables):
            labels = [line for line in draft.lines if any(_lies_in(line.box, box) for box in beside)]
            rest = draft.without(frozenset(line.number for line in labels))
            left += [rest] if rest is not None else []
            left += [Draft.around(BlockKind.TEXT, labels)] if labels else []
        else:
            left.append(draft)
    return left


def _with_table(drafts: Sequence[Draft], box: Box) -> list[Draft]:
    same = [draft for draft in drafts if draft.kind is BlockKind.TABLE and _are_one(draft.box, box)]
    free = [draft for draft in drafts if draft.kind not in _BESIDE_TABLES | _FIGURES and draft not in same]
    taken = [line for draft in free for line in draft.lines if _lies_in(line.box, box)]
    lines = [line for draft in same for line in draft.lines] + taken
    if not lines or (not same and not is_tabular(lines)):
        return list(drafts)
    others = [line for draft in free for line in draft.lines if line not in taken]
    cut_off = _rows_next_to(lines, others)
    table = Draft(BlockKind.TABLE, union([box, *(line.box for line in lines + cut_off)]), lines + cut_off)
    return [*_without([draft for draft in drafts if draft not in same], taken + cut_off), table]


def _rows_next_to(lines: Sequence[Placed], others: Sequence[Placed]) -> list[Placed]:
    """Rows of several lines right above and below a table, which the region cut off."""
    box = union([line.box for line in lines])
    near = _NEXT * statistics.median(line.height for line in lines)
    within = [line for line in others if line.box[0] >= box[0] - near and line.box[2] <= box[2] + near]
    found: list[Placed] = []
    for row in _rows(within, downwards=True) + _rows(within, downwards=False):
        edges = union([line.box for line in row])
        apart = max(edges[1] - box[3], box[1] - edges[3])
        if len(row) > 1 and -near < apart <= near and row[0] not in found:
            found += row
            box = union([box, edges])
    return found


def _with_figure(drafts: Sequence[Draft], sheet: Sheet, region: Region) -> list[Draft]:
    box = region.box
    if not _LEAST * sheet.width * sheet.height <= area(box) <= _MOST * sheet.width * sheet.height:
        return list(drafts)
    known = [draft for draft in drafts if draft.kind in _FIGURES | {BlockKind.TABLE}]
    if any(overlap(draft.box, box) > _SAME * min(area(draft.box), area(box)) for draft in known):
        return list(drafts)
    free = [draft for draft in drafts if draft.kind not in _NOT_A_FIGURES]
    lines = [line for draft in free for line in draft.lines if _lies_in(line.box, box)]
    characters = sum(sheet.lengths[line.number] for line in lines)
    if sheet.prose(lines) > _MOST_PROSE or characters > max(_FEW, _MOST_TEXT * sum(sheet.lengths)):
        return list(drafts)
    return [*_without(drafts, lines), Draft(region.kind, box, lines)]


def _without(drafts: Sequence[Draft], lines: Sequence[Placed]) -> list[Draft]:
    """The blocks without some lines; those that only they made go, figures stay."""
    numbers = frozenset(line.number for line in lines)
    left: list[Draft] = []
    for draft in drafts:
        if draft.kind in _FIGURES:
            left.append(Draft(draft.kind, draft.box, [line for line in draft.lines if line.number not in numbers]))
        elif (rest := draft.without(numbers)) is not None:
            left.append(rest)
    return left


def is_tabular(lines: Sequence[Placed]) -> bool:
    """Whether lines stand in rows of several, as a table's do."""
    rows = _rows(lines)
    several = sum(len(row) > 1 for row in rows)
    return several >= _ROWS and several >= _ROWS_SHARE * len(rows)


def _rows(lines: Sequence[Placed], *, downwards: bool = True) -> list[list[Placed]]:
    """Lines that stand side by side, row by row."""
    rows: list[list[Placed]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3], reverse=not downwards):
        if rows and _in_row(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _in_row(one: Placed, other: Placed) -> bool:
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return shared > 0.5 * min(one.box[3] - one.box[1], other.box[3] - other.box[1])


def _are_one(one: Box, other: Box) -> bool:
    smaller = min(area(one), area(other))
    return smaller > 0 and overlap(one, other) >= _SAME * smaller


def _lies_in(line: Box, box: Box) -> bool:
    whole = area(line)
    if whole <= 0:
        x, y = (line[0] + line[2]) / 2, (line[1] + line[3]) / 2
        return box[0] <= x <= box[2] and box[1] <= y <= box[3]
    return overlap(line, box) >= _LIES_IN * whole
