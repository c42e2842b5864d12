"""PP-StructureV3 is built for what is wanted, and anew where that changes. Its loader is a fake here."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.engine_host import models
from desktop_ocr.engine_host.models import Models
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.features import FULL, NONE, Feature


class FakePipeline:
    """What it was built of, and whether it was closed."""

    def __init__(self, folder: ModelFolder, _: EngineOptions) -> None:
        self.roles = [part.role for part in folder.parts]
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Models:
    (tmp_path / "inference.onnx").write_bytes(b"")
    monkeypatch.setattr(models, "LOADERS", {"structure": FakePipeline})
    monkeypatch.setattr(Models, "import_shared_code", lambda *_: None)
    parts = tuple(ModelFolder(role, role, str(tmp_path)) for role in ("regions", "formula", "chart"))
    return Models(EngineOptions((ModelFolder("structure", "PP-StructureV3", "", parts=parts),)))


def test_it_is_kept_for_the_same_parts_and_built_anew_for_others(held: Models) -> None:
    plain = held.load("structure", NONE)
    assert plain.roles == ["regions"]
    assert held.load("structure", FULL.without(Feature.FORMULAS, Feature.CHARTS)) is plain  # no part serves the rest
    assert held.load("structure") is plain
    full = held.load("structure", FULL)
    assert full.roles == ["regions", "formula", "chart"]
    assert plain.closed
    assert not full.closed
    assert [one.role for one in held.take_fresh()] == ["structure", "structure"]
    held.drop()
    assert full.closed
    assert held.load("structure").roles == ["regions", "formula", "chart"]  # nobody said what is wanted
