"""Lines that a small recogniser was unsure of are read again by a larger one: the way to spend time where it helps.

It goes by the line and not by the page: a page is seldom hard as a whole, and the larger model takes its time with
every line it gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.engine_host.crops import Quad
from desktop_ocr.schema.results import Line

_SURE = 0.9
"""Confidence from which on a line is not read again; the recogniser's own limit for trying no other direction."""
_LEEWAY = 0.05
"""Two models' confidences are not on one scale: the larger one's reading is taken where it is not much less sure."""


class Reader(Protocol):
    """A recogniser."""

    def read(self, image: Image, quads: Sequence[Quad]) -> list[Line]:
        """The lines in quads of an upright page."""


def is_unsure(line: Line) -> bool:
    """Whether a line is worth a second reading."""
    return line.confidence < _SURE


def read_again(reader: Reader, image: Image, lines: Sequence[Line]) -> list[Line]:
    """The lines, those that were unsure as the larger model reads them, where it can.

    Args:
        reader: the larger model.
        image: the upright page.
        lines: of the page, in any order; they keep it.
    """
    better: list[Line] = []
    for line in lines:
        read = reader.read(image, [_quad(line)]) if is_unsure(line) else []
        better.append(read[0] if read and read[0].confidence >= line.confidence - _LEEWAY else line)
    return better


def _quad(line: Line) -> Quad:
    return np.array(line.polygon, np.float32).reshape(4, 2)
