"""Straight lines in a picture."""

from __future__ import annotations

import math

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.schema.results import Box

_LEAST = 1.5
"""Of the writing's height: shorter strokes are parts of letters."""
_LONGEST_KERNEL = 60
_GAP = 0.25
"""Of the writing's height: gaps of a line that is there all the same."""
_THICK = 0.5
"""Of the writing's height."""
_SLENDER = 6.0
"""Times longer than thick."""


def find_rulings(image: Image, height: float) -> list[Box]:
    """Boxes of the horizontal and vertical rulings of a picture, in its pixels. Edges of filled areas count.

    Args:
        image: RGB, without skew.
        height: of its writing in pixels.
    """
    if min(image.shape[:2]) < 3:
        return []
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    # Darker than its surroundings: coloured rows are no ink, their edges are.
    block = 2 * max(5, math.ceil(height / 2)) + 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 10)
    length = max(8, min(_LONGEST_KERNEL, round(_LEAST * height)))
    boxes: list[Box] = []
    for along, shape in ((0, (length, 1)), (1, (1, length))):
        strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        gap = max(3, round(_GAP * height))
        bridge = (gap, 3) if along == 0 else (3, gap)
        strokes = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, bridge))
        _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
        for x, y, wide, high, _ in stats[1:].tolist():
            long, thick = (wide, high) if along == 0 else (high, wide)
            if long >= 2 * height and long >= _SLENDER * thick and thick <= max(3.0, _THICK * height):
                boxes.append((float(x), float(y), float(x + wide), float(y + high)))
    return boxes
