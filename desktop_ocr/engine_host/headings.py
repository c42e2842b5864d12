"""Which headings stand above which."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import area, overlap
from desktop_ocr.schema.results import BlockKind

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import Region

_SAME_SIZE = 1.15
"""Headings whose heights differ by less than this factor have the same level."""
_SAME_SIZE_MOST = 1.4
_TITLE = 1.5
"""Height for that of the page's text, from which on a page's first heading is a title."""
_LARGE = 1.35
"""Height for that of the page's text, from which on a few lines are a heading."""
_ENOUGH = 5
"""Lines of text that say how high those of a page are."""
_MOST_LINES, _LEAST_LETTERS, _LONGEST = 3, 4, 200
"""Of a heading that the layout model takes for text: lines, letters, characters."""
_SEEN, _COVERED = 0.85, 0.5
"""Score from which on a heading seen in the page's picture is believed, and what its place and a block must share."""
_TOP, _LOWEST = 2, 6
"""Levels of headings that are no title."""
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+\S")
_BODY = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})


def mark(drafts: Sequence[Draft], sheet: Sheet, regions: Sequence[Region] = ()) -> None:
    """Name text blocks that are headings: a few lines that end no sentence, and one sign more.

    They are much larger than the page's text, or seen as a heading in its picture, or numbered between two headings.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
        regions: what a model saw in the page's picture, on the deskewed page.
    """
    body = [line.height for draft in drafts if draft.kind in _BODY for line in draft.lines if sheet.prose([line])]
    if len(body) < _ENOUGH:
        return
    large = _LARGE * statistics.median(body)
    seen = [one.box for one in regions if one.kind is BlockKind.SECTION_HEADER and one.score >= _SEEN]
    may_be = [draft for draft in drafts if draft.kind is BlockKind.TEXT and _may_be_heading(draft, sheet)]
    for draft in may_be:
        is_large = all(line.height >= large for line in draft.lines)
        if is_large or any(overlap(draft.box, box) >= _COVERED * max(area(draft.box), area(box)) > 0 for box in seen):
            draft.kind = BlockKind.SECTION_HEADER
    counted = {_counted(draft, sheet) for draft in drafts if draft.kind is BlockKind.SECTION_HEADER}
    for draft in may_be:
        number = _counted(draft, sheet)
        if draft.kind is BlockKind.TEXT and len(draft.lines) == 1 and number and {number - 1, number + 1} <= counted:
            draft.kind = BlockKind.SECTION_HEADER


def _may_be_heading(draft: Draft, sheet: Sheet) -> bool:
    if not 0 < len(draft.lines) <= _MOST_LINES or not all(line.upright for line in draft.lines):
        return False
    text = " ".join(sheet.text(line) for line in draft.lines)
    letters = sum(sign.isalpha() for sign in text)
    return letters >= _LEAST_LETTERS and letters > 0.5 * len(text) <= 0.5 * _LONGEST and text[-1] not in ".;,"


def _counted(draft: Draft, sheet: Sheet) -> int:
    """The number that a block begins with, as "3" in "3. Methods"; 0 for none."""
    if not draft.lines:
        return 0
    found = _NUMBER.match(sheet.text(min(draft.lines, key=lambda line: line.box[1])))
    return int(found.group(1)) if found and found.group(1).isdigit() else 0


def levels(drafts: Sequence[Draft], sheet: Sheet) -> dict[int, int]:
    """Level by block number of titles and section headers.

    The larger the writing, the higher; a number such as "2.1" says more than the size, and gives all that are
    numbered as deep the same level. Level 1 is a page's title.
    """
    sizes = {
        number: statistics.median(line.height for line in draft.lines)
        for number, draft in enumerate(drafts)
        if draft.kind is BlockKind.SECTION_HEADER and draft.lines
    }
    found = {number: 1 for number, draft in enumerate(drafts) if draft.kind is BlockKind.TITLE and draft.lines}
    body = [line.height for draft in drafts if draft.kind in _BODY for line in draft.lines if sheet.prose([line])]
    if not found and body and sizes:
        first = min(sizes, key=lambda number: drafts[number].box[1])
        if sizes[first] >= max(_TITLE * statistics.median(body), max(sizes.values()) / _SAME_SIZE):
            found[first] = 1
            del sizes[first]
    same = _same_size(body)
    level, largest = _TOP - 1, 0.0
    for number in sorted(sizes, key=lambda number: -sizes[number]):
        if sizes[number] * same < largest or not largest:
            level, largest = min(level + 1, _LOWEST), sizes[number]
        found[number] = level
    _by_number(found, drafts, sheet)
    return found


def _same_size(body: Sequence[float]) -> float:
    """By which factor heights may differ where the writing is of one size: as those of the page's text do.

    Boxes of recognised lines are higher or lower by what letters there are in them; those of text layers are not.
    """
    if len(body) < 5:
        return _SAME_SIZE
    ordered = sorted(body)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    return min(_SAME_SIZE_MOST, max(_SAME_SIZE, high / low)) if low > 0 else _SAME_SIZE


def _by_number(found: dict[int, int], drafts: Sequence[Draft], sheet: Sheet) -> None:
    depths: dict[int, list[int]] = {}
    for number, level in found.items():
        text = sheet.text(min(drafts[number].lines, key=lambda line: line.box[1]))
        if level > 1 and (counted := _NUMBER.match(text)):
            depths.setdefault(counted.group(1).count(".") + 1, []).append(number)
    above = 0
    for depth in sorted(depths):
        above = min(_LOWEST, max(above + 1, min(found[number] for number in depths[depth]), depth + 1))
        for number in depths[depth]:
            found[number] = above
