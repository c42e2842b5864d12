"""Lists that the layout model takes for text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.schema.results import BlockKind

_BULLET = re.compile(r"[•‣◦⁃∙▪▫●○■□◆◇►▶➢➤✓✔\ue000-\uf8ff\ufffd]\s*\S")
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]\s+\S|\[(\d{1,3})\]\s+\S")


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
