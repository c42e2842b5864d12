"""The user's models file: what it may say, and what is said of what is wrong in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_ocr.models.models_file import ModelsFile, UserChoice, load_models_file, make_models_file
from desktop_ocr.schema.errors import DesktopOcrError, ErrorCode
from desktop_ocr.schema.roles import ModelRole
from tests.fakes.fake_model_host import ENGINES, config_of, onnx_package


def loaded(tmp_path: Path, text: str | bytes) -> ModelsFile:
    file = tmp_path / "models.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_models_file(file, ENGINES)


def own_folder(tmp_path: Path, model: str = "UVDoc") -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, data in onnx_package(model, 100).items():
        (folder / name).write_bytes(data)
    return folder


def test_one_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert load_models_file(tmp_path / "models.toml") == ModelsFile()


def test_a_fresh_one_changes_nothing_and_can_be_followed(tmp_path: Path) -> None:
    file = tmp_path / "config" / "models.toml"
    assert make_models_file(file)
    assert load_models_file(file, ENGINES) == ModelsFile()
    text = file.read_text("utf8")
    taken = text.replace("# [", "[").replace("# model = ", "model = ")
    file.write_text(taken, "utf8")
    followed = load_models_file(file, ENGINES)
    assert followed.problems == ()
    assert followed.choices[ModelRole.FORMULA] == UserChoice("PP-FormulaNet_plus-L")
    assert set(followed.choices) == set(ModelRole) - {ModelRole.LAYOUT}
    assert not make_models_file(file)  # what is there is the user's
    assert file.read_text("utf8") == taken


def test_a_folder_where_none_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("in the way")
    with pytest.raises(DesktopOcrError) as caught:
        make_models_file(tmp_path / "config" / "models.toml")
    assert caught.value.code is ErrorCode.NO_PERMISSION


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    own_folder(tmp_path)
    found = loaded(
        tmp_path,
        """
        [text-recognition]
        model = "PP-OCRv6_medium_rec"
        engine = "onnxruntime"
        device = "gpu:1"
        precision = "fp16"
        side = 2000
        [unwarp]
        folder = "mine"
        [wireless-structure]
        model = "SLANet_plus"
        """,
    )
    assert found.problems == ()
    assert found.choices == {
        ModelRole.TEXT_RECOGNITION: UserChoice("PP-OCRv6_medium_rec", "", "onnxruntime", "gpu:1", "fp16", 2000),
        ModelRole.UNWARP: UserChoice("UVDoc", str(tmp_path / "mine"), "onnxruntime"),
        ModelRole.WIRELESS_STRUCTURE: UserChoice("SLANet_plus"),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[text]\nmodel = 'x'", "there is no such role"),
        ("unwarp = 'UVDoc'", "has to be a table"),
        ("[unwarp]", "neither a model nor a folder"),
        ("[unwarp]\nmodel = 'UVDok'", "there is no model UVDok"),
        ("[unwarp]\nmodel = 'SLANet_plus'", "it is for table-structure, wireless-structure"),
        ("[unwarp]\nmodel = 3", "has to be a text"),
        ("[unwarp]\nmodel = ''", "has to be a text"),
        ("[unwarp]\nmodle = 'UVDoc'", "'modle' is not known"),
        ("[unwarp]\nfolder = 'nowhere'", "there is no folder"),
        ("[unwarp]\nfolder = '.'", "there is no whole model"),
        ("[layout]\nfolder = 'mine'", "takes no folder"),
        ("[unwarp]\nmodel = 'UVDoc'\nengine = 'fast'", "there is no engine 'fast'"),
        ("[unwarp]\nmodel = 'UVDoc'\nengine = 'transformers'", "is not installed"),
        ("[unwarp]\nmodel = 'UVDoc'\ndevice = 'tpu'", "there is no device 'tpu'"),
        ("[unwarp]\nmodel = 'UVDoc'\ndevice = 'auto'", "there is no device"),
        ("[unwarp]\nmodel = 'UVDoc'\nprecision = 'best'", "there is no precision 'best'"),
        ("[unwarp]\nmodel = 'UVDoc'\nside = 8", "from 32 to 8192"),
        ("[unwarp]\nmodel = 'UVDoc'\nside = true", "from 32 to 8192"),
        ("[unwarp]\nmodel = 'UVDoc'\nside = 1e3", "from 32 to 8192"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_counts(tmp_path: Path, text: str, words: str) -> None:
    own_folder(tmp_path)
    found = loaded(tmp_path, text + "\n[formula]\nmodel = 'PP-FormulaNet_plus-S'\n")
    assert list(found.choices) == [ModelRole.FORMULA]
    (problem,) = found.problems
    assert words in problem
    assert problem.startswith("models.toml, [")
    assert problem.endswith(".")
    assert "\n" not in problem


@pytest.mark.parametrize("text", ["[unwarp", b"\xff\xfe", "a = 1\na = 2", "[" * 10_000, b"#" * 1_000_001])
def test_a_file_that_cannot_be_understood_is_left_out(tmp_path: Path, text: str | bytes) -> None:
    found = loaded(tmp_path, text)
    assert found.choices == {}
    assert len(found.problems) == 1


@pytest.mark.parametrize("name", ["a" * 300, "a" * 5000, "mine/../" * 1000])
def test_a_folder_of_an_endless_name_is_not_there(tmp_path: Path, name: str) -> None:
    (problem,) = loaded(tmp_path, f"[unwarp]\nfolder = '{name}x'").problems
    assert "there is no folder" in problem


def test_a_folder_of_the_users_own_whose_weights_are_none(tmp_path: Path) -> None:
    (own_folder(tmp_path) / "inference.onnx").write_bytes(b"x" * 1000)
    found = loaded(tmp_path, "[unwarp]\nfolder = 'mine'")
    assert found.choices == {}
    assert "no ONNX model" in found.problems[0]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "models.toml")
    assert len(load_models_file(tmp_path / "models.toml").problems) == 1


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "models.toml").mkdir()
    assert len(load_models_file(tmp_path / "models.toml").problems) == 1


def test_a_folder_of_the_users_own_is_looked_at(tmp_path: Path) -> None:
    folder = own_folder(tmp_path)
    (problem,) = loaded(tmp_path, "[unwarp]\nmodel = 'SLANet_plus'\nfolder = 'mine'").problems
    assert "of another model, UVDoc" in problem
    bad = config_of("UVDoc").replace(b"1./255.", b"__import__('os')")
    (folder / "inference.yml").write_bytes(bad)
    (problem,) = loaded(tmp_path, "[unwarp]\nfolder = 'mine'").problems
    assert "program" in problem
    (folder / "inference.onnx").rename(folder / "inference.pdiparams")
    (folder / "inference.json").write_text("{}")
    (folder / "inference.yml").write_bytes(config_of("UVDoc"))
    (problem,) = loaded(tmp_path, "[unwarp]\nfolder = 'mine'").problems
    assert "nothing that is installed here runs UVDoc" in problem
