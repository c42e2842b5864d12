"""Tables and figures seen in a page's picture, among the blocks that its words make."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.engine_host.drafts import Draft, Sheet, assign
from desktop_ocr.engine_host.features.interfaces import Region
from desktop_ocr.engine_host.features.merging import is_tabular, merge
from desktop_ocr.engine_host.geometry import Found, Placed, place
from desktop_ocr.schema.results import BlockKind, Box, Line, box_polygon

SIZE = 1000.0


def sheet_of(boxes: list[Box], text: str = "word") -> Sheet:
    lines = [Line(text, box_polygon(box), 1.0) for box in boxes]
    return Sheet.of(lines, place(lines, 0.0, (SIZE / 2, SIZE / 2)), SIZE, SIZE)


def cells(rows: int, columns: int, x: float = 100, y: float = 100) -> list[Box]:
    return [
        (x + 150 * column, y + 30 * row, x + 150 * column + 60, y + 30 * row + 15)
        for row in range(rows)
        for column in range(columns)
    ]


def region(kind: BlockKind, box: Box, score: float = 0.9) -> Region:
    return Region(kind, box, score)


def merged(sheet: Sheet, regions: list[Region], found: list[Found] | None = None) -> list[Draft]:
    return merge(assign(sheet.placed, found or [], []), sheet, regions)


def of_kind(drafts: list[Draft], kind: BlockKind) -> list[Draft]:
    return [draft for draft in drafts if draft.kind is kind]


def test_a_table_takes_its_lines() -> None:
    sheet = sheet_of([*cells(4, 3), (100, 500, 700, 515)])
    drafts = merged(sheet, [region(BlockKind.TABLE, (90, 90, 600, 220))])
    (table,) = of_kind(drafts, BlockKind.TABLE)
    assert {line.number for line in table.lines} == set(range(12))
    assert sum(len(draft.lines) for draft in drafts) == 13


def test_tables_by_the_words_and_by_the_picture_are_one() -> None:
    sheet = sheet_of(cells(6, 2))
    found = [Found(BlockKind.TABLE, (90, 90, 400, 160)), Found(BlockKind.TABLE, (90, 180, 400, 300))]
    assert len(of_kind(merged(sheet, [], found), BlockKind.TABLE)) == 2
    (table,) = of_kind(merged(sheet, [region(BlockKind.TABLE, (80, 80, 420, 310))], found), BlockKind.TABLE)
    assert len(table.lines) == 12


def test_captions_stay_out_of_tables() -> None:
    sheet = sheet_of([*cells(4, 3), (100, 225, 400, 240)])
    found = [Found(BlockKind.CAPTION, (95, 222, 405, 243))]
    drafts = merged(sheet, [region(BlockKind.TABLE, (90, 90, 600, 250))], found)
    (caption,) = of_kind(drafts, BlockKind.CAPTION)
    assert [line.number for line in caption.lines] == [12]


def test_prose_and_unsure_tables_are_none() -> None:
    prose = sheet_of([(100, 100 + 20 * row, 700, 115 + 20 * row) for row in range(8)])
    assert not of_kind(merged(prose, [region(BlockKind.TABLE, (90, 90, 710, 260))]), BlockKind.TABLE)
    sheet = sheet_of(cells(4, 3))
    assert not of_kind(merged(sheet, [region(BlockKind.TABLE, (90, 90, 600, 220), 0.4)]), BlockKind.TABLE)
    assert not is_tabular([])


def test_a_figure_takes_its_labels_and_needs_none() -> None:
    sheet = sheet_of([(200, 200, 260, 215), (100, 700, 800, 715)])
    drafts = merged(sheet, [region(BlockKind.PICTURE, (100, 100, 500, 400))])
    (picture,) = of_kind(drafts, BlockKind.PICTURE)
    assert [line.number for line in picture.lines] == [0]
    assert picture.box == (100, 100, 500, 400)
    (empty,) = of_kind(merged(sheet_of([]), [region(BlockKind.SEAL, (100, 100, 500, 400))]), BlockKind.SEAL)
    assert not empty.lines


def test_a_page_of_text_is_no_figure() -> None:
    sheet = sheet_of([(100, 100 + 20 * row, 700, 115 + 20 * row) for row in range(20)], "a line of plain prose")
    whole = region(BlockKind.PICTURE, (50, 50, 750, 550))
    assert not of_kind(merged(sheet, [whole]), BlockKind.PICTURE)
    blot = region(BlockKind.PICTURE, (900, 900, 910, 910))
    background = region(BlockKind.PICTURE, (0, 0, SIZE, SIZE))
    assert not of_kind(merged(sheet_of([]), [blot, background]), BlockKind.PICTURE)


def test_figures_that_overlap_are_one_and_tables_come_first() -> None:
    sheet = sheet_of(cells(4, 3))
    table = region(BlockKind.TABLE, (90, 90, 600, 220), 0.7)
    same = region(BlockKind.PICTURE, (90, 90, 600, 220), 0.99)
    drafts = merged(sheet, [same, table])
    assert not of_kind(drafts, BlockKind.PICTURE)
    pair = [region(BlockKind.PICTURE, (100, 500, 400, 800)), region(BlockKind.CHART, (110, 510, 400, 800), 0.6)]
    assert [draft.kind for draft in merged(sheet_of([]), pair)] == [BlockKind.PICTURE]


def test_a_table_by_the_words_does_not_keep_the_labels_of_the_figure_beside_it() -> None:
    sheet = sheet_of([*cells(4, 2, x=500), (120, 120, 160, 135), (130, 180, 170, 195)])
    found = [Found(BlockKind.TABLE, (100, 90, 800, 220))]
    figure = region(BlockKind.PICTURE, (100, 90, 300, 220))
    drafts = merged(sheet, [figure, region(BlockKind.TABLE, (490, 90, 800, 220))], found)
    (table,), (picture,) = of_kind(drafts, BlockKind.TABLE), of_kind(drafts, BlockKind.PICTURE)
    assert sorted(line.number for line in picture.lines) == [8, 9]
    assert table.box[0] >= 490


KINDS = st.sampled_from([BlockKind.TABLE, BlockKind.PICTURE, BlockKind.CHART, BlockKind.CAPTION, BlockKind.TEXT])


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(st.integers(0, 900)), draw(st.integers(0, 900))
    return (float(x), float(y), float(x + draw(st.integers(0, 400))), float(y + draw(st.integers(0, 100))))


@given(
    st.lists(boxes(), max_size=20),
    st.lists(st.builds(Region, KINDS, boxes(), st.floats(0, 1)), max_size=6),
    st.lists(st.builds(Found, KINDS, boxes()), max_size=4),
)
def test_every_line_stays_in_exactly_one_block(lines: list[Box], seen: list[Region], found: list[Found]) -> None:
    sheet = sheet_of(lines)
    drafts = merged(sheet, seen, found)
    kept: list[Placed] = [line for draft in drafts for line in draft.lines]
    assert sorted(line.number for line in kept) == list(range(len(lines)))


def test_a_formula_without_a_line_is_a_block() -> None:
    sheet = sheet_of([(100, 100, 700, 115), (100, 300, 700, 315)])
    seen = [
        region(BlockKind.FORMULA, (300, 150, 500, 250)),
        region(BlockKind.FORMULA, (305, 155, 505, 245), 0.7),  # the same again
        region(BlockKind.FORMULA, (90, 90, 710, 120)),  # a line that was read
        region(BlockKind.FORMULA, (300, 400, 500, 450), 0.4),
    ]
    drafts = merged(sheet, seen)
    (formula,) = of_kind(drafts, BlockKind.FORMULA)
    assert (formula.box, formula.lines) == ((300, 150, 500, 250), [])
    assert sum(len(draft.lines) for draft in drafts) == 2
