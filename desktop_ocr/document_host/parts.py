"""Which part of a page is drawn, and which way up. Regions become pixels here, for every format alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import Box

PixelBox = tuple[int, int, int, int]
"""x0, y0, x1, y1 in whole pixels, x0 < x1 and y0 < y1."""

ORIENTATIONS = {0: 1, 90: 6, 180: 3, 270: 8}
"""EXIF's name for turning a picture clockwise by so many degrees."""

_SIDEWAYS = (90, 270)
_BEYOND = 1e-6  # of the page: a share that was computed may miss its edge by so much


@dataclass(frozen=True)
class Part:
    """The page as displayed is turned clockwise by `rotation` degrees, and `region` is cut out of that.

    Attributes:
        rotation: 0, 90, 180 or 270.
        region: x0, y0, x1, y1 as parts (0 to 1) of the turned page's width and height; None for all of it.
    """

    rotation: int = 0
    region: Box | None = None

    def turned(self, width: float, height: float) -> tuple[float, float]:
        """The size of the turned page, in the unit of the page as displayed."""
        return (height, width) if self.rotation in _SIDEWAYS else (width, height)

    def size(self, width: float, height: float) -> tuple[float, float]:
        """The size of what is drawn of a page that is displayed with such a size."""
        width, height = self.turned(width, height)
        if self.region is None:
            return width, height
        x0, y0, x1, y1 = self.region
        return (x1 - x0) * width, (y1 - y0) * height

    def pixels(self, width: float, height: float, limit: tuple[int, int] | None = None) -> PixelBox:
        """Where the region lies in a picture of the whole turned page; its edges are rounded.

        Args:
            width, height: of that picture, in pixels.
            limit: the box is no wider and no higher, where rounding would make it so.
        """
        x0, y0, x1, y1 = self.region or (0.0, 0.0, 1.0, 1.0)
        left, right = _rounded(x0, x1, width, limit[0] if limit else None)
        top, bottom = _rounded(y0, y1, height, limit[1] if limit else None)
        return left, top, right, bottom


WHOLE = Part()


def part_of(rotation: int, region: Box | None) -> Part:
    """The part that a request names.

    Raises:
        DesktopOcrError: USAGE, there is no such part of a page.
    """
    if rotation not in ORIENTATIONS:
        raise DesktopOcrError(ErrorCode.USAGE, "Pages are turned by quarters.")
    if region is None:
        return Part(rotation)
    if not all(math.isfinite(value) and -_BEYOND <= value <= 1 + _BEYOND for value in region):
        raise DesktopOcrError(ErrorCode.USAGE, "The rectangle lies outside of the page.")
    x0, y0, x1, y1 = (min(1.0, max(0.0, value)) for value in region)
    if x0 >= x1 or y0 >= y1:
        raise DesktopOcrError(ErrorCode.USAGE, "The rectangle is empty.", "Draw a larger one.")
    return Part(rotation, None if (x0, y0, x1, y1) == (0, 0, 1, 1) else (x0, y0, x1, y1))


def stored_box(box: PixelBox, width: int, height: int, orientation: int) -> PixelBox:
    """Where a box of a picture lay before the picture was turned.

    Args:
        box: in the turned picture.
        width, height: of the turned picture, in pixels.
        orientation: how it was turned, by EXIF's numbers 1 to 8.
    """
    x0, y0, x1, y1 = box
    if orientation in (5, 6, 7, 8):  # width and height were exchanged
        x0, y0, x1, y1 = y0, x0, y1, x1
        width, height = height, width
    if orientation in (2, 3, 7, 8):
        x0, x1 = width - x1, width - x0
    if orientation in (3, 4, 6, 7):
        y0, y1 = height - y1, height - y0
    return x0, y0, x1, y1


def _rounded(start: float, end: float, length: float, limit: int | None) -> tuple[int, int]:
    """A stretch of a side in pixels: one at least, and within the side."""
    last = max(1, math.ceil(length - _BEYOND * length))
    first = min(round(start * length), last - 1)
    stop = min(max(round(end * length), first + 1), last)
    return first, stop if limit is None else min(stop, first + limit)
