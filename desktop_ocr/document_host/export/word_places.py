"""A line's words with their places, for formats that show where each word stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

from desktop_ocr.schema.results import Line, PageResult, Polygon, Word
from desktop_ocr.text.editing_geometry import part
from desktop_ocr.text.joining import is_right_to_left

DESCENT = 0.2  # of a line's height: what is below its baseline

Point = tuple[float, float]


class Placed(NamedTuple):
    """A word, and whether a space follows it in its line."""

    word: Word
    spaced: bool


class PageWords(NamedTuple):
    """A page's words in reading order, in columns, as there are many.

    Attributes:
        texts: none is empty.
        polygons: where they stand, in pixels of the page's upright bitmap.
        spaced: whether a space follows; None where one follows all of them.
        joined: the texts, with spaces between them.
    """

    texts: list[str]
    polygons: list[Polygon]
    spaced: list[bool] | None
    joined: str


def page_words(result: PageResult, wanted: Callable[[Polygon], bool] | None = None) -> PageWords:
    """The words of a page's lines: those of `words_of`, or the wanted ones of them."""
    lines = [result.lines[index] for block in result.blocks for index in block.lines]
    if wanted is None:
        words = list(chain.from_iterable([line.words for line in lines]))
        texts = [word.text for word in words]
        joined = " ".join(texts)
        # As on most pages, and quickly done: no word is blank or has a space in it, and one follows each.
        if joined == " ".join([line.text for line in lines]) and joined.split() == texts:
            return PageWords(texts, [word.polygon for word in words], None, joined)
    placed = [one for line in lines for one in words_of(line) if wanted is None or wanted(one.word.polygon)]
    texts = [word.text for word, _ in placed]
    return PageWords(texts, [word.polygon for word, _ in placed], [spaced for _, spaced in placed], " ".join(texts))


def words_of(line: Line) -> list[Placed]:
    """The words of a line in reading order; of a line without words its text, cut at spaces, as far along as it is."""
    words: Sequence[Word] = [word for word in line.words if word.text.strip()]
    if not words:
        words = _cut(line)
    if line.text == " ".join([word.text for word in words]):  # as most lines are, and quickly done
        return [Placed(word, True) for word in words]
    placed, at = [], 0
    for number, word in enumerate(words):
        found = line.text.find(word.text, at)
        at = found + len(word.text) if found >= 0 else at
        spaced = number == len(words) - 1 or found < 0 or line.text[at : at + 1].isspace()
        placed.append(Placed(word, spaced))
    return placed


def direction(polygon: Polygon) -> float:
    """Degrees clockwise by which text runs off the horizontal: -180 to 180."""
    (ax, ay), (bx, by) = _middles(polygon)
    return math.degrees(math.atan2(by - ay, bx - ax)) if (ax, ay) != (bx, by) else 0.0


def baseline(polygon: Polygon) -> tuple[Point, Point]:
    """Where the letters stand: from the left end of a line to its right end, in reading direction of the polygon."""
    ax, ay, bx, by, cx, cy, dx, dy = polygon
    left = dx + (ax - dx) * DESCENT, dy + (ay - dy) * DESCENT
    right = cx + (bx - cx) * DESCENT, cy + (by - cy) * DESCENT
    return left, right


def _middles(polygon: Polygon) -> tuple[Point, Point]:
    ax, ay, bx, by, cx, cy, dx, dy = polygon
    return ((ax + dx) / 2, (ay + dy) / 2), ((bx + cx) / 2, (by + cy) / 2)


def _cut(line: Line) -> list[Word]:
    words, at = [], 0
    length = len(line.text)
    backwards = is_right_to_left(line.text)
    for text in line.text.split():
        at = line.text.index(text, at)
        start, end = at / length, (at + len(text)) / length
        if backwards:
            start, end = 1 - end, 1 - start
        words.append(Word(text, part(line.polygon, start, end), line.confidence))
        at += len(text)
    return words
