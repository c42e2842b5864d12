"""Which way up a page is."""

from __future__ import annotations

import cv2
import numpy as np
from paddleocr import DocImgOrientationClassification

from desktop_ocr.engine_host.bitmap import Image, shrink
from desktop_ocr.engine_host.runtime import model_arguments
from desktop_ocr.schema.messages import EngineOptions, ModelFolder

_SIDE = 1024


class OrientationFinder:
    """PP-LCNet's page orientation classifier."""

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        self._classifier = DocImgOrientationClassification(**model_arguments(folder, options))

    def find(self, image: Image) -> tuple[int, float]:
        """How to turn a page upright.

        Returns:
            Degrees clockwise (0, 90, 180, 270), and how sure the classifier is, between 0 and 1.
        """
        small = cv2.cvtColor(np.ascontiguousarray(shrink(image, _SIDE)), cv2.COLOR_RGB2BGR)
        result = self._classifier.predict(small)[0]
        # The label says how far the page is turned clockwise.
        return (360 - int(result["label_names"][0])) % 360, float(result["scores"][0])
