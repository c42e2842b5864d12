"""Footnotes that the layout model takes for text: small writing at the foot of a column."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import Placed
from desktop_ocr.schema.results import BlockKind, Box

_SMALL = 0.87
"""Of the height of the text above, and of its letters' width: footnotes are set at most as large."""
_CLOSE = 0.9
"""Of the distance of its rows, which tells small writing better than heights that were recognised: on twelve pages
it was 0.79 to 0.88 for notes, and 0.97 to 1.03 for text."""
_MARKED_SMALL = 0.95
"""Of the same where another sign agrees: a mark at the beginning, small letters."""
_APART = 0.7
"""Of a line's height: at least so far from the text are notes whose height does not tell."""
_ENOUGH, _PAGE = 8, 15
"""Lines of text above a note, and on a page that has any."""
_ROWS = 3
"""Lines of a text whose distance means something."""
_LOWEST_PART = 0.55
"""Share of the page's height below which they stand."""
_MOST_LINES = 12
_LEAST_TOLD = 20
"""Characters from which on a line's width says how wide its letters are."""
_SUPERSCRIPT = r"[*†‡§¶⋆★⁰¹²³⁴⁵⁶⁷⁸⁹]|\d{1,2}(?!(?:st|nd|rd|th|am|pm|x|c?m|k?g)\b)(?=[^\W\d_])"
_MARK = re.compile(rf"{_SUPERSCRIPT}|\d{{1,3}}[.)]?\s+[^\W\d_a-z]|[a-z]\s+[A-Z]")
_RAISED = re.compile(_SUPERSCRIPT)
_BELOW = frozenset({BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE})
_ABOVE = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})


def mark(drafts: Sequence[Draft], sheet: Sheet) -> None:
    """Name blocks that are footnotes: below a column's text, in smaller writing, with nothing but such below.

    Short ones say little about their size: beside a footnote of another column, or between two, such a block is one,
    too.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
    """
    if sum(bool(sheet.prose([line])) for line in sheet.placed) < _PAGE:
        return
    found: list[Draft] = []
    doubtful: list[Draft] = []
    for draft in sorted(drafts, key=lambda draft: -draft.box[1]):
        if draft.kind is not BlockKind.TEXT or not draft.lines:
            continue
        column = _Column(draft, drafts, sheet)
        if column.ends_with_it and column.is_small():
            found.append(draft)
        elif column.ends_with_it and column.is_above_note():
            found.append(draft)
            doubtful.append(draft)
        else:
            continue
        draft.kind = BlockKind.FOOTNOTE
    for draft in found[::-1]:
        # A bibliography in small writing is no footnote: what stands above it is small as well, or its heading.
        above = _Column(draft, drafts, sheet).nearest_above
        alone = above is None or above.kind is BlockKind.SECTION_HEADER or _is_as_small(above, draft, sheet)
        if alone or (draft in doubtful and above is not None and above.kind not in _BELOW):
            draft.kind = BlockKind.TEXT
    notes = [draft for draft in drafts if draft.kind is BlockKind.FOOTNOTE]
    for draft in drafts:
        if draft.lines and _is_beside(draft, notes, drafts, sheet):
            draft.kind = BlockKind.FOOTNOTE


class _Column:
    """A block and what stands above and below it."""

    def __init__(self, draft: Draft, drafts: Sequence[Draft], sheet: Sheet) -> None:
        self._draft = draft
        self._sheet = sheet
        column = [other for other in drafts if other is not draft and _in_column(draft.box, other.box)]
        self._below = [other for other in column if other.box[3] > draft.box[3]]
        self._above = [other for other in column if other.box[3] <= draft.box[3]]

    @property
    def nearest_above(self) -> Draft | None:
        """The block right above."""
        return max(self._above, key=lambda other: other.box[3], default=None)

    @property
    def ends_with_it(self) -> bool:
        """Whether it may be a note by its place and length."""
        return (
            len(self._draft.lines) <= _MOST_LINES
            and self._draft.box[1] >= _LOWEST_PART * self._sheet.height
            and all(other.kind in _BELOW for other in self._below)
        )

    @property
    def gap(self) -> float:
        """How far the text above ends, in line heights."""
        above = [other.box[3] for other in self._above if other.kind not in _BELOW]
        return (self._draft.box[1] - max(above)) / self._sheet.line_height if above else 0.0

    def is_small(self) -> bool:
        """Whether its writing is smaller than the text above, or it begins with a raised mark, apart from that."""
        body = [other for other in self._above if other.kind in _ABOVE]
        lines = [line for other in body for line in other.lines if self._sheet.prose([line])]
        if len(lines) < _ENOUGH:
            return False
        draft = self._draft
        first = self._sheet.text(min(draft.lines, key=lambda line: (round(line.box[1] / line.height), line.box[0])))
        height = statistics.median(line.height for line in draft.lines) / statistics.median(o.height for o in lines)
        width, wide = _letter(draft.lines, self._sheet), _letter(lines, self._sheet)
        pitch = _pitch(draft)
        pitches = [usual for other in body if len(other.lines) >= _ROWS and (usual := _pitch(other))]
        low = height <= (_MARKED_SMALL if _MARK.match(first) else _SMALL)
        if pitch and pitches:
            close = pitch / statistics.median(pitches)
            return close <= (_MARKED_SMALL if low else _CLOSE) and height <= 1.1 and (low or self.gap >= _APART)
        if self.gap >= _APART and height <= 1.1 and (_RAISED.match(first) or 0 < width <= _SMALL * wide):
            return True
        return low and width <= _MARKED_SMALL * wide

    def is_above_note(self) -> bool:
        """Whether it stands right above a note, and is too short to tell, or has the number before the note's."""
        nearest = min(self._below, key=lambda other: other.box[1], default=None)
        if nearest is None or nearest.kind is not BlockKind.FOOTNOTE:
            return False
        if nearest.box[1] - self._draft.box[3] >= self._sheet.line_height:
            return False
        own, next_one = (_number(one, self._sheet) for one in (self._draft, nearest))
        return not self._sheet.prose(self._draft.lines) or (next_one > 1 and own == next_one - 1)


def _number(draft: Draft, sheet: Sheet) -> int:
    """The number that a block begins with, or 0."""
    found = re.match(r"\d{1,3}", sheet.text(min(draft.lines, key=lambda line: (round(line.box[1]), line.box[0]))))
    return int(found.group()) if found else 0


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
    if draft.kind is BlockKind.PAGE_FOOTER:
        if not _MARK.match(sheet.text(min(draft.lines, key=lambda line: line.box[0]))):
            return False
    elif draft.kind is not BlockKind.TEXT:
        return False
    height = sheet.line_height
    if not any(
        note.box[1] <= draft.box[1] + 0.5 * height and abs(note.box[3] - draft.box[3]) < height for note in notes
    ):
        return False
    column = _Column(draft, drafts, sheet)
    return column.ends_with_it and column.gap > 0.7


def _letter(lines: Sequence[Placed], sheet: Sheet) -> float:
    """How wide a letter is; 0.0 where no line is long enough to tell."""
    told = [line for line in lines if len(sheet.text(line)) >= _LEAST_TOLD]
    return statistics.median((line.box[2] - line.box[0]) / len(sheet.text(line)) for line in told) if told else 0.0


def _pitch(draft: Draft) -> float:
    """From one row of a block to the next, usually; 0.0 where there is but one."""
    middles = sorted((line.box[1] + line.box[3]) / 2 for line in draft.lines)
    steps = [b - a for a, b in itertools.pairwise(middles) if b - a > 0.5 * draft.lines[0].height]
    return statistics.median(steps) if steps else 0.0


def _in_column(one: Box, other: Box) -> bool:
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return shared > 0.3 * min(one[2] - one[0], other[2] - other[0])
