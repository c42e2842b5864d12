"""Tables on a page: whatever cells are found, every line keeps exactly one place and no word is lost."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.engine_host.features.table_settling import settle
from desktop_ocr.engine_host.features.table_units import (
    Grid,
    Slot,
    grid_of,
    split_line,
    table_of,
    units_of,
)
from desktop_ocr.engine_host.features.tables_stage import STAGE, tables_of_layer
from desktop_ocr.schema.features import FeatureMode
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Line,
    PageResult,
    PageSource,
    Word,
    box_polygon,
    check_page_result,
    polygon_box,
)
from desktop_ocr.schema.roles import ModelRole


def line(text: str, x: float, y: float, pitch: float = 30.0) -> Line:
    """A line whose words stand `pitch` apart."""
    words = tuple(
        Word(word, box_polygon((x + number * pitch, y, x + number * pitch + 20, y + 10)), 0.9)
        for number, word in enumerate(text.split())
    )
    return Line(text, box_polygon((x, y, x + (len(words) - 1) * pitch + 20, y + 10)), 0.9, words)


def page(lines: list[Line], *blocks: Block, source: PageSource = PageSource.RECOGNISED) -> PageResult:
    return PageResult(0, 1000, 1000, 100, 0, source, tuple(lines), blocks)


def words_of(result: PageResult) -> Counter[str]:
    return Counter(word.text for line in result.lines for word in line.words)


def test_a_line_is_split_where_cells_meet() -> None:
    whole = line("a bb  c", 0, 0)
    (first, left), (second, right) = split_line(whole, [4, 4, 7])
    assert (first, left.text, second, right.text) == (4, "a bb", 7, "c")
    assert polygon_box(left.polygon) == (0, 0, 50, 10)
    assert polygon_box(right.polygon) == (60, 0, 80, 10)
    assert split_line(whole, [1, 1, 1]) == [(1, whole)]
    assert split_line(Line("no words", whole.polygon, 1.0), [3]) == [(3, Line("no words", whole.polygon, 1.0))]


def test_words_that_are_not_in_the_text_are_joined() -> None:
    odd = Line("ab", box_polygon((0, 0, 80, 10)), 1.0, line("x y z", 0, 0).words)
    assert [piece.text for _, piece in split_line(odd, [1, 2, 2])] == ["x", "y z"]


def test_settling_renames_all_lines_and_moves_captions() -> None:
    lines = [line("Text", 0, 0), line("a b", 0, 40), line("c d", 0, 60), line("Table 1", 0, 90), line("note", 0, 20)]
    result = page(
        lines,
        Block(BlockKind.TEXT, (0, 0, 50, 10), (0,)),
        Block(BlockKind.TABLE, (0, 20, 50, 70), (4, 1, 2)),
        Block(BlockKind.CAPTION, (0, 90, 50, 100), (3,), caption_of=1),
    )
    units = units_of(lines, (4, 1, 2))
    grid = Grid(2, 2, (Slot(0, 0, units=(1,)), Slot(0, 1, units=(2,)), Slot(1, 0, 1, 2, units=(3, 4))), "words")
    made = settle(result, 1, grid, units)
    check_page_result(made)
    kinds = [block.kind for block in made.blocks]
    assert kinds == [BlockKind.TEXT, BlockKind.TEXT, BlockKind.TABLE, BlockKind.CAPTION]
    assert made.blocks[3].caption_of == 2
    table = made.blocks[2].table
    assert table is not None
    assert [cell.text for cell in table.cells] == ["a", "b", "c d"]
    assert [made.lines[index].text for index in made.blocks[1].lines] == ["note"]
    assert words_of(made) == words_of(result)
    assert grid_of(table_of(grid, units)) == grid


def test_a_grid_without_words_or_too_large_changes_nothing() -> None:
    result = page([line("a b", 0, 0)], Block(BlockKind.TABLE, (0, 0, 50, 10), (0,)))
    units = units_of(result.lines, (0,))
    assert settle(result, 0, Grid(1, 1, (Slot(0, 0),), ""), units) == result
    assert settle(result, 0, Grid(10**6, 1, (Slot(0, 0, units=(0, 1)),), ""), units) == result


@st.composite
def pages_with_grids(draw: st.DrawFn) -> tuple[PageResult, Grid]:
    counts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    lines = [
        line(
            " ".join(f"w{number}x{word}" for word in range(count)), draw(st.integers(0, 300)), draw(st.integers(0, 300))
        )
        for number, count in enumerate(counts)
    ]
    others = draw(st.lists(st.integers(0, len(lines) - 1), unique=True, max_size=len(lines) - 1))
    own = tuple(number for number in range(len(lines)) if number not in others)
    blocks = [Block(BlockKind.TABLE, (0, 0, 400, 400), own)]
    blocks += [Block(BlockKind.TEXT, (0, 0, 400, 400), (number,)) for number in others]
    total = sum(counts[number] for number in own)
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    owner = draw(st.lists(st.integers(-1, rows * columns - 1), min_size=total, max_size=total))
    slots = tuple(
        Slot(
            place // columns,
            place % columns,
            units=tuple(number for number, slot in enumerate(owner) if slot == place),
        )
        for place in range(rows * columns)
    )
    return page(lines, *blocks), Grid(rows, columns, slots, "drawn")


@given(pages_with_grids())
def test_every_line_keeps_one_place_and_no_word_is_lost(drawn: tuple[PageResult, Grid]) -> None:
    result, grid = drawn
    made = settle(result, 0, grid, units_of(result.lines, result.blocks[0].lines))
    check_page_result(made)
    assert words_of(made) == words_of(result)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(1, 4)), min_size=1, max_size=12))
def test_a_text_layers_table_may_be_anything(placed: list[tuple[int, int, int]]) -> None:
    lines = [line(" ".join("word"[:count] for _ in range(count)), x, y) for x, y, count in placed]
    block = Block(BlockKind.TABLE, (0, 0, 500, 500), tuple(range(len(lines))))
    result = page(lines, block, source=PageSource.TEXT_LAYER)
    made = tables_of_layer(result, [(0, 5, 500, 6), (0, 100, 500, 101), (50, 0, 51, 200), (0, 0, 1, 200)])
    check_page_result(made)
    assert words_of(made) == words_of(result)


def test_a_slanted_table_of_a_text_layer() -> None:
    rows = [("Name", "Sum"), ("Ann", "1"), ("Bob", "2")]
    lines = []
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            x, y = 200.0 * column, 30.0 * number + 8.0 * column
            lines.append(Line(text, (x, y, x + 100, y + 4, x + 100, y + 14, x, y + 10), 1.0))
    result = page(lines, Block(BlockKind.TABLE, (0, 0, 300, 90), tuple(range(6))), source=PageSource.TEXT_LAYER)
    made = tables_of_layer(result, ())
    check_page_result(made)
    table = made.blocks[0].table
    assert table is not None
    assert [(cell.row, cell.column, cell.text) for cell in table.cells] == [
        (row, column, rows[row][column]) for row in range(3) for column in range(2)
    ]


def test_which_pages_need_it_and_what_it_takes() -> None:
    table = Block(BlockKind.TABLE, (0, 0, 50, 10), (0,))
    lines = [line("a", 0, 0)]
    assert STAGE.needed(page(lines, table), FeatureMode.AUTO)
    assert not STAGE.needed(page(lines, table, source=PageSource.TEXT_LAYER), FeatureMode.ON)
    assert not STAGE.needed(page(lines, Block(BlockKind.TEXT, table.box, (0,))), FeatureMode.ON)
    both = frozenset({ModelRole.TABLE_PIPELINE, ModelRole.TABLE_STRUCTURE})
    assert STAGE.roles(both) == (ModelRole.TABLE_PIPELINE,)
    assert STAGE.roles(both - {ModelRole.TABLE_PIPELINE}) == (ModelRole.TABLE_STRUCTURE,)
    assert STAGE.roles(frozenset()) == (ModelRole.LAYOUT,)
