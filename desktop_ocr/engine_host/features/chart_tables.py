"""A chart's figures as a model writes them, as a table."""

from __future__ import annotations

import csv
import re

from desktop_ocr.schema.results import Cell, Table

_RULE = re.compile(r"^[\s|:\-]+$")
"""The line of dashes below a Markdown table's head."""
_MOST_ROWS, _MOST_COLUMNS = 500, 60
"""Of a chart that somebody drew; more is a model that repeats itself."""


def parse_chart(answer: str, source: str) -> Table | None:
    """The table in a model's answer: rows of cells parted by "|" (Markdown or not), or else by tabs or commas.

    Args:
        answer: what the model wrote.
        source: its name.

    Returns:
        A table with its head; None where there are not at least two rows and two columns.
    """
    rows = [line for line in answer.replace("<0x0A>", "\n").splitlines() if line.strip()]
    if any("|" in row for row in rows):
        cells = [_piped(row) for row in rows if "|" in row and not _RULE.match(row)]
    elif any("\t" in row for row in rows):
        cells = [row.split("\t") for row in rows if "\t" in row]
    else:
        cells = [row for row in csv.reader(rows, skipinitialspace=True) if len(row) > 1]
    cells = [row[:_MOST_COLUMNS] for row in cells[:_MOST_ROWS]]
    columns = max(map(len, cells), default=0)
    if len(cells) < 2 or columns < 2:
        return None
    return Table(
        rows=len(cells),
        columns=columns,
        cells=tuple(
            Cell(row, column, text.strip(), heading=row == 0)
            for row, texts in enumerate(cells)
            for column, text in enumerate(texts)
        ),
        source=source,
    )


def _piped(row: str) -> list[str]:
    text = row.strip()
    return text.removeprefix("|").removesuffix("|").split("|")
