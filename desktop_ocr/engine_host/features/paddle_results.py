"""What PaddleX's models say, in our words: classes of layouts, boxes, answers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

import cv2
import numpy as np

from desktop_ocr.engine_host.bitmap import Image
from desktop_ocr.schema.results import BlockKind, Box

KINDS: Mapping[str, BlockKind] = {
    "doc_title": BlockKind.TITLE,
    "paragraph_title": BlockKind.SECTION_HEADER,
    "abstract_title": BlockKind.SECTION_HEADER,
    "reference_title": BlockKind.SECTION_HEADER,
    "content_title": BlockKind.SECTION_HEADER,
    "text": BlockKind.TEXT,
    "vertical_text": BlockKind.TEXT,
    "abstract": BlockKind.TEXT,
    "content": BlockKind.TEXT,  # a table of contents
    "reference": BlockKind.TEXT,
    "reference_content": BlockKind.TEXT,
    "aside_text": BlockKind.TEXT,
    "formula_number": BlockKind.TEXT,
    "number": BlockKind.PAGE_FOOTER,  # of the page
    "header": BlockKind.PAGE_HEADER,
    "header_image": BlockKind.PAGE_HEADER,
    "footer": BlockKind.PAGE_FOOTER,
    "footer_image": BlockKind.PAGE_FOOTER,
    "footnote": BlockKind.FOOTNOTE,
    "vision_footnote": BlockKind.FOOTNOTE,
    "algorithm": BlockKind.CODE,
    "formula": BlockKind.FORMULA,
    "display_formula": BlockKind.FORMULA,
    "table": BlockKind.TABLE,
    "chart": BlockKind.CHART,
    "flowchart": BlockKind.PICTURE,
    "image": BlockKind.PICTURE,
    "figure": BlockKind.PICTURE,
    "seal": BlockKind.SEAL,
    "figure_title": BlockKind.CAPTION,
    "table_title": BlockKind.CAPTION,
    "chart_title": BlockKind.CAPTION,
    "figure_table_chart_title": BlockKind.CAPTION,
}
"""By the labels of PP-DocLayout's models. Others (regions of PP-DocBlockLayout, inline formulas) are no blocks."""
INLINE_FORMULA = "inline_formula"

_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_SPACES = re.compile(r"\s+")


def kind_of(label: str, box: Box, height: float) -> BlockKind | None:
    """A block's kind by its label; None for what is no block.

    Args:
        label: PaddleX's.
        box: of the block, in pixels.
        height: of the page: a page number may stand above or below the text.
    """
    kind = KINDS.get(label.lower())
    if label.lower() == "number" and box[1] + box[3] < height:
        return BlockKind.PAGE_HEADER
    return kind


def as_box(coordinates: Iterable[float], width: float, height: float) -> Box | None:
    """Four numbers as a box on the page; None where they are none, or nothing of it is on the page."""
    values = [float(value) for value in coordinates]
    if len(values) != 4 or not all(map(math.isfinite, values)):
        return None
    x0, x1 = (min(width, max(0.0, value)) for value in sorted(values[0::2]))
    y0, y1 = (min(height, max(0.0, value)) for value in sorted(values[1::2]))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def bgr(image: Image) -> Image:
    """A picture as paddleocr takes it, in memory of its own: PP-StructureV3 paints on what it is given."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def plain_latex(latex: str) -> str:
    """LaTeX without delimiters around it, on one line."""
    text = _SPACES.sub(" ", latex).strip()
    for opening, closing in _DELIMITERS:
        if len(text) > len(opening) + len(closing) and text.startswith(opening) and text.endswith(closing):
            return text[len(opening) : -len(closing)].strip()
    return "" if text.strip("$ ") == "" else text


def confidence(score: float) -> float:
    """A score between 0 and 1."""
    value = float(score)
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0


def kinds_of(labels: Sequence[str]) -> frozenset[BlockKind]:
    """The kinds that a model with these classes can tell apart."""
    return frozenset(kind for label in labels if (kind := KINDS.get(label.lower())) is not None)
