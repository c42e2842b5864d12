"""A rectangle of a page as it is shown: where it lies in the file's page, and what was read of it in the page."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_ocr.core.page_regions import part_of, placed
from desktop_ocr.core.processor import PagePart
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.results import (
    Block,
    BlockKind,
    Box,
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

SHOWN = PageResult(3, 600.0, 800.0, 72.0, 0, PageSource.TEXT_LAYER)
REGION = (100.0, 200.0, 400.0, 300.0)


def read(*boxes: Box) -> PageResult:
    """What is read of a bitmap of 1200 x 400 pixels: a table of lines, each of one word, in cells of their own."""
    lines = tuple(Line("x", box_polygon(box), 0.9, (Word("x", box_polygon(box), 0.9),)) for box in boxes)
    cells = tuple(Cell(row, 0, "x", (row,), box=box) for row, box in enumerate(boxes))
    table = Table(len(boxes), 1, cells)
    block = Block(BlockKind.TABLE, (0.0, 0.0, 1200.0, 400.0), tuple(range(len(boxes))), table=table)
    return PageResult(3, 1200.0, 400.0, 288.0, 0, PageSource.RECOGNISED, lines, (block,))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_rectangle_is_a_part_of_the_page_turned_as_it_is_shown(rotation: int) -> None:
    shown = msgspec.structs.replace(SHOWN, rotation=rotation)
    assert part_of(shown, (150.0, 200.0, 300.0, 600.0)) == PagePart(rotation, (0.25, 0.25, 0.5, 0.75))


def test_everything_of_it_comes_into_the_pages_pixels() -> None:
    shown = msgspec.structs.replace(SHOWN, rotation=270)
    result = placed(read((0.0, 0.0, 1200.0, 400.0), (400.0, 100.0, 800.0, 140.0)), shown, REGION)
    check_page_result(result)
    assert (result.width, result.height, result.dpi, result.rotation) == (600.0, 800.0, 72.0, 270)
    assert result.source is PageSource.RECOGNISED
    wanted = (200.0, 225.0, 300.0, 235.0)
    (block,) = result.blocks
    assert block.table is not None
    places = (
        polygon_box(result.lines[1].polygon),
        polygon_box(result.lines[1].words[0].polygon),
        block.table.cells[1].box,
    )
    for place in places:
        assert place == pytest.approx(wanted)
    assert block.box == pytest.approx(REGION)


def test_what_sticks_out_of_the_bitmap_is_clipped() -> None:
    result = placed(read((-30.0, -5.0, 1300.0, 460.0)), SHOWN, (-100.0, 200.0, 400.0, 300.0))
    assert polygon_box(result.lines[0].polygon) == (0.0, 200.0, 400.0, 300.0)


@given(
    st.tuples(st.floats(0, 598), st.floats(0, 798), st.floats(1.001, 600), st.floats(1.001, 800)),
    st.tuples(st.floats(0, 1200), st.floats(0, 400)),
)
def test_there_and_back_again(region: tuple[float, float, float, float], point: tuple[float, float]) -> None:
    """A point of the bitmap lies in the page where the part of the page says that it was cut out."""
    x, y, width, height = region
    box = (x, y, x + width, y + height)
    (x0, y0, x1, y1) = part_of(SHOWN, box).region or (0.0, 0.0, 1.0, 1.0)
    result = placed(read((*point, *point)), SHOWN, box)
    found = polygon_box(result.lines[0].polygon)
    assert found[0] == pytest.approx((x0 + (x1 - x0) * point[0] / 1200) * SHOWN.width, abs=1e-6)
    assert found[1] == pytest.approx((y0 + (y1 - y0) * point[1] / 400) * SHOWN.height, abs=1e-6)


def test_what_cannot_be_placed_is_refused() -> None:
    with pytest.raises(DesktopOcrError) as caught:
        part_of(msgspec.structs.replace(SHOWN, unwarped=True), REGION)
    assert caught.value.code is ErrorCode.USAGE
    for change in ({"rotation": 90}, {"unwarped": True}):
        with pytest.raises(DesktopOcrError) as caught:
            placed(msgspec.structs.replace(read(), **change), SHOWN, REGION)
        assert caught.value.code is ErrorCode.PROTOCOL
