"""A page's words as PDF operators: invisible, each exactly over its picture.

A word's characters are blanks half an em wide (`glyphless`); the font's size is the height of the word's polygon,
and the horizontal scale (Tz) stretches its characters over the polygon's length. Words come in reading order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from desktop_ocr.document_host.export.glyphless import ADVANCE, DESCENT, RESOURCE_NAME, CodeTable
from desktop_ocr.document_host.export.visual_order import visual
from desktop_ocr.document_host.export.word_places import words_of
from desktop_ocr.schema.results import Line, PageResult, Polygon
from desktop_ocr.text.joining import is_right_to_left

MIN_HEIGHT, MIN_WIDTH = 0.1, 0.05  # points
THIN = 5  # percent of a space's usual width
SNAP = math.cos(math.radians(8.0))  # more than a page's skew, less than slanted lettering

Point = tuple[float, float]
ToPage = Callable[[float, float], Point]
"""From points of the page as displayed to the page's own coordinates: turned, scaled and moved."""
_Matrix = tuple[float, float, float, float, float, float]
_AXES = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))
_TURNS = {(1.0, 0.0): "1 0 0 1", (0.0, 1.0): "0 1 -1 0", (-1.0, 0.0): "-1 0 0 -1", (0.0, -1.0): "0 -1 1 0"}


class _Placed(NamedTuple):
    """A word in the page's own coordinates: where its baseline begins, its direction, length and height."""

    x: float
    y: float
    cos: float
    sin: float
    length: float
    height: float


def page_operators(
    result: PageResult, to_page: ToPage, codes: CodeTable, *, wanted: Callable[[Polygon], bool] | None = None
) -> bytes:
    """The operators of a page's text; b"" where it has none.

    Args:
        result: the page, in pixels of its upright bitmap.
        to_page: see `ToPage`.
        codes: gets the characters that are used.
        wanted: says of a word's polygon, in pixels, whether the word is to be written; by default all are.
    """
    parts: list[str] = []
    matrix = _matrix(result, to_page)
    for line in _in_reading_order(result):
        for word, spaced in words_of(line):
            if wanted is not None and not wanted(word.polygon):
                continue
            parts.append(_show(word.text, _place(_corners(word.polygon, matrix)), codes, spaced=spaced))
    if not parts:
        return b""
    return f"q BT 3 Tr\n{''.join(parts)}ET Q\n".encode("ascii")


def displayed(result: PageResult, x: float, y: float) -> Point:
    """A pixel of the upright bitmap as a point (72 per inch) of the page as displayed: `result.rotation` undone."""
    match result.rotation:
        case 90:
            x, y = y, result.width - x
        case 180:
            x, y = result.width - x, result.height - y
        case 270:
            x, y = result.height - y, x
    return x * 72.0 / result.dpi, y * 72.0 / result.dpi


def _in_reading_order(result: PageResult) -> Iterator[Line]:
    for block in result.blocks:
        for index in block.lines:
            yield result.lines[index]


def _matrix(result: PageResult, to_page: ToPage) -> _Matrix:
    """From pixels of the upright bitmap to the page's own coordinates: asked for once, as words have many corners."""
    side = max(result.width, result.height)  # far apart, so that little is lost by rounding
    e, f = to_page(*displayed(result, 0.0, 0.0))
    x1, y1 = to_page(*displayed(result, side, 0.0))
    x2, y2 = to_page(*displayed(result, 0.0, side))
    return (x1 - e) / side, (y1 - f) / side, (x2 - e) / side, (y2 - f) / side, e, f


def _corners(polygon: Polygon, matrix: _Matrix) -> list[Point]:
    a, b, c, d, e, f = matrix
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in zip(polygon[0::2], polygon[1::2], strict=True)]


def _place(corners: list[Point]) -> _Placed:
    """The rectangle nearest to the polygon: along its middle line, as high as its sides are on average."""
    top_left, top_right, bottom_right, bottom_left = corners
    upright = top_left[1] == top_right[1] and bottom_left[1] == bottom_right[1] and top_left[0] == bottom_left[0]
    if upright and bottom_left[1] < top_left[1] and top_left[0] < top_right[0]:  # as most are, and quickly done
        height = max(MIN_HEIGHT, top_left[1] - bottom_left[1])
        down = height / 2 + DESCENT * height
        middle = (top_left[1] + bottom_left[1]) / 2
        return _Placed(top_left[0], middle - down, 1.0, 0.0, max(MIN_WIDTH, top_right[0] - top_left[0]), height)
    start = _middle(top_left, bottom_left)
    end = _middle(top_right, bottom_right)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    cos, sin = _snapped(dx / length, dy / length) if length > 0 else (1.0, 0.0)
    centre = _middle(start, end)
    start = centre[0] - cos * length / 2, centre[1] - sin * length / 2
    # Sides measured across the direction, so that a slanted polygon does not become higher.
    sides = [
        abs((a[1] - b[1]) * cos - (a[0] - b[0]) * sin) for a, b in ((top_left, bottom_left), (top_right, bottom_right))
    ]
    height = max(MIN_HEIGHT, sum(sides) / 2)
    down = height / 2 + DESCENT * height  # from the middle line to the baseline
    return _Placed(start[0] + sin * down, start[1] - cos * down, cos, sin, max(MIN_WIDTH, length), height)


def _snapped(cos: float, sin: float) -> Point:
    """A direction, or the axis that it nearly is.

    Poppler begins a new word where a character's baseline is more than half a point off the one before it: on a
    skewed scan it would cut every longer word in two.
    """
    for axis in _AXES:
        if cos * axis[0] + sin * axis[1] > SNAP:
            return axis
    return cos, sin


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _show(text: str, at: _Placed, codes: CodeTable, *, spaced: bool) -> str:
    backwards = not text.isascii() and is_right_to_left(text)
    shown = visual(text) if backwards else text
    scale = 100.0 * at.length / (len(shown) * ADVANCE * at.height)
    # A space says where the word ends; thin, so that it does not reach into the next word.
    space = f"{THIN} Tz <{codes.digits(' ')}> Tj" if spaced else ""
    x, y = at.x, at.y
    if spaced and backwards:  # the next word stands to the left
        wide = THIN / 100.0 * ADVANCE * at.height
        x, y = x - at.cos * wide, y - at.sin * wide
    word = f"{scale:.2f} Tz <{codes.digits(shown)}> Tj"
    turn = _TURNS.get((at.cos, at.sin)) or f"{at.cos:.4f} {at.sin:.4f} {-at.sin:.4f} {at.cos:.4f}"
    head = f"/{RESOURCE_NAME} {at.height:.2f} Tf {turn} {x:.2f} {y:.2f} Tm"
    return f"{head} {space} {word}\n" if backwards else f"{head} {word} {space}\n"
