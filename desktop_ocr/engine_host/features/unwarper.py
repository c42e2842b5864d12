"""Flattens photographed pages with UVDoc."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from paddleocr import TextImageUnwarping

from desktop_ocr.engine_host.bitmap import Image, shrink
from desktop_ocr.engine_host.features.paddle_results import bgr
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder

_SIDE = 3000
"""Longest side in pixels of the picture that the model bends: it holds several copies of it as 32-bit numbers."""
_SMALLEST = 32


class PageUnwarper:
    """UVDoc: sees a small picture of the page, and bends the large one accordingly."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        self._model: Any = build(TextImageUnwarping, folder, options)
        self._side = folder.side or _SIDE

    def flatten(self, image: Image) -> Image:
        """The page as if it had been scanned; of the same size."""
        height, width = image.shape[:2]
        if min(height, width) < _SMALLEST:
            return image
        # Its answer is RGB, whatever order it was given in.
        flat = self._model.predict(bgr(shrink(image, self._side)))[0]["doctr_img"]
        if flat.shape[:2] != (height, width):
            flat = cv2.resize(flat, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.ascontiguousarray(flat, dtype=np.uint8)
