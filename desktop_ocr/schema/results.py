"""What a page becomes: `PageResult`. Exports read these and nothing else.

Coordinates are pixels of the page's upright bitmap, `width` x `height` at `dpi` pixels per inch, origin at the
top left, x to the right, y down. A page that was read from its text layer has `dpi` 72: its pixels are points.
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from desktop_ocr.schema.errors import ErrorInfo
from desktop_ocr.schema.features import TITLES, Feature

SCHEMA_VERSION = 3

# Checked when a message or a stored page is read, NaN and infinity included: hosts parse hostile files.
Number = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
Index = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]
Label = Annotated[str, msgspec.Meta(max_length=2_000)]

Box = tuple[Number, Number, Number, Number]
"""x0, y0, x1, y1 in pixels, x0 <= x1 and y0 <= y1."""

Polygon = tuple[Number, Number, Number, Number, Number, Number, Number, Number]
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
    # Not PyMuPDF's:
    CODE = "code"
    CHART = "chart"
    SEAL = "seal"


class PageSource(enum.StrEnum):
    """Where a page's text came from."""

    RECOGNISED = "recognised"
    TEXT_LAYER = "text-layer"


class Word(msgspec.Struct, frozen=True):
    """A run of characters without spaces (in scripts without spaces: a run the recogniser kept together).

    `confidence` is that of the word's line, between 0 and 1: the recogniser scores lines.
    """

    text: Text
    polygon: Polygon
    confidence: Number


class Line(msgspec.Struct, frozen=True):
    """A line of text. `text` holds the spaces between `words`; `confidence` is between 0 and 1.

    `human`: a person has written it; its confidence is 1.
    """

    text: Text
    polygon: Polygon
    confidence: Number
    words: tuple[Word, ...] = ()
    human: bool = False


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table.

    Attributes:
        row, column: of its upper left corner, from 0.
        row_span, column_span: how many it covers.
        text: its text, lines joined with newlines.
        lines: indices into `PageResult.lines`; none where a model gave the text (of a chart, say).
        heading: it heads its column or row.
        box: where it is, or None.
        human: a person has written its text.
    """

    row: Index
    column: Index
    text: Text = ""
    lines: tuple[Index, ...] = ()
    row_span: Index = 1
    column_span: Index = 1
    heading: bool = False
    box: Box | None = None
    human: bool = False


class Table(msgspec.Struct, frozen=True):
    """Cells on a grid; a place that no cell covers is empty.

    Attributes:
        rows, columns: of the grid.
        cells: row by row; they do not overlap.
        source: what found them: a model's id, or "rulings", "text layer", ...
    """

    rows: Index
    columns: Index
    cells: tuple[Cell, ...]
    source: Label = ""


class Block(msgspec.Struct, frozen=True):
    """A piece of the page with one role.

    Attributes:
        kind: the role.
        box: where it is.
        lines: indices into `PageResult.lines`, in reading order.
        level: of a heading, 1 (largest) to 6; 0 where the kind has none.
        table: of a table or chart, its cells; None where they were not looked for or not found. Every line of such a
            table block is in exactly one cell.
        latex: of a formula, without delimiters; "" where it was not read.
        caption_of: of a caption, the index of the block it belongs to; None where that is not known.
        human: a person has changed its kind, its lines or its place.
    """

    kind: BlockKind
    box: Box
    lines: tuple[Index, ...] = ()
    level: Index = 0
    table: Table | None = None
    latex: Text = ""
    caption_of: Index | None = None
    human: bool = False


class StepCost(msgspec.Struct, frozen=True):
    """What one step of the pipeline took: wall seconds, and the host's resident memory after it in MB (10^6 bytes)."""

    step: Label
    seconds: Number
    memory_mb: Number


DEGRADED = "degraded"
"""Code of the note that says what a page was made with less of, and why."""

LEFT_OUT = "left-out"
"""Code of the notes that say what was wanted and could not be looked for: "Formulas were left out: ..."."""


class PageNote(msgspec.Struct, frozen=True):
    """Something the user should know about a page, e.g. what was left out and why."""

    code: Label
    text: Label


def left_out_note(feature: Feature, why: str) -> PageNote:
    """That a feature was wanted and could not be looked for, e.g. "Formulas left out: model not installed."."""
    return PageNote(LEFT_OUT, f"{TITLES[feature]} left out: {why}.")


def unloadable_note(what: str, error: ErrorInfo) -> PageNote:
    """That a page was done without something whose model cannot be loaded, and what helps.

    Args:
        what: was left out, as the beginning of a sentence.
        error: that loading ended with.
    """
    message = error.message.rstrip(".")
    why = message[:1].lower() + message[1:] if message.startswith("The ") else message
    return PageNote(LEFT_OUT, f"{what} left out: {why}. {error.advice}".strip())


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
        pending: features that are still to be looked for, in the order of `STAGES`.
        unwarped: its picture was flattened before it was recognised.
        schema_version: of this structure.
    """

    page: Index
    width: Number
    height: Number
    dpi: Number
    rotation: Index
    source: PageSource
    lines: tuple[Line, ...] = ()
    blocks: tuple[Block, ...] = ()
    steps: Annotated[tuple[StepCost, ...], msgspec.Meta(max_length=10_000)] = ()
    notes: Annotated[tuple[PageNote, ...], msgspec.Meta(max_length=1_000)] = ()
    models: tuple[Label, ...] = ()
    pending: tuple[Feature, ...] = ()
    unwarped: bool = False
    schema_version: int = SCHEMA_VERSION


MOST_ROWS, MOST_COLUMNS = 20_000, 1_000
"""Of a table: more is no table on a page."""
MOST_PLACES = 1_000_000
"""Rows times columns, of all tables of a page."""
BEYOND = 2.0
"""So many of its longer side things may lie outside of a page."""


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

    msgspec has checked the types; this checks what types cannot say: finite numbers, ranges, places on the page, and
    that every line is in exactly one block. Hosts parse hostile files, so what they say is not trusted.

    Raises:
        ValueError: with the reason.
    """
    figures = [result.width, result.height, result.dpi, *(line.confidence for line in result.lines)]
    for step in result.steps:
        figures.extend((step.seconds, step.memory_mb))
    if not all(math.isfinite(n) and abs(n) < 1e9 for n in figures):
        raise ValueError("a number is not finite or out of range")
    if result.page < 0 or result.rotation not in (0, 90, 180, 270):
        raise ValueError("page number or rotation out of range")
    if result.width <= 0 or result.height <= 0 or result.dpi <= 0:
        raise ValueError("page size out of range")
    check_lines(result.lines)
    _check_finite(_boxes(result))
    uses = Counter(index for block in result.blocks for index in block.lines)
    if any(not 0 <= index < len(result.lines) for index in uses):
        raise ValueError("a block names a line that is not there")
    if len(uses) != len(result.lines) or any(count != 1 for count in uses.values()):
        raise ValueError("a line is not in exactly one block")
    tables = [(block.table, block.lines) for block in result.blocks if block.table is not None]
    if sum(table.rows * table.columns for table, _ in tables) > MOST_PLACES:
        raise ValueError("the tables are too large")
    for block in result.blocks:
        if block.caption_of is not None and not 0 <= block.caption_of < len(result.blocks):
            raise ValueError("a caption belongs to a block that is not there")
        if not 0 <= block.level <= 6:
            raise ValueError("a heading's level is out of range")
    for table, lines in tables:
        _check_table(table, lines)


def check_lines(lines: Sequence[Line]) -> None:
    """Refuse lines whose numbers cannot be.

    Raises:
        ValueError: with the reason.
    """
    _check_finite([line.polygon for line in lines])
    _check_finite([word.polygon for line in lines for word in line.words])
    sure = [line.confidence for line in lines] + [word.confidence for line in lines for word in line.words]
    if not all(0.0 <= confidence <= 1.0 for confidence in sure):
        raise ValueError("confidence out of range")


def check_on_page(result: PageResult) -> None:
    """Refuse a result of which something is nowhere near its page.

    Raises:
        ValueError: with the reason.
    """
    check_near([line.polygon for line in result.lines], result.width, result.height)
    check_near([word.polygon for line in result.lines for word in line.words], result.width, result.height)
    check_near(_boxes(result), result.width, result.height)


def check_near(places: Iterable[tuple[float, ...]], width: float, height: float) -> None:
    """Refuse boxes and polygons that are nowhere near a page of that size.

    Raises:
        ValueError: with the reason.
    """
    reach = BEYOND * max(width, height) + 100
    least, most = -reach, max(width, height) + reach
    if not all(least <= number <= most for place in places for number in place):
        raise ValueError("something is nowhere near the page")


def _boxes(result: PageResult) -> list[Box]:
    boxes = [block.box for block in result.blocks]
    for block in result.blocks:
        cells = block.table.cells if block.table is not None else ()
        boxes.extend(cell.box for cell in cells if cell.box is not None)
    return boxes


def _check_finite(places: Iterable[tuple[float, ...]]) -> None:
    # Written so that NaN does not pass.
    if not all(-1e9 < number < 1e9 for place in places for number in place):
        raise ValueError("a number is not finite or out of range")


def _check_table(table: Table, lines: tuple[int, ...]) -> None:
    if not (0 < table.rows <= MOST_ROWS and 0 < table.columns <= MOST_COLUMNS):
        raise ValueError("a table's size is out of range")
    covered: set[tuple[int, int]] = set()
    for cell in table.cells:
        if min(cell.row, cell.column) < 0 or min(cell.row_span, cell.column_span) < 1:
            raise ValueError("a cell's place is out of range")
        if cell.row + cell.row_span > table.rows or cell.column + cell.column_span > table.columns:
            raise ValueError("a cell lies outside its table")
        places = {
            (row, column)
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        }
        if places & covered:
            raise ValueError("two cells overlap")
        covered |= places
    uses = Counter(index for cell in table.cells for index in cell.lines)
    if any(count != 1 for count in uses.values()) or (uses and uses.keys() != set(lines)):
        raise ValueError("a table's line is not in exactly one of its cells")
