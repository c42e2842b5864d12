"""A page's words as PDF operators: invisible, each exactly over its picture.

A word's characters are blanks half an em wide (`glyphless`); the font's size is the height of the word's polygon,
and the horizontal scale (Tz) stretches its characters over the polygon's length. Words come in reading order. The
places of a page's words are reckoned all at once, as a book has a million of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from desktop_ocr.document_host.export.glyphless import ADVANCE, DESCENT, RESOURCE_NAME, CodeTable
from desktop_ocr.document_host.export.visual_order import visual
from desktop_ocr.document_host.export.word_places import words_of
from desktop_ocr.schema.results import Line, PageResult, Polygon
from desktop_ocr.text.joining import is_right_to_left

MIN_HEIGHT, MIN_WIDTH = 0.1, 0.05  # points
THIN = 5  # percent of a space's usual width
SNAP = math.cos(math.radians(8.0))  # more than a page's skew, less than slanted lettering
TEXT_LEVEL = 5  # of zlib's 9: a third of the time, for 6 % more bytes of text and a thousandth of a scan's file

Point = tuple[float, float]
ToPage = Callable[[float, float], Point]
"""From points of the page as displayed to the page's own coordinates: turned, scaled and moved."""
_Matrix = tuple[float, float, float, float, float, float]
_TURNS = {(1.0, 0.0): "1 0 0 1", (0.0, 1.0): "0 1 -1 0", (-1.0, 0.0): "-1 0 0 -1", (0.0, -1.0): "0 -1 1 0"}


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
    words = [
        placed
        for line in _in_reading_order(result)
        for placed in words_of(line)
        if wanted is None or wanted(placed.word.polygon)
    ]
    if not words:
        return b""
    places = _places([word.polygon for word, _ in words], _matrix(result, to_page)).tolist()
    # A space says where the word ends; thin, so that it does not reach into the next word.
    space = f"{THIN} Tz <{codes.digits(' ')}> Tj"
    parts, size = [], 0.0
    for (word, spaced), place in zip(words, places, strict=True):
        if place[-1] != size:  # mostly the words of a line are equally high
            size = place[-1]
            parts.append(f"/{RESOURCE_NAME} {size:.2f} Tf\n")
        parts.append(_show(word.text, place, codes, space if spaced else ""))
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


def _places(polygons: Sequence[Polygon], matrix: _Matrix) -> npt.NDArray[np.float64]:
    """The rectangles nearest to polygons: along their middle lines, as high as their sides are on average.

    Returns:
        A row a polygon, in the page's own coordinates: x and y where the baseline begins, cosine and sine of its
        direction, length, height in whole hundredths.
    """
    a, b, c, d, e, f = matrix
    corners = np.array(polygons, dtype=np.float64).T
    xs, ys = a * corners[0::2] + c * corners[1::2] + e, b * corners[0::2] + d * corners[1::2] + f
    # The middles of the left and the right side, and the sides from bottom to top.
    start_x, start_y, end_x, end_y = (xs[0] + xs[3]) / 2, (ys[0] + ys[3]) / 2, (xs[1] + xs[2]) / 2, (ys[1] + ys[2]) / 2
    left_x, left_y, right_x, right_y = xs[0] - xs[3], ys[0] - ys[3], xs[1] - xs[2], ys[1] - ys[2]
    length = np.hypot(end_x - start_x, end_y - start_y)
    known = np.where(length > 0, length, 1.0)  # what has no length runs to the right
    cos, sin = _snapped(np.where(length > 0, end_x - start_x, 1.0) / known, (end_y - start_y) / known)
    # Sides measured across the direction, so that a slanted polygon does not become higher.
    height = (np.abs(left_y * cos - left_x * sin) + np.abs(right_y * cos - right_x * sin)) / 2
    height = np.maximum(MIN_HEIGHT, np.round(height, 2))
    down = height / 2 + DESCENT * height  # from the middle line to the baseline
    x = (start_x + end_x) / 2 - cos * length / 2 + sin * down
    y = (start_y + end_y) / 2 - sin * length / 2 - cos * down
    return np.array((x, y, cos, sin, np.maximum(MIN_WIDTH, length), height)).T


def _snapped(
    cos: npt.NDArray[np.float64], sin: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Directions, or the axes that they nearly are.

    Poppler begins a new word where a character's baseline is more than half a point off the one before it: on a
    skewed scan it would cut every longer word in two.
    """
    near = np.maximum(np.abs(cos), np.abs(sin)) > SNAP
    return np.where(near, np.rint(cos), cos), np.where(near, np.rint(sin), sin)


def _show(text: str, place: Sequence[float], codes: CodeTable, space: str) -> str:
    """A word's operators.

    Args:
        text: the word.
        place: its row of `_places`.
        codes: gets the characters that are used.
        space: the operators of the space after it, "" for none.
    """
    x, y, cos, sin, length, height = place
    backwards = not text.isascii() and is_right_to_left(text)
    shown = visual(text) if backwards else text
    if space and backwards:  # the next word stands to the left
        wide = THIN / 100.0 * ADVANCE * height
        x, y = x - cos * wide, y - sin * wide
    scale = 100.0 * length / (len(shown) * ADVANCE * height)
    turn = _TURNS.get((cos, sin)) or f"{cos:.4f} {sin:.4f} {-sin:.4f} {cos:.4f}"
    head, word = f"{turn} {x:.2f} {y:.2f} Tm", f"{scale:.2f} Tz <{codes.digits(shown)}> Tj"
    return f"{head} {space} {word}\n" if backwards else f"{head} {word} {space}\n"
