"""Code as it stands on the page: its lines, and how far each stands in."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from desktop_ocr.schema.results import Line, polygon_box
from desktop_ocr.text.rows import in_rows


def code_lines(lines: Sequence[Line]) -> list[str]:
    """A code block's rows, with spaces where the page has room: its letters are equally wide."""
    rows = in_rows([line for line in lines if line.text.strip()], sort=False)
    if not rows:
        return []
    boxes = {id(line): polygon_box(line.polygon) for row in rows for line in row}
    wide = statistics.median(
        (boxes[id(line)][2] - boxes[id(line)][0]) / len(line.text.strip()) for row in rows for line in row
    )
    left = min(box[0] for box in boxes.values())
    written: list[str] = []
    for row in rows:
        text = ""
        for line in row:
            column = round((boxes[id(line)][0] - left) / wide) if wide > 0 else 0
            gap = max(column - len(text), 1 if text else 0)
            text += " " * gap + line.text.strip()
        written.append(text)
    return written


def fenced(written: Sequence[str]) -> str:
    """A code block's rows in Markdown."""
    if not written:
        return ""
    fence = "```"
    while any(fence in line for line in written):
        fence += "`"
    return "\n".join((fence, *written, fence))
