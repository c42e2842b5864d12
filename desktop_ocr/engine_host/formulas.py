"""Formulas that the layout model takes for text or headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import area, overlap, union
from desktop_ocr.schema.results import BlockKind, Box

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
_MOST_LINES = 14


def join_pieces(drafts: Sequence[Draft], sheet: Sheet) -> list[Draft]:
    """The blocks with pieces of a formula joined: its parts stand above, below and beside each other.

    Only pieces without words are, and only where they are a formula together.
    """
    joined = list(drafts)
    for draft in drafts:
        if draft not in joined or draft.kind not in _PIECES or not _SIGN.search(_text([draft], sheet)):
            continue
        pieces, box = [draft], draft.box
        while (
            near := next((one for one in joined if one not in pieces and _is_piece(one, box, sheet)), None)
        ) is not None:
            pieces.append(near)
            box = union([box, near.box])
        if len(pieces) > 1 and is_formula(_text(pieces, sheet)):
            whole = Draft.around(BlockKind.FORMULA, [line for piece in pieces for line in piece.lines])
            joined = [one for one in joined if one not in pieces] + [whole]
    return joined


def _is_piece(draft: Draft, box: Box, sheet: Sheet) -> bool:
    if draft.kind not in _PIECES or not draft.lines or not _is_symbols(_text([draft], sheet)):
        return False
    apart = max(draft.box[0] - box[2], box[0] - draft.box[2], draft.box[1] - box[3], box[1] - draft.box[3])
    return apart <= _BESIDE * sheet.line_height


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
