"""Small pages to be edited: every character is ten pixels wide, every line twenty high."""

from __future__ import annotations

import msgspec
import pytest

from desktop_ocr.schema.edits import (
    Edit,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    Word,
    box_polygon,
    polygon_box,
)
from desktop_ocr.text.editing import apply


def line(text: str, box: Box) -> Line:
    """A line each of whose characters is equally wide; right-to-left words stand from the right."""
    x0, y0, x1, y1 = box
    step, at, words = (x1 - x0) / max(1, len(text)), 0, []
    for word in text.split():
        at = text.index(word, at)
        start, end = x0 + at * step, x0 + (at + len(word)) * step
        if "\u0590" < text[0] < "\u0700":
            start, end = x0 + x1 - end, x0 + x1 - start
        words.append(Word(word, box_polygon((start, y0, end, y1)), 0.6))
        at += len(word)
    return Line(text, box_polygon(box), 0.6, tuple(words))


def page(*blocks: tuple[BlockKind, list[str]]) -> PageResult:
    """Lines below each other, ten pixels a character, twenty high."""
    lines: list[Line] = []
    made: list[Block] = []
    for kind, texts in blocks:
        first = len(lines)
        for text in texts:
            y = len(lines) * 30.0
            lines.append(line(text, (0, y, 10.0 * len(text), y + 20)))
        box = (0.0, first * 30.0, 500.0, len(lines) * 30.0 - 10)
        made.append(Block(kind, box, tuple(range(first, len(lines)))))
    return PageResult(3, 600, 800, 100, 0, PageSource.RECOGNISED, tuple(lines), tuple(made))


TEXT = page((BlockKind.TITLE, ["A title"]), (BlockKind.TEXT, ["the quick brown", "fox jumps", "over"]))


def table() -> PageResult:
    """Two columns; the first cell has two rows of text, the upper one of two lines."""
    texts = ["Price", "in EUR", "per piece", "12", "3"]
    made = page((BlockKind.TABLE, texts), (BlockKind.CAPTION, ["Table 1"]))
    cells = (
        Cell(0, 0, "Price in EUR\nper piece", (0, 1, 2)),
        Cell(0, 1, "12", (3,)),
        Cell(1, 0, "", ()),
        Cell(1, 1, "3", (4,)),
    )
    first, second = made.blocks
    blocks = (
        msgspec.structs.replace(first, table=Table(2, 2, cells)),
        msgspec.structs.replace(second, caption_of=0),
    )
    return msgspec.structs.replace(made, blocks=blocks)


def texts(made: PageResult) -> list[list[str]]:
    return [[made.lines[index].text for index in block.lines] for block in made.blocks]


def spans(of: Line) -> list[tuple[str, int, int]]:
    return [(word.text, *(round(polygon_box(word.polygon)[side]) for side in (0, 2))) for word in of.words]


def cells(made: PageResult, block: int = 0) -> list[str]:
    of = made.blocks[block].table
    assert of is not None
    return [cell.text for cell in of.cells]


def refusal(made: PageResult, edit: Edit) -> str:
    with pytest.raises(DesktopOcrError) as caught:
        apply(made, edit)
    assert caught.value.code is ErrorCode.USAGE
    return caught.value.info.message
