"""A table cut out of its page, straight."""

from __future__ import annotations

import math

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.features.interfaces import View
from desktop_ocr.engine_host.features.ruling_finder import find_rulings
from desktop_ocr.schema.results import Box

_LARGEST = 24_000_000
"""Pixels: a table's picture is no larger than a page's."""


class TablePicture:
    """What lies in a box of the deskewed page.

    Attributes:
        image: it, RGB.
    """

    def __init__(self, view: View, box: Box, margin: float, skew: float, centre: tuple[float, float]) -> None:
        """Cut it out.

        Args:
            view: the page.
            box: on the deskewed page, in the result's pixels.
            margin: on each side, in the same.
            skew: of the page in radians.
            centre: around which it was taken out, in the result's pixels.
        """
        height, width = view.image.shape[:2]
        x0, y0, x1, y1 = box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin
        if not skew:
            x0, y0 = max(0.0, x0), max(0.0, y0)
            x1, y1 = min(width / view.scale, x1), min(height / view.scale, y1)
        self._left, self._top = x0, y0
        self._scale = view.scale
        wide, high = max(1, round((x1 - x0) * view.scale)), max(1, round((y1 - y0) * view.scale))
        if wide * high > _LARGEST:
            shrunk = math.sqrt(_LARGEST / (wide * high))
            self._scale *= shrunk
            wide, high = max(1, int(wide * shrunk)), max(1, int(high * shrunk))
        if not skew and self._scale == view.scale:
            left, top = round(x0 * view.scale), round(y0 * view.scale)
            self.image: Image = np.ascontiguousarray(view.image[top : top + high, left : left + wide])
            return
        cosine, sine = math.cos(skew), math.sin(skew)
        steps = view.scale / self._scale
        dx, dy = x0 - centre[0], y0 - centre[1]
        # From the cut's pixels back to the page's.
        matrix = np.array(
            [
                [cosine * steps, -sine * steps, (centre[0] + dx * cosine - dy * sine) * view.scale],
                [sine * steps, cosine * steps, (centre[1] + dx * sine + dy * cosine) * view.scale],
            ],
            dtype=np.float64,
        )
        self.image = np.asarray(
            cv2.warpAffine(
                np.ascontiguousarray(view.image),
                matrix,
                (wide, high),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            dtype=np.uint8,
        )

    def inside(self, box: Box) -> Box:
        """A box of the deskewed page in the picture's pixels."""
        x0, y0, x1, y1 = box
        return (
            (x0 - self._left) * self._scale,
            (y0 - self._top) * self._scale,
            (x1 - self._left) * self._scale,
            (y1 - self._top) * self._scale,
        )

    def rulings(self, height: float) -> list[Box]:
        """Boxes of the rulings in it, in pixels of the deskewed page.

        Args:
            height: of the writing in the same pixels.
        """
        left, top, scale = self._left, self._top, self._scale
        return [
            (x0 / scale + left, y0 / scale + top, x1 / scale + left, y1 / scale + top)
            for x0, y0, x1, y1 in find_rulings(self.image, height * scale)
        ]
