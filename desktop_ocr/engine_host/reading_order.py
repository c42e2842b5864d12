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


class Piece(NamedTuple):
    """A block to be ordered: its kind and its box on the deskewed page, in pixels."""

    kind: BlockKind
    box: Box


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
    boxes = [_shrunk(piece.box, line_height * _SHRINK) for piece in pieces]
    ordered: list[int] = []
    for rank in sorted(groups):
        ordered.extend(_cut(groups[rank], boxes, line_height * _GUTTER, 0))
    return ordered


def _shrunk(box: Box, margin: float) -> Box:
    x0, y0, x1, y1 = box
    across, down = min(margin, (x1 - x0) * 0.4), min(margin, (y1 - y0) * 0.4)
    return x0 + across, y0 + down, x1 - across, y1 - down


def _cut(indices: Sequence[int], boxes: Sequence[Box], gutter: float, depth: int) -> list[int]:
    if len(indices) < 2 or depth > 60:
        return sorted(indices, key=lambda i: (boxes[i][1], boxes[i][0]))
    columns = _parts(indices, boxes, 0, gutter)
    if len(columns) > 1:
        return [i for column in columns for i in _cut(column, boxes, gutter, depth + 1)]
    bands = _parts(indices, boxes, 1, 0.0)
    if len(bands) == 1:
        return sorted(indices, key=lambda i: (boxes[i][1], boxes[i][0]))
    ordered: list[int] = []
    start = 0
    while start < len(bands):
        # Bands that share their gutters belong to the same columns.
        end = start + 1
        together = list(bands[start])
        if len(_parts(together, boxes, 0, gutter)) > 1:
            while end < len(bands) and len(_parts([*together, *bands[end]], boxes, 0, gutter)) > 1:
                together += bands[end]
                end += 1
        ordered.extend(_cut(together, boxes, gutter, depth + 1))
        start = end
    return ordered


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
        return [line.number for line in sorted(lines, key=lambda line: (-line.box[2], line.box[1]))]
    ordered: list[int] = []
    for row in rows(lines):
        backwards = sum(1 if is_rtl(text(line.number)) else -1 for line in row) > 0
        row.sort(key=lambda line: -line.box[2] if backwards else line.box[0])
        ordered.extend(line.number for line in row)
    return ordered


def rows(lines: Sequence[Placed]) -> list[list[Placed]]:
    """Lines grouped into rows from top to bottom: a line whose middle lies in a row's middle half belongs to it."""
    grouped: list[list[Placed]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        middle = (line.box[1] + line.box[3]) / 2
        if grouped:
            last = grouped[-1]
            row_middle = statistics.fmean((one.box[1] + one.box[3]) / 2 for one in last)
            height = min(line.height, statistics.fmean(one.height for one in last))
            if abs(middle - row_middle) < height * 0.5:
                last.append(line)
                continue
        grouped.append([line])
    return grouped


def is_rtl(text: str) -> bool:
    """Whether most of a text's letters are written from right to left."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    backwards = sum(kind in ("R", "AL") for kind in kinds)
    return backwards > sum(kind == "L" for kind in kinds)
