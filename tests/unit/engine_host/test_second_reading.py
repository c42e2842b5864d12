"""Which lines are read again, and whose reading is taken."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad
from desktop_ocr.engine_host.second_reading import is_unsure, read_again
from desktop_ocr.schema.results import Line, box_polygon

PAGE: Image = np.full((100, 200, 3), 255, np.uint8)


def line(text: str, confidence: float, top: float = 10.0) -> Line:
    return Line(text, box_polygon((5.0, top, 150.0, top + 12.0)), confidence)


class FakeReader:
    """Reads the same everywhere, as sure as it is told."""

    def __init__(self, confidence: float | None) -> None:
        self.confidence = confidence
        self.quads: list[Quad] = []

    def read(self, image: Image, quads: Sequence[Quad]) -> list[Line]:
        assert image is PAGE
        self.quads += quads
        if self.confidence is None:
            return []
        return [Line("again", tuple(float(v) for v in quad.reshape(-1)), self.confidence) for quad in quads]


def test_sure_lines_are_left_alone() -> None:
    reader, sure = FakeReader(1.0), line("clear", 0.97)
    assert not is_unsure(sure)
    assert read_again(reader, PAGE, [sure]) == [sure]
    assert reader.quads == []


def test_unsure_lines_are_read_where_they_lie_and_keep_their_place() -> None:
    reader = FakeReader(0.95)
    lines = [line("clear", 0.97), line("bl urred", 0.6, 40.0), line("also clear", 0.99, 70.0)]
    read = read_again(reader, PAGE, lines)
    assert [one.text for one in read] == ["clear", "again", "also clear"]
    assert read[1].polygon == lines[1].polygon
    assert len(reader.quads) == 1


def test_a_reading_that_is_much_less_sure_is_not_taken() -> None:
    unsure = line("perhaps", 0.7)
    assert read_again(FakeReader(0.5), PAGE, [unsure]) == [unsure]
    assert read_again(FakeReader(None), PAGE, [unsure]) == [unsure]
    assert read_again(FakeReader(0.66), PAGE, [unsure]) == [
        msgspec.structs.replace(unsure, text="again", confidence=0.66)
    ]
