"""Runs freshly loaded models once, so that the first page does not pay for what libraries put off."""

from __future__ import annotations

from desktop_ocr.engine_host.models import Models
from desktop_ocr.schema.results import Line, Word, box_polygon
from desktop_ocr.schema.roles import ModelRole

_WIDTH, _HEIGHT = 640, 320
_DPI = 100.0
_TEXT = "The quick brown fox"
_SEEING = frozenset({ModelRole.PAGE_ORIENTATION, ModelRole.TEXT_DETECTION, ModelRole.TEXT_RECOGNITION})
_BOX = (40.0, 130.0, 560.0, 180.0)
"""Where the text is drawn, in pixels."""


def warm_up(models: Models) -> None:
    """Run each loaded model on a small page with one line of text; load none."""
    loaded = models.loaded
    if loaded & _SEEING:
        _see(models, loaded)
    if ModelRole.LAYOUT in loaded:
        polygon = box_polygon(_BOX)
        line = Line(_TEXT, polygon, 1.0, (Word(_TEXT, polygon, 1.0),))
        models.layout().find([line], float(_WIDTH), float(_HEIGHT), _DPI)


def _see(models: Models, loaded: frozenset[str]) -> None:
    import cv2
    import numpy as np

    image = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    cv2.putText(image, _TEXT, (40, 170), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)
    if ModelRole.PAGE_ORIENTATION in loaded:
        models.orientation().classify(image)
    if ModelRole.TEXT_DETECTION in loaded:
        models.line_finder().find(image, models.options.detection_side)
    if ModelRole.TEXT_RECOGNITION in loaded:
        models.line_reader().read(image, [np.array(box_polygon(_BOX), np.float32).reshape(4, 2)])
