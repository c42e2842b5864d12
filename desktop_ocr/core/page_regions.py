"""Rectangles of a page as it is shown: which part of the file's page they are, and back again."""

from __future__ import annotations

import math

import msgspec

from desktop_ocr.core.processor import PagePart
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import Block, Box, Line, PageResult, Polygon, Table, Word

LEAST_PIXELS = 1.0


def part_of(shown: PageResult, region: Box) -> PagePart:
    """The part of the page that a rectangle of its result shows.

    Args:
        shown: the page as it is.
        region: in its pixels; what sticks out of the page is cut off.

    Raises:
        DesktopOcrError: USAGE, nothing of it is on the page, or its pixels are not those of the file's page.
    """
    if shown.unwarped:
        raise DesktopOcrError(
            ErrorCode.USAGE,
            "This page was flattened before it was read, so that a rectangle of it cannot be read alone.",
            "Recognise the whole page.",
        )
    x0, y0, x1, y1 = on_page(shown, region)
    return PagePart(shown.rotation, (x0 / shown.width, y0 / shown.height, x1 / shown.width, y1 / shown.height))


def on_page(shown: PageResult, region: Box) -> Box:
    """The part of a rectangle that lies on its page.

    Raises:
        DesktopOcrError: USAGE, it is less than a pixel.
    """
    if all(map(math.isfinite, region)):
        x0, x1 = max(0.0, region[0]), min(shown.width, region[2])
        y0, y1 = max(0.0, region[1]), min(shown.height, region[3])
        if x1 - x0 >= LEAST_PIXELS and y1 - y0 >= LEAST_PIXELS:
            return x0, y0, x1, y1
    raise DesktopOcrError(ErrorCode.USAGE, "The rectangle is empty, or lies outside of the page.", "Draw another one.")


def placed(part: PageResult, shown: PageResult, region: Box) -> PageResult:
    """The result of a rectangle, in the pixels of the page that it was cut out of.

    Args:
        part: in pixels of its own; it was neither turned nor flattened.
        shown: the page as it is.
        region: the rectangle, in the page's pixels.

    Returns:
        The size, resolution and rotation are the page's; lines and blocks those of the part, within the rectangle.
    """
    if part.rotation or part.unwarped:
        raise DesktopOcrError(ErrorCode.PROTOCOL, "The engine process has turned what it was not to turn.")
    box = on_page(shown, region)
    place = _Place(box, (box[2] - box[0]) / part.width, (box[3] - box[1]) / part.height)
    return msgspec.structs.replace(
        part,
        width=shown.width,
        height=shown.height,
        dpi=shown.dpi,
        rotation=shown.rotation,
        lines=tuple(place.line(line) for line in part.lines),
        blocks=tuple(place.block(block) for block in part.blocks),
    )


class _Place:
    """Scales by so much, shifts to the upper left corner of a box, and keeps within that box."""

    def __init__(self, box: Box, x_scale: float, y_scale: float) -> None:
        self._box = box
        self._scales = x_scale, y_scale

    def line(self, line: Line) -> Line:
        words = tuple(self._word(word) for word in line.words)
        return msgspec.structs.replace(line, polygon=self._polygon(line.polygon), words=words)

    def block(self, block: Block) -> Block:
        table = None if block.table is None else self._table(block.table)
        return msgspec.structs.replace(block, box=self._area(block.box), table=table)

    def _table(self, table: Table) -> Table:
        cells = tuple(
            cell if cell.box is None else msgspec.structs.replace(cell, box=self._area(cell.box))
            for cell in table.cells
        )
        return msgspec.structs.replace(table, cells=cells)

    def _word(self, word: Word) -> Word:
        return msgspec.structs.replace(word, polygon=self._polygon(word.polygon))

    def _polygon(self, polygon: Polygon) -> Polygon:
        ax, ay, bx, by, cx, cy, dx, dy = polygon
        corners = (self._point(ax, ay), self._point(bx, by), self._point(cx, cy), self._point(dx, dy))
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
        return ax, ay, bx, by, cx, cy, dx, dy

    def _area(self, box: Box) -> Box:
        return (*self._point(box[0], box[1]), *self._point(box[2], box[3]))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self._box
        x_scale, y_scale = self._scales
        return min(right, max(left, left + x * x_scale)), min(bottom, max(top, top + y * y_scale))
