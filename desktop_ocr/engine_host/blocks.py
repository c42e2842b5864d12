"""From lines and the layout model's boxes to blocks: every line ends in exactly one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from desktop_ocr.engine_host import captions, code, footnotes, formulas, headings, lists, margins
from desktop_ocr.engine_host.drafts import Draft, Sheet, assign
from desktop_ocr.engine_host.features.merging import merge
from desktop_ocr.engine_host.forms import join_rows
from desktop_ocr.engine_host.geometry import (
    Found,
    across,
    area,
    box_corners,
    deskewed,
    mirrored,
    overlap,
    page_skew,
    place,
    union,
)
from desktop_ocr.engine_host.reading_order import Piece, is_rtl, order_blocks, order_lines
from desktop_ocr.engine_host.words import is_spaceless
from desktop_ocr.schema.results import Block, BlockKind, Box, Line, polygon_box

if TYPE_CHECKING:
    from desktop_ocr.engine_host.features.interfaces import Region

_PICTURE_LEAST = 0.005
_PICTURE_MOST = 0.9
"""Shares of the page: smaller pictures are ornaments, larger ones backgrounds."""
_OF_ROWS = frozenset({BlockKind.TEXT, BlockKind.SECTION_HEADER, BlockKind.LIST_ITEM})
_FIGURES = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.SEAL})
"""Their place is what was seen, not where their lines are."""


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
    sheet = Sheet.of(lines, placed, width, height)
    found = finder.find(lines, width, height, dpi, skew=skew, pictures=pictures, rulings=rulings)
    known = [_straight(box, skew, centre) for box in _real(pictures, width, height)]
    seen = [type(one)(one.kind, _straight(one.box, skew, centre), one.score) for one in regions]
    drafts = merge(assign(placed, found, known), sheet, seen)
    drafts = margins.set_apart(drafts, sheet, seen)
    drafts = code.set_apart(drafts, sheet)
    drafts = formulas.join_pieces(drafts, sheet)
    formulas.mark(drafts, sheet, seen)
    drafts = lists.join_markers(drafts, sheet)
    lists.mark(drafts, sheet)
    headings.mark(drafts, sheet, seen)
    footnotes.mark(drafts, sheet)
    captions.mark(drafts, sheet)
    drafts = join_rows(drafts, sheet.lengths)
    belongs = captions.targets(drafts, sheet)
    order = _order(drafts, sheet, captions.groups(drafts, belongs))
    levels = headings.levels(drafts, sheet)

    ordered: list[Line] = []
    blocks: list[Block] = []
    places = {number: place for place, number in enumerate(order)}
    for number in order:
        draft = drafts[number]
        first = len(ordered)
        ordered += [lines[index] for index in order_lines(draft.lines, lambda index: lines[index].text)]
        own = range(first, len(ordered))
        box = (
            _straight(draft.box, -skew, centre)
            if draft.kind in _FIGURES or not draft.lines
            else union([polygon_box(ordered[index].polygon) for index in own])
        )
        target = places[belongs[number]] if number in belongs else None
        blocks.append(
            Block(
                draft.kind,
                _on_page(box, width, height),
                tuple(own),
                levels.get(number, 0),
                caption_of=target,
            )
        )
    return ordered, blocks


def _order(drafts: Sequence[Draft], sheet: Sheet, groups: Sequence[Sequence[int]]) -> list[int]:
    """Numbers of blocks in reading order; those of a group follow each other.

    A page of vertical writing, or of writing from right to left, is ordered as if it ran the usual way.
    """
    turn = _turn(sheet)
    pieces = [_piece([drafts[number] for number in group], sheet.lengths) for group in groups]
    if turn is not None:
        pieces = [piece._replace(box=turn(piece.box)) for piece in pieces]
    return [number for index in order_blocks(pieces, sheet.line_height) for number in groups[index]]


def _turn(sheet: Sheet) -> Callable[[Box], Box] | None:
    """How boxes are to be turned so that the page's writing runs from left to right; None where it does."""
    total = sum(sheet.lengths)
    downwards = sum(
        sheet.lengths[line.number]
        for line in sheet.placed
        if not line.upright and any(map(is_spaceless, sheet.text(line)))
    )
    if downwards * 2 > total:
        return across
    backwards = sum(sheet.lengths[line.number] for line in sheet.placed if is_rtl(sheet.text(line)))
    return mirrored if backwards * 2 > total else None


def _straight(box: Box, skew: float, centre: tuple[float, float]) -> Box:
    """The box around a box with the page's skew taken out."""
    return polygon_box(deskewed(box_corners(box), skew, centre))


def _piece(group: Sequence[Draft], lengths: Sequence[int]) -> Piece:
    box = union([draft.box for draft in group])
    kind = group[0].kind if len(group) == 1 else BlockKind.PICTURE
    if kind not in _OF_ROWS:
        return Piece(kind, box)
    draft = group[0]
    return Piece(kind, box, len(draft.lines), sum(lengths[line.number] for line in draft.lines))


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
