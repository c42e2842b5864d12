"""Footnotes that the layout model takes for text: small writing at the foot of a column."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.schema.results import BlockKind, Box

_SMALL = 0.87
"""Of the height of the text above: footnotes are set at most as large."""
_CLOSE = 0.9
"""Of the distance of the rows above: it tells small writing better than heights that were recognised."""
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

    Short ones say little about their size: beside a footnote of another column, such a block is one, too.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
    """
    found: list[Draft] = []
    for draft in sorted(drafts, key=lambda draft: -draft.box[1]):
        if draft.kind is BlockKind.TEXT and draft.lines and _is_note(draft, drafts, sheet):
            draft.kind = BlockKind.FOOTNOTE
            found.append(draft)
    for draft in found[::-1]:
        # A bibliography in small writing is no footnote: what stands above it is small as well, or its heading.
        column = [other for other in drafts if other is not draft and _in_column(draft.box, other.box)]
        above = max((o for o in column if o.box[3] <= draft.box[3]), key=lambda other: other.box[3], default=None)
        if above is None or above.kind is BlockKind.SECTION_HEADER or _is_as_small(above, draft, sheet):
            draft.kind = BlockKind.TEXT
    notes = [draft for draft in drafts if draft.kind is BlockKind.FOOTNOTE]
    for draft in drafts:
        if draft.kind is BlockKind.TEXT and draft.lines and _is_beside(draft, notes, drafts, sheet):
            draft.kind = BlockKind.FOOTNOTE


def _is_note(draft: Draft, drafts: Sequence[Draft], sheet: Sheet) -> bool:
    if len(draft.lines) > _MOST_LINES or draft.box[1] < _LOWEST_PART * sheet.height:
        return False
    column = [other for other in drafts if other is not draft and _in_column(draft.box, other.box)]
    if any(other.kind not in _BELOW for other in column if other.box[3] > draft.box[3]):
        return False
    above = [other for other in column if other.kind in _ABOVE and other.box[3] <= draft.box[3]]
    heights = [line.height for other in above for line in other.lines if sheet.prose([line])]
    if len(heights) < 3:
        return False
    first = min(draft.lines, key=lambda line: (round(line.box[1] / max(line.height, 1.0)), line.box[0]))
    small = _MARKED_SMALL if _MARK.match(sheet.text(first)) else _SMALL
    size = statistics.median(line.height for line in draft.lines)
    pitch, usual = _pitch(draft), [pitch for other in above if (pitch := _pitch(other))]
    return size <= small * statistics.median(heights) or bool(
        pitch and usual and pitch <= _CLOSE * statistics.median(usual) and size <= statistics.median(heights)
    )


def _is_as_small(above: Draft, draft: Draft, sheet: Sheet) -> bool:
    """Whether a block that is text is set like the one below it."""
    if above.kind not in _ABOVE or not above.lines:
        return False
    sizes = [statistics.median(line.height for line in one.lines) for one in (above, draft)]
    pitches = [_pitch(above), _pitch(draft)]
    if 0.0 in pitches:
        return sizes[0] < min(1.05 * sizes[1], 0.95 * sheet.line_height)
    return sizes[0] < 1.05 * sizes[1] and pitches[0] < 1.05 * pitches[1]


def _is_beside(draft: Draft, notes: Sequence[Draft], drafts: Sequence[Draft], sheet: Sheet) -> bool:
    """Whether a block stands at its column's foot as a note does at another's, apart from the text above."""
    if not any(note.box[1] <= draft.box[1] and abs(note.box[3] - draft.box[3]) < sheet.line_height for note in notes):
        return False
    column = [other for other in drafts if other is not draft and _in_column(draft.box, other.box)]
    if any(other.kind not in _BELOW for other in column if other.box[3] > draft.box[3]):
        return False
    above = [other.box[3] for other in column if other.kind not in _BELOW]
    return bool(above) and draft.box[1] - max(above) > sheet.line_height


def _pitch(draft: Draft) -> float:
    """From one row of a block to the next, usually; 0.0 where there is but one."""
    tops = sorted((line.box[1] + line.box[3]) / 2 for line in draft.lines)
    steps = [b - a for a, b in itertools.pairwise(tops) if b - a > 0.5 * draft.lines[0].height]
    return statistics.median(steps) if steps else 0.0


def _in_column(one: Box, other: Box) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0.3 * min(one[2] - one[0], other[2] - other[0])
