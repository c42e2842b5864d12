"""What is where on a page: points, parts of lines, parts of pages, parts of pictures. Without a window."""

from __future__ import annotations

import subprocess
import sys

import pytest

from desktop_ocr.gui.copying import table_as_html, table_as_tabs, text_of, text_of_block
from desktop_ocr.gui.fit import MOST_PIXELS, PART_PIXELS, wanted_part
from desktop_ocr.gui.gliding import way
from desktop_ocr.gui.page_marks import Trust, page_marks
from desktop_ocr.gui.page_places import PagePlaces, contains, part_of_line
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    Word,
    box_polygon,
    check_page_result,
    polygon_box,
)
from tests.gui.fake_dense import dense_page
from tests.gui.fake_pages import figures


def line(text: str, left: float, top: float, right: float, bottom: float, *words: Word) -> Line:
    return Line(text, box_polygon((left, top, right, bottom)), 0.9, words)


def page(lines: list[Line], blocks: list[Block]) -> PageResult:
    return PageResult(0, 1000.0, 1400.0, 100.0, 0, PageSource.RECOGNISED, tuple(lines), tuple(blocks))


def test_every_line_and_cell_of_a_dense_page_is_found_in_its_middle() -> None:
    result = dense_page(0)
    check_page_result(result)
    assert len(result.lines) == 300
    assert sum(len(one.words) for one in result.lines) >= 2_990
    places = PagePlaces(result)
    for number, one in enumerate(result.lines):
        x0, y0, x1, y1 = polygon_box(one.polygon)
        spot = places.at((x0 + x1) / 2, (y0 + y1) / 2)
        assert spot.line == number
        assert number in result.blocks[spot.block].lines
        word = one.words[3]
        assert places.word_at(number, word.polygon[0] + 2, word.polygon[1] + 2) == 3
    table = next(at for at, block in enumerate(result.blocks) if block.table is not None)
    cell = result.blocks[table].table.cells[2]  # type: ignore[union-attr]
    assert cell.box is not None
    spot = places.at(cell.box[0] + 1, cell.box[1] + 1)
    assert (spot.block, spot.cell) == (table, (2, 0))
    assert places.cell_box(table, (2, 0)) == cell.box


def test_nearest_line_block_without_lines_and_nothing() -> None:
    result = page(
        [line("near", 100, 100, 300, 120)],
        [Block(BlockKind.TEXT, (90, 90, 310, 130), (0,)), Block(BlockKind.PICTURE, (400, 400, 700, 700))],
    )
    places = PagePlaces(result)
    assert places.at(305, 110, 6).line == 0
    assert places.at(305, 110, 2) == (0, -1, None)
    assert places.at(500, 500) == (1, -1, None)
    assert places.at(900, 1300) == (-1, -1, None)
    assert places.at(-50, -50, 5) == (-1, -1, None)


def test_slanted_line_is_found_where_it_is_and_not_in_its_corners() -> None:
    slanted = (100.0, 200.0, 500.0, 100.0, 510.0, 140.0, 110.0, 240.0)
    assert contains(slanted, 305, 170)
    assert not contains(slanted, 110, 110)
    assert contains((*slanted[6:], *slanted[4:6], *slanted[2:4], *slanted[:2]), 305, 170)


def test_part_of_a_line_is_that_of_its_words() -> None:
    words = (Word("harbour", box_polygon((100, 0, 240, 20)), 0.9), Word("office", box_polygon((300, 0, 400, 20)), 0.9))
    one = line("harbour office", 100, 0, 400, 20, *words)
    assert [polygon_box(part) for part in part_of_line(one, 8, 14)] == [(300, 0, 400, 20)]
    both = [polygon_box(part) for part in part_of_line(one, 5, 11)]
    assert both[0] == pytest.approx((200, 0, 240, 20))
    assert both[1] == pytest.approx((300, 0, 350, 20))


def test_part_of_a_line_whose_words_are_not_known_is_by_proportion() -> None:
    plain = line("abcd", 0, 0, 400, 20)
    assert polygon_box(part_of_line(plain, 1, 3)[0]) == pytest.approx((100, 0, 300, 20))
    arabic = line("אבגד", 0, 0, 400, 20)
    assert polygon_box(part_of_line(arabic, 0, 1)[0]) == pytest.approx((300, 0, 400, 20))
    downwards = line("港务局年", 0, 0, 30, 400)
    assert polygon_box(part_of_line(downwards, 0, 1)[0]) == pytest.approx((0, 0, 30, 100))
    edited = line("other", 0, 0, 100, 20, Word("former", box_polygon((0, 0, 100, 20)), 0.9))
    assert polygon_box(part_of_line(edited, 0, 5)[0]) == pytest.approx((0, 0, 100, 20))


def test_marks_are_by_kind_and_by_how_sure_a_line_is() -> None:
    marks = page_marks(dense_page(0))
    assert set(marks.lines) == set(Trust)
    assert BlockKind.TABLE in marks.blocks
    assert list(marks.lines) == list(Trust)


def test_text_of_a_part_is_in_reading_order_by_block() -> None:
    result = page(
        [line("second", 600, 100, 800, 120), line("first", 100, 100, 300, 120), line("left out", 100, 900, 300, 920)],
        [
            Block(BlockKind.TEXT, (90, 90, 310, 130), (1,)),
            Block(BlockKind.TEXT, (590, 90, 810, 130), (0,)),
            Block(BlockKind.TEXT, (90, 890, 310, 930), (2,)),
        ],
    )
    box = (0.0, 0.0, 1000.0, 500.0)
    assert text_of(result, PagePlaces(result).lines_inside(box), box) == "first\n\nsecond"
    assert text_of_block(result, 2) == "left out"


def test_table_is_copied_with_tabs_and_as_html() -> None:
    table = Table(
        2, 2, (Cell(0, 0, "a & b", column_span=2, heading=True), Cell(1, 0, "1\n2"), Cell(1, 1, "<3>")), "rulings"
    )
    assert table_as_tabs(table) == "a & b\t\n1 2\t<3>"
    html = table_as_html(table)
    assert '<th colspan="2">a &amp; b</th>' in html
    assert "<td>1<br>2</td><td>&lt;3&gt;</td>" in html


def test_formula_is_copied_as_latex_and_a_whole_table_stays_one() -> None:
    result = figures(0)
    formula = next(at for at, block in enumerate(result.blocks) if block.latex)
    assert text_of_block(result, formula) == r"Q = \frac{m}{2} \cdot c \, \Delta T"
    table = next(at for at, block in enumerate(result.blocks) if block.table is not None)
    assert "Quay 1   42   52 (est.)" in text_of_block(result, table)


def test_what_is_copied_in_two_ways_does_not_crash_the_exit() -> None:
    """Mime data with a Python object behind it would."""
    program = (
        "import sys\n"
        "from PySide6.QtGui import QGuiApplication\n"
        "from desktop_ocr.gui.copying import copy_both\n"
        "app = QGuiApplication(sys.argv[:1])\n"
        "copy_both('a\\tb', '<table><tr><td>a</td></tr></table>')\n"
        "mime = app.clipboard().mimeData()\n"
        "assert sorted(mime.formats()) == ['text/html', 'text/plain'], mime.formats()\n"
        "assert mime.text() == 'a\\tb' and '<td>a' in mime.html()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60, env={"QT_QPA_PLATFORM": "offscreen"})


def test_part_of_a_page_is_wanted_when_the_whole_would_be_too_large() -> None:
    assert wanted_part((0.0, 0.0, 0.5, 0.5), (MOST_PIXELS - 1, MOST_PIXELS)) is None
    part = wanted_part((0.4, 0.4, 0.5, 0.5), (4000, 6000))
    assert part is not None
    assert part.region[0] < 0.4 < 0.5 < part.region[2]
    assert part.pixels[0] * part.pixels[1] <= PART_PIXELS
    assert part.served_by(part.region, 4000)
    assert not part.served_by(part.region, 3000)
    assert not part.served_by((0.42, 0.0, 1.0, 1.0), 4000)
    corner = wanted_part((0.9, 0.9, 1.0, 1.0), (4000, 6000))
    assert corner is not None
    assert corner.region[2:] == (1.0, 1.0)


def test_scrolling_brings_a_place_to_view_and_leaves_alone_what_is_seen() -> None:
    assert way(10, 50, 500) == 0
    assert way(700, 740, 500) == 470
    assert way(-100, -60, 500) == -330
    assert way(-20, 520, 500) == 0  # fills the room
    assert way(600, 1600, 500) == 560
