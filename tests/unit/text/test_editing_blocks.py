"""Edits of blocks, one by one: kinds, order, captions; and other readings of a page."""

from __future__ import annotations

import msgspec

from desktop_ocr.schema.edits import (
    DeleteBlocks,
    DeleteLines,
    LineText,
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
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.results import (
    BlockKind,
    Cell,
    PageResult,
    Table,
)
from desktop_ocr.text.editing import apply
from tests.unit.text.small_pages import TEXT, cells, page, refusal, table, texts

# --- blocks -------------------------------------------------------------------------------------------------


def test_a_kind_changes_and_what_belongs_to_the_old_one_goes() -> None:
    made = apply(TEXT, SetKind(1, BlockKind.SECTION_HEADER))
    assert (made.blocks[1].kind, made.blocks[1].level, made.blocks[1].human) == (BlockKind.SECTION_HEADER, 2, True)
    made = apply(made, SetKind(1, BlockKind.TITLE, 4))
    assert made.blocks[1].level == 4
    assert apply(made, SetKind(1, BlockKind.SECTION_HEADER)).blocks[1].level == 4
    assert apply(made, SetKind(1, BlockKind.TEXT, 4)).blocks[1].level == 0
    plain = apply(table(), SetKind(0, BlockKind.TEXT))
    assert plain.blocks[0].table is None
    assert len(plain.blocks[0].lines) == 5
    assert apply(table(), SetKind(0, BlockKind.CHART)).blocks[0].table is not None
    assert apply(TEXT, SetKind(1, BlockKind.TEXT)) == TEXT


def test_a_new_caption_belongs_to_the_nearer_figure_beside_it() -> None:
    made = page((BlockKind.PICTURE, ["a"]), (BlockKind.TEXT, ["Figure"]), (BlockKind.TABLE, ["b"]))
    far = msgspec.structs.replace(made.blocks[0], box=(0, -90, 500, -50))
    captioned = apply(msgspec.structs.replace(made, blocks=(far, *made.blocks[1:])), SetKind(1, BlockKind.CAPTION))
    assert captioned.blocks[1].caption_of == 2
    plain = apply(captioned, SetKind(1, BlockKind.TEXT))
    assert plain.blocks[1].caption_of is None
    assert apply(TEXT, SetKind(1, BlockKind.CAPTION)).blocks[1].caption_of is None


def test_blocks_go_with_their_lines() -> None:
    made = apply(table(), DeleteBlocks((0,)))
    assert texts(made) == [["Table 1"]]
    assert made.blocks[0].caption_of is None
    assert apply(TEXT, DeleteBlocks((1, 0, 1))).blocks == ()


def test_blocks_are_merged_into_the_first() -> None:
    made = apply(TEXT, MergeBlocks((1, 0)))
    assert texts(made) == [["A title", "the quick brown", "fox jumps", "over"]]
    assert (made.blocks[0].kind, made.blocks[0].box) == (BlockKind.TITLE, (0, 0, 500, 110))
    assert "two blocks" in refusal(TEXT, MergeBlocks((1,)))
    assert "tables" in refusal(table(), MergeBlocks((0, 1)))


def test_captions_follow_what_they_belong_to() -> None:
    made = page((BlockKind.PICTURE, []), (BlockKind.PICTURE, ["b"]), (BlockKind.CAPTION, ["Figure"]))
    blocks = (*made.blocks[:2], msgspec.structs.replace(made.blocks[2], caption_of=1))
    made = msgspec.structs.replace(made, blocks=blocks)
    merged = apply(made, MergeBlocks((0, 1)))
    assert merged.blocks[1].caption_of == 0
    assert apply(made, MoveBlock(1, 0)).blocks[2].caption_of == 0
    assert apply(made, MoveBlock(2, 0)).blocks[0].caption_of == 2


def test_tables_are_set_below_each_other() -> None:
    one = table()
    first = one.blocks[0]
    assert first.table is not None
    second = msgspec.structs.replace(
        first,
        lines=(5,),
        table=Table(1, 2, (Cell(0, 0, "Table 1", (5,)), Cell(0, 1))),
    )
    made = apply(msgspec.structs.replace(one, blocks=(first, second)), MergeBlocks((0, 1)))
    assert made.blocks[0].table is not None
    assert (made.blocks[0].table.rows, cells(made)[4]) == (3, "Table 1")


def test_a_block_is_split_before_a_line() -> None:
    made = apply(TEXT, SplitBlock(2))
    assert texts(made) == [["A title"], ["the quick brown"], ["fox jumps", "over"]]
    assert made.blocks[2].box == (0, 60, 90, 110)
    assert "begins with" in refusal(TEXT, SplitBlock(1))
    assert "cells" in refusal(table(), SplitBlock(2))
    picture = apply(page((BlockKind.PICTURE, ["label", "other"])), SplitBlock(1))
    assert [block.kind for block in picture.blocks] == [BlockKind.PICTURE, BlockKind.TEXT]
    assert picture.blocks[0].box == (0, 0, 500, 50)


def test_a_block_is_moved() -> None:
    assert texts(apply(TEXT, MoveBlock(1, 0)))[1] == ["A title"]
    assert apply(TEXT, MoveBlock(1, 1)) == TEXT
    assert "no such place" in refusal(TEXT, MoveBlock(1, 2))


def test_what_is_not_there_is_named() -> None:
    for edit in (
        SetTexts((LineText(9, "x"),)),
        SplitLine(9, 1),
        DeleteLines((9,)),
        MergeLines((1, 9)),
        SplitBlock(9),
    ):
        assert refusal(TEXT, edit) == "This line is not on the page any more."
    for edit in (SetKind(9, BlockKind.TEXT), DeleteBlocks((9,)), MergeBlocks((0, 9)), MoveBlock(9, 0)):
        assert refusal(TEXT, edit) == "This block is not on the page any more."


# --- other readings -----------------------------------------------------------------------------------------


def test_another_reading_takes_the_place_of_a_part() -> None:
    read = page((BlockKind.TEXT, ["FOX JUMPS"]))
    made = apply(TEXT, ReplaceRegion((0, 55, 600, 85), read))
    assert texts(made) == [["A title"], ["the quick brown"], ["FOX JUMPS"], ["over"]]
    whole = apply(TEXT, ReplaceRegion((0, 0, 600, 800), read))
    assert texts(whole) == [["FOX JUMPS"]]
    first = apply(TEXT, ReplaceRegion((0, 25, 600, 55), read))
    assert texts(first) == [["A title"], ["FOX JUMPS"], ["fox jumps", "over"]]
    last = apply(TEXT, ReplaceRegion((0, 85, 600, 200), read))
    assert texts(last) == [["A title"], ["the quick brown", "fox jumps"], ["FOX JUMPS"]]
    nothing = apply(TEXT, ReplaceRegion((0, 0, 600, 22), page()))
    assert texts(nothing) == [["the quick brown", "fox jumps", "over"]]


def test_a_part_where_nothing_was_comes_in_by_its_place() -> None:
    read = page((BlockKind.TEXT, ["new"]))

    def at(y: float) -> PageResult:
        blocks = (msgspec.structs.replace(read.blocks[0], box=(0, y, 90, y + 20)),)
        return msgspec.structs.replace(read, blocks=blocks)

    assert texts(apply(TEXT, ReplaceRegion((0, 300, 600, 330), at(300))))[-1] == ["new"]
    assert texts(apply(TEXT, ReplaceRegion((0, 21, 600, 24), at(14))))[1] == ["new"]
    assert texts(apply(page(), ReplaceRegion((0, 0, 9, 9), at(1)))) == [["new"]]


def test_a_part_of_a_table_leaves_its_cells() -> None:
    made = apply(table(), ReplaceRegion((0, 85, 600, 110), page((BlockKind.TEXT, ["9"]))))
    assert cells(made) == ["Price in EUR\nper piece", "", "", "3"]
    assert texts(made)[1] == ["9"]


def test_captions_of_a_part_are_its_own() -> None:
    made = apply(TEXT, ReplaceRegion((0, 55, 600, 85), table()))
    caption = next(block for block in made.blocks if block.kind is BlockKind.CAPTION)
    assert caption.caption_of is not None
    assert made.blocks[caption.caption_of].kind is BlockKind.TABLE


def test_a_caption_is_that_of_the_same_thing_read_again_and_of_no_other() -> None:
    made = page((BlockKind.CAPTION, ["Figure 1"]), (BlockKind.PICTURE, ["label"]))
    captioned = msgspec.structs.replace(made.blocks[0], caption_of=1)
    made = msgspec.structs.replace(made, blocks=(captioned, made.blocks[1]))
    again = apply(made, ReplaceRegion((0, 25, 600, 60), page((BlockKind.TEXT, ["text"]), (BlockKind.PICTURE, []))))
    assert [(block.kind, block.caption_of) for block in again.blocks] == [
        (BlockKind.CAPTION, 2),
        (BlockKind.TEXT, None),
        (BlockKind.PICTURE, None),
    ]
    other = apply(made, ReplaceRegion((0, 25, 600, 60), page((BlockKind.TEXT, ["text"]))))
    assert [block.caption_of for block in other.blocks] == [None, None]


def test_another_reading_of_the_page() -> None:
    read = msgspec.structs.replace(table(), page=0)
    assert apply(TEXT, ReplacePage(read)) == msgspec.structs.replace(read, page=3)
    unfinished = msgspec.structs.replace(read, pending=(Feature.FORMULAS,))
    assert "not finished" in refusal(TEXT, ReplacePage(unfinished))
    broken = msgspec.structs.replace(read, blocks=())
    assert "cannot be taken" in refusal(TEXT, ReplacePage(broken))
    assert "cannot be taken" in refusal(TEXT, ReplaceRegion((0, 0, 9, 9), broken))
