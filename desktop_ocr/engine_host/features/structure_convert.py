"""What PP-StructureV3 says of a page, as a page's result: in its order, and with every line in one block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from desktop_ocr.engine_host import headings
from desktop_ocr.engine_host.drafts import Draft, Sheet, clusters
from desktop_ocr.engine_host.features.chart_tables import parse_chart
from desktop_ocr.engine_host.features.outlines import quad_around
from desktop_ocr.engine_host.features.paddle_results import as_box, confidence, kind_of, plain_latex
from desktop_ocr.engine_host.features.seals_stage import as_line, fragments
from desktop_ocr.engine_host.features.table_html import table_from
from desktop_ocr.engine_host.features.table_settling import settle
from desktop_ocr.engine_host.features.table_units import grid_of, units_of
from desktop_ocr.engine_host.geometry import area, overlap, place, union
from desktop_ocr.engine_host.reading_order import order_lines
from desktop_ocr.engine_host.words import clip
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Line,
    PageResult,
    PageSource,
    Polygon,
    Table,
    Word,
    box_polygon,
    polygon_box,
)

_BELONGS = 0.5
"""Share of a line's box that must lie in a block for the line to belong to it."""
_WITHOUT_LINES = frozenset({BlockKind.PICTURE, BlockKind.TABLE, BlockKind.CHART, BlockKind.SEAL, BlockKind.FORMULA})
"""Blocks that are something without a line of text in them."""
_LEAST_SURE = 0.5
"""Confidence below which a seal's straightened writing is not believed."""
_TEXT = "text"
_SOURCE = "PP-StructureV3"


class Parsed(NamedTuple):
    """A block as PP-StructureV3 tells it: its label, where it is, and what it made of it."""

    label: str
    box: Box
    content: str


class Formula(NamedTuple):
    """A formula as LaTeX without delimiters, and where it is."""

    latex: str
    box: Box


class SealText(NamedTuple):
    """A seal: the content of its block, and its lines in the pixels of its own picture."""

    content: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Answer:
    """What is kept of an answer: no pictures, no arrays."""

    width: float
    height: float
    angle: int
    blocks: tuple[Parsed, ...]
    lines: tuple[Line, ...]
    formulas: tuple[Formula, ...] = ()
    tables: tuple[tuple[str, tuple[tuple[float, ...], ...]], ...] = ()
    seals: tuple[SealText, ...] = ()

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Answer:
        """What a `LayoutParsingResultV2` says of its page."""
        width, height = float(result["width"]), float(result["height"])
        blocks = (
            Parsed(str(block.label), box, str(block.content or ""))
            for block in result["parsing_res_list"]
            if (box := as_box(block.bbox, width, height)) is not None
        )
        formulas = (
            Formula(latex, box)
            for one in result["formula_res_list"]
            if (box := as_box(one["dt_polys"], width, height)) is not None
            and (latex := plain_latex(str(one["rec_formula"])))
        )
        tables = (
            (str(one["pred_html"]), tuple(tuple(float(value) for value in box) for box in one["cell_box_list"]))
            for one in result["table_res_list"]
        )
        return cls(
            width,
            height,
            int(result["doc_preprocessor_res"].get("angle", -1)),
            tuple(blocks),
            tuple(_lines(result["overall_ocr_res"], width, height)),
            tuple(formulas),
            tuple(tables),
            tuple(map(_seal, result["seal_res_list"])),
        )


def convert(answer: Answer, page: int, dpi: float, rotation: int, *, unwarped: bool) -> PageResult:
    """The page's result, without models and steps.

    Args:
        answer: of the pipeline.
        page: number of the page.
        dpi: pixels per inch.
        rotation: degrees clockwise by which the page was turned to become upright.
        unwarped: whether it was flattened.
    """
    own = [number for number, one in enumerate(answer.formulas) if _block_of(one.box, answer) is None]
    inline = [as_formula_line(answer.formulas[number]) for number in own]
    lines = [*answer.lines, *inline]
    placed = place(lines, 0.0, (answer.width / 2, answer.height / 2))
    found = [(one, kind_of(one.label, one.box, answer.height) or BlockKind.TEXT) for one in answer.blocks]
    drafts = [Draft(kind, one.box) for one, kind in found]
    left = []
    for line in placed:
        home = _home(line.box, drafts)
        if home is None:
            left.append(line)
        else:
            drafts[home].lines.append(line)
    contents: list[Parsed | None] = [one for one, _ in found]
    for extra in clusters(left):
        at = _position(extra.box, [draft.box for draft in drafts])
        drafts.insert(at, extra)
        contents.insert(at, None)
    levels = headings.levels(drafts, Sheet.of(lines, placed, answer.width, answer.height))
    maker = _Maker(answer, lines)
    for number, (draft, content) in enumerate(zip(drafts, contents, strict=True)):
        if draft.lines or draft.kind in _WITHOUT_LINES:
            maker.add(draft, content, levels.get(number, 0))
    result = PageResult(
        page=page,
        width=answer.width,
        height=answer.height,
        dpi=float(dpi),
        rotation=rotation,
        source=PageSource.RECOGNISED,
        lines=tuple(maker.lines),
        blocks=tuple(maker.blocks),
        unwarped=unwarped,
    )
    # From the last one on: lines and blocks before a table keep their numbers.
    for number, html, boxes in reversed(maker.tables):
        result = _with_table(result, number, html, boxes)
    return result


def _with_table(result: PageResult, number: int, html: str, boxes: Sequence[Sequence[float]]) -> PageResult:
    """The result with a table's words in its cells; unchanged where they cannot be told."""
    units = units_of(result.lines, result.blocks[number].lines)
    words = [Line(unit.text, box_polygon(unit.box), 1.0) for unit in units]
    table = table_from(html, boxes, words, _SOURCE) if words else None
    return settle(result, number, grid_of(table), units) if table is not None else result


def as_formula_line(formula: Formula) -> Line:
    """A formula within a line of text, as a piece of that line."""
    text, polygon = f"${formula.latex}$", box_polygon(formula.box)
    return Line(text, polygon, 1.0, (Word(text, polygon, 1.0),))


class _Maker:
    """Makes blocks one by one, and puts lines into their order."""

    def __init__(self, answer: Answer, lines: Sequence[Line]) -> None:
        self._answer = answer
        self._all = lines
        self._left = list(answer.tables)
        self._seals = list(answer.seals)
        self.lines: list[Line] = []
        self.blocks: list[Block] = []
        self.tables: list[tuple[int, str, tuple[tuple[float, ...], ...]]] = []

    def add(self, draft: Draft, content: Parsed | None, level: int) -> None:
        """Make a block."""
        own = [self._all[index] for index in order_lines(draft.lines, lambda index: self._all[index].text)]
        table: Table | None = None
        latex = ""
        kind = draft.kind
        if content is not None:
            if kind is BlockKind.SEAL:
                own = self._sealed(content, own)
            elif kind is BlockKind.FORMULA:
                latex = _latex_of(content.box, self._answer.formulas)
            elif kind is BlockKind.CHART:
                table = parse_chart(content.content, "")
            elif kind is BlockKind.TABLE:
                self._note_table(content)
        first = len(self.lines)
        self.lines += own
        numbers = range(first, len(self.lines))
        box = draft.box
        if own and kind not in _WITHOUT_LINES:
            box = union([polygon_box(line.polygon) for line in own])
        self.blocks.append(Block(kind, box, tuple(numbers), level, table, latex))

    def _note_table(self, content: Parsed) -> None:
        """Keep the cells of the next block for when all lines have their numbers."""
        for number, (html, boxes) in enumerate(self._left):
            if html == content.content:
                del self._left[number]
                self.tables.append((len(self.blocks), html, boxes))
                return

    def _sealed(self, content: Parsed, own: list[Line]) -> list[Line]:
        """A seal's lines: those of the seal's own model, and what the other models read beside them."""
        for number, seal in enumerate(self._seals):
            if seal.content == content.content:
                del self._seals[number]
                lines = [_shifted(line, content.box, self._answer) for line in seal.lines]
                gone = fragments(own, range(len(own)), lines)
                return [line for index, line in enumerate(own) if index not in gone] + lines
        return own


def _lines(read: Mapping[str, Any], width: float, height: float) -> list[Line]:
    """The lines that were read as text. Formulas are among them by another label."""
    words, regions = read.get("text_word", ()), read.get("text_word_region", ())
    labels = read.get("rec_labels") or [_TEXT] * len(read["rec_texts"])
    lines = []
    for number, (text, label) in enumerate(zip(read["rec_texts"], labels, strict=True)):
        polygon = _polygon(read["rec_polys"][number], width, height)
        if label != _TEXT or not str(text).strip() or polygon is None:
            continue
        line = as_line(str(text).strip(), polygon, confidence(read["rec_scores"][number]))
        if number < len(words):
            line = _with_words(line, words[number], regions[number], width, height)
        lines.append(line)
    return lines


def _with_words(line: Line, texts: Sequence[str], quads: Sequence[Any], width: float, height: float) -> Line:
    """The line with words where the recogniser saw them; unchanged where they are not those of the line."""
    words = []
    for text, quad in zip(texts, quads, strict=False):
        polygon = _polygon(quad, width, height)
        if str(text).strip() and polygon is not None:
            words.append(Word(str(text).strip(), polygon, line.confidence))
    if "".join("".join(word.text.split()) for word in words) != "".join(line.text.split()):
        return line
    return Line(line.text, line.polygon, line.confidence, tuple(words))


def _polygon(points: Any, width: float, height: float) -> Polygon | None:
    """Four corners on the page, from whatever outline; None where there is none."""
    if points is None:
        return None
    outline = np.asarray(points, dtype=np.float32).reshape(-1, 2)
    if len(outline) < 3 or not np.isfinite(outline).all():
        return None
    corners = outline if len(outline) == 4 else quad_around(outline)
    polygon: Polygon = tuple(float(value) for value in corners.reshape(-1))  # type: ignore[assignment]
    return clip(polygon, width, height)


def _seal(read: Mapping[str, Any]) -> SealText:
    lines = []
    for text, score, points in zip(read["rec_texts"], read["rec_scores"], read["rec_polys"], strict=True):
        polygon = _polygon(points, float("inf"), float("inf"))
        if str(text).strip() and polygon is not None and score >= _LEAST_SURE:
            lines.append(as_line(str(text).strip(), polygon, confidence(score)))
    return SealText("\n".join(read["rec_texts"]), tuple(lines))


def _shifted(line: Line, box: Box, answer: Answer) -> Line:
    """A line of a picture that was cut out of the page there, on the page."""

    def moved(polygon: Polygon) -> Polygon:
        x, y = int(box[0]), int(box[1])
        return clip(
            tuple(value + (y if place % 2 else x) for place, value in enumerate(polygon)),  # type: ignore[arg-type]
            answer.width,
            answer.height,
        )

    words = tuple(Word(word.text, moved(word.polygon), word.confidence) for word in line.words)
    return Line(line.text, moved(line.polygon), line.confidence, words)


def _block_of(box: Box, answer: Answer) -> Parsed | None:
    """The block for formulas that a formula is."""
    return next(
        (one for one in answer.blocks if one.label.lower() == "formula" and _share(box, one.box) >= _BELONGS), None
    )


def _latex_of(box: Box, formulas: Sequence[Formula]) -> str:
    """The formulas in a block, from top to bottom."""
    inside = sorted((one for one in formulas if _share(one.box, box) >= _BELONGS), key=lambda one: one.box[1])
    return r" \\ ".join(one.latex for one in inside)


def _share(box: Box, other: Box) -> float:
    whole = area(box)
    return overlap(box, other) / whole if whole else 0.0


def _home(box: Box, drafts: Sequence[Draft]) -> int | None:
    """The block that holds most of a line; of several, the smallest."""
    ranks = [(round(_share(box, draft.box), 1), -area(draft.box), number) for number, draft in enumerate(drafts)]
    best = max(ranks, default=(0.0, 0.0, 0))
    return best[2] if best[0] >= _BELONGS else None


def _position(box: Box, boxes: Sequence[Box]) -> int:
    """Where a block that nobody ordered belongs: after the last one that begins above it in its column."""
    above = [
        number
        for number, other in enumerate(boxes)
        if other[1] <= box[1] and min(box[2], other[2]) > max(box[0], other[0])
    ]
    if above:
        return above[-1] + 1
    return next((number for number, other in enumerate(boxes) if other[1] > box[1]), len(boxes))
