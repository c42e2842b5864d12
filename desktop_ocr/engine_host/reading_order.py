"""In which order people read blocks, and lines inside a block."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from desktop_ocr.engine_host.geometry import Placed
from desktop_ocr.schema.results import BlockKind, Box

_SHRINK = 0.3
"""Of a line's height: boxes that touch by less than that do not keep columns from being parted."""
_GUTTER = 0.3
"""Of a line's height: the narrowest gap between columns, boxes shrunk already."""
_PROSE = 15.0
"""Characters in a usual line, from which on a column is read down. Shorter ones belong to the rows of a form, a
receipt or a price list, which are read across."""


_TEXT, _TEXT_LINES = 30.0, 5
"""Characters in a usual line, and lines, from which on a column is running text, whatever stands beside it."""
_DEEPEST = 60


class Piece(NamedTuple):
    """A block to be ordered.

    Attributes:
        kind: its role.
        box: on the deskewed page, in pixels.
        lines: how many it has; 0 says that its text does not tell prose from rows.
        characters: how many there are in them.
    """

    kind: BlockKind
    box: Box
    lines: int = 0
    characters: int = 0


def order_blocks(pieces: Sequence[Piece], line_height: float) -> list[int]:
    """Indices of blocks in reading order.

    Page headers come first and page footers last, footnotes before those. The rest is cut recursively along white
    gaps (XY-cut, Nagy and Seth 1984): columns first, and where something spans them, bands from top to bottom, of
    which neighbours with the same columns are kept together.

    Args:
        pieces: the blocks; where no gap parts some of them, they go by their upper left corners.
        line_height: usual height of a line in pixels.
    """
    groups: dict[int, list[int]] = {0: [], 1: [], 2: [], 3: []}
    ranks = {BlockKind.PAGE_HEADER: 0, BlockKind.FOOTNOTE: 2, BlockKind.PAGE_FOOTER: 3}
    for index, piece in enumerate(pieces):
        groups[ranks.get(piece.kind, 1)].append(index)
    page = _Page(pieces, line_height)
    return [index for rank in sorted(groups) for index in page.cut(groups[rank], 0)]


def _shrunk(box: Box, margin: float) -> Box:
    x0, y0, x1, y1 = box
    across, down = min(margin, (x1 - x0) * 0.4), min(margin, (y1 - y0) * 0.4)
    return x0 + across, y0 + down, x1 - across, y1 - down


class _Page:
    """The blocks of a page while they are cut apart."""

    def __init__(self, pieces: Sequence[Piece], line_height: float) -> None:
        self._pieces = pieces
        self._boxes = [_shrunk(piece.box, line_height * _SHRINK) for piece in pieces]
        self._gutter = line_height * _GUTTER

    def cut(self, indices: Sequence[int], depth: int) -> list[int]:
        """Blocks in reading order."""
        if len(indices) < 2 or depth > _DEEPEST:
            return self._by_corner(indices)
        columns = self._columns(indices)
        if columns:
            return [index for column in columns for index in self.cut(column, depth + 1)]
        bands = _parts(indices, self._boxes, 1, 0.0)
        if len(bands) == 1:
            # Nothing but a gap between rows' parts is left, or boxes that overlap.
            parts = _parts(indices, self._boxes, 0, self._gutter)
            if len(parts) == 1:
                return self._by_corner(indices)
            return [index for part in parts for index in self.cut(part, depth + 1)]
        ordered: list[int] = []
        start = 0
        while start < len(bands):
            end = self._end_of_columns(bands, start)
            together = [index for band in bands[start:end] for index in band]
            ordered.extend(self.cut(together, depth + 1))
            start = end
        return ordered

    def _end_of_columns(self, bands: Sequence[Sequence[int]], start: int) -> int:
        """The first band that is not of the same columns as one: those in between share their gutters.

        A band of short lines, such as formulas, tells nothing by itself of whether it is read down or across: what
        stands above and below it in the same columns does.
        """
        end = start + 1
        together: list[int] = []
        for number in range(start, len(bands)):
            together += bands[number]
            if len(_parts(together, self._boxes, 0, self._gutter)) < 2:
                break
            if self._columns(together):
                end = number + 1
        return end

    def _columns(self, indices: Sequence[int]) -> list[list[int]]:
        """The columns of prose that blocks fall into, or none."""
        columns = _parts(indices, self._boxes, 0, self._gutter)
        if len(columns) < 2:
            return []
        if not all(self._beside(column, columns) for column in columns):
            return []
        counts = [self._counts(column) for column in columns]
        alike = all(characters >= _PROSE * lines for lines, characters in counts)
        beside = any(lines >= _TEXT_LINES and characters >= _TEXT * lines for lines, characters in counts)
        return columns if alike or beside else []

    def _beside(self, column: Sequence[int], columns: Sequence[Sequence[int]]) -> bool:
        """Whether a column stands beside another: a date by itself on the right, above a letter's text, does not."""
        others = [self._boxes[index] for other in columns if other is not column for index in other]
        spans = [(self._boxes[index][1], self._boxes[index][3]) for index in column]
        return any(low < box[3] and box[1] < high for low, high in spans for box in others)

    def _counts(self, indices: Sequence[int]) -> tuple[int, int]:
        """Lines, and characters in them."""
        return (
            sum(self._pieces[index].lines for index in indices),
            sum(self._pieces[index].characters for index in indices),
        )

    def _by_corner(self, indices: Sequence[int]) -> list[int]:
        return sorted(indices, key=lambda index: (self._boxes[index][1], self._boxes[index][0]))


def _parts(indices: Sequence[int], boxes: Sequence[Box], axis: int, least: float) -> list[list[int]]:
    """Blocks grouped by the white gaps across an axis (0: x, 1: y) that are wider than `least` pixels."""
    ordered = sorted(indices, key=lambda i: boxes[i][axis])
    parts: list[list[int]] = []
    reach = 0.0
    for index in ordered:
        low, high = boxes[index][axis], boxes[index][axis + 2]
        if not parts or low > reach + least:
            parts.append([index])
            reach = high
        else:
            parts[-1].append(index)
            reach = max(reach, high)
    return parts


def order_lines(lines: Sequence[Placed], text: Callable[[int], str]) -> list[int]:
    """Indices of a block's lines in reading order: row by row, each from its reading side.

    Vertical writing goes column by column from the right.

    Args:
        lines: of one block, deskewed.
        text: of a line by its index; tells writing from right to left.
    """
    upright = [line for line in lines if line.upright]
    if len(upright) * 2 < len(lines):
        return [line.number for column in _columns_of_lines(lines) for line in column]
    ordered: list[int] = []
    for row in rows(lines):
        backwards = sum(1 if is_rtl(text(line.number)) else -1 for line in row) > 0
        row.sort(key=lambda line: -line.box[2] if backwards else line.box[0])
        ordered.extend(line.number for line in row)
    return ordered


def rows(lines: Sequence[Placed]) -> list[list[Placed]]:
    """Lines grouped into rows from top to bottom: a line whose middle lies in a row's middle half belongs to it."""
    return _grouped(sorted(lines, key=lambda line: line.box[1] + line.box[3]), 1)


def _columns_of_lines(lines: Sequence[Placed]) -> list[list[Placed]]:
    """Vertical lines grouped into columns from right to left, each from top to bottom; pieces of one share it."""
    columns = _grouped(sorted(lines, key=lambda line: -(line.box[0] + line.box[2])), 0)
    return [sorted(column, key=lambda line: line.box[1]) for column in columns]


def _grouped(ordered: Sequence[Placed], axis: int) -> list[list[Placed]]:
    """Lines in order grouped by their middles along an axis (0: x, 1: y)."""
    grouped: list[list[Placed]] = []
    for line in ordered:
        if grouped:
            last = grouped[-1]
            middle = statistics.fmean(_middle(one, axis) for one in last)
            height = min(line.height, statistics.fmean(one.height for one in last))
            if abs(_middle(line, axis) - middle) < height * 0.5:
                last.append(line)
                continue
        grouped.append([line])
    return grouped


def _middle(line: Placed, axis: int) -> float:
    return (line.box[axis] + line.box[axis + 2]) / 2


def is_rtl(text: str) -> bool:
    """Whether most of a text's letters are written from right to left."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    backwards = sum(kind in ("R", "AL") for kind in kinds)
    return backwards > sum(kind == "L" for kind in kinds)
