"""The catalog and the configurations that are packaged with it."""

from __future__ import annotations

import ast
import importlib.util
from importlib import resources
from pathlib import Path

import pytest

from desktop_ocr.models.catalog import CATALOG, REQUIRED_ROLES, PackageFormat, entry, expanded, models_for
from desktop_ocr.schema.roles import ModelRole

CHARACTERS = 18708


def packaged(model_id: str) -> dict:
    yaml = pytest.importorskip("yaml")
    file = resources.files("desktop_ocr.models") / "layouts" / model_id / "inference.yml"
    return yaml.load(file.read_text("utf8"), Loader=yaml.FullLoader)


def test_ids_are_unique_and_roles_are_filled() -> None:
    assert len({model.id for model in CATALOG}) == len(CATALOG)
    for role in ModelRole:
        assert models_for(role)
    assert entry("PP-OCRv6_small_rec") in models_for(ModelRole.TEXT_RECOGNITION)
    assert entry("nothing") is None
    assert ModelRole.PAGE_ORIENTATION not in REQUIRED_ROLES


def test_every_model_can_be_had_somewhere() -> None:
    for model in CATALOG:
        assert model.source is not None or model.formats or model.parts
        assert model.licence
        assert model.memory_mb > 0
        assert bool(model.size) is not bool(model.parts)
        for part in model.parts:
            assert part.wanted in part.models
            for one in part.models:
                known = entry(one)
                assert known is not None
                assert part.role in known.roles


def test_the_formats_are_those_that_paddlex_knows() -> None:
    """Read from its source: importing it takes seconds."""
    spec = importlib.util.find_spec("paddlex")
    if spec is None:
        pytest.skip("paddlex is not installed")
    source = Path(spec.submodule_search_locations[0], "inference", "utils", "official_models.py").read_text("utf8")
    lists = {
        node.target.id if isinstance(node, ast.AnnAssign) else node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.List | ast.Set)
    }
    known = {
        PackageFormat.ONNX: ast.literal_eval(lists["ONNX_SUPPORTED_MODELS"]),
        PackageFormat.SAFETENSORS: ast.literal_eval(lists["SAFETENSORS_SUPPORTED_MODELS_WITH_SUFFIX"]),
        PackageFormat.PADDLE: set(ast.literal_eval(lists["OCR_MODELS"])),
    }
    for model in CATALOG:
        for kind in model.formats:
            assert model.id in known[kind]
        if model.source is None and not model.parts and model.id != "PP-Chart2Table":
            assert set(model.formats) == {kind for kind, names in known.items() if model.id in names}


def test_profiles_and_pipelines_stand_for_single_models() -> None:
    ids = expanded(["full", "PP-OCRv6_small_det", "fast"])
    assert isinstance(ids, list)
    assert len(set(ids)) == len(ids)
    assert {"PP-DocLayout_plus-L", "PP-FormulaNet_plus-L", "SLANet_plus", "PP-Chart2Table"} <= set(ids)
    assert all(entry(one).formats or entry(one).source for one in ids)
    assert expanded(["fast", "nothing"]) == "nothing"


@pytest.mark.parametrize(
    "model", [model for model in CATALOG if model.source is not None and not model.in_place], ids=lambda m: m.id
)
def test_every_model_has_a_configuration_of_its_name(model) -> None:
    assert packaged(model.id)["Global"]["model_name"] == model.id
    assert len(model.sha256) == 64


def test_the_characters_are_those_in_the_weights() -> None:
    """Signs that YAML knows otherwise ('~', quotes, '#', 'null' were there such a one) included."""
    rapidocr = pytest.importorskip("importlib.util").find_spec("rapidocr")
    onnxruntime = pytest.importorskip("onnxruntime")
    if rapidocr is None:
        pytest.skip("rapidocr is not installed")
    model = entry("PP-OCRv6_small_rec")
    file = f"{rapidocr.submodule_search_locations[0]}/{model.source.file}"
    inside = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).get_modelmeta()
    wanted = inside.custom_metadata_map["character"].split("\n")
    assert len(wanted) == CHARACTERS
    assert all(len(character) == 1 for character in wanted)
    assert list(packaged(model.id)["PostProcess"]["character_dict"]) == wanted
    assert {"~", '"', "'", "#", "\\", "-", "\u3000", "\U0001f6c5"} <= set(wanted)
