"""A page as plain text and as Markdown."""

from __future__ import annotations

import msgspec
import pytest

from desktop_ocr.schema.results import Block, BlockKind, Box, Line, PageResult, PageSource, box_polygon
from desktop_ocr.text.escaping import escape
from desktop_ocr.text.markdown import markdown
from desktop_ocr.text.plain import plain_text

Made = tuple[BlockKind, list[str | tuple[str, Box]]]


def page(*blocks: Made | tuple[BlockKind, list[str], int]) -> PageResult:
    """A page of blocks of lines; a line without a box stands below the one before."""
    lines: list[Line] = []
    made: list[Block] = []
    y = 10.0
    for kind, texts, *level in blocks:
        indices = []
        for text in texts:
            box: Box = (10, y, 300, y + 20)
            if not isinstance(text, str):
                text, box = text
            y = max(y, box[1]) + 30
            indices.append(len(lines))
            lines.append(Line(text, box_polygon(box), 1.0))
        made.append(Block(kind, (0, 0, 1, 1), tuple(indices), *level))
    return PageResult(0, 600, 800, 72, 0, PageSource.RECOGNISED, tuple(lines), tuple(made))


def test_nothing():
    assert plain_text(page()) == markdown(page()) == ""
    assert plain_text(page((BlockKind.PICTURE, []))) == markdown(page((BlockKind.PICTURE, []))) == ""


def test_plain_text_keeps_lines_headers_and_footers():
    made = page(
        (BlockKind.PAGE_HEADER, ["A header"]),
        (BlockKind.TITLE, ["A title"], 1),
        (BlockKind.TEXT, ["one recog-", "nised"]),
        (BlockKind.PAGE_FOOTER, ["7"]),
    )
    assert plain_text(made) == "A header\n\nA title\n\none recog-\nnised\n\n7"


def test_lines_side_by_side_stand_in_one_row():
    row: list[str | tuple[str, Box]] = [
        ("Total", (10, 10, 60, 30)),
        ("9.90", (200, 11, 240, 31)),
        ("Cash", (10, 40, 60, 60)),
    ]
    assert plain_text(page((BlockKind.TEXT, row))) == "Total 9.90\nCash"
    assert plain_text(page((BlockKind.TABLE, row))) == "Total   9.90\nCash"


def test_markdown_of_every_kind():
    made = page(
        (BlockKind.PAGE_HEADER, ["left out"]),
        (BlockKind.TITLE, ["A title"]),
        (BlockKind.SECTION_HEADER, ["1. A section"], 3),
        (BlockKind.TEXT, ["a para-", "graph"]),
        (BlockKind.LIST_ITEM, ["\ufffd first", "line"]),
        (BlockKind.LIST_ITEM, ["2) second"]),
        (BlockKind.CAPTION, ["Figure 1"]),
        (BlockKind.FOOTNOTE, ["1 a note"]),
        (BlockKind.PICTURE, ["label", "other label"]),
        (BlockKind.FORMULA, ["E = m * c"]),
        (BlockKind.PAGE_FOOTER, ["left out too"]),
    )
    assert markdown(made) == (
        "# A title\n\n### 1. A section\n\na paragraph\n\n- first line\n2. second\n\n*Figure 1*\n\n"
        "label  \nother label\n\nE = m * c\n\n<sup>1</sup> a note"
    )


def test_a_list_in_one_block():
    made = page((BlockKind.LIST_ITEM, ["- one", "goes on", "- two"]), (BlockKind.LIST_ITEM, ["(a) three"]))
    assert markdown(made) == "- one goes on\n- two\n- (a) three"


def test_lists_below_lists_stand_in() -> None:
    rows: list[str | tuple[str, Box]] = [
        ("• one", (10, 10, 90, 30)),
        ("o Below it", (40, 40, 120, 60)),
        ("goes on", (60, 70, 120, 90)),
        ("o Another", (40, 100, 120, 120)),
        ("•two", (10, 130, 90, 150)),
    ]
    assert markdown(page((BlockKind.LIST_ITEM, rows))) == "- one\n  - Below it goes on\n  - Another\n- two"
    apart = page(
        (BlockKind.LIST_ITEM, [("1. one", (10, 10, 90, 30))]),
        (BlockKind.LIST_ITEM, [("a) below it", (40, 40, 120, 60)), ("b) too", (40, 70, 120, 90))]),
        (BlockKind.LIST_ITEM, [("2. two", (10, 100, 90, 120))]),
        (BlockKind.LIST_ITEM, [("3. next column", (300, 10, 390, 30))]),
    )
    assert markdown(apart) == "1. one\n   - a) below it\n   - b) too\n2. two\n3. next column"


def test_a_bullet_of_its_own_line_is_its_texts() -> None:
    rows: list[str | tuple[str, Box]] = [
        ("•", (10, 10, 20, 30)),
        ("first", (40, 10, 90, 30)),
        ("•", (10, 40, 20, 60)),
        ("second", (40, 40, 90, 60)),
    ]
    assert markdown(page((BlockKind.LIST_ITEM, rows))) == "- first\n- second"


def test_code_keeps_its_lines_and_their_place() -> None:
    rows: list[str | tuple[str, Box]] = [
        ("def f(x):", (10, 10, 100, 30)),
        ("return x", (50, 40, 130, 60)),
        ("# same row", (180, 40, 280, 60)),
        ("``` * <b>", (10, 70, 100, 90)),
    ]
    made = markdown(page((BlockKind.CODE, rows)))
    assert made == "````\ndef f(x):\n    return x     # same row\n``` * <b>\n````"


def test_a_paragraph_goes_on_in_the_next_column_and_beyond_a_figure() -> None:
    made = page(
        (BlockKind.TEXT, ["Heavy crops of turnips have been raised from six-", "teen bushels, and not a few of"]),
        (BlockKind.CAPTION, ["Figure 1"]),
        (BlockKind.TEXT, ["them were sold.", "New sentence"]),
        (BlockKind.SECTION_HEADER, ["Heading"], 2),
        (BlockKind.TEXT, ["and this stays where it is"]),
    )
    assert markdown(made) == (
        "Heavy crops of turnips have been raised from sixteen bushels, and not a few of them were sold. New sentence"
        "\n\n*Figure 1*\n\n## Heading\n\nand this stays where it is"
    )
    assert markdown(page((BlockKind.TEXT, ["A whole sentence that ends."]), (BlockKind.TEXT, ["no end"]))) == (
        "A whole sentence that ends.\n\nno end"
    )


def test_a_paragraph_goes_on_below_itself_whatever_is_read_between() -> None:
    """A sidebar stands beside a column, and is read before its last line."""
    made = page(
        (BlockKind.TEXT, [("Later chroniclers presented the reign", (10, 10, 300, 30))]),
        (BlockKind.SECTION_HEADER, [("King of the English", (400, 10, 500, 30))], 2),
        (BlockKind.TEXT, [("Mother Wulfthryth of Shaftesbury", (400, 40, 500, 60))]),
        (BlockKind.TEXT, [("as a golden age.", (10, 38, 300, 58))]),
    )
    assert markdown(made) == (
        "Later chroniclers presented the reign as a golden age.\n\n## King of the English\n\n"
        "Mother Wulfthryth of Shaftesbury"
    )


def test_a_tables_note_is_no_rest_of_a_paragraph() -> None:
    made = page(
        (BlockKind.TEXT, ["various products including polyketides, which are sec-"]),
        (BlockKind.TABLE, CELLS),
        (BlockKind.TEXT, [("aThe numbers are those of figure 5", (10, 300, 300, 320))]),
        (BlockKind.TEXT, [("ondary metabolites.", (10, 500, 300, 520))]),
    )
    assert markdown(made).startswith("various products including polyketides, which are secondary metabolites.\n\n|")
    assert markdown(made).endswith("aThe numbers are those of figure 5")


def test_footnotes_stand_at_the_end_with_their_marks() -> None:
    made = page(
        (BlockKind.FOOTNOTE, ["1 See page 3, and the", "12 pages after it.", "2 Not seen."]),
        (BlockKind.TEXT, ["text"]),
        (BlockKind.FOOTNOTE, ["* Thanks to all."]),
        (BlockKind.FOOTNOTE, ["no mark"]),
    )
    assert markdown(made) == (
        "text\n\n<sup>1</sup> See page 3, and the 12 pages after it.\n\n<sup>2</sup> Not seen."
        "\n\n<sup>\\*</sup> Thanks to all.\n\nno mark"
    )


def test_a_formula_that_was_read_is_latex() -> None:
    made = page((BlockKind.FORMULA, ["E=mc2"]))
    read = msgspec.structs.replace(made, blocks=(msgspec.structs.replace(made.blocks[0], latex="E = mc^2"),))
    assert markdown(read) == "$$\nE = mc^2\n$$"


CELLS: list[str | tuple[str, Box]] = [
    ("Item", (10, 10, 60, 30)),
    ("Price", (200, 11, 260, 31)),
    ("Tea | green", (10, 40, 90, 60)),
    ("2.50", (200, 40, 240, 60)),
]


def test_a_table_with_equal_rows_is_a_table():
    assert markdown(page((BlockKind.TABLE, CELLS))) == "| Item | Price |\n| --- | --- |\n| Tea \\| green | 2.50 |"


def test_a_table_whose_columns_are_not_known_stays_rows():
    cells = [*CELLS, ("Total", (200, 70, 260, 90))]
    assert markdown(page((BlockKind.TABLE, cells))) == "Item | Price  \nTea \\| green | 2.50  \nTotal"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain text.", "plain text."),
        ("a*b*c", "a\\*b\\*c"),
        ("snake_case_name", "snake_case_name"),
        ("_emphasis_", "\\_emphasis\\_"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("[link](x) [1] <b> `code`", "[link]\\(x) [1] \\<b> \\`code\\`"),
        ("[1]: a reference", "\\[1]: a reference"),
        ("# no heading", "\\# no heading"),
        ("#hashtag, C#", "#hashtag, C#"),
        ("> no quotation", "\\> no quotation"),
        ("a < b > c", "a < b > c"),
        ("12. a list", "12. a list"),
        ("---", "\\---"),
        ("===", "\\==="),
        ("-", "\\-"),
        ("~~gone~~ ~5", "\\~\\~gone\\~\\~ ~5"),
        ("AT&T &amp; co", "AT&T \\&amp; co"),
        ("a | b", "a | b"),
        ("C:\\folder \\*", "C:\\folder \\\\\\*"),
    ],
)
def test_what_markdown_would_read_as_markup(text, escaped):
    assert escape(text) == escaped


def test_a_block_whose_lines_were_deleted_is_nothing() -> None:
    prose = ["running text that is long enough", "to be prose, and does not end"]
    made = page((BlockKind.TEXT, prose), (BlockKind.TEXT, []), (BlockKind.TEXT, ["here but there. This is", "more."]))
    assert markdown(made) == (
        "running text that is long enough to be prose, and does not end here but there. This is more."
    )
