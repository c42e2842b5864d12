"""A PDF page's own text as lines and words, in points of the page as displayed."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pymupdf

from desktop_ocr.schema.messages import TextLayer
from desktop_ocr.schema.results import Box, Line, Polygon, Word

# Ligatures are expanded (their flag is not set), unknown characters come as U+FFFD, what is clipped away is left out.
FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE
    | pymupdf.TEXT_PRESERVE_IMAGES
    | pymupdf.TEXT_COLLECT_VECTORS
    | pymupdf.TEXT_ACCURATE_BBOXES
)
TEXT_BLOCK, IMAGE_BLOCK, VECTOR_BLOCK = 0, 1, 3
FILLED_OR_STROKED = 16 | 32  # MuPDF's FZ_STEXT_FILLED, FZ_STEXT_STROKED
SOFT_HYPHEN = "\u00ad"
RULING_THICKNESS, RULING_LENGTH = 3.0, 8.0  # points
MAX_RULINGS, MAX_PICTURES = 4000, 1000
LAM = "\u0644"
ALEFS = "\u0622\u0623\u0625\u0627"

_Point = tuple[float, float]


@dataclass(frozen=True)
class Glyph:
    """A character and its box, in points of the page before /Rotate, as MuPDF gives them."""

    text: str
    box: Box
    origin: _Point
    height: float
    visible: bool


@dataclass(frozen=True)
class PageText:
    """A page's text, and what tells whether it is sound.

    Attributes:
        layer: what is handed over.
        visible, hidden: characters (no spaces) that leave ink, and that do not (render mode 3, transparent).
        bad: visible characters without a meaning: replacement, private use, control, unassigned.
        visible_text: the visible characters, lines ended by a newline; for statistics, never for logs.
        boxes: of the visible words, in points of the page as displayed.
        paths: vector drawings that are not plain rectangles; letters drawn as outlines are among them.
    """

    layer: TextLayer
    visible: int
    hidden: int
    bad: int
    visible_text: str
    boxes: tuple[Box, ...]
    paths: int


def read_page_text(page: pymupdf.Page) -> PageText:
    """Read a page's text; hidden text counts, and is among the lines too."""
    blocks: list[dict[str, Any]] = page.get_text("rawdict", flags=FLAGS)["blocks"]
    to_shown = page.rotation_matrix
    shown = page.rect
    lines: list[Line] = []
    rulings: list[Box] = []
    pictures: list[Box] = []
    visible = hidden = bad = paths = 0
    texts: list[str] = []
    boxes: list[Box] = []
    for block in blocks:
        if block["type"] == TEXT_BLOCK:
            for raw in block["lines"]:
                glyphs = [g for g in _glyphs(raw) if _inside(g, to_shown, shown)]
                line = _line(glyphs, raw["dir"], raw["wmode"], to_shown)
                if line is None:
                    continue
                lines.append(line)
                seen = [g for g in glyphs if g.visible and not g.text.isspace()]
                visible += len(seen)
                hidden += sum(1 for g in glyphs if not g.visible and not g.text.isspace())
                bad += sum(1 for g in seen if is_bad(g.text))
                if seen:
                    texts.append("".join(g.text for g in glyphs if g.visible))
                    boxes.extend(_outer(word.polygon) for word in line.words)
        elif block["type"] == IMAGE_BLOCK:
            if len(pictures) < MAX_PICTURES and (box := _shown_box(block["bbox"], to_shown, shown)):
                pictures.append(box)
        elif block["type"] == VECTOR_BLOCK:
            if not block.get("isrect", True):
                paths += 1
            if len(rulings) < MAX_RULINGS and (box := _ruling(block["bbox"], to_shown, shown)):
                rulings.append(box)
    layer = TextLayer(float(shown.width), float(shown.height), tuple(lines), tuple(pictures), tuple(rulings))
    return PageText(layer, visible, hidden, bad, "\n".join(texts), tuple(boxes), paths)


def is_bad(character: str) -> bool:
    """Whether a character has no meaning to a reader: replacement, private use, control, surrogate, unassigned."""
    return character == "\ufffd" or unicodedata.category(character) in ("Co", "Cc", "Cs", "Cn")


def _glyphs(raw: dict[str, Any]) -> list[Glyph]:
    glyphs: list[Glyph] = []
    for span in raw["spans"]:
        visible = span["alpha"] > 0 and bool(span["char_flags"] & FILLED_OR_STROKED)
        for char in span["chars"]:
            text = char["c"]
            if text and all(map(math.isfinite, char["bbox"])):
                glyphs.append(Glyph(text, char["bbox"], char["origin"], span["size"], visible))
    return _lam_alef_in_order(glyphs)


def _lam_alef_in_order(glyphs: list[Glyph]) -> list[Glyph]:
    """MuPDF turns right-to-left lines round after it has expanded the ligature lam-alef: put the two right again."""
    for i in range(len(glyphs) - 1):
        first, second = glyphs[i], glyphs[i + 1]
        if first.text in ALEFS and second.text == LAM and first.origin == second.origin:
            glyphs[i], glyphs[i + 1] = second, first
    return glyphs


def _inside(glyph: Glyph, to_shown: pymupdf.Matrix, shown: pymupdf.Rect) -> bool:
    x0, y0, x1, y1 = glyph.box
    point = pymupdf.Point((x0 + x1) / 2, (y0 + y1) / 2) * to_shown
    return bool(shown.x0 <= point.x <= shown.x1 and shown.y0 <= point.y <= shown.y1)


def _line(glyphs: list[Glyph], direction: _Point, vertical: int, to_shown: pymupdf.Matrix) -> Line | None:
    """A line of the glyphs; None where nothing but spaces is left."""
    axis = (1.0, 0.0) if vertical else direction
    runs: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if glyph.text.isspace():
            if runs[-1]:
                runs.append([])
        else:
            runs[-1].append(glyph)
    words: list[Word] = []
    for i, run in enumerate(runs):
        text = _readable("".join(g.text for g in run), last=i == len(runs) - 1 or not runs[i + 1])
        if text:
            words.append(Word(text, _polygon(run, axis, to_shown), 1.0))
    if not words:
        return None
    every = [glyph for run in runs for glyph in run]
    return Line(" ".join(w.text for w in words), _polygon(every, axis, to_shown), 1.0, tuple(words))


def _readable(text: str, *, last: bool) -> str:
    """A word without control characters; a soft hyphen is a hyphen where the line ends with it, else nothing."""
    if SOFT_HYPHEN in text:
        ended = last and text.endswith(SOFT_HYPHEN)
        text = text.replace(SOFT_HYPHEN, "") + ("-" if ended else "")
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))


def _polygon(glyphs: Sequence[Glyph], axis: _Point, to_shown: pymupdf.Matrix) -> Polygon:
    """The rectangle around glyphs along the text's direction `axis`, as displayed.

    An upright box is what MuPDF gives of a glyph; of a slanted line's glyphs it is too large, so there the extent
    is taken from their origins and the font's size (ascender 0.8, descender 0.2 of it).
    """
    ux, uy = axis
    length = math.hypot(ux, uy) or 1.0
    ux, uy = ux / length, uy / length
    along: list[float] = []
    across: list[float] = []
    straight = abs(ux) < 0.01 or abs(uy) < 0.01
    for glyph in glyphs:
        x0, y0, x1, y1 = glyph.box
        if straight:
            points: Iterable[_Point] = ((x0, y0), (x1, y1))
        else:
            ox, oy = glyph.origin
            up, down = 0.8 * glyph.height, 0.2 * glyph.height
            wide = _advance(glyph, ux, uy)
            points = ((ox + uy * up, oy - ux * up), (ox - uy * down + ux * wide, oy + ux * down + uy * wide))
        for x, y in points:
            along.append(x * ux + y * uy)
            across.append(-x * uy + y * ux)
    a0, a1, c0, c1 = min(along), max(along), min(across), max(across)
    corners = ((a0, c0), (a1, c0), (a1, c1), (a0, c1))
    shown = [pymupdf.Point(a * ux - c * uy, a * uy + c * ux) * to_shown for a, c in corners]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ((float(p.x), float(p.y)) for p in shown)
    return x0, y0, x1, y1, x2, y2, x3, y3


def _advance(glyph: Glyph, ux: float, uy: float) -> float:
    """How far a slanted glyph reaches along its line: its upright box is w|u| + h|v| wide."""
    x0, y0, x1, y1 = glyph.box
    ux, uy = abs(ux), abs(uy)
    if ux >= uy:
        return max(0.0, ((x1 - x0) - glyph.height * uy) / ux)
    return max(0.0, ((y1 - y0) - glyph.height * ux) / uy)


def _outer(polygon: Polygon) -> Box:
    return min(polygon[0::2]), min(polygon[1::2]), max(polygon[0::2]), max(polygon[1::2])


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
