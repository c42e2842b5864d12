"""Lines cut out of a page."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from desktop_ocr.engine_host.bitmap import Image

Quad = npt.NDArray[np.float32]
"""Four corners x, y: top left, top right, bottom right, bottom left."""

_HIGH = 1.5
"""A box so many times higher than wide may hold writing that runs down the page (paddleocr's figure)."""
_SMOOTHED_FROM = 16
"""Pixels: smaller writing is blurred enough when it is enlarged for the recogniser, which sees 48 rows."""
_SMOOTHED_BY = 0.6
"""Standard deviation in pixels. Hard edges and a scanner's noise mislead the recogniser. Mean F1 of words, without and
with it: 19 receipts 0.959, 0.962; 4 pages 0.983, 0.983; 2 scans 0.990, 0.989; on a worn old print with 19 misread
words, 14. At 0.8 it was the same, at 0.4 less."""
_VERY_HIGH = 3.0
"""No single letter's box is so much higher than wide."""


def extents(quad: Quad) -> tuple[float, float]:
    """Size of a quad along its upper edge and along its left edge, in pixels."""
    top_left, top_right, _, bottom_left = quad
    return float(np.linalg.norm(top_right - top_left)), float(np.linalg.norm(bottom_left - top_left))


def is_high(quad: Quad) -> bool:
    """Whether a quad is much higher than wide."""
    across, down = extents(quad)
    return down >= _HIGH * across


def readings(quad: Quad) -> list[Quad]:
    """The ways in which a line's writing may run, the likeliest first: corners from the writing's own top left.

    A wide box is read across. A high one may be a line that runs down the page, one that runs up, or one narrow
    letter that stands upright.
    """
    if not is_high(quad):
        return [quad]
    across, down = extents(quad)
    sideways = [np.roll(quad, -1, axis=0), np.roll(quad, 1, axis=0)]
    return [quad, *sideways] if down < _VERY_HIGH * across else sideways


def crop(image: Image, quad: Quad) -> Image | None:
    """A quad's content, straightened, BGR as the recogniser takes it; None where nothing is left of it."""
    width = int(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2])))
    height = int(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))
    if width < 1 or height < 1:
        return None
    # Warping the neighbourhood alone: coordinates stay small, and a mapped bitmap is not read as a whole.
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - 2, 0)
    high = np.ceil(quad.max(axis=0)).astype(int) + 3
    near = image[low[1] : high[1], low[0] : high[0]]
    if near.size == 0:
        return None
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad - low.astype(np.float32), target)
    straight = cv2.warpPerspective(
        near, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC
    )
    if height >= _SMOOTHED_FROM:
        straight = cv2.GaussianBlur(straight, (0, 0), _SMOOTHED_BY)
    return np.asarray(cv2.cvtColor(straight, cv2.COLOR_RGB2BGR), dtype=np.uint8)
