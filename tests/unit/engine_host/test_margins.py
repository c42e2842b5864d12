"""Page headers and footers: left out of Markdown, so neither missed nor seen where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.schema.results import BlockKind, Line, Word, box_polygon
from tests.fakes.fake_layout import PROSE, around, arranged, column, line, said

BODY = column(100, 100, *[PROSE] * 40)
SEEN = around(BlockKind.TEXT, BODY)


def kinds(lines: list[Line], *found: Any, **more: Any) -> dict[str, str]:
    return {text: kind for kind, text in said(arranged(lines, *found, **more)) if not text.startswith(PROSE)}


def test_a_running_head_beside_the_pages_number() -> None:
    head = [line(100, 70, "400"), line(300, 69, "BRITISH HUSBANDRY."), line(520, 71, "[Ch. XIX.")]
    assert set(kinds([*head, *BODY], SEEN).values()) == {"page-header"}
    assert len(kinds([*head, *BODY], SEEN)) == 3
    # Taken for a part of the text's block.
    assert set(kinds([*head, *BODY], around(BlockKind.TEXT, [*head, *BODY])).values()) == {"page-header"}


@pytest.mark.parametrize("number", ["14", "- 14 -", "xiv", "Page 3 of 12", "3/12", "A-116", "第 3 页", "p. 7"])
def test_a_number_below_the_text(number: str) -> None:
    foot = line(315, 1240, number)
    assert kinds([*BODY, foot], SEEN) == {number: "page-footer"}
    assert kinds([*BODY, foot], around(BlockKind.TEXT, [*BODY, foot])) == {number: "page-footer"}


def test_what_stands_further_out_than_the_number() -> None:
    lines = [
        line(150, 20, "Downloaded from an archive on 12 July, for your own use and nobody else's"),
        line(500, 50, "447"),
    ]
    assert kinds([*lines, *BODY], SEEN) == {lines[0].text: "page-header", "447": "page-header"}


def test_what_stands_beside_a_footer_that_the_model_sees() -> None:
    foot = [line(100, 1300, "Revision: 2.4"), line(300, 1300, "P/N 119"), line(450, 1300, "10 June")]
    found = [SEEN, around(BlockKind.TEXT, foot[:1]), around(BlockKind.PAGE_FOOTER, foot[1:])]
    assert set(kinds([*BODY, *foot], *found).values()) == {"page-footer"}


def test_small_words_far_from_the_text_above_a_footer() -> None:
    foot = [line(400, 1320, "14"), line(400, 1270, "NETS 2015", high=14)]
    assert kinds([*BODY[:38], *foot], SEEN) == {"14": "page-footer", "NETS 2015": "page-footer"}


def test_a_header_seen_in_the_picture() -> None:
    head = line(250, 60, "Brief Notices")
    region = Region(BlockKind.PAGE_HEADER, (240, 55, 380, 85), 0.9)
    assert kinds([head, *BODY], SEEN) == {"Brief Notices": "text"}
    assert kinds([head, *BODY], SEEN, regions=[region]) == {"Brief Notices": "page-header"}
    title = line(250, 40, "Brief Notices", high=40)
    assert kinds([title, *BODY], SEEN, regions=[region]) == {"Brief Notices": "section-header"}


def test_figures_that_are_no_page_number() -> None:
    table = [line(x, 40 + 26 * row, f"{row + 10}") for row in range(3) for x in (100, 300, 500)]
    assert "page-header" not in kinds([*table, *BODY], SEEN).values()
    last = [*BODY, line(100, 1140, "1864")]  # a paragraph's last line
    assert kinds(last, around(BlockKind.TEXT, last)) == {}
    assert kinds([line(100, 60, "3 Methods and materials"), *BODY], SEEN) == {"3 Methods and materials": "text"}


def test_a_page_without_text_has_neither() -> None:
    labels = [line(300, 10, "Tarnos"), line(150, 20, "Bokale"), line(100, 600, "Angelu"), line(300, 1360, "Basusarri")]
    found = [around(BlockKind.PAGE_HEADER, labels[:2]), around(BlockKind.PAGE_FOOTER, labels[3:])]
    assert {kind for kind, _ in said(arranged(labels, *found))} == {"text"}
    whole = [line(100, 60, "Covfefe is a perfectly cromulent word.")]
    assert said(arranged(whole, around(BlockKind.PAGE_FOOTER, whole)))[0][0] == "text"


def test_a_running_head_that_was_found_as_one_line() -> None:
    words = [("400", 100), ("BRITISH", 300), ("HUSBANDRY.", 372), ("[Ch.", 520), ("XIX.", 562)]
    made = tuple(Word(text, box_polygon((x, 60, x + 9.0 * len(text), 80)), 0.9) for text, x in words)
    head = Line(" ".join(text for text, _ in words), box_polygon((100, 60, 600, 80)), 0.9, made)
    assert kinds([head, *BODY], around(BlockKind.TEXT, [head, *BODY])) == {head.text: "page-header"}
