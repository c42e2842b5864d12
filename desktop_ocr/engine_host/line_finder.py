"""Finds a page's lines of text."""

from __future__ import annotations

import cv2
import numpy as np
from paddleocr import TextDetection

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.engine_host.tiles import plan_tiles
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder

_STRIDE = 32
_SMALLEST = 8
"""Pixels: no writing fits into less."""


class LineFinder:
    """PP-OCR's detector."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        cv2.setNumThreads(options.threads)
        self._detector = build(TextDetection, folder, options, limit_side_len=options.detection_side, limit_type="max")

    def find(self, image: Image, side: int) -> list[Quad]:
        """The quads of a page's lines, in its pixels.

        Args:
            image: the page.
            side: longest side, in pixels, of the picture the detector sees.
        """
        height, width = image.shape[:2]
        if min(height, width) < _SMALLEST:
            return []
        quads: list[Quad] = []
        for x0, y0, x1, y1 in plan_tiles(image, side):
            tile = image[y0:y1, x0:x1]
            small = _fit(tile, side)
            scale = np.array([tile.shape[1] / small.shape[1], tile.shape[0] / small.shape[0]], dtype=np.float32)
            found = self._detector.predict(small, limit_side_len=max(small.shape[:2]), limit_type="max")[0]["dt_polys"]
            offset = np.array([x0, y0], dtype=np.float32)
            quads.extend(np.asarray(quad, dtype=np.float32) * scale + offset for quad in found)
        return quads


def _fit(tile: Image, side: int) -> Image:
    """A tile as the detector takes it: BGR, sides multiples of 32, the longest at most the limit."""
    height, width = tile.shape[:2]
    ratio = min(1.0, side / max(height, width))
    size = (
        max(_STRIDE, round(width * ratio / _STRIDE) * _STRIDE),
        max(_STRIDE, round(height * ratio / _STRIDE) * _STRIDE),
    )
    small = cv2.resize(tile, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), dtype=np.uint8)
