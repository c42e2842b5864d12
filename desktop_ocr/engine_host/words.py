"""Words of a recognised line: which characters, and where along the line."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from desktop_ocr.schema.results import Polygon


class WordSpan(NamedTuple):
    """A word, and the stretch of its line that it takes: fractions of the line's length, 0 to 1."""

    text: str
    start: float
    end: float


def split_words(characters: Sequence[str], columns: Sequence[int], column_count: float) -> list[WordSpan]:
    """Words of a line from the recogniser's columns.

    The recogniser (CTC) reads a line as equal columns and names one for each character, near its middle. Between
    two characters the border is taken half-way; a line's first and last character get half a usual step more.
    Characters between spaces make a word; scripts written without spaces make a word of each unbroken run.

    Args:
        characters: of the line, spaces included.
        columns: of each character, ascending.
        column_count: how many columns the line's width is.
    """
    count = min(len(characters), len(columns))
    if count == 0 or column_count <= 0:
        return []
    middles = [(column + 0.5) / column_count for column in columns[:count]]
    steps = sorted(b - a for a, b in itertools.pairwise(middles))
    usual = steps[len(steps) // 2] if steps else 1.0
    borders = [middles[0] - usual * 0.75]
    borders += [(a + b) / 2 for a, b in itertools.pairwise(middles)]
    borders.append(middles[-1] + usual * 0.75)
    borders = [min(1.0, max(0.0, border)) for border in borders]

    words: list[WordSpan] = []
    begun: int | None = None
    for index in range(count + 1):
        ends = index == count or characters[index].isspace()
        if begun is not None and (ends or _parts(characters[index - 1], characters[index])):
            text = "".join(characters[begun:index])
            words.append(WordSpan(text, borders[begun], max(borders[begun], borders[index])))
            begun = None
        if not ends and begun is None:
            begun = index
    return words


def cut(polygon: Polygon, start: float, end: float) -> Polygon:
    """The part of a line's polygon between two fractions of its length, along its direction."""
    ax, ay, bx, by, cx, cy, dx, dy = polygon

    def along(x0: float, y0: float, x1: float, y1: float, share: float) -> tuple[float, float]:
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share

    return (
        *along(ax, ay, bx, by, start),
        *along(ax, ay, bx, by, end),
        *along(dx, dy, cx, cy, end),
        *along(dx, dy, cx, cy, start),
    )


def clip(polygon: Polygon, width: float, height: float) -> Polygon:
    """The polygon with its corners moved onto the page."""
    x0, y0, x1, y1, x2, y2, x3, y3 = polygon

    def x(value: float) -> float:
        return min(width, max(0.0, value))

    def y(value: float) -> float:
        return min(height, max(0.0, value))

    return x(x0), y(y0), x(x1), y(y1), x(x2), y(y2), x(x3), y(y3)


def _parts(before: str, after: str) -> bool:
    """Whether a word ends between two characters that no space parts: where a script without spaces begins or ends.

    Punctuation stays with what it follows.
    """
    return after.isalnum() and before.isalnum() and is_spaceless(before) != is_spaceless(after)


def is_spaceless(character: str) -> bool:
    """Whether the character's script is written without spaces between words."""
    if character < "\u0e00":
        return False
    name = unicodedata.name(character, "")
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "BOPOMOFO"))
