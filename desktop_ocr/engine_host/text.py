"""Finds a page's lines of text and reads them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from paddleocr import TextDetection, TextRecognition

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.runtime import model_arguments
from desktop_ocr.engine_host.tiles import plan_tiles
from desktop_ocr.engine_host.words import clip, cut, split_words
from desktop_ocr.schema.messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import Line, Polygon, Word

Quad = npt.NDArray[np.float32]
"""Four corners x, y: top left, top right, bottom right, bottom left."""

_STRIDE = 32
_SMALLEST = 8
"""Pixels: no writing fits into less."""
_VERTICAL = 1.5
"""A box so many times higher than wide holds vertical writing (paddleocr's figure)."""


class TextReader:
    """PP-OCR's detector and recogniser, one line at a time: padding lines to a common width only costs time."""

    def __init__(self, detection: ModelFolder, recognition: ModelFolder, options: EngineOptions) -> None:
        """Load both models.

        Args:
            detection: PP-OCR detector.
            recognition: PP-OCR recogniser.
            options: how to run them.
        """
        cv2.setNumThreads(options.threads)
        self._side = options.detection_side
        self._detector = TextDetection(
            **model_arguments(detection, options), limit_side_len=options.detection_side, limit_type="max"
        )
        self._recogniser = TextRecognition(**model_arguments(recognition, options))

    def read(self, image: Image) -> list[Line]:
        """The lines of a page, from top to bottom by their upper left corners.

        Args:
            image: the upright page.
        """
        lines = [line for quad in self.find(image) if (line := self._read_line(image, quad)) is not None]
        return sorted(lines, key=lambda line: (line.polygon[1], line.polygon[0]))

    def find(self, image: Image) -> list[Quad]:
        """The quads of a page's lines, in its pixels."""
        height, width = image.shape[:2]
        if min(height, width) < _SMALLEST:
            return []
        quads: list[Quad] = []
        for x0, y0, x1, y1 in plan_tiles(image, self._side):
            tile = image[y0:y1, x0:x1]
            small = self._fit(tile)
            scale = np.array([tile.shape[1] / small.shape[1], tile.shape[0] / small.shape[0]], dtype=np.float32)
            found = self._detector.predict(small)[0]["dt_polys"]
            offset = np.array([x0, y0], dtype=np.float32)
            quads.extend(np.asarray(quad, dtype=np.float32) * scale + offset for quad in found)
        return quads

    def _fit(self, tile: Image) -> Image:
        """A tile as the detector takes it: BGR, sides multiples of 32, the longest at most the limit."""
        height, width = tile.shape[:2]
        ratio = min(1.0, self._side / max(height, width))
        size = (
            max(_STRIDE, round(width * ratio / _STRIDE) * _STRIDE),
            max(_STRIDE, round(height * ratio / _STRIDE) * _STRIDE),
        )
        small = cv2.resize(tile, size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), dtype=np.uint8)

    def _read_line(self, image: Image, quad: Quad) -> Line | None:
        oriented = _reading_direction(quad)
        crop = _crop(image, oriented)
        if crop is None:
            return None
        result = self._recogniser.predict(crop, return_word_box=True)[0]
        text, layout = result["rec_text"]
        if not text.strip():
            return None
        height, width = image.shape[:2]
        return _line(text, layout, float(result["rec_score"]), oriented, width, height)


def _line(text: str, layout: Any, score: float, quad: Quad, width: int, height: int) -> Line:
    column_count, groups, group_columns, _ = layout
    characters = [character for group in groups for character in group]
    columns = [int(column) for group in group_columns for column in group]
    whole: Polygon = tuple(float(value) for value in quad.reshape(-1))  # type: ignore[assignment]
    confidence = min(1.0, max(0.0, score))
    words = tuple(
        Word(span.text, clip(cut(whole, span.start, span.end), width, height), confidence)
        for span in split_words(characters, columns, float(column_count))
    )
    return Line(text.strip(), clip(whole, width, height), confidence, words)


def _reading_direction(quad: Quad) -> Quad:
    """Corners from the writing's own top left: a high and narrow box is read from top to bottom."""
    top_left, top_right, _, bottom_left = quad
    across = float(np.linalg.norm(top_right - top_left))
    down = float(np.linalg.norm(bottom_left - top_left))
    return np.roll(quad, -1, axis=0) if down >= _VERTICAL * across else quad


def _crop(image: Image, quad: Quad) -> Image | None:
    """The quad's content, straightened, BGR; None where nothing is left of it."""
    width = int(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2])))
    height = int(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))
    if width < 1 or height < 1:
        return None
    # Warping the neighbourhood alone: coordinates stay small, and a mapped bitmap is not read as a whole.
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - 2, 0)
    high = np.ceil(quad.max(axis=0)).astype(int) + 3
    near = image[low[1] : high[1], low[0] : high[0]]
    if near.size == 0:
        return None
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad - low.astype(np.float32), target)
    crop = cv2.warpPerspective(near, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), dtype=np.uint8)
