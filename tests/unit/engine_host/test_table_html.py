"""PaddleX's tables as cells on a grid, with the page's lines in them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.engine_host.features.table_html import Place, parse_places, places_of, table_from
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, box_polygon, check_page_result

GRID = [(0.0, 0.0, 100.0, 50.0), (100.0, 0.0, 200.0, 50.0), (0.0, 50.0, 100.0, 100.0), (100.0, 50.0, 200.0, 100.0)]
HTML = "<html><body><table><tr><td></td><td></td></tr><tr><td></td><td></td></tr></table></body></html>"


def line(text: str, *box: float) -> Line:
    return Line(text, box_polygon((box[0], box[1], box[2], box[3])), 0.9)


def test_spans_and_heads() -> None:
    html = (
        '<table><thead><tr><td></td><td colspan="2"></td></tr></thead>'
        '<tbody><tr><td rowspan="2"></td><td></td><td></td></tr><tr><td></td><td></td></tr></tbody></table>'
    )
    assert parse_places(html) == [
        Place(0, 0, 1, 1, True),
        Place(0, 1, 1, 2, True),
        Place(1, 0, 2, 1),
        Place(1, 1, 1, 1),
        Place(1, 2, 1, 1),
        Place(2, 1, 1, 1),
        Place(2, 2, 1, 1),
    ]


def test_tags_in_pieces_and_text_between_them() -> None:
    assert parse_places('<table> <tr> <td  colspan="3" > a </td><th>b</th></tr>') == [
        Place(0, 0, 1, 3),
        Place(0, 3, 1, 1, True),
    ]


def test_lines_are_in_the_cells_they_lie_in() -> None:
    lines = [
        line("b", 110, 10, 150, 30),
        line("a", 5, 5, 40, 25),
        line("a too", 5, 28, 60, 45),
        line("d", 90, 60, 160, 80),
    ]
    table = table_from(HTML, GRID, lines, "m")
    assert table is not None
    assert (table.rows, table.columns) == (2, 2)
    assert [(cell.row, cell.column, cell.text, cell.lines) for cell in table.cells] == [
        (0, 0, "a\na too", (1, 2)),
        (0, 1, "b", (0,)),
        (1, 0, "", ()),
        (1, 1, "d", (3,)),
    ]
    assert table.cells[0].box == GRID[0]


def test_a_line_outside_of_all_cells_is_in_the_nearest() -> None:
    table = table_from(HTML, GRID, [line("far", 300, 80, 340, 99)], "m")
    assert table is not None
    assert table.cells[3].text == "far"


def test_cells_are_believed_where_the_structure_says_otherwise() -> None:
    table = table_from("<table><tr><td></td></tr></table>", GRID, [line("d", 120, 60, 160, 80)], "m")
    assert table is not None
    assert (table.rows, table.columns) == (2, 2)
    assert table.cells[3].text == "d"


def test_boxes_with_spans() -> None:
    wide = [(0.0, 0.0, 200.0, 50.0), *GRID[2:]]
    assert places_of(wide) == [Place(0, 0, 1, 2), Place(1, 0, 1, 1), Place(1, 1, 1, 1)]


def test_what_is_no_table() -> None:
    assert table_from("", [], [line("a", 0, 0, 9, 9)], "m") is None
    assert table_from(HTML, [(float("nan"), 0.0, 1.0, 1.0)] * 4, [line("a", 0, 0, 9, 9)], "m") is None
    overlapping = [(0.0, 0.0, 100.0, 100.0), (0.0, 0.0, 60.0, 60.0), (40.0, 40.0, 100.0, 100.0)]
    assert table_from(HTML, overlapping, [line("a", 0, 0, 9, 9)], "m") is None


numbers = st.floats(-50, 400, allow_nan=False)
tags = st.sampled_from(
    ["<tr>", "</tr>", "<td></td>", '<td rowspan="3">', '<td colspan="2">', "</td>", "<thead>", "<th>", "<"]
)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(tags, max_size=25).map("".join),
    st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=12),
    st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=6),
)
def test_whatever_a_model_says_every_line_is_in_exactly_one_cell(
    html: str, boxes: list[tuple[float, ...]], places: list[tuple[float, float, float, float]]
) -> None:
    lines = tuple(
        line(str(number), min(a, c), min(b, d), max(a, c), max(b, d)) for number, (a, b, c, d) in enumerate(places)
    )
    table = table_from(html, boxes, lines, "m")
    block = Block(BlockKind.TABLE, (0.0, 0.0, 400.0, 400.0), tuple(range(len(lines))), table=table)
    check_page_result(PageResult(0, 500, 500, 100, 0, PageSource.RECOGNISED, lines, (block,)))
    if table is not None:
        assert sorted(number for cell in table.cells for number in cell.lines) == list(range(len(lines)))
