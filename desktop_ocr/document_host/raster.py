"""Pixels in memory, on their way to a bitmap file, and how many of them a page gets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from desktop_ocr.schema.document_messages import Bitmap
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode

POINTS_PER_INCH = 72.0
MAX_SIDE = 65_000  # pixels; what is longer and thin is no page, and picture formats end there
MAX_ZOOMED_SIDE = 1_000_000  # pixels of a page of which a small part is drawn; MuPDF's coordinates end near there
MIN_DPI = 1.0  # for a page in points; what is drawn coarser shows nothing


@dataclass(frozen=True)
class Raster:
    """`height` rows of `width` RGB pixels, 8 bits each, without padding; `dpi` pixels make an inch of the page.

    `owner` is what the memory of `rgb` belongs to, where that is another object.
    """

    width: int
    height: int
    dpi: float
    rgb: bytes | memoryview
    owner: object = None

    def write(self, path: str) -> Bitmap:
        """Write the rows as they are.

        Raises:
            OSError: the file cannot be written.
        """
        Path(path).write_bytes(self.rgb)
        return Bitmap(path, self.width, self.height, self.dpi)


def bounded_scale(width: float, height: float, scale: float, max_pixels: int) -> float:
    """The factor for a page of `width` x `height`, at most `scale`, so that the result keeps to `max_pixels`.

    Raises:
        DesktopOcrError: TOO_LARGE, no factor gives a picture worth looking at.
    """
    area = width * height
    if area <= 0 or not math.isfinite(area):
        raise DesktopOcrError(ErrorCode.DAMAGED, "The page has no size.")
    scale = min(scale, MAX_SIDE / max(width, height))
    # A side that is rounded up adds at most one row and one column.
    while (math.ceil(width * scale) * math.ceil(height * scale)) > max_pixels:
        scale = min(scale * 0.999, math.sqrt(max_pixels / area))
        if scale * min(width, height) < 1:
            break
    if scale * POINTS_PER_INCH < MIN_DPI and scale < 1:
        raise DesktopOcrError(ErrorCode.TOO_LARGE, "The page is too large to be drawn.")
    return scale


def fit_scale(width: float, height: float, max_width: int, max_height: int) -> float:
    """The factor with which a page of `width` x `height` fills a box."""
    if width <= 0 or height <= 0:
        raise DesktopOcrError(ErrorCode.DAMAGED, "The page has no size.")
    return min(max_width / width, max_height / height)
