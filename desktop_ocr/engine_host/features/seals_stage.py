"""Seals: their curved writing is straightened and read."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from desktop_ocr.engine_host.features.interfaces import View
from desktop_ocr.engine_host.relining import covered, replace_lines
from desktop_ocr.engine_host.words import clip, cut
from desktop_ocr.schema.features import Feature, FeatureMode
from desktop_ocr.schema.results import BlockKind, Box, Line, PageResult, Polygon, Word, polygon_box
from desktop_ocr.schema.roles import ModelRole

if TYPE_CHECKING:
    from desktop_ocr.engine_host.bitmap import Image
    from desktop_ocr.engine_host.crops import Quad
    from desktop_ocr.engine_host.line_reader import LineReader
    from desktop_ocr.engine_host.models import Models

_LEAST = 0.5
"""Confidence below which straightened writing is not believed."""
_DOUBLED = 0.5
"""Share of a line's box in curved writing from which on it may be a fragment of that."""
_SAME = 0.6
"""Share of a line's characters that another line has in the same order."""


class SealsStage:
    """Reads a page's seals."""

    feature = Feature.SEALS

    def needed(self, result: PageResult, mode: FeatureMode) -> bool:
        """Whether the page has a seal."""
        return mode is not FeatureMode.OFF and any(block.kind is BlockKind.SEAL for block in result.blocks)

    def roles(self, configured: frozenset[str]) -> tuple[str, ...]:
        """The detector for seals, and the recogniser of all lines."""
        needed = (ModelRole.SEAL_DETECTION, ModelRole.TEXT_RECOGNITION)
        return needed if configured.issuperset(needed) else ()

    def apply(self, models: Models, view: View, result: PageResult) -> PageResult:
        """The result with the seals' writing; fragments of it that were read as straight lines are dropped for it."""
        for number, block in enumerate(result.blocks):
            if block.kind is BlockKind.SEAL:
                lines = _read(models, view, block.box, result)
                result = replace_lines(result, number, fragments(result.lines, block.lines, lines), lines)
        return result


def fragments(lines: Sequence[Line], numbers: Sequence[int], seal: Sequence[Line]) -> list[int]:
    """Of a seal's lines those that are pieces of its curved writing, read as if they were straight.

    The box around an arc holds the middle of the seal as well. What stands there stays, unless it says the same or
    was hardly read.
    """
    gone = set()
    for line in seal:
        for number in covered(lines, numbers, [polygon_box(line.polygon)], _DOUBLED):
            old = lines[number]
            if old.confidence < line.confidence or _is_part(old.text, line.text):
                gone.add(number)
    return sorted(gone)


def _is_part(text: str, whole: str) -> bool:
    same = SequenceMatcher(None, text, whole, autojunk=False).get_matching_blocks()
    return sum(block.size for block in same) >= _SAME * len(text)


def _read(models: Models, view: View, box: Box, result: PageResult) -> list[Line]:
    left, top, _, _ = view.box(box)
    lines = []
    for picture, quad in models.seals().find(view.crop(box)):
        text, confidence = straight_text(models.line_reader(), picture)
        if text and confidence >= _LEAST:
            corners = (quad + np.array([left, top], dtype=np.float32)) / view.scale
            polygon: Polygon = tuple(float(value) for value in corners.reshape(-1))  # type: ignore[assignment]
            lines.append(as_line(text, clip(polygon, result.width, result.height), confidence))
    return lines


def straight_text(reader: LineReader, picture: Image) -> tuple[str, float]:
    """The text of a straightened line (BGR), and the recogniser's confidence in it."""
    height, width = picture.shape[:2]
    whole: Quad = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    text, confidence = reader.try_quad(picture[:, :, ::-1], whole)
    return text.strip(), confidence


def as_line(text: str, polygon: Polygon, confidence: float) -> Line:
    """A line whose words lie along it as long as they are: along curved writing, nobody can point at them exactly."""
    words, end = [], 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        words.append(Word(word, cut(polygon, start / len(text), end / len(text)), confidence))
    return Line(text, polygon, confidence, tuple(words))


STAGE = SealsStage()
