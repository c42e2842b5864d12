"""Edits of a page, one by one: what becomes of text, words, cells, blocks and their order."""

from __future__ import annotations

import msgspec
import pytest

from desktop_ocr.schema.edits import (
    CellText,
    DeleteBlocks,
    DeleteLines,
    Edit,
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
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import Feature
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    Word,
    box_polygon,
    polygon_box,
)
from desktop_ocr.text.editing import apply
from desktop_ocr.text.markdown import markdown


def line(text: str, box: Box) -> Line:
    """A line each of whose characters is equally wide; right-to-left words stand from the right."""
    x0, y0, x1, y1 = box
    step, at, words = (x1 - x0) / max(1, len(text)), 0, []
    for word in text.split():
        at = text.index(word, at)
        start, end = x0 + at * step, x0 + (at + len(word)) * step
        if "\u0590" < text[0] < "\u0700":
            start, end = x0 + x1 - end, x0 + x1 - start
        words.append(Word(word, box_polygon((start, y0, end, y1)), 0.6))
        at += len(word)
    return Line(text, box_polygon(box), 0.6, tuple(words))


def page(*blocks: tuple[BlockKind, list[str]]) -> PageResult:
    """Lines below each other, ten pixels a character, twenty high."""
    lines: list[Line] = []
    made: list[Block] = []
    for kind, texts in blocks:
        first = len(lines)
        for text in texts:
            y = len(lines) * 30.0
            lines.append(line(text, (0, y, 10.0 * len(text), y + 20)))
        box = (0.0, first * 30.0, 500.0, len(lines) * 30.0 - 10)
        made.append(Block(kind, box, tuple(range(first, len(lines)))))
    return PageResult(3, 600, 800, 100, 0, PageSource.RECOGNISED, tuple(lines), tuple(made))


TEXT = page((BlockKind.TITLE, ["A title"]), (BlockKind.TEXT, ["the quick brown", "fox jumps", "over"]))


def table() -> PageResult:
    """Two columns; the first cell has two rows of text, the upper one of two lines."""
    texts = ["Price", "in EUR", "per piece", "12", "3"]
    made = page((BlockKind.TABLE, texts), (BlockKind.CAPTION, ["Table 1"]))
    cells = (
        Cell(0, 0, "Price in EUR\nper piece", (0, 1, 2)),
        Cell(0, 1, "12", (3,)),
        Cell(1, 0, "", ()),
        Cell(1, 1, "3", (4,)),
    )
    first, second = made.blocks
    blocks = (
        msgspec.structs.replace(first, table=Table(2, 2, cells)),
        msgspec.structs.replace(second, caption_of=0),
    )
    return msgspec.structs.replace(made, blocks=blocks)


def texts(made: PageResult) -> list[list[str]]:
    return [[made.lines[index].text for index in block.lines] for block in made.blocks]


def spans(of: Line) -> list[tuple[str, int, int]]:
    return [(word.text, *(round(polygon_box(word.polygon)[side]) for side in (0, 2))) for word in of.words]


def cells(made: PageResult, block: int = 0) -> list[str]:
    of = made.blocks[block].table
    assert of is not None
    return [cell.text for cell in of.cells]


def refusal(made: PageResult, edit: Edit) -> str:
    with pytest.raises(DesktopOcrError) as caught:
        apply(made, edit)
    assert caught.value.code is ErrorCode.USAGE
    return caught.value.info.message


def retyped(text: str, index: int = 1) -> Line:
    made = apply(TEXT, SetTexts((LineText(index, text),)))
    assert made.blocks == TEXT.blocks
    assert [one for at, one in enumerate(made.lines) if at != index] == [
        one for at, one in enumerate(TEXT.lines) if at != index
    ]
    return made.lines[index]


# --- texts --------------------------------------------------------------------------------------------------


def test_words_that_stay_keep_their_places() -> None:
    made = retyped("the quick brawn")
    assert (made.text, made.human, made.confidence) == ("the quick brawn", True, 1.0)
    assert spans(made) == [("the", 0, 30), ("quick", 40, 90), ("brawn", 100, 150)]
    assert {word.confidence for word in made.words} == {1.0}
    assert spans(retyped("the brown")) == [("the", 0, 30), ("brown", 100, 150)]


def test_words_that_come_for_others_share_their_place() -> None:
    assert spans(retyped("the quickly made brown")) == [("the", 0, 30), ("quickly", 40, 69), ("made", 73, 90),
                                                       ("brown", 100, 150)]  # fmt: skip
    assert spans(retyped("the quickbrown")) == [("the", 0, 30), ("quickbrown", 40, 150)]


def test_a_word_that_comes_in_between_does_not_change_the_order() -> None:
    made = retyped("the very quick brown")
    starts = [start for _, start, _ in spans(made)]
    assert starts == sorted(starts)
    assert spans(made)[2:] == [("quick", 40, 90), ("brown", 100, 150)]
    assert all(end > start for _, start, end in spans(made))
    assert spans(retyped("the quick brown!"))[:2] == [("the", 0, 30), ("quick", 40, 90)]


def test_a_line_is_emptied_and_written_again() -> None:
    empty = retyped("")
    assert (empty.text, empty.words, empty.human) == ("", (), True)
    made = apply(TEXT, SetTexts((LineText(1, ""),)))
    again = apply(made, SetTexts((LineText(1, "all new"),))).lines[1]
    assert spans(again) == [("all", 0, 64), ("new", 86, 150)]


def test_the_same_text_is_no_change() -> None:
    assert apply(TEXT, SetTexts((LineText(1, " the quick brown\n"),))) == TEXT


def test_what_no_file_can_hold_is_not_taken() -> None:
    assert retyped("a\x00b\tc\ud800\nd\u2028e").text == "ab c d e"
    assert "too long" in refusal(TEXT, SetTexts((LineText(1, "x" * 200_000),)))


def test_scripts_without_spaces_and_those_from_the_right() -> None:
    made = page((BlockKind.TEXT, ["字符識別 ABC", "שלום עולם טוב"]))
    one = apply(made, SetTexts((LineText(0, "字符識別ABC字"), LineText(1, "שלום לכל טוב"))))
    assert [word.text for word in one.lines[0].words] == ["字符識別", "ABC", "字"]
    assert spans(one.lines[1]) == [("שלום", 90, 130), ("לכל", 40, 80), ("טוב", 0, 30)]
    none = apply(made, SetTexts((LineText(1, ""),)))
    again = apply(none, SetTexts((LineText(1, "שלום עולם"),))).lines[1]
    assert spans(again)[0][1] > spans(again)[1][1]


def test_a_line_without_words_gets_none() -> None:
    made = msgspec.structs.replace(TEXT, lines=tuple(msgspec.structs.replace(one, words=()) for one in TEXT.lines))
    assert apply(made, SetTexts((LineText(1, "other"),))).lines[1].words == ()


def test_long_lines_are_compared_in_time() -> None:
    long = page((BlockKind.TEXT, ["a b " * 2_000]))
    assert len(apply(long, SetTexts((LineText(0, "b a c " * 2_000),))).lines[0].words) == 6_000


def test_what_is_written_for_a_formula_takes_the_place_of_its_latex() -> None:
    made = page((BlockKind.FORMULA, ["E = rnc2"]))
    made = msgspec.structs.replace(made, blocks=(msgspec.structs.replace(made.blocks[0], latex="E = mc^2"),))
    text = apply(made, SetTexts((LineText(0, "E = mc2"),)))
    assert (markdown(text), text.blocks[0].latex) == ("E = mc2", "")
    latex = apply(made, SetTexts((LineText(0, "$E = m c^{2}$"),)))
    assert markdown(latex) == "$$\nE = m c^{2}\n$$"
    assert apply(text, SetTexts((LineText(0, "$x$"),))).blocks[0].latex == "x"


# --- cells --------------------------------------------------------------------------------------------------


def test_a_line_changes_its_cell() -> None:
    made = apply(table(), SetTexts((LineText(1, "in USD"), LineText(4, ""))))
    assert cells(made) == ["Price in USD\nper piece", "12", "", ""]
    assert made.blocks[0].table is not None
    assert [cell.human for cell in made.blocks[0].table.cells] == [True, False, False, True]


def test_a_cell_changes_its_lines() -> None:
    made = apply(table(), SetTexts(cells=(CellText(0, 0, 0, "Price in EUR\neach"), CellText(0, 0, 1, "15"))))
    assert [one.text for one in made.lines[:5]] == ["Price", "in EUR", "each", "15", "3"]
    assert cells(made)[:2] == ["Price in EUR\neach", "15"]
    more = apply(table(), SetTexts(cells=(CellText(0, 0, 0, "one\ntwo\nthree"),)))
    assert [one.text for one in more.lines[:3]] == ["one", "", "two three"]
    assert cells(more)[0] == "one\ntwo\nthree"
    less = apply(table(), SetTexts(cells=(CellText(0, 0, 0, ""),)))
    assert [one.text for one in less.lines[:3]] == ["", "", ""]
    assert cells(less)[0] == ""


def test_a_cell_without_lines_is_written_in() -> None:
    made = apply(table(), SetTexts(cells=(CellText(0, 1, 0, "new"),)))
    assert cells(made)[2] == "new"
    assert "new" in markdown(made)
    assert "not in the table" in refusal(table(), SetTexts(cells=(CellText(0, 5, 0, "new"),)))
    assert "not in the table" in refusal(TEXT, SetTexts(cells=(CellText(0, 0, 0, "new"),)))


# --- lines --------------------------------------------------------------------------------------------------


def test_lines_are_merged_in_reading_order() -> None:
    made = apply(TEXT, MergeLines((2, 1)))
    assert texts(made) == [["A title"], ["the quick brown fox jumps", "over"]]
    merged = made.lines[1]
    assert (merged.human, merged.confidence) == (True, 1.0)
    assert polygon_box(merged.polygon) == (0, 30, 150, 80)
    assert [word.text for word in merged.words] == ["the", "quick", "brown", "fox", "jumps"]
    assert made.blocks[1].human
    chinese = apply(page((BlockKind.TEXT, ["字符", "識別"])), MergeLines((0, 1)))
    assert chinese.lines[0].text == "字符識別"


def test_lines_of_two_blocks_or_cells_are_not_merged() -> None:
    assert "one block" in refusal(TEXT, MergeLines((0, 1)))
    assert "one cell" in refusal(table(), MergeLines((0, 3)))
    assert "two lines" in refusal(TEXT, MergeLines((1, 1)))
    assert cells(apply(table(), MergeLines((0, 1, 2))))[0] == "Price in EUR per piece"


def test_a_line_is_split_between_words_and_within_one() -> None:
    made = apply(TEXT, SplitLine(1, 9))
    assert texts(made)[1] == ["the quick", "brown", "fox jumps", "over"]
    assert [polygon_box(one.polygon)[0::2] for one in made.lines[1:3]] == [(0, 95), (95, 150)]
    assert spans(made.lines[2]) == [("brown", 100, 150)]
    within = apply(TEXT, SplitLine(1, 6))
    assert [spans(one) for one in within.lines[1:3]] == [
        [("the", 0, 30), ("qu", 40, 60)],
        [("ick", 60, 90), ("brown", 100, 150)],
    ]
    backwards = apply(page((BlockKind.TEXT, ["שלום עולם"])), SplitLine(0, 4))
    assert [polygon_box(one.polygon)[0::2] for one in backwards.lines] == [(45, 90), (0, 45)]


def test_a_line_is_not_split_at_its_ends() -> None:
    for at in (0, 15, 99):
        assert "within" in refusal(TEXT, SplitLine(1, at))
    assert cells(apply(table(), SplitLine(1, 2)))[0] == "Price in\nEUR\nper piece"


def test_merging_undoes_splitting() -> None:
    made = apply(apply(TEXT, SplitLine(1, 9)), MergeLines((1, 2)))
    assert [one.text for one in made.lines] == [one.text for one in TEXT.lines]
    assert polygon_box(made.lines[1].polygon) == polygon_box(TEXT.lines[1].polygon)


def test_lines_go_and_blocks_without_any_go_with_them() -> None:
    assert texts(apply(TEXT, DeleteLines((0, 3)))) == [["the quick brown", "fox jumps"]]
    picture = page((BlockKind.PICTURE, ["label"]), (BlockKind.TEXT, ["text"]))
    assert texts(apply(picture, DeleteLines((0,)))) == [[], ["text"]]
    made = apply(table(), DeleteLines((0, 4)))
    assert cells(made) == ["in EUR\nper piece", "12", "", ""]
    gone = apply(table(), DeleteLines((0, 1, 2, 3, 4)))
    assert [(block.kind, block.caption_of) for block in gone.blocks] == [(BlockKind.CAPTION, None)]


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
