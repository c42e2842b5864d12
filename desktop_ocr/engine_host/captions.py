"""Captions, and what each belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_ocr.engine_host.drafts import Draft, Sheet
from desktop_ocr.engine_host.geometry import union
from desktop_ocr.schema.results import BlockKind, Box

_BEGINS = re.compile(
    r"(?P<table>tab(?:le|elle|leau|la|ela|\.)|表)|"
    r"(?P<code>listing|algorithm|algorithmus)|"
    r"(?P<picture>fig(?:ure|ura|\.)?|abb(?:ildung|\.)?|chart|diagram|diagramm|scheme|plate|photo|exhibit|image|[図圖图])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*(?:[A-Z]{1,2}[-.]?)?\d{1,3}(?:[-.]\d{1,3})*[a-z]?\s*(?:[.:|—–-]|(?=[^\W\d_a-z])|$)")
_SURE = re.compile(r"[^\W\d_]+\.?\s*[A-Z]?\d{1,3}[a-z]?\s*[:.|](?!\d)")
_MOST_LINES, _MOST_ALONE = 8, 4
_FIGURES = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})
_CAPTIONED = _FIGURES | {BlockKind.TABLE, BlockKind.CODE}
_MAY_BE = frozenset({BlockKind.TEXT, BlockKind.SECTION_HEADER, BlockKind.LIST_ITEM})
_NEAR = 5.0
"""Of a line's height: as far as a caption stands from what it belongs to."""
_WRONG_KIND = 2.0
"""Of a line's height: a "Table 1" belongs to a picture only where the next table is so much further away."""


def mark(drafts: Sequence[Draft], sheet: Sheet) -> None:
    """Name blocks that are captions: they begin like "Figure 3." and stand beside one, or say so plainly.

    Args:
        drafts: the blocks; their kinds change.
        sheet: the page.
    """
    begun = [
        draft
        for draft in drafts
        if draft.kind in _MAY_BE and draft.lines and _begins_caption(_first_text(draft, sheet))
    ]
    # A list of figures has many; on a page of text, "Figure 3:" begins nothing but a caption.
    alone = sum(len(draft.lines) <= _MOST_LINES for draft in begun) <= _MOST_ALONE
    for draft in begun:
        draft.kind, kind = BlockKind.CAPTION, draft.kind
        sure = alone and _is_sure(draft, sheet)
        if _target(draft, drafts, sheet) is None and not sure:
            draft.kind = kind


def _is_sure(draft: Draft, sheet: Sheet) -> bool:
    """Whether a block says plainly that it is a caption, and its lines are those of a paragraph."""
    lines = sorted(draft.lines, key=lambda line: line.box[1])
    return (
        len(lines) <= _MOST_LINES
        and _SURE.match(_first_text(draft, sheet)) is not None
        and all(sheet.prose([line]) for line in lines[:-1])
    )


def targets(drafts: Sequence[Draft], sheet: Sheet) -> dict[int, int]:
    """By a caption's number, the number of the block it belongs to, where there is one beside it."""
    numbers = {id(draft): number for number, draft in enumerate(drafts)}
    found: dict[int, int] = {}
    for number, draft in enumerate(drafts):
        if draft.kind is BlockKind.CAPTION and (target := _target(draft, drafts, sheet)) is not None:
            found[number] = numbers[id(target)]
    named = {target for caption, target in found.items() if drafts[target].kind in _wanted(drafts[caption], sheet)}
    return {
        caption: target
        for caption, target in found.items()
        if target not in named or drafts[target].kind in _wanted(drafts[caption], sheet)
    }


def groups(drafts: Sequence[Draft], belongs: dict[int, int]) -> list[list[int]]:
    """Numbers of blocks that are read one after the other, from the top: a figure with its captions, all others alone.

    A caption stays by itself where something else stands between.
    """
    members: dict[int, list[int]] = {number: [number] for number in range(len(drafts)) if number not in belongs}
    for caption, target in belongs.items():
        box = union([drafts[caption].box, drafts[target].box])
        between = any(
            _centre_in(other.box, box) and not _centre_in(other.box, drafts[target].box)
            for number, other in enumerate(drafts)
            if number not in (caption, target)
        )
        if between or target not in members:
            members[caption] = [caption]
        else:
            members[target].append(caption)
    return [sorted(group, key=lambda number: drafts[number].box[1]) for group in members.values()]


def _first_text(draft: Draft, sheet: Sheet) -> str:
    top = min(line.box[1] for line in draft.lines)
    row = [line for line in draft.lines if line.box[1] < top + 0.5 * line.height]
    return " ".join(sheet.text(line) for line in sorted(row, key=lambda line: line.box[0]))


def _begins_caption(text: str) -> bool:
    begun = _BEGINS.match(text)
    return begun is not None and _NUMBERED.match(text, begun.end()) is not None


def _wanted(caption: Draft, sheet: Sheet) -> frozenset[BlockKind]:
    """The kinds that a caption names."""
    begun = _BEGINS.match(_first_text(caption, sheet)) if caption.lines else None
    return {
        None: _CAPTIONED,
        "table": frozenset({BlockKind.TABLE}),
        "code": frozenset({BlockKind.CODE}),
        "picture": _FIGURES,
    }[begun.lastgroup if begun else None]


def _target(caption: Draft, drafts: Sequence[Draft], sheet: Sheet) -> Draft | None:
    """The nearest block that can have a caption; one of the kind that the caption names, unless it is far."""
    wanted = _wanted(caption, sheet)
    best: Draft | None = None
    best_distance = _NEAR * sheet.line_height
    for other in drafts:
        if other is caption or other.kind not in _CAPTIONED:
            continue
        distance = _distance(caption.box, other.box)
        if distance is None:
            continue
        if other.kind not in wanted:
            distance += _WRONG_KIND * sheet.line_height
        if distance <= best_distance:
            best, best_distance = other, distance
    return best


def _distance(caption: Box, other: Box) -> float | None:
    """How far a caption is from a block above, below or beside it; None where it is neither."""
    across = min(caption[2], other[2]) - max(caption[0], other[0])
    down = min(caption[3], other[3]) - max(caption[1], other[1])
    if across >= 0.2 * min(caption[2] - caption[0], other[2] - other[0]):
        return max(0.0, -down)
    if down >= 0.5 * min(caption[3] - caption[1], other[3] - other[1]):
        return max(0.0, -across)
    return None


def _centre_in(box: Box, other: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] < x < other[2] and other[1] < y < other[3]
