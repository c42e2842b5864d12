"""What is drawn over a page, as paths: made with the page, off the window's thread, and painted in one go each."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from desktop_ocr.gui.page_places import PagePlaces
from desktop_ocr.schema.results import BlockKind, Box, Line, PageResult, Polygon

SURE, DOUBTFUL = 0.95, 0.85


class Trust(enum.Enum):
    """How sure a line's text is."""

    SURE = "sure"
    FAIR = "fair"
    DOUBTFUL = "doubtful"
    HUMAN = "human"


@dataclass(frozen=True)
class PageMarks:
    """What can be drawn over a page, in the pixels of its result.

    Attributes:
        result: the page.
        blocks: boxes by kind, the kinds in reading order.
        lines: polygons by how sure they are.
        places: finds what is at a point.
    """

    result: PageResult
    blocks: dict[BlockKind, QPainterPath]
    lines: dict[Trust, QPainterPath]
    places: PagePlaces


def page_marks(result: PageResult) -> PageMarks:
    """Make them; takes some ten milliseconds for a dense page."""
    blocks: dict[BlockKind, QPainterPath] = {}
    for block in result.blocks:
        blocks.setdefault(block.kind, QPainterPath()).addRect(rectangle(block.box))
    lines: dict[Trust, QPainterPath] = {}
    for line in result.lines:
        add_polygon(lines.setdefault(trust(line), QPainterPath()), line.polygon)
    ordered = {kind: lines[kind] for kind in Trust if kind in lines}
    return PageMarks(result, blocks, ordered, PagePlaces(result))


def trust(line: Line) -> Trust:
    """How sure a line is."""
    if line.human:
        return Trust.HUMAN
    if line.confidence >= SURE:
        return Trust.SURE
    return Trust.FAIR if line.confidence >= DOUBTFUL else Trust.DOUBTFUL


def rectangle(box: Box) -> QRectF:
    """A box as Qt has it."""
    return QRectF(QPointF(box[0], box[1]), QPointF(box[2], box[3]))


def add_polygon(path: QPainterPath, polygon: Polygon) -> None:
    """A quadrangle more."""
    path.addPolygon(QPolygonF([QPointF(polygon[at], polygon[at + 1]) for at in range(0, 8, 2)]))
    path.closeSubpath()


def path_of(polygons: Iterable[Polygon]) -> QPainterPath:
    """Several quadrangles."""
    path = QPainterPath()
    for polygon in polygons:
        add_polygon(path, polygon)
    return path
