"""Edits of a page: what a person may change, applied to the page. Nothing here knows of files or windows."""

from __future__ import annotations

from desktop_ocr.schema.edits import (
    AsRecognised,
    DeleteBlocks,
    DeleteLines,
    Edit,
    MergeBlocks,
    MergeLines,
    MoveBlock,
    ReplacePage,
    ReplaceRegion,
    SetKind,
    SetTexts,
    SplitBlock,
    SplitLine,
)
from desktop_ocr.schema.results import BlockKind, PageResult, check_page_result
from desktop_ocr.text import editing_blocks
from desktop_ocr.text.editing_cells import written
from desktop_ocr.text.editing_draft import Draft, refused
from desktop_ocr.text.editing_lines import clean, cut_in_two, joined, with_text
from desktop_ocr.text.editing_region import replace_page, replace_region


def apply(result: PageResult, edit: Edit) -> PageResult:
    """The page with an edit made; it keeps all that `check_page_result` asks for.

    Args:
        result: the page; the edit's indices are its.
        edit: any but `AsRecognised`, which is no change of a page but the choice of another one.

    Raises:
        DesktopOcrError: USAGE, it cannot be made, and why.
    """
    draft = Draft(result)
    match edit:
        case SetTexts():
            _set_texts(draft, edit)
        case SetKind():
            editing_blocks.set_kind(draft, edit)
        case MergeLines():
            _merge_lines(draft, edit)
        case SplitLine():
            _split_line(draft, edit)
        case DeleteLines():
            _delete_lines(draft, edit)
        case DeleteBlocks():
            editing_blocks.delete_blocks(draft, edit)
        case MergeBlocks():
            editing_blocks.merge_blocks(draft, edit)
        case SplitBlock():
            editing_blocks.split_block(draft, edit)
        case MoveBlock():
            editing_blocks.move_block(draft, edit)
        case ReplaceRegion():
            return replace_region(result, edit)
        case ReplacePage():
            return replace_page(result, edit)
        case AsRecognised():
            raise ValueError("the recognised page is not made of this one")
    changed = draft.result()
    check_page_result(changed)
    return changed


def title(edit: Edit) -> str:
    """What an edit is called where it can be undone."""
    match edit:
        case SetTexts():
            return "Change of text"
        case SetKind():
            return "Change of kind"
        case MergeLines():
            return "Merging of lines"
        case SplitLine():
            return "Splitting of a line"
        case DeleteLines(lines):
            return "Deletion of a line" if len(lines) == 1 else "Deletion of lines"
        case DeleteBlocks(blocks):
            return "Deletion of a block" if len(blocks) == 1 else "Deletion of blocks"
        case MergeBlocks():
            return "Merging of blocks"
        case SplitBlock():
            return "Splitting of a block"
        case MoveBlock():
            return "Move of a block"
        case ReplaceRegion():
            return "Another reading of a part"
        case ReplacePage():
            return "Another reading of the page"
        case AsRecognised():
            return "Return to the recognised page"


def _set_texts(draft: Draft, edit: SetTexts) -> None:
    lines = {one.line: with_text(draft.line(one.line), clean(one.text)) for one in edit.lines}
    changed_lines = {number: line for number, line in lines.items() if line is not draft.lines[number]}
    draft.rewrite(changed_lines)
    for number, line in changed_lines.items():
        _set_latex(draft, draft.home(number), line.text)
    for one in edit.cells:
        table = draft.block(one.block).table
        cells = () if table is None else table.cells
        found = next((at for at, cell in enumerate(cells) if (cell.row, cell.column) == (one.row, one.column)), None)
        if found is None:
            raise refused("This cell is not in the table any more.")
        cell, changed = written(cells[found], one.text, draft.lines)
        if changed or cell.text != cells[found].text:
            draft.lines |= changed
            draft.change_cell(one.block, found, cell)


def _set_latex(draft: Draft, number: int, text: str) -> None:
    """What is written as a formula's text takes the place of its LaTeX; between dollar signs, it is LaTeX."""
    block = draft.blocks[number]
    if block.kind is BlockKind.FORMULA:
        between = text.strip()
        is_latex = len(between) > 2 and between[0] == between[-1] == "$"
        latex = between.strip("$").strip() if is_latex else ""
        if latex != block.latex:
            draft.change_block(number, latex=latex)


def _merge_lines(draft: Draft, edit: MergeLines) -> None:
    wanted = set(edit.lines)
    homes = {(draft.home(number), draft.cell_at(number)) for number in wanted}
    if len(wanted) < 2:
        raise refused("Choose two lines or more to merge them.")
    if len({block for block, _ in homes}) > 1:
        raise refused("Only lines of one block can be merged.", "Merge the blocks first.")
    if len(homes) > 1:
        raise refused("Only lines of one cell can be merged.")
    ((home, _),) = homes
    first, *others = [number for number in draft.blocks[home].lines if number in wanted]
    line = joined([draft.lines[number] for number in (first, *others)])
    draft.drop_lines(others)
    draft.rewrite({first: line})


def _split_line(draft: Draft, edit: SplitLine) -> None:
    before, after = cut_in_two(draft.line(edit.line), edit.at)
    draft.lines[edit.line] = before
    draft.insert_line(after, edit.line)


def _delete_lines(draft: Draft, edit: DeleteLines) -> None:
    homes = [draft.home(number) for number in edit.lines]
    draft.drop_lines(edit.lines)
    draft.drop_if_empty(homes)
