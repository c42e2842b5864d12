"""Places along a line's polygon: shares of its length, 0 where its text begins and 1 where it ends on the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from desktop_ocr.schema.results import Box, Polygon

Span = tuple[float, float]
"""Where something begins and ends along a line, 0 to 1."""


def part(polygon: Polygon, start: float, end: float) -> Polygon:
    """The part of a polygon between two shares of its length."""
    ax, ay, bx, by, cx, cy, dx, dy = polygon

    def along(x0: float, y0: float, x1: float, y1: float, share: float) -> tuple[float, float]:
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share

    return (
        *along(ax, ay, bx, by, start),
        *along(ax, ay, bx, by, end),
        *along(dx, dy, cx, cy, end),
        *along(dx, dy, cx, cy, start),
    )


def span(polygon: Polygon, line: Polygon) -> Span:
    """Where a word's polygon lies along its line's."""
    (x, y), (ux, uy), length = _axis(line)
    if length <= 0:
        return 0.0, 1.0
    places = [((px - x) * ux + (py - y) * uy) / length for px, py in _corners(polygon)]
    start, end = (min(1.0, max(0.0, place)) for place in (min(places), max(places)))
    return start, end


def around(polygons: Sequence[Polygon]) -> Polygon:
    """The smallest rectangle around polygons that has the first one's direction."""
    (x, y), (ux, uy), _ = _axis(polygons[0])
    corners = [(px - x, py - y) for polygon in polygons for px, py in _corners(polygon)]
    alongs = [px * ux + py * uy for px, py in corners]
    acrosses = [py * ux - px * uy for px, py in corners]
    (start, end), (top, bottom) = (min(alongs), max(alongs)), (min(acrosses), max(acrosses))

    def place(along: float, across: float) -> tuple[float, float]:
        return x + along * ux - across * uy, y + along * uy + across * ux

    return (*place(start, top), *place(end, top), *place(end, bottom), *place(start, bottom))


def union(boxes: Iterable[Box]) -> Box:
    """The box around boxes; there is at least one."""
    every = list(boxes)
    return min(b[0] for b in every), min(b[1] for b in every), max(b[2] for b in every), max(b[3] for b in every)


def _axis(polygon: Polygon) -> tuple[tuple[float, float], tuple[float, float], float]:
    """The middle of a polygon's left edge, the direction from there to the middle of the right one, and how far."""
    ax, ay, bx, by, cx, cy, dx, dy = polygon
    x, y = (ax + dx) / 2, (ay + dy) / 2
    across, down = (bx + cx) / 2 - x, (by + cy) / 2 - y
    length = math.hypot(across, down)
    if length <= 0:
        return (x, y), (1.0, 0.0), 0.0
    return (x, y), (across / length, down / length), length


def _corners(polygon: Polygon) -> list[tuple[float, float]]:
    return list(zip(polygon[0::2], polygon[1::2], strict=True))
