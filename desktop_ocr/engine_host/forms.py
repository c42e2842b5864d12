"""A form's labels and what is filled in beside them: rows that a layout model takes for columns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft
from desktop_ocr.engine_host.geometry import union
from desktop_ocr.schema.results import BlockKind, Box

_JOINABLE = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})
_SHORT = 15.0
"""Characters: blocks with shorter lines may be parts of rows."""
_LONG = 35.0
"""Characters: blocks with lines as long as that are prose."""
_TIMES_LINES = 4
_ROWS_SHARED = 0.6
"""Share of the smaller block's lines that must have one beside them, or of its height that must be shared."""


def join_rows(drafts: Sequence[Draft], lengths: Sequence[int]) -> list[Draft]:
    """Join text blocks that stand side by side and share their rows: a form's labels and what is filled in.

    Two columns of prose share their rows, too: one of the blocks must be of short lines, and they must not stand
    each in a column of prose of its own.

    Args:
        drafts: the blocks.
        lengths: characters of each line.
    """
    joined = list(drafts)
    usual = {id(draft): _usual_length(draft, lengths) for draft in drafts}
    prose = [draft.box for draft in drafts if len(draft.lines) > 1 and usual[id(draft)] >= _LONG]
    waiting = [draft for draft in drafts[::-1] if draft.kind in _JOINABLE]
    gone: set[int] = set()
    while waiting:
        draft = waiting.pop()
        if id(draft) in gone:
            continue
        top, bottom = draft.box[1], draft.box[3]
        partner = next(
            (
                other
                for other in joined
                if other.box[1] < bottom
                and top < other.box[3]
                and other is not draft
                and _share_rows(draft, other, (usual[id(draft)], usual[id(other)]))
                and not _in_columns(draft.box, other.box, prose)
            ),
            None,
        )
        if partner is None:
            continue
        joined.remove(partner)
        gone.add(id(partner))
        draft.kind = BlockKind.TEXT
        draft.lines = draft.lines + partner.lines
        draft.box = union([draft.box, partner.box])
        usual[id(draft)] = _usual_length(draft, lengths)
        waiting.append(draft)
    return joined


def _in_columns(one: Box, other: Box, prose: Sequence[Box]) -> bool:
    """Whether two boxes stand each above or below a block of prose, and these beside each other."""
    left, right = (one, other) if one[0] <= other[0] else (other, one)
    return any(
        mine[2] <= theirs[0] and min(mine[3], theirs[3]) > max(mine[1], theirs[1])
        for mine in prose
        if _within(left, mine)
        for theirs in prose
        if _within(right, theirs)
    )


def _within(box: Box, column: Box) -> bool:
    """Whether a box lies between the sides of a column, give or take a little."""
    slack = 0.05 * (column[2] - column[0])
    return column[0] - slack <= box[0] and box[2] <= column[2] + slack


def _share_rows(one: Draft, other: Draft, lengths: tuple[float, float]) -> bool:
    if not {one.kind, other.kind} <= _JOINABLE:
        return False
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    if shared <= 0:
        return False
    usual = sorted(lengths)
    if usual[0] >= _SHORT or usual[1] >= _LONG:
        return False
    lower = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    if usual[1] < _SHORT and shared >= _ROWS_SHARED * lower:
        return True  # rows of a receipt may stand half a line apart
    fewer, more = sorted((one.lines, other.lines), key=len)
    if len(more) > _TIMES_LINES * len(fewer):
        return False
    beside = 0
    for line in fewer:
        middle = (line.box[1] + line.box[3]) / 2
        beside += any(
            abs((peer.box[1] + peer.box[3]) / 2 - middle) < 0.5 * min(line.height, peer.height)
            and (peer.box[0] >= line.box[2] or line.box[0] >= peer.box[2])
            for peer in more
        )
    return beside >= _ROWS_SHARED * len(fewer)


def _usual_length(draft: Draft, lengths: Sequence[int]) -> float:
    return statistics.fmean(lengths[line.number] for line in draft.lines) if draft.lines else 0.0
