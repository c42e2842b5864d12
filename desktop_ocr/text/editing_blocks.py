"""Blocks of another kind, merged, split, moved, taken away."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop_ocr.schema.edits import DeleteBlocks, MergeBlocks, MoveBlock, SetKind, SplitBlock
from desktop_ocr.schema.results import MOST_ROWS, Block, BlockKind, Table, polygon_box
from desktop_ocr.text.editing_draft import SEEN, Draft, refused
from desktop_ocr.text.editing_geometry import union

WITH_CELLS = frozenset({BlockKind.TABLE, BlockKind.CHART})
CAPTIONED = frozenset({BlockKind.PICTURE, BlockKind.CHART, BlockKind.TABLE})
_LEVELS = {BlockKind.TITLE: 1, BlockKind.SECTION_HEADER: 2}
"""Of headings that nobody has given a level."""


def set_kind(draft: Draft, edit: SetKind) -> None:
    """See `SetKind`. A formula's LaTeX goes with the kind, too; a caption belongs to the figure beside it."""
    block, kind = draft.block(edit.block), edit.kind
    level = 0
    if kind in _LEVELS:
        level = edit.level or (block.level if block.kind in _LEVELS else 0) or _LEVELS[kind]
    changed = msgspec.structs.replace(
        block,
        kind=kind,
        level=level,
        table=block.table if kind in WITH_CELLS else None,
        latex=block.latex if kind is BlockKind.FORMULA else "",
        caption_of=block.caption_of if kind is BlockKind.CAPTION else None,
    )
    if changed == block:
        return
    if kind is BlockKind.CAPTION and changed.caption_of is None:
        changed = msgspec.structs.replace(changed, caption_of=_beside(draft, edit.block))
    draft.blocks[edit.block] = msgspec.structs.replace(changed, human=True)


def delete_blocks(draft: Draft, edit: DeleteBlocks) -> None:
    """See `DeleteBlocks`."""
    blocks = [(number, draft.block(number)) for number in dict.fromkeys(edit.blocks)]
    draft.drop_lines([index for _, block in blocks for index in block.lines])
    for number, _ in blocks:
        draft.drop_block(number)


def merge_blocks(draft: Draft, edit: MergeBlocks) -> None:
    """See `MergeBlocks`; the first one is that in the reading order. Tables are set below each other."""
    numbers = sorted(set(edit.blocks), key=lambda number: draft.order.index(number) if number in draft.order else -1)
    blocks = [draft.block(number) for number in numbers]
    if len(blocks) < 2:
        raise refused("Choose two blocks or more to merge them.")
    first, *others = numbers
    table = _stacked(blocks)
    draft.change_block(
        first,
        box=union(block.box for block in blocks),
        table=table,
        latex=r" \quad ".join(block.latex for block in blocks if block.latex)
        if blocks[0].kind is BlockKind.FORMULA
        else "",
    )
    draft.own_lines(first, [index for block in blocks for index in block.lines])
    for number in others:
        draft.drop_block(number, heir=first)


def split_block(draft: Draft, edit: SplitBlock) -> None:
    """See `SplitBlock`. What is split off a picture is text; the picture stays whole."""
    number = draft.home(edit.line)
    block = draft.blocks[number]
    if block.table is not None:
        raise refused("A block with cells cannot be split.", "Make it text first.")
    at = block.lines.index(edit.line)
    if at == 0:
        raise refused("The block begins with this line already.", "Choose a line within it.")
    before, after = block.lines[:at], block.lines[at:]

    def box(lines: Sequence[int]) -> tuple[float, float, float, float]:
        return union(polygon_box(draft.lines[index].polygon) for index in lines)

    seen = block.kind in SEEN
    rest = Block(BlockKind.TEXT if seen else block.kind, box(after), level=block.level, human=True)
    draft.change_block(number, box=block.box if seen else box(before), lines=before)
    draft.own_lines(draft.add_block(rest, draft.order.index(number) + 1), after)


def move_block(draft: Draft, edit: MoveBlock) -> None:
    """See `MoveBlock`."""
    draft.block(edit.block)
    if edit.to >= len(draft.order):
        raise refused("There is no such place in the reading order.")
    if draft.order[edit.to] == edit.block:
        return
    draft.order.remove(edit.block)
    draft.order.insert(edit.to, edit.block)
    draft.change_block(edit.block)


def _beside(draft: Draft, number: int) -> int | None:
    """What a new caption belongs to: the picture, chart or table next to it that has none, the nearer of two."""
    taken = {block.caption_of for block in draft.blocks.values()}
    at, (_, top, _, bottom) = draft.order.index(number), draft.blocks[number].box
    gaps = {}
    for other in (*draft.order[max(0, at - 1) : at], *draft.order[at + 1 : at + 2]):
        block = draft.blocks[other]
        if block.kind in CAPTIONED and other not in taken:
            gaps[other] = max(block.box[1] - bottom, top - block.box[3])
    return min(gaps, key=lambda other: gaps[other], default=None)


def _stacked(blocks: Sequence[Block]) -> Table | None:
    """One table of several, below each other.

    Raises:
        DesktopOcrError: USAGE, they do not go together.
    """
    tables = [block.table for block in blocks if block.table is not None]
    if not tables:
        return None
    if len(tables) < len(blocks) or len({table.columns for table in tables}) > 1:
        raise refused("Only tables with equally many columns can be merged with a table.", "Make the table text first.")
    holding = {
        any(cell.lines for cell in table.cells) for table, block in zip(tables, blocks, strict=True) if block.lines
    }
    if len(holding) > 1:
        raise refused("A table of the page cannot be merged with one that was read off a chart.")
    rows, cells = 0, []
    for table in tables:
        cells += [msgspec.structs.replace(cell, row=cell.row + rows) for cell in table.cells]
        rows += table.rows
    if rows > MOST_ROWS:
        raise refused("The table would have too many rows.")
    return Table(rows, tables[0].columns, tuple(cells), tables[0].source)
