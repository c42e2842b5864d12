"""Word documents, read back by python-docx."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image
from results import line, result
from rich_page import clean, export_file, rich_page

from desktop_ocr.schema.document_messages import Exported
from desktop_ocr.schema.exports import ExportOptions, PictureMode
from desktop_ocr.schema.results import Block, BlockKind, Cell, PageResult, PageSource, Table


@pytest.fixture
def scan(tmp_path) -> Path:
    """A document of three pictures, as large as `rich_page`."""
    pages = [Image.linear_gradient("L").resize((1654, 2339)) for _ in range(3)]
    pages[0].save(tmp_path / "scan.pdf", resolution=200, save_all=True, append_images=pages[1:])
    return tmp_path / "scan.pdf"


@pytest.fixture
def export(handler, scan, tmp_path):
    def write(*pages: PageResult | None, **more: Any) -> Exported:
        return export_file(handler, "docx", scan, tmp_path / "out.docx", *pages, **more)

    return write


@pytest.fixture
def written(export):
    """Write pages and read the document."""

    def write(*pages: PageResult | None, **more: Any) -> Any:
        return docx.Document(export(*pages, **more).path)

    return write


def texts(document: Any) -> list[tuple[str, str]]:
    """Style and text of each paragraph that has some, outside of tables."""
    return [(one.style.name, one.text) for one in document.paragraphs if one.text]


def table_page(table: Table, *, lines: tuple[Any, ...] = ()) -> PageResult:
    block = Block(BlockKind.TABLE, (0, 0, 500, 500), tuple(range(len(lines))), table=table)
    return PageResult(0, 1654, 2339, 200, 0, PageSource.RECOGNISED, lines, (block,))


def test_what_a_page_is_made_of(written):
    document = written(rich_page())
    found = texts(document)
    hostile = clean(rich_page().lines[-3].text)
    for expected in (
        ("Heading 1", "On the recognition of pages"),
        ("Normal", "It is well known that recognised pages hold text."),
        ("Heading 2", "Scripts"),
        ("Normal", "first thing"),
        ("Caption", "Table 1: what was sold"),
        ("Normal", "a^2 + b^2 < c^2"),
        ("Code", "print(x)\nif y:"),
        ("Normal", hostile),
        ("PageNote", "1 A note at the foot"),
    ):
        assert expected in found
    assert not any("Annual report" in text or text == "17" for _, text in found)
    headers = texts(written(rich_page(), options=ExportOptions(headers=True)))
    assert headers[0] == ("Header", "Annual report")
    assert headers[-1] == ("Footer", "17")


def test_lists_are_words_own(written):
    kinds = [BlockKind.LIST_ITEM] * 5
    page = result(
        line("• a bullet", (200, 100, 500, 130)),
        line("• below it", (260, 140, 560, 170)),
        line("3. three", (200, 180, 500, 210)),
        line("4. four", (200, 220, 500, 250)),
        line("1. anew", (200, 260, 500, 290)),
        kinds=tuple(kinds),
    )
    document = written(page)
    numbers = {}
    for one in document.paragraphs:
        if (found := one._p.pPr) is not None and found.numPr is not None:
            numbers[one.text] = (found.numPr.numId.val, found.numPr.ilvl.val)
    assert list(numbers) == ["a bullet", "below it", "three", "four", "anew"]
    assert numbers["a bullet"][0] == numbers["below it"][0]
    assert (numbers["a bullet"][1], numbers["below it"][1]) == (0, 1)
    assert numbers["three"] == numbers["four"]
    assert len({numbers[name][0] for name in ("a bullet", "three", "anew")}) == 3
    starts = {
        one.numId: one.find(f"{qn('w:lvlOverride')}/{qn('w:startOverride')}")
        for one in document.part.numbering_part.element.num_lst
    }
    assert starts[numbers["three"][0]].get(qn("w:val")) == "3"


def test_tables_with_merged_cells_and_heads(written):
    cells = (
        Cell(0, 0, "both", row_span=2, heading=True),
        Cell(0, 1, "over two", column_span=2, heading=True),
        Cell(1, 1, "left"),
        Cell(1, 2, "right"),
        Cell(2, 1, "two rows, two columns", row_span=2, column_span=2),
    )
    (table,) = written(table_page(Table(4, 3, cells))).tables
    grid = [[table.cell(row, column).text for column in range(3)] for row in range(4)]
    wide = "two rows, two columns"
    assert grid == [
        ["both", "over two", "over two"],
        ["both", "left", "right"],
        ["", wide, wide],
        ["", wide, wide],
    ]
    heads = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
    assert heads == [True, False, False, False]
    assert table.cell(0, 0).paragraphs[0].runs[0].bold


def test_a_table_of_a_right_to_left_page(written):
    cells = (Cell(0, 0, "42"), Cell(0, 1, "שם"), Cell(1, 0, "7"), Cell(1, 1, "עולם"))
    (table,) = written(table_page(Table(2, 2, cells))).tables
    assert table._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    assert [cell.text for cell in table.rows[0].cells] == ["שם", "42"]  # the first cell is the rightmost


def test_too_many_columns_for_word(written, export):
    cells = tuple(Cell(row, column, f"{row}.{column}") for row in range(2) for column in range(70))
    page = table_page(Table(2, 70, cells))
    assert "more columns than Word" in export(page).notes[0]
    document = written(page)
    assert not document.tables
    assert "1.69" in document.paragraphs[0].text


def test_a_table_of_ten_thousand_rows(export):
    rows = 10_000
    cells = tuple(Cell(row, column, f"r{row} c{column}") for row in range(rows) for column in range(4))
    done = export(table_page(Table(rows, 4, cells)))  # counting cells, or moving them in a tree, would take minutes
    with zipfile.ZipFile(done.path) as archive:
        body = archive.read("word/document.xml")
    assert body.count(b"<w:tr>") == rows
    assert b"r9999 c3" in body


def test_pictures(written, export):
    page = rich_page()
    document = written(page)
    assert len(document.inline_shapes) == 3
    first = document.inline_shapes[0]
    assert first.width / 914400 == pytest.approx(600 / 200, abs=0.01)
    assert first.height / 914400 == pytest.approx(400 / 200, abs=0.01)
    assert not written(page, options=ExportOptions(pictures=PictureMode.NONE)).inline_shapes
    done = export(page, options=ExportOptions(pictures=PictureMode.BESIDE))
    assert len(done.others) == 3
    linked = [one.target_ref for one in docx.Document(done.path).part.rels.values() if one.is_external]
    assert sorted(Path(done.path).parent / one for one in linked) == sorted(map(Path, done.others))


def test_pictures_of_a_document_that_is_gone_are_told_of(export, scan):
    scan.unlink()
    done = export(rich_page())
    assert any("Pictures of page 1 are missing" in note for note in done.notes)
    assert "peak" in [text for _, text in texts(docx.Document(done.path))]


def test_pages(written):
    wide = result(line("wide", (10, 10, 100, 40)), size=(2339, 1654), page=2)
    document = written(rich_page(), None, wide, result(size=(2339, 1654), page=3))
    styles = {text: style for style, text in texts(document)}
    assert styles["[Page 2 could not be read: It took too long.]"] == "PageNotRead"
    breaks = document.element.body.findall(f".//{qn('w:pageBreakBefore')}")
    assert len(breaks) == 2  # the failed page and the empty one; the wide one begins a section
    sizes = [(one.page_width.inches, one.page_height.inches) for one in document.sections]
    assert sizes == [pytest.approx((8.27, 11.69), abs=0.01), pytest.approx((11.69, 8.27), abs=0.01)]


def test_right_to_left_and_east_asian_text(written):
    document = written(result(line("שלום ABC עולם", (10, 10, 300, 40)), line("漢字です", (10, 60, 300, 90))))
    first, second = document.paragraphs[:2]
    assert first._p.pPr.find(qn("w:bidi")) is not None
    assert [(run.text, run._r.rPr is not None) for run in first.runs] == [
        ("שלום", True),
        (" ABC ", False),
        ("עולם", True),
    ]
    assert second.runs[0]._r.rPr.rFonts.get(qn("w:hint")) == "eastAsia"


def test_title_and_language(written):
    document = written(rich_page(), options=ExportOptions(title="A \x00title", language="ja-JP"))
    assert (document.core_properties.title, document.core_properties.language) == ("A title", "ja-JP")
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert defaults.get(qn("w:eastAsia")) == "ja-JP"
    assert written(rich_page()).core_properties.title == "scan"


def test_the_same_results_give_the_same_bytes(export):
    done = export(rich_page(), None)
    assert export(rich_page(), None).unchanged
    with zipfile.ZipFile(done.path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_no_page_at_all(export):
    done = export()
    assert docx.Document(io.BytesIO(Path(done.path).read_bytes())).sections
