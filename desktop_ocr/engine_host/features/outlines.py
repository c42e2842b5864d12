"""Outlines of writing that need not be straight, as quads."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from desktop_ocr.engine_host.crops import Quad

_FULL = 0.7
"""Share of the slanted rectangle around it that straight writing fills."""


def quad_around(polygon: npt.NDArray[np.float32]) -> Quad:
    """The quad around a line of writing: a slanted rectangle for a straight line, an upright one for a curved line.

    Args:
        polygon: its outline, points x, y.
    """
    slanted = cv2.minAreaRect(polygon)
    corners = _from_top_left(np.asarray(cv2.boxPoints(slanted), dtype=np.float32))
    whole = slanted[1][0] * slanted[1][1]
    if whole > 0 and cv2.contourArea(polygon) >= _FULL * whole:
        return corners
    x0, y0 = polygon.min(axis=0)
    x1, y1 = polygon.max(axis=0)
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float32)


def _from_top_left(corners: npt.NDArray[np.float32]) -> Quad:
    """A rectangle's corners clockwise from where reading starts: from left to right, or down where it is high."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    clockwise = corners[np.argsort(angles)]
    first = int(np.argmin(clockwise.sum(axis=1)))
    return np.asarray(np.roll(clockwise, -first, axis=0), dtype=np.float32)
