"""The catalog and the configurations that are packaged with it."""

from __future__ import annotations

from importlib import resources

import pytest

from desktop_ocr.models.catalog import CATALOG, REQUIRED_ROLES, entry, models_for
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


@pytest.mark.parametrize("model", [model for model in CATALOG if not model.in_place], ids=lambda m: m.id)
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
