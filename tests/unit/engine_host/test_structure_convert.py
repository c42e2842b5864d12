"""What PP-StructureV3 says of a page, as a page's result."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.engine_host.features.structure_convert import Answer, convert
from desktop_ocr.schema.results import BlockKind, PageResult, check_page_result

HTML = "<html><body><table><tr><td></td><td></td></tr></table></body></html>"


def block(label: str, box: tuple[float, ...], content: str = "") -> Any:
    return SimpleNamespace(label=label, bbox=list(box), content=content)


def answered(blocks: list[Any], lines: list[tuple[str, tuple[float, ...]]], **more: Any) -> dict[str, Any]:
    """A result as paddlex gives it: of a page of 400 x 600 pixels."""
    polygons = [np.array([[a, b], [c, b], [c, d], [a, d]], np.int16) for _, (a, b, c, d) in lines]
    return {
        "width": 400,
        "height": 600,
        "doc_preprocessor_res": {},
        "parsing_res_list": blocks,
        "overall_ocr_res": {
            "rec_texts": [text for text, _ in lines],
            "rec_polys": polygons,
            "rec_scores": [0.9] * len(lines),
            "rec_labels": ["text"] * len(lines),
        },
        "formula_res_list": [],
        "table_res_list": [],
        "seal_res_list": [],
        **more,
    }


def made(result: dict[str, Any]) -> PageResult:
    page = convert(Answer.of(result), 2, 144.0, 90, unwarped=True)
    check_page_result(page)
    return page


def seen(page: PageResult) -> list[tuple[BlockKind, list[str]]]:
    return [(one.kind, [page.lines[number].text for number in one.lines]) for one in page.blocks]


def test_blocks_stay_in_the_pipelines_order_and_hold_their_lines() -> None:
    page = made(
        answered(
            [
                block("doc_title", (10, 10, 390, 40)),
                block("text", (210, 50, 390, 300)),
                block("text", (10, 50, 190, 300)),
                block("image", (10, 310, 190, 500)),
                block("footer", (10, 550, 390, 590)),
                block("reference", (10, 510, 100, 540)),
            ],
            [
                ("left two", (10, 80, 180, 95)),
                ("left one", (10, 60, 180, 75)),
                ("right", (215, 60, 380, 75)),
                ("A title", (20, 12, 200, 38)),
                ("foot", (20, 555, 200, 580)),
            ],
        )
    )
    assert seen(page) == [
        (BlockKind.TITLE, ["A title"]),
        (BlockKind.TEXT, ["right"]),
        (BlockKind.TEXT, ["left one", "left two"]),
        (BlockKind.PICTURE, []),
        (BlockKind.PAGE_FOOTER, ["foot"]),
    ]
    assert page.blocks[0].level == 1
    assert (page.page, page.dpi, page.rotation, page.unwarped) == (2, 144.0, 90, True)


def test_lines_outside_of_all_blocks_are_put_after_what_stands_above_them() -> None:
    page = made(
        answered(
            [block("text", (10, 50, 190, 100)), block("text", (10, 200, 190, 300)), block("text", (210, 50, 390, 300))],
            [
                ("one", (10, 60, 180, 75)),
                ("stray", (10, 140, 180, 155)),
                ("two", (10, 210, 180, 225)),
                ("right", (215, 60, 380, 75)),
                ("first", (10, 5, 80, 20)),
            ],
        )
    )
    assert [texts for _, texts in seen(page)] == [["first"], ["one"], ["stray"], ["two"], ["right"]]


def test_a_formula_of_its_own_and_one_in_a_line() -> None:
    page = made(
        answered(
            [block("text", (10, 50, 390, 100)), block("formula", (100, 120, 300, 160))],
            [("where", (10, 60, 90, 80)), ("holds", (150, 60, 220, 80))],
            formula_res_list=[
                {"rec_formula": "$$ E = mc^{2} $$", "dt_polys": [100, 120, 300, 160]},
                {"rec_formula": "x_1", "dt_polys": [95, 60, 140, 80]},
            ],
        )
    )
    assert seen(page) == [(BlockKind.TEXT, ["where", "$x_1$", "holds"]), (BlockKind.FORMULA, [])]
    assert page.blocks[1].latex == "E = mc^{2}"


def test_tables_and_charts() -> None:
    page = made(
        answered(
            [
                block("table", (10, 50, 390, 100), HTML),
                block("chart", (10, 200, 390, 300), "a | b\n1 | 2"),
                block("table", (10, 400, 390, 500), "not understood"),
            ],
            [
                ("left", (20, 60, 90, 80)),
                ("right", (250, 60, 320, 80)),
                ("axis", (20, 210, 60, 220)),
                ("lost", (20, 410, 60, 420)),
            ],
            table_res_list=[
                {"pred_html": HTML, "cell_box_list": [np.array([10, 50, 200, 100]), np.array([200, 50, 390, 100])]}
            ],
        )
    )
    table, chart, lost = page.blocks
    assert table.table is not None
    assert [(cell.column, cell.text) for cell in table.table.cells] == [(0, "left"), (1, "right")]
    assert chart.kind is BlockKind.CHART
    assert chart.table is not None
    assert [cell.text for cell in chart.table.cells] == ["a", "b", "1", "2"]
    assert not any(cell.lines for cell in chart.table.cells)
    assert lost.table is None
    assert [page.lines[number].text for number in lost.lines] == ["lost"]


def test_a_line_that_crosses_cells_is_split() -> None:
    result = answered([block("table", (10, 50, 390, 100), HTML)], [("left right", (20, 60, 320, 80))])
    result["overall_ocr_res"] |= {
        "text_word": [["left", "right"]],
        "text_word_region": [
            [[[20, 60], [90, 60], [90, 80], [20, 80]], [[250, 60], [320, 60], [320, 80], [250, 80]]],
        ],
    }
    result["table_res_list"] = [{"pred_html": HTML, "cell_box_list": [[10, 50, 200, 100], [200, 50, 390, 100]]}]
    page = made(result)
    table = page.blocks[0].table
    assert table is not None
    assert [cell.text for cell in table.cells] == ["left", "right"]
    assert [line.text for line in page.lines] == ["left", "right"]


def test_a_seals_writing_lies_where_the_seal_is() -> None:
    outline = [[0, 0], [40, 0], [80, 0], [80, 30], [40, 25], [0, 30]]
    page = made(
        answered(
            [block("seal", (200, 300, 300, 400), "TOWN OF ELM\n")],
            [("TOWM", (205, 302, 240, 320))],
            seal_res_list=[
                {"rec_texts": ["TOWN OF ELM", ""], "rec_scores": [0.95, 0.0], "rec_polys": [outline, outline]}
            ],
        )
    )
    assert seen(page) == [(BlockKind.SEAL, ["TOWN OF ELM"])]
    assert page.lines[0].polygon[:2] == pytest.approx((200, 300), abs=2)


def test_words_are_believed_where_they_are_those_of_the_line() -> None:
    result = answered(
        [block("text", (0, 0, 400, 600))], [("two words", (10, 10, 110, 20)), ("changed", (10, 30, 110, 40))]
    )
    quads = [[[10, 10], [40, 10], [40, 20], [10, 20]], [[50, 10], [110, 10], [110, 20], [50, 20]]]
    result["overall_ocr_res"] |= {
        "text_word": [["two", " ", "words"], ["other"]],
        "text_word_region": [[quads[0], quads[0], quads[1]], [quads[0]]],
    }
    page = made(result)
    assert [(word.text, word.polygon[0]) for word in page.lines[0].words] == [("two", 10), ("words", 50)]
    assert [(word.text, word.polygon[0]) for word in page.lines[1].words] == [("changed", 10)]


def test_what_paddlex_blanks_or_gives_no_place_is_left_out() -> None:
    result = answered([], [("", (0, 0, 10, 10)), ("kept", (10, 30, 110, 40)), ("no place", (0, 0, 10, 10))])
    result["overall_ocr_res"]["rec_polys"][2] = None
    assert seen(made(result)) == [(BlockKind.TEXT, ["kept"])]


places = st.tuples(st.integers(-20, 420), st.integers(-20, 620), st.integers(0, 200), st.integers(0, 200)).map(
    lambda one: (one[0], one[1], one[0] + one[2], one[1] + one[3])
)
labels = st.sampled_from(
    ["text", "doc_title", "paragraph_title", "table", "formula", "seal", "chart", "image", "number", "header", "?"]
)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(labels, places), max_size=8),
    st.lists(st.tuples(st.text("ab ", max_size=4), places), max_size=10),
    st.lists(places, max_size=3),
)
def test_whatever_it_says_every_line_is_in_exactly_one_block(
    blocks: list[tuple[str, tuple[float, ...]]],
    lines: list[tuple[str, tuple[float, ...]]],
    formulas: list[tuple[float, ...]],
) -> None:
    result = answered(
        [block(label, box, HTML) for label, box in blocks],
        lines,
        formula_res_list=[{"rec_formula": "x", "dt_polys": box} for box in formulas],
        table_res_list=[{"pred_html": HTML, "cell_box_list": [[0, 0, 100, 300], [100, 0, 400, 300]]}],
        seal_res_list=[{"rec_texts": [HTML], "rec_scores": [0.9], "rec_polys": [[[0, 0], [9, 0], [9, 9], [0, 9]]]}],
    )
    page = made(result)
    if all(label != "seal" for label, _ in blocks):
        # Lines may be split where they cross cells. Nothing is lost, and nothing doubled.
        written = Counter("".join(text for text, _ in lines).replace(" ", ""))
        assert Counter("".join(line.text for line in page.lines)) & Counter("a" * 99 + "b" * 99) == written
