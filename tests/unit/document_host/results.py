"""Results made up for the exports' tests."""

from __future__ import annotations

from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Line,
    PageResult,
    PageSource,
    Polygon,
    Word,
    box_polygon,
    polygon_box,
)


def line(text: str, box: Box) -> Line:
    """A line whose words share its box by their length; right-to-left words from the right."""
    x0, y0, x1, y1 = box
    words, at = [], 0
    step = (x1 - x0) / len(text)
    leftwards = "\u0590" < text[0] < "\u0700"
    for word in text.split():
        at = text.index(word, at)
        start, end = x0 + at * step, x0 + (at + len(word)) * step
        if leftwards:
            start, end = x0 + x1 - end, x0 + x1 - start
        words.append(Word(word, box_polygon((start, y0, end, y1)), 0.9))
        at += len(word)
    return Line(text, box_polygon(box), 0.9, tuple(words))


def result(
    *lines: Line,
    page: int = 0,
    size: tuple[float, float] = (1654, 2339),
    dpi: float = 200,
    rotation: int = 0,
    source: PageSource = PageSource.RECOGNISED,
    kinds: tuple[BlockKind, ...] = (),
) -> PageResult:
    """A page with one block a line."""
    blocks = tuple(
        Block(kinds[i] if i < len(kinds) else BlockKind.TEXT, polygon_box(one.polygon), (i,))
        for i, one in enumerate(lines)
    )
    return PageResult(page, *size, dpi, rotation, source, lines, blocks)


def displayed_polygon(polygon: Polygon, made: PageResult) -> list[tuple[float, float]]:
    """The corners in points of the page as displayed, by turning the page back quarter by quarter."""
    points = list(zip(polygon[0::2], polygon[1::2], strict=True))
    width, height = made.width, made.height
    for _ in range(made.rotation // 90):  # undo a clockwise quarter: (x, y) came from (y, width - x)
        points = [(y, width - x) for x, y in points]
        width, height = height, width
    return [(x * 72 / made.dpi, y * 72 / made.dpi) for x, y in points]
