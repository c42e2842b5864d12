"""Which headings stand above which."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.schema.results import BlockKind

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
_TOP, _LOWEST = 2, 6
"""Levels of headings that are no title."""
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+\S")
_BODY = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})


def mark(drafts: Sequence[Draft], sheet: Sheet) -> None:
    """Name text blocks that are headings: a few lines, much larger than the page's text, that end no sentence.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
    """
    body = [line.height for draft in drafts if draft.kind in _BODY for line in draft.lines if sheet.prose([line])]
    if len(body) < _ENOUGH:
        return
    large = _LARGE * statistics.median(body)
    for draft in drafts:
        if draft.kind is not BlockKind.TEXT or not 0 < len(draft.lines) <= _MOST_LINES:
            continue
        text = " ".join(sheet.text(line) for line in draft.lines)
        letters = sum(sign.isalpha() for sign in text)
        if (
            all(line.upright and line.height >= large for line in draft.lines)
            and letters >= _LEAST_LETTERS
            and letters > 0.5 * len(text)
            and len(text) <= _LONGEST
            and text[-1] not in ".;,"
        ):
            draft.kind = BlockKind.SECTION_HEADER


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
