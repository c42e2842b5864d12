"""Finds a page's lines of text and reads them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np
from paddleocr import TextDetection, TextRecognition

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad, crop, extents, readings
from desktop_ocr.engine_host.runtime import model_arguments
from desktop_ocr.engine_host.tiles import plan_tiles
from desktop_ocr.engine_host.words import clip, cut, split_words
from desktop_ocr.schema.messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import Line, Polygon, Word

_STRIDE = 32
_SMALLEST = 8
"""Pixels: no writing fits into less."""
_CERTAIN = 0.9
"""Confidence from which on no other way of reading a line is tried."""


class TextReader:
    """PP-OCR's detector and recogniser.

    Lines are read singly, because padding them to a common width only costs time, and several at a time, each by
    one thread: splitting a line's small operations between threads costs more than it gains. ONNX Runtime's
    sessions may be run from several threads, and paddlex keeps nothing between its calls with that engine.
    """

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
        workers = options.threads if options.device == "cpu" else 1
        self._recogniser = TextRecognition(**model_arguments(recognition, options, threads=1))
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="recogniser")

    def read(self, image: Image, quads: Sequence[Quad] | None = None) -> list[Line]:
        """The lines of a page, from top to bottom by their upper left corners.

        Args:
            image: the upright page.
            quads: its lines, where they were found already.
        """
        found = self.find(image) if quads is None else quads
        # The longest first: no thread is left with a long line at the end.
        ordered = sorted(found, key=lambda quad: -max(extents(quad)))
        read = self._workers.map(lambda quad: self._read_line(image, quad), ordered)
        lines = [line for line in read if line is not None]
        return sorted(lines, key=lambda line: (line.polygon[1], line.polygon[0]))

    def close(self) -> None:
        """End the threads."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    def try_quad(self, image: Image, quad: Quad) -> tuple[str, float]:
        """A line's text read from its quad's first corner on, and the recogniser's confidence in it, 0 to 1."""
        reading = self._recognise(image, quad)
        return (reading.text, reading.confidence) if reading else ("", 0.0)

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
        best: _Reading | None = None
        for way in readings(quad):
            reading = self._recognise(image, way)
            if reading is not None and (best is None or reading.confidence > best.confidence):
                best = reading
            if best is not None and best.confidence >= _CERTAIN:
                break
        height, width = image.shape[:2]
        return _line(best, width, height) if best is not None and best.text.strip() else None

    def _recognise(self, image: Image, quad: Quad) -> _Reading | None:
        line = crop(image, quad)
        if line is None:
            return None
        result = self._recogniser.predict(line, return_word_box=True)[0]
        text, (column_count, groups, group_columns, _) = result["rec_text"]
        return _Reading(
            text,
            min(1.0, max(0.0, float(result["rec_score"]))),
            [character for group in groups for character in group],
            [int(column) for group in group_columns for column in group],
            float(column_count),
            quad,
        )


class _Reading(NamedTuple):
    """A line as read: its characters with the columns they were read in, of so many that its width is."""

    text: str
    confidence: float
    characters: list[str]
    columns: list[int]
    column_count: float
    quad: Quad


def _line(reading: _Reading, width: int, height: int) -> Line:
    whole: Polygon = tuple(float(value) for value in reading.quad.reshape(-1))  # type: ignore[assignment]
    words = tuple(
        Word(span.text, clip(cut(whole, span.start, span.end), width, height), reading.confidence)
        for span in split_words(reading.characters, reading.columns, reading.column_count)
    )
    return Line(reading.text.strip(), clip(whole, width, height), reading.confidence, words)
