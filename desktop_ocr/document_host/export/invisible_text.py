"""A page's words as PDF operators: invisible, each exactly over its picture.

A word's characters are blanks half an em wide (`glyphless`); the font's size is the height of the word's polygon,
and the horizontal scale (Tz) stretches its characters over the polygon's length. Words come in reading order, each
with the space that follows it, which is thin, so that it does not reach into the next word.

A book has a million words, so there is no loop over them here: their places are reckoned a page at a time, and one
format of the whole page writes them. The text has coordinates of its own, hundredths of a point along the upright
page, so that most numbers are short and whole.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from desktop_ocr.document_host.export.glyphless import ADVANCE, DESCENT, RESOURCE_NAME, SPACE_ADVANCE, CodeTable
from desktop_ocr.document_host.export.visual_order import may_run_backwards, visual
from desktop_ocr.document_host.export.word_places import PageWords, page_words
from desktop_ocr.schema.results import PageResult, Polygon
from desktop_ocr.text.joining import is_right_to_left

UNIT = 0.01  # points
MIN_HEIGHT, MIN_WIDTH = 0.1 / UNIT, 0.05 / UNIT
LEAST = 0.001 / UNIT  # less is the reckoning's own
SNAP = math.cos(math.radians(8.0))  # more than a page's skew, less than slanted lettering
LEVEL = math.tan(math.acos(SNAP))
TEXT_LEVEL = 2  # of zlib's 9

Point = tuple[float, float]
ToPage = Callable[[float, float], Point]
"""From points of the page as displayed to the page's own coordinates: turned, scaled and moved."""
_Numbers = npt.NDArray[np.float64]

# From a polygon's eight numbers to where its middle line points, its centre, and its left and its right side from
# bottom to top, each as x and y.
_PARTS = np.kron([[-0.5, 0.5, 0.5, -0.5], [0.25, 0.25, 0.25, 0.25], [1, 0, 0, -1], [0, 1, -1, 0]], np.eye(2)).reshape(
    4, 2, 8
)
_SHOW = "%s%s %s Td %s%s Tz(%s)Tj\n"
_HUNDREDTHS = [f".{number:02d}" for number in range(100)]


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
    words = page_words(result, wanted)
    if not words.texts:
        return b""
    frame = _frame(result, to_page)
    places = _places(words.polygons, frame, result.height)
    stretch = 100.0 / ADVANCE * places.length / (np.fromiter(map(len, words.texts), float) * places.height)
    strings = _strings(words, places, stretch, codes)
    return f"q {frame.operands} cm BT 3 Tr\n{_operators(places, stretch, strings)}ET Q\n".encode("latin-1")


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


class _Frame(NamedTuple):
    """The text's own coordinates: x along the page's lines, y upwards, in units of `UNIT`.

    Attributes:
        operands: of the operator (cm) that leads from them to the page's.
        matrix: what a pixel to the right and one down (columns) add to x and y (rows).
    """

    operands: str
    matrix: _Numbers


class _Places(NamedTuple):
    """The rectangles nearest to polygons: along their middle lines, as high as their sides are on average.

    Attributes:
        x, y: where the baseline begins.
        cos, sin: its direction; None where all are level.
        length, height: of the rectangle; heights are whole numbers.
    """

    x: _Numbers
    y: _Numbers
    cos: _Numbers | None
    sin: _Numbers | None
    length: _Numbers
    height: _Numbers


def _frame(result: PageResult, to_page: ToPage) -> _Frame:
    side = max(result.width, result.height)  # far apart, so that little is lost by rounding
    x0, y0 = to_page(*displayed(result, 0.0, 0.0))
    x1, y1 = to_page(*displayed(result, side, 0.0))
    x2, y2 = to_page(*displayed(result, 0.0, side))
    along = math.hypot(x1 - x0, y1 - y0)
    cos, sin = (x1 - x0) / along, (y1 - y0) / along
    down = cos * (x2 - x0) + sin * (y2 - y0), cos * (y2 - y0) - sin * (x2 - x0)
    share = result.height / side  # the frame begins at the lower left corner, so that few numbers are negative
    x, y = x0 + share * (x2 - x0), y0 + share * (y2 - y0)
    operands = f"{cos * UNIT:.8f} {sin * UNIT:.8f} {-sin * UNIT:.8f} {cos * UNIT:.8f} {x:.4f} {y:.4f}"
    matrix = np.array([[along, down[0]], [0.0, down[1]]]) / (side * UNIT)
    return _Frame(operands, matrix)


def _places(polygons: Sequence[Polygon], frame: _Frame, page_height: float) -> _Places:
    values = struct.pack(f"{8 * len(polygons)}d", *chain.from_iterable(polygons))  # twice as fast as numpy.array
    parts = (frame.matrix @ _PARTS).reshape(8, 8) @ np.frombuffer(values).reshape(-1, 8).T
    along_x, along_y, middle_x, middle_y, left_x, left_y, right_x, right_y = parts
    middle_x -= page_height * frame.matrix[0, 1]
    middle_y -= page_height * frame.matrix[1, 1]
    length = np.hypot(along_x, along_y)
    if (np.abs(along_y) <= LEVEL * along_x).all():
        height = np.maximum(MIN_HEIGHT, np.rint((np.abs(left_y) + np.abs(right_y)) / 2))
        return _Places(
            middle_x - length / 2, middle_y - _down(height), None, None, np.maximum(MIN_WIDTH, length), height
        )
    long = length > LEAST  # others run as lines do
    known = np.where(long, length, 1.0)
    cos, sin = _snapped(np.where(long, along_x / known, 1.0), np.where(long, along_y / known, 0.0))
    # Sides measured across the direction, so that a slanted polygon does not become higher.
    height = (np.abs(left_y * cos - left_x * sin) + np.abs(right_y * cos - right_x * sin)) / 2
    height = np.maximum(MIN_HEIGHT, np.rint(height))
    x = middle_x - cos * length / 2 + sin * _down(height)
    y = middle_y - sin * length / 2 - cos * _down(height)
    return _Places(x, y, cos, sin, np.maximum(MIN_WIDTH, length), height)


def _down(height: _Numbers) -> _Numbers:
    """From the middle line to the baseline."""
    return height * (0.5 + DESCENT)


def _snapped(cos: _Numbers, sin: _Numbers) -> tuple[_Numbers, _Numbers]:
    """Directions, or the axes that they nearly are.

    Poppler begins a new word where a character's baseline is more than half a point off the one before it: on a
    skewed scan it would cut every longer word in two.
    """
    near = np.maximum(np.abs(cos), np.abs(sin)) > SNAP
    return np.where(near, np.rint(cos), np.round(cos, 4)), np.where(near, np.rint(sin), np.round(sin, 4))


def _strings(words: PageWords, places: _Places, stretch: _Numbers, codes: CodeTable) -> list[str]:
    """The words as they stand on the page, with their spaces, as `CodeTable.strings`.

    A space stands where the word ends: that of a right-to-left word at its left, so such words' places are moved.
    """
    if words.spaced is None and not may_run_backwards(words.joined):
        return codes.strings(words.texts, " ")
    spaced = words.spaced or [True] * len(words.texts)
    shown = []
    for at, (text, space) in enumerate(zip(words.texts, spaced, strict=True)):
        if not text.isascii() and is_right_to_left(text):
            shown.append(f" {visual(text)}" if space else visual(text))
            if space:
                wide = SPACE_ADVANCE * places.height[at] * stretch[at] / 100.0
                places.x[at] -= wide * (1.0 if places.cos is None else places.cos[at])
                places.y[at] -= wide * (0.0 if places.sin is None else places.sin[at])
        else:
            shown.append(f"{text} " if space else text)
    return codes.strings(shown)


def _operators(places: _Places, stretch: _Numbers, strings: list[str]) -> str:
    """All words' operators.

    A word begins where the one before it began, moved (Td); only where the direction changes its place is said anew
    (Tm), and only where the height changes the font's size.
    """
    count = len(strings)
    x, y = np.rint(places.x), np.rint(places.y)
    right, up = _steps(x), _steps(y)
    heads = [""] * count
    resized = np.flatnonzero(_steps(places.height))
    for at, height in zip(resized.tolist(), places.height[resized].tolist(), strict=True):
        heads[at] = f"/{RESOURCE_NAME} {height:.0f} Tf\n"
    if places.cos is not None and places.sin is not None:
        cos, sin = places.cos, places.sin
        turned = (_steps(cos, 1.0) != 0) | (_steps(sin) != 0) | (cos * sin != 0)
        for at in np.flatnonzero(turned).tolist():
            a, b = cos.item(at), sin.item(at)  # of four digits after the point at most: none has an exponent
            heads[at] += f"{a:.4g} {b:.4g} {-b:.4g} {a:.4g} {x.item(at):.0f} {y.item(at):.0f} Tm\n"
        right, up = np.where(turned, 0.0, cos * right + sin * up), np.where(turned, 0.0, cos * up - sin * right)
    percent, hundredths = np.divmod(np.rint(stretch * 100.0).astype(np.int64), 100)
    values: list[object] = [""] * (6 * count)
    values[0::6] = heads
    values[1::6] = right.astype(np.int64).tolist()
    values[2::6] = up.astype(np.int64).tolist()
    values[3::6] = percent.tolist()
    values[4::6] = map(_HUNDREDTHS.__getitem__, hundredths.tolist())
    values[5::6] = strings
    return _SHOW * count % tuple(values)


def _steps(values: _Numbers, first: float = 0.0) -> _Numbers:
    """What each value is more than the one before it, and the first more than `first`."""
    steps = values.copy()
    steps[1:] -= values[:-1]
    steps[0] -= first
    return steps
