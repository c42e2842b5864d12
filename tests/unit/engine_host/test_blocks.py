"""Every line ends in exactly one block, whatever the layout model saw."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_ocr.engine_host.blocks import arrange
from desktop_ocr.engine_host.geometry import Found, page_skew, turned
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
    Line,
    PageResult,
    PageSource,
    Polygon,
    box_polygon,
    check_page_result,
)

SIZE = 1000.0


class Model:
    """A layout model that sees what it is told to."""

    def __init__(self, *found: tuple[BlockKind, Box]) -> None:
        self.found = [Found(kind, box) for kind, box in found]

    def find(self, *_: object, **__: object) -> list[Found]:
        return self.found


def text(x: float, y: float, wide: float = 300, high: float = 20, words: str = "some text") -> Line:
    return Line(words, box_polygon((x, y, x + wide, y + high)), 0.9)


def arranged(lines: list[Line], *found: tuple[BlockKind, Box], pictures: Sequence[Box] = ()) -> PageResult:
    ordered, blocks = arrange(Model(*found), lines, SIZE, SIZE, 100, pictures=pictures)
    result = PageResult(0, SIZE, SIZE, 100, 0, PageSource.RECOGNISED, lines=tuple(ordered), blocks=tuple(blocks))
    check_page_result(result)
    assert sorted(ordered, key=repr) == sorted(lines, key=repr)
    assert [index for block in blocks for index in block.lines] == list(range(len(lines)))
    return result


def texts(result: PageResult, block: Block) -> list[str]:
    return [result.lines[index].text for index in block.lines]


def test_lines_go_to_the_block_they_lie_in() -> None:
    lines = [text(0, 0, words="title"), text(0, 100, words="a"), text(0, 125, words="b")]
    result = arranged(
        lines,
        (BlockKind.TITLE, (0, 0, 400, 30)),
        (BlockKind.TEXT, (0, 90, 400, 160)),
        (BlockKind.TEXT, (500, 0, 600, 9)),
    )
    assert [(block.kind, texts(result, block)) for block in result.blocks] == [
        (BlockKind.TITLE, ["title"]),
        (BlockKind.TEXT, ["a", "b"]),
    ]
    assert result.blocks[0].level == 1
    assert result.blocks[1].box == (0, 100, 300, 145)


def test_leftovers_become_text_blocks_in_their_places() -> None:
    lines = [text(0, 300, words="below"), text(0, 0, words="above"), text(0, 100), text(0, 22, words="above too")]
    result = arranged(lines, (BlockKind.LIST_ITEM, (0, 90, 400, 130)))
    assert [texts(result, block) for block in result.blocks] == [["above", "above too"], ["some text"], ["below"]]
    assert [block.kind for block in result.blocks] == [BlockKind.TEXT, BlockKind.LIST_ITEM, BlockKind.TEXT]


def test_a_line_in_two_blocks_goes_to_the_smaller() -> None:
    result = arranged([text(10, 10)], (BlockKind.TABLE, (0, 0, 900, 900)), (BlockKind.CAPTION, (0, 0, 400, 50)))
    assert [block.kind for block in result.blocks] == [BlockKind.CAPTION]


def test_a_picture_without_a_picture_is_text() -> None:
    result = arranged([text(10, 10), text(10, 35)], (BlockKind.PICTURE, (0, 0, 900, 900)))
    assert [(block.kind, len(block.lines)) for block in result.blocks] == [(BlockKind.TEXT, 2)]


def test_known_pictures_are_kept_with_the_lines_in_them() -> None:
    result = arranged(
        [text(10, 10), text(10, 500)],
        (BlockKind.TEXT, (0, 0, 400, 40)),
        pictures=[(0, 400, 400, 700), (0, 0, 5, 5), (0, 0, 1000, 1000)],
    )
    assert [(block.kind, len(block.lines)) for block in result.blocks] == [
        (BlockKind.TEXT, 1),
        (BlockKind.PICTURE, 1),
    ]
    assert result.blocks[1].box == (0, 400, 400, 700)


def test_headings_have_levels_by_size() -> None:
    lines = [text(0, 0, high=40), text(0, 100, high=30), text(0, 200, high=20), text(0, 300, high=29)]
    found = [
        (BlockKind.TITLE, (0.0, 0.0, 500.0, 50.0)),
        *((BlockKind.SECTION_HEADER, (0.0, float(y), 500.0, y + 50.0)) for y in (90, 190, 290)),
    ]
    assert [block.level for block in arranged(lines, *found).blocks] == [1, 2, 3, 2]


def lean(polygon: Polygon, degrees: float) -> Polygon:
    corners = [turned(polygon[i], polygon[i + 1], math.radians(degrees), (SIZE / 2, SIZE / 2)) for i in range(0, 8, 2)]
    return tuple(value for corner in corners for value in corner)  # type: ignore[return-value]


def test_a_leaning_pages_rows_are_read_across() -> None:
    cells = [
        Line(
            f"{row}{column}",
            lean(box_polygon((100 + 300 * column, 100 + 25 * row, 300 + 300 * column, 120 + 25 * row)), 4),
            0.9,
        )
        for column in range(3)
        for row in range(4)
    ]
    assert abs(math.degrees(page_skew(cells)) - 4) < 0.1
    result = arranged(cells, (BlockKind.TABLE, (50, 50, 950, 400)))
    assert texts(result, result.blocks[0]) == [f"{row}{column}" for row in range(4) for column in range(3)]


def test_an_empty_page_has_no_blocks() -> None:
    assert arranged([]).blocks == ()
    assert [block.kind for block in arranged([], pictures=[(0, 0, 500, 500)]).blocks] == [BlockKind.PICTURE]


numbers = st.floats(-50, 1100)
boxes = st.tuples(numbers, numbers, numbers, numbers).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)
onto_page = st.floats(0, SIZE)
polygons = st.one_of(
    st.tuples(*[onto_page] * 8),
    boxes.map(lambda b: box_polygon((max(0.0, b[0]), max(0.0, b[1]), max(0.0, b[2]), max(0.0, b[3])))),
)


SIGNIFICANT = (
    *("•", "• an item of a list", "3.", "3. an item", "17", "Page 2 of 9", "§", "RUNNING HEAD", "x = y + 2"),
    *("Figure 3. A harbour", "return x;", "* note", "1Raised mark", "a line of prose, as long as lines of prose are"),
)
texts_of_lines = st.one_of(
    st.text(min_size=1, max_size=5),
    st.sampled_from(SIGNIFICANT),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.builds(Line, texts_of_lines, polygons, st.floats(0, 1)), max_size=25),
    st.lists(st.tuples(st.sampled_from(list(BlockKind)), boxes), max_size=10),
    st.lists(boxes, max_size=4),
)
def test_no_line_is_lost_or_doubled(lines: list[Line], found: list[tuple[BlockKind, Box]], pictures: list[Box]) -> None:
    arranged(lines, *found, pictures=pictures)


def column(x: float, wide: float, words: list[str], step: float = 25) -> list[Line]:
    return [text(x, 25 + step * number, wide, words=word) for number, word in enumerate(words)]


def test_a_forms_labels_are_read_with_what_is_filled_in() -> None:
    lines = column(0, 150, ["Total:", "Cash:", "Change:"]) + column(600, 80, ["9.60", "10.00", "0.40"])
    result = arranged(lines, (BlockKind.TEXT, (0, 0, 200, 200)), (BlockKind.TEXT, (580, 0, 700, 200)))
    assert [line.text for line in result.lines] == ["Total:", "9.60", "Cash:", "10.00", "Change:", "0.40"]
    assert len(result.blocks) == 1


def test_columns_of_prose_stay_apart() -> None:
    left = ["a line of prose in the left column of a page"] * 4
    right = ["a line of prose in the right column of a page"] * 4
    lines = column(0, 450, left) + column(520, 450, right)
    result = arranged(lines, (BlockKind.TEXT, (500, 0, 1000, 200)), (BlockKind.TEXT, (0, 0, 480, 200)))
    assert [line.text for line in result.lines] == left + right
    assert len(result.blocks) == 2


def test_a_heading_is_not_joined_with_the_column_beside_it() -> None:
    prose = ["a line of prose in the right column of a page"] * 6
    lines = [text(0, 25, 150, words="Editing"), *column(520, 450, prose)]
    found = [(BlockKind.SECTION_HEADER, (0.0, 0.0, 480.0, 50.0)), (BlockKind.TEXT, (500.0, 0.0, 1000.0, 300.0))]
    assert len(arranged(lines, *found).blocks) == 2


def test_headers_below_the_body_and_footers_above_it_are_text() -> None:
    lines = [
        text(0, 0, words="Marlow & Finch, Bookbinders, 14 Tanner's Row"),
        text(600, 40, words="9 March 2026"),
        text(0, 80, words="Thank you for the three atlases, which reached us."),
        text(0, 900, words="Page 7"),
    ]
    boxes = [(0, 0, 400, 20), (600, 40, 900, 60), (0, 80, 400, 100), (0, 900, 400, 920)]
    kinds = [BlockKind.TEXT, BlockKind.PAGE_HEADER, BlockKind.TEXT, BlockKind.PAGE_FOOTER]
    result = arranged(lines, *zip(kinds, boxes, strict=True))
    assert [block.kind for block in result.blocks] == [*[BlockKind.TEXT] * 3, BlockKind.PAGE_FOOTER]
    upside_down = [BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.TEXT, BlockKind.TEXT]
    result = arranged(lines, *zip(upside_down, boxes, strict=True))
    assert [block.kind for block in result.blocks] == [BlockKind.PAGE_HEADER, *[BlockKind.TEXT] * 3]
