"""How engines are set up, and what is told where one is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_ocr.engine_host import engines
from desktop_ocr.engine_host.model_folders import ALLOW_FAKES, FAKE, check, for_features
from desktop_ocr.schema.engine_messages import EngineOptions, ModelFolder
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.features import FAST, FULL, NONE, Feature


def folder(role: str = "formula", engine: str = "onnxruntime", **more: object) -> ModelFolder:
    return ModelFolder(role, f"model-{role}", "/nowhere", engine, **more)  # type: ignore[arg-type]


def test_onnx_runtime_keeps_no_arena() -> None:
    config = engines.engine_config("onnxruntime", "cpu", "", 2)
    assert config["enable_cpu_mem_arena"] is False
    assert config["enable_mem_pattern"] is False
    assert config["intra_op_num_threads"] == 2


@pytest.mark.parametrize(
    ("engine", "device", "precision", "config"),
    [
        ("paddle_static", "cpu", "", {"run_mode": "paddle", "cpu_threads": 2}),
        ("paddle_static", "cpu", "fp16", {"run_mode": "paddle", "cpu_threads": 2}),
        ("paddle_static", "gpu:0", "fp16", {"run_mode": "paddle_fp16"}),
        ("paddle_static", "gpu:0", "", {"run_mode": "paddle"}),
        ("transformers", "gpu:0", "fp16", {"dtype": "float16"}),
        ("transformers", "cpu", "", {}),
        ("paddle_dynamic", "cpu", "fp32", {}),
    ],
)
def test_precision_and_device(engine: str, device: str, precision: str, config: dict[str, object]) -> None:
    assert engines.engine_config(engine, device, precision, 2) == config


def test_a_pipeline_has_settings_for_each_engine_in_it() -> None:
    parts = (folder("regions"), folder("formula", "paddle_static"), folder("chart", "transformers"))
    found = engines.buckets(parts, "cpu", "", 3)
    assert set(found) == {"onnxruntime", "paddle_static", "transformers"}
    assert found["paddle_static"]["cpu_threads"] == 3


def test_a_model_may_have_a_device_of_its_own() -> None:
    options = EngineOptions(models=(), device="gpu:1")
    assert engines.device_of(folder(), options) == "gpu:1"
    assert engines.device_of(folder(device="cpu"), options) == "cpu"


def test_an_engine_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"onnxruntime"}
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: name in there or None)
    engines.require(folder())
    for one in (folder(engine="paddle_static"), folder(parts=(folder(), folder(engine="transformers")))):
        with pytest.raises(DesktopOcrError, match="is not installed") as caught:
            engines.require(one)
        assert caught.value.code is ErrorCode.MODEL_MISSING
        assert "pip install" in caught.value.info.advice
    there |= {"transformers", "torch"}
    engines.require(folder(engine="transformers"))


def test_weights_must_be_there(tmp_path: Path) -> None:
    one = ModelFolder("formula", "m", str(tmp_path))
    with pytest.raises(DesktopOcrError) as caught:
        check(one)
    assert caught.value.code is ErrorCode.MODEL_MISSING
    (tmp_path / "inference.onnx").write_bytes(b"")
    check(one)
    with pytest.raises(DesktopOcrError):
        check(ModelFolder("table-pipeline", "t", "", parts=(one, folder())))


def test_models_that_tests_made_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inference.onnx").write_bytes(b"")
    (tmp_path / FAKE).write_bytes(b"")
    one = ModelFolder("formula", "m", str(tmp_path))
    for value in ("", "0", "yes"):
        monkeypatch.setenv(ALLOW_FAKES, value)
        with pytest.raises(DesktopOcrError) as caught:
            check(one)
        assert caught.value.code is ErrorCode.MODEL_DAMAGED
    monkeypatch.setenv(ALLOW_FAKES, "1")
    check(one)


def test_parts_of_features_that_are_off_are_left_out() -> None:
    roles = (
        "regions",
        "text-detection",
        "unwarp",
        "formula",
        "chart",
        "seal-detection",
        "wired-cells",
        "page-orientation",
    )
    whole = ModelFolder("structure", "PP-StructureV3", "", parts=tuple(map(folder, roles)))

    def left(features: object) -> list[str]:
        return [part.role for part in for_features(whole, features).parts]  # type: ignore[arg-type]

    assert left(FULL) == list(roles)
    assert left(NONE) == ["regions", "text-detection"]
    assert left(FAST) == ["regions", "text-detection", "wired-cells", "page-orientation"]
    assert left(FULL.without(Feature.CHARTS)) == [role for role in roles if role != "chart"]
