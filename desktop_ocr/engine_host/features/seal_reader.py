"""Finds the curved writing of seals with PP-OCRv4's detector for seals, and straightens it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from paddleocr import SealTextDetection

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad, crop
from desktop_ocr.engine_host.features.outlines import quad_around
from desktop_ocr.engine_host.features.paddle_results import bgr
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder

log = logging.getLogger(__name__)

_SETTINGS: Mapping[str, Any] = {
    "limit_side_len": 736,
    "limit_type": "min",
    "thresh": 0.2,
    "box_thresh": 0.6,
    "unclip_ratio": 0.5,
}
"""Those of paddlex's own pipeline for seals."""
_SMALLEST = 16
_LEAST_POINTS = 4


class SealReaderPaddle:
    """PP-OCRv4's seal text detector."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        from paddlex.inference.pipelines.components import CropByPolys, SortPolyBoxes

        self._model: Any = build(SealTextDetection, folder, options, **_SETTINGS)
        self._sort = SortPolyBoxes()
        self._straighten = CropByPolys(det_box_type="poly")

    def find(self, image: Image) -> list[tuple[Image, Quad]]:
        """Each line of writing, straightened for the recogniser (BGR), and the quad around it in the seal's picture."""
        if min(image.shape[:2]) < _SMALLEST:
            return []
        seal = bgr(image)
        found = []
        polygons = [
            np.asarray(one, dtype=np.float32).reshape(-1, 2) for one in self._model.predict(seal)[0]["dt_polys"]
        ]
        for polygon in self._sort([one for one in polygons if len(one) >= _LEAST_POINTS]):
            quad = quad_around(polygon)
            line = self._straightened(seal, image, polygon, quad)
            if line is not None and min(line.shape[:2]) > 0:
                found.append((line, quad))
        return found

    def _straightened(self, seal: Image, image: Image, polygon: npt.NDArray[np.float32], quad: Quad) -> Image | None:
        try:
            (line,) = self._straighten(seal, [polygon])
        except (ArithmeticError, AssertionError, IndexError, ValueError, cv2.error) as error:
            # Its geometry takes some outlines badly. What lies in the rectangle around one may still be read.
            log.info("a seal's line was not straightened: %s", type(error).__name__)
            return crop(image, quad)
        return np.asarray(line, dtype=np.uint8)
