"""Which line, word, cell or block lies at a point of a page. Made with the page, off the window's thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from desktop_ocr.schema.results import Box, Line, PageResult, Polygon, polygon_box
from desktop_ocr.text.joining import is_right_to_left

BANDS = 128  # a page is searched by bands: a line lies in one or two of them
TALL = 1.6  # times as high as wide: such a line runs downwards


class Spot(NamedTuple):
    """What is at a point: indices as in `review.Place`, -1 and None for nothing."""

    block: int = -1
    line: int = -1
    cell: tuple[int, int] | None = None


class _Bands:
    """Boxes by where they are on the page, from top to bottom."""

    def __init__(self, height: float) -> None:
        self._step = max(1e-6, height / BANDS)
        self._bands: dict[int, list[int]] = {}
        self._boxes: list[Box] = []

    def add(self, box: Box) -> None:
        """The next one."""
        for band in range(self._band(box[1]), self._band(box[3]) + 1):
            self._bands.setdefault(band, []).append(len(self._boxes))
        self._boxes.append(box)

    def near(self, x: float, y: float, slack: float) -> Iterator[int]:
        """Those that a point is in, or that far beside."""
        seen: set[int] = set()
        for band in {self._band(y - slack), self._band(y), self._band(y + slack)}:
            for number in self._bands.get(band, ()):
                x0, y0, x1, y1 = self._boxes[number]
                near = x0 - slack <= x <= x1 + slack and y0 - slack <= y <= y1 + slack
                if near and number not in seen:
                    seen.add(number)
                    yield number

    def _band(self, y: float) -> int:
        return min(BANDS, max(-1, int(y // self._step)))  # what lies outside of the page is found there


class PagePlaces:
    """Searches a page; coordinates are pixels of its result."""

    def __init__(self, result: PageResult) -> None:
        self.result = result
        self._lines = _Bands(result.height)
        for line in result.lines:
            self._lines.add(polygon_box(line.polygon))
        self._block_of = {line: at for at, block in enumerate(result.blocks) for line in block.lines}
        self._cells = _Bands(result.height)
        self._cell_at: list[tuple[int, tuple[int, int], Box]] = []
        self._cell_of: dict[int, tuple[int, int]] = {}
        for at, block in enumerate(result.blocks):
            for cell in block.table.cells if block.table is not None else ():
                place = (cell.row, cell.column)
                self._cell_of.update(dict.fromkeys(cell.lines, place))
                box = cell.box or box_around(result.lines[line].polygon for line in cell.lines)
                if box is not None:
                    self._cells.add(box)
                    self._cell_at.append((at, place, box))

    def at(self, x: float, y: float, slack: float = 0.0) -> Spot:
        """The smallest thing at a point: a line (with its cell), or a cell, or a block.

        Args:
            x, y: the point.
            slack: how far beside a line is near enough.
        """
        line = self.line_at(x, y, slack)
        if line >= 0:
            return Spot(self._block_of.get(line, -1), line, self._cell_of.get(line))
        cells = [self._cell_at[number] for number in self._cells.near(x, y, 0.0)]
        if cells:
            block, cell, _box = min(cells, key=lambda found: _area(found[2]))
            return Spot(block, -1, cell)
        return Spot(self.block_at(x, y))

    def line_at(self, x: float, y: float, slack: float = 0.0) -> int:
        """The line at a point, or the nearest one; -1 for none."""
        lines = self.result.lines
        near = list(self._lines.near(x, y, slack))
        inside = [number for number in near if contains(lines[number].polygon, x, y)]
        if inside:
            return min(inside, key=lambda number: _area(polygon_box(lines[number].polygon)))
        return min(near, key=lambda number: _distance(polygon_box(lines[number].polygon), x, y), default=-1)

    def block_at(self, x: float, y: float) -> int:
        """The smallest block at a point; -1 for none."""
        found = [
            (_area(block.box), at)
            for at, block in enumerate(self.result.blocks)
            if block.box[0] <= x <= block.box[2] and block.box[1] <= y <= block.box[3]
        ]
        return min(found)[1] if found else -1

    def word_at(self, line: int, x: float, y: float) -> int:
        """The word of a line at a point; -1 for none."""
        words = self.result.lines[line].words
        return next((at for at, word in enumerate(words) if contains(word.polygon, x, y)), -1)

    def cell_of(self, line: int) -> tuple[int, int] | None:
        """The cell that a line is in."""
        return self._cell_of.get(line)

    def cell_box(self, block: int, cell: tuple[int, int]) -> Box | None:
        """Where a cell is."""
        return next((box for at, place, box in self._cell_at if (at, place) == (block, cell)), None)

    def lines_inside(self, box: Box) -> set[int]:
        """The lines whose middle is in a box."""
        found = set()
        for number, line in enumerate(self.result.lines):
            x, y = sum(line.polygon[0::2]) / 4, sum(line.polygon[1::2]) / 4
            if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
                found.add(number)
        return found


def box_around(polygons: Iterable[Polygon]) -> Box | None:
    """The box around several polygons; None where there is none."""
    boxes = [polygon_box(polygon) for polygon in polygons]
    if not boxes:
        return None
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def contains(polygon: Polygon, x: float, y: float) -> bool:
    """Whether a point is in a quadrangle, whichever way round its corners go."""
    corners = [(polygon[at], polygon[at + 1]) for at in range(0, 8, 2)]
    sides = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        sides.append((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0))
    return all(side >= 0 for side in sides) or all(side <= 0 for side in sides)


def part_of_line(line: Line, start: int, end: int) -> list[Polygon]:
    """Where some characters of a line are: by its words where they are known, otherwise by proportion."""
    polygons = []
    at = 0
    for word in line.words:
        begin = line.text.find(word.text, at)
        if begin < 0:
            break  # a person has written something else: the words are of the former text
        at = begin + len(word.text)
        if begin < end and at > start:
            length = max(1, len(word.text))
            polygons.append(
                _cut(word.polygon, word.text, max(0, start - begin) / length, min(length, end - begin) / length)
            )
    else:
        if polygons:
            return polygons
    length = max(1, len(line.text))
    return [_cut(line.polygon, line.text, min(start, length) / length, min(max(end, start + 1), length) / length)]


def _cut(polygon: Polygon, text: str, start: float, end: float) -> Polygon:
    """A part of a run of text, from a share of its length to another."""
    x0, y0, x1, y1, x2, y2, x3, y3 = polygon
    if len(text) > 1 and abs(y3 - y0) > TALL * max(1e-6, abs(x1 - x0)):  # from the top down
        left0, left1 = _between(x0, y0, x3, y3, start), _between(x0, y0, x3, y3, end)
        right0, right1 = _between(x1, y1, x2, y2, start), _between(x1, y1, x2, y2, end)
        return (*left0, *right0, *right1, *left1)
    if is_right_to_left(text) and x1 > x0:
        start, end = 1 - end, 1 - start
    top0, top1 = _between(x0, y0, x1, y1, start), _between(x0, y0, x1, y1, end)
    bottom0, bottom1 = _between(x3, y3, x2, y2, start), _between(x3, y3, x2, y2, end)
    return (*top0, *top1, *bottom1, *bottom0)


def _between(x0: float, y0: float, x1: float, y1: float, share: float) -> tuple[float, float]:
    return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _distance(box: Box, x: float, y: float) -> float:
    return max(box[0] - x, 0.0, x - box[2]) + max(box[1] - y, 0.0, y - box[3])
