"""A cell's text and its lines say the same, whichever of the two is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from desktop_ocr.schema.results import Cell, Line
from desktop_ocr.text.editing_lines import clean, with_text

Rows = list[list[int]]
"""A cell's lines by number: those side by side together, as its text has them."""


def rows_of(cell: Cell, lines: Mapping[int, Line]) -> Rows:
    """Which lines make up each line of the cell's text; where that does not show, one each."""
    left = list(cell.lines)
    rows: Rows = []
    for wanted in cell.text.split("\n"):
        row: list[int] = []
        while left and (not row or _said(row, lines) != wanted):
            row.append(left.pop(0))
        if not row or _said(row, lines) != wanted:
            return [[index] for index in cell.lines]
        rows.append(row)
    return [[index] for index in cell.lines] if left else rows


def cell_of(cell: Cell, rows: Rows, lines: Mapping[int, Line]) -> Cell:
    """The cell with these lines, and their text; rows without text are left out of it."""
    texts = [_said(row, lines) for row in rows]
    return msgspec.structs.replace(
        cell,
        text="\n".join(text for text in texts if text),
        lines=tuple(index for row in rows for index in row),
        human=True,
    )


def written(cell: Cell, text: str, lines: Mapping[int, Line]) -> tuple[Cell, dict[int, Line]]:
    """The cell with a text that somebody wrote, and its lines with what each has of it.

    Each line of the text goes to a row of lines, to the first of them; a row that has this text already stays as it
    is. What is more than there are rows goes to the last, and rows without text are emptied.

    Raises:
        DesktopOcrError: USAGE, it is too long.
    """
    texts = [clean(one) for one in text.strip().split("\n")]
    rows = [row for row in rows_of(cell, lines) if row]
    changed: dict[int, Line] = {}
    if rows:
        shares = [*texts[: len(rows) - 1], " ".join(one for one in texts[len(rows) - 1 :] if one)]
        shares += [""] * (len(rows) - len(shares))
        for row, share in zip(rows, shares, strict=True):
            if _said(row, lines) != share:
                own = [share] + [""] * (len(row) - 1)
                changed |= {index: with_text(lines[index], one) for index, one in zip(row, own, strict=True)}
    return msgspec.structs.replace(cell, text="\n".join(texts), human=True), changed


def _said(row: Sequence[int], lines: Mapping[int, Line]) -> str:
    return " ".join(text for text in (lines[index].text for index in row) if text)
