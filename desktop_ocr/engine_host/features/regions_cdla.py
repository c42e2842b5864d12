"""Tables, figures and the like seen in a page's picture by PicoDet, trained on the classes of CDLA.

The weights end in the detector's raw heads, which paddleocr's LayoutDetection cannot read: the little around them is
done here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from desktop_ocr.engine_host.bitmap import Image, shrink
from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.runtime import open_session
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import BlockKind

_Floats = npt.NDArray[np.float32]

_KINDS = (
    BlockKind.TEXT,
    BlockKind.SECTION_HEADER,
    BlockKind.PICTURE,
    BlockKind.CAPTION,
    BlockKind.TABLE,
    BlockKind.CAPTION,
    BlockKind.PAGE_HEADER,
    BlockKind.PAGE_FOOTER,
    BlockKind.TEXT,  # a reference of a bibliography
    BlockKind.FORMULA,
)
"""In the order of the model's classes."""
_HEIGHT, _WIDTH = 800, 608
_STRIDES = (8, 16, 32, 64)
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)
_LEAST = 0.3
"""Scores below are not worth passing on; who uses a region asks for more."""
_SAME = 0.5
"""Intersection over union from which on two boxes of one class are the same thing."""


class RegionFinderCdla:
    """PicoDet with CDLA's ten classes."""

    kinds = frozenset(_KINDS)

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        self._session: Any = open_session(folder, options)
        self._input = self._session.get_inputs()[0].name

    def find(self, image: Image) -> list[Region]:
        """Regions of the upright page, in no order; they may overlap."""
        height, width = image.shape[:2]
        if min(height, width) < 1:
            return []
        outputs = self._session.run(None, {self._input: _prepared(image)})
        scale = np.array([width / _WIDTH, height / _HEIGHT] * 2, dtype=np.float32)
        limits = np.array([width, height] * 2, dtype=np.float32)
        regions = []
        for label, score, box in decode(outputs):
            x0, y0, x1, y1 = (float(value) for value in np.clip(box * scale, 0, limits))
            if x1 > x0 and y1 > y0:
                regions.append(Region(_KINDS[label], (x0, y0, x1, y1), score))
        return regions


def _prepared(image: Image) -> _Floats:
    """The page as the model takes it: BGR, squeezed into its frame, normalised."""
    # Averaged on the way down: fine rulings stay visible.
    small = cv2.resize(shrink(image, 2 * _HEIGHT), (_WIDTH, _HEIGHT), interpolation=cv2.INTER_LINEAR)
    values = (small[:, :, ::-1].astype(np.float32) / np.float32(255) - _MEAN) / _DEVIATION
    return np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis])


def decode(outputs: Sequence[_Floats], least: float = _LEAST) -> list[tuple[int, float, _Floats]]:
    """Class, score and box (pixels of the model's frame) of what the heads see, doubles removed.

    Args:
        outputs: for each stride the scores (1, places, classes), then for each the boxes (1, places, 4 x bins): a
            distribution over the distance to each side, in strides.
        least: score below which nothing is told.
    """
    found: list[tuple[int, float, _Floats]] = []
    for number, stride in enumerate(_STRIDES):
        scores, sides = outputs[number][0], outputs[number + len(_STRIDES)][0]
        places = np.nonzero(scores.max(axis=1) >= least)[0]
        if not len(places):
            continue
        columns = math.ceil(_WIDTH / stride)
        centres = np.stack([places % columns + 0.5, places // columns + 0.5], axis=1) * stride
        distances = _expected(sides[places].reshape(len(places), 4, -1)) * stride
        boxes = np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1).astype(np.float32)
        for place, box in zip(places, boxes, strict=True):
            found += [(int(label), float(scores[place, label]), box) for label in np.nonzero(scores[place] >= least)[0]]
    return _without_doubles(found)


def _expected(logits: _Floats) -> _Floats:
    """The mean of the distribution over the last axis' bins."""
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    bins = np.arange(logits.shape[-1], dtype=np.float32)
    return np.asarray((odds * bins).sum(axis=-1) / odds.sum(axis=-1), dtype=np.float32)


def _without_doubles(found: Sequence[tuple[int, float, _Floats]]) -> list[tuple[int, float, _Floats]]:
    """The best of those of one class that are the same thing."""
    kept: list[tuple[int, float, _Floats]] = []
    for label, score, box in sorted(found, key=lambda one: -one[1]):
        if not any(label == other and _shared(box, other_box) >= _SAME for other, _, other_box in kept):
            kept.append((label, score, box))
    return kept


def _shared(box: _Floats, other: _Floats) -> float:
    """Intersection over union of two boxes."""
    wide = min(box[2], other[2]) - max(box[0], other[0])
    high = min(box[3], other[3]) - max(box[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    whole = (box[2] - box[0]) * (box[3] - box[1]) + (other[2] - other[0]) * (other[3] - other[1]) - both
    return float(both / whole)
