"""Cuts very long pages into tiles, so that the detector need not shrink them beyond reading."""

from __future__ import annotations

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image

Tile = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the page, x1 and y1 excluded."""

_LONGEST = 2.2
"""A page up to so many times longer than wide stays whole; A4 is 1.4, a legal sheet 1.6."""
_WINDOW = 0.12
"""A cut may move by this share of a tile's length to find a gap between lines."""


def plan_tiles(image: Image, side: int) -> list[Tile]:
    """Tiles that cover a page, cut where little is printed; one tile for an ordinary page.

    Args:
        image: the page.
        side: longest side in pixels that the detector is given.
    """
    height, width = image.shape[:2]
    short, long = min(height, width), max(height, width)
    if long <= side or long <= _LONGEST * short:
        return [(0, 0, width, height)]
    length = max(side, 2 * short)
    cuts = _quiet_cuts(image, along_y=height >= width, count=-(-long // length))
    pairs = zip([0, *cuts], [*cuts, long], strict=True)
    if height >= width:
        return [(0, a, width, b) for a, b in pairs]
    return [(a, 0, b, height) for a, b in pairs]


def _quiet_cuts(image: Image, *, along_y: bool, count: int) -> list[int]:
    """Positions that part a long side into `count` pieces, each moved to the quietest place near by."""
    long = image.shape[0] if along_y else image.shape[1]
    reach = max(1, int(long / count * _WINDOW))
    cuts: list[int] = []
    for number in range(1, count):
        middle = long * number // count
        low, high = max(1, middle - reach), min(long - 1, middle + reach)
        strip = image[low:high] if along_y else image[:, low:high]
        grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_RGB2GRAY).astype(np.int16)
        # A row of paper has few changes along it, whatever its shade; a row through letters has many.
        noise = np.abs(np.diff(grey, axis=1 if along_y else 0)).mean(axis=1 if along_y else 0)
        smooth = np.convolve(noise, np.ones(5) / 5, mode="same")
        cuts.append(low + int(np.argmin(smooth)))
    return cuts
