"""Another reading of a page, or of a part of it, in the place of what stands there."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop_ocr.schema.edits import ReplacePage, ReplaceRegion
from desktop_ocr.schema.results import Block, Box, PageResult, check_page_result, polygon_box
from desktop_ocr.text.editing_draft import Draft, is_empty, refused
from desktop_ocr.text.editing_geometry import union

_MOSTLY = 0.8  # of a block's area: so much of it lies in a box that all of it does


def replace_page(result: PageResult, edit: ReplacePage) -> PageResult:
    """See `ReplacePage`.

    Raises:
        DesktopOcrError: USAGE, it is no page, or is not finished.
    """
    _check(edit.page)
    if edit.page.pending:
        raise refused("This reading of the page is not finished.")
    return msgspec.structs.replace(edit.page, page=result.page)


def replace_region(result: PageResult, edit: ReplaceRegion) -> PageResult:
    """See `ReplaceRegion`. A paragraph of which only the middle goes is parted, so that the order stays right.

    Raises:
        DesktopOcrError: USAGE, the part is none of a page.
    """
    _check(edit.part)
    draft = Draft(result)
    gone = {number for number, line in draft.lines.items() if _holds(edit.box, _middle(polygon_box(line.polygon)))}
    place = _cleared(draft, edit.box, gone)
    if place is None:
        place = _fitting([draft.blocks[number].box for number in draft.order], _around(edit.part, edit.box))
    draft.inherit(_insert(draft, edit.part, place))
    changed = msgspec.structs.replace(draft.result(), models=tuple(dict.fromkeys((*result.models, *edit.part.models))))
    check_page_result(changed)
    return changed


def _cleared(draft: Draft, box: Box, gone: set[int]) -> int | None:
    """Take away what lies in the box; where in the reading order it stood, or None where there was nothing."""
    homes = {draft.home(number) for number in gone}
    empty = {
        number
        for number, block in draft.blocks.items()
        if gone.issuperset(block.lines) and _lies_in(block.box, box) and (number in homes or not block.lines)
    }
    touched = [number for number in draft.order if number in homes or number in empty]
    if not touched:
        return None
    leader = touched[0]
    own = draft.blocks[leader].lines
    ahead = 0
    while ahead < len(own) and own[ahead] not in gone:
        ahead += 1
    draft.drop_lines(gone)
    rest = draft.blocks[leader].lines
    if leader not in empty and 0 < ahead < len(rest):
        _part(draft, leader, ahead)
    place = draft.order.index(leader) + (leader not in empty and ahead > 0)
    for number in empty:
        place -= draft.order.index(number) < place
        draft.drop_block(number)
    for number in homes - empty:
        if is_empty(draft.blocks[number]):
            place -= draft.order.index(number) < place
            draft.drop_block(number)
    return place


def _part(draft: Draft, number: int, ahead: int) -> None:
    """Make two blocks of one, unless it has cells."""
    block = draft.blocks[number]
    if block.table is not None:
        return
    before, after = block.lines[:ahead], block.lines[ahead:]

    def box(lines: Sequence[int]) -> Box:
        return union(polygon_box(draft.lines[index].polygon) for index in lines)

    rest = Block(block.kind, box(after), level=block.level, human=True)
    draft.change_block(number, box=box(before), lines=before)
    draft.own_lines(draft.add_block(rest, draft.order.index(number) + 1), after)


def _insert(draft: Draft, part: PageResult, place: int) -> list[int]:
    """Add the blocks of another reading, at a place in the reading order; their numbers."""
    lines = draft.add_lines(part.lines)
    numbers = []
    for offset, block in enumerate(part.blocks):
        table = block.table
        if table is not None:
            cells = tuple(
                msgspec.structs.replace(cell, lines=tuple(lines[index] for index in cell.lines)) for cell in table.cells
            )
            table = msgspec.structs.replace(table, cells=cells)
        own = tuple(lines[index] for index in block.lines)
        moved = msgspec.structs.replace(block, lines=own, table=table, caption_of=None)
        numbers.append(draft.add_block(moved, place + offset))
    for number, block in zip(numbers, part.blocks, strict=True):
        if block.caption_of is not None:
            whose = numbers[block.caption_of]
            draft.blocks[number] = msgspec.structs.replace(draft.blocks[number], caption_of=whose)
    return numbers


def _fitting(boxes: Sequence[Box], box: Box) -> int:
    """Where a new box comes among boxes in reading order: behind the last one above it, of its column if there is."""
    beside = [at for at, other in enumerate(boxes) if min(other[2], box[2]) > max(other[0], box[0])]
    above = [at for at in beside if _middle(boxes[at])[1] <= _middle(box)[1]]
    if above:
        return above[-1] + 1
    if beside:
        return beside[0]
    higher = [at for at, other in enumerate(boxes) if _middle(other)[1] <= _middle(box)[1]]
    return higher[-1] + 1 if higher else 0


def _around(part: PageResult, box: Box) -> Box:
    return union(block.box for block in part.blocks) if part.blocks else box


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _lies_in(inner: Box, outer: Box) -> bool:
    """Whether a box lies in another, but for a little."""
    if not _holds(outer, _middle(inner)):
        return False
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return area <= 0 or width * height >= _MOSTLY * area


def _check(result: PageResult) -> None:
    try:
        check_page_result(result)
    except ValueError as error:
        raise refused(f"This reading cannot be taken: {error}.") from error
