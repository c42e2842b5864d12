"""Which headings stand above which."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft
from desktop_ocr.schema.results import BlockKind

_SAME_SIZE = 1.15
"""Headings whose heights differ by less than this factor have the same level."""
_LOWEST_LEVEL = 6


def levels(drafts: Sequence[Draft]) -> dict[int, int]:
    """Level by block number of titles and section headers: the larger the writing, the higher."""
    found = {number: 1 for number, draft in enumerate(drafts) if draft.kind is BlockKind.TITLE and draft.lines}
    sizes = {
        number: statistics.median(line.height for line in draft.lines)
        for number, draft in enumerate(drafts)
        if draft.kind is BlockKind.SECTION_HEADER and draft.lines
    }
    level, largest = 1, 0.0
    for number in sorted(sizes, key=lambda number: -sizes[number]):
        if sizes[number] * _SAME_SIZE < largest or not largest:
            level, largest = min(level + 1, _LOWEST_LEVEL), sizes[number]
        found[number] = level
    return found
