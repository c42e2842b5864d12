"""A page as plain text and as Markdown."""

from __future__ import annotations

import pytest

from desktop_ocr.schema.results import Block, BlockKind, Box, Line, PageResult, PageSource, box_polygon
from desktop_ocr.text.markdown import escape, markdown
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
        "# A title\n\n### 1. A section\n\na paragraph\n\n- first line\n2. second\n\n*Figure 1*\n\n1 a note\n\n"
        "label  \nother label\n\nE = m * c"
    )


def test_a_list_in_one_block():
    made = page((BlockKind.LIST_ITEM, ["- one", "goes on", "- two"]), (BlockKind.LIST_ITEM, ["(a) three"]))
    assert markdown(made) == "- one goes on\n- two\n- (a) three"


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
