"""Tables with cells as Markdown, HTML and plain rows."""

from __future__ import annotations

from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    box_polygon,
)
from desktop_ocr.text.escaping import escape
from desktop_ocr.text.markdown import markdown
from desktop_ocr.text.plain import plain_text
from desktop_ocr.text.tables import table_html, table_markdown

SIMPLE = Table(
    2,
    2,
    (
        Cell(0, 0, "Name", (0,), heading=True),
        Cell(0, 1, "Sum | net", (1,), heading=True),
        Cell(1, 0, "Ann\nLee", (2, 3)),
        Cell(1, 1),
    ),
)
SPANNING = Table(
    2,
    3,
    (
        Cell(0, 0, "Year", (0,), row_span=2, heading=True),
        Cell(0, 1, "Sums <&>", (1,), column_span=2, heading=True),
        Cell(1, 2, "2", (2, 3)),
    ),
)


def page(table: Table, kind: BlockKind = BlockKind.TABLE) -> PageResult:
    lines = tuple(
        Line(text, box_polygon((0, 20.0 * number, 50, 20.0 * number + 10)), 1.0)
        for number, text in enumerate(("Name", "Sum | net", "Ann", "Lee"))
    )
    return PageResult(
        0, 100, 100, 72, 0, PageSource.RECOGNISED, lines, (Block(kind, (0, 0, 50, 90), (0, 1, 2, 3), table=table),)
    )


def test_a_simple_table_is_markdown() -> None:
    assert markdown(page(SIMPLE)) == "| Name | Sum \\| net |\n| --- | --- |\n| Ann Lee |  |"
    assert plain_text(page(SIMPLE)) == "Name   Sum | net\nAnn Lee"


def test_spans_are_html() -> None:
    expected = (
        '<table>\n<tr><th rowspan="2">Year</th><th colspan="2">Sums &lt;&amp;&gt;</th></tr>\n'
        "<tr><td></td><td>2</td></tr>\n</table>"
    )
    assert table_html(SPANNING) == expected
    assert markdown(page(SPANNING)) == expected


def test_a_head_of_two_rows_is_html() -> None:
    table = Table(2, 1, (Cell(0, 0, "a", heading=True), Cell(1, 0, "b", heading=True)))
    assert table_markdown(table, escape).startswith("<table>")
    assert table_markdown(Table(1, 1, (Cell(0, 0, " "),)), escape) == ""


def test_what_a_model_reads_off_a_chart_stands_below_its_labels() -> None:
    chart = Table(2, 1, (Cell(0, 0, "Year"), Cell(1, 0, "1901")), "model")
    text = markdown(page(chart, BlockKind.CHART))
    assert text.startswith("Name")
    assert text.endswith("| Year |\n| --- |\n| 1901 |")
    assert plain_text(page(chart, BlockKind.CHART)).endswith("Lee\n\nYear\n1901")
