"""Where lines lie once a page's skew is taken out: plain numbers, no pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from desktop_ocr.engine_host.words import is_spaceless
from desktop_ocr.schema.results import BlockKind, Box, Line, Polygon

_SKEW_LEAST = math.radians(0.5)
_SKEW_MOST = math.radians(20)


class Placed(NamedTuple):
    """A line as it lies on the deskewed page.

    Attributes:
        number: of the line on its page.
        box: around it, deskewed, in pixels.
        height: of its letters' box, across the writing's direction, in pixels.
        upright: whether it runs from left to right (within 45 degrees), and not downwards.
    """

    number: int
    box: Box
    height: float
    upright: bool


class Found(NamedTuple):
    """A block that the layout model sees, in the pixels of the page it was given."""

    kind: BlockKind
    box: Box


def direction(polygon: Polygon) -> float:
    """Angle in radians of a line's writing direction, clockwise from left-to-right."""
    x0, y0, x1, y1, x2, y2, x3, y3 = polygon
    return math.atan2((y1 + y2) - (y0 + y3), (x1 + x2) - (x0 + x3))


def thickness(polygon: Polygon) -> float:
    """Size of a line's box across its writing direction, in pixels."""
    x0, y0, x1, y1, x2, y2, x3, y3 = polygon
    return (math.hypot(x3 - x0, y3 - y0) + math.hypot(x2 - x1, y2 - y1)) / 2


def extent(polygon: Polygon) -> float:
    """Size of a line's box along its writing direction, in pixels."""
    x0, y0, x1, y1, x2, y2, x3, y3 = polygon
    return (math.hypot(x1 - x0, y1 - y0) + math.hypot(x2 - x3, y2 - y3)) / 2


def page_skew(lines: Sequence[Line], least: float = _SKEW_LEAST) -> float:
    """The page's skew in radians: the median direction of its lines, long ones counting more.

    0.0 below `least` (half a degree, where taking it out gains nothing), and above 20 degrees, where the lines were not
    set as a page.
    """
    angles: list[tuple[float, float]] = []
    for line in lines:
        angle = direction(line.polygon)
        length = extent(line.polygon)
        # A short box says little about its direction.
        if abs(angle) < _SKEW_MOST and length > 4 * thickness(line.polygon):
            angles.append((angle, length))
    if not angles:
        return 0.0
    angles.sort()
    half = sum(length for _, length in angles) / 2
    passed = 0.0
    for angle, length in angles:
        passed += length
        if passed >= half:
            return angle if abs(angle) >= least else 0.0
    return 0.0


def turned(x: float, y: float, angle: float, centre: tuple[float, float]) -> tuple[float, float]:
    """A point turned by an angle in radians (clockwise, y down) around a centre."""
    cosine, sine = math.cos(angle), math.sin(angle)
    dx, dy = x - centre[0], y - centre[1]
    return centre[0] + dx * cosine - dy * sine, centre[1] + dx * sine + dy * cosine


def deskewed(polygon: Polygon, skew: float, centre: tuple[float, float]) -> Polygon:
    """A polygon with the page's skew taken out."""
    if not skew:
        return polygon
    corners = [turned(polygon[i], polygon[i + 1], -skew, centre) for i in range(0, 8, 2)]
    return tuple(value for corner in corners for value in corner)  # type: ignore[return-value]


def place(lines: Sequence[Line], skew: float, centre: tuple[float, float]) -> list[Placed]:
    """All lines on the deskewed page.

    Vertical lines come in two ways: with the corners in the writing's direction, as recognised, and as upright boxes
    that are higher than wide, from text layers.
    """
    placed = []
    for index, line in enumerate(lines):
        polygon = deskewed(line.polygon, skew, centre)
        xs, ys = polygon[0::2], polygon[1::2]
        box = (min(xs), min(ys), max(xs), max(ys))
        upright = abs(direction(polygon)) < math.pi / 4
        height = thickness(polygon)
        wide, high = box[2] - box[0], box[3] - box[1]
        if upright and high > 1.5 * wide and len(line.text) > 1 and is_spaceless(line.text[0]):
            upright, height = False, wide
        placed.append(Placed(index, box, max(height, 1e-3), upright))
    return placed


def across(box: Box) -> Box:
    """A box of vertical writing as it would lie if that ran from left to right, and its columns from top to bottom."""
    return box[1], -box[2], box[3], -box[0]


def mirrored(box: Box) -> Box:
    """A box of writing from right to left as it would lie from left to right."""
    return -box[2], box[1], -box[0], box[3]


def area(box: Box) -> float:
    """Area of a box."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def overlap(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    return area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def union(boxes: Sequence[Box]) -> Box:
    """The box around boxes; there must be one."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def box_corners(box: Box) -> Polygon:
    """The corners of a box, clockwise from the top left."""
    x0, y0, x1, y1 = box
    return x0, y0, x1, y0, x1, y1, x0, y1
