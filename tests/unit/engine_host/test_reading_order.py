"""In which order blocks and lines are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.engine_host.geometry import Placed
from desktop_ocr.engine_host.reading_order import Piece, is_rtl, order_blocks, order_lines
from desktop_ocr.schema.results import BlockKind, Box


def order(*boxes: Box) -> list[int]:
    return order_blocks([Piece(BlockKind.TEXT, box) for box in boxes], 20)


def test_columns_are_read_one_after_the_other() -> None:
    assert order((520, 0, 1000, 300), (0, 310, 480, 600), (520, 310, 1000, 600), (0, 0, 480, 300)) == [3, 1, 0, 2]


def test_what_spans_the_columns_parts_them() -> None:
    title, rule = (0, 0, 1000, 50), (0, 400, 1000, 450)
    upper = [(0, 60, 480, 200), (0, 210, 480, 390), (520, 60, 1000, 200), (520, 210, 1000, 390)]
    lower = [(0, 460, 480, 800), (520, 460, 1000, 800)]
    assert order(title, *upper, rule, *lower) == list(range(8))


def test_columns_with_aligned_paragraphs_are_kept_together() -> None:
    """Where a white gap crosses both columns, the left one still goes on below it."""
    assert order(
        (300, 0, 700, 40), (0, 60, 480, 200), (520, 60, 1000, 200), (0, 230, 480, 400), (520, 230, 1000, 400)
    ) == [
        0,
        1,
        3,
        2,
        4,
    ]


def test_headers_footers_and_footnotes_have_their_places() -> None:
    kinds = [BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE, BlockKind.TEXT, BlockKind.PAGE_HEADER]
    pieces = [Piece(kind, (0, 10 * number, 100, 10 * number + 8)) for number, kind in enumerate(kinds)]
    assert order_blocks(pieces, 8) == [3, 2, 1, 0]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(BlockKind)),
            st.floats(0, 1000),
            st.floats(0, 1000),
            st.floats(0, 500),
            st.floats(0, 500),
        ),
        max_size=40,
    ),
    st.floats(0.01, 100),
)
def test_every_block_is_read_once(blocks: list, height: float) -> None:
    pieces = [Piece(kind, (x, y, x + wide, y + high)) for kind, x, y, wide, high in blocks]
    assert sorted(order_blocks(pieces, height)) == list(range(len(pieces)))


def line(number: int, x: float, y: float, *, upright: bool = True) -> Placed:
    box = (x, y, x + 100, y + 20) if upright else (x, y, x + 20, y + 100)
    return Placed(number, box, 20, upright)


def test_lines_of_a_row_are_read_across_even_where_it_leans() -> None:
    lines = [line(0, 300, 6), line(1, 0, 0), line(2, 150, 3), line(3, 0, 25)]
    assert order_lines(lines, lambda _: "text") == [1, 2, 0, 3]


def test_arabic_rows_are_read_from_the_right() -> None:
    lines = [line(0, 0, 0), line(1, 150, 0)]
    assert order_lines(lines, lambda _: "نص عربي") == [1, 0]


def test_vertical_writing_is_read_from_the_right() -> None:
    lines = [line(0, 0, 0, upright=False), line(1, 40, 0, upright=False), line(2, 80, 0, upright=False)]
    assert order_lines(lines, lambda _: "縦書き") == [2, 1, 0]


def test_pieces_of_a_vertical_column_stay_together() -> None:
    """The lower piece may reach a little further to the right."""
    columns = [line(0, 10, 0, upright=False), line(1, 14, 110, upright=False)]
    columns += [line(2, 112, 110, upright=False), line(3, 110, 0, upright=False)]
    assert order_lines(columns, lambda _: "縦書き") == [3, 2, 0, 1]


def test_direction_of_a_text() -> None:
    assert is_rtl("שלום 123")
    assert not is_rtl("hello")
    assert not is_rtl("123")


def test_a_date_on_the_right_is_read_where_it_stands() -> None:
    """It is no column: nothing stands beside it."""
    head = Piece(BlockKind.TEXT, (0, 0, 300, 100), 4, 80)
    date = Piece(BlockKind.TEXT, (700, 140, 900, 160), 1, 12)
    letter = Piece(BlockKind.TEXT, (0, 200, 690, 800), 20, 1200)
    assert order_blocks([letter, date, head], 20) == [2, 1, 0]
    note = date._replace(box=(700, 300, 900, 320))
    assert order_blocks([letter, note, head], 20) == [2, 0, 1]
