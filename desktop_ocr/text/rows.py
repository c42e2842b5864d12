"""Lines that stand side by side: cells of a row, a label and its figure."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.schema.results import Box, Line, polygon_box

SAME_ROW = 0.5  # share of the smaller height by which two lines must overlap to stand in one row


def in_rows(lines: Sequence[Line], *, sort: bool) -> list[list[Line]]:
    """Lines grouped into rows.

    Args:
        lines: in reading order.
        sort: group whatever stands at one height, rows from top to bottom and cells from left to right (tables).
            Otherwise a line joins the row of the line before it only, to its right, and the order is kept.
    """
    rows: list[list[Line]] = []
    spans: list[Box] = []
    ordered = sorted(lines, key=lambda line: _middle(polygon_box(line.polygon))) if sort else lines
    for line in ordered:
        box = polygon_box(line.polygon)
        if rows and _same_height(spans[-1], box) and (sort or box[0] >= spans[-1][2] - 1):
            rows[-1].append(line)
            if not sort:
                spans[-1] = box
        else:
            rows.append([line])
            spans.append(box)
    if sort:
        for row in rows:
            row.sort(key=lambda line: polygon_box(line.polygon)[0])
    return rows


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _same_height(first: Box, second: Box) -> bool:
    overlap = min(first[3], second[3]) - max(first[1], second[1])
    return overlap > SAME_ROW * max(1e-6, min(first[3] - first[1], second[3] - second[1]))
