"""Lines that take the place of others."""

from __future__ import annotations

import pytest

from desktop_ocr.engine_host.features.seals_stage import as_line, fragments
from desktop_ocr.engine_host.relining import replace_lines
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Cell,
    Line,
    PageResult,
    PageSource,
    Table,
    box_polygon,
    check_page_result,
)


def line(text: str, box: tuple[float, float, float, float] = (0, 0, 50, 10), confidence: float = 0.9) -> Line:
    return Line(text, box_polygon(box), confidence)


def page() -> PageResult:
    table = Table(1, 2, (Cell(0, 0, "c", (3,)), Cell(0, 1, "d", (4,))))
    return PageResult(
        0,
        100,
        100,
        72,
        0,
        PageSource.RECOGNISED,
        lines=tuple(map(line, "abcde"[:2])) + tuple(map(line, "xcd")),
        blocks=(
            Block(BlockKind.TEXT, (0, 0, 50, 10), (0,)),
            Block(BlockKind.SEAL, (0, 0, 50, 10), (1, 2)),
            Block(BlockKind.TABLE, (0, 0, 50, 10), (3, 4), table=table),
        ),
    )


def test_lines_go_and_come_and_all_others_stay_where_they_were() -> None:
    result = replace_lines(page(), 1, [1], [line("new"), line("too")])
    check_page_result(result)
    assert [[result.lines[number].text for number in block.lines] for block in result.blocks] == [
        ["a"],
        ["x", "new", "too"],
        ["c", "d"],
    ]
    table = result.blocks[2].table
    assert table is not None
    assert [result.lines[cell.lines[0]].text for cell in table.cells] == ["c", "d"]


def test_a_line_of_another_block_cannot_go() -> None:
    with pytest.raises(ValueError, match="another block"):
        replace_lines(page(), 1, [0], [])


def test_pieces_of_a_seals_writing_go_and_what_stands_within_it_stays() -> None:
    arc = as_line("CITY COUNCIL OF ELM", box_polygon((0, 0, 100, 100)), 0.95)
    lines = [
        line("COUNCTL OF", (20, 5, 80, 15), 0.97),  # says the same
        line("ELW", (80, 40, 95, 60), 0.5),  # was hardly read
        line("12 MAY", (30, 45, 70, 55), 0.99),  # stands in the middle
        line("TY", (150, 0, 170, 10), 0.5),  # is elsewhere
    ]
    assert fragments(lines, range(4), [arc]) == [0, 1]
    assert fragments(lines, (2, 3), [arc]) == []


def test_words_lie_along_their_line() -> None:
    made = as_line("AB CD", box_polygon((0, 0, 100, 10)), 0.9)
    assert [word.text for word in made.words] == ["AB", "CD"]
    assert made.words[0].polygon[2] == pytest.approx(40)
    assert made.words[1].polygon[0] == pytest.approx(60)
