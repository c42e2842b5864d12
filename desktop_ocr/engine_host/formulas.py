"""Formulas that the layout model takes for text or headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import area, overlap, union
from desktop_ocr.schema.results import BlockKind

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import Region

_PIECES = frozenset({BlockKind.TEXT, BlockKind.FORMULA})
_BESIDE = 0.8
"""Of a line's height: pieces of a formula are nearer to each other."""
_MAY_BE = frozenset({BlockKind.TEXT, BlockKind.SECTION_HEADER})
_SEEN = 0.6
"""Score from which on a model that sees a formula in the page's picture is believed."""
_COVERED = 0.7
_SIGN = re.compile(r"[=≈≡≤≥≠∑∏∫∇∂√∞∈⊂∪∩⇒→↦]")
_STRONG = re.compile(r"[∑∏∫∇∂√∞∈⊂∪∩⇒↦α-ωΓΔΘΛΞΠΣΦΨΩ²³]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_FUNCTIONS = frozenset(("sinh", "cosh", "tanh", "limsup", "liminf", "diag", "rank", "span", "where"))
_MOST_WORDS = 0.3
"""Share of a formula's letters that may be those of words."""
_MOST_LINES, _MOST_PIECES = 14, 40


def join_pieces(drafts: Sequence[Draft], sheet: Sheet) -> list[Draft]:
    """The blocks with pieces of a formula joined: its parts stand above, below and beside each other.

    Only pieces without words are, and only where they are a formula together.
    """
    parts = [
        draft
        for draft in drafts
        if draft.kind in _PIECES and 0 < len(draft.lines) <= _MOST_LINES and _is_symbols(_text([draft], sheet))
    ]
    joined = list(drafts)
    gone: set[int] = set()
    for draft in parts:
        if id(draft) in gone or not _SIGN.search(_text([draft], sheet)):
            continue
        pieces = _pieces(draft, [part for part in parts if id(part) not in gone], _BESIDE * sheet.line_height)
        if len(pieces) > 1 and is_formula(_text(pieces, sheet)):
            gone |= {id(piece) for piece in pieces}
            joined.append(Draft.around(BlockKind.FORMULA, [line for piece in pieces for line in piece.lines]))
    return [draft for draft in joined if id(draft) not in gone]


def _pieces(draft: Draft, parts: Sequence[Draft], apart: float) -> list[Draft]:
    """A block and those that stand around it, each no further from the others than a few pixels."""
    pieces, x0, y0, x1, y1 = [draft], *draft.box
    seen = 0
    while seen < len(pieces) <= _MOST_PIECES:
        seen = len(pieces)
        for part in parts:
            left, top, right, bottom = part.box
            near = left - x1 <= apart and x0 - right <= apart and top - y1 <= apart and y0 - bottom <= apart
            if near and part not in pieces:
                pieces.append(part)
                x0, y0, x1, y1 = union([(x0, y0, x1, y1), part.box])
    return pieces


def _text(drafts: Sequence[Draft], sheet: Sheet) -> str:
    return " ".join(sheet.text(line) for draft in drafts for line in draft.lines)


def mark(drafts: Sequence[Draft], sheet: Sheet, regions: Sequence[Region] = ()) -> None:
    """Name blocks that are formulas.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
        regions: what a model saw in the page's picture, on the deskewed page.
    """
    seen = [region.box for region in regions if region.kind is BlockKind.FORMULA and region.score >= _SEEN]
    for draft in drafts:
        if draft.kind not in _MAY_BE or not 0 < len(draft.lines) <= _MOST_LINES:
            continue
        text = " ".join(map(sheet.text, draft.lines))
        covered = any(overlap(draft.box, box) >= _COVERED * area(draft.box) > 0 for box in seen)
        if is_formula(text) or (covered and _is_symbols(text)):
            draft.kind = BlockKind.FORMULA


def is_formula(text: str) -> bool:
    """Whether a text is a formula: there is a sign such as "=", a letter, and hardly any word."""
    if not _SIGN.search(text) or not any(sign.isalpha() for sign in text):
        return False
    return _is_symbols(text) and (bool(_STRONG.search(text)) or _has_variable(text))


def _is_symbols(text: str) -> bool:
    letters = sum(sign.isalpha() for sign in text)
    words = sum(len(word) for word in _WORD.findall(text) if word.lower() not in _FUNCTIONS)
    return words <= _MOST_WORDS * letters


def _has_variable(text: str) -> bool:
    """Whether there is a letter or two, with a number or none, beside the sign: "a2 + 8 = 12"."""
    return bool(re.search(r"(?<![^\W\d_])[^\W\d_]{1,2}\d*(?![^\W_])\s*(?:\([^)]*\))?\s*[-+*/·^=≈≤≥]", text))
