"""The models that a page's result names are those that worked on it: they were asked, and were there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desktop_ocr.engine_host import models
from desktop_ocr.engine_host.handler import EngineHandler
from desktop_ocr.engine_host.models import Models
from desktop_ocr.schema.document_messages import Bitmap, TextLayer
from desktop_ocr.schema.engine_messages import (
    Arrange,
    Configure,
    EngineOptions,
    ModelFolder,
    Recognise,
    Recognised,
    Refine,
)
from desktop_ocr.schema.features import NONE, Feature, FeatureMode, Features
from desktop_ocr.schema.results import Block, BlockKind, Line, PageResult, PageSource, Word, box_polygon

ROLES = (
    "text-detection",
    "text-recognition",
    "layout",
    "page-orientation",
    "regions",
    "table-structure",
    "formula",
)
CLEAR = [["Year", "Ships", "Tons"], ["1901", "12", "340"], ["1902", "15", "390"], ["1903", "9", "210"]]


class FakeModel:
    """A fake of every model: sees nothing, and reads `lines`."""

    lines: tuple[Line, ...] = ()

    def find(self, *_: object, **__: object) -> object:
        return []

    def read(self, *_: object) -> list[Line] | None:
        return list(self.lines)


class FakeTables(FakeModel):
    """A fake of a model for tables, which sees none."""

    def read(self, *_: object) -> None:
        return None


class FakeTurner(FakeModel):
    """A fake of the model for orientation, to which all pages are upright."""

    def find(self, *_: object, **__: object) -> object:
        return 0, None


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EngineHandler:
    (tmp_path / "inference.onnx").write_bytes(b"")
    made: dict[str, FakeModel] = {role: FakeModel() for role in ROLES}
    made |= {"table-structure": FakeTables(), "page-orientation": FakeTurner()}
    monkeypatch.setattr(models, "LOADERS", dict.fromkeys(ROLES, lambda folder, _: made[folder.role]))
    monkeypatch.setattr(Models, "import_shared_code", lambda *_: None)
    handler = EngineHandler()
    folders = tuple(ModelFolder(role, f"model-{role}", str(tmp_path)) for role in ROLES)
    handler.handle(Configure(EngineOptions(folders, "cpu")))
    return handler


@pytest.fixture
def picture(tmp_path: Path) -> Bitmap:
    (tmp_path / "page").write_bytes(np.full((400, 400, 3), 255, np.uint8).tobytes())
    return Bitmap(str(tmp_path / "page"), 400, 400, 100.0)


def done(handler: EngineHandler, body: Recognise | Arrange | Refine) -> PageResult:
    reply = handler.handle(body)
    assert isinstance(reply, Recognised)
    return reply.result


def line(text: str, x: float, y: float) -> Line:
    polygon = box_polygon((x, y, x + 7 * len(text), y + 12))
    return Line(text, polygon, 0.99, (Word(text, polygon, 0.99),))


def table_page(rows: list[list[str]]) -> PageResult:
    lines = tuple(
        line(text, 20 + 100 * column, 20 + 24 * row)
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
        if text
    )
    block = Block(BlockKind.TABLE, (10.0, 10.0, 390.0, 30.0 + 24 * len(rows)), tuple(range(len(lines))))
    return PageResult(
        0, 400, 400, 100, 0, PageSource.RECOGNISED, lines, (block,), models=("reader",), pending=(Feature.TABLES,)
    )


def test_a_page_names_what_read_it(handler, picture, monkeypatch) -> None:
    monkeypatch.setattr(FakeModel, "lines", (line("one", 20, 20),))
    assert done(handler, Recognise(0, picture, NONE)).models == (
        "model-text-detection",
        "model-text-recognition",
        "model-layout",
    )
    on = Features(orientation=FeatureMode.ON, tables=FeatureMode.ON)
    assert set(done(handler, Recognise(1, picture, on)).models) == {
        "model-text-detection",
        "model-text-recognition",
        "model-layout",
        "model-page-orientation",
        "model-regions",
    }
    # They are still loaded, and have nothing to do with this one.
    assert "model-regions" not in done(handler, Recognise(2, picture, NONE)).models


def test_an_empty_page_was_not_laid_out(handler, picture) -> None:
    assert "model-layout" not in done(handler, Recognise(0, picture, NONE)).models
    assert done(handler, Arrange(0, TextLayer(100, 100, ()))).models == ()


def test_a_text_layer_names_the_layout_alone(handler) -> None:
    assert done(handler, Arrange(0, TextLayer(100, 100, (line("one", 20, 20),)))).models == ("model-layout",)


def test_a_table_that_words_show_does_not_name_the_model_that_was_not_asked(handler, picture) -> None:
    result = done(handler, Refine(table_page(CLEAR), Feature.TABLES, picture, Features(tables=FeatureMode.ON)))
    assert result.blocks[0].table is not None
    assert result.models == ("reader",)


def test_a_table_that_words_do_not_show_names_the_model(handler, picture) -> None:
    rows = [["one", "", "two"], ["", "three", ""], ["", "four", "five"], ["", "", "six"], ["", "seven", ""]]
    result = done(handler, Refine(table_page(rows), Feature.TABLES, picture, Features(tables=FeatureMode.ON)))
    assert result.models == ("reader", "model-table-structure")
