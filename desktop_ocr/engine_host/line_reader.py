"""Reads lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
from paddleocr import TextRecognition

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad, crop, extents, readings
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.engine_host.words import clip, cut, split_words
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.results import Line, Polygon, Word

_CERTAIN = 0.9
"""Confidence from which on no other way of reading a line is tried."""


class LineReader:
    """PP-OCR's recogniser.

    Lines are read singly, because padding them to a common width only costs time, and several at a time, each by
    one thread: splitting a line's small operations between threads costs more than it gains. ONNX Runtime's
    sessions may be run from several threads, and paddlex keeps nothing between its calls with that engine.
    """

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        cv2.setNumThreads(options.threads)
        workers = options.threads if options.device == "cpu" else 1
        self._recogniser = build(TextRecognition, folder, options, threads=1)
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="recogniser")

    def read(self, image: Image, quads: Sequence[Quad]) -> list[Line]:
        """The lines in quads of an upright page, from top to bottom by their upper left corners."""
        # The longest first: no thread is left with a long line at the end.
        ordered = sorted(quads, key=lambda quad: -max(extents(quad)))
        read = self._workers.map(lambda quad: self._read_line(image, quad), ordered)
        lines = [line for line in read if line is not None]
        return sorted(lines, key=lambda line: (line.polygon[1], line.polygon[0]))

    def try_quad(self, image: Image, quad: Quad) -> tuple[str, float]:
        """A line's text read from its quad's first corner on, and the recogniser's confidence in it, 0 to 1."""
        reading = self._recognise(image, quad)
        return (reading.text, reading.confidence) if reading else ("", 0.0)

    def close(self) -> None:
        """End the threads."""
        self._workers.shutdown(wait=True, cancel_futures=True)

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
