"""Weights as they come: what is no model is seen without any library that loads models."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from desktop_ocr.models.entries import PackageFormat
from desktop_ocr.models.weights import check_files, check_onnx, check_weights
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from tests.fakes.fake_model_host import onnx_weights, tensors_of
from tests.unit.models.onnx_models import adding


def model(folder: Path, *, external: str = "", inner: bool = False) -> bytes:
    data = adding(external=external, inner=inner)
    (folder / "inference.onnx").write_bytes(data)
    return data


def checked(folder: Path, kind: PackageFormat = PackageFormat.ONNX) -> frozenset[str]:
    return check_weights(kind, folder)


def refused(folder: Path, kind: PackageFormat = PackageFormat.ONNX) -> str:
    with pytest.raises(DesktopOcrError) as caught:
        checked(folder, kind)
    assert caught.value.code is ErrorCode.MODEL_DAMAGED
    return str(caught.value)


def test_models_are_models(tmp_path: Path) -> None:
    data = model(tmp_path)
    onnx.checker.check_model(onnx.load_from_string(data))
    assert checked(tmp_path) == frozenset()
    check_onnx(tmp_path / "inference.onnx")
    (tmp_path / "inference.onnx").write_bytes(onnx_weights(b"x"))
    assert checked(tmp_path) == frozenset()


def test_what_is_none_or_was_cut_off_is_refused(tmp_path: Path) -> None:
    data = model(tmp_path)
    bad = [b"", b"x" * 1000, b"\0" * 1000, b"<html>Log in</html>", b"\xff" * 1000, data + b"\xff", b"\x08\x08"]
    for wrong in [*bad, *(data[:cut] for cut in range(0, len(data), 37))]:
        (tmp_path / "inference.onnx").write_bytes(wrong)
        assert "ONNX model" in refused(tmp_path)
        with pytest.raises(DesktopOcrError):
            check_onnx(tmp_path / "inference.onnx")


@pytest.mark.parametrize("inner", [False, True])
def test_files_that_weights_name_have_to_be_there(tmp_path: Path, inner: bool) -> None:
    model(tmp_path, external="inference.onnx.data", inner=inner)
    assert checked(tmp_path) == {"inference.onnx.data"}
    with pytest.raises(DesktopOcrError, match="data, is not there"):
        check_files(checked(tmp_path), tmp_path)
    (tmp_path / "inference.onnx.data").write_bytes(b"")
    check_files(checked(tmp_path), tmp_path)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "..", "c:x", "a\\b", "a\0b"])
def test_files_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    model(tmp_path, external=name)
    assert "outside" in refused(tmp_path)


def test_a_table_of_tensors(tmp_path: Path) -> None:
    weights, kind = tmp_path / "model.safetensors", PackageFormat.SAFETENSORS
    (tmp_path / "config.json").write_text("{}")
    whole = tensors_of(b"w" * 100)
    weights.write_bytes(whole)
    assert checked(tmp_path, kind) == frozenset()
    deep = b"[" * 100_000
    bad = [b"", b"x", b"x" * 1000, whole[:-1], whole[:20], len(deep).to_bytes(8, "little") + deep]
    for wrong in [*bad, b"\x02" + b"\0" * 7 + b"[]"]:
        weights.write_bytes(wrong)
        assert "model.safetensors" in refused(tmp_path, kind)
    weights.write_bytes(whole)
    (tmp_path / "config.json").write_text("not json")
    assert "config.json" in refused(tmp_path, kind)


def test_weights_of_paddle(tmp_path: Path) -> None:
    (tmp_path / "inference.pdiparams").write_bytes(b"w")
    (tmp_path / "inference.json").write_text(json.dumps({"base_code": {}}))
    assert checked(tmp_path, PackageFormat.PADDLE) == frozenset()
    (tmp_path / "inference.json").write_text("<html>")
    assert "inference.json" in refused(tmp_path, PackageFormat.PADDLE)
    (tmp_path / "inference.pdiparams").write_bytes(b"")
    assert "empty" in refused(tmp_path, PackageFormat.PADDLE)
