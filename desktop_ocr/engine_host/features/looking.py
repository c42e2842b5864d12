"""The cheap first look at a page's picture: what is worth loading a model for."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image, shrink
from desktop_ocr.engine_host.failures import UNUSABLE, classify
from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.features.photographs import is_photograph
from desktop_ocr.engine_host.models import Models
from desktop_ocr.schema.errors import DesktopOcrError
from desktop_ocr.schema.features import STAGES, Feature, FeatureMode, Features
from desktop_ocr.schema.results import LEFT_OUT, BlockKind, Box, Line, PageNote, polygon_box, unloadable_note
from desktop_ocr.schema.roles import ModelRole

log = logging.getLogger(__name__)

_READ = {BlockKind.CHART: Feature.CHARTS, BlockKind.SEAL: Feature.SEALS}
"""Figures that are read, where that is wanted."""
_SIDE = 800
"""Pixels: longest side of the picture that is looked at."""
_CONTRAST = 40
"""Grey levels from the surroundings, of 255, that make ink."""
_DARK = 100
"""Grey level of a page below which its writing is light."""
_PATCH = 0.004
"""Share of the page: a patch of ink as large is more than a blot."""
_LONG = 0.12
"""Share of the page's width or height: ink as long is a ruling or a frame."""
_ROWS_OF_THREE = 3
"""So many rows of three lines and more may be a table's that has no rulings."""


def worth_it(models: Models, image: Image, lines: Sequence[Line], features: Features) -> bool:
    """Whether a page's picture is to be looked at by the model for regions.

    Always for features that are ON. For those that are AUTO, where there is more on the page than its lines.
    """
    modes = {features.mode(feature) for feature in STAGES}
    if not models.has(ModelRole.REGIONS) or modes == {FeatureMode.OFF}:
        return False
    return FeatureMode.ON in modes or has_more_than_lines(image, lines)


def has_more_than_lines(image: Image, lines: Sequence[Line]) -> bool:
    """Whether there is ink outside of a page's lines of text, or the lines stand as a table's do."""
    height, width = image.shape[:2]
    if min(height, width) < 1:
        return False
    return _has_table_rows([polygon_box(line.polygon) for line in lines]) or _has_ink_beside(image, lines)


def _has_table_rows(boxes: Sequence[Box]) -> bool:
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box[1] + box[3]):
        if rows and _share_row(rows[-1][0], box):
            rows[-1].append(box)
        else:
            rows.append([box])
    return sum(len(row) >= 3 for row in rows) >= _ROWS_OF_THREE


def _share_row(one: Box, other: Box) -> bool:
    return min(one[3], other[3]) - max(one[1], other[1]) > 0.5 * min(one[3] - one[1], other[3] - other[1])


def _has_ink_beside(image: Image, lines: Sequence[Line]) -> bool:
    small = cv2.cvtColor(np.ascontiguousarray(shrink(image, _SIDE)), cv2.COLOR_RGB2GRAY)
    high, wide = small.shape
    scale = wide / image.shape[1]
    around = cv2.blur(small, (2 * (_SIDE // 32) + 1,) * 2)
    # The other way round on a dark page. What is lighter than its surroundings is the paper between two lines.
    darker = cv2.subtract(around, small) if np.median(small) >= _DARK else cv2.subtract(small, around)
    ink = (darker > _CONTRAST).astype(np.uint8)
    for line in lines:
        corners = np.array(line.polygon, dtype=np.float32).reshape(4, 2) * scale
        # As wide as the detector's boxes are off: letters that reach out of them are no ink of another kind.
        cv2.fillPoly(ink, [corners.round().astype(np.int32)], (0,))
        cv2.polylines(ink, [corners.round().astype(np.int32)], True, (0,), thickness=5)
    strokes = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    for _, _, across, down, _ in stats[1:].tolist():
        if across >= _LONG * wide or down >= _LONG * high or across * down >= _PATCH * wide * high:
            return True
    return False


def regions(models: Models, image: Image, features: Features) -> tuple[list[Region], list[PageNote]]:
    """What the model for regions sees, as far as it is wanted.

    None where the model fails, with a note: text is worth having without.
    """
    try:
        return wanted(models.regions().find(image), features), []
    except Exception as error:
        if isinstance(error, DesktopOcrError) and error.code in UNUSABLE:
            return [], [unloadable_note("Looking for tables and pictures in the page's picture", error.info)]
        if classify(error, models.options.device, "this page") is not None:
            raise
        log.warning("regions failed: %s", type(error).__name__)
        return [], [PageNote(LEFT_OUT, "Tables and pictures were not looked for in the page's picture: that failed.")]


def wanted(seen: Sequence[Region], features: Features) -> list[Region]:
    """The regions without figures of the kinds that are off; charts and seals that are not read are pictures."""
    kept = []
    for region in seen:
        kind = region.kind
        if kind in _READ and not features.wants(_READ[kind]):
            kind = BlockKind.PICTURE
        if kind is not BlockKind.PICTURE or features.wants(Feature.PICTURES):
            kept.append(dataclasses.replace(region, kind=kind))
    return kept


def seems_bent(image: Image) -> bool:
    """Whether a page was photographed, and not scanned or rendered."""
    return is_photograph(image)
