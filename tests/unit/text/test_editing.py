"""Edits of lines and cells, one by one: what becomes of texts, words and their places."""

from __future__ import annotations

import msgspec

from desktop_ocr.schema.edits import (
    CellText,
    DeleteLines,
    LineText,
    MergeLines,
    SetTexts,
    SplitLine,
)
from desktop_ocr.schema.results import (
    BlockKind,
    Line,
    polygon_box,
)
from desktop_ocr.text.editing import apply
from desktop_ocr.text.markdown import markdown
from tests.unit.text.small_pages import TEXT, cells, page, refusal, spans, table, texts


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
