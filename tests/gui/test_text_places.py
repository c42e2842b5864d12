"""Where things are in the text: blocks in the formatted page, words in lines, cells in tables."""

from __future__ import annotations

import re

import msgspec
import pytest
from PySide6.QtGui import QTextDocument

from desktop_ocr.gui.cells_model import CellsModel
from desktop_ocr.gui.formatted_view import place_at
from desktop_ocr.gui.line_rows import doubtful_spans, page_rows, pasted, word_spans
from desktop_ocr.gui.line_text import same
from desktop_ocr.gui.page_html import page_html
from desktop_ocr.gui.review import Place
from desktop_ocr.schema.results import Cell, Line, Table, Word, box_polygon
from tests.gui.fake_dense import dense_page
from tests.gui.fake_pages import figures, page_result

BOX = box_polygon((0.0, 0.0, 9.0, 9.0))


@pytest.mark.usefixtures("qapp")
def test_each_block_has_its_name_once_and_no_sign_is_left_over() -> None:
    for page in (figures(0), page_result(0, "zh"), dense_page(0)):
        html = page_html(page).html
        names = [int(number) for number in re.findall(r'name="block-(\d+)"', html)]
        assert len(names) == len(set(names))
        missing = {number for number, _ in enumerate(page.blocks)} - set(names)
        assert all(
            not page.blocks[number].lines or page.blocks[number].kind.value.startswith("page-") for number in missing
        )
        assert not re.search("[\uf8f0-\uf8f3]", html)


@pytest.mark.usefixtures("qapp")
def test_names_change_nothing_of_what_is_read() -> None:
    page = figures(0)
    marked = QTextDocument()
    marked.setHtml(page_html(page).html)
    text = marked.toPlainText()
    for words in ("Berths by quarter", "The outer wall", "Table 1. Ships that berthed.", "Repairs to the crane"):
        assert words in text
    strange = msgspec.structs.replace(page.lines[0], text="a \uf8f25\uf8f3 b")
    assert (
        'name="block-5"></a> b' not in page_html(msgspec.structs.replace(page, lines=(strange, *page.lines[1:]))).html
    )


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Berths", Place(0)),
        ("both tides", Place(1)),
        ("Quay 2", Place(2, cell=(3, 0))),
        ("1987", Place(2, cell=(1, 2))),
        ("that berthed", Place(3)),
        ("frac", Place(4)),
        ("print", Place(5)),
        ("new tariff", Place(7)),
    ],
)
def test_place_of_words_in_the_formatted_page(words: str, place: Place) -> None:
    document = QTextDocument()
    document.setHtml(page_html(figures(0)).html)
    assert place_at(document.find(words)) == place


def test_rows_are_lines_in_reading_order() -> None:
    page = figures(0)
    rows = page_rows(page)
    assert [row.line for row in rows] == [line for block in page.blocks for line in block.lines]
    assert [row.label for row in rows if row.label][:3] == ["Heading 2", "Text", "Table"]
    assert sum(row.first for row in rows) == sum(row.last for row in rows) == len(page.blocks)
    broken = msgspec.structs.replace(page.lines[0], text="a\u2028b\nc")
    assert page_rows(msgspec.structs.replace(page, lines=(broken, *page.lines[1:])))[0].text == "a b c"
    assert pasted("a\r\nb\n") == "a b"
    assert same("a ", "a")
    assert not same("a b", "ab")


def test_words_in_doubt_are_found_in_their_line() -> None:
    words = tuple(Word(text, BOX, sure) for text, sure in (("the", 0.9), ("he", 0.5), ("gone", 0.4)))
    line = Line("the he there", BOX, 0.9, words)
    assert word_spans(line) == [(0, 3), (4, 6), None]
    assert doubtful_spans(line, 0.85) == [(4, 6)]
    assert doubtful_spans(Line("all", BOX, 0.5), 0.85) == [(0, 3)]
    assert doubtful_spans(msgspec.structs.replace(line, human=True), 0.85) == []


@pytest.mark.usefixtures("qapp")
def test_only_changed_cells_of_a_long_table_are_drawn_again() -> None:
    cells = tuple(Cell(row, column, f"{row} {column}") for row in range(10_000) for column in range(3))
    model = CellsModel(Table(10_000, 3, cells))
    changed: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, _last: changed.append((first.row(), first.column())))
    other = (*cells[:7], msgspec.structs.replace(cells[7], text="new", human=True), *cells[8:])
    table = Table(10_000, 3, other)
    assert model.fits(table)
    model.renew(table)
    assert changed == [(2, 1)]
    assert model.data(model.index(2, 1)) == "new"
    assert not model.fits(Table(10_000, 3, cells[:-1]))
    model.show_unsaved({(0, 0): "mine"})
    assert model.data(model.index(0, 0)) == "mine"
