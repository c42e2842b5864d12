"""Runs freshly loaded models once, so that the first page does not pay for what libraries put off."""

from __future__ import annotations

from desktop_ocr.engine_host.models import Models
from desktop_ocr.schema.features import NONE
from desktop_ocr.schema.results import Line, Word, box_polygon
from desktop_ocr.schema.roles import ModelRole

_WIDTH, _HEIGHT = 640, 320
_DPI = 100.0
_TEXT = "The quick brown fox"
_NOT_SEEING = frozenset({ModelRole.LAYOUT, ModelRole.CHART})
"""The layout sees words. A model for charts writes what it sees, word by word: that takes as long as it takes."""
_BOX = (40.0, 130.0, 560.0, 180.0)
"""Where the text is drawn, in pixels."""


def warm_up(models: Models) -> None:
    """Run each loaded model on a small page with one line of text; load none."""
    loaded = models.loaded
    if loaded - _NOT_SEEING:
        _see(models, loaded)
    if ModelRole.LAYOUT in loaded:
        models.layout().find([_line()], float(_WIDTH), float(_HEIGHT), _DPI)


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
    if ModelRole.REGIONS in loaded:
        models.regions().find(image)
    if ModelRole.UNWARP in loaded:
        models.unwarper().flatten(image)
    for role in loaded & {ModelRole.TABLE_STRUCTURE, ModelRole.TABLE_PIPELINE}:
        models.load(role).read(image, [_line()])
    if ModelRole.FORMULA in loaded:
        models.formulas().read([image])
    if ModelRole.SEAL_DETECTION in loaded:
        models.seals().find(image)
    if ModelRole.STRUCTURE in loaded:
        models.load(ModelRole.STRUCTURE).read(image, 0, _DPI, NONE)


def _line() -> Line:
    polygon = box_polygon(_BOX)
    return Line(_TEXT, polygon, 1.0, (Word(_TEXT, polygon, 1.0),))
