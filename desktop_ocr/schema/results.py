"""What a page becomes: `PageResult`. Exports read these and nothing else.

Coordinates are pixels of the page's upright bitmap, `width` x `height` at `dpi` pixels per inch, origin at the
top left, x to the right, y down. A page that was read from its text layer has `dpi` 72: its pixels are points.
"""

from __future__ import annotations

import enum
import math
from collections import Counter

import msgspec

SCHEMA_VERSION = 1

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels, x0 <= x1 and y0 <= y1."""

Polygon = tuple[float, float, float, float, float, float, float, float]
"""Four corners x, y in pixels, in reading direction: top left, top right, bottom right, bottom left of the text."""


class BlockKind(enum.StrEnum):
    """What a block is. The names are PyMuPDF layout's, which follow DocLayNet's classes."""

    TITLE = "title"
    SECTION_HEADER = "section-header"
    TEXT = "text"
    LIST_ITEM = "list-item"
    TABLE = "table"
    PICTURE = "picture"
    CAPTION = "caption"
    PAGE_HEADER = "page-header"
    PAGE_FOOTER = "page-footer"
    FOOTNOTE = "footnote"
    FORMULA = "formula"


class PageSource(enum.StrEnum):
    """Where a page's text came from."""

    RECOGNISED = "recognised"
    TEXT_LAYER = "text-layer"


class Word(msgspec.Struct, frozen=True):
    """A run of characters without spaces (in scripts without spaces: a run the recogniser kept together).

    `confidence` is that of the word's line, between 0 and 1: the recogniser scores lines.
    """

    text: str
    polygon: Polygon
    confidence: float


class Line(msgspec.Struct, frozen=True):
    """A line of text. `text` holds the spaces between `words`; `confidence` is between 0 and 1."""

    text: str
    polygon: Polygon
    confidence: float
    words: tuple[Word, ...] = ()


class Block(msgspec.Struct, frozen=True):
    """A piece of the page with one role.

    Attributes:
        kind: the role.
        box: where it is.
        lines: indices into `PageResult.lines`, in reading order.
        level: of a heading, 1 (largest) to 6; 0 where the kind has none.
    """

    kind: BlockKind
    box: Box
    lines: tuple[int, ...] = ()
    level: int = 0


class StepCost(msgspec.Struct, frozen=True):
    """What one step of the pipeline took: wall seconds, and the host's resident memory after it in MB (10^6 bytes)."""

    step: str
    seconds: float
    memory_mb: float


DEGRADED = "degraded"
"""Code of the note that says what a page was made with less of, and why."""


class PageNote(msgspec.Struct, frozen=True):
    """Something the user should know about a page, e.g. what was left out and why."""

    code: str
    text: str


class PageResult(msgspec.Struct, frozen=True):
    """A recognised or read page.

    Attributes:
        page: number of the page in its document, from 0.
        width, height: of the upright bitmap, in pixels.
        dpi: pixels per inch of that bitmap.
        rotation: degrees clockwise (0, 90, 180, 270) by which the page as displayed was turned to become upright.
        source: recognised, or read from the text layer.
        lines: all lines of the page.
        blocks: in reading order; every line is in exactly one.
        steps: what it cost.
        notes: what the user should know.
        models: ids of the models that made it.
        schema_version: of this structure.
    """

    page: int
    width: float
    height: float
    dpi: float
    rotation: int
    source: PageSource
    lines: tuple[Line, ...] = ()
    blocks: tuple[Block, ...] = ()
    steps: tuple[StepCost, ...] = ()
    notes: tuple[PageNote, ...] = ()
    models: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION


def polygon_box(polygon: Polygon) -> Box:
    """The upright box around a polygon, in the same pixels."""
    xs, ys = polygon[0::2], polygon[1::2]
    return min(xs), min(ys), max(xs), max(ys)


def box_polygon(box: Box) -> Polygon:
    """The polygon of an upright box, for text that runs left to right."""
    x0, y0, x1, y1 = box
    return x0, y0, x1, y0, x1, y1, x0, y1


def check_page_result(result: PageResult) -> None:
    """Refuse a result that a host must not have sent.

    msgspec has checked the types; this checks what types cannot say: finite numbers, ranges, and that every line
    is in exactly one block. Hosts parse hostile files, so what they say is not trusted.

    Raises:
        ValueError: with the reason.
    """
    numbers = [result.width, result.height, result.dpi]
    for line in result.lines:
        numbers.extend(line.polygon)
        numbers.append(line.confidence)
        for word in line.words:
            numbers.extend(word.polygon)
            numbers.append(word.confidence)
    for block in result.blocks:
        numbers.extend(block.box)
    for step in result.steps:
        numbers.extend((step.seconds, step.memory_mb))
    if not all(math.isfinite(n) and abs(n) < 1e9 for n in numbers):
        raise ValueError("a number is not finite or out of range")
    if result.page < 0 or result.rotation not in (0, 90, 180, 270):
        raise ValueError("page number or rotation out of range")
    if result.width <= 0 or result.height <= 0 or result.dpi <= 0:
        raise ValueError("page size out of range")
    if any(not 0.0 <= line.confidence <= 1.0 for line in result.lines):
        raise ValueError("confidence out of range")
    uses = Counter(index for block in result.blocks for index in block.lines)
    if any(not 0 <= index < len(result.lines) for index in uses):
        raise ValueError("a block names a line that is not there")
    if len(uses) != len(result.lines) or any(count != 1 for count in uses.values()):
        raise ValueError("a line is not in exactly one block")
