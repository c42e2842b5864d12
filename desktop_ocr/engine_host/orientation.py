"""Which way up a page is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image, shrink
from desktop_ocr.engine_host.crops import Quad, extents, is_high
from desktop_ocr.engine_host.runtime import build
from desktop_ocr.engine_host.words import is_spaceless
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder

_SIDE = 1024
_SURE = 0.5
"""The classifier's scores lie between 0.26 (no idea) and 0.93; upright pages of the corpus had 0.7 and more."""
_SAMPLE = 6
_READABLE = 0.6
_BETTER = 0.1
_CERTAIN = 0.85
"""Mean confidence in a few long lines from which on a page is surely read the right way up."""

# How a line's corners roll when its page is turned clockwise by so many degrees.
_ROLLS = {0: 0, 90: 1, 180: 2, 270: -1}


class Upright(NamedTuple):
    """How to turn a page.

    Attributes:
        rotation: degrees clockwise: 0, 90, 180 or 270.
        quads: the page's lines as it is, where they were looked for.
    """

    rotation: int
    quads: list[Quad] | None


class Reader(Protocol):
    """Finds and reads lines."""

    def find(self, image: Image) -> list[Quad]:
        """The quads of a page's lines."""

    def try_quad(self, image: Image, quad: Quad) -> tuple[str, float]:
        """A line's text, and the recogniser's confidence in it."""


class OrientationFinder:
    """PP-LCNet's page orientation classifier, believed where reading a few lines agrees with it.

    On its own it turned an upright Arabic page upside down (score 0.85) and had no idea of pages with a few words
    only: it sees 224 pixels of the page's middle.
    """

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        """Load the model."""
        # Seconds, which whoever only reads lines both ways does not need.
        from paddleocr import DocImgOrientationClassification

        self._classifier = build(DocImgOrientationClassification, folder, options)

    def find(self, image: Image, reader: Reader) -> Upright:
        """How to turn a page upright.

        A page that the classifier takes for upright is not looked at further. Otherwise the lines' shapes say
        whether it lies on its side, and reading the longest lines both ways says which way up they are.
        """
        rotation, sure = self.classify(image)
        if rotation == 0 and sure >= _SURE:
            return Upright(0, None)
        quads = reader.find(image)
        return Upright(decide(image, quads, reader, rotation if sure >= _SURE else None), quads)

    def classify(self, image: Image) -> tuple[int, float]:
        """What the classifier says alone: degrees clockwise to turn the page, and its score."""
        small = cv2.cvtColor(np.ascontiguousarray(shrink(image, _SIDE)), cv2.COLOR_RGB2BGR)
        result = self._classifier.predict(small)[0]
        # The label says how far the page is turned clockwise.
        return (360 - int(result["label_names"][0])) % 360, float(result["scores"][0])


def decide(image: Image, quads: Sequence[Quad], reader: Reader, proposed: int | None) -> int:
    """Degrees clockwise to turn a page, from its lines.

    Args:
        image: the page as it is.
        quads: its lines.
        reader: reads them.
        proposed: what the classifier proposes, or None where it has no idea.
    """
    if not quads:
        return 0
    lengths = [max(extents(quad)) for quad in quads]
    high = sum(length for quad, length in zip(quads, lengths, strict=True) if is_high(quad))
    on_its_side = high * 2 > sum(lengths)
    if proposed is not None and on_its_side != (proposed in (90, 270)):
        return 0
    of_shape = [quad for quad in quads if is_high(quad) == on_its_side]
    sample = sorted(of_shape, key=lambda quad: -max(extents(quad)))[:_SAMPLE]
    read = {
        rotation: [reader.try_quad(image, np.roll(quad, _ROLLS[rotation], axis=0)) for quad in sample]
        for rotation in ((90, 270) if on_its_side else (0, 180))
    }
    scores = {rotation: statistics.fmean(score for _, score in lines) for rotation, lines in read.items()}
    best = max(scores, key=lambda rotation: scores[rotation])
    if best == 0 or scores[best] < _READABLE or scores[best] < min(scores.values()) + _BETTER:
        return 0
    if proposed is None and on_its_side and _is_vertical_script([text for text, _ in read[best]]):
        return 0
    return best


def looks_upright(image: Image, quads: Sequence[Quad], reader: Reader) -> bool:
    """Whether a page's lines lie as they should and can be read as they are: no model is needed to say so.

    Args:
        image: the page.
        quads: its lines.
        reader: reads a few of them.
    """
    lengths = [max(extents(quad)) for quad in quads]
    high = sum(length for quad, length in zip(quads, lengths, strict=True) if is_high(quad))
    if not quads or high * 2 > sum(lengths):
        return False
    sample = sorted(quads, key=lambda quad: -max(extents(quad)))[:_SAMPLE]
    return statistics.fmean(reader.try_quad(image, quad)[1] for quad in sample) >= _CERTAIN


def _is_vertical_script(texts: Sequence[str]) -> bool:
    """Whether lines that run down a page are meant to: most of their letters are Chinese or Japanese."""
    letters = [character for text in texts for character in text if character.isalpha()]
    return sum(map(is_spaceless, letters)) * 2 > len(letters)
