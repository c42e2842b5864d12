"""Runs freshly loaded models once, so that the first page does not pay for what libraries put off."""

from __future__ import annotations

from desktop_ocr.engine_host.models import LAYOUT, PAGE_ORIENTATION, TEXT_DETECTION, TEXT_RECOGNITION, Models
from desktop_ocr.schema.results import Line, Word, box_polygon

_WIDTH, _HEIGHT = 640, 320
_DPI = 100.0
_TEXT = "The quick brown fox"
_BOX = (40.0, 130.0, 560.0, 180.0)
"""Where the text is drawn, in pixels."""


def warm_up(models: Models) -> None:
    """Run each loaded model on a small page with one line of text; load none."""
    loaded = models.loaded
    if loaded - {LAYOUT}:
        _see(models, loaded)
    if LAYOUT in loaded:
        polygon = box_polygon(_BOX)
        line = Line(_TEXT, polygon, 1.0, (Word(_TEXT, polygon, 1.0),))
        models.layout().find([line], float(_WIDTH), float(_HEIGHT), _DPI)


def _see(models: Models, loaded: frozenset[str]) -> None:
    import cv2
    import numpy as np

    image = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    cv2.putText(image, _TEXT, (40, 170), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)
    if PAGE_ORIENTATION in loaded:
        models.orientation().classify(image)
    if TEXT_DETECTION in loaded:
        models.line_finder().find(image, models.options.detection_side)
    if TEXT_RECOGNITION in loaded:
        models.line_reader().read(image, [np.array(box_polygon(_BOX), np.float32).reshape(4, 2)])
