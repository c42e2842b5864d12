"""Footnotes that the layout model takes for text: small writing at the foot of a column."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.schema.results import BlockKind, Box

_SMALL = 0.87
"""Of the height of the text above: footnotes are set at most as large."""
_LOWEST_PART = 0.6
"""Share of the page's height below which they stand."""
_MOST_LINES = 12
_MARK = re.compile(r"[*†‡§¶⋆★⁰¹²³⁴⁵⁶⁷⁸⁹]|\d{1,3}[.)]?\s*[^\W\d_a-z]|[a-z]\s+[A-Z]")
_MARKED_SMALL = 0.95
"""The same where they begin with a mark."""
_BELOW = frozenset({BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE})
_ABOVE = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})


def mark(drafts: Sequence[Draft], sheet: Sheet) -> None:
    """Name blocks that are footnotes: below a column's text, in smaller writing, with nothing but such below.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
    """
    for draft in sorted(drafts, key=lambda draft: -draft.box[1]):
        if draft.kind is BlockKind.TEXT and draft.lines and _is_note(draft, drafts, sheet):
            draft.kind = BlockKind.FOOTNOTE


def _is_note(draft: Draft, drafts: Sequence[Draft], sheet: Sheet) -> bool:
    if len(draft.lines) > _MOST_LINES or draft.box[1] < _LOWEST_PART * sheet.height:
        return False
    column = [other for other in drafts if other is not draft and _in_column(draft.box, other.box)]
    if any(other.kind not in _BELOW for other in column if other.box[3] > draft.box[3]):
        return False
    above = [
        line.height
        for other in column
        if other.kind in _ABOVE and other.box[3] <= draft.box[3]
        for line in other.lines
        if sheet.prose([line])
    ]
    if len(above) < 3:
        return False
    first = min(draft.lines, key=lambda line: (round(line.box[1] / max(line.height, 1.0)), line.box[0]))
    marked = bool(_MARK.match(sheet.text(first)))
    size = statistics.median(line.height for line in draft.lines)
    return size <= (_MARKED_SMALL if marked else _SMALL) * statistics.median(above)


def _in_column(one: Box, other: Box) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0.3 * min(one[2] - one[0], other[2] - other[0])
