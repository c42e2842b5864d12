"""What a model writes of a chart, as a table."""

from __future__ import annotations

import pytest

from desktop_ocr.engine_host.features.chart_tables import parse_chart
from desktop_ocr.schema.results import Table


def texts(table: Table | None) -> list[list[str]]:
    assert table is not None
    rows: list[list[str]] = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.column] = cell.text
    return rows


@pytest.mark.parametrize(
    "answer",
    [
        "Year | Sold\n2019 | 1,200\n2020 | 7",
        "| Year | Sold |\n|---|:--:|\n| 2019 | 1,200 |\n| 2020 | 7 |",
        "Year\tSold\n2019\t1,200\n2020\t7",
        'Year, Sold\n2019, "1,200"\n2020, 7',
        "Year | Sold<0x0A>2019 | 1,200<0x0A>2020 | 7",
    ],
)
def test_the_forms_that_models_write(answer: str) -> None:
    table = parse_chart(answer, "PP-Chart2Table")
    assert texts(table) == [["Year", "Sold"], ["2019", "1,200"], ["2020", "7"]]
    assert table is not None
    assert [cell.heading for cell in table.cells] == [True, True, False, False, False, False]
    assert table.source == "PP-Chart2Table"


def test_short_rows_leave_places_empty() -> None:
    table = parse_chart("a | b | c\n1 | 2", "m")
    assert texts(table) == [["a", "b", "c"], ["1", "2", ""]]


@pytest.mark.parametrize("answer", ["", "This picture shows a cat.", "one | row", "only\nlines", "|\n|"])
def test_what_is_no_table(answer: str) -> None:
    assert parse_chart(answer, "m") is None


def test_a_model_that_repeats_itself_is_cut_off() -> None:
    table = parse_chart("a | b\n" + "1 | 2\n" * 10_000, "m")
    assert table is not None
    assert table.rows == 500
