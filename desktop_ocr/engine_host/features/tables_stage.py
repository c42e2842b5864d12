"""Finds the cells of a page's tables, and puts the words into them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop_ocr.engine_host.failures import UNUSABLE
from desktop_ocr.engine_host.features.table_choice import choose
from desktop_ocr.engine_host.features.table_rulings import Rulings
from desktop_ocr.engine_host.features.table_settling import settle
from desktop_ocr.engine_host.features.table_units import Grid, grid_of, units_of, usual_height
from desktop_ocr.engine_host.geometry import box_corners, deskewed, direction, page_skew, union
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Line,
    PageResult,
    PageSource,
    box_polygon,
    polygon_box,
)
from desktop_ocr.schema.roles import ModelRole

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import View
    from desktop_ocr.engine_host.models import Models

_MARGIN = 1.2
"""Of the writing's height: rulings around a table's words lie so far out, or less."""
_SKEW = math.radians(0.1)
"""A table that is less askew is taken for straight."""
_MOST_WORDS = 4000
"""A table with more is shown as it stands: it would take minutes."""


def tables_of_layer(result: PageResult, rulings: Sequence[Box]) -> PageResult:
    """A page that was read from its text layer, its tables with their cells: no picture and no model are needed.

    Args:
        result: of the page.
        rulings: boxes of the page's straight lines, in the result's pixels.
    """

    def cells(seen: _Seen) -> Grid | None:
        return choose(seen.units, Rulings(seen.near(rulings), seen.height))

    return _with_cells(result, cells)


class TablesStage:
    """Cells of tables: by rulings, by the words' alignment, by a model."""

    feature = Feature.TABLES

    def needed(self, result: PageResult, mode: FeatureMode) -> bool:
        """Whether there is a table on the page whose cells are not known. Text layers' tables have been looked at."""
        del mode
        return result.source is PageSource.RECOGNISED and any(_is_open(block) for block in result.blocks)

    def roles(self, configured: frozenset[str]) -> tuple[str, ...]:
        """The best model there is. Without any, rulings and words still show most tables."""
        for role in (ModelRole.TABLE_PIPELINE, ModelRole.TABLE_STRUCTURE):
            if role in configured:
                return (role,)
        return (ModelRole.LAYOUT,)

    def apply(self, models: Models, view: View, result: PageResult) -> PageResult:
        """The result with the cells of its tables. Loads a model only where a table needs it."""
        return _with_cells(result, functools.partial(_by_picture, models, view))


class _Seen:
    """A table's words as they lie on the deskewed page.

    Attributes:
        units: the words.
        height: of the writing.
        box: around them.
        skew: that was taken out, in radians.
        centre: around which.
    """

    def __init__(self, result: PageResult, block: Block) -> None:
        x0, y0, x1, y1 = block.box
        self.centre = (x0 + x1) / 2, (y0 + y1) / 2
        self.skew = page_skew([result.lines[index] for index in block.lines], least=_SKEW)
        self.units = units_of(result.lines, block.lines, self.skew, self.centre)
        self.height = usual_height(self.units)
        self.box = union([unit.box for unit in self.units])

    def near(self, rulings: Sequence[Box]) -> list[Box]:
        """Those of a page's rulings that touch the table, or nearly, deskewed."""
        x0, y0, x1, y1 = self.box
        reach = _MARGIN * self.height
        straight = (polygon_box(deskewed(box_corners(ruling), self.skew, self.centre)) for ruling in rulings)
        return [
            ruling
            for ruling in straight
            if ruling[2] >= x0 - reach
            and ruling[0] <= x1 + reach
            and ruling[3] >= y0 - reach
            and ruling[1] <= y1 + reach
        ]

    def back(self, box: Box) -> Box:
        """A box of the deskewed page on the page."""
        return polygon_box(deskewed(box_corners(box), -self.skew, self.centre))


def _by_picture(models: Models, view: View, seen: _Seen) -> Grid | None:
    """A table's cells as its picture shows them."""
    from desktop_ocr.engine_host.features.table_picture import TablePicture

    picture = TablePicture(view, seen.box, _MARGIN * seen.height, seen.skew, seen.centre)
    rulings = Rulings(picture.rulings(seen.height), seen.height)
    if not (models.has(ModelRole.TABLE_PIPELINE) or models.has(ModelRole.TABLE_STRUCTURE)):
        return choose(seen.units, rulings)

    def by_model() -> Grid | None:
        lines = [Line(unit.text, box_polygon(picture.inside(unit.box)), 1.0) for unit in seen.units]
        try:
            reader = models.tables()
        except DesktopOcrError as error:
            if error.code not in UNUSABLE:
                raise
            models.note("The models for the cells of tables", error)  # rulings and words still show most
            return None
        table = reader.read(picture.image, lines)
        return grid_of(table) if table is not None else None

    return choose(seen.units, rulings, by_model)


def _with_cells(result: PageResult, cells: Callable[[_Seen], Grid | None]) -> PageResult:
    number = 0
    while number < len(result.blocks):
        block = result.blocks[number]
        count = len(result.blocks)
        if _is_open(block) and _is_upright([result.lines[index] for index in block.lines]):
            seen = _Seen(result, block)
            grid = cells(seen) if len(seen.units) <= _MOST_WORDS else None
            if grid is not None:
                result = settle(result, number, grid, seen.units, seen.back)
        number += 1 + len(result.blocks) - count
    return result


def _is_open(block: Block) -> bool:
    return block.kind is BlockKind.TABLE and block.table is None and bool(block.lines)


def _is_upright(lines: Sequence[Line]) -> bool:
    """Whether most lines run from left to right: cells of a table that lies on its side cannot be told."""
    return 2 * sum(abs(direction(line.polygon)) < math.pi / 4 for line in lines) > len(lines)


STAGE = TablesStage()
