"""From lines and the layout model's boxes to blocks: every line ends in exactly one."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from desktop_ocr.engine_host.geometry import (
    Found,
    Placed,
    area,
    box_corners,
    deskewed,
    overlap,
    page_skew,
    place,
    union,
)
from desktop_ocr.engine_host.reading_order import Piece, order_blocks, order_lines
from desktop_ocr.engine_host.words import is_spaceless
from desktop_ocr.schema.results import Block, BlockKind, Box, Line, polygon_box

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import Region

_BELONGS = 0.5
"""Share of a line's box that must lie in a block for the line to belong to it."""
_PICTURE_LEAST = 0.005
_PICTURE_MOST = 0.9
"""Shares of the page: smaller pictures are ornaments, larger ones backgrounds."""
_SAME_SIZE = 1.15
"""Headings whose heights differ by less than this factor have the same level."""
_LOWEST_LEVEL = 6
_OF_ROWS = frozenset({BlockKind.TEXT, BlockKind.SECTION_HEADER, BlockKind.LIST_ITEM})
_JOINABLE = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})
_SHORT = 15.0
"""Characters: blocks with shorter lines may be parts of rows."""
_LONG = 35.0
"""Characters: blocks with lines as long as that are prose."""
_BODY = 30
"""Characters of a page's body: what stands below as much is no page header, what stands above it no page footer."""
_MARGINS = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER})
_TIMES_LINES = 4
_ROWS_SHARED = 0.6
"""Share of the smaller block's lines that must have one beside them, or of its height that must be shared."""


class Finder(Protocol):
    """A layout model."""

    def find(
        self,
        lines: Sequence[Line],
        width: float,
        height: float,
        dpi: float,
        *,
        skew: float,
        pictures: Sequence[Box],
        rulings: Sequence[Box],
    ) -> Sequence[Found]:
        """Blocks on the deskewed page, in pixels."""


class _Draft:
    """A block in the making: lines are those of the page by index."""

    def __init__(self, kind: BlockKind, box: Box) -> None:
        self.kind = kind
        self.box = box
        self.lines: list[Placed] = []


def arrange(
    finder: Finder,
    lines: Sequence[Line],
    width: float,
    height: float,
    dpi: float,
    *,
    pictures: Sequence[Box] = (),
    rulings: Sequence[Box] = (),
    regions: Sequence[Region] = (),
) -> tuple[list[Line], list[Block]]:
    """Find a page's blocks and put its lines into reading order.

    Args:
        finder: the layout model.
        lines: of the page, in any order.
        width, height: of the page in pixels.
        dpi: pixels per inch.
        pictures: boxes of the page's pictures, in pixels, where they are known.
        rulings: boxes of its straight lines, in pixels, where they are known.
        regions: blocks seen in the page's picture, where it was looked at.

    Returns:
        The lines in reading order, and the blocks that name them, each line once.
    """
    skew = page_skew(lines)
    centre = (width / 2, height / 2)
    placed = place(lines, skew, centre)
    found = finder.find(lines, width, height, dpi, skew=skew, pictures=pictures, rulings=rulings)
    known = [polygon_box(deskewed(box_corners(box), skew, centre)) for box in _real(pictures, width, height)]
    drafts = assign(placed, found, known)
    lengths = [sum(2 if is_spaceless(sign) else 1 for sign in line.text) for line in lines]
    doubt_margins(drafts, lengths)
    drafts = join_rows(drafts, lengths)
    line_height = statistics.median([line.height for line in placed]) if placed else 1.0
    order = order_blocks([_piece(draft, lengths) for draft in drafts], line_height)
    levels = _levels(drafts)

    ordered: list[Line] = []
    blocks: list[Block] = []
    for number in order:
        draft = drafts[number]
        first = len(ordered)
        ordered += [lines[index] for index in order_lines(draft.lines, lambda index: lines[index].text)]
        own = range(first, len(ordered))
        box = (
            polygon_box(deskewed(box_corners(draft.box), -skew, centre))
            if draft.kind is BlockKind.PICTURE or not draft.lines
            else union([polygon_box(ordered[index].polygon) for index in own])
        )
        blocks.append(Block(draft.kind, _on_page(box, width, height), tuple(own), levels.get(number, 0)))
    return ordered, blocks


def assign(placed: Sequence[Placed], found: Sequence[Found], pictures: Sequence[Box]) -> list[_Draft]:
    """Give every line to the block it lies in; lines that lie in none make text blocks of their own.

    A picture that the model sees is believed where the page is known to have one there. Elsewhere there is nothing
    but text, and its lines become text blocks.
    """
    drafts = [_Draft(one.kind, one.box) for one in found if one.kind is not BlockKind.PICTURE]
    frames = [_Draft(BlockKind.PICTURE, box) for box in pictures]
    left: list[Placed] = []
    for line in placed:
        home = _home(line, drafts) or _home(line, frames)
        if home is None:
            left.append(line)
        else:
            home.lines.append(line)
    kept = [draft for draft in drafts if draft.lines] + frames
    return kept + _clusters(left)


def doubt_margins(drafts: Sequence[_Draft], lengths: Sequence[int]) -> None:
    """Make text of page headers below a part of the body, and of page footers above one.

    The date of a letter, below the sender's address, was taken for a page header; those are left out of Markdown.
    """
    body = [draft for draft in drafts if draft.kind not in _MARGINS and draft.kind is not BlockKind.FOOTNOTE]
    for draft in drafts:
        if draft.kind is BlockKind.PAGE_HEADER:
            beyond = [other for other in body if other.box[3] <= draft.box[1]]
        elif draft.kind is BlockKind.PAGE_FOOTER:
            beyond = [other for other in body if other.box[1] >= draft.box[3]]
        else:
            continue
        if sum(lengths[line.number] for other in beyond for line in other.lines) >= _BODY:
            draft.kind = BlockKind.TEXT


def join_rows(drafts: Sequence[_Draft], lengths: Sequence[int]) -> list[_Draft]:
    """Join text blocks that stand side by side and share their rows: a form's labels and what is filled in.

    Two columns of prose share their rows, too: one of the blocks must be of short lines.

    Args:
        drafts: the blocks.
        lengths: characters of each line.
    """
    joined = list(drafts)
    number = 0
    while number < len(joined):
        draft = joined[number]
        partner = next((other for other in joined[number + 1 :] if _share_rows(draft, other, lengths)), None)
        if partner is None:
            number += 1
            continue
        joined.remove(partner)
        draft.kind = BlockKind.TEXT
        draft.lines = draft.lines + partner.lines
        draft.box = union([draft.box, partner.box])
        number = 0
    return joined


def _share_rows(one: _Draft, other: _Draft, lengths: Sequence[int]) -> bool:
    if not {one.kind, other.kind} <= _JOINABLE:
        return False
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    if shared <= 0:
        return False
    usual = sorted((_usual_length(one, lengths), _usual_length(other, lengths)))
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


def _usual_length(draft: _Draft, lengths: Sequence[int]) -> float:
    return statistics.fmean(lengths[line.number] for line in draft.lines) if draft.lines else 0.0


def _piece(draft: _Draft, lengths: Sequence[int]) -> Piece:
    if draft.kind not in _OF_ROWS:
        return Piece(draft.kind, draft.box)
    characters = sum(lengths[line.number] for line in draft.lines)
    return Piece(draft.kind, draft.box, len(draft.lines), characters)


def _home(line: Placed, drafts: Sequence[_Draft]) -> _Draft | None:
    """The block that holds most of a line; of several, the smallest."""
    whole = area(line.box)
    best: _Draft | None = None
    best_rank = (0.0, 0.0)
    for draft in drafts:
        share = overlap(line.box, draft.box) / whole if whole else float(_inside(line.box, draft.box))
        if share >= _BELONGS:
            rank = (round(share, 1), -area(draft.box))
            if best is None or rank > best_rank:
                best, best_rank = draft, rank
    return best


def _inside(box: Box, other: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]


def _clusters(lines: Sequence[Placed]) -> list[_Draft]:
    """Text blocks of lines that follow each other closely and are about as high."""
    drafts: list[_Draft] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        home = next((draft for draft in reversed(drafts) if _follows(line, draft.lines[-1])), None)
        if home is None:
            home = _Draft(BlockKind.TEXT, line.box)
            drafts.append(home)
        home.lines.append(line)
        home.box = union([home.box, line.box])
    return drafts


def _follows(line: Placed, above: Placed) -> bool:
    shared = min(line.box[2], above.box[2]) - max(line.box[0], above.box[0])
    gap = line.box[1] - above.box[3]
    height = min(line.height, above.height)
    return (
        line.upright
        and above.upright
        and shared > 0
        and -0.5 * height < gap < 0.8 * height
        and max(line.height, above.height) < 1.6 * height
    )


def _levels(drafts: Sequence[_Draft]) -> dict[int, int]:
    """Level by block number of titles and section headers: the larger the writing, the higher."""
    levels = {number: 1 for number, draft in enumerate(drafts) if draft.kind is BlockKind.TITLE and draft.lines}
    sizes = {
        number: statistics.median(line.height for line in draft.lines)
        for number, draft in enumerate(drafts)
        if draft.kind is BlockKind.SECTION_HEADER and draft.lines
    }
    level, largest = 1, 0.0
    for number in sorted(sizes, key=lambda number: -sizes[number]):
        if sizes[number] * _SAME_SIZE < largest or not largest:
            level, largest = min(level + 1, _LOWEST_LEVEL), sizes[number]
        levels[number] = level
    return levels


def _real(pictures: Sequence[Box], width: float, height: float) -> list[Box]:
    """Pictures that are neither ornaments nor backgrounds, those that overlap a lot merged."""
    page = width * height
    kept: list[Box] = []
    for box in sorted(pictures, key=area, reverse=True):
        inside = _on_page(box, width, height)
        if not _PICTURE_LEAST * page <= area(inside) <= _PICTURE_MOST * page:
            continue
        for number, other in enumerate(kept):
            if overlap(inside, other) > 0.5 * area(inside):
                kept[number] = union([other, inside])
                break
        else:
            kept.append(inside)
    return kept


def _on_page(box: Box, width: float, height: float) -> Box:
    x0, y0, x1, y1 = box
    return (
        min(width, max(0.0, x0)),
        min(height, max(0.0, y0)),
        min(width, max(0.0, x1)),
        min(height, max(0.0, y1)),
    )
