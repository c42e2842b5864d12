"""CSV and Excel, read by other programs' readers, beside the tables they are made of."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from results import line, result
from rich_page import FAILURE, HOSTILE, clean, export_file

from desktop_ocr.document_host.export.csv_tables import harmless
from desktop_ocr.document_host.export.numbers import decimal_sign, number, votes
from desktop_ocr.document_host.handler import DocumentHandler
from desktop_ocr.schema.document_messages import Exported
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.exports import ExportOptions
from desktop_ocr.schema.results import Block, BlockKind, Cell, PageResult, PageSource, Table
from desktop_ocr.text.tables import text_of

Write = Callable[..., Exported]


def page(*tables: Table, number: int = 0) -> PageResult:
    blocks = tuple(Block(BlockKind.TABLE, (0, 0, 1, 1), table=table) for table in tables)
    return PageResult(number, 10, 10, 72, 0, PageSource.RECOGNISED, blocks=blocks)


def table(*rows: tuple[str, ...], head: int = 1) -> Table:
    return Table(
        len(rows),
        len(rows[0]),
        tuple(
            Cell(row, column, text, heading=row < head)
            for row, texts in enumerate(rows)
            for column, text in enumerate(texts)
        ),
    )


SALES = table(("Name", "Price"), ("Ann\nLee", "1.234,56"), ("Bob, the", "-7,5"))
SPANS = Table(
    2,
    3,
    (Cell(0, 0, "Year", row_span=2, heading=True), Cell(0, 1, "Sums", column_span=2, heading=True), Cell(1, 2, "2")),
)


@pytest.fixture
def write(handler: DocumentHandler, tmp_path: Path) -> Write:
    (tmp_path / "out").mkdir()

    def made(kind: str, *pages: PageResult | None, name: str = "doc", **options: Any) -> Exported:
        target = tmp_path / "out" / f"{name}.{kind}"
        return export_file(handler, kind, tmp_path / "doc.pdf", target, *pages, options=ExportOptions(**options))

    return made


def rows(path: str) -> list[list[str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, strict=True))


def names(done: Exported) -> list[str]:
    return sorted(Path(path).name for path in (done.path, *done.others))


def test_csv_of_one_table(write: Write) -> None:
    done = write("csv", page(SALES))
    assert names(done) == ["doc.csv"]
    assert Path(done.path).read_bytes() == (b'\xef\xbb\xbfName,Price\r\nAnn Lee,"1.234,56"\r\n"Bob, the","-7,5"\r\n')


def test_csv_of_several_tables(write: Write) -> None:
    done = write("csv", page(SALES, SPANS), page(SPANS, number=1))
    assert names(done) == ["doc-1.csv", "doc-2.csv", "doc-3.csv"]
    assert Path(done.path).name == "doc-1.csv"
    assert rows(done.others[0]) == [["Year", "Sums", ""], ["", "", "2"]]
    assert done.size == sum(Path(path).stat().st_size for path in (done.path, *done.others))


def test_csv_where_the_cells_are_not_known(write: Write) -> None:
    texts = (("Total", (10, 10, 60, 30)), ("9.90", (200, 11, 240, 31)), ("Cash", (10, 40, 60, 60)))
    made = result(*(line(text, box) for text, box in texts))
    loose = PageResult(
        0, 600, 800, 72, 0, PageSource.RECOGNISED, made.lines, (Block(BlockKind.TABLE, (0, 0, 1, 1), (0, 1, 2)),)
    )
    assert rows(write("csv", loose).path) == [["Total", "9.90"], ["Cash", ""]]


def test_failed_pages_are_named(write: Write) -> None:
    sentence = f"[Page 2 could not be read: {FAILURE.message[:-1]}.]"
    done = write("csv", page(SALES), None, None, page(SPANS, number=3))
    assert rows(done.others[0])[0] == [sentence]
    assert len(rows(done.others[0])) == 2
    book = openpyxl.load_workbook(write("xlsx", page(SALES), None, None, page(SPANS, number=3)).path)
    assert book.sheetnames == ["p1 table 1", "p2-3 failed", "p4 table 1"]
    assert book["p2-3 failed"]["A1"].value == sentence


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_tables(write: Write, tmp_path: Path, kind: str) -> None:
    with pytest.raises(DesktopOcrError) as caught:
        write(kind, result(line("words", (0, 0, 10, 10))), page(table(("", "")), number=1))
    assert caught.value.code is ErrorCode.EXPORT_FAILED
    assert caught.value.info.message == "There are no tables in these pages."
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("=HYPERLINK(x)", "'=HYPERLINK(x)"),
        ("@sum", "'@sum"),
        ("+49 30 x", "'+49 30 x"),
        ("- item", "'- item"),
        ("-7,5", "-7,5"),
        ("+3 %", "+3 %"),
        ("-", "-"),
        ("–5", "–5"),
        ("a=b", "a=b"),
    ],
)
def test_what_a_spreadsheet_would_run(text: str, written: str) -> None:
    assert harmless(text) == written


def test_a_workbook(write: Write) -> None:
    done = write("xlsx", page(SALES, SPANS), title="Sales & co", language="de")
    book = openpyxl.load_workbook(done.path)
    assert book.sheetnames == ["p1 table 1", "p1 table 2"]
    assert (book.properties.title, book.properties.language) == ("Sales & co", "de")
    sales, spans = book.worksheets
    assert [[cell.value for cell in row] for row in sales.rows] == [
        ["Name", "Price"],
        ["Ann Lee", 1234.56],
        ["Bob, the", -7.5],
    ]
    assert [cell.font.bold for cell in sales[1]] == [True, True]
    assert (sales["B2"].number_format, sales["B3"].number_format) == ("#,##0.00", "0.0")
    assert sales.freeze_panes == "A2"
    assert sorted(map(str, spans.merged_cells.ranges)) == ["A1:A2", "B1:C1"]
    assert spans["C2"].value == 2
    assert not list(Path(done.path).parent.glob(".*"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_same_again_is_left_as_it_is(handler: DocumentHandler, tmp_path: Path, kind: str) -> None:
    first = export_file(handler, kind, tmp_path / "doc.pdf", tmp_path / f"doc.{kind}", page(SALES, SPANS))
    again = export_file(handler, kind, tmp_path / "doc.pdf", tmp_path / f"doc.{kind}", page(SALES, SPANS))
    assert (first.unchanged, again.unchanged) == (False, True)
    assert (first.path, first.others) == (again.path, again.others)


def test_what_looks_like_a_formula_or_an_error_is_text(write: Write) -> None:
    odd = ("=1+1", "#N/A", "@x", "00123", "1234567890123456", "31.12.2025", "+49 30 1234", "true", HOSTILE)
    book = openpyxl.load_workbook(write("xlsx", page(table(("Odd",), *((text,) for text in odd)))).path)
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [*odd[:-1], " ".join(clean(HOSTILE).split())]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_sheet_that_is_read_from_the_right(write: Write) -> None:
    cells = (Cell(0, 0, "שתיים"), Cell(0, 1, "אחת"), Cell(1, 0, "2", column_span=2))
    sheet = openpyxl.load_workbook(write("xlsx", page(Table(2, 2, cells))).path).worksheets[0]
    assert sheet.sheet_view.rightToLeft
    assert [cell.value for cell in sheet[1]] == ["אחת", "שתיים"]
    assert list(map(str, sheet.merged_cells.ranges)) == ["A2:B2"]
    assert not openpyxl.load_workbook(write("xlsx", page(SALES), name="b").path).worksheets[0].sheet_view.rightToLeft


def test_a_cell_longer_than_excel_allows(write: Write) -> None:
    done = write("xlsx", page(table(("Head",), ("x" * 40_000,))))
    assert len(openpyxl.load_workbook(done.path).worksheets[0]["A2"].value) == 32_767
    assert done.notes == ("Page 1: a cell was cut, because Excel allows 32767 characters.",)


def test_ten_thousand_rows(write: Write) -> None:
    large = table(("No", "Name"), *((str(row), f"name {row}") for row in range(10_000)))
    read = openpyxl.load_workbook(write("xlsx", page(large)).path, read_only=True).worksheets[0]
    found = [tuple(row) for row in read.iter_rows(values_only=True)]
    assert found == [("No", "Name"), *((row, f"name {row}") for row in range(10_000))]
    texts = [text_of(cell) for cell in large.cells]
    assert rows(write("csv", page(large)).path) == [texts[at : at + 2] for at in range(0, len(texts), 2)]


@pytest.mark.parametrize(
    ("text", "decimal", "value", "shown"),
    [
        ("12", ".", 12, "General"),
        ("1,234", ".", 1234, "#,##0"),
        ("1.234", ",", 1234, "#,##0"),
        ("1 234 567,5", ",", 1234567.5, "#,##0.0"),
        ("1'234.50", ".", 1234.5, "#,##0.00"),
        ("(1,234.00)", ".", -1234.0, "#,##0.00;(#,##0.00)"),
        ("\u22125", ".", -5, "General"),
        ("5-", ".", -5, "General"),
        ("12.5 %", ".", 0.125, "0.0%"),
        ("$12.50", ".", 12.5, '"$"0.00'),
        ("12,50 €", ",", 12.5, '0.00 "€"'),
        (".5", ".", 0.5, "0.0"),
        ("0.50", ".", 0.5, "0.00"),
    ],
)
def test_numbers(text: str, decimal: str, value: float, shown: str) -> None:
    made = number(text, decimal)
    assert made is not None
    assert (made.value, made.format) == (value, shown)


@pytest.mark.parametrize(
    "text",
    ["", "-", "007", "1.2.3", "12/05/2024", "2024-01-31", "12,34", "1,2345", "1234567890123456", "5 kg", "(5", "5)",
     "--5", "a1", "1.", "$5%", "٣", "½", "12 34", "+49 30 123456", "1e5", "№ 5"],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert number(text, ".") is None


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1.234", "1.234,56"], ","),
        (["1,234", "1,234.56"], "."),
        (["0,5"], ","),
        (["1.234.567"], ","),
        (["1,234"], ""),
        (["12.50", "x", ""], "."),
        (["1234,567"], ","),
        ([], ""),
    ],
)
def test_the_sign_before_decimals(texts: list[str], sign: str) -> None:
    assert decimal_sign(votes(texts)) == sign


def test_each_column_has_its_own_signs(write: Write) -> None:
    mixed = table(("A", "B", "C"), ("1.234", "1.5", "1,234"), ("1.234,5", "2.25", "2,345"))
    sheet = openpyxl.load_workbook(write("xlsx", page(mixed), language="de").path).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [1234, 1.5, 1.234]
    told = openpyxl.load_workbook(write("xlsx", page(mixed), name="b", decimal=".").path).worksheets[0]
    assert [cell.value for cell in told[2]] == [1.234, 1.5, 1234]
