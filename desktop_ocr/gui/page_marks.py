"""What is drawn over a page, as paths: made with the page, off the window's thread, and painted in one go each."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from desktop_ocr.gui.page_places import PagePlaces
from desktop_ocr.schema.results import BlockKind, Box, Line, PageResult, Polygon, box_polygon, polygon_box

SURE, DOUBTFUL = 0.95, 0.85


class Trust(enum.Enum):
    """How sure a line's text is."""

    SURE = "sure"
    FAIR = "fair"
    DOUBTFUL = "doubtful"
    HUMAN = "human"


STRAIGHT = 0.2  # of its height: a line that leans less is filled as its box


@dataclass
class Shapes:
    """Many quadrangles that look alike.

    Painting them is quick only in parts: hundreds of boxes filled one by one, and all outlines in one path. (300 lines
    as one filled path, seen turned: 50 ms; in parts: 4 ms.)

    Attributes:
        outline: of all of them.
        boxes: of those that stand upright, to be filled.
        slanted: those that do not.
    """

    outline: QPainterPath = field(default_factory=QPainterPath)
    boxes: list[QRectF] = field(default_factory=list)
    slanted: QPainterPath = field(default_factory=QPainterPath)

    def add(self, polygon: Polygon) -> None:
        """One more."""
        add_polygon(self.outline, polygon)
        x0, y0, x1, y1, x2, y2, x3, y3 = polygon
        lean = max(abs(y1 - y0), abs(y2 - y3), abs(x3 - x0), abs(x2 - x1))
        if lean <= STRAIGHT * min(max(y2, y3) - min(y0, y1), max(x1, x2) - min(x0, x3)):
            self.boxes.append(rectangle(polygon_box(polygon)))
        else:
            add_polygon(self.slanted, polygon)


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
    blocks: dict[BlockKind, Shapes]
    lines: dict[Trust, Shapes]
    places: PagePlaces


def page_marks(result: PageResult) -> PageMarks:
    """Make them; takes some ten milliseconds for a dense page."""
    blocks: dict[BlockKind, Shapes] = {}
    for block in result.blocks:
        blocks.setdefault(block.kind, Shapes()).add(box_polygon(block.box))
    lines: dict[Trust, Shapes] = {}
    for line in result.lines:
        lines.setdefault(trust(line), Shapes()).add(line.polygon)
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
