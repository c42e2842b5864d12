"""Lists that the layout model takes for text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import Placed, union
from desktop_ocr.schema.results import BlockKind

_MAY_BE = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})
_FAR = 4.0
"""Of a marker's height: its item begins nearer."""
_BULLET = re.compile(r"[•‣◦⁃∙▪▫●○■□◆◇►▶➢➤✓✔\ue000-\uf8ff\ufffd]\s*\S")
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]\s+\S|\[(\d{1,3})\]\s+\S")


_MARKER = re.compile(r"[•‣◦⁃∙▪▫●○■□◆◇►▶➢➤✓✔·–—*oO-]|\(?(?:\d{1,3}|[A-Za-z]\d{0,2}|[ivxIVX]{1,5})[.):]")


def join_markers(drafts: Sequence[Draft], sheet: Sheet) -> list[Draft]:
    """The blocks with markers that were found as blocks of their own put to the items on their right."""
    joined = list(drafts)
    for draft in drafts:
        if draft.kind not in _MAY_BE or len(draft.lines) != 1 or not _MARKER.fullmatch(sheet.text(draft.lines[0])):
            continue
        marker = draft.lines[0]
        beside = [
            other for other in joined if other is not draft and other.kind in _MAY_BE and _begins_beside(marker, other)
        ]
        if beside:
            item = min(beside, key=lambda other: other.box[0])
            item.lines.append(marker)
            item.box = union([item.box, marker.box])
            item.kind = BlockKind.LIST_ITEM
            joined.remove(draft)
    return joined


def _begins_beside(marker: Placed, draft: Draft) -> bool:
    """Whether a block's first row stands to the right of a marker, not far."""
    if not draft.lines:
        return False
    first = min(draft.lines, key=lambda line: line.box[1])
    middle = (marker.box[1] + marker.box[3]) / 2
    return first.box[1] < middle < first.box[3] and -marker.height < first.box[0] - marker.box[2] < _FAR * marker.height


def mark(drafts: Sequence[Draft], sheet: Sheet) -> None:
    """Name text blocks that are lists: they begin with a bullet, or hold items whose numbers follow each other.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
    """
    for draft in drafts:
        if draft.kind is not BlockKind.TEXT or not draft.lines:
            continue
        texts = [sheet.text(line) for line in sorted(draft.lines, key=lambda line: (line.box[1], line.box[0]))]
        if _BULLET.match(texts[0]) or _counts_on(texts):
            draft.kind = BlockKind.LIST_ITEM


def _counts_on(texts: Sequence[str]) -> bool:
    """Whether the first line has a number, and a later one the next."""
    numbers = [int(next(filter(None, found.groups()))) for text in texts if (found := _NUMBER.match(text))]
    return len(numbers) > 1 and bool(_NUMBER.match(texts[0])) and numbers[1] == numbers[0] + 1
