"""A PDF page's own text as lines and words, in points of the page as displayed."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pymupdf

from desktop_ocr.document_host.accents import compose
from desktop_ocr.document_host.glyphs import Glyph
from desktop_ocr.document_host.lost_glyphs import is_bad
from desktop_ocr.schema.document_messages import TextLayer
from desktop_ocr.schema.results import Box, Line, Polygon, Word, polygon_box

# Ligatures are expanded (their flag is not set), unknown characters come as U+FFFD, what is clipped away is left out.
# Pictures are asked for by `get_image_info`: here they would come decoded (3 s for one of 9000 x 9000 pixels).
FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CLIP | pymupdf.TEXT_COLLECT_VECTORS | pymupdf.TEXT_ACCURATE_BBOXES
)
TEXT_BLOCK, VECTOR_BLOCK = 0, 3
FILLED_OR_STROKED = 16 | 32  # MuPDF's FZ_STEXT_FILLED, FZ_STEXT_STROKED
SOFT_HYPHEN = "\u00ad"
RULING_THICKNESS, RULING_LENGTH = 3.0, 8.0  # points
TYPE3 = "Type3"  # how MuPDF's names of such fonts begin
SIZE_OF_INK = 1.3  # a font's size for the height of its tallest letters
ASCENT, DESCENT = 0.8, 0.2  # of the font's size; MuPDF says the same of every font
STRAIGHT = 0.01  # sine
SAME_DIRECTION = 0.99  # cosine
SAME_BASELINE, MIN_SPACE, MAX_GAP = 0.25, 0.12, 1.0  # of the font's size
LEAST_SHAPE = 0.1  # of the font's size
MAX_RULINGS, MAX_PICTURES = 4000, 1000
LAM = "\u0644"
ALEFS = "\u0622\u0623\u0625\u0627"

_Point = tuple[float, float]


@dataclass(frozen=True)
class PageText:
    """A page's text, and what tells whether it is sound.

    Attributes:
        layer: what is handed over.
        visible, hidden: characters (no spaces) that leave ink, and that do not (render mode 3, transparent).
        bad: visible characters without a meaning: replacement, private use, control, unassigned.
        visible_text: the visible characters, lines ended by a newline; for statistics, never for logs.
        blanks: spaces in `visible_text` that have a shape: where they stand in it, and on the page as displayed.
        boxes: of the visible words, in points of the page as displayed.
        paths: vector drawings that are not plain rectangles; letters drawn as outlines are among them.
    """

    layer: TextLayer
    visible: int
    hidden: int
    bad: int
    visible_text: str
    blanks: tuple[tuple[int, Box], ...]
    boxes: tuple[Box, ...]
    paths: int


def read_page_text(page: pymupdf.Page, *, hidden_lines: bool) -> PageText:
    """Read a page's text, of annotations and form fields too.

    Args:
        page: of an unlocked PDF.
        hidden_lines: whether hidden text is to be among the lines; it is counted in any case.
    """
    blocks: list[dict[str, Any]] = page.get_text("rawdict", flags=FLAGS)["blocks"]
    to_shown = page.rotation_matrix
    shown = page.rect
    lines: list[Line] = []
    rulings: list[Box] = []
    pictures: list[Box] = []
    visible = hidden = bad = paths = 0
    texts: list[str] = []
    blanks: list[tuple[int, Box]] = []
    length = 0
    boxes: list[Box] = []
    for block in blocks:
        if block["type"] == TEXT_BLOCK:
            for run in _runs(block["lines"], to_shown, shown):
                seen = [g for g in run.glyphs if g.visible]
                marks = [g for g in seen if not g.text.isspace()]
                visible += len(marks)
                hidden += sum(1 for g in run.glyphs if not g.visible and not g.text.isspace())
                bad += sum(1 for g in marks if is_bad(g.text))
                line = _line(run, to_shown, hidden=hidden_lines)
                if line is None:
                    continue
                lines.append(line)
                if marks:
                    texts.append("".join(g.text for g in seen))
                    for place, glyph in enumerate(seen, length):
                        if _is_drawn_space(glyph) and (box := _shown_box(glyph.box, to_shown, shown)):
                            blanks.append((place, box))
                    length += len(texts[-1]) + 1
                    boxes.extend(polygon_box(word.polygon) for word in line.words)
        elif block["type"] == VECTOR_BLOCK:
            if not block.get("isrect", True):
                paths += 1
            if len(rulings) < MAX_RULINGS and (box := _ruling(block["bbox"], to_shown, shown)):
                rulings.append(box)
    for info in page.get_image_info()[:MAX_PICTURES]:
        if box := _shown_box(info["bbox"], to_shown, shown):
            pictures.append(box)
    layer = TextLayer(float(shown.width), float(shown.height), tuple(lines), tuple(pictures), tuple(rulings))
    return PageText(layer, visible, hidden, bad, "\n".join(texts), tuple(blanks), tuple(boxes), paths)


@dataclass
class _Run:
    """Glyphs of one line; `axis` is the direction in which it runs."""

    glyphs: list[Glyph]
    axis: _Point
    vertical: bool


def _runs(raw_lines: list[dict[str, Any]], to_shown: pymupdf.Matrix, shown: pymupdf.Rect) -> list[_Run]:
    """The lines of a block. MuPDF breaks a line at every wider space; pieces of one line are put together again."""
    runs: list[_Run] = []
    type3_size = _type3_size(raw_lines)
    for raw in raw_lines:
        glyphs = [glyph for glyph in _glyphs(raw, type3_size) if _inside(glyph, to_shown, shown)]
        if not glyphs:
            continue
        vertical = bool(raw["wmode"])
        run = _Run(glyphs, (1.0, 0.0) if vertical else _unit(raw["dir"]), vertical)
        if runs and (space := _gap(runs[-1], run)) is not None:
            runs[-1].glyphs.extend(space + run.glyphs)
        else:
            runs.append(run)
    return runs


def _gap(left: _Run, right: _Run) -> list[Glyph] | None:
    """None where `right` does not continue the line `left`; otherwise the space between them, if there is one."""
    if left.vertical or right.vertical or _dot(left.axis, right.axis) < SAME_DIRECTION:
        return None
    axis, last, first = left.axis, left.glyphs[-1], right.glyphs[0]
    size = max(last.size, first.size, 0.1)
    across = (-axis[1], axis[0])
    if abs(_dot(across, first.origin) - _dot(across, last.origin)) > SAME_BASELINE * size:
        return None
    extents = [_extent(glyphs, axis) for glyphs in (left.glyphs, right.glyphs)]
    forwards, backwards = extents[1][0] - extents[0][1], extents[0][0] - extents[1][1]
    gap = max(forwards, backwards)  # backwards: right-to-left text
    if not -SAME_BASELINE * size <= gap <= MAX_GAP * size:
        return None
    if gap < MIN_SPACE * size or last.text.isspace() or first.text.isspace():
        return []
    return [Glyph(" ", last.box, last.origin, last.size, last.visible and first.visible, drawn=False)]


def _extent(glyphs: Sequence[Glyph], axis: _Point) -> tuple[float, float]:
    """From where to where glyphs reach along a direction; spaces reach nowhere."""
    boxes = [glyph.box for glyph in glyphs if not glyph.text.isspace()] or [glyph.box for glyph in glyphs]
    ends = [_dot(axis, point) for x0, y0, x1, y1 in boxes for point in ((x0, y0), (x1, y1))]
    return min(ends), max(ends)


def _dot(a: _Point, b: _Point) -> float:
    return a[0] * b[0] + a[1] * b[1]


def _unit(direction: _Point) -> _Point:
    length = math.hypot(*direction)
    return (direction[0] / length, direction[1] / length) if length > 0 else (1.0, 0.0)


def _glyphs(raw: dict[str, Any], type3_size: float) -> list[Glyph]:
    glyphs: list[Glyph] = []
    for span in raw["spans"]:
        visible = span["alpha"] > 0 and bool(span["char_flags"] & FILLED_OR_STROKED)
        size = type3_size if _is_type3(span) else span["size"]
        for char in span["chars"]:
            text = char["c"]
            if text and all(map(math.isfinite, char["bbox"])):
                drawn = visible and not char.get("synthetic", False)
                glyphs.append(Glyph(text, char["bbox"], char["origin"], size, visible, drawn))
    return compose(_lam_alef_in_order(glyphs))


def _is_type3(span: dict[str, Any]) -> bool:
    return bool(span["font"].startswith(TYPE3))


def _type3_size(raw_lines: list[dict[str, Any]]) -> float:
    """The font size of a block's Type 3 text: such fonts have units of their own, so their glyphs are measured."""
    heights = [
        char["bbox"][3] - char["bbox"][1]
        for raw in raw_lines
        for span in raw["spans"]
        if _is_type3(span)
        for char in span["chars"]
    ]
    return max(0.1, SIZE_OF_INK * max(heights)) if heights else 0.0


def _is_drawn_space(glyph: Glyph) -> bool:
    """Whether a space has a shape: a letter of a font that says it is a space. Spaces proper are 0 high."""
    x0, y0, x1, y1 = glyph.box
    return glyph.drawn and glyph.text == " " and min(x1 - x0, y1 - y0) > LEAST_SHAPE * glyph.size


def _lam_alef_in_order(glyphs: list[Glyph]) -> list[Glyph]:
    """MuPDF turns right-to-left lines round after it has expanded the ligature lam-alef: put the two right again.

    The letters of a ligature lie in one place: the first (of the two as they should be) has the whole width.
    """
    i = 0
    while i < len(glyphs) - 1:
        first, second = glyphs[i], glyphs[i + 1]
        if first.text in ALEFS and second.text == LAM and _in_one_place(first.box, second.box):
            glyphs[i], glyphs[i + 1] = second, first
            i += 1
        i += 1
    return glyphs


def _in_one_place(first: Box, second: Box) -> bool:
    return min(first[2] - first[0], second[2] - second[0]) < 0.01 or abs(first[0] - second[0]) < 0.01


def _inside(glyph: Glyph, to_shown: pymupdf.Matrix, shown: pymupdf.Rect) -> bool:
    x0, y0, x1, y1 = glyph.box
    point = pymupdf.Point((x0 + x1) / 2, (y0 + y1) / 2) * to_shown
    return bool(shown.x0 <= point.x <= shown.x1 and shown.y0 <= point.y <= shown.y1)


def _line(line: _Run, to_shown: pymupdf.Matrix, *, hidden: bool) -> Line | None:
    """A line with or without its hidden glyphs; None where nothing but spaces is left."""
    runs: list[list[Glyph]] = [[]]
    for glyph in line.glyphs:
        if not (glyph.visible or hidden):
            continue
        if glyph.text.isspace():
            if runs[-1]:
                runs.append([])
        else:
            runs[-1].append(glyph)
    words: list[Word] = []
    for i, run in enumerate(runs):
        text = _readable("".join(g.text for g in run), last=i == len(runs) - 1 or not runs[i + 1])
        if text:
            words.append(Word(text, _polygon(run, line, to_shown), 1.0))
    if not words:
        return None
    every = [glyph for run in runs for glyph in run]
    return Line(" ".join(w.text for w in words), _polygon(every, line, to_shown), 1.0, tuple(words))


def _readable(text: str, *, last: bool) -> str:
    """A word without control characters; a soft hyphen is a hyphen where the line ends with it, else nothing."""
    if SOFT_HYPHEN in text:
        ended = last and text.endswith(SOFT_HYPHEN)
        text = text.replace(SOFT_HYPHEN, "") + ("-" if ended else "")
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))


def _polygon(glyphs: Sequence[Glyph], line: _Run, to_shown: pymupdf.Matrix) -> Polygon:
    """The rectangle around glyphs along their line, as displayed; as high as the font, not as the ink."""
    along: list[float] = []
    across: list[float] = []
    axis = line.axis
    down = (-axis[1], axis[0])
    for glyph in glyphs:
        x0, y0, x1, y1 = glyph.box
        if line.vertical:
            along.extend((x0, x1))
            across.extend((y0, y1))
            continue
        base = _dot(down, glyph.origin)
        across.extend((base - ASCENT * glyph.size, base + DESCENT * glyph.size))
        if min(abs(axis[0]), abs(axis[1])) < STRAIGHT:
            along.extend((_dot(axis, (x0, y0)), _dot(axis, (x1, y1))))
        else:
            start = _dot(axis, glyph.origin)
            along.extend((start, start + _advance(glyph, axis)))
    a0, a1, c0, c1 = min(along), max(along), min(across), max(across)
    corners = ((a0, c0), (a1, c0), (a1, c1), (a0, c1))
    ux, uy = axis
    shown = [pymupdf.Point(a * ux - c * uy, a * uy + c * ux) * to_shown for a, c in corners]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ((float(p.x), float(p.y)) for p in shown)
    return x0, y0, x1, y1, x2, y2, x3, y3


def _advance(glyph: Glyph, axis: _Point) -> float:
    """How far a slanted glyph reaches along its line: the diagonal of its upright box, seen from there, at most."""
    x0, y0, x1, y1 = glyph.box
    return min((x1 - x0) * abs(axis[0]) + (y1 - y0) * abs(axis[1]), glyph.size)


def _shown_box(box: Box, to_shown: pymupdf.Matrix, shown: pymupdf.Rect) -> Box | None:
    if not all(map(math.isfinite, box)):
        return None
    rect = pymupdf.Rect(box) * to_shown
    rect.normalize()
    x0, y0 = max(rect.x0, shown.x0), max(rect.y0, shown.y0)
    x1, y1 = min(rect.x1, shown.x1), min(rect.y1, shown.y1)
    if x1 < x0 or y1 < y0:
        return None
    return float(x0), float(y0), float(x1), float(y1)


def _ruling(box: Box, to_shown: pymupdf.Matrix, shown: pymupdf.Rect) -> Box | None:
    """The box of a vector drawing that is a straight line or a bar, otherwise None."""
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) > RULING_THICKNESS or max(width, height) < RULING_LENGTH:
        return None
    return _shown_box(box, to_shown, shown)
