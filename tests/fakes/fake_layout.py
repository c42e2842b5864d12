"""Pages made of lines and boxes, and a layout model that sees in them what it is told to."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_ocr.engine_host.blocks import arrange
from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.geometry import Found
from desktop_ocr.schema.results import (
    BlockKind,
    Box,
    Line,
    PageResult,
    PageSource,
    box_polygon,
    check_page_result,
)

WIDE = 9.0
"""Of a character."""
HIGH = 20.0
PITCH = 26.0
PROSE = "a line of prose as it stands in books and letters"


class FakeLayout:
    """A layout model that finds what it is told to."""

    def __init__(self, *found: tuple[BlockKind, Box]) -> None:
        self.found = [Found(kind, box) for kind, box in found]

    def find(self, *_: object, **__: object) -> list[Found]:
        return self.found


def line(x: float, y: float, words: str, *, high: float = HIGH, wide: float = WIDE) -> Line:
    """A line of so many characters."""
    return Line(words, box_polygon((x, y, x + wide * len(words), y + high)), 0.9)


def column(x: float, y: float, *texts: str, pitch: float = PITCH, high: float = HIGH, wide: float = WIDE) -> list[Line]:
    """Lines below each other."""
    return [line(x, y + pitch * number, text, high=high, wide=wide) for number, text in enumerate(texts)]


def around(kind: BlockKind, lines: Sequence[Line]) -> tuple[BlockKind, Box]:
    """What a layout model sees of some lines."""
    corners = [one.polygon for one in lines]
    return kind, (
        min(c[0] for c in corners) - 1,
        min(c[1] for c in corners) - 1,
        max(c[2] for c in corners) + 1,
        max(c[5] for c in corners) + 1,
    )


def arranged(
    lines: Sequence[Line],
    *found: tuple[BlockKind, Box],
    width: float = 1000.0,
    height: float = 1400.0,
    pictures: Sequence[Box] = (),
    regions: Sequence[Region] = (),
) -> PageResult:
    """The page's result, checked: each line is in exactly one block."""
    ordered, blocks = arrange(FakeLayout(*found), lines, width, height, 100, pictures=pictures, regions=regions)
    result = PageResult(0, width, height, 100, 0, PageSource.RECOGNISED, lines=tuple(ordered), blocks=tuple(blocks))
    check_page_result(result)
    assert sorted(ordered, key=repr) == sorted(lines, key=repr)
    return result


def said(result: PageResult) -> list[tuple[str, str]]:
    """Each block's kind, and what it says."""
    return [
        (block.kind.value, " / ".join(result.lines[index].text for index in block.lines)) for block in result.blocks
    ]
