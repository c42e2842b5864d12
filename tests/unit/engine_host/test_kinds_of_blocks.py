"""What the layout model takes for text: headings, lists, code, formulas, footnotes, captions."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.formulas import is_formula
from desktop_ocr.schema.results import BlockKind, Line
from desktop_ocr.text.markdown import markdown
from tests.fakes.fake_layout import PROSE, around, arranged, column, line, said

BODY = column(100, 100, *[PROSE] * 20)


def kinds(lines: list[Line], *found: Any, **more: Any) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in said(arranged(lines, *found, **more)) if not text.startswith(PROSE)]


# Headings -----------------------------------------------------------------------------------------------------------


def heading(y: float, words: str, high: float) -> tuple[Line, tuple]:
    one = line(100, y, words, high=high)
    return one, around(BlockKind.SECTION_HEADER, [one])


def levels(*headings: tuple[str, float]) -> dict[str, int]:
    made = [heading(60.0 * number, words, high) for number, (words, high) in enumerate(headings)]
    body = column(100, 700, *[PROSE] * 20)
    result = arranged([*(one for one, _ in made), *body], *(box for _, box in made), around(BlockKind.TEXT, body))
    return {result.lines[block.lines[0]].text: block.level for block in result.blocks if block.level}


def test_a_large_first_heading_is_the_title() -> None:
    assert levels(("Ships", 40), ("Anchors", 26), ("Chains", 21)) == {"Ships": 1, "Anchors": 2, "Chains": 3}
    assert levels(("Ships", 24), ("Anchors", 24)) == {"Ships": 2, "Anchors": 2}


def test_numbers_say_how_deep_a_heading_is() -> None:
    assert levels(("1 Ships", 26), ("1.1 Anchors", 25), ("1.2 Chains", 20), ("2. Harbours", 21)) == {
        "1 Ships": 2,
        "1.1 Anchors": 3,
        "1.2 Chains": 3,
        "2. Harbours": 2,
    }


def test_large_lines_are_a_heading() -> None:
    large = column(100, 20, "A structural analysis of", "harbours", high=30, pitch=36)
    found = [around(BlockKind.TEXT, large), around(BlockKind.TEXT, BODY)]
    assert kinds([*large, *BODY], *found) == [("section-header", "A structural analysis of / harbours")]
    sentence = column(100, 20, "Ships are large, it says.", high=30)
    assert kinds([*sentence, *BODY], around(BlockKind.TEXT, sentence), found[1])[0][0] == "text"


# Lists --------------------------------------------------------------------------------------------------------------


def test_text_with_bullets_or_numbers_that_count_on_is_a_list() -> None:
    lines = column(100, 100, "• one", "• two")
    assert kinds(lines, around(BlockKind.TEXT, lines)) == [("list-item", "• one / • two")]
    lines = column(100, 100, "3. one", "and more", "4. two")
    assert kinds(lines, around(BlockKind.TEXT, lines))[0][0] == "list-item"
    lines = column(100, 100, "3. one", "7. another")
    assert kinds(lines, around(BlockKind.TEXT, lines))[0][0] == "text"


def test_a_marker_by_itself_belongs_to_the_item_beside_it() -> None:
    marker, item = line(100, 100, "A5."), column(160, 100, "The name must meet the following criteria:", "all of them")
    found = [around(BlockKind.LIST_ITEM, [marker]), around(BlockKind.TEXT, item)]
    result = arranged([*item, marker], *found)
    assert [kind for kind, _ in said(result)] == ["list-item"]
    assert markdown(result) == "- A5. The name must meet the following criteria: all of them"


# Code ---------------------------------------------------------------------------------------------------------------

PROGRAM = ("function add(a, b) {", "return a + b;", "}", "console.log(add(3, 5));")


def test_code_is_code_and_its_parts_are_one_block() -> None:
    lines = [line(100, 700 + 26 * n, text, wide=12.4) for n, text in enumerate(PROGRAM)]
    found = [around(BlockKind.TEXT, BODY), around(BlockKind.TEXT, lines[:3]), around(BlockKind.TEXT, lines[3:])]
    assert kinds([*BODY, *lines], *found) == [("code", " / ".join(PROGRAM))]


@pytest.mark.parametrize(
    "texts",
    [
        ("De linzen wassen en in een liter water", "een dag laten weken, zout erbij", "en dan koken met laurier"),
        ("if you come to the harbour, and it is late,", "return to the ship (or stay);", "for the night is long."),
    ],
)
def test_typewriting_and_prose_are_no_code(texts: tuple[str, ...]) -> None:
    lines = column(100, 700, *texts, wide=12.4)
    assert kinds([*BODY, *lines], around(BlockKind.TEXT, BODY), around(BlockKind.TEXT, lines))[0][0] == "text"


# Formulas -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["a2 + 8 = 12", "a² + b² = c²", "e^iπ +1= 0", "∇×B=µ₀J+µ₀ε0 ∂t", "f(x) dx = F(b) − F(a)", "λg = ∑ ζn"]
)
def test_formulas(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize(
    "text", ["Total = 25.00", "2015 = 12", "Answer: x = 5 because of this", "harbour", "3 / 4", ""]
)
def test_no_formulas(text: str) -> None:
    assert not is_formula(text)


# Footnotes ----------------------------------------------------------------------------------------------------------

SHIPS = "See the ships, in the harbour of the town, page 12"
NOTE = column(100, 1200, SHIPS, "and the pages after it, as far as they are known", pitch=20, wide=7.5)
LONG = column(100, 100, *[PROSE] * 40)


def test_small_writing_below_a_column_is_a_footnote() -> None:
    found = [around(BlockKind.TEXT, LONG), around(BlockKind.TEXT, NOTE)]
    assert [kind for kind, _ in kinds([*LONG, *NOTE], *found)] == ["footnote"]
    assert [kind for kind, _ in kinds([*LONG, *column(100, 1200, SHIPS, SHIPS)], *found)] == ["text"]


def test_a_raised_mark_says_so_too() -> None:
    note = [line(100, 1180, "2Versions with other languages are in preparation.")]
    found = [around(BlockKind.TEXT, LONG), around(BlockKind.TEXT, note)]
    assert [kind for kind, _ in kinds([*LONG, *note], *found)] == ["footnote"]


def test_a_bibliography_is_none() -> None:
    top = LONG[:20]
    head = line(100, 650, "References")
    entries = column(100, 690, *[SHIPS] * 12, pitch=20, wide=7.5), column(100, 950, *[SHIPS] * 12, pitch=20, wide=7.5)
    found = [around(BlockKind.TEXT, top), around(BlockKind.SECTION_HEADER, [head])]
    found += [around(BlockKind.TEXT, block) for block in entries]
    page = [*top, head, *entries[0], *entries[1]]
    assert "footnote" not in [kind for kind, _ in kinds(page, *found)]


# Captions -----------------------------------------------------------------------------------------------------------


def test_captions_are_named_and_read_with_their_figure() -> None:
    """The figure stands above a column, its caption below it, beside the other column's text."""
    caption = column(550, 420, "Fig. 2. Maps of a harbour")
    left, right = column(50, 100, *[PROSE] * 20), column(550, 480, *[PROSE] * 8)
    found = [around(BlockKind.TEXT, lines) for lines in (left, right, caption)]
    result = arranged([*left, *caption, *right], *found, pictures=[(550, 100, 950, 400)])
    assert [kind for kind, _ in said(result)] == ["text", "picture", "caption", "text"]
    assert result.blocks[2].caption_of == 1


def test_a_table_is_preferred_by_its_caption() -> None:
    rows = [line(x, 300 + 26 * row, "cell") for row in range(3) for x in (100, 300)]
    caption = column(100, 260, "Table 1: Ships")
    found = [around(BlockKind.TABLE, rows), around(BlockKind.TEXT, caption)]
    result = arranged([*rows, *caption], *found, pictures=[(100, 100, 400, 255)])
    table = next(number for number, block in enumerate(result.blocks) if block.kind is BlockKind.TABLE)
    assert [block.caption_of for block in result.blocks if block.kind is BlockKind.CAPTION] == [table]


def test_sentences_about_figures_are_no_captions() -> None:
    lines = column(100, 100, "Figure 3 shows what the harbour looks like,", PROSE)
    assert kinds(lines, around(BlockKind.TEXT, lines), pictures=[(100, 160, 400, 400)])[-1][0] != "caption"
    contents = [line(100, 100 + 60 * n, f"Figure {n}: A ship") for n in range(1, 9)]
    found = [around(BlockKind.TEXT, [one]) for one in contents]
    assert {kind for kind, _ in kinds(contents, *found)} == {"text"}


def test_pieces_of_a_formula_are_one_block() -> None:
    pieces = [line(100, 700, "∇× B = μJ +"), line(205, 690, "∂E"), line(205, 712, "∂t")]
    found = [around(BlockKind.TEXT, BODY), *(around(BlockKind.TEXT, [piece]) for piece in pieces)]
    assert [kind for kind, _ in kinds([*BODY, *pieces], *found)] == ["formula"]
    amounts = [line(100, 700, "6.00"), line(140, 700, "17.00"), line(190, 700, "SR")]
    found = [around(BlockKind.TEXT, BODY), *(around(BlockKind.TEXT, [amount]) for amount in amounts)]
    assert "formula" not in [kind for kind, _ in kinds([*BODY, *amounts], *found)]


def test_a_line_numbered_between_two_headings_is_one() -> None:
    heads = [line(100, y, f"{n}. Ships and harbours") for n, y in ((1, 60), (2, 660), (3, 760))]
    found = [around(BlockKind.TEXT, BODY), *(around(BlockKind.SECTION_HEADER, [heads[n]]) for n in (0, 2))]
    found.append(around(BlockKind.TEXT, heads[1:2]))
    assert [kind for kind, _ in kinds([*heads, *BODY], *found)] == ["section-header"] * 3


def test_a_card_behind_text_is_no_picture() -> None:
    found = [around(BlockKind.TEXT, BODY)]
    assert [kind for kind, _ in said(arranged(BODY, *found, pictures=[(50, 50, 700, 700)]))] == ["text"]
    aside = [(600.0, 50.0, 950.0, 400.0)]
    assert sorted(kind for kind, _ in said(arranged(BODY, *found, pictures=aside))) == ["picture", "text"]


def test_a_formula_that_nobody_could_read_stands_where_it_is() -> None:
    above, below = column(100, 100, PROSE, PROSE), column(100, 300, PROSE, PROSE)
    seen = Region(BlockKind.FORMULA, (300.0, 180.0, 500.0, 260.0), 0.9)
    result = arranged([*above, *below], around(BlockKind.TEXT, above), around(BlockKind.TEXT, below), regions=[seen])
    assert [block.kind for block in result.blocks] == [BlockKind.TEXT, BlockKind.FORMULA, BlockKind.TEXT]
    formula = result.blocks[1]
    assert formula.lines == ()
    assert formula.box == seen.box
    assert "\n\n\n" not in markdown(result)
