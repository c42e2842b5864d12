"""The handler with models that are fakes: what becomes of what they raise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as ort

from desktop_ocr.engine_host import models
from desktop_ocr.engine_host.handler import EngineHandler
from desktop_ocr.engine_host.models import Models
from desktop_ocr.engine_host.runtime import stay_on_device
from desktop_ocr.schema.document_messages import Bitmap, TextLayer
from desktop_ocr.schema.engine_messages import (
    Arrange,
    Configure,
    EngineOptions,
    HostMemory,
    LoadModel,
    MeasureMemory,
    ModelFolder,
    ModelLoaded,
    Recognise,
    Recognised,
    TextRoles,
    UnloadModels,
)
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import NONE, FeatureMode, Features
from desktop_ocr.schema.messages import Done
from desktop_ocr.schema.results import Line, box_polygon, check_page_result
from desktop_ocr.schema.roles import REGIONS_BUNDLED, base_role

CUDA_MEMORY = "CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);"
CUDA_START = "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1"


class FakePart:
    """A fake of every model: finds one line, reads it, or raises what it is told to."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def find(self, *_: object, **__: object) -> list:
        if self.error is not None:
            raise self.error
        return []

    def read(self, _: object, __: object) -> list[Line]:
        if self.error is not None:
            raise self.error
        return [Line("one", box_polygon((1, 1, 9, 4)), 0.9), Line("two", box_polygon((1, 11, 9, 14)), 0.9)]

    def close(self) -> None:
        pass


class Host:
    """A handler whose text models and layout are fakes; `loads` says which were loaded, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, device: str) -> None:
        self.parts = {role: FakePart() for role in ("text-detection", "text-recognition", "layout")}
        self.loads: list[str] = []
        self.load_error: Exception | None = None
        monkeypatch.setattr(models, "LOADERS", dict.fromkeys(self.parts, self._load))
        monkeypatch.setattr(Models, "import_shared_code", lambda *_: None)
        (folder / "inference.onnx").write_bytes(b"")
        folders = (
            ModelFolder("text-detection", "det", str(folder)),
            ModelFolder("text-recognition", "rec", str(folder)),
            ModelFolder("layout", "lay", str(folder)),
        )
        self.handler = EngineHandler()
        assert self.handler.handle(Configure(EngineOptions(folders, device))) == Done()

    def _load(self, folder: ModelFolder, options: EngineOptions) -> FakePart:
        del options
        if self.load_error is not None:
            raise self.load_error
        self.loads.append(folder.role)
        return self.parts[folder.role]

    def failure(self, body: Recognise | Arrange | LoadModel) -> DesktopOcrError:
        with pytest.raises(DesktopOcrError) as caught:
            self.handler.handle(body)
        return caught.value


@pytest.fixture
def page(tmp_path: Path) -> Bitmap:
    (tmp_path / "page").write_bytes(np.full((20, 10, 3), 255, np.uint8).tobytes())
    return Bitmap(str(tmp_path / "page"), 10, 20, 100.0)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Host:
    return Host(monkeypatch, tmp_path, "cpu")


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Host:
    return Host(monkeypatch, tmp_path, "gpu:0")


def test_a_model_is_loaded_once(host: Host, page: Bitmap) -> None:
    for _ in range(2):
        assert isinstance(host.handler.handle(LoadModel("text-detection")), ModelLoaded)
    host.handler.handle(Recognise(0, page, NONE))
    host.handler.handle(Recognise(1, page, NONE))
    assert host.loads == ["text-detection", "text-recognition", "layout"]
    host.handler.handle(UnloadModels(("text-detection", "unheard-of")))
    host.handler.handle(Recognise(2, page, NONE))
    assert host.loads[3:] == ["text-detection"]


def test_a_role_that_is_not_there(host: Host) -> None:
    assert host.failure(LoadModel("charts")).code is ErrorCode.MODEL_MISSING
    assert host.failure(LoadModel("page-orientation")).code is ErrorCode.MODEL_MISSING


def test_a_feature_that_is_off_loads_nothing(host: Host, page: Bitmap) -> None:
    reply = host.handler.handle(Recognise(0, page, NONE, layout=False))
    assert isinstance(reply, Recognised)
    check_page_result(reply.result)
    assert [line.text for line in reply.result.lines] == ["one", "two"]
    assert reply.result.models == ("det", "rec")
    assert reply.memory.peak_mb >= reply.memory.rss_mb > 0
    layer = TextLayer(
        100, 100, (Line("b", box_polygon((1, 50, 9, 55)), 1.0), Line("a", box_polygon((1, 1, 9, 5)), 1.0))
    )
    arranged = host.handler.handle(Arrange(0, layer, layout=False))
    assert isinstance(arranged, Recognised)
    check_page_result(arranged.result)
    assert [line.text for line in arranged.result.lines] == ["a", "b"]
    assert "layout" not in host.loads
    assert isinstance(host.handler.handle(MeasureMemory()), HostMemory)


def test_cuda_out_of_memory_in_a_page(on_gpu: Host, page: Bitmap) -> None:
    on_gpu.parts["text-recognition"].error = ort.RuntimeException(CUDA_MEMORY)
    told = on_gpu.failure(Recognise(0, page, NONE))
    assert told.code is ErrorCode.OUT_OF_MEMORY
    assert "graphics card" in told.info.message
    assert "this page" in told.info.message
    on_gpu.parts["text-recognition"].error = None
    assert isinstance(on_gpu.handler.handle(Recognise(0, page, NONE)), Recognised)
    assert on_gpu.loads.count("text-detection") == 2  # what was loaded was dropped


def test_cuda_that_does_not_start(on_gpu: Host) -> None:
    on_gpu.load_error = ort.Fail(CUDA_START)
    assert on_gpu.failure(LoadModel("text-detection")).code is ErrorCode.GPU_LOST
    on_gpu.load_error = MemoryError()
    assert "the model" in on_gpu.failure(LoadModel("text-detection")).info.message


@pytest.mark.parametrize("error", [MemoryError(), ort.RuntimeException("Status Message: std::bad_alloc")], ids=repr)
def test_layout_out_of_memory_is_told(host: Host, page: Bitmap, error: Exception) -> None:
    host.parts["layout"].error = error
    assert host.failure(Recognise(0, page, NONE)).code is ErrorCode.OUT_OF_MEMORY
    layer = TextLayer(100, 100, (Line("a", box_polygon((1, 1, 9, 5)), 1.0),))
    assert host.failure(Arrange(0, layer)).code is ErrorCode.OUT_OF_MEMORY


def test_layout_that_fails_otherwise_is_noted(host: Host, page: Bitmap) -> None:
    host.parts["layout"].error = ValueError("bad page")
    reply = host.handler.handle(Recognise(0, page, NONE))
    assert isinstance(reply, Recognised)
    assert [note.code for note in reply.result.notes] == ["layout-failed"]
    assert len(reply.result.lines) == 2


def test_other_errors_stay_what_they_are(host: Host, page: Bitmap) -> None:
    host.parts["text-recognition"].error = ValueError("bad page")
    with pytest.raises(ValueError, match="bad page"):
        host.handler.handle(Recognise(0, page, NONE))
    host.parts["text-recognition"].error = None
    host.handler.handle(Recognise(0, page, NONE))
    assert host.loads.count("text-detection") == 1


class FakeSession:
    """A fake of ONNX Runtime's session on a machine with CUDA, which cannot be had here."""

    def __init__(self, *providers: str) -> None:
        self.providers = list(providers)
        self.fallback = True
        self.paddlex_predictor = self
        self.runner = self
        self.session = self

    def get_providers(self) -> list[str]:
        return self.providers

    def disable_fallback(self) -> None:
        self.fallback = False


def test_a_model_that_went_to_the_cpu_in_silence_is_refused() -> None:
    on_cpu = FakeSession("CPUExecutionProvider")
    with pytest.raises(DesktopOcrError) as caught:
        stay_on_device(on_cpu, "gpu:0")
    assert caught.value.code is ErrorCode.GPU_LOST
    stay_on_device(on_cpu, "cpu")
    on_gpu = FakeSession("CUDAExecutionProvider", "CPUExecutionProvider")
    stay_on_device(on_gpu, "gpu:0")
    assert not on_gpu.fallback


# --- models whose files are damaged -----------------------------------------------------------------------------


class Damaged:
    """A host in which the models of some roles cannot be loaded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, roles: tuple[str, ...], damaged: str) -> None:
        self.tries: list[str] = []
        self.damaged = damaged
        monkeypatch.setattr(models, "LOADERS", {base_role(role): self._load for role in roles})
        monkeypatch.setattr(Models, "import_shared_code", lambda *_: None)
        (folder / "inference.onnx").write_bytes(b"")
        folders = tuple(ModelFolder(role, f"model-{role}", str(folder)) for role in roles)
        self.handler = EngineHandler()
        self.handler.handle(Configure(EngineOptions(folders)))

    def _load(self, folder: ModelFolder, options: EngineOptions) -> FakePart:
        del options
        self.tries.append(folder.role)
        if folder.role == self.damaged:
            raise ort.InvalidProtobuf("[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model failed")
        return FakePart()


TEXT = ("text-detection", "text-recognition", "layout")


@pytest.mark.parametrize(
    ("role", "features", "words"),
    [
        ("unwarp", Features(unwarp=FeatureMode.ON), "Flattening the page left out"),
        ("page-orientation", Features(orientation=FeatureMode.ON), "Turning the page left out"),
        ("regions", Features(tables=FeatureMode.ON), "Looking for tables and pictures in the page's picture left out"),
        ("structure", NONE, "PP-StructureV3 left out"),
        ("second-recognition", NONE, "Reading doubtful lines again left out"),
    ],
)
def test_a_damaged_model_costs_what_it_does_and_no_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Bitmap, role: str, features: Features, words: str
) -> None:
    host = Damaged(monkeypatch, tmp_path, (*TEXT, role), role)
    with pytest.raises(DesktopOcrError) as caught:
        host.handler.handle(LoadModel(role))
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    assert f"desktop-ocr models remove model-{role}" in str(caught.value) or role == "structure"
    monkeypatch.setattr(FakePart, "read", lambda *_: [Line("one", box_polygon((1, 1, 9, 4)), 0.5)])
    text = TextRoles(second=role) if role == "second-recognition" else TextRoles()
    reply = host.handler.handle(Recognise(0, page, features, structure=role == "structure", text=text))
    assert isinstance(reply, Recognised)
    check_page_result(reply.result)
    assert [line.text for line in reply.result.lines] == ["one"]
    (note,) = [note for note in reply.result.notes if note.text.startswith(words)]
    assert f"the model model-{role} cannot be loaded" in note.text
    assert f"model-{role}" not in reply.result.models
    assert not reply.result.unwarped
    if role != "structure":
        assert host.tries.count(role) == 1  # it is not read again for each page


def test_text_is_read_by_the_small_model_where_a_larger_one_is_damaged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Bitmap
) -> None:
    host = Damaged(monkeypatch, tmp_path, (*TEXT, "text-recognition:small"), "text-recognition")
    reply = host.handler.handle(Recognise(0, page, NONE))
    assert isinstance(reply, Recognised)
    assert len(reply.result.lines) == 2
    assert "model-text-recognition:small" in reply.result.models
    assert "model-text-recognition" not in reply.result.models
    (note,) = reply.result.notes
    assert "desktop-ocr models remove model-text-recognition" in note.text


def test_tables_are_looked_for_by_the_bundled_model_where_a_better_one_is_damaged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Bitmap
) -> None:
    host = Damaged(monkeypatch, tmp_path, (*TEXT, "regions", REGIONS_BUNDLED), "regions")
    reply = host.handler.handle(Recognise(0, page, Features(tables=FeatureMode.ON)))
    assert isinstance(reply, Recognised)
    assert f"model-{REGIONS_BUNDLED}" in reply.result.models
    assert any("model-regions cannot be loaded" in note.text for note in reply.result.notes)


def test_without_any_model_for_text_it_is_said_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Bitmap
) -> None:
    host = Damaged(monkeypatch, tmp_path, TEXT, "text-recognition")
    with pytest.raises(DesktopOcrError, match="model-text-recognition cannot be loaded") as caught:
        host.handler.handle(Recognise(0, page, NONE))
    assert caught.value.code is ErrorCode.MODEL_DAMAGED


def test_a_table_keeps_its_cells_where_the_better_models_are_damaged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = Damaged(monkeypatch, tmp_path, ("table-pipeline", "table-structure"), "table-pipeline")
    held = host.handler._models
    assert isinstance(held.tables(), FakePart)
    assert host.tries == ["table-pipeline", "table-structure"]
    (note,) = held.take_notes()
    assert "table-pipeline cannot be loaded" in note.text
    assert held.take_notes() == ()
